/* SPDX-License-Identifier: BSD-2-Clause */
/* kcmp.c - kcmp(2): do two processes share something? */
#include <linux/kcmp.h>
#include "base/errno.h"
#include "linux-api/call.h"
#include "mm/usermem.h"
#include "proc/pid_namespace.h"
#include "proc/process.h"
#include "ptrace/access.h"
#include "sched/thread.h"
#include "vfs/epoll_set.h"
#include "vfs/fdtable.h"

/* 0 if equal, else 1 or 2: an order that is the same as long as both exist. */
static long order(const void *a, const void *b)
{
    return a == b ? 0 : a < b ? 1 : 2;
}

static const struct file *file_of(const struct thread *t, uint64_t fd)
{
    return t->files && fd <= UINT32_MAX ? fd_table_file(t->files, (unsigned)fd) : nullptr;
}

static long compare_files(const struct thread *a, const struct thread *b, uint64_t fd_a,
                          uint64_t fd_b)
{
    const struct file *file_a = file_of(a, fd_a), *file_b = file_of(b, fd_b);
    return file_a && file_b ? order(file_a, file_b) : -EBADF;
}

/* The file that number FD means in EP; several may have had it: NTH counts them. */
static const struct file *epoll_target(const struct epoll *ep, int fd, uint32_t nth)
{
    for (unsigned i = 0; i < ep->size; i++)
        list_for_each(node, &ep->buckets[i]) {
            const struct epoll_item *item = container_of(node, struct epoll_item, hash_node);
            if (item->fd == fd && nth-- == 0)
                return item->file;
        }
    return nullptr;
}

static long compare_epoll(const struct thread *a, const struct thread *b, uint64_t fd,
                          uaddr_t slot_at)
{
    struct kcmp_epoll_slot slot;
    if (copy_from_user(&slot, slot_at, sizeof slot))
        return -EFAULT;
    const struct file *file = file_of(a, fd), *set = file_of(b, slot.efd);
    if (!file || !set)
        return -EBADF;
    const struct epoll *ep = file_epoll(set);
    if (!ep)
        return -EINVAL;
    const struct file *target = epoll_target(ep, (int)slot.tfd, slot.toff);
    return target ? order(file, target) : -ENOENT;
}

long sys_kcmp(const struct call *c)
{
    const struct thread *a = thread_lookup((int32_t)c->arg[0]);
    const struct thread *b = thread_lookup((int32_t)c->arg[1]);
    if (!a || !b || !a->process || !b->process)
        return -ESRCH;
    if (ptrace_may_access(a->process) || ptrace_may_access(b->process))
        return -EPERM;
    switch ((int)c->arg[2]) {
    case KCMP_FILE: return compare_files(a, b, c->arg[3], c->arg[4]);
    case KCMP_VM: return order(a->process->mm, b->process->mm);
    case KCMP_FILES: return order(a->files, b->files);
    case KCMP_FS: return order(a->fs, b->fs);
    case KCMP_SIGHAND: return order(a->process->signal.actions, b->process->signal.actions);
    case KCMP_IO: return 0; /* nobody has a context of his own for input and output */
    case KCMP_SYSVSEM: return order(a->process, b->process);
    case KCMP_EPOLL_TFD: return compare_epoll(a, b, c->arg[3], c->arg[4]);
    default: return -EINVAL;
    }
}
