/* SPDX-License-Identifier: BSD-2-Clause */
/* timer.c - armed timers in a pairing heap.
 *
 * Fredman, Sedgewick, Sleator, Tarjan: "The pairing heap" (1986).  Arming costs O(1), removal
 * O(log n) amortised.  A timer's children form a list through `next`; `back` is the previous
 * sibling, or the parent for the first child, or null for the root.
 */
#include "sched/timer.h"

#include "arch/arch.h"
#include "base/assert.h"
#include "sched/wait.h"

static struct timer *root;

/* Two heaps become one.  Neither root has siblings. */
static struct timer *meld(struct timer *a, struct timer *b)
{
    if (!a)
        return b;
    if (!b)
        return a;
    if (b->deadline_ns < a->deadline_ns) {
        struct timer *t = a;
        a = b;
        b = t;
    }
    b->next = a->child;
    if (b->next)
        b->next->back = b;
    b->back = a;
    a->child = b;
    return a;
}

/* The list of siblings from FIRST becomes one heap: meld pairs from left to right, then the
 * results from right to left. */
static struct timer *meld_siblings(struct timer *first)
{
    struct timer *pairs = nullptr; /* a stack through `next` */
    while (first) {
        struct timer *a = first;
        struct timer *b = a->next;
        first = b ? b->next : nullptr;
        a->next = a->back = nullptr;
        if (b)
            b->next = b->back = nullptr;
        struct timer *pair = meld(a, b);
        pair->next = pairs;
        pairs = pair;
    }
    struct timer *heap = nullptr;
    while (pairs) {
        struct timer *rest = pairs->next;
        pairs->next = nullptr;
        heap = meld(heap, pairs);
        pairs = rest;
    }
    return heap;
}

static void cut_out(struct timer *t)
{
    if (t->back->child == t)
        t->back->child = t->next;
    else
        t->back->next = t->next;
    if (t->next)
        t->next->back = t->back;
    t->next = t->back = nullptr;
}

bool timer_cancel(struct timer *t)
{
    if (!t->armed)
        return false;
    struct timer *below = meld_siblings(t->child);
    t->child = nullptr;
    if (t == root) {
        root = below;
    } else {
        cut_out(t);
        root = meld(root, below);
    }
    t->armed = false;
    return true;
}

void timer_arm(struct timer *t, uint64_t deadline_ns)
{
    timer_cancel(t);
    t->deadline_ns = deadline_ns;
    t->child = t->next = t->back = nullptr;
    t->armed = true;
    root = meld(root, t);
    if (root == t)
        vcpu_local()->return_due = 1;
}

uint64_t timers_next(void)
{
    return root ? root->deadline_ns : WAIT_FOREVER;
}

void timers_run(uint64_t now_ns)
{
    while (root && root->deadline_ns <= now_ns) {
        struct timer *t = root;
        timer_cancel(t);
        t->fire(t);
    }
}
