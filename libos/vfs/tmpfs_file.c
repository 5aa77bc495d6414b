/* SPDX-License-Identifier: BSD-2-Clause */
/* tmpfs_file.c - regular files in memory: holes, fallocate(2), seals (fcntl(2)). */
#include <linux/falloc.h>
#include <linux/fcntl.h>
#include "base/bits.h"
#include "base/errno.h"
#include "base/string.h"
#include "mm/page.h"
#include "mm/vma.h"
#include "vfs/context.h"
#include "vfs/file.h"
#include "vfs/inode.h"
#include "vfs/tmpfs.h"
#include "vfs/vfs.h"

static uint64_t pages_in(const struct inode *inode)
{
    return (inode->size + PAGE_SIZE - 1) >> PAGE_SHIFT;
}

/* The first hole at or after OFFSET. */
static uint64_t hole_from(const struct inode *inode, uint64_t offset)
{
    uint64_t index = offset >> PAGE_SHIFT;
    while (index < pages_in(inode) && pagecache_find(inode, index))
        index++;
    return MIN(MAX(index << PAGE_SHIFT, offset), inode->size);
}

static loff_t seek(struct file *file, loff_t offset, int whence)
{
    const struct inode *inode = file->inode;
    if (whence != SEEK_DATA && whence != SEEK_HOLE)
        return file_seek_generic(file, offset, whence);
    if (offset < 0 || (uint64_t)offset >= inode->size)
        return -ENXIO;
    if (whence == SEEK_HOLE)
        return file->pos = (loff_t)hole_from(inode, (uint64_t)offset);
    uint64_t index = pagecache_next(inode, (uint64_t)offset >> PAGE_SHIFT);
    if (index >= pages_in(inode))
        return -ENXIO;
    return file->pos = (loff_t)MAX(index << PAGE_SHIFT, (uint64_t)offset);
}

static void punch(struct inode *inode, uint64_t from, uint64_t to)
{
    uint64_t first = page_round_up(from), end = page_round_down(to);
    if (first >= end) {
        pagecache_zero(inode, from, to);
        return;
    }
    pagecache_zero(inode, from, first);
    pagecache_zero(inode, end, to);
    pagecache_drop(inode, first >> PAGE_SHIFT, (end - first) >> PAGE_SHIFT);
}

/* Give every page of [FROM, TO) memory; all or, of those that are new, none. */
static int fill(struct inode *inode, uint64_t from, uint64_t to)
{
    uint64_t first = from >> PAGE_SHIFT, end = (to + PAGE_SIZE - 1) >> PAGE_SHIFT;
    for (uint64_t index = first; index < end; index++) {
        if (context_signal_pending() && index != first)
            return -EINTR;
        struct page *page;
        int err = pagecache_get(inode, index, PAGECACHE_CREATE | PAGECACHE_ANY_END, &page);
        if (err < 0) {
            uint64_t new = MAX(first, pages_in(inode)); /* beyond the end there was nothing */
            if (index > new)
                pagecache_drop(inode, new, index - new);
            return err;
        }
        page_put(page);
    }
    return 0;
}

static long fallocate(struct file *file, int mode, loff_t offset, loff_t n)
{
    struct inode *inode = file->inode;
    uint64_t from = (uint64_t)offset, to = from + (uint64_t)n;
    if (mode & ~(FALLOC_FL_KEEP_SIZE | FALLOC_FL_PUNCH_HOLE | FALLOC_FL_ZERO_RANGE))
        return -EOPNOTSUPP;
    bool is_growing = to > inode->size && !(mode & FALLOC_FL_KEEP_SIZE);
    if (mode & (FALLOC_FL_PUNCH_HOLE | FALLOC_FL_ZERO_RANGE)) {
        if (inode->seals & (F_SEAL_WRITE | F_SEAL_FUTURE_WRITE))
            return -EPERM;
    }
    if (is_growing && inode->seals & F_SEAL_GROW)
        return -EPERM;
    if (mode & FALLOC_FL_PUNCH_HOLE) {
        punch(inode, from, to);
    } else {
        if (mode & FALLOC_FL_ZERO_RANGE)
            punch(inode, from, to);
        long err = is_growing ? file_within_limit(from, (uint64_t)n) : n;
        if (err >= 0 && err < n)
            err = -EFBIG;
        if (err >= 0)
            err = fill(inode, from, to);
        if (err < 0)
            return err;
        if (is_growing)
            inode->size = to;
    }
    inode_touch_mtime(inode);
    return 0;
}

/* Shared mappings of sealed files cannot become writable. */
static int mmap(struct file *file, struct vma *vma)
{
    if (vma->flags & VMA_SHARED && file->inode->seals & (F_SEAL_WRITE | F_SEAL_FUTURE_WRITE)) {
        if (vma->flags & VMA_WRITE)
            return -EPERM;
        vma->flags &= ~VMA_MAY_WRITE;
    }
    return file_mmap_generic(file, vma);
}

static int fsync(struct file *, bool)
{
    return 0; /* memory is where it stays */
}

const struct file_ops tmpfs_file_ops = {
    .flags = FOP_NOWAIT,
    .read = file_read_pages,
    .write = file_write_pages,
    .llseek = seek,
    .mmap = mmap,
    .fsync = fsync,
    .fallocate = fallocate,
};
