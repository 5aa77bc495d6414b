/* SPDX-License-Identifier: BSD-2-Clause */
/* process_vm.c - process_vm_readv(2), process_vm_writev(2). */
#include <linux/capability.h>
#include <linux/limits.h>
#include <linux/uio.h>

#include "base/bits.h"
#include "base/errno.h"
#include "linux-api/call.h"
#include "linux-api/file/args.h"
#include "mm/heap.h"
#include "mm/mm.h"
#include "mm/page.h"
#include "mm/usermem.h"
#include "proc/pid_namespace.h"
#include "proc/process.h"
#include "sched/thread.h"
#include "vfs/iter.h"

constexpr size_t CHUNK = PAGE_SIZE;

/* ptrace(2), "Ptrace access mode checking": as for attaching, by real ids. */
static bool may_access(const struct process *p)
{
    const struct cred *mine = current->cred;
    const struct thread *main = process_main_thread(p);

    if (p == current->process || cred_capable(mine, CAP_SYS_PTRACE))
        return true;
    if (!main || !main->cred || !p->mm || !p->mm->dumpable)
        return false;
    const struct cred *theirs = main->cred;
    return mine->uid == theirs->euid && mine->uid == theirs->suid && mine->uid == theirs->uid &&
           mine->gid == theirs->egid && mine->gid == theirs->sgid && mine->gid == theirs->gid;
}

/* Move bytes between LOCAL and one remote segment.  The count; short at the first bad address of
 * either side. */
static ssize_t segment_move(struct mm *mm, struct iter *local, uint64_t remote, uint64_t n,
                            char *buffer, bool write)
{
    size_t done = 0;

    while (done < n && iter_count(local) > 0) {
        size_t part = MIN(MIN(n - done, CHUNK), iter_count(local));
        size_t moved;
        if (write) {
            ssize_t got = iter_copy_from(local, buffer, part);
            if (got <= 0)
                return done ? (ssize_t)done : -EFAULT;
            moved = mm_copy(mm, remote + done, buffer, (size_t)got, true);
        } else {
            moved = mm_copy(mm, remote + done, buffer, part, false);
            if (moved > 0) {
                ssize_t put = iter_copy_to(local, buffer, moved);
                if (put <= 0)
                    return done ? (ssize_t)done : -EFAULT;
                moved = (size_t)put;
            }
        }
        done += moved;
        if (moved < part)
            break;
    }
    return done || n == 0 ? (ssize_t)done : -EFAULT;
}

static long move_all(struct mm *mm, struct iter *local, uaddr_t vec, uint64_t count, bool write)
{
    struct page *page = page_alloc(0);
    struct iovec segment;
    long total = 0;

    if (!page)
        return -ENOMEM;
    for (uint64_t i = 0; i < count && iter_count(local) > 0; i++) {
        if (copy_from_user(&segment, vec + i * sizeof segment, sizeof segment)) {
            total = total ? total : -EFAULT;
            break;
        }
        ssize_t n = segment_move(mm, local, (uint64_t)segment.iov_base, segment.iov_len,
                                 page_address(page), write);
        if (n < 0) {
            total = total ? total : n;
            break;
        }
        total += n;
        if ((uint64_t)n < segment.iov_len)
            break;
    }
    page_put(page);
    return total;
}

static long process_vm(const struct call *c, bool write)
{
    int32_t pid = (int32_t)c->arg[0];
    struct iovec_arg local;
    struct iter it;

    if (c->arg[5] != 0 || c->arg[4] > UIO_MAXIOV)
        return -EINVAL;
    int error = iovec_arg(&local, c->arg[1], c->arg[2], &it);
    if (error)
        return error;
    struct process *p = process_lookup(pid);
    struct thread *t = p ? nullptr : thread_lookup(pid);
    if (t)
        p = t->process;
    long result;
    if (!p || !p->mm) {
        result = -ESRCH;
    } else if (!may_access(p)) {
        result = -EPERM;
    } else {
        struct mm *mm = mm_get(p->mm);
        result = move_all(mm, &it, c->arg[3], c->arg[4], write);
        mm_put(mm);
    }
    iovec_put(&local);
    return result;
}

long sys_process_vm_readv(const struct call *c)
{
    return process_vm(c, false);
}

long sys_process_vm_writev(const struct call *c)
{
    return process_vm(c, true);
}
