/* SPDX-License-Identifier: BSD-2-Clause */
/* sched.c - scheduling: sched_yield(2), sched_setscheduler(2), sched_setaffinity(2) and kin. */
#include "sched/sched.h"

#include <linux/capability.h>
#include <linux/sched.h>
#include <linux/sched/types.h>
#include "base/bits.h"
#include "base/errno.h"
#include "base/string.h"
#include "linux-api/call.h"
#include "mm/usermem.h"
#include "proc/pid_namespace.h"
#include "proc/process.h"
#include "sched/time.h"

constexpr int PRIORITY_MAX = 99;
constexpr int NICE_MIN = -20, NICE_MAX = 19;

static struct thread *find_thread(uint64_t arg)
{
    int32_t tid = (int32_t)arg;
    if (tid == 0)
        return current;
    return tid > 0 ? thread_lookup(tid) : nullptr;
}

static bool may_change(const struct thread *t)
{
    const struct cred *mine = current->cred;
    return mine->euid == t->cred->euid || mine->euid == t->cred->uid ||
           cred_capable(mine, CAP_SYS_NICE);
}

long sys_sched_yield(const struct call *c)
{
    (void)c;
    if (sched_ready(vcpu_current()->number) > 0)
        sched_preempt(ENQUEUE_YIELD);
    return 0;
}

/* ------------------------------------------------------------------ class and priority */

static bool is_real_time(int policy)
{
    return policy == SCHED_FIFO || policy == SCHED_RR;
}

static bool is_known(int policy)
{
    return is_real_time(policy) || policy == SCHED_NORMAL || policy == SCHED_BATCH ||
           policy == SCHED_IDLE;
}

struct scheduling {
    int policy;
    int priority; /* real-time */
    int nice;
    bool reset_on_fork;
};

static struct scheduling scheduling_of(const struct thread *t)
{
    return (struct scheduling){.policy = t->sched_class,
                               .priority = t->rt_priority,
                               .nice = t->nice,
                               .reset_on_fork = t->reset_on_fork};
}

/* sched(7): without CAP_SYS_NICE a thread may only lower itself, or rise within its limits. */
static bool needs_privilege(const struct thread *t, const struct scheduling *s)
{
    uint64_t rt_limit = process_rlimit(t->process, RLIMIT_RTPRIO);
    uint64_t nice_limit = process_rlimit(t->process, RLIMIT_NICE);
    if (is_real_time(s->policy) && s->priority > t->rt_priority && (uint64_t)s->priority > rt_limit)
        return true;
    if (is_real_time(s->policy) && s->policy != t->sched_class && rt_limit == 0)
        return true;
    if (s->nice < t->nice && (uint64_t)(20 - s->nice) > nice_limit)
        return true;
    if (t->sched_class == SCHED_IDLE && s->policy != SCHED_IDLE &&
        (uint64_t)(20 - t->nice) > nice_limit)
        return true;
    return t->reset_on_fork && !s->reset_on_fork;
}

static long apply(struct thread *t, const struct scheduling *s)
{
    if (!is_known(s->policy))
        return -EINVAL;
    if (is_real_time(s->policy) ? s->priority < 1 || s->priority > PRIORITY_MAX : s->priority != 0)
        return -EINVAL;
    if (!may_change(t) || (needs_privilege(t, s) && !cred_capable(current->cred, CAP_SYS_NICE)))
        return -EPERM;
    sched_change_begin(t);
    if (!t->rt_priority)
        t->rt_from_ns = cputime_thread_ns(t);
    t->sched_class = (uint8_t)s->policy;
    t->rt_priority = (uint8_t)s->priority;
    t->nice = (int8_t)s->nice;
    t->reset_on_fork = s->reset_on_fork;
    sched_change_end(t);
    return 0;
}

static long set_scheduler(struct thread *t, int policy, uaddr_t param_at, bool keep_policy)
{
    int32_t priority;
    if (!param_at || (int)policy < 0)
        return -EINVAL;
    if (get_user_u32((uint32_t *)&priority, param_at))
        return -EFAULT;
    if (!t)
        return -ESRCH;
    struct scheduling s = scheduling_of(t);
    s.priority = priority;
    if (!keep_policy) {
        s.reset_on_fork = policy & SCHED_RESET_ON_FORK;
        s.policy = policy & ~SCHED_RESET_ON_FORK;
    }
    return apply(t, &s);
}

long sys_sched_setscheduler(const struct call *c)
{
    if ((int32_t)c->arg[0] < 0)
        return -EINVAL;
    return set_scheduler(find_thread(c->arg[0]), (int)c->arg[1], c->arg[2], false);
}

long sys_sched_setparam(const struct call *c)
{
    if ((int32_t)c->arg[0] < 0)
        return -EINVAL;
    return set_scheduler(find_thread(c->arg[0]), 0, c->arg[1], true);
}

long sys_sched_getscheduler(const struct call *c)
{
    if ((int32_t)c->arg[0] < 0)
        return -EINVAL;
    const struct thread *t = find_thread(c->arg[0]);
    if (!t)
        return -ESRCH;
    return t->sched_class | (t->reset_on_fork ? SCHED_RESET_ON_FORK : 0);
}

long sys_sched_getparam(const struct call *c)
{
    if ((int32_t)c->arg[0] < 0 || !c->arg[1])
        return -EINVAL;
    const struct thread *t = find_thread(c->arg[0]);
    return t ? put_user_u32(c->arg[1], t->rt_priority) : -ESRCH;
}

long sys_sched_get_priority_max(const struct call *c)
{
    int policy = (int)c->arg[0];
    if (!is_known(policy) && policy != SCHED_DEADLINE)
        return -EINVAL;
    return is_real_time(policy) ? PRIORITY_MAX : 0;
}

long sys_sched_get_priority_min(const struct call *c)
{
    int policy = (int)c->arg[0];
    if (!is_known(policy) && policy != SCHED_DEADLINE)
        return -EINVAL;
    return is_real_time(policy) ? 1 : 0;
}

long sys_sched_rr_get_interval(const struct call *c)
{
    if ((int32_t)c->arg[0] < 0)
        return -EINVAL;
    const struct thread *t = find_thread(c->arg[0]);
    if (!t)
        return -ESRCH;
    uint64_t slice = sched_policy_get()->slice_ns(t);
    return time_put_user_timespec(c->arg[1], slice == UINT64_MAX ? 0 : slice);
}

/* ------------------------------------------------------------------ attributes */

static long get_attr(struct sched_attr *attr, uaddr_t from)
{
    uint32_t size;
    if (get_user_u32(&size, from))
        return -EFAULT;
    if (size == 0)
        size = SCHED_ATTR_SIZE_VER0;
    if (size < SCHED_ATTR_SIZE_VER0 || size > PAGE_SIZE)
        goto bad_size;
    memset(attr, 0, sizeof *attr);
    if (copy_from_user(attr, from, MIN(size, (uint32_t)sizeof *attr)))
        return -EFAULT;
    /* What this libOS does not know must say nothing. */
    for (uint32_t i = sizeof *attr; i < size; i++) {
        uint8_t byte;
        if (get_user_u8(&byte, from + i))
            return -EFAULT;
        if (byte)
            goto bad_size;
    }
    return 0;

bad_size:
    return put_user_u32(from, sizeof *attr) ? -EFAULT : -E2BIG;
}

long sys_sched_setattr(const struct call *c)
{
    struct sched_attr attr;
    if (!c->arg[1] || (int32_t)c->arg[0] < 0 || (uint32_t)c->arg[2])
        return -EINVAL;
    long error = get_attr(&attr, c->arg[1]);
    if (error)
        return error;
    struct thread *t = find_thread(c->arg[0]);
    if (!t)
        return -ESRCH;
    if (attr.sched_flags &
        ~(uint64_t)(SCHED_FLAG_RESET_ON_FORK | SCHED_FLAG_KEEP_POLICY | SCHED_FLAG_KEEP_PARAMS))
        return -EINVAL;
    struct scheduling s = scheduling_of(t);
    s.reset_on_fork = attr.sched_flags & SCHED_FLAG_RESET_ON_FORK;
    if (!(attr.sched_flags & SCHED_FLAG_KEEP_POLICY))
        s.policy = (int)attr.sched_policy;
    if (!(attr.sched_flags & SCHED_FLAG_KEEP_PARAMS)) {
        s.priority = (int)attr.sched_priority;
        if (!is_real_time(s.policy))
            s.nice = MAX(NICE_MIN, MIN(NICE_MAX, attr.sched_nice));
    }
    return apply(t, &s);
}

long sys_sched_getattr(const struct call *c)
{
    uint32_t size = (uint32_t)c->arg[2];
    if (!c->arg[1] || (int32_t)c->arg[0] < 0 || size < SCHED_ATTR_SIZE_VER0 || size > PAGE_SIZE ||
        (uint32_t)c->arg[3])
        return -EINVAL;
    const struct thread *t = find_thread(c->arg[0]);
    if (!t)
        return -ESRCH;
    struct sched_attr attr = {
        .size = MIN(size, (uint32_t)sizeof attr),
        .sched_policy = t->sched_class,
        .sched_flags = t->reset_on_fork ? SCHED_FLAG_RESET_ON_FORK : 0,
        .sched_nice = is_real_time(t->sched_class) ? 0 : t->nice,
        .sched_priority = t->rt_priority,
    };
    return copy_to_user(c->arg[1], &attr, attr.size);
}

/* ------------------------------------------------------------------ affinity */

static uint64_t online(void)
{
    return vcpu_count() >= 64 ? UINT64_MAX : (1ull << vcpu_count()) - 1;
}

long sys_sched_setaffinity(const struct call *c)
{
    uint64_t mask = 0;
    if (copy_from_user(&mask, c->arg[2], MIN((uint32_t)c->arg[1], (uint32_t)sizeof mask)))
        return -EFAULT;
    struct thread *t = find_thread(c->arg[0]);
    if (!t)
        return -ESRCH;
    if (!may_change(t))
        return -EPERM;
    if (!(mask & online()))
        return -EINVAL;
    sched_change_begin(t);
    t->affinity = mask & online();
    sched_change_end(t);
    return 0;
}

long sys_sched_getaffinity(const struct call *c)
{
    uint32_t size = (uint32_t)c->arg[1];
    if (size * 8ull < vcpu_count() || size & 7)
        return -EINVAL;
    const struct thread *t = find_thread(c->arg[0]);
    if (!t)
        return -ESRCH;
    uint64_t mask = t->affinity & online();
    if (copy_to_user(c->arg[2], &mask, sizeof mask))
        return -EFAULT;
    return sizeof mask;
}
