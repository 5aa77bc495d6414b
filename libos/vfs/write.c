/* SPDX-License-Identifier: BSD-2-Clause */
/* write.c - changing the content of files that live in the page cache: write, truncate. */
#include <asm-generic/resource.h>
#include <linux/capability.h>
#include <linux/fcntl.h>
#include "base/bits.h"
#include "base/errno.h"
#include "mm/page.h"
#include "proc/cred.h"
#include "vfs/context.h"
#include "vfs/file.h"
#include "vfs/inode.h"
#include "vfs/vfs.h"
#include "vfs/xattr.h"

/* Writing by those without privilege takes the set-id bits away (write(2)). */
void inode_drop_setid(struct inode *inode)
{
    uint32_t drop = inode->mode & S_ISUID;
    if ((inode->mode & (S_ISGID | S_IXGRP)) == (S_ISGID | S_IXGRP))
        drop |= S_ISGID;
    if (drop && S_ISREG(inode->mode) && !cred_capable(context_cred(), CAP_FSETID))
        inode->mode &= ~drop;
    xattr_drop_capability(inode);
}

int64_t file_within_limit(uint64_t pos, uint64_t n)
{
    uint64_t limit = context_rlimit(RLIMIT_FSIZE);
    if (limit == RLIM_INFINITY || n == 0)
        return (int64_t)n;
    if (pos >= limit) {
        context_file_too_large();
        return -EFBIG;
    }
    return (int64_t)MIN(n, limit - pos);
}

ssize_t file_write_pages(struct file *file, struct iter *from, loff_t *pos)
{
    struct inode *inode = file->inode;
    if (file->flags & O_APPEND)
        *pos = (loff_t)inode->size;
    if (inode->seals & (F_SEAL_WRITE | F_SEAL_FUTURE_WRITE))
        return -EPERM;
    if (iter_count(from) == 0)
        return 0;
    if (*pos > INT64_MAX - (loff_t)PAGE_SIZE)
        return -EFBIG;
    int64_t n = file_within_limit((uint64_t)*pos, iter_count(from));
    if (n < 0)
        return n;
    if (inode->seals & F_SEAL_GROW) {
        if ((uint64_t)*pos >= inode->size)
            return -EPERM;
        n = MIN(n, (int64_t)inode->size - *pos);
    }
    iter_truncate(from, (size_t)n);
    inode_drop_setid(inode);
    ssize_t done = pagecache_write(inode, from, (uint64_t)*pos);
    if (done > 0) {
        *pos += done;
        inode_touch_mtime(inode);
    }
    return done;
}

int vfs_truncate(struct inode *inode, uint64_t size)
{
    if (size > (uint64_t)INT64_MAX - PAGE_SIZE)
        return -EFBIG;
    if (size > inode->size) {
        int64_t allowed = file_within_limit(inode->size, size - inode->size);
        if (allowed < 0 || (uint64_t)allowed < size - inode->size) {
            if (allowed >= 0)
                context_file_too_large();
            return -EFBIG;
        }
        if (inode->seals & F_SEAL_GROW)
            return -EPERM;
    }
    if (size < inode->size && inode->seals & F_SEAL_SHRINK)
        return -EPERM;
    inode_drop_setid(inode);
    if (inode->ops->setattr)
        return inode->ops->setattr(inode, &(struct attr){.valid = ATTR_SIZE, .size = size});
    pagecache_truncate(inode, size);
    inode_touch_mtime(inode);
    return 0;
}
