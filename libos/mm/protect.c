/* SPDX-License-Identifier: BSD-2-Clause */
/* protect.c - what ranges allow: mprotect(2), madvise(2), mlock(2), msync(2), mincore(2).
 *
 * Page-table entries never allow writing in advance: after a change of rights the first write
 * faults, and fault.c finds out whether the page is the mapping's own.
 */
#include <asm/mman.h>
#include <linux/capability.h>
#include <linux/falloc.h>
#include <linux/mman.h>

#include "arch/arch.h"
#include "arch/pte.h"
#include "base/errno.h"
#include "mm/mmap.h"
#include "mm/patch.h"
#include "mm/range.h"
#include "mm/table.h"
#include "proc/process.h"
#include "vfs/file.h"
#include "vfs/inode.h"
#include "vfs/pagecache.h"

/* Page-aligned [start, end) of a call's arguments; END is 0 if the sum overflows. */
static uint64_t range_end(uint64_t start, uint64_t length)
{
    uint64_t end;
    if (length > UINT64_MAX - PAGE_MASK ||
        __builtin_add_overflow(start, page_round_up(length), &end))
        return 0;
    return end;
}

/* Make the page tables agree with FLAGS, which VMA is about to get. */
static int pages_protect(struct vma *vma, uint32_t flags)
{
    uint32_t old = vma->flags;
    struct vma as_new = {.flags = flags};
    uint64_t perms = vma_perms(&as_new, false);

    if (!(flags & VMA_ACCESS))
        return old & VMA_ACCESS ? mm_park(vma, vma->start, vma->end) : 0;
    if (!(old & VMA_ACCESS)) {
        int error;
        vma_set_flags(vma, flags & ~VMA_WRITE); /* what comes back is entered with these */
        error = mm_unpark(vma, vma->start, vma->end);
        if (error)
            vma_set_flags(vma, old);
        return error;
    }
    if (perms != vma_perms(vma, false) || (old & VMA_WRITE && !(flags & VMA_WRITE)))
        table_protect(vma->mm->space, vma->start | perms, vma_pages(vma), 0);
    return 0;
}

static int vma_protect(struct vma *vma, uint32_t access)
{
    uint32_t flags = (vma->flags & ~VMA_ACCESS) | access;
    bool becomes_data =
        (flags & (VMA_WRITE | VMA_SHARED)) == VMA_WRITE && !(vma->flags & VMA_WRITE);
    int error;

    if (flags == vma->flags)
        return 0;
    if (access & ~(vma->flags >> VMA_MAY_SHIFT))
        return -EACCES;
    if (becomes_data &&
        vma->mm->data + vma_pages(vma) > process_rlimit(process_current(), RLIMIT_DATA) / PAGE_SIZE)
        return -ENOMEM;
    if (becomes_data && !mm_may_commit(flags, vma_pages(vma)))
        return -ENOMEM;
    error = pages_protect(vma, flags);
    if (error)
        return error;
    vma_set_flags(vma, flags);
    return 0;
}

int mm_protect(struct mm *mm, uint64_t start, uint64_t length, int prot)
{
    uint64_t end = range_end(start, length);
    int grows = prot & (PROT_GROWSDOWN | PROT_GROWSUP), error;
    struct vma *vma;

    prot &= ~(PROT_GROWSDOWN | PROT_GROWSUP);
    if (start & PAGE_MASK || grows == (PROT_GROWSDOWN | PROT_GROWSUP))
        return -EINVAL;
    if (length == 0)
        return 0;
    if (end == 0)
        return -ENOMEM;
    if (prot & ~(PROT_READ | PROT_WRITE | PROT_EXEC | PROT_SEM))
        return -EINVAL;
    vma = vma_tree_find(&mm->vmas, start);
    if (!vma || (vma->start > start && !(grows && vma->start < end)))
        return -ENOMEM;
    if (grows) {
        if (grows == PROT_GROWSUP || !(vma->flags & VMA_GROWSDOWN))
            return -EINVAL;
        start = vma->start;
    }
    patch_range_changes(vma, end);
    error = vma_split(mm, start);
    if (error == 0)
        error = vma_split(mm, end);
    /* The ranges before the first that can't be changed stay changed: mprotect(2). */
    for (vma = vma_tree_find(&mm->vmas, start); error == 0 && start < end;
         vma = vma_next(&mm->vmas, vma)) {
        if (!vma || vma->start != start)
            return -ENOMEM;
        error = vma_protect(vma, (uint32_t)prot & VMA_ACCESS);
        if (error == 0)
            vma = vma_merge(vma);
        start = vma->end;
    }
    return error;
}

/* FLAGS to set and clear in a part of VMA: [start, end). */
static int vma_mark(struct vma *vma, uint64_t start, uint64_t end, uint32_t set, uint32_t clear)
{
    struct mm *mm = vma->mm;
    int error;

    if (((vma->flags & ~clear) | set) == vma->flags)
        return 0;
    error = vma_split(mm, start);
    if (error == 0)
        error = vma_split(mm, end);
    if (error)
        return error;
    vma = vma_tree_find(&mm->vmas, start);
    vma_set_flags(vma, (vma->flags & ~clear) | set);
    vma_merge(vma);
    return 0;
}

static int advise_remove(struct vma *vma, uint64_t start, uint64_t end)
{
    struct file *file = vma->file;

    if (vma->flags & VMA_LOCKED || !file || !file->ops->fallocate)
        return -EINVAL;
    if (!(vma->flags & VMA_SHARED) || !(vma->flags & VMA_MAY_WRITE))
        return -EACCES;
    return (int)file->ops->fallocate(file, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE,
                                     (loff_t)(vma_index(vma, start) * PAGE_SIZE),
                                     (loff_t)(end - start));
}

static int advise_drop(struct vma *vma, uint64_t start, uint64_t end, int advice)
{
    if (vma->flags & (VMA_LOCKED | VMA_SPECIAL))
        return -EINVAL;
    /* Whoever frees a page lazily may also do it at once. */
    if (advice == MADV_FREE && (vma->file || vma->flags & VMA_SHARED))
        return -EINVAL;
    mm_zap(vma, start, end);
    return 0;
}

static int advise_populate(struct vma *vma, uint64_t start, uint64_t end, bool write)
{
    if (!(vma->flags & (write ? VMA_WRITE : VMA_ACCESS)))
        return -EINVAL;
    for (; start < end; start += PAGE_SIZE) {
        int error = mm_touch(vma, start, write ? FAULT_WRITE : 0);
        if (error)
            return error;
    }
    return 0;
}

static int vma_advise(struct vma *vma, uint64_t start, uint64_t end, int advice)
{
    switch (advice) {
    case MADV_NORMAL: return vma_mark(vma, start, end, 0, VMA_RANDOM | VMA_SEQUENTIAL);
    case MADV_RANDOM: return vma_mark(vma, start, end, VMA_RANDOM, VMA_SEQUENTIAL);
    case MADV_SEQUENTIAL: return vma_mark(vma, start, end, VMA_SEQUENTIAL, VMA_RANDOM);
    case MADV_WILLNEED:
    case MADV_COLD:
    case MADV_PAGEOUT: return 0; /* all memory stays where it is: there is no slower place */
    case MADV_DONTNEED:
    case MADV_DONTNEED_LOCKED:
    case MADV_FREE:
        if (advice == MADV_DONTNEED_LOCKED && !(vma->flags & VMA_SPECIAL)) {
            mm_zap(vma, start, end);
            return 0;
        }
        return advise_drop(vma, start, end, advice);
    case MADV_REMOVE: return advise_remove(vma, start, end);
    case MADV_DONTFORK: return vma_mark(vma, start, end, VMA_DONTFORK, 0);
    case MADV_DOFORK: return vma_mark(vma, start, end, 0, VMA_DONTFORK);
    case MADV_DONTDUMP: return vma_mark(vma, start, end, VMA_DONTDUMP, 0);
    case MADV_DODUMP:
        return vma->flags & VMA_SPECIAL ? -EINVAL : vma_mark(vma, start, end, 0, VMA_DONTDUMP);
    case MADV_WIPEONFORK:
        if (vma->file || vma->flags & (VMA_SHARED | VMA_SPECIAL))
            return -EINVAL;
        return vma_mark(vma, start, end, VMA_WIPEONFORK, 0);
    case MADV_KEEPONFORK: return vma_mark(vma, start, end, 0, VMA_WIPEONFORK);
    case MADV_POPULATE_READ:
    case MADV_POPULATE_WRITE:
        return advise_populate(vma, start, end, advice == MADV_POPULATE_WRITE);
    default: return -EINVAL;
    }
}

/* MADV_HUGEPAGE and MADV_MERGEABLE are unknown, as to a Linux kernel built without them. */
static bool is_advice_known(int advice)
{
    return (advice >= MADV_NORMAL && advice <= MADV_DONTNEED) ||
           (advice >= MADV_FREE && advice <= MADV_DOFORK) || advice == MADV_DONTDUMP ||
           (advice >= MADV_DODUMP && advice <= MADV_DONTNEED_LOCKED);
}

int mm_advise(struct mm *mm, uint64_t start, uint64_t length, int advice)
{
    uint64_t end = range_end(start, length);
    int error = 0;

    if (!is_advice_known(advice) || start & PAGE_MASK || (end == 0 && length != 0) ||
        (length != 0 && page_round_up(length) == 0))
        return -EINVAL;
    while (start < end) {
        struct vma *vma = vma_tree_find(&mm->vmas, start);
        if (!vma || vma->start >= end)
            return -ENOMEM;
        if (vma->start > start) {
            error = -ENOMEM; /* what is there is done all the same */
            start = vma->start;
            if (advice >= MADV_POPULATE_READ && advice <= MADV_POPULATE_WRITE)
                return error;
        }
        uint64_t stop = MIN(vma->end, end);
        int failed = vma_advise(vma, start, stop, advice);
        if (failed)
            return failed;
        start = stop;
    }
    return error;
}

int mm_populate(struct mm *mm, uint64_t start, uint64_t length)
{
    uint64_t end = range_end(start, length);

    for (; start < end; start += PAGE_SIZE) {
        struct vma *vma = vma_tree_find(&mm->vmas, start);
        if (!vma || vma->start > start)
            return -ENOMEM;
        if (!(vma->flags & VMA_ACCESS))
            continue;
        bool write = (vma->flags & (VMA_WRITE | VMA_SHARED)) == VMA_WRITE;
        int error = mm_touch(vma, start, write ? FAULT_WRITE : 0);
        if (error)
            return error == -ENOMEM ? -ENOMEM : -EFAULT;
    }
    return 0;
}
