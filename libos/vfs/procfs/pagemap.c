/* SPDX-License-Identifier: BSD-2-Clause */
/* pagemap.c - /proc/PID/pagemap: eight bytes for each page of an address space (proc(5)). */
#include <linux/capability.h>
#include "arch/arch.h"
#include "arch/pte.h"
#include "base/bits.h"
#include "base/errno.h"
#include "mm/mm.h"
#include "proc/cred.h"
#include "proc/process.h"
#include "vfs/file.h"
#include "vfs/inode.h"
#include "vfs/procfs/files.h"
#include "vfs/procfs/procfs.h"

constexpr uint64_t PM_PRESENT = 1ull << 63, PM_FILE = 1ull << 61, PM_EXCLUSIVE = 1ull << 56;
constexpr unsigned CHUNK = 64;      /* entries */
constexpr size_t ONCE_MOST = 65536; /* bytes: longer reads are cut, as others wait for the lock */

/* Whoever opens the file may know where frames lie, or not. */
static int pagemap_open(struct inode *inode, struct file *file)
{
    static char may_see_frames;
    int err = proc_may_trace(inode->private);
    if (!err && capable(CAP_SYS_ADMIN))
        file->private = &may_see_frames;
    return err;
}

static uint64_t entry_of(const struct mm *mm, uint64_t va, bool with_frame)
{
    uint64_t pte = pte_read(mm->root, va);
    if (!(pte & PTE_PRESENT))
        return 0;
    const struct page *page = page_of_frame(pte_frame(pte));
    return PM_PRESENT | (page->owner ? PM_FILE : 0) |
           (mm_page_mappers(page) == 1 && !(page->flags & PAGE_RESERVED) ? PM_EXCLUSIVE : 0) |
           (with_frame ? pte_frame(pte) : 0);
}

static ssize_t pagemap_read(struct file *file, struct iter *to, loff_t *pos)
{
    const struct proc_node *node = file->inode->private;
    const struct mm *mm = node->process->mm;
    uint64_t at = (uint64_t)*pos, end = ARCH_USER_TOP / PAGE_SIZE * sizeof at;
    if (at % sizeof at || iter_count(to) % sizeof at)
        return -EINVAL;
    if (!mm || at >= end)
        return 0;
    size_t left = MIN(MIN(iter_count(to), ONCE_MOST), end - at);
    ssize_t done = 0;
    while (left > 0) {
        uint64_t entries[CHUNK];
        unsigned n = (unsigned)MIN(left / sizeof at, CHUNK);
        for (unsigned i = 0; i < n; i++)
            entries[i] = entry_of(mm, (at / sizeof at + i) * PAGE_SIZE, file->private);
        ssize_t copied = iter_copy_to(to, entries, n * sizeof at);
        if (copied <= 0)
            return done ? done : copied;
        done += copied;
        at += (uint64_t)copied;
        *pos = (loff_t)at;
        left -= n * sizeof at;
    }
    return done;
}

const struct file_ops proc_pagemap_ops = {
    .open = pagemap_open,
    .read = pagemap_read,
    .llseek = file_seek_generic,
};
