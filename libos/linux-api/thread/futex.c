/* SPDX-License-Identifier: BSD-2-Clause */
/* futex.c - futex(2), set_robust_list(2), get_robust_list(2). */
#include <linux/capability.h>
#include <linux/futex.h>
#include "base/errno.h"
#include "linux-api/call.h"
#include "mm/usermem.h"
#include "proc/pid_namespace.h"
#include "proc/process.h"
#include "sched/futex_queue.h"
#include "sched/thread.h"
#include "sched/time.h"

static bool has_timeout(unsigned command)
{
    switch (command) {
    case FUTEX_WAIT:
    case FUTEX_WAIT_BITSET:
    case FUTEX_LOCK_PI:
    case FUTEX_LOCK_PI2: return true;
    default: return false;
    }
}

/* FUTEX_WAIT's time-out is relative, the others' are points in time. */
static int get_timeout(struct futex_timeout *timeout, unsigned op, uaddr_t from)
{
    unsigned command = op & FUTEX_CMD_MASK;
    *timeout = (struct futex_timeout){.ns = WAIT_FOREVER};
    if (!from || !has_timeout(command))
        return 0;
    struct timespec64 t;
    int error = time_get_user_timespec(&t, from);
    if (error)
        return error;
    timeout->ns = timespec_to_ns(&t);
    if (command == FUTEX_WAIT)
        timeout->ns = time_deadline_after(timeout->ns);
    else
        timeout->realtime = command == FUTEX_LOCK_PI || op & FUTEX_CLOCK_REALTIME;
    return 0;
}

/* Waking none is no option: futex(2) wakes at least one. */
static unsigned wake_count(uint64_t arg)
{
    int count = (int)arg;
    return count > 0 ? (unsigned)count : 1;
}

static long requeue(const struct futex_pair *pair, bool shared, const struct call *c,
                    const uint32_t *expected)
{
    int wake = (int)c->arg[2], move = (int)c->arg[3];
    if (wake < 0 || move < 0)
        return -EINVAL;
    return futex_requeue(pair, shared, (unsigned)wake, (unsigned)move, expected);
}

long sys_futex(const struct call *c)
{
    uaddr_t address = c->arg[0];
    unsigned op = (unsigned)c->arg[1], command = op & FUTEX_CMD_MASK;
    uint32_t value = (uint32_t)c->arg[2], value3 = (uint32_t)c->arg[5];
    bool shared = !(op & FUTEX_PRIVATE_FLAG);
    const struct futex_pair pair = {.from = address, .to = c->arg[4]};
    if (op & FUTEX_CLOCK_REALTIME && command != FUTEX_WAIT && command != FUTEX_WAIT_BITSET &&
        command != FUTEX_LOCK_PI2)
        return -ENOSYS;
    struct futex_timeout timeout;
    int error = get_timeout(&timeout, op, c->arg[3]);
    if (error)
        return error;

    switch (command) {
    case FUTEX_WAIT: return futex_wait(address, shared, value, FUTEX_BITSET_MATCH_ANY, &timeout);
    case FUTEX_WAIT_BITSET: return futex_wait(address, shared, value, value3, &timeout);
    case FUTEX_WAKE:
        return futex_wake(address, shared, wake_count(c->arg[2]), FUTEX_BITSET_MATCH_ANY);
    case FUTEX_WAKE_BITSET: return futex_wake(address, shared, wake_count(c->arg[2]), value3);
    case FUTEX_REQUEUE: return requeue(&pair, shared, c, nullptr);
    case FUTEX_CMP_REQUEUE: return requeue(&pair, shared, c, &value3);
    case FUTEX_WAKE_OP:
        return futex_wake_op(&pair, shared, wake_count(c->arg[2]), wake_count(c->arg[3]), value3);
    case FUTEX_LOCK_PI:
    case FUTEX_LOCK_PI2: return futex_lock_pi(address, shared, &timeout);
    case FUTEX_TRYLOCK_PI: return futex_trylock_pi(address, shared);
    case FUTEX_UNLOCK_PI: return futex_unlock_pi(address, shared);
    default: return -ENOSYS;
    }
}

long sys_set_robust_list(const struct call *c)
{
    if (c->arg[1] != sizeof(struct robust_list_head))
        return -EINVAL;
    current->robust_list = c->arg[0];
    return 0;
}

long sys_get_robust_list(const struct call *c)
{
    int32_t tid = (int32_t)c->arg[0];
    struct thread *t = tid ? thread_lookup(tid) : current;
    if (!t)
        return -ESRCH;
    if (t->process != current->process && t->cred->uid != current->cred->euid &&
        !cred_capable(current->cred, CAP_SYS_PTRACE))
        return -EPERM;
    if (put_user_u64(c->arg[2], sizeof(struct robust_list_head)) ||
        put_user_u64(c->arg[1], t->robust_list))
        return -EFAULT;
    return 0;
}
