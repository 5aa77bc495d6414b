/* SPDX-License-Identifier: BSD-2-Clause */
/* work.h - something that a thread shall do soon, asked for by others: what only it can do, as
 * its address space is needed.
 *
 * The thread does it before it returns to its program, and in the middle of a sleep that signals
 * may end; that sleep then ends as if it had been woken.
 */
#pragma once

#include "base/list.h"

struct thread;

struct thread_work {
    struct list_node node;
    void (*run)(struct thread_work *w); /* must not sleep for long; may free W */
};

static inline void thread_work_init(struct thread_work *w, void (*run)(struct thread_work *w))
{
    list_init(&w->node);
    w->run = run;
}

/* Let T, which has not begun to exit, do W; nothing if W is queued already. */
void thread_work_add(struct thread *t, struct thread_work *w);
static inline void thread_work_cancel(struct thread_work *w)
{
    list_remove(&w->node);
}
/* Do what the current thread has to do; false: there was nothing. */
bool thread_work_run(void);
bool thread_work_pending(const struct thread *t);
