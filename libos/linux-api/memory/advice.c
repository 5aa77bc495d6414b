/* SPDX-License-Identifier: BSD-2-Clause */
/* advice.c - madvise(2), mincore(2), msync(2), mlock(2) and its kin. */
#include <linux/mman.h>

#include "base/bits.h"
#include "base/errno.h"
#include "linux-api/call.h"
#include "mm/mm.h"
#include "mm/mmap.h"
#include "mm/usermem.h"
#include "proc/process.h"
#include "sched/thread.h"

static struct mm *own(void)
{
    return current->process->mm;
}

long sys_madvise(const struct call *c)
{
    return mm_advise(own(), c->arg[0], c->arg[1], (int)c->arg[2]);
}

long sys_mincore(const struct call *c)
{
    uint64_t address = c->arg[0], length = c->arg[1];
    uaddr_t to = c->arg[2];
    uint8_t answer[256];

    if (address & PAGE_MASK)
        return -EINVAL;
    if (!usermem_is_valid(address, length))
        return -ENOMEM;
    uint64_t pages = page_round_up(length) / PAGE_SIZE;
    if (!usermem_is_valid(to, pages))
        return -EFAULT;
    while (pages > 0) {
        uint64_t n = MIN(pages, sizeof answer);
        int error = mm_incore(own(), address, n, answer);
        if (error)
            return error;
        if (copy_to_user(to, answer, n))
            return -EFAULT;
        address += n * PAGE_SIZE;
        to += n;
        pages -= n;
    }
    return 0;
}

long sys_msync(const struct call *c)
{
    return mm_sync(own(), c->arg[0], c->arg[1], (int)c->arg[2]);
}

long sys_mlock(const struct call *c)
{
    return mm_lock(own(), c->arg[0], c->arg[1], LOCK_PRESENT);
}

long sys_mlock2(const struct call *c)
{
    int flags = (int)c->arg[2];
    if (flags & ~MLOCK_ONFAULT)
        return -EINVAL;
    return mm_lock(own(), c->arg[0], c->arg[1], flags ? LOCK_ON_FAULT : LOCK_PRESENT);
}

long sys_munlock(const struct call *c)
{
    return mm_lock(own(), c->arg[0], c->arg[1], LOCK_NOT);
}

long sys_mlockall(const struct call *c)
{
    return mm_lock_all(own(), (int)c->arg[0]);
}

long sys_munlockall(const struct call *)
{
    return mm_unlock_all(own());
}
