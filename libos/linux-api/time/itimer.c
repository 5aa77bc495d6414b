/* SPDX-License-Identifier: BSD-2-Clause */
/* itimer.c - getitimer(2), setitimer(2), alarm(2). */
#include "sched/itimer.h"

#include <linux/time.h>
#include "base/errno.h"
#include "linux-api/call.h"
#include "mm/usermem.h"
#include "proc/process.h"
#include "sched/thread.h"
#include "sched/time.h"

struct itimerval_abi {
    struct {
        int64_t sec, usec;
    } interval, value;
};

static int get_setting(struct itimer_setting *setting, uaddr_t from)
{
    struct itimerval_abi v;
    if (copy_from_user(&v, from, sizeof v))
        return -EFAULT;
    if (v.value.usec < 0 || v.value.usec >= 1000000 || v.interval.usec < 0 ||
        v.interval.usec >= 1000000)
        return -EINVAL;
    struct timespec64 left = {v.value.sec, v.value.usec * NSEC_PER_USEC};
    struct timespec64 interval = {v.interval.sec, v.interval.usec * NSEC_PER_USEC};
    if (!timespec_is_valid(&left) || !timespec_is_valid(&interval))
        return -EINVAL;
    setting->left_ns = timespec_to_ns(&left);
    setting->interval_ns = timespec_to_ns(&interval);
    return 0;
}

static int put_setting(uaddr_t to, const struct itimer_setting *setting)
{
    struct timespec64 left = timespec_of_ns(setting->left_ns);
    struct timespec64 interval = timespec_of_ns(setting->interval_ns);
    struct itimerval_abi v = {
        .interval = {interval.sec, interval.nsec / NSEC_PER_USEC},
        .value = {left.sec, left.nsec / NSEC_PER_USEC},
    };
    return copy_to_user(to, &v, sizeof v);
}

static bool which_is_valid(int which)
{
    return which == ITIMER_REAL || which == ITIMER_VIRTUAL || which == ITIMER_PROF;
}

long sys_getitimer(const struct call *c)
{
    int which = (int)c->arg[0];
    if (!which_is_valid(which))
        return -EINVAL;
    struct itimer_setting now = itimer_get(&current->process->signal.timers, which);
    return put_setting(c->arg[1], &now);
}

long sys_setitimer(const struct call *c)
{
    int which = (int)c->arg[0];
    struct process_timers *timers = &current->process->signal.timers;
    struct itimer_setting setting = {};
    /* Linux takes a null pointer for a timer to switch off. */
    if (c->arg[1]) {
        int error = get_setting(&setting, c->arg[1]);
        if (error)
            return error;
    }
    if (!which_is_valid(which))
        return -EINVAL;
    struct itimer_setting old = itimer_get(timers, which);
    itimer_set(timers, which, &setting);
    return c->arg[2] ? put_setting(c->arg[2], &old) : 0;
}

long sys_alarm(const struct call *c)
{
    struct process_timers *timers = &current->process->signal.timers;
    struct itimer_setting old = itimer_get(timers, ITIMER_REAL);
    struct itimer_setting setting = {.left_ns = (uint64_t)(uint32_t)c->arg[0] * NSEC_PER_SEC};
    itimer_set(timers, ITIMER_REAL, &setting);
    /* Rounded, but never to 0: that would say that there was no alarm. */
    uint64_t seconds = (old.left_ns + NSEC_PER_SEC / 2) / NSEC_PER_SEC;
    return old.left_ns && seconds == 0 ? 1 : (long)seconds;
}
