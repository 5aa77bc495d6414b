/* SPDX-License-Identifier: BSD-2-Clause */
/* wait.c - time-outs of the calls that wait for files. */
#include "linux-api/file/wait.h"

#include "base/errno.h"
#include "mm/usermem.h"
#include "sched/time.h"
#include "sched/wait.h"

static uint64_t deadline_of(const struct timespec64 *t)
{
    uint64_t ns = timespec_to_ns(t);
    return ns == 0 ? 0 : time_deadline_after(ns);
}

int wait_deadline_timespec(uaddr_t user, uint64_t *deadline_ns)
{
    *deadline_ns = WAIT_FOREVER;
    if (!user)
        return 0;
    struct timespec64 t;
    int err = time_get_user_timespec(&t, user);
    if (!err)
        *deadline_ns = deadline_of(&t);
    return err;
}

/* select(2) takes more than a million microseconds as seconds. */
int wait_deadline_timeval(uaddr_t user, uint64_t *deadline_ns)
{
    *deadline_ns = WAIT_FOREVER;
    if (!user)
        return 0;
    struct {
        int64_t sec, usec;
    } v;
    if (copy_from_user(&v, user, sizeof v) < 0)
        return -EFAULT;
    struct timespec64 t = {v.sec + v.usec / 1000000, v.usec % 1000000 * 1000};
    if (!timespec_is_valid(&t))
        return -EINVAL;
    *deadline_ns = deadline_of(&t);
    return 0;
}

static struct timespec64 left_until(uint64_t deadline_ns)
{
    uint64_t now = time_monotonic_ns();
    return timespec_of_ns(deadline_ns > now ? deadline_ns - now : 0);
}

void wait_put_timespec(uaddr_t user, uint64_t deadline_ns)
{
    if (!user || deadline_ns == WAIT_FOREVER)
        return;
    struct timespec64 t = left_until(deadline_ns);
    (void)!copy_to_user(user, &t, sizeof t);
}

void wait_put_timeval(uaddr_t user, uint64_t deadline_ns)
{
    if (!user || deadline_ns == WAIT_FOREVER)
        return;
    struct timespec64 t = left_until(deadline_ns);
    t.nsec /= 1000;
    (void)!copy_to_user(user, &t, sizeof t);
}
