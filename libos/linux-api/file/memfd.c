/* SPDX-License-Identifier: BSD-2-Clause */
/* memfd.c - memfd_create(2). */
#include <linux/fcntl.h>
#include <linux/memfd.h>
#include "base/errno.h"
#include "base/format.h"
#include "linux-api/abi.h"
#include "linux-api/call.h"
#include "mm/usermem.h"
#include "vfs/fdtable.h"
#include "vfs/file.h"
#include "vfs/inode.h"
#include "vfs/vfs.h"

constexpr size_t NAME_BYTES = 249; /* memfd_create(2), with NUL: 255 less "memfd:" */

long sys_memfd_create(const struct call *c)
{
    unsigned flags = (unsigned)c->arg[1];
    char name[NAME_BYTES + 1], shown[NAME_BYTES + 32];
    if (flags & ~(unsigned)(MFD_CLOEXEC | MFD_ALLOW_SEALING | MFD_NOEXEC_SEAL | MFD_EXEC))
        return -EINVAL;
    if ((flags & (MFD_NOEXEC_SEAL | MFD_EXEC)) == (MFD_NOEXEC_SEAL | MFD_EXEC))
        return -EINVAL;
    ssize_t n = strncpy_from_user(name, c->arg[0], NAME_BYTES + 1);
    if (n < 0)
        return n;
    if ((size_t)n > NAME_BYTES)
        return -EINVAL;
    snprintf(shown, sizeof shown, "/memfd:%s (deleted)", name);
    struct file *file;
    int err = tmpfs_create_unlinked(shown, 0, &file);
    if (err < 0)
        return err;
    struct inode *inode = file->inode;
    inode->seals = flags & (MFD_ALLOW_SEALING | MFD_NOEXEC_SEAL) ? 0 : F_SEAL_SEAL;
    if (flags & MFD_NOEXEC_SEAL) {
        inode->mode &= ~(uint32_t)(S_IXUSR | S_IXGRP | S_IXOTH);
        inode->seals |= F_SEAL_EXEC;
    }
    return fd_open(file, flags & MFD_CLOEXEC ? O_CLOEXEC : 0);
}
