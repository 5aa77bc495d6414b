/* SPDX-License-Identifier: BSD-2-Clause */
/* stop.c - job control: all threads of a process stop, and go on.
 *
 * A thread that takes a stop signal's default action sets STOPPING and asks every thread of the
 * process to stop (must_stop, counted in stops_due).  Each does so on its way back to the program;
 * the last one sets STOPPED and tells the parent.  Sending SIGCONT ends all of it at once, whatever
 * the signal's disposition (signal(7)); so does SIGKILL, by ending the threads.
 */
#include "proc/pgrp.h"
#include "proc/process.h"
#include "ptrace/ptrace.h"
#include "sched/sched.h"
#include "signal/internal.h"
#include "signal/queue.h"

static struct thread *thread_of(struct list_node *node)
{
    return container_of(node, struct thread, process_node);
}

static void drop_everywhere(struct process *p, signal_set set)
{
    backlog_drop(&p->signal.pending, set);
    list_for_each(node, &p->threads)
        backlog_drop(&thread_of(node)->signal.pending, set);
}

static void resume(struct process *p)
{
    struct signal_process *s = &p->signal;
    bool was_stopped = s->flags & SIGNAL_GROUP_STOPPED;
    s->flags &= ~(uint32_t)(SIGNAL_GROUP_STOPPED | SIGNAL_GROUP_STOPPING);
    s->stop_signal = 0;
    s->stops_due = 0;
    list_for_each(node, &p->threads) {
        thread_of(node)->signal.must_stop = false;
        ptrace_continued(thread_of(node));
        if (!ptrace_is_at_rest(thread_of(node)))
            thread_continue(thread_of(node));
    }
    if (was_stopped) {
        s->flags |= SIGNAL_GROUP_CONTINUED;
        process_report_continue(p);
    }
}

void signal_stop_prepare(struct process *p, int sig)
{
    if (p->exiting)
        return;
    if (sig == SIGCONT) {
        drop_everywhere(p, SIGNALS_STOP);
        if (p->signal.flags & SIGNAL_GROUP_STOPPING)
            resume(p);
    } else if (signal_bit(sig) & SIGNALS_STOP) {
        drop_everywhere(p, signal_bit(SIGCONT));
    }
}

void signal_stop_begin(int sig)
{
    struct process *p = current->process;
    struct signal_process *s = &p->signal;
    if (!(s->flags & SIGNAL_GROUP_STOPPING)) {
        s->flags |= SIGNAL_GROUP_STOPPING;
        s->flags &= ~(uint32_t)SIGNAL_GROUP_CONTINUED;
        s->stop_signal = s->group_signal = sig;
    }
    list_for_each(node, &p->threads) {
        struct thread *t = thread_of(node);
        if (t->exiting || t->signal.must_stop || t->state == THREAD_STOPPED)
            continue;
        t->signal.must_stop = true;
        s->stops_due++;
        if (t != current) {
            t->signal.attention = true;
            thread_interrupt(t, false);
        }
    }
}

static bool is_killed(const struct thread *t)
{
    return signal_pending_set(t) & signal_bit(SIGKILL) || t->process->exiting;
}

void signal_stop_join(void)
{
    struct thread *t = current;
    struct process *p = t->process;
    struct signal_process *s = &p->signal;
    while (s->flags & SIGNAL_GROUP_STOPPING && !is_killed(t)) {
        if (t->signal.must_stop) {
            t->signal.must_stop = false;
            if (--s->stops_due == 0) {
                s->flags |= SIGNAL_GROUP_STOPPED;
                process_report_stop(p, s->stop_signal);
            }
        }
        if (t->trace && t->trace->tracer) {
            ptrace_group_stop(s->group_signal);
            return;
        }
        thread_stop();
    }
    t->signal.must_stop = false;
}
