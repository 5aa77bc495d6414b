/* SPDX-License-Identifier: BSD-2-Clause */
/* size.c - truncate(2), fallocate(2), fsync(2), posix_fadvise(2), readahead(2) and their kin. */
#include <linux/fadvise.h>
#include <linux/falloc.h>
#include <linux/fcntl.h>
#include <linux/fs.h>
#include "base/errno.h"
#include "linux-api/abi.h"
#include "linux-api/call.h"
#include "linux-api/file/args.h"
#include "vfs/fdtable.h"
#include "vfs/file.h"
#include "vfs/inode.h"
#include "vfs/notify.h"
#include "vfs/vfs.h"
#include "vfs/walk.h"

static long truncate_path(const struct path *path, loff_t size)
{
    struct inode *inode = path_inode(path);
    if (S_ISDIR(inode->mode))
        return -EISDIR;
    if (!S_ISREG(inode->mode))
        return -EINVAL;
    int err = path_may_change(path);
    if (!err)
        err = inode_permission(inode, MAY_WRITE);
    if (!err && inode->writers < 0)
        err = -ETXTBSY;
    if (!err)
        err = vfs_truncate(inode, (uint64_t)size);
    if (!err)
        notify_dentry(path->dentry, IN_MODIFY);
    return err;
}

long sys_truncate(const struct call *c)
{
    struct path path;
    if ((loff_t)c->arg[1] < 0)
        return -EINVAL;
    int err = path_arg(AT_FDCWD, c->arg[0], LOOKUP_FOLLOW, &path);
    if (err < 0)
        return err;
    long result = truncate_path(&path, (loff_t)c->arg[1]);
    path_put(&path);
    return result;
}

long sys_ftruncate(const struct call *c)
{
    if ((loff_t)c->arg[1] < 0)
        return -EINVAL;
    struct file *file = fd_get((int)c->arg[0]);
    if (!file)
        return -EBADF;
    int err = -EINVAL;
    if (S_ISREG(file->inode->mode) && file->mode & FILE_WRITE)
        err = vfs_truncate(file->inode, c->arg[1]);
    if (!err)
        notify_file(file, IN_MODIFY);
    file_put(file);
    return err;
}

static long allocate(struct file *file, int mode, loff_t offset, loff_t n)
{
    constexpr int whole = FALLOC_FL_PUNCH_HOLE | FALLOC_FL_ZERO_RANGE | FALLOC_FL_COLLAPSE_RANGE |
                          FALLOC_FL_INSERT_RANGE | FALLOC_FL_UNSHARE_RANGE;
    if (offset < 0 || n <= 0)
        return -EINVAL;
    if (mode & ~(whole | FALLOC_FL_KEEP_SIZE))
        return -EOPNOTSUPP;
    if (mode & FALLOC_FL_PUNCH_HOLE && !(mode & FALLOC_FL_KEEP_SIZE))
        return -EOPNOTSUPP;
    if (__builtin_popcount((unsigned)(mode & whole)) > 1)
        return -EOPNOTSUPP;
    if (!(file->mode & FILE_WRITE))
        return -EBADF;
    if (S_ISFIFO(file->inode->mode))
        return -ESPIPE;
    if (S_ISDIR(file->inode->mode))
        return -EISDIR;
    if (!S_ISREG(file->inode->mode))
        return -ENODEV;
    if (offset > INT64_MAX - 4096 - n)
        return -EFBIG;
    if (!file->ops->fallocate)
        return -EOPNOTSUPP;
    long err = file->ops->fallocate(file, mode, offset, n);
    if (!err)
        notify_file(file, IN_MODIFY);
    return err;
}

long sys_fallocate(const struct call *c)
{
    struct file *file = fd_get((int)c->arg[0]);
    if (!file)
        return -EBADF;
    long result = allocate(file, (int)c->arg[1], (loff_t)c->arg[2], (loff_t)c->arg[3]);
    file_put(file);
    return result;
}

static long sync_file(int fd, bool data_only)
{
    struct file *file = fd_get(fd);
    if (!file)
        return -EBADF;
    int err = file->ops->fsync ? file->ops->fsync(file, data_only) : -EINVAL;
    file_put(file);
    return err;
}

long sys_fsync(const struct call *c)
{
    return sync_file((int)c->arg[0], false);
}

long sys_fdatasync(const struct call *c)
{
    return sync_file((int)c->arg[0], true);
}

/* No mounted file system holds back anything that it would have to write. */
long sys_sync(const struct call *)
{
    return 0;
}

long sys_syncfs(const struct call *c)
{
    struct file *file = fd_get((int)c->arg[0]);
    if (!file)
        return -EBADF;
    file_put(file);
    return 0;
}

/* Could the file's pages be read ahead or written back?  0, or the errno that says why not. */
static long check_range_file(int fd, uint32_t mode, int err_type)
{
    struct file *file = fd_get(fd);
    if (!file)
        return -EBADF;
    long err = 0;
    if (mode && !(file->mode & mode))
        err = -EBADF;
    else if (S_ISFIFO(file->inode->mode))
        err = err_type == -EINVAL ? -EINVAL : -ESPIPE;
    else if (!S_ISREG(file->inode->mode) && !S_ISDIR(file->inode->mode) &&
             !S_ISBLK(file->inode->mode) && err_type)
        err = err_type;
    file_put(file);
    return err;
}

long sys_sync_file_range(const struct call *c)
{
    constexpr unsigned known =
        SYNC_FILE_RANGE_WAIT_BEFORE | SYNC_FILE_RANGE_WRITE | SYNC_FILE_RANGE_WAIT_AFTER;
    int64_t offset = (int64_t)c->arg[1], n = (int64_t)c->arg[2];
    if ((unsigned)c->arg[3] & ~known || offset < 0 || n < 0 || offset > INT64_MAX - n)
        return -EINVAL;
    return check_range_file((int)c->arg[0], 0, -ESPIPE);
}

long sys_readahead(const struct call *c)
{
    return check_range_file((int)c->arg[0], FILE_READ, -EINVAL);
}

/* Advice about pages that are never dropped and never fetched changes nothing. */
long sys_fadvise64(const struct call *c)
{
    int advice = (int)c->arg[3];
    long err = check_range_file((int)c->arg[0], 0, 0);
    if (err < 0)
        return err;
    if ((int64_t)c->arg[2] < 0 || advice < POSIX_FADV_NORMAL || advice > POSIX_FADV_NOREUSE)
        return -EINVAL;
    return 0;
}
