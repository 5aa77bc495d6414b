/* SPDX-License-Identifier: BSD-2-Clause */
/* read_write.c - read(2), write(2), pread(2), readv(2), preadv2(2) and their kin, lseek(2). */
#include <linux/fs.h>
#include "base/errno.h"
#include "linux-api/abi.h"
#include "linux-api/call.h"
#include "linux-api/file/args.h"
#include "mm/usermem.h"
#include "sched/thread.h"
#include "vfs/fdtable.h"
#include "vfs/file.h"
#include "vfs/inode.h"

typedef ssize_t transfer_fn(struct file *file, struct iter *it, loff_t *pos);

static ssize_t counted(struct file *file, struct iter *it, loff_t *pos, transfer_fn *transfer)
{
    ssize_t n = transfer(file, it, pos);
    io_count_add(&current->io, transfer == file_write_iter, n);
    return n;
}

/* At the file's own position. */
static ssize_t at_position(struct file *file, struct iter *it, transfer_fn *transfer)
{
    loff_t none, *position = file_position(file, &none);
    loff_t pos = *position;
    ssize_t n = counted(file, it, &pos, transfer);
    if (n >= 0)
        *position = pos;
    return n;
}

static ssize_t at_offset(struct file *file, struct iter *it, loff_t offset, transfer_fn *transfer)
{
    return file->ops->flags & FOP_STREAM ? -ESPIPE : counted(file, it, &offset, transfer);
}

/* A plain buffer: read(2) says EFAULT even if no byte would be moved. */
static int buffer_arg(struct iter *it, uaddr_t buffer, uint64_t n)
{
    if (!usermem_is_valid(buffer, n))
        return -EFAULT;
    iter_init_ubuf(it, buffer, n);
    return 0;
}

static long plain(const struct call *c, transfer_fn *transfer)
{
    struct iter it;
    struct file *file = fd_get((int)c->arg[0]);
    if (!file)
        return -EBADF;
    long n = buffer_arg(&it, c->arg[1], c->arg[2]);
    if (!n)
        n = at_position(file, &it, transfer);
    file_put(file);
    return n;
}

static long plain_at(const struct call *c, transfer_fn *transfer)
{
    struct iter it;
    loff_t offset = (loff_t)c->arg[3];
    if (offset < 0)
        return -EINVAL;
    struct file *file = fd_get((int)c->arg[0]);
    if (!file)
        return -EBADF;
    long n = buffer_arg(&it, c->arg[1], c->arg[2]);
    if (!n)
        n = at_offset(file, &it, offset, transfer);
    file_put(file);
    return n;
}

long sys_read(const struct call *c)
{
    return plain(c, file_read_iter);
}

long sys_write(const struct call *c)
{
    return plain(c, file_write_iter);
}

long sys_pread64(const struct call *c)
{
    return plain_at(c, file_read_iter);
}

long sys_pwrite64(const struct call *c)
{
    return plain_at(c, file_write_iter);
}

enum {
    POSITION = -1
};

static long vector(const struct call *c, loff_t offset, transfer_fn *transfer)
{
    struct iovec_arg a;
    struct iter it;
    struct file *file = fd_get((int)c->arg[0]);
    if (!file)
        return -EBADF;
    long n = iovec_arg(&a, c->arg[1], c->arg[2], &it);
    if (!n) {
        n = offset == POSITION ? at_position(file, &it, transfer)
                               : at_offset(file, &it, offset, transfer);
        iovec_put(&a);
    }
    file_put(file);
    return n;
}

long sys_readv(const struct call *c)
{
    return vector(c, POSITION, file_read_iter);
}

long sys_writev(const struct call *c)
{
    return vector(c, POSITION, file_write_iter);
}

static long vector_at(const struct call *c, transfer_fn *transfer)
{
    if ((loff_t)c->arg[3] < 0)
        return -EINVAL;
    return vector(c, (loff_t)c->arg[3], transfer);
}

long sys_preadv(const struct call *c)
{
    return vector_at(c, file_read_iter);
}

long sys_pwritev(const struct call *c)
{
    return vector_at(c, file_write_iter);
}

static ssize_t write_append(struct file *file, struct iter *it, loff_t *pos)
{
    uint32_t flags = file->flags;
    file->flags |= O_APPEND;
    ssize_t n = file_write_iter(file, it, pos);
    file->flags = (file->flags & ~(uint32_t)O_APPEND) | (flags & O_APPEND);
    return n;
}

/* What is written is where it stays, so RWF_DSYNC and RWF_SYNC hold by themselves. */
constexpr int RW_FLAGS = RWF_HIPRI | RWF_DSYNC | RWF_SYNC | RWF_NOWAIT;

/* RWF_NOWAIT needs a file that never sleeps, as the page cache's. */
static int check_rw_flags(int fd, int flags, int allowed)
{
    if (flags & ~allowed)
        return -EOPNOTSUPP;
    if (!(flags & RWF_NOWAIT))
        return 0;
    struct file *file = fd_get(fd);
    if (!file)
        return -EBADF;
    bool can = file->ops->flags & FOP_NOWAIT || file->flags & O_NONBLOCK;
    file_put(file);
    return can ? 0 : -EOPNOTSUPP;
}

long sys_preadv2(const struct call *c)
{
    int flags = (int)c->arg[5];
    int err = check_rw_flags((int)c->arg[0], flags, RW_FLAGS);
    if (err < 0)
        return err;
    if ((loff_t)c->arg[3] < -1)
        return -EINVAL;
    return vector(c, (loff_t)c->arg[3], file_read_iter);
}

long sys_pwritev2(const struct call *c)
{
    int flags = (int)c->arg[5];
    int err = check_rw_flags((int)c->arg[0], flags, RW_FLAGS | RWF_APPEND);
    if (err < 0)
        return err;
    if ((loff_t)c->arg[3] < -1)
        return -EINVAL;
    return vector(c, (loff_t)c->arg[3], flags & RWF_APPEND ? write_append : file_write_iter);
}

long sys_lseek(const struct call *c)
{
    struct file *file = fd_get((int)c->arg[0]);
    if (!file)
        return -EBADF;
    loff_t offset = (loff_t)c->arg[1], result;
    int whence = (int)c->arg[2];
    if (whence < SEEK_SET || whence > SEEK_HOLE)
        result = -EINVAL;
    else if (file->ops->llseek)
        result = file->ops->llseek(file, offset, whence);
    else if (file->ops->flags & FOP_STREAM)
        result = -ESPIPE;
    else
        result = file_seek_generic(file, offset, whence);
    file_put(file);
    return result;
}
