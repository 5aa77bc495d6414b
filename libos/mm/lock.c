/* SPDX-License-Identifier: BSD-2-Clause */
/* lock.c - memory that stays: mlock(2), msync(2), mincore(2).
 *
 * No page is ever taken away from a program, so locking is making present and keeping the books.
 */
#include <asm/mman.h>
#include <linux/capability.h>

#include "arch/pte.h"
#include "base/errno.h"
#include "mm/mmap.h"
#include "mm/range.h"
#include "proc/process.h"
#include "vfs/file.h"
#include "vfs/inode.h"
#include "vfs/pagecache.h"

/* May MM lock PAGES more? */
static int lock_allowed(const struct mm *mm, uint64_t pages)
{
    uint64_t limit = process_rlimit(process_current(), RLIMIT_MEMLOCK) / PAGE_SIZE;

    if (capable(CAP_IPC_LOCK))
        return 0;
    if (limit == 0)
        return -EPERM;
    return mm->locked + pages > limit ? -ENOMEM : 0;
}

/* Set or clear VMA_LOCKED in [start, end).  -ENOMEM: parts of it are not mapped. */
static int locked_mark(struct mm *mm, uint64_t start, uint64_t end, bool lock)
{
    int error = vma_split(mm, start);

    if (error == 0)
        error = vma_split(mm, end);
    while (error == 0 && start < end) {
        struct vma *vma = vma_tree_find(&mm->vmas, start);
        if (!vma || vma->start != start)
            return -ENOMEM;
        if (!(vma->flags & VMA_SPECIAL))
            vma_set_flags(vma, lock ? vma->flags | VMA_LOCKED : vma->flags & ~VMA_LOCKED);
        start = vma_merge(vma)->end;
    }
    return error;
}

int mm_lock(struct mm *mm, uint64_t address, uint64_t length, enum lock_how how)
{
    uint64_t start = page_round_down(address);
    uint64_t bytes = page_round_up(length + (address & PAGE_MASK)), end = start + bytes;
    int error;

    if (length + (address & PAGE_MASK) < length || end < start)
        return -EINVAL;
    if (bytes == 0)
        return 0;
    if (how != LOCK_NOT) {
        error = lock_allowed(mm, bytes / PAGE_SIZE);
        if (error)
            return error;
    }
    error = locked_mark(mm, start, end, how != LOCK_NOT);
    if (error || how != LOCK_PRESENT)
        return error;
    error = mm_populate(mm, start, bytes);
    return error == -EFAULT ? -ENOMEM : error;
}

int mm_lock_all(struct mm *mm, int flags)
{
    int error;

    if (flags == 0 || flags & ~(MCL_CURRENT | MCL_FUTURE | MCL_ONFAULT) || flags == MCL_ONFAULT)
        return -EINVAL;
    error = lock_allowed(mm, flags & MCL_CURRENT ? mm->total - mm->locked : 0);
    if (error)
        return error;
    mm->lock_future = flags & MCL_FUTURE;
    if (!(flags & MCL_CURRENT))
        return 0;
    mm_for_each_vma(vma, mm) {
        if (vma->flags & VMA_SPECIAL)
            continue;
        vma_set_flags(vma, vma->flags | VMA_LOCKED);
        if (!(flags & MCL_ONFAULT))
            (void)mm_populate(mm, vma->start, vma->end - vma->start);
    }
    return 0;
}

int mm_unlock_all(struct mm *mm)
{
    mm->lock_future = false;
    mm_for_each_vma(vma, mm)
        vma_set_flags(vma, vma->flags & ~VMA_LOCKED);
    return 0;
}

int mm_incore(struct mm *mm, uint64_t address, uint64_t pages, uint8_t *out)
{
    for (uint64_t i = 0; i < pages; i++, address += PAGE_SIZE) {
        const struct vma *vma = vma_tree_find(&mm->vmas, address);
        if (!vma || vma->start > address)
            return -ENOMEM;
        out[i] = pte_read(mm->root, address) & PTE_PRESENT ||
                 (vma->file && pagecache_find(vma->file->inode, vma_index(vma, address)));
    }
    return 0;
}

/* Files and their mappings share their pages, so there is nothing to bring together; a file
 * system that writes pages back elsewhere does it in fsync. */
int mm_sync(struct mm *mm, uint64_t address, uint64_t length, int flags)
{
    uint64_t end = address + page_round_up(length);
    int error = 0;

    if (flags & ~(MS_ASYNC | MS_INVALIDATE | MS_SYNC) || address & PAGE_MASK ||
        (flags & MS_ASYNC && flags & MS_SYNC))
        return -EINVAL;
    if (length > UINT64_MAX - PAGE_MASK || end < address)
        return -ENOMEM;
    while (address < end) {
        const struct vma *vma = vma_tree_find(&mm->vmas, address);
        if (!vma || vma->start >= end)
            return -ENOMEM;
        if (vma->start > address)
            error = -ENOMEM;
        if (flags & MS_INVALIDATE && vma->flags & VMA_LOCKED)
            return -EBUSY;
        if (flags & MS_SYNC && vma->flags & VMA_SHARED && vma->file->ops->fsync) {
            int failed = vma->file->ops->fsync(vma->file, true);
            if (failed)
                return failed;
        }
        address = vma->end;
    }
    return error;
}
