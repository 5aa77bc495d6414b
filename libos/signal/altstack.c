/* SPDX-License-Identifier: BSD-2-Clause */
/* altstack.c - alternate signal stacks: sigaltstack(2). */
#include <linux/signal.h>
#include "base/errno.h"
#include "sched/thread.h"
#include "signal/signal.h"

bool signal_on_altstack(const struct thread *t, uaddr_t sp)
{
    const struct signal_thread *s = &t->signal;
    /* Such a stack is taken away while a handler runs on it. */
    if (s->altstack_flags & SS_AUTODISARM)
        return false;
    return sp > s->altstack_base && sp - s->altstack_base <= s->altstack_bytes;
}

uaddr_t signal_stack_for(const struct thread *t, const struct signal_action *act, uaddr_t sp)
{
    const struct signal_thread *s = &t->signal;
    if (!(act->flags & SA_ONSTACK) || !s->altstack_bytes || signal_on_altstack(t, sp))
        return sp;
    return s->altstack_base + s->altstack_bytes;
}

int signal_altstack_set(struct thread *t, uaddr_t base, uint64_t bytes, uint32_t flags, uaddr_t sp)
{
    struct signal_thread *s = &t->signal;
    if (signal_on_altstack(t, sp))
        return -EPERM;
    uint32_t mode = flags & ~(uint32_t)SS_FLAG_BITS;
    if (mode != SS_DISABLE && mode != SS_ONSTACK && mode != 0)
        return -EINVAL;
    if (mode == SS_DISABLE)
        base = bytes = 0;
    else if (bytes < MINSIGSTKSZ)
        return -ENOMEM;
    s->altstack_base = base;
    s->altstack_bytes = bytes;
    s->altstack_flags = flags;
    return 0;
}
