/* SPDX-License-Identifier: BSD-2-Clause */
/* deliver.c - signals on the way back to the program. */
#include <asm/unistd_64.h>
#include "arch/user_regs.h"
#include "base/bits.h"
#include "base/errno.h"
#include "linux-api/trace.h"
#include "mm/usermem.h"
#include "proc/pgrp.h"
#include "proc/process.h"
#include "ptrace/ptrace.h"
#include "sched/thread.h"
#include "sched/time.h"
#include "signal/internal.h"
#include "signal/queue.h"
#include "trace/record.h"

/* ------------------------------------------------------------------ taking */

/* The thread's own signals go first, except that those of a fault always do. */
static int dequeue(struct thread *t, signal_set set, struct siginfo *info)
{
    struct signal_backlog *shared = &t->process->signal.pending;
    int sig = signal_set_first(t->signal.pending.set & set);
    if (sig) {
        backlog_take(&t->signal.pending, sig, info);
    } else {
        sig = signal_set_first(shared->set & set);
        if (sig)
            backlog_take(shared, sig, info);
    }
    signal_recalculate(t);
    return sig;
}

int signal_dequeue_masked(struct thread *t, signal_set set, struct siginfo *info)
{
    return dequeue(t, set & ~SIGNALS_UNBLOCKABLE, info);
}

struct wait_queue *signal_wait_queue(struct thread *t)
{
    return &t->process->signal.actions->waiters;
}

int signal_wait(signal_set set, uint64_t deadline_ns, struct siginfo *info)
{
    struct thread *t = current;
    set &= ~SIGNALS_UNBLOCKABLE;
    int sig = dequeue(t, set, info);
    if (sig || deadline_ns == 0)
        return sig ? sig : -EAGAIN;
    /* While it waits the signals are not blocked, so that senders wake it. */
    t->signal.real_blocked = t->signal.blocked;
    signal_block(t->signal.blocked & ~set);
    int error = thread_sleep(deadline_ns, SLEEP_INTERRUPTIBLE);
    while (error == 0 && !(signal_pending_set(t) & set))
        error = thread_sleep(deadline_ns, SLEEP_INTERRUPTIBLE);
    signal_block(t->signal.real_blocked);
    t->signal.real_blocked = 0;
    sig = dequeue(t, set, info);
    if (sig)
        return sig;
    return error == -ETIMEDOUT ? -EAGAIN : -EINTR;
}

/* ------------------------------------------------------------------ masks of calls */

int signal_mask_push(uaddr_t user, uint64_t size)
{
    signal_set set;
    if (!user)
        return 0;
    if (size != sizeof set)
        return -EINVAL;
    if (copy_from_user(&set, user, sizeof set))
        return -EFAULT;
    struct signal_thread *s = &current->signal;
    s->saved_blocked = s->blocked;
    s->restore_blocked = true;
    signal_block(set);
    return 0;
}

void signal_mask_pop(bool interrupted)
{
    struct signal_thread *s = &current->signal;
    if (interrupted || !s->restore_blocked)
        return;
    s->restore_blocked = false;
    signal_block(s->saved_blocked);
}

/* ------------------------------------------------------------------ delivering */

static void act_by_default(struct process *p, int sig)
{
    switch (signal_default(sig)) {
    case DEFAULT_IGNORE:
    case DEFAULT_CONTINUE: return;
    case DEFAULT_STOP:
        /* POSIX: nobody could continue a process of an orphaned group. */
        if (sig == SIGSTOP || !pgrp_is_orphaned(p->pgrp, nullptr))
            signal_stop_begin(sig);
        return;
    default: process_exit_group(sig); /* no core is written, so none is told of (wait(2)) */
    }
}

/* Do all that needs no handler.  The signal whose handler is to run, or 0. */
static int next_handled(struct thread *t, struct signal_action *act, struct siginfo *info)
{
    struct process *p = t->process;
    for (;;) {
        if (p->execing && p->execing != t)
            process_exit_thread(SIGKILL);
        if (signal_pending_set(t) & signal_bit(SIGKILL) || p->exiting)
            process_exit_group(SIGKILL);
        if (t->trace && t->trace->trap_due) {
            ptrace_trap_stop();
            continue;
        }
        if (p->signal.flags & SIGNAL_GROUP_STOPPING && (!t->trace || t->signal.must_stop)) {
            signal_stop_join();
            continue;
        }
        int sig = dequeue(t, ~t->signal.blocked, info);
        if (!sig)
            return 0;
        if (t->trace && sig != SIGKILL) {
            sig = ptrace_signal_stop(sig, info);
            if (!sig)
                continue;
        }
        struct signal_action *a = &p->signal.actions->action[sig - 1];
        if (a->handler == SIGNAL_IGN)
            continue;
        trace_signal(sig, info);
        if (record_events())
            record_add(RECORD_SIGNAL, (unsigned)sig, t->tid, 0, 0, 0);
        if (a->handler == SIGNAL_DFL) {
            /* What was pending while it was blocked.  SIGSTOP was let in by the sender. */
            if (p->signal.flags & SIGNAL_UNKILLABLE && sig != SIGSTOP)
                continue;
            act_by_default(p, sig);
            continue;
        }
        *act = *a;
        if (a->flags & SA_RESETHAND)
            a->handler = SIGNAL_DFL;
        return sig;
    }
}

bool signal_call_is_open(const struct regs *regs)
{
    return current->signal.restore_blocked || signal_call_was_interrupted(regs);
}

/* A handler runs: signal(7), "Interruption of system calls and library functions by signal
 * handlers". */
static void settle_with_handler(struct regs *regs, const struct signal_action *act)
{
    if (!signal_call_was_interrupted(regs))
        return;
    int64_t how = arch_call_result(regs);
    bool again = how == -ERESTARTNOINTR || (how == -ERESTARTSYS && act->flags & SA_RESTART);
    if (again)
        arch_call_rewind(regs);
    else
        arch_call_set_result(regs, -EINTR);
    arch_call_close(regs);
}

/* No handler runs: the call goes on as if nothing had been. */
static bool settle_without_handler(struct regs *regs)
{
    signal_mask_pop(false);
    if (!signal_call_was_interrupted(regs))
        return false;
    bool by_block = arch_call_result(regs) == -ERESTART_RESTARTBLOCK;
    arch_call_again(regs, by_block ? __NR_restart_syscall : regs->orig_rax);
    return true;
}

static void run_handler(struct regs *regs, int sig, const struct signal_action *act,
                        const struct siginfo *info)
{
    struct signal_thread *s = &current->signal;
    signal_set saved = s->restore_blocked ? s->saved_blocked : s->blocked;
    bool is_stepping = ptrace_step_take(regs);
    settle_with_handler(regs, act);
    if (!rseq_signal(regs)) {
        signal_mask_pop(false);
        return;
    }
    if (signal_frame_push(regs, sig, act, info, saved)) {
        signal_mask_pop(false);
        signal_force_segv(sig);
        return;
    }
    s->restore_blocked = false;
    arch_call_close(regs);
    signal_set also = act->flags & SA_NODEFER ? 0 : signal_bit(sig);
    signal_block(s->blocked | act->mask | also);
    if (is_stepping)
        ptrace_step_stop();
}

bool signal_deliver(struct regs *regs)
{
    struct signal_action act;
    struct siginfo info;
    int sig = next_handled(current, &act, &info);
    if (!sig)
        return settle_without_handler(regs);
    run_handler(regs, sig, &act, &info);
    return false;
}
