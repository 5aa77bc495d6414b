/* SPDX-License-Identifier: BSD-2-Clause */
/* ioctl.c - ioctl(2): what all files have in common, and the way to each file's own. */
#include <asm/ioctls.h>
#include <linux/fcntl.h>
#include "base/bits.h"
#include "base/errno.h"
#include "linux-api/abi.h"
#include "linux-api/call.h"
#include "mm/usermem.h"
#include "sched/thread.h"
#include "vfs/fdtable.h"
#include "vfs/file.h"
#include "vfs/inode.h"

/* FIONBIO, FIOASYNC: set or clear FLAG by the int at ARG. */
static long flag_change(struct file *file, uint32_t flag, uaddr_t arg)
{
    uint32_t on;
    if (get_user_u32(&on, arg) < 0)
        return -EFAULT;
    file->flags = on ? file->flags | flag : file->flags & ~flag;
    return 0;
}

/* FIONREAD of a regular file: what is left. */
static long bytes_left(const struct file *file, uaddr_t arg)
{
    int64_t left = (int64_t)file->inode->size - file->pos;
    return put_user_u32(arg, (uint32_t)MAX(MIN(left, (int64_t)INT32_MAX), (int64_t)INT32_MIN));
}

static long file_ioctl(struct file *file, int fd, unsigned cmd, uaddr_t arg)
{
    uint32_t mode = file->inode->mode;
    switch (cmd) {
    case FIOCLEX: fd_table_set_cloexec(current->files, (unsigned)fd, true); return 0;
    case FIONCLEX: fd_table_set_cloexec(current->files, (unsigned)fd, false); return 0;
    case FIONBIO: return flag_change(file, O_NONBLOCK, arg);
    case FIOASYNC: return flag_change(file, FASYNC, arg);
    case FIOQSIZE:
        if (S_ISREG(mode) || S_ISDIR(mode) || S_ISLNK(mode))
            return put_user_u64(arg, file->inode->size);
        return -ENOTTY;
    case FIONREAD:
        if (S_ISREG(mode))
            return bytes_left(file, arg);
        break;
    }
    return file->ops->ioctl ? file->ops->ioctl(file, cmd, arg) : -ENOTTY;
}

long sys_ioctl(const struct call *c)
{
    int fd = (int)c->arg[0];
    struct file *file = fd_get(fd);
    if (!file)
        return -EBADF;
    long result = file_ioctl(file, fd, (unsigned)c->arg[1], c->arg[2]);
    file_put(file);
    return result;
}
