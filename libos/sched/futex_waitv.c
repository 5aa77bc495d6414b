/* SPDX-License-Identifier: BSD-2-Clause */
/* futex_waitv.c - waiting for any of several words: futex_waitv(2). */
#include <linux/futex.h>
#include "base/errno.h"
#include "mm/heap.h"
#include "mm/usermem.h"
#include "sched/futex_queue.h"
#include "sched/thread.h"
#include "sched/time.h"

static int word_enlist(struct futex_waiter *w, const struct futex_waitv *word)
{
    struct mm_futex_key key;
    uint32_t value;
    int error = futex_key_get(word->uaddr, !(word->flags & FUTEX_PRIVATE_FLAG), &key);
    if (error)
        return error;
    futex_enlist(w, &key, FUTEX_BITSET_MATCH_ANY);
    if (get_user_u32(&value, word->uaddr))
        return -EFAULT;
    return value == (uint32_t)word->val ? 0 : -EAGAIN;
}

/* The first that was woken, or -1. */
static int woken_find(const struct futex_waiter *waiters, unsigned count)
{
    for (unsigned i = 0; i < count; i++)
        if (waiters[i].woken)
            return (int)i;
    return -1;
}

long futex_wait_any(const struct futex_waitv *words, unsigned count,
                    const struct futex_timeout *timeout)
{
    struct futex_waiter *waiters = heap_zalloc(count * sizeof *waiters);
    unsigned enlisted = 0;
    int error = 0;
    if (!waiters)
        return -ENOMEM;
    while (enlisted < count && !error) {
        list_init(&waiters[enlisted].node);
        error = word_enlist(&waiters[enlisted], &words[enlisted]);
        enlisted++;
    }
    while (!error && woken_find(waiters, count) < 0) {
        uint64_t deadline = timeout->realtime ? time_deadline_of_real(timeout->ns) : timeout->ns;
        error = thread_sleep(deadline, SLEEP_INTERRUPTIBLE);
    }
    for (unsigned i = 0; i < enlisted; i++)
        futex_delist(&waiters[i]);
    int woken = woken_find(waiters, enlisted);
    heap_free(waiters);
    if (woken >= 0)
        return woken;
    return error == -EINTR ? -ERESTARTSYS : error;
}
