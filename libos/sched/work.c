/* SPDX-License-Identifier: BSD-2-Clause */
/* work.c - things that threads have to do for others. */
#include "sched/work.h"

#include "sched/sched.h"

constexpr unsigned RELAX_EVERY = 16;

void thread_work_add(struct thread *t, struct thread_work *w)
{
    if (list_is_linked(&w->node))
        return;
    bool is_told = thread_work_pending(t);
    list_push_back(&t->work, &w->node);
    t->signal.has_work = true;
    if (!is_told)
        thread_interrupt(t, false);
}

bool thread_work_pending(const struct thread *t)
{
    return t->work.next && !list_is_empty(&t->work);
}

bool thread_work_run(void)
{
    bool did = false;
    struct list_node *node;
    unsigned n = 0;
    while ((node = list_pop_front(&current->work)) != nullptr) {
        struct thread_work *w = container_of(node, struct thread_work, node);
        w->run(w);
        did = true;
        if (++n % RELAX_EVERY == 0)
            (void)sched_relax();
    }
    return did;
}
