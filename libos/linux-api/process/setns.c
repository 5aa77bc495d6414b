/* SPDX-License-Identifier: BSD-2-Clause */
/* setns.c - setns(2). */
#include "base/errno.h"
#include "linux-api/call.h"
#include "proc/namespace.h"
#include "proc/pidfd.h"
#include "proc/process.h"
#include "ptrace/access.h"
#include "sched/thread.h"
#include "vfs/fdtable.h"
#include "vfs/file.h"

/* All of FLAGS that the process P has. */
static long enter_of(const struct process *p, uint64_t flags)
{
    const struct thread *main = process_main_thread(p);
    if (!flags || flags & ~NAMESPACES_ALL)
        return -EINVAL;
    if (flags & ~NAMESPACES_OWN)
        return -EINVAL;
    if (!main || !main->fs)
        return -ESRCH;
    if (ptrace_may_access(p))
        return -EPERM;
    const struct namespaces *theirs = namespaces_of(main);
    int error = 0;
    for (unsigned i = 0; i < NAMESPACE_KINDS && !error; i++)
        if (flags & namespace_flag((enum namespace_kind)i))
            error = namespace_enter(theirs->of[i]);
    return error;
}

long sys_setns(const struct call *c)
{
    int fd = (int)c->arg[0];
    uint64_t flags = (uint32_t)c->arg[1];
    struct file *file = fd_get(fd);
    if (!file)
        return -EBADF;
    struct namespace *ns = namespace_of_file(file);
    const struct process *p = pidfd_process(fd);
    long result = -EINVAL;
    if (ns && (!flags || flags == namespace_flag(ns->kind)))
        result = namespace_enter(ns);
    else if (!ns && p)
        result = enter_of(p, flags);
    file_put(file);
    return result;
}
