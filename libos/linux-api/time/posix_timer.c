/* SPDX-License-Identifier: BSD-2-Clause */
/* posix_timer.c - timer_create(2) and its kin. */
#include "sched/posix_timer.h"

#include "base/errno.h"
#include "linux-api/call.h"
#include "mm/usermem.h"
#include "proc/process.h"
#include "sched/thread.h"
#include "sched/time.h"

static struct process_timers *mine(void)
{
    return &current->process->signal.timers;
}

static int find_timer_clock(struct clock *clock, int32_t id)
{
    int error = clock_find(clock, id);
    if (error)
        return error;
    if (!clock->can_wait)
        return -EOPNOTSUPP;
    /* Another process's CPU time is not sampled for us. */
    if (clock->kind == CLOCK_KIND_PROCESS && clock->process != current->process)
        return -EOPNOTSUPP;
    return 0;
}

long sys_timer_create(const struct call *c)
{
    struct clock clock;
    struct sigevent event;
    int32_t id;
    int error = find_timer_clock(&clock, (int32_t)c->arg[0]);
    if (error)
        return error;
    if (c->arg[1] && copy_from_user(&event, c->arg[1], sizeof event))
        return -EFAULT;
    error = posix_timer_create(mine(), &clock, c->arg[1] ? &event : nullptr, &id);
    if (error)
        return error;
    if (put_user_u32(c->arg[2], (uint32_t)id)) {
        posix_timer_delete(posix_timer_find(mine(), id));
        return -EFAULT;
    }
    return 0;
}

static int put_setting(uaddr_t to, const struct posix_timer_setting *s)
{
    /* struct itimerspec: interval first. */
    if (time_put_user_timespec(to, s->interval_ns))
        return -EFAULT;
    return time_put_user_timespec(to + 16, s->left_ns);
}

long sys_timer_settime(const struct call *c)
{
    uaddr_t new_at = c->arg[2], old_at = c->arg[3];
    struct timespec64 interval, left;
    if (!new_at)
        return -EINVAL;
    int error = time_get_user_timespec(&interval, new_at);
    if (!error)
        error = time_get_user_timespec(&left, new_at + 16);
    if (error)
        return error;
    struct posix_timer *t = posix_timer_find(mine(), (int32_t)c->arg[0]);
    if (!t)
        return -EINVAL;
    struct posix_timer_setting old = posix_timer_get(t);
    struct posix_timer_setting setting = {timespec_to_ns(&left), timespec_to_ns(&interval)};
    posix_timer_set(t, &setting, (int)c->arg[1] & TIMER_ABSTIME);
    return old_at ? put_setting(old_at, &old) : 0;
}

long sys_timer_gettime(const struct call *c)
{
    struct posix_timer *t = posix_timer_find(mine(), (int32_t)c->arg[0]);
    if (!t)
        return -EINVAL;
    struct posix_timer_setting now = posix_timer_get(t);
    return put_setting(c->arg[1], &now);
}

long sys_timer_getoverrun(const struct call *c)
{
    struct posix_timer *t = posix_timer_find(mine(), (int32_t)c->arg[0]);
    return t ? posix_timer_overrun(t) : -EINVAL;
}

long sys_timer_delete(const struct call *c)
{
    struct posix_timer *t = posix_timer_find(mine(), (int32_t)c->arg[0]);
    if (!t)
        return -EINVAL;
    posix_timer_delete(t);
    return 0;
}
