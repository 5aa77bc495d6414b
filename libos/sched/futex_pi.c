/* SPDX-License-Identifier: BSD-2-Clause */
/* futex_pi.c - locks whose word holds the owner's number: FUTEX_LOCK_PI and its kin.
 *
 * The word is 0 (free) or the owner's tid, with FUTEX_WAITERS set while threads wait here.
 * Unlocking hands the lock to the waiter of the highest priority, the longest waiting among
 * equals.  The owner's priority is not raised while others wait: with the round-robin policy only
 * real-time threads would see a difference.
 */
#include <linux/futex.h>
#include "base/errno.h"
#include "mm/usermem.h"
#include "proc/pid_namespace.h"
#include "proc/process.h"
#include "sched/futex_queue.h"
#include "sched/thread.h"
#include "sched/wait.h"

static struct list_node pi_waiters = LIST_INIT(pi_waiters);

static struct futex_waiter *pi_waiter_of(struct list_node *node)
{
    return container_of(node, struct futex_waiter, pi_node);
}

/* Who gets the lock next, and whether others go on waiting. */
static struct futex_waiter *next_owner(const struct mm_futex_key *key, bool *more)
{
    struct futex_waiter *best = nullptr;
    *more = false;
    list_for_each(node, &pi_waiters) {
        struct futex_waiter *w = pi_waiter_of(node);
        if (!futex_key_equal(&w->key, key))
            continue;
        *more = best != nullptr;
        if (!best || w->thread->rt_priority > best->thread->rt_priority)
            best = w;
    }
    return best;
}

/* W owns the lock now; the others wait for it. */
static void hand_over(struct futex_waiter *w)
{
    list_for_each(node, &pi_waiters) {
        struct futex_waiter *other = pi_waiter_of(node);
        if (futex_key_equal(&other->key, &w->key))
            other->owner = w->thread->tid;
    }
    list_remove(&w->pi_node);
    futex_wake_waiter(w);
}

/* Take the lock if it is free.  1: taken.  0: VALUE, with FUTEX_WAITERS set, says who has it. */
static int try_take(uaddr_t address, bool will_wait, uint32_t *value)
{
    uint32_t tid = (uint32_t)thread_own_number(current), seen;
    if (get_user_u32(value, address))
        return -EFAULT;
    for (;;) {
        uint32_t old = *value, desired;
        if ((old & FUTEX_TID_MASK) == tid)
            return -EDEADLK;
        bool is_free = (old & FUTEX_TID_MASK) == 0;
        if (is_free)
            desired = tid | (old & FUTEX_OWNER_DIED);
        else if (will_wait)
            desired = old | FUTEX_WAITERS;
        else
            return 0;
        if (cmpxchg_user_u32(address, old, desired, &seen))
            return -EFAULT;
        if (seen == old) {
            *value = desired;
            return is_free;
        }
        *value = seen;
    }
}

long futex_lock_pi(uaddr_t address, bool shared, const struct futex_timeout *timeout)
{
    struct mm_futex_key key;
    uint32_t value;
    int error = futex_key_get(address, shared, &key);
    if (error)
        return error;
    int taken = try_take(address, true, &value);
    if (taken)
        return taken > 0 ? 0 : taken;
    int32_t owner = pid_from_user((int32_t)(value & FUTEX_TID_MASK));
    struct thread *t = thread_find(owner);
    if (!t || t->exiting)
        return -ESRCH;
    struct futex_waiter w = {.pi = true, .address = address, .owner = owner};
    futex_enlist(&w, &key, FUTEX_BITSET_MATCH_ANY);
    list_push_back(&pi_waiters, &w.pi_node);
    error = futex_sleep(&w, timeout);
    list_remove(&w.pi_node);
    return error == -EINTR ? -ERESTARTNOINTR : error;
}

long futex_trylock_pi(uaddr_t address, bool shared)
{
    struct mm_futex_key key;
    uint32_t value;
    int error = futex_key_get(address, shared, &key);
    if (error)
        return error;
    int taken = try_take(address, false, &value);
    if (taken)
        return taken > 0 ? 0 : taken;
    return -EAGAIN;
}

long futex_unlock_pi(uaddr_t address, bool shared)
{
    struct mm_futex_key key;
    uint32_t value, seen;
    int error = futex_key_get(address, shared, &key);
    if (error)
        return error;
    if (get_user_u32(&value, address))
        return -EFAULT;
    if ((value & FUTEX_TID_MASK) != (uint32_t)thread_own_number(current))
        return -EPERM;
    bool more;
    struct futex_waiter *w = next_owner(&key, &more);
    uint32_t desired = w ? (uint32_t)thread_own_number(w->thread) | (more ? FUTEX_WAITERS : 0) : 0;
    if (cmpxchg_user_u32(address, value, desired, &seen))
        return -EFAULT;
    if (seen != value)
        return -EAGAIN;
    if (w)
        hand_over(w);
    return 0;
}

/* The word is written through the waiter's own memory: the dying thread may know it by another
 * address.  Nobody else changes it, since it names the dying thread and has waiters. */
static void hand_over_dead(struct futex_waiter *w, bool more)
{
    uint32_t word =
        (uint32_t)thread_own_number(w->thread) | FUTEX_OWNER_DIED | (more ? FUTEX_WAITERS : 0);
    struct process *p = w->thread->process;
    if (p && p->mm)
        (void)mm_write(p->mm, w->address, &word, sizeof word);
    hand_over(w);
}

static struct futex_waiter *waiter_for(int32_t owner)
{
    list_for_each(node, &pi_waiters)
        if (pi_waiter_of(node)->owner == owner)
            return pi_waiter_of(node);
    return nullptr;
}

void futex_pi_release(struct thread *t)
{
    for (struct futex_waiter *w; (w = waiter_for(t->tid));) {
        bool more;
        struct futex_waiter *next = next_owner(&w->key, &more);
        hand_over_dead(next, more);
    }
}
