/* SPDX-License-Identifier: BSD-2-Clause */
/* wait.c - parents learn of their children: wait4(2), waitid(2), SIGCHLD. */
#include "proc/wait.h"

#include <asm/siginfo.h>
#include <asm/signal.h>
#include <linux/wait.h>

#include "base/errno.h"
#include "proc/internal.h"
#include "proc/pgrp.h"
#include "ptrace/ptrace.h"
#include "sched/thread.h"

void process_report_stop(struct process *p, int signal)
{
    const struct signal_actions *actions = p->parent ? p->parent->signal.actions : nullptr;
    struct siginfo info;

    if (!actions)
        return;
    if (!(actions->action[SIGCHLD - 1].flags & SA_NOCLDSTOP)) {
        process_child_info(p, CLD_STOPPED, signal, &info);
        (void)signal_send_process(p->parent, SIGCHLD, &info);
    }
    wait_wake_all(&p->parent->child_changed, 0);
}

void process_report_continue(struct process *p)
{
    const struct signal_actions *actions = p->parent ? p->parent->signal.actions : nullptr;
    struct siginfo info;

    if (!actions)
        return;
    if (!(actions->action[SIGCHLD - 1].flags & SA_NOCLDSTOP)) {
        process_child_info(p, CLD_CONTINUED, SIGCONT, &info);
        (void)signal_send_process(p->parent, SIGCHLD, &info);
    }
    wait_wake_all(&p->parent->child_changed, 0);
}

/* Is CHILD among those that REQUEST asks for? */
static bool is_asked(const struct wait_request *request, const struct process *child)
{
    switch (request->which) {
    case P_PID:
        if (child->pid != request->id)
            return false;
        break;
    case P_PGID:
        if (!child->pgrp || child->pgrp->pgid != request->id)
            return false;
        break;
    default: break;
    }
    if (request->options & __WNOTHREAD && child->forker != current)
        return false;
    /* A "clone child" is one that announces its end by something else than SIGCHLD. */
    bool is_clone = child->exit_signal != SIGCHLD;
    return request->options & __WALL || is_clone == ((request->options & __WCLONE) != 0);
}

static void report(struct wait_result *result, struct process *child, int code, int status)
{
    process_child_info(child, code, status, &result->info);
    process_usage_read(child, &result->usage);
    process_usage_add(&result->usage, &child->children_usage);
    result->pid = result->info.si_pid;
}

/* Has CHILD something to tell?  If so *RESULT has it, and it is told, unless WNOWAIT. */
static bool collect(const struct wait_request *request, struct process *child,
                    struct wait_result *result)
{
    struct signal_process *signal = &child->signal;
    bool keep = request->options & WNOWAIT;
    int status, code;

    if (child->state == PROCESS_ZOMBIE && !child->trace_remains && request->options & WEXITED) {
        code = process_exit_code(child->exit_status, &status);
        report(result, child, code, status);
        result->wait_status = child->exit_status;
        if (!keep) {
            process_usage_add(&child->parent->children_usage, &result->usage);
            process_reap(child);
        }
        return true;
    }
    /* What a tracer sees of stops is not what a parent sees. */
    if (child->state != PROCESS_RUNNING || ptrace_is_tracing(child))
        return false;
    if (signal->flags & SIGNAL_GROUP_STOPPED && signal->stop_signal &&
        request->options & WSTOPPED) {
        report(result, child, CLD_STOPPED, signal->stop_signal);
        result->wait_status = signal->stop_signal << 8 | 0x7f;
        if (!keep)
            signal->stop_signal = 0;
        return true;
    }
    if (signal->flags & SIGNAL_GROUP_CONTINUED && request->options & WCONTINUED) {
        report(result, child, CLD_CONTINUED, SIGCONT);
        result->wait_status = 0xffff;
        if (!keep)
            signal->flags &= ~(uint32_t)SIGNAL_GROUP_CONTINUED;
        return true;
    }
    return false;
}

int process_wait(const struct wait_request *request, struct wait_result *result)
{
    struct process *self = current->process;

    for (;;) {
        bool found = false;
        list_for_each_safe(node, &self->children) {
            struct process *child = container_of(node, struct process, sibling);
            if (!is_asked(request, child))
                continue;
            found = true;
            if (collect(request, child, result))
                return 0;
        }
        list_for_each_safe(traced, &self->tracees) {
            struct tracee *tr = container_of(traced, struct tracee, node);
            if (!ptrace_is_asked(request, tr))
                continue;
            found = true;
            if (ptrace_collect(request, tr, result))
                return 0;
        }
        if (!found)
            return -ECHILD;
        result->pid = 0;
        if (request->options & WNOHANG)
            return 0;
        if (wait_on(&self->child_changed, WAIT_FOREVER, SLEEP_INTERRUPTIBLE) != 0)
            return -ERESTARTSYS;
    }
}
