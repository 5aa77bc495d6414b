/* SPDX-License-Identifier: BSD-2-Clause */
/* wait.h - wait queues: how a thread sleeps until something happens.
 *
 * The life of a wait: the thread enlists a waiter on one or more queues, checks its condition,
 * sleeps, delists, and checks again.  All of this runs under the domain lock.  A wake between
 * enlisting and sleeping makes the sleep return at once; a sleep may also return for no reason
 * that concerns the caller, so every caller loops on its condition.
 */
#pragma once

#include <stdint.h>
#include "base/list.h"

struct thread;

struct wait_queue {
    struct list_node waiters; /* exclusive ones at the end */
};

struct waiter {
    struct list_node node;
    void (*wake)(struct waiter *w, uint32_t key); /* must not sleep; may delist W, no other */
    struct thread *thread;
    bool exclusive;
};

#define WAIT_QUEUE_INIT(name) {LIST_INIT((name).waiters)}

static inline void wait_queue_init(struct wait_queue *q)
{
    list_init(&q->waiters);
}

static inline bool wait_queue_is_empty(const struct wait_queue *q)
{
    return list_is_empty(&q->waiters);
}

/* Make W a waiter that wakes the current thread, whatever the key. */
void waiter_init(struct waiter *w);

/* Make W a waiter that calls WAKE. */
void waiter_init_callback(struct waiter *w, void (*wake)(struct waiter *, uint32_t));

void waiter_add(struct wait_queue *q, struct waiter *w);

/* W need not be on a queue, but must have been initialised. */
void waiter_remove(struct waiter *w);

/* Wake all waiters that are not exclusive and the first exclusive one; all of them.  Whoever
 * waits exclusively must look at its condition after a wake, and pass on what it does not use.
 * KEY says what happened (POLLIN ...); 0 means anything. */
void wait_wake(struct wait_queue *q, uint32_t key);
void wait_wake_all(struct wait_queue *q, uint32_t key);

enum sleep_mode : uint8_t {
    SLEEP_INTERRUPTIBLE,   /* any signal that is not blocked ends it */
    SLEEP_KILLABLE,        /* only SIGKILL ends it */
    SLEEP_UNINTERRUPTIBLE, /* for waits that are sure to end soon */
};

constexpr uint64_t WAIT_FOREVER = UINT64_MAX; /* a deadline that never comes */

/* Let the current thread sleep until thread_wake, a signal or DEADLINE_NS of CLOCK_MONOTONIC.
 * 0: woken.  -EINTR: a signal is pending (the thread may not have slept at all).  -ETIMEDOUT. */
[[nodiscard]] int thread_sleep(uint64_t deadline_ns, enum sleep_mode mode);

/* Let T run again if it sleeps; if it is running, its next thread_sleep returns at once. */
void thread_wake(struct thread *t);

/* Enlist on Q, sleep once, delist.  Results as of thread_sleep. */
[[nodiscard]] int wait_on(struct wait_queue *q, uint64_t deadline_ns, enum sleep_mode mode);
[[nodiscard]] int wait_on_exclusive(struct wait_queue *q, uint64_t deadline_ns,
                                    enum sleep_mode mode);
