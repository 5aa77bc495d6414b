/* SPDX-License-Identifier: BSD-2-Clause */
/* pgrp.c - getpid(2), getppid(2), setpgid(2), getpgid(2), setsid(2), getsid(2). */
#include "proc/pgrp.h"

#include "base/errno.h"
#include "linux-api/call.h"
#include "proc/pid_namespace.h"
#include "proc/process.h"
#include "sched/thread.h"

long sys_getpid(const struct call *)
{
    return process_own_number(current->process);
}

long sys_getppid(const struct call *)
{
    const struct process *parent = current->process->parent;
    return parent ? pid_to_user(parent->pid) : 0;
}

/* May the caller move P, and to the group PGID? */
static int move_check(const struct process *p)
{
    const struct process *self = current->process;

    if (p != self) {
        if (p->parent != self)
            return -ESRCH;
        if (process_session(p) != process_session(self))
            return -EPERM;
        if (p->did_exec)
            return -EACCES;
    }
    return process_session(p)->leader == p ? -EPERM : 0;
}

long sys_setpgid(const struct call *c)
{
    int32_t pid = (int32_t)c->arg[0], pgid = (int32_t)c->arg[1];

    if (pid == 0)
        pid = process_own_number(current->process);
    if (pgid == 0)
        pgid = pid;
    if (pgid < 0)
        return -EINVAL;
    struct process *p = process_lookup(pid);
    if (!p || !p->pgrp)
        return thread_lookup(pid) ? -EINVAL : -ESRCH;
    int error = move_check(p);
    if (error)
        return error;
    struct pgrp *to = pgrp_lookup(pgid);
    if (to ? to->session != process_session(p) : pgid != pid)
        return -EPERM;
    if (to == p->pgrp)
        return 0;
    if (!to)
        return pgrp_create(p, process_session(p));
    pgrp_join(p, to);
    return 0;
}

/* A process by its number or that of any of its threads; 0: the caller. */
static const struct process *find(int32_t pid)
{
    if (pid == 0)
        return current->process;
    const struct thread *t = thread_lookup(pid);
    return t ? t->process : process_lookup(pid);
}

long sys_getpgid(const struct call *c)
{
    const struct process *p = find((int32_t)c->arg[0]);
    return p && p->pgrp ? pid_to_user(p->pgrp->pgid) : -ESRCH;
}

long sys_getpgrp(const struct call *)
{
    return pid_to_user(current->process->pgrp->pgid);
}

long sys_setsid(const struct call *)
{
    int32_t sid = session_create(current->process);
    return sid < 0 ? sid : pid_to_user(sid);
}

long sys_getsid(const struct call *c)
{
    const struct process *p = find((int32_t)c->arg[0]);
    return p && p->pgrp ? pid_to_user(p->pgrp->session->sid) : -ESRCH;
}
