/* SPDX-License-Identifier: BSD-2-Clause */
/* mask.c - rt_sigprocmask(2), rt_sigpending(2), and waiting: rt_sigsuspend(2), pause(2),
 * rt_sigtimedwait(2). */
#include <linux/signal.h>
#include "base/errno.h"
#include "linux-api/call.h"
#include "mm/usermem.h"
#include "sched/thread.h"
#include "sched/time.h"
#include "signal/signal.h"

long sys_rt_sigprocmask(const struct call *c)
{
    int how = (int)c->arg[0];
    uaddr_t set_at = c->arg[1], old_at = c->arg[2];
    signal_set old = current->signal.blocked, set;
    if (c->arg[3] != sizeof set)
        return -EINVAL;
    if (set_at) {
        if (copy_from_user(&set, set_at, sizeof set))
            return -EFAULT;
        switch (how) {
        case SIG_BLOCK: signal_block(old | set); break;
        case SIG_UNBLOCK: signal_block(old & ~set); break;
        case SIG_SETMASK: signal_block(set); break;
        default: return -EINVAL;
        }
    }
    if (old_at && copy_to_user(old_at, &old, sizeof old))
        return -EFAULT;
    return 0;
}

long sys_rt_sigpending(const struct call *c)
{
    if (c->arg[1] > sizeof(signal_set))
        return -EINVAL;
    signal_set set = signal_pending_set(current) & current->signal.blocked;
    return copy_to_user(c->arg[0], &set, c->arg[1]);
}

static long wait_for_handler(void)
{
    int error = 0;
    while (!error)
        error = thread_sleep(WAIT_FOREVER, SLEEP_INTERRUPTIBLE);
    return -ERESTARTNOHAND;
}

long sys_rt_sigsuspend(const struct call *c)
{
    if (c->arg[1] != sizeof(signal_set))
        return -EINVAL;
    if (!c->arg[0])
        return -EFAULT;
    int error = signal_mask_push(c->arg[0], c->arg[1]);
    return error ? error : wait_for_handler();
}

long sys_pause(const struct call *c)
{
    (void)c;
    return wait_for_handler();
}

long sys_rt_sigtimedwait(const struct call *c)
{
    uaddr_t info_at = c->arg[1], timeout_at = c->arg[2];
    signal_set set;
    uint64_t deadline = WAIT_FOREVER;
    if (c->arg[3] != sizeof set)
        return -EINVAL;
    if (copy_from_user(&set, c->arg[0], sizeof set))
        return -EFAULT;
    if (timeout_at) {
        struct timespec64 timeout;
        int error = time_get_user_timespec(&timeout, timeout_at);
        if (error)
            return error;
        uint64_t ns = timespec_to_ns(&timeout);
        deadline = ns ? time_deadline_after(ns) : 0;
    }
    struct siginfo info;
    int sig = signal_wait(set, deadline, &info);
    if (sig > 0 && info_at && copy_to_user(info_at, &info, sizeof info))
        return -EFAULT;
    return sig;
}
