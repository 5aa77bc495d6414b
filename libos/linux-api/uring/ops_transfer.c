/* SPDX-License-Identifier: BSD-2-Clause */
/* ops_transfer.c - reading, writing and fsync(2). */
#include <linux/capability.h>
#include <linux/fs.h>
#include <linux/ioprio.h>

#include "base/bits.h"
#include "base/errno.h"
#include "linux-api/abi.h"
#include "linux-api/uring/uring.h"
#include "mm/usermem.h"
#include "proc/cred.h"
#include "vfs/file.h"

typedef ssize_t transfer_fn(struct file *file, struct iter *it, loff_t *pos);

/* ioprio_set(2): a class and, of all but one, a level. */
int uring_transfer_prepare(struct uring_request *r)
{
    unsigned class = IOPRIO_PRIO_CLASS(r->sqe.ioprio), data = IOPRIO_PRIO_DATA(r->sqe.ioprio);
    switch (class) {
    case IOPRIO_CLASS_RT: return capable(CAP_SYS_ADMIN) || capable(CAP_SYS_NICE) ? 0 : -EPERM;
    case IOPRIO_CLASS_BE:
    case IOPRIO_CLASS_IDLE: return 0;
    case IOPRIO_CLASS_NONE: return data ? -EINVAL : 0;
    default: return -EINVAL;
    }
}

/* The file blocks on purpose; the attempt must not.  Nothing sleeps while the flag differs. */
static ssize_t attempt(struct uring_request *r, struct iter *it, loff_t *pos, transfer_fn *run)
{
    struct file *file = r->file;
    uint32_t flags = file->flags;
    if (file->ops->poll)
        file->flags |= O_NONBLOCK;
    if (run == file_write_iter && r->sqe.rw_flags & RWF_APPEND)
        file->flags |= O_APPEND;
    ssize_t n = run(file, it, pos);
    file->flags = flags;
    return n;
}

static int64_t transfer(struct uring_request *r, struct iter *it, transfer_fn *run)
{
    constexpr unsigned flags = RWF_HIPRI | RWF_DSYNC | RWF_SYNC | RWF_NOWAIT | RWF_APPEND;
    loff_t none, own = (loff_t)r->sqe.off, *at = &own;
    if (!(r->file->mode & (run == file_read_iter ? FILE_READ : FILE_WRITE)))
        return -EBADF;
    /* No file of ours tells of its end by being asked again and again. */
    if (r->sqe.rw_flags & ~flags || r->ring->flags & IORING_SETUP_IOPOLL)
        return -EOPNOTSUPP;
    if (r->sqe.rw_flags & RWF_HIPRI)
        return -EINVAL;
    if (r->file->ops->flags & FOP_STREAM || own == -1)
        at = file_position(r->file, &none);
    else if (own < 0)
        return -EINVAL;
    loff_t pos = *at;
    ssize_t n = attempt(r, it, &pos, run);
    if (n >= 0)
        *at = pos;
    return n;
}

static int64_t on_buffer(struct uring_request *r, uint64_t address, uint64_t bytes,
                         transfer_fn *run)
{
    struct iter it;
    if (!usermem_is_valid(address, bytes))
        return -EFAULT;
    iter_init_ubuf(&it, address, bytes);
    return transfer(r, &it, run);
}

int64_t uring_read(struct uring_request *r)
{
    uint64_t address = r->sqe.addr, bytes = r->sqe.len;
    int err = uring_buffer_select(r, &address, &bytes);
    return err < 0 ? err : on_buffer(r, address, bytes, file_read_iter);
}

int64_t uring_write(struct uring_request *r)
{
    return on_buffer(r, r->sqe.addr, r->sqe.len, file_write_iter);
}

static int64_t on_vector(struct uring_request *r, transfer_fn *run)
{
    struct iter it;
    uring_vector_iter(r, &it);
    return transfer(r, &it, run);
}

/* With a provided buffer the vector's one entry says how much at most. */
int64_t uring_readv(struct uring_request *r)
{
    uint64_t address, bytes = r->vector->bytes;
    if (!(r->sqe.flags & IOSQE_BUFFER_SELECT))
        return on_vector(r, file_read_iter);
    int err = uring_buffer_select(r, &address, &bytes);
    return err < 0 ? err : on_buffer(r, address, bytes, file_read_iter);
}

int64_t uring_writev(struct uring_request *r)
{
    return on_vector(r, file_write_iter);
}

static int64_t on_registered(struct uring_request *r, transfer_fn *run)
{
    const struct uring *ring = r->ring;
    if (r->sqe.buf_index >= ring->buffer_count)
        return -EFAULT;
    const struct uring_buffer *b = &ring->buffers[r->sqe.buf_index];
    uint64_t end;
    if (__builtin_add_overflow(r->sqe.addr, r->sqe.len, &end) || r->sqe.addr < b->start ||
        end > b->start + b->bytes)
        return -EFAULT;
    return on_buffer(r, r->sqe.addr, r->sqe.len, run);
}

int64_t uring_read_fixed(struct uring_request *r)
{
    return on_registered(r, file_read_iter);
}

int64_t uring_write_fixed(struct uring_request *r)
{
    return on_registered(r, file_write_iter);
}

int64_t uring_fsync(struct uring_request *r)
{
    if (r->sqe.addr || r->sqe.buf_index || r->sqe.fsync_flags & ~IORING_FSYNC_DATASYNC)
        return -EINVAL;
    if (!r->file->ops->fsync)
        return -EINVAL;
    return r->file->ops->fsync(r->file, r->sqe.fsync_flags & IORING_FSYNC_DATASYNC);
}
