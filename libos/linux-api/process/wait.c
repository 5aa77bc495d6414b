/* SPDX-License-Identifier: BSD-2-Clause */
/* wait.c - wait4(2), waitid(2). */
#include "proc/wait.h"

#include <linux/resource.h>
#include <linux/wait.h>

#include "base/errno.h"
#include "linux-api/call.h"
#include "linux-api/process/usage.h"
#include "mm/usermem.h"
#include "proc/pgrp.h"
#include "proc/pid_namespace.h"
#include "proc/pidfd.h"
#include "sched/thread.h"

constexpr unsigned WAIT_COMMON = WNOHANG | WCONTINUED | __WNOTHREAD | __WCLONE | __WALL;

static int32_t own_group(void)
{
    return current->process->pgrp->pgid;
}

static int usage_out(uaddr_t to, const struct process_usage *usage)
{
    struct rusage rusage;

    if (!to)
        return 0;
    rusage_fill(&rusage, usage);
    return copy_to_user(to, &rusage, sizeof rusage);
}

long sys_wait4(const struct call *c)
{
    int32_t pid = (int32_t)c->arg[0];
    uaddr_t status = c->arg[1];
    int options = (int)c->arg[2];
    struct wait_request request = {.which = P_ALL, .options = options | WEXITED};
    struct wait_result result;

    if ((unsigned)options & ~(WAIT_COMMON | WUNTRACED))
        return -EINVAL;
    if (pid == INT32_MIN)
        return -ESRCH;
    if (pid > 0) {
        request.which = P_PID;
        request.id = pid_from_user(pid);
    } else if (pid != -1) {
        request.which = P_PGID;
        request.id = pid == 0 ? own_group() : pid_from_user(-pid);
    }
    int error = process_wait(&request, &result);
    if (error || result.pid == 0)
        return error;
    if (status && put_user_u32(status, (uint32_t)result.wait_status))
        return -EFAULT;
    if (usage_out(c->arg[3], &result.usage))
        return -EFAULT;
    return result.pid;
}

static int request_fill(struct wait_request *request, int which, int32_t id)
{
    switch (which) {
    case P_ALL: return 0;
    case P_PID: request->id = pid_from_user(id); return id > 0 ? 0 : -EINVAL;
    case P_PGID:
        if (id < 0)
            return -EINVAL;
        request->id = id == 0 ? own_group() : pid_from_user(id);
        return 0;
    case P_PIDFD: {
        const struct process *p = id < 0 ? nullptr : pidfd_process(id);
        if (!p)
            return id < 0 ? -EINVAL : -EBADF;
        request->which = P_PID;
        request->id = p->pid;
        return 0;
    }
    default: return -EINVAL;
    }
}

/* The fields of siginfo that wait defines, and no others. */
static int info_out(uaddr_t to, const struct wait_result *result)
{
    struct siginfo info = {};

    if (!to)
        return 0;
    if (result->pid) {
        info = result->info;
        info.si_signo = SIGCHLD;
    }
    return copy_to_user(to, &info, offsetof(struct siginfo, si_status) + sizeof info.si_status);
}

long sys_waitid(const struct call *c)
{
    int options = (int)c->arg[3];
    struct wait_request request = {
        .which = (int)c->arg[0], .id = (int32_t)c->arg[1], .options = options};
    struct wait_result result;

    if ((unsigned)options & ~(WAIT_COMMON | WNOWAIT | WEXITED | WSTOPPED) ||
        !(options & (WEXITED | WSTOPPED | WCONTINUED)))
        return -EINVAL;
    int error = request_fill(&request, request.which, request.id);
    if (error == 0)
        error = process_wait(&request, &result);
    if (error)
        return error;
    if (result.pid && usage_out(c->arg[4], &result.usage))
        return -EFAULT;
    return info_out(c->arg[2], &result);
}
