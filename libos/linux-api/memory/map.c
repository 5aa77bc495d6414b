/* SPDX-License-Identifier: BSD-2-Clause */
/* map.c - mmap(2), munmap(2), mprotect(2), mremap(2), brk(2), pkey_alloc(2) and its kin. */
#include <linux/mman.h>

#include "base/bits.h"
#include "base/errno.h"
#include "linux-api/abi.h"
#include "linux-api/call.h"
#include "mm/mm.h"
#include "mm/mmap.h"
#include "proc/process.h"
#include "sched/thread.h"
#include "vfs/fdtable.h"
#include "vfs/file.h"
#include "vfs/inode.h"

static struct mm *own(void)
{
    return current->process->mm;
}

/* No regular file reaches beyond the largest loff_t. */
static bool map_is_in_file(const struct file *file, uint64_t offset, uint64_t length)
{
    if (!file || !S_ISREG(file->inode->mode) || length > INT64_MAX)
        return true;
    return offset >> PAGE_SHIFT <= (INT64_MAX - page_round_up(length)) >> PAGE_SHIFT;
}

long sys_mmap(const struct call *c)
{
    uint64_t address = c->arg[0], length = c->arg[1], offset = c->arg[5];
    int prot = (int)c->arg[2], flags = (int)c->arg[3], fd = (int)c->arg[4];
    struct file *file = nullptr;

    if (offset & PAGE_MASK)
        return -EINVAL;
    if (!(flags & MAP_ANONYMOUS)) {
        file = fd_get(fd);
        if (!file)
            return -EBADF;
    }
    long result = map_is_in_file(file, offset, length)
                      ? mm_map(own(), address, length, prot, flags, file, offset >> PAGE_SHIFT)
                      : -EOVERFLOW;
    file_put(file);
    return result;
}

/* A shared range of a file, or part of it, shows another part of the file from now on.  As on Linux
 * this is a new mapping in its place, and PROT, which could differ by page once, must be 0. */
long sys_remap_file_pages(const struct call *c)
{
    uint64_t start = page_round_down(c->arg[0]), bytes = page_round_down(c->arg[1]);
    uint64_t page_offset = c->arg[3], end, last;
    if (c->arg[2] || __builtin_add_overflow(start, bytes, &end) || end <= start ||
        __builtin_add_overflow(page_offset, bytes >> PAGE_SHIFT, &last))
        return -EINVAL;
    struct vma *vma = mm_vma_from(own(), start);
    if (!vma || vma->start > start || vma->end < end || !(vma->flags & VMA_SHARED) || !vma->file)
        return -EINVAL;
    int prot = (vma->flags & VMA_READ ? PROT_READ : 0) | (vma->flags & VMA_WRITE ? PROT_WRITE : 0) |
               (vma->flags & VMA_EXEC ? PROT_EXEC : 0);
    int flags = MAP_SHARED | MAP_FIXED | MAP_POPULATE | ((int)c->arg[4] & MAP_NONBLOCK);
    struct file *file = file_get(vma->file);
    int64_t at = mm_map(own(), start, bytes, prot, flags, file, page_offset);
    file_put(file);
    return at < 0 ? at : 0;
}

long sys_munmap(const struct call *c)
{
    return mm_unmap(own(), c->arg[0], c->arg[1]);
}

long sys_mprotect(const struct call *c)
{
    return mm_protect(own(), c->arg[0], c->arg[1], (int)c->arg[2]);
}

long sys_mremap(const struct call *c)
{
    return mm_remap(own(), c->arg[0], c->arg[1], c->arg[2], (int)c->arg[3], c->arg[4]);
}

long sys_brk(const struct call *c)
{
    return (long)mm_brk(own(), c->arg[0]);
}

/* As on a machine without protection keys (pkeys(7)): there is only the default key. */
long sys_pkey_mprotect(const struct call *c)
{
    if ((int)c->arg[3] != -1)
        return -EINVAL;
    return mm_protect(own(), c->arg[0], c->arg[1], (int)c->arg[2]);
}

long sys_pkey_alloc(const struct call *c)
{
    return c->arg[0] != 0 || c->arg[1] & ~(uint64_t)PKEY_ACCESS_MASK ? -EINVAL : -ENOSPC;
}

long sys_pkey_free(const struct call *)
{
    return -EINVAL;
}
