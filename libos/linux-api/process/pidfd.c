/* SPDX-License-Identifier: BSD-2-Clause */
/* pidfd.c - pidfd_open(2), pidfd_send_signal(2), pidfd_getfd(2). */
#include "proc/pidfd.h"

#include <asm/siginfo.h>
#include <linux/capability.h>
#include <linux/fcntl.h>

#include "base/errno.h"
#include "linux-api/call.h"
#include "mm/mm.h"
#include "mm/usermem.h"
#include "proc/pid_namespace.h"
#include "proc/process.h"
#include "sched/thread.h"
#include "vfs/fdtable.h"
#include "vfs/file.h"
#include "vfs/procfs/procfs.h"

long sys_pidfd_open(const struct call *c)
{
    int32_t pid = (int32_t)c->arg[0];
    unsigned flags = (unsigned)c->arg[1];

    if (flags & ~(unsigned)O_NONBLOCK || pid <= 0)
        return -EINVAL;
    struct process *p = process_lookup(pid);
    if (!p)
        return thread_lookup(pid) ? -EINVAL : -ESRCH;
    return pidfd_create(p, 0);
}

static int info_from_user(struct siginfo *info, uaddr_t from, int signal, const struct process *p)
{
    if (copy_from_user(info, from, sizeof *info))
        return -EFAULT;
    if (info->si_signo != signal)
        return -EINVAL;
    /* Nobody may pretend to be the kernel or kill(2) towards others. */
    if (p != current->process && (info->si_code >= 0 || info->si_code == SI_TKILL))
        return -EPERM;
    return 0;
}

/* pidfd_send_signal(2): a directory /proc/PID does as well. */
static struct process *target_of(int fd)
{
    struct process *p = pidfd_process(fd);
    struct file *file = p ? nullptr : fd_get(fd);
    if (!file)
        return p;
    p = procfs_process_of(file);
    /* The descriptor keeps both; only this thread could close it before the caller is done. */
    file_put(file);
    return p;
}

long sys_pidfd_send_signal(const struct call *c)
{
    int signal = (int)c->arg[1];
    struct siginfo info;
    struct process *p;

    if (c->arg[3] != 0)
        return -EINVAL;
    p = target_of((int)c->arg[0]);
    if (!p)
        return -EBADF;
    /* A process outside of the caller's pid namespace cannot be reached (pidfd_send_signal(2)). */
    if (!pid_namespace_is_in(p->pids, current->process->pids))
        return -EINVAL;
    int error = c->arg[2] ? info_from_user(&info, c->arg[2], signal, p) : 0;
    if (error)
        return error;
    if (p->state == PROCESS_DEAD)
        return -ESRCH;
    if (signal < 0 || signal > SIGNAL_COUNT)
        return -EINVAL;
    error = signal_may_send(p, signal);
    if (error || signal == 0)
        return error;
    return signal_send_process(p, signal, c->arg[2] ? &info : SIGNAL_FROM_SELF);
}

long sys_pidfd_getfd(const struct call *c)
{
    if (c->arg[2] != 0)
        return -EINVAL;
    const struct process *p = pidfd_process((int)c->arg[0]);
    if (!p)
        return -EBADF;
    const struct thread *t = p->state == PROCESS_RUNNING ? process_main_thread(p) : nullptr;
    if (!t || !t->files)
        return -ESRCH;
    const struct cred *mine = current->cred, *theirs = t->cred;
    bool is_same = mine->uid == theirs->uid && mine->uid == theirs->euid &&
                   mine->uid == theirs->suid && p->mm && p->mm->dumpable;
    if (p != current->process && !is_same && !capable(CAP_SYS_PTRACE))
        return -EPERM;
    struct file *file = fd_table_file(t->files, (unsigned)c->arg[1]);
    return file ? fd_open(file_get(file), O_CLOEXEC) : -EBADF;
}
