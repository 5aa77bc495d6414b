/* SPDX-License-Identifier: BSD-2-Clause */
/* wait.c - wait queues. */
#include "sched/wait.h"

#include "sched/thread.h"

/* An exclusive waiter leaves the queue at once: the next event is for the next one. */
static void wake_thread(struct waiter *w, uint32_t key)
{
    (void)key;
    if (w->exclusive)
        list_remove(&w->node);
    thread_wake(w->thread);
}

void waiter_init_callback(struct waiter *w, void (*wake)(struct waiter *, uint32_t))
{
    *w = (struct waiter){.wake = wake, .thread = current};
    list_init(&w->node);
}

void waiter_init(struct waiter *w)
{
    waiter_init_callback(w, wake_thread);
}

void waiter_add(struct wait_queue *q, struct waiter *w)
{
    if (w->exclusive)
        list_push_back(&q->waiters, &w->node);
    else
        list_push_front(&q->waiters, &w->node);
}

void waiter_remove(struct waiter *w)
{
    list_remove(&w->node);
}

static void wake_some(struct wait_queue *q, uint32_t key, unsigned exclusive_count)
{
    list_for_each_safe(node, &q->waiters) {
        struct waiter *w = container_of(node, struct waiter, node);
        bool exclusive = w->exclusive;
        w->wake(w, key);
        if (exclusive && --exclusive_count == 0)
            break;
    }
}

void wait_wake(struct wait_queue *q, uint32_t key)
{
    wake_some(q, key, 1);
}

void wait_wake_all(struct wait_queue *q, uint32_t key)
{
    wake_some(q, key, UINT32_MAX);
}

static int enlist_and_sleep(struct wait_queue *q, struct waiter *w, uint64_t deadline_ns,
                            enum sleep_mode mode)
{
    struct thread *t = current;
    waiter_add(q, w);
    t->waiting_on = q;
    int result = thread_sleep(deadline_ns, mode);
    t->waiting_on = nullptr;
    waiter_remove(w);
    return result;
}

int wait_on(struct wait_queue *q, uint64_t deadline_ns, enum sleep_mode mode)
{
    struct waiter w;
    waiter_init(&w);
    return enlist_and_sleep(q, &w, deadline_ns, mode);
}

int wait_on_exclusive(struct wait_queue *q, uint64_t deadline_ns, enum sleep_mode mode)
{
    struct waiter w;
    waiter_init(&w);
    w.exclusive = true;
    return enlist_and_sleep(q, &w, deadline_ns, mode);
}
