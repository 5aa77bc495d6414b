/* SPDX-License-Identifier: BSD-2-Clause */
/* prctl.c - prctl(2), personality(2). */
#include <linux/prctl.h>

#include <linux/capability.h>
#include <linux/securebits.h>

#include "base/errno.h"
#include "base/string.h"
#include "linux-api/call.h"
#include "linux-api/process/seccomp.h"
#include "mm/mm.h"
#include "mm/usermem.h"
#include "proc/cred.h"
#include "proc/process.h"
#include "sched/thread.h"
#include "trace/record.h"

constexpr uint32_t PERSONALITY_ASK = 0xffffffff;
constexpr uint32_t TIMER_SLACK_NS = 50000; /* PR_SET_TIMERSLACK 0 */

static bool is_capability(uint64_t n)
{
    return n < 64 && CRED_CAP_ALL >> n & 1;
}

static long name_set(uaddr_t from)
{
    char name[sizeof current->comm] = {};
    ssize_t n = strncpy_from_user(name, from, sizeof name - 1);

    if (n < 0)
        return n;
    memcpy(current->comm, name, sizeof name);
    if (record_maps())
        record_add_thread(current);
    return 0;
}

static long name_get(uaddr_t to)
{
    return copy_to_user(to, current->comm, sizeof current->comm);
}

/* Change the caller's credentials by a function that may refuse. */
static long cred_change(int (*change)(struct cred *cred, uint64_t arg), uint64_t arg)
{
    struct cred *new = cred_clone(current->cred);
    int error;

    if (!new)
        return -ENOMEM;
    error = change(new, arg);
    if (error) {
        cred_put(new);
        return error;
    }
    cred_install(current, new);
    return 0;
}

static int bounding_drop(struct cred *cred, uint64_t capability)
{
    if (!cred_capable(cred, CAP_SETPCAP))
        return -EPERM;
    if (!is_capability(capability))
        return -EINVAL;
    cred->cap_bounding &= ~(1ull << capability);
    return 0;
}

static int keep_caps_set(struct cred *cred, uint64_t on)
{
    if (on > 1)
        return -EINVAL;
    if (cred->securebits & (1u << SECURE_KEEP_CAPS_LOCKED))
        return -EPERM;
    cred->securebits &= ~(1u << SECURE_KEEP_CAPS);
    cred->securebits |= on ? 1u << SECURE_KEEP_CAPS : 0;
    return 0;
}

static int securebits_set(struct cred *cred, uint64_t bits)
{
    uint32_t locked = cred->securebits & SECURE_ALL_LOCKS;

    if (bits & ~(uint64_t)(SECURE_ALL_BITS | SECURE_ALL_LOCKS) || !cred_capable(cred, CAP_SETPCAP))
        return -EPERM;
    /* Neither may a lock be opened nor what it locks be changed. */
    if (locked & ~bits || (cred->securebits ^ bits) & (locked >> 1))
        return -EPERM;
    cred->securebits = (uint32_t)bits;
    return 0;
}

static int ambient_raise(struct cred *cred, uint64_t capability)
{
    uint64_t bit = 1ull << capability;

    if (!(cred->cap_permitted & cred->cap_inheritable & bit) ||
        cred->securebits & (1u << SECURE_NO_CAP_AMBIENT_RAISE))
        return -EPERM;
    cred->cap_ambient |= bit;
    return 0;
}

static int ambient_lower(struct cred *cred, uint64_t capability)
{
    cred->cap_ambient &= ~(1ull << capability);
    return 0;
}

static int ambient_clear(struct cred *cred, uint64_t)
{
    cred->cap_ambient = 0;
    return 0;
}

static long ambient(const struct call *c)
{
    uint64_t what = c->arg[1], capability = c->arg[2];

    if (c->arg[3] || c->arg[4])
        return -EINVAL;
    if (what == PR_CAP_AMBIENT_CLEAR_ALL)
        return capability ? -EINVAL : cred_change(ambient_clear, 0);
    if (!is_capability(capability))
        return -EINVAL;
    switch (what) {
    case PR_CAP_AMBIENT_IS_SET: return current->cred->cap_ambient >> capability & 1;
    case PR_CAP_AMBIENT_RAISE: return cred_change(ambient_raise, capability);
    case PR_CAP_AMBIENT_LOWER: return cred_change(ambient_lower, capability);
    default: return -EINVAL;
    }
}

static long prctl_cred(const struct call *c)
{
    switch ((int)c->arg[0]) {
    case PR_GET_KEEPCAPS: return current->cred->securebits >> SECURE_KEEP_CAPS & 1;
    case PR_SET_KEEPCAPS: return cred_change(keep_caps_set, c->arg[1]);
    case PR_GET_SECUREBITS: return current->cred->securebits;
    case PR_SET_SECUREBITS: return cred_change(securebits_set, c->arg[1]);
    case PR_CAPBSET_READ:
        if (!is_capability(c->arg[1]))
            return -EINVAL;
        return current->cred->cap_bounding >> c->arg[1] & 1;
    case PR_CAPBSET_DROP: return cred_change(bounding_drop, c->arg[1]);
    case PR_CAP_AMBIENT: return ambient(c);
    default: return -EINVAL;
    }
}

static long prctl_process(const struct call *c)
{
    struct process *p = current->process;
    bool no_more = !c->arg[2] && !c->arg[3] && !c->arg[4];

    switch ((int)c->arg[0]) {
    case PR_GET_DUMPABLE: return p->mm->dumpable;
    case PR_SET_DUMPABLE:
        if (c->arg[1] > 1)
            return -EINVAL;
        p->mm->dumpable = c->arg[1];
        return 0;
    case PR_SET_CHILD_SUBREAPER: p->is_subreaper = c->arg[1] != 0; return 0;
    case PR_GET_CHILD_SUBREAPER: return put_user_u32(c->arg[1], p->is_subreaper);
    case PR_SET_NO_NEW_PRIVS:
        if (c->arg[1] != 1 || !no_more)
            return -EINVAL;
        p->no_new_privs = true;
        return 0;
    case PR_GET_NO_NEW_PRIVS: return c->arg[1] || !no_more ? -EINVAL : p->no_new_privs;
    case PR_GET_THP_DISABLE:
        return c->arg[1] || !no_more ? -EINVAL : 1; /* there are no transparent huge pages */
    case PR_SET_THP_DISABLE: return c->arg[1] > 1 || !no_more ? -EINVAL : 0;
    default: return prctl_cred(c);
    }
}

long sys_prctl(const struct call *c)
{
    struct thread *t = current;

    switch ((int)c->arg[0]) {
    case PR_SET_PDEATHSIG:
        if (c->arg[1] > SIGNAL_COUNT)
            return -EINVAL;
        t->parent_death_signal = (int32_t)c->arg[1];
        return 0;
    case PR_GET_PDEATHSIG: return put_user_u32(c->arg[1], (uint32_t)t->parent_death_signal);
    case PR_SET_NAME: return name_set(c->arg[1]);
    case PR_GET_NAME: return name_get(c->arg[1]);
    case PR_SET_TIMERSLACK:
        t->timer_slack_ns = (int64_t)c->arg[1] > 0 ? (uint32_t)c->arg[1] : TIMER_SLACK_NS;
        return 0;
    case PR_GET_TIMERSLACK: return t->timer_slack_ns;
    case PR_GET_TIMING: return PR_TIMING_STATISTICAL;
    case PR_SET_TIMING: return c->arg[1] == PR_TIMING_STATISTICAL ? 0 : -EINVAL;
    case PR_GET_SECCOMP: return t->seccomp_mode;
    case PR_SET_SECCOMP: return seccomp_prctl(c->arg[1], c->arg[2]);
    case PR_GET_TID_ADDRESS: return put_user_u64(c->arg[1], t->clear_child_tid);
    case PR_GET_TSC: return put_user_u32(c->arg[1], PR_TSC_ENABLE);
    default: return prctl_process(c);
    }
}

/* Noted, and told by /proc; none of its flags changes what this system does. */
long sys_personality(const struct call *c)
{
    uint32_t new = (uint32_t)c->arg[0];
    struct process *p = current->process;
    uint32_t old = p->personality;

    if (new != PERSONALITY_ASK)
        p->personality = new;
    return old;
}
