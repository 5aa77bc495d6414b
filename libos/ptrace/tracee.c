/* SPDX-License-Identifier: BSD-2-Clause */
/* tracee.c - who traces whom: attaching, letting go, ends. */
#include <asm/signal.h>
#include "base/errno.h"
#include "mm/heap.h"
#include "mm/patch.h"
#include "proc/internal.h"
#include "proc/pid_namespace.h"
#include "ptrace/access.h"
#include "ptrace/ptrace.h"
#include "sched/sched.h"
#include "signal/internal.h"

static struct tracee *tracee_create(struct thread *t, struct process *tracer)
{
    struct tracee *tr = heap_zalloc(sizeof *tr);
    if (!tr)
        return nullptr;
    tr->tracer = tracer;
    tr->thread = t;
    tr->process = process_get(t->process);
    tr->tid = t->tid;
    list_push_back(&tracer->tracees, &tr->node);
    t->trace = tr;
    if (t->process->mm)
        patch_disable(t->process->mm); /* the tracer is shown what is in the file */
    return tr;
}

void ptrace_free(struct tracee *tr)
{
    if (list_is_linked(&tr->node))
        list_remove(&tr->node);
    if (tr->process->trace_remains == tr)
        tr->process->trace_remains = nullptr;
    process_put(tr->process);
    heap_free(tr);
}

static int attach_check(const struct thread *t)
{
    if (t->process == current->process || t->trace || t->exiting || t->is_worker)
        return -EPERM;
    return ptrace_may_access(t->process);
}

int ptrace_attach(struct thread *t, bool seize, uint32_t options)
{
    int error = attach_check(t);
    if (error)
        return error;
    struct tracee *tr = tracee_create(t, current->process);
    if (!tr)
        return -ENOMEM;
    tr->is_seized = seize;
    tr->options = options;
    if (!seize)
        (void)signal_send_thread(t, SIGSTOP, SIGNAL_FROM_SELF);
    /* One that takes part in a stop already stops for the tracer instead. */
    thread_continue(t);
    return 0;
}

int ptrace_trace_me(void)
{
    struct thread *t = current;
    struct process *parent = t->process->parent;
    if (t->trace || !parent || parent->exiting)
        return -EPERM;
    return tracee_create(t, parent) ? 0 : -ENOMEM;
}

int ptrace_follow(struct thread *t)
{
    const struct tracee *mine = current->trace;
    struct tracee *tr = tracee_create(t, mine->tracer);
    if (!tr)
        return -ENOMEM;
    tr->options = mine->options;
    tr->is_seized = mine->is_seized;
    if (tr->is_seized)
        tr->trap_due = true;
    else
        t->signal.pending.set |= signal_bit(SIGSTOP);
    t->signal.attention = true;
    return 0;
}

void ptrace_detach(struct tracee *tr, int signal)
{
    struct thread *t = tr->thread;
    struct process *p = tr->process;
    if (tr->has_ended) {
        bool is_first = p->trace_remains == tr;
        process_get(p);
        ptrace_free(tr);
        if (is_first)
            process_report_end(p);
        process_put(p);
        return;
    }
    list_remove(&tr->node);
    tr->tracer = nullptr;
    tr->options = 0;
    tr->trap_due = false;
    if (!t) {
        ptrace_free(tr); /* the first thread of a process that goes on */
    } else if (tr->is_stopped) {
        ptrace_resume(tr, TRACE_CONTINUE, signal);
    } else {
        t->trace = nullptr;
        ptrace_free(tr);
    }
}

/* Tell the tracer of an end: SIGCHLD, and what wait4(2) finds. */
static void end_report(struct tracee *tr, int wait_status)
{
    struct siginfo info;
    int status, code = process_exit_code(wait_status, &status);
    tr->has_ended = true;
    tr->exit_status = wait_status;
    process_child_info(tr->process, code, status, &info);
    info.si_pid = pid_number_in(tr->tid, tr->tracer->pids);
    (void)signal_send_process(tr->tracer, SIGCHLD, &info);
    wait_wake_all(&tr->tracer->child_changed, 0);
}

void ptrace_thread_end(struct thread *t, int wait_status)
{
    struct tracee *tr = t->trace;
    if (!tr)
        return;
    t->trace = nullptr;
    tr->thread = nullptr;
    tr->is_stopped = false;
    if (!tr->tracer)
        ptrace_free(tr);
    else if (t->tid == tr->process->pid)
        tr->process->trace_remains = tr;
    else
        end_report(tr, wait_status);
}

bool ptrace_holds(struct process *p)
{
    struct tracee *tr = p->trace_remains;
    if (!tr)
        return false;
    if (tr->tracer == p->parent) {
        ptrace_free(tr);
        return false;
    }
    end_report(tr, p->exit_status);
    return true;
}

void ptrace_tracer_end(struct process *p)
{
    list_for_each_safe(node, &p->tracees) {
        struct tracee *tr = container_of(node, struct tracee, node);
        if (tr->options & PTRACE_O_EXITKILL && tr->thread)
            (void)signal_send_process(tr->process, SIGKILL, SIGNAL_FROM_KERNEL);
        ptrace_detach(tr, 0);
    }
}

void ptrace_tid_changed(struct thread *t)
{
    if (t->process->trace_remains)
        ptrace_free(t->process->trace_remains);
    if (t->trace)
        t->trace->tid = t->tid;
}

bool ptrace_is_tracing(const struct process *p)
{
    const struct tracee *tr = p->leader ? p->leader->trace : p->trace_remains;
    return tr && tr->tracer == current->process;
}
