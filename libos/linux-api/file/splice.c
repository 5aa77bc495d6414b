/* SPDX-License-Identifier: BSD-2-Clause */
/* splice.c - sendfile(2), splice(2), tee(2), vmsplice(2), copy_file_range(2). */
#include "vfs/splice.h"

#include <linux/fcntl.h>
#include "base/bits.h"
#include "base/errno.h"
#include "linux-api/abi.h"
#include "linux-api/call.h"
#include "linux-api/file/args.h"
#include "mm/usermem.h"
#include "vfs/fdtable.h"
#include "vfs/file.h"
#include "vfs/inode.h"
#include "vfs/pipe.h"

constexpr unsigned SPLICE_NONBLOCK = 2; /* splice(2): MOVE 1, NONBLOCK 2, MORE 4, GIFT 8 */
constexpr unsigned SPLICE_ALL = 15;
constexpr size_t TRANSFER_MOST = 0x7ffff000;

/* A file and a position in it: a program's loff_t, or the file's own. */
struct end {
    struct file *file;
    uaddr_t user;
    loff_t pos;
};

static int end_begin(struct end *e, int fd, uaddr_t user)
{
    *e = (struct end){.file = fd_get(fd), .user = user};
    if (!e->file)
        return -EBADF;
    if (!user) {
        loff_t none;
        e->pos = *file_position(e->file, &none);
        return 0;
    }
    if (e->file->ops->flags & FOP_STREAM)
        return -ESPIPE;
    if (copy_from_user(&e->pos, user, sizeof e->pos) < 0)
        return -EFAULT;
    return e->pos < 0 ? -EINVAL : 0;
}

/* Write the position back to where it came from. */
static int end_finish(struct end *e)
{
    if (e->user)
        return copy_to_user(e->user, &e->pos, sizeof e->pos);
    loff_t none;
    *file_position(e->file, &none) = e->pos;
    return 0;
}

static long ends_finish(struct end *a, struct end *b, long result)
{
    if (result > 0 && (end_finish(a) < 0 || end_finish(b) < 0))
        return -EFAULT;
    return result;
}

static long send(struct end *in, struct end *out, size_t n)
{
    struct pipe *pipe = file_pipe(out->file);
    if (!(in->file->mode & FILE_READ) || !(out->file->mode & FILE_WRITE))
        return -EBADF;
    if (!in->file->ops->read || !out->file->ops->write || in->file->ops->flags & FOP_STREAM ||
        S_ISDIR(in->file->inode->mode) || out->file->flags & O_APPEND)
        return -EINVAL;
    if (n > INT64_MAX)
        return -EINVAL;
    n = MIN(n, TRANSFER_MOST);
    if (pipe)
        return splice_to_pipe(in->file, &in->pos, pipe, n, out->file->flags & O_NONBLOCK);
    return splice_files(in->file, &in->pos, out->file, &out->pos, n);
}

long sys_sendfile(const struct call *c)
{
    struct end in, out = {};
    long result = end_begin(&in, (int)c->arg[1], c->arg[2]);
    if (!result)
        result = end_begin(&out, (int)c->arg[0], 0);
    if (!result)
        result = ends_finish(&in, &out, send(&in, &out, c->arg[3]));
    file_put(out.file);
    file_put(in.file);
    return result;
}

static long splice_ends(struct end *in, struct end *out, size_t n, unsigned flags)
{
    struct pipe *from = file_pipe(in->file), *to = file_pipe(out->file);
    bool nonblock = flags & SPLICE_NONBLOCK;
    if (!(in->file->mode & FILE_READ) || !(out->file->mode & FILE_WRITE))
        return -EBADF;
    if (from && to)
        return splice_pipes(from, to, n,
                            nonblock || (in->file->flags | out->file->flags) & O_NONBLOCK,
                            SPLICE_MOVE);
    if (from) {
        if (!out->file->ops->write || out->file->flags & O_APPEND)
            return -EINVAL;
        return splice_from_pipe(from, out->file, &out->pos, n,
                                nonblock || in->file->flags & O_NONBLOCK);
    }
    if (!to || !in->file->ops->read)
        return -EINVAL;
    return splice_to_pipe(in->file, &in->pos, to, n, nonblock || out->file->flags & O_NONBLOCK);
}

long sys_splice(const struct call *c)
{
    unsigned flags = (unsigned)c->arg[5];
    struct end in, out = {};
    if (flags & ~SPLICE_ALL)
        return -EINVAL;
    if (!c->arg[4])
        return 0;
    long result = end_begin(&in, (int)c->arg[0], c->arg[1]);
    if (!result)
        result = end_begin(&out, (int)c->arg[2], c->arg[3]);
    if (!result)
        result =
            ends_finish(&in, &out, splice_ends(&in, &out, MIN(c->arg[4], TRANSFER_MOST), flags));
    file_put(out.file);
    file_put(in.file);
    return result;
}

long sys_tee(const struct call *c)
{
    unsigned flags = (unsigned)c->arg[3];
    if (flags & ~SPLICE_ALL)
        return -EINVAL;
    if (!c->arg[2])
        return 0;
    struct file *in = fd_get((int)c->arg[0]), *out = fd_get((int)c->arg[1]);
    struct pipe *from = in ? file_pipe(in) : nullptr, *to = out ? file_pipe(out) : nullptr;
    long result;
    if (!in || !out || !(in->mode & FILE_READ) || !(out->mode & FILE_WRITE))
        result = -EBADF;
    else if (!from || !to)
        result = -EINVAL;
    else
        result = splice_pipes(from, to, MIN(c->arg[2], TRANSFER_MOST),
                              flags & SPLICE_NONBLOCK || (in->flags | out->flags) & O_NONBLOCK,
                              SPLICE_TEE);
    file_put(out);
    file_put(in);
    return result;
}

long sys_vmsplice(const struct call *c)
{
    unsigned flags = (unsigned)c->arg[3];
    struct iovec_arg a;
    struct iter it;
    if (flags & ~SPLICE_ALL)
        return -EINVAL;
    struct file *file = fd_get((int)c->arg[0]);
    if (!file)
        return -EBADF;
    struct pipe *pipe = file_pipe(file);
    bool nonblock = flags & SPLICE_NONBLOCK || file->flags & O_NONBLOCK;
    long result = pipe ? iovec_arg(&a, c->arg[1], c->arg[2], &it) : -EBADF;
    if (!result) {
        result = file->mode & FILE_WRITE ? splice_user_to_pipe(&it, pipe, nonblock)
                                         : splice_pipe_to_user(pipe, &it, nonblock);
        iovec_put(&a);
    }
    file_put(file);
    return result;
}

static bool is_overlap(const struct end *in, const struct end *out, size_t n)
{
    return in->file->inode == out->file->inode && in->pos < out->pos + (loff_t)n &&
           out->pos < in->pos + (loff_t)n;
}

static long copy_range(struct end *in, struct end *out, size_t n)
{
    const struct inode *from = in->file->inode, *to = out->file->inode;
    if (S_ISDIR(from->mode) || S_ISDIR(to->mode))
        return -EISDIR;
    if (!S_ISREG(from->mode) || !S_ISREG(to->mode))
        return -EINVAL;
    if (!(in->file->mode & FILE_READ) || !(out->file->mode & FILE_WRITE) ||
        out->file->flags & O_APPEND)
        return -EBADF;
    if (from->super != to->super)
        return -EXDEV;
    if (in->pos > INT64_MAX - (loff_t)n || out->pos > INT64_MAX - (loff_t)n)
        return -EOVERFLOW;
    if ((uint64_t)in->pos >= from->size)
        return 0;
    n = MIN(n, from->size - (uint64_t)in->pos);
    if (is_overlap(in, out, n))
        return -EINVAL;
    return splice_files(in->file, &in->pos, out->file, &out->pos, n);
}

long sys_copy_file_range(const struct call *c)
{
    struct end in, out = {};
    if ((unsigned)c->arg[5])
        return -EINVAL;
    long result = end_begin(&in, (int)c->arg[0], c->arg[1]);
    if (!result)
        result = end_begin(&out, (int)c->arg[2], c->arg[3]);
    if (!result)
        result = ends_finish(&in, &out, copy_range(&in, &out, MIN(c->arg[4], TRANSFER_MOST)));
    file_put(out.file);
    file_put(in.file);
    return result;
}
