/* SPDX-License-Identifier: BSD-2-Clause */
/* action.c - rt_sigaction(2), sigaltstack(2). */
#include <linux/signal.h>
#include "arch/user_regs.h"
#include "base/errno.h"
#include "linux-api/call.h"
#include "mm/usermem.h"
#include "proc/process.h"
#include "sched/thread.h"
#include "signal/queue.h"
#include "signal/signal.h"

/* Flags that mean something; others read back as 0, by which programs tell (sigaction(2),
 * "Dynamically probing for flag bit support"). */
constexpr uint64_t FLAGS_KNOWN = SA_NOCLDSTOP | SA_NOCLDWAIT | SA_SIGINFO | SA_ONSTACK |
                                 SA_RESTART | SA_NODEFER | SA_RESETHAND | SA_EXPOSE_TAGBITS |
                                 SA_RESTORER;

/* A signal that is now ignored must not be pending any more (POSIX). */
static void drop_if_ignored(struct process *p, int sig)
{
    if (!signal_is_ignored(p, sig))
        return;
    backlog_drop(&p->signal.pending, signal_bit(sig));
    list_for_each(node, &p->threads) {
        struct thread *t = container_of(node, struct thread, process_node);
        backlog_drop(&t->signal.pending, signal_bit(sig));
    }
}

long sys_rt_sigaction(const struct call *c)
{
    int sig = (int)c->arg[0];
    uaddr_t new_at = c->arg[1], old_at = c->arg[2];
    struct signal_action action, old;
    if (c->arg[3] != sizeof(signal_set))
        return -EINVAL;
    if (new_at && copy_from_user(&action, new_at, sizeof action))
        return -EFAULT;
    if (!signal_is_valid(sig) || (new_at && signal_bit(sig) & SIGNALS_UNBLOCKABLE))
        return -EINVAL;

    struct process *p = current->process;
    struct signal_action *place = &p->signal.actions->action[sig - 1];
    old = *place;
    if (new_at) {
        action.mask &= ~SIGNALS_UNBLOCKABLE;
        action.flags &= FLAGS_KNOWN;
        *place = action;
        drop_if_ignored(p, sig);
    }
    if (old_at && copy_to_user(old_at, &old, sizeof old))
        return -EFAULT;
    return 0;
}

long sys_sigaltstack(const struct call *c)
{
    uaddr_t new_at = c->arg[0], old_at = c->arg[1];
    struct thread *t = current;
    const struct signal_thread *s = &t->signal;
    uaddr_t sp = arch_stack_pointer(c->regs);
    stack_t stack;
    if (new_at && copy_from_user(&stack, new_at, sizeof stack))
        return -EFAULT;

    int status = s->altstack_bytes ? 0 : SS_DISABLE;
    if (signal_on_altstack(t, sp))
        status = SS_ONSTACK;
    stack_t old = {.ss_sp = (void *)s->altstack_base,
                   .ss_size = s->altstack_bytes,
                   .ss_flags = status | (int)(s->altstack_flags & SS_FLAG_BITS)};
    if (new_at) {
        int error = signal_altstack_set(t, (uaddr_t)stack.ss_sp, stack.ss_size,
                                        (uint32_t)stack.ss_flags, sp);
        if (error)
            return error;
    }
    if (old_at && copy_to_user(old_at, &old, sizeof old))
        return -EFAULT;
    return 0;
}
