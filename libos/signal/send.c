/* SPDX-License-Identifier: BSD-2-Clause */
/* send.c - sending a signal: permission, queueing, and choosing the thread to wake. */
#include <linux/capability.h>
#include <linux/signal.h>
#include "base/errno.h"
#include "base/string.h"
#include "proc/pgrp.h"
#include "proc/pid_namespace.h"
#include "proc/process.h"
#include "ptrace/ptrace.h"
#include "sched/sched.h"
#include "signal/internal.h"
#include "signal/queue.h"

static struct thread *thread_of(struct list_node *node)
{
    return container_of(node, struct thread, process_node);
}

/* ------------------------------------------------------------------ attention */

static bool has_deliverable(const struct thread *t)
{
    return signal_pending_set(t) & ~t->signal.blocked;
}

void signal_recalculate(struct thread *t)
{
    t->signal.attention =
        t->signal.must_stop || has_deliverable(t) || (t->trace && t->trace->trap_due);
}

bool signal_pending(const struct thread *t)
{
    return t->signal.attention;
}

signal_set signal_pending_set(const struct thread *t)
{
    signal_set set = t->signal.pending.set;
    return t->process ? set | t->process->signal.pending.set : set;
}

bool signal_is_fatal(const struct process *p, int sig)
{
    if (sig == SIGKILL)
        return true;
    if (!p->signal.actions || p->signal.actions->action[sig - 1].handler != SIGNAL_DFL)
        return false;
    return signal_default(sig) == DEFAULT_END || signal_default(sig) == DEFAULT_CORE;
}

bool signal_fatal_pending(const struct thread *t)
{
    signal_set set = signal_pending_set(t) & ~t->signal.blocked;
    while (set) {
        int sig = __builtin_ctzll(set) + 1;
        set &= set - 1;
        /* A tracer may take any other signal away. */
        if (t->trace && sig != SIGKILL)
            continue;
        if (signal_is_fatal(t->process, sig))
            return true;
    }
    return false;
}

static void alert(struct thread *t, bool fatal)
{
    t->signal.attention = true;
    thread_interrupt(t, fatal);
}

/* ------------------------------------------------------------------ permission */

/* kill(2), "For a process to have permission to send a signal". */
int signal_may_send(const struct process *p, int sig)
{
    const struct thread *any = list_is_empty(&p->threads) ? nullptr : thread_of(p->threads.next);
    if (p == current->process || !any)
        return 0;
    const struct cred *mine = current->cred;
    const struct cred *theirs = any->cred;
    if (mine->euid == theirs->suid || mine->euid == theirs->uid || mine->uid == theirs->suid ||
        mine->uid == theirs->uid || cred_capable(mine, CAP_KILL))
        return 0;
    if (sig == SIGCONT && process_session(p) == process_session(current->process))
        return 0;
    return -EPERM;
}

/* ------------------------------------------------------------------ sending */

/* Who says so is not in P's pid namespace, or is the libOS itself. */
static bool is_from_outside(const struct process *p, const struct siginfo *info)
{
    if (info == SIGNAL_FROM_KERNEL)
        return true;
    bool is_program = info == SIGNAL_FROM_SELF || info == SIGNAL_FROM_THREAD || SI_FROMUSER(info);
    return is_program && current->process && !pid_number_in(current->process->pid, p->pids);
}

/* The init of a pid namespace hears only what it asked for (pid_namespaces(7), "The namespace init
 * process"); SIGKILL and SIGSTOP are obeyed if they come from above. */
static bool is_beneath(const struct process *p, int sig, bool from_outside)
{
    if (!(p->signal.flags & SIGNAL_UNKILLABLE) ||
        p->signal.actions->action[sig - 1].handler != SIGNAL_DFL)
        return false;
    return !from_outside || (sig != SIGKILL && sig != SIGSTOP);
}

/* An ignored signal vanishes, unless somebody blocks it: he may change his mind, or wait for it. */
static bool is_discarded(const struct process *p, const struct thread *t, int sig,
                         bool from_outside)
{
    if (p->exiting || !p->signal.actions)
        return true;
    if (t && t->trace && sig != SIGKILL)
        return false;
    if (t && (t->signal.blocked | t->signal.real_blocked) & signal_bit(sig))
        return false;
    return is_beneath(p, sig, from_outside) || signal_is_ignored(p, sig);
}

static bool wants(const struct thread *t, int sig)
{
    if (t->exiting || t->signal.blocked & signal_bit(sig))
        return false;
    if (sig == SIGKILL)
        return true;
    if (t->state == THREAD_STOPPED)
        return false;
    return t->state == THREAD_RUNNING || !t->signal.attention || signal_is_fatal(t->process, sig);
}

/* The first thread if it wants the signal, else any other that does. */
static struct thread *choose_thread(struct process *p, int sig)
{
    list_for_each(node, &p->threads)
        if (wants(thread_of(node), sig))
            return thread_of(node);
    return nullptr;
}

/* A sender of its own making: who kill(2) says it was, by the number that P knows. */
static const struct siginfo *info_or_made(const struct siginfo *info, int sig,
                                          const struct process *p, struct siginfo *made)
{
    if (info != SIGNAL_FROM_SELF && info != SIGNAL_FROM_THREAD && info != SIGNAL_FROM_KERNEL) {
        if (!SI_FROMUSER(info) || !is_from_outside(p, info))
            return info;
        *made = *info;
        made->si_pid = 0;
        return made;
    }
    memset(made, 0, sizeof *made);
    made->si_signo = sig;
    made->si_code = SI_KERNEL;
    if (info != SIGNAL_FROM_KERNEL && current->process) {
        made->si_code = info == SIGNAL_FROM_THREAD ? SI_TKILL : SI_USER;
        made->si_pid = pid_number_in(current->process->pid, p->pids);
        made->si_uid = current->cred ? current->cred->uid : 0;
    }
    return made;
}

static uint32_t owner_of(const struct process *p)
{
    const struct thread *t = list_is_empty(&p->threads) ? nullptr : thread_of(p->threads.next);
    return t && t->cred ? t->cred->uid : 0;
}

static struct thread *first_thread(struct process *p)
{
    if (p->leader)
        return p->leader;
    return list_is_empty(&p->threads) ? nullptr : thread_of(p->threads.next);
}

/* The signal is pending: tell a thread that takes it, and readers of a signalfd. */
static void announce(struct process *p, struct thread *to_thread, int sig)
{
    struct thread *t = to_thread;
    if (!t)
        t = choose_thread(p, sig);
    else if (!wants(t, sig))
        t = nullptr;
    if (t)
        alert(t, signal_is_fatal(p, sig) && (sig == SIGKILL || !t->trace));
    wait_wake_all(&p->signal.actions->waiters, 0);
}

static int send(struct process *p, struct thread *to_thread, int sig, const struct siginfo *info)
{
    signal_stop_prepare(p, sig);
    if (is_discarded(p, to_thread ? to_thread : first_thread(p), sig, is_from_outside(p, info)))
        return 0;
    struct siginfo made;
    const struct siginfo *full = info_or_made(info, sig, p, &made);
    struct signal_backlog *b = to_thread ? &to_thread->signal.pending : &p->signal.pending;
    /* What the libOS itself has to say, and kill(2) of an ordinary signal, must get through. */
    bool forced = sig < SIGNAL_RT_FIRST && full->si_code >= 0;
    int error = backlog_add(b, sig, sig == SIGKILL ? nullptr : full, owner_of(p),
                            process_rlimit(p, RLIMIT_SIGPENDING), forced);
    if (!error)
        announce(p, to_thread, sig);
    return error;
}

int signal_send_thread(struct thread *t, int sig, const struct siginfo *info)
{
    if (t->state == THREAD_DEAD || !t->process)
        return 0;
    return send(t->process, t, sig, info);
}

int signal_send_process(struct process *p, int sig, const struct siginfo *info)
{
    return send(p, nullptr, sig, info);
}

/* Owned entries are not counted against RLIMIT_SIGPENDING again: their timers were. */
bool signal_send_entry(struct signal_entry *e, struct process *p, struct thread *to_thread)
{
    if (e->backlog)
        return false;
    int sig = e->info.si_signo;
    signal_stop_prepare(p, sig);
    if (is_discarded(p, to_thread ? to_thread : first_thread(p), sig, false))
        return true;
    struct signal_backlog *b = to_thread ? &to_thread->signal.pending : &p->signal.pending;
    if (sig < SIGNAL_RT_FIRST && b->set & signal_bit(sig))
        return true;
    backlog_add_entry(b, e);
    announce(p, to_thread, sig);
    return true;
}

/* ------------------------------------------------------------------ forcing */

void signal_force_info(int sig, const struct siginfo *info)
{
    struct thread *t = current;
    struct signal_action *act = &t->process->signal.actions->action[sig - 1];
    bool blocked = t->signal.blocked & signal_bit(sig);
    if (blocked || act->handler == SIGNAL_IGN) {
        *act = (struct signal_action){};
        t->signal.blocked &= ~signal_bit(sig);
    }
    /* A fault ends even an init, unless its tracer says otherwise. */
    if (act->handler == SIGNAL_DFL && !t->trace)
        t->process->signal.flags &= ~(uint32_t)SIGNAL_UNKILLABLE;
    (void)signal_send_thread(t, sig, info);
    signal_recalculate(t);
}

void signal_force(int sig, int code, uaddr_t address, uint64_t trap_number, uint64_t error)
{
    struct signal_thread *s = &current->signal;
    s->trap_number = trap_number;
    s->trap_error = error;
    s->trap_address = address;
    struct siginfo info;
    memset(&info, 0, sizeof info);
    info.si_signo = sig;
    info.si_code = code;
    info.si_addr = (void *)address;
    signal_force_info(sig, &info);
}

void signal_force_segv(int sig)
{
    /* The handler's own frame cannot be written: nobody is left to handle it. */
    if (sig == SIGSEGV)
        current->process->signal.actions->action[SIGSEGV - 1] = (struct signal_action){};
    signal_force_info(SIGSEGV, SIGNAL_FROM_KERNEL);
}

void signal_kill_thread(struct thread *t)
{
    t->signal.pending.set |= signal_bit(SIGKILL);
    alert(t, true);
}

/* ------------------------------------------------------------------ leaving, blocking */

/* Process signals of SET that T was told of: let another thread that takes one know. */
static void retarget(struct thread *t, signal_set set)
{
    struct process *p = t->process;
    set &= p->signal.pending.set;
    if (!set)
        return;
    list_for_each(node, &p->threads) {
        struct thread *other = thread_of(node);
        if (other == t || other->exiting || !(set & ~other->signal.blocked))
            continue;
        set &= other->signal.blocked;
        if (!other->signal.attention)
            alert(other, false);
        if (!set)
            break;
    }
}

void signal_thread_leave(struct thread *t)
{
    struct signal_process *s = &t->process->signal;
    t->exiting = true;
    if (t->signal.must_stop) {
        t->signal.must_stop = false;
        if (s->stops_due > 0 && --s->stops_due == 0 && s->flags & SIGNAL_GROUP_STOPPING &&
            t->process->thread_count > 1) {
            s->flags |= SIGNAL_GROUP_STOPPED;
            process_report_stop(t->process, s->stop_signal);
        }
    }
    retarget(t, ~t->signal.blocked);
}

void signal_block(signal_set blocked)
{
    struct thread *t = current;
    blocked &= ~SIGNALS_UNBLOCKABLE;
    retarget(t, blocked & ~t->signal.blocked);
    t->signal.blocked = blocked;
    signal_recalculate(t);
}
