/* SPDX-License-Identifier: BSD-2-Clause */
/* process_madvise.c - process_madvise(2), process_mrelease(2). */
#include <linux/capability.h>
#include <linux/limits.h>
#include <linux/mman.h>
#include <linux/uio.h>
#include "base/bits.h"
#include "base/errno.h"
#include "linux-api/call.h"
#include "mm/mm.h"
#include "mm/mmap.h"
#include "mm/usermem.h"
#include "proc/pidfd.h"
#include "proc/process.h"
#include "ptrace/access.h"
#include "sched/thread.h"

/* Advice that changes nothing but speed. */
static bool is_allowed(int advice)
{
    switch (advice) {
    case MADV_COLD:
    case MADV_PAGEOUT:
    case MADV_WILLNEED:
    case MADV_COLLAPSE: return true;
    default: return false;
    }
}

long sys_process_madvise(const struct call *c)
{
    uint64_t count = c->arg[2];
    int advice = (int)c->arg[3];
    long total = 0;
    if ((unsigned)c->arg[4] || count > UIO_MAXIOV)
        return -EINVAL;
    struct process *p = pidfd_process((int)c->arg[0]);
    if (!p)
        return -EBADF;
    if (!is_allowed(advice))
        return -EINVAL;
    if (ptrace_may_access(p) || (p != current->process && !capable(CAP_SYS_NICE)))
        return -EPERM;
    if (!p->mm)
        return -ESRCH;
    for (uint64_t i = 0; i < count; i++) {
        struct iovec part;
        if (copy_from_user(&part, c->arg[1] + i * sizeof part, sizeof part))
            return total ? total : -EFAULT;
        int error = mm_advise(p->mm, (uint64_t)part.iov_base, part.iov_len, advice);
        if (error)
            return total ? total : error;
        total += (long)part.iov_len;
    }
    return total;
}

/* The memory of a process that ends goes with its last thread; this only tells whether it ends. */
long sys_process_mrelease(const struct call *c)
{
    if ((unsigned)c->arg[1])
        return -EINVAL;
    struct process *p = pidfd_process((int)c->arg[0]);
    if (!p)
        return -EBADF;
    if (p->state != PROCESS_RUNNING || !p->mm)
        return -ESRCH;
    return p->exiting ? 0 : -EINVAL;
}
