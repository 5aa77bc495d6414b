/* SPDX-License-Identifier: BSD-2-Clause */
/* futex_robust.c - locks whose owner dies: get_robust_list(2).
 *
 * The list lies in the program's memory and is believed in nothing: every access may fail, and a
 * circle ends at ROBUST_LIST_LIMIT.
 */
#include <linux/futex.h>
#include "base/errno.h"
#include "mm/usermem.h"
#include "proc/pid_namespace.h"
#include "proc/process.h"
#include "sched/futex.h"
#include "sched/futex_queue.h"
#include "sched/thread.h"

/* The low bit of a pointer on the list says that the lock is one of FUTEX_LOCK_PI. */
struct robust_entry {
    uaddr_t address;
    bool pi;
};

static bool entry_read(struct robust_entry *e, uaddr_t from)
{
    uint64_t word;
    if (get_user_u64(&word, from))
        return false;
    e->address = word & ~1ull;
    e->pi = word & 1;
    return true;
}

/* Mark the lock at ADDRESS if the current thread holds it.  PENDING: it was taking or releasing
 * the lock when it died. */
static bool mark_dead(uaddr_t address, bool pi, bool pending)
{
    uint32_t tid = (uint32_t)thread_own_number(current), value, seen;
    if (address & 3 || get_user_u32(&value, address))
        return false;
    /* Released already, though the waiter may not have been woken yet. */
    if (pending && !pi && value == 0) {
        futex_wake_address(address, 1);
        return true;
    }
    for (;;) {
        if ((value & FUTEX_TID_MASK) != tid)
            return true;
        uint32_t desired = (value & FUTEX_WAITERS) | FUTEX_OWNER_DIED;
        if (cmpxchg_user_u32(address, value, desired, &seen))
            return false;
        if (seen == value)
            break;
        value = seen;
    }
    if (!pi && value & FUTEX_WAITERS)
        futex_wake_address(address, 1);
    return true;
}

static void walk(uaddr_t head)
{
    uint64_t offset;
    struct robust_entry entry, pending;
    if (!entry_read(&entry, head + offsetof(struct robust_list_head, list)) ||
        get_user_u64(&offset, head + offsetof(struct robust_list_head, futex_offset)) ||
        !entry_read(&pending, head + offsetof(struct robust_list_head, list_op_pending)))
        return;
    for (unsigned n = 0; entry.address != head && n < ROBUST_LIST_LIMIT; n++) {
        /* Read on first: once marked, another thread may free the lock. */
        struct robust_entry next;
        bool more = entry_read(&next, entry.address);
        if (entry.address != pending.address && !mark_dead(entry.address + offset, entry.pi, false))
            return;
        if (!more)
            return;
        entry = next;
    }
    if (pending.address)
        (void)mark_dead(pending.address + offset, pending.pi, true);
}

void futex_thread_release(struct thread *t)
{
    futex_pi_release(t);
    if (t->robust_list)
        walk(t->robust_list);
    t->robust_list = 0;
    /* clone(2), CLONE_CHILD_CLEARTID: only if somebody else can see the memory. */
    if (t->clear_child_tid) {
        (void)put_user_u32(t->clear_child_tid, 0);
        futex_wake_address(t->clear_child_tid, 1);
    }
    t->clear_child_tid = 0;
}
