/* SPDX-License-Identifier: BSD-2-Clause */
/* seal.c - promises that a file in memory will not change in certain ways any more. */
#include "vfs/seal.h"

#include <linux/fcntl.h>
#include "base/errno.h"
#include "linux-api/abi.h"
#include "mm/vma.h"
#include "vfs/file.h"
#include "vfs/inode.h"
#include "vfs/tmpfs.h"

constexpr uint32_t SEALS =
    F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_FUTURE_WRITE | F_SEAL_EXEC;

static bool is_mapped_writable(const struct inode *inode)
{
    list_for_each(node, &inode->mappings) {
        const struct vma *vma = container_of(node, struct vma, rmap);
        if (vma->flags & VMA_SHARED && vma->flags & (VMA_WRITE | VMA_MAY_WRITE))
            return true;
    }
    return false;
}

int seal_add(struct file *file, uint32_t seals)
{
    struct inode *inode = file->inode;
    if (file->ops != &tmpfs_file_ops || seals & ~SEALS)
        return -EINVAL;
    if (!(file->mode & FILE_WRITE) || inode->seals & F_SEAL_SEAL)
        return -EPERM;
    if (seals & F_SEAL_WRITE && !(inode->seals & F_SEAL_WRITE) && is_mapped_writable(inode))
        return -EBUSY;
    inode->seals |= seals;
    return 0;
}

int seal_get(const struct file *file)
{
    return file->ops == &tmpfs_file_ops ? (int)file->inode->seals : -EINVAL;
}
