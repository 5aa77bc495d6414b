/* SPDX-License-Identifier: BSD-2-Clause */
/* wait.c - what a tracer's wait4(2) finds. */
#include "proc/wait.h"

#include <linux/wait.h>
#include "proc/internal.h"
#include "proc/pgrp.h"
#include "proc/pid_namespace.h"
#include "ptrace/ptrace.h"

bool ptrace_is_asked(const struct wait_request *request, const struct tracee *tr)
{
    switch (request->which) {
    case P_PID: return tr->tid == request->id;
    case P_PGID: return tr->process->pgrp && tr->process->pgrp->pgid == request->id;
    default: return true;
    }
}

static void report(struct wait_result *result, struct tracee *tr, int code, int status)
{
    process_child_info(tr->process, code, status, &result->info);
    result->info.si_pid = pid_to_user(tr->tid);
    process_usage_read(tr->process, &result->usage);
    result->pid = result->info.si_pid;
}

bool ptrace_collect(const struct wait_request *request, struct tracee *tr,
                    struct wait_result *result)
{
    bool keep = request->options & WNOWAIT;
    if (tr->has_ended && request->options & WEXITED) {
        int status, code = process_exit_code(tr->exit_status, &status);
        report(result, tr, code, status);
        result->wait_status = tr->exit_status;
        if (!keep)
            ptrace_detach(tr, 0);
        return true;
    }
    if (!tr->is_stopped || tr->is_told || tr->is_listening)
        return false;
    report(result, tr, CLD_TRAPPED, tr->code);
    result->wait_status = tr->code << 8 | 0x7f;
    tr->is_told = !keep;
    return true;
}
