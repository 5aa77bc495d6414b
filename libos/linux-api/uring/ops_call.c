/* SPDX-License-Identifier: BSD-2-Clause */
/* ops_call.c - operations that are a system call each: its arguments stand elsewhere. */
#include "base/errno.h"
#include "linux-api/call.h"
#include "linux-api/file/args.h"
#include "linux-api/uring/uring.h"
#include "vfs/fdtable.h"
#include "vfs/file.h"

/* Which field of the entry an argument is. */
enum field : uint8_t {
    NONE,
    FD,
    ADDR,
    OFF,
    LEN,
    FLAGS,
    ADDR3
};

struct translation {
    syscall_fn *call;
    enum field arg[5];
};

syscall_fn sys_epoll_ctl, sys_fadvise64, sys_fallocate, sys_fgetxattr, sys_fsetxattr, sys_getxattr,
    sys_linkat, sys_madvise, sys_mkdirat, sys_renameat2, sys_setxattr, sys_shutdown, sys_statx,
    sys_symlinkat, sys_sync_file_range, sys_unlinkat;

static const struct translation table[IORING_OP_LAST] = {
    [IORING_OP_SYNC_FILE_RANGE] = {sys_sync_file_range, {FD, OFF, LEN, FLAGS}},
    [IORING_OP_FALLOCATE] = {sys_fallocate, {FD, LEN, OFF, ADDR}},
    [IORING_OP_STATX] = {sys_statx, {FD, ADDR, FLAGS, LEN, OFF}},
    [IORING_OP_FADVISE] = {sys_fadvise64, {FD, OFF, LEN, FLAGS}},
    [IORING_OP_MADVISE] = {sys_madvise, {ADDR, LEN, FLAGS}},
    [IORING_OP_EPOLL_CTL] = {sys_epoll_ctl, {FD, LEN, OFF, ADDR}},
    [IORING_OP_SHUTDOWN] = {sys_shutdown, {FD, LEN}},
    [IORING_OP_RENAMEAT] = {sys_renameat2, {FD, ADDR, LEN, OFF, FLAGS}},
    [IORING_OP_UNLINKAT] = {sys_unlinkat, {FD, ADDR, FLAGS}},
    [IORING_OP_MKDIRAT] = {sys_mkdirat, {FD, ADDR, LEN}},
    [IORING_OP_SYMLINKAT] = {sys_symlinkat, {ADDR, FD, OFF}},
    [IORING_OP_LINKAT] = {sys_linkat, {FD, ADDR, LEN, OFF, FLAGS}},
    [IORING_OP_FSETXATTR] = {sys_fsetxattr, {FD, ADDR, OFF, LEN, FLAGS}},
    [IORING_OP_SETXATTR] = {sys_setxattr, {ADDR3, ADDR, OFF, LEN, FLAGS}},
    [IORING_OP_FGETXATTR] = {sys_fgetxattr, {FD, ADDR, OFF, LEN}},
    [IORING_OP_GETXATTR] = {sys_getxattr, {ADDR3, ADDR, OFF, LEN}},
};

static uint64_t field_of(const struct io_uring_sqe *sqe, enum field field)
{
    switch (field) {
    case FD: return (uint64_t)(int64_t)sqe->fd;
    case ADDR: return sqe->addr;
    case OFF: return sqe->off;
    case LEN: return sqe->len;
    case FLAGS: return sqe->rw_flags;
    case ADDR3: return sqe->addr3;
    default: return 0;
    }
}

int64_t uring_call(struct uring_request *r)
{
    const struct translation *t = &table[r->sqe.opcode];
    struct call c = {};
    if (r->sqe.buf_index || r->sqe.file_index)
        return -EINVAL;
    for (unsigned i = 0; i < 5; i++)
        c.arg[i] = field_of(&r->sqe, t->arg[i]);
    return t->call(&c);
}

/* Of both kinds: into a descriptor, or into a slot. */
int64_t uring_open(struct uring_request *r)
{
    const struct io_uring_sqe *sqe = &r->sqe;
    struct open_request open;
    struct file *file;
    if (sqe->buf_index)
        return -EINVAL;
    if (sqe->opcode == IORING_OP_OPENAT) {
        open_request_init(&open, sqe->fd, sqe->addr, sqe->open_flags, sqe->len);
    } else {
        int err = open_request_init_how(&open, sqe->fd, sqe->addr, sqe->off, sqe->len);
        if (err < 0)
            return err;
    }
    if (!sqe->file_index)
        return open_descriptor(&open);
    if (open.flags & O_CLOEXEC)
        return -EINVAL;
    int err = open_file(&open, &file);
    return err < 0 ? err : uring_slot_install(r->ring, file, sqe->file_index);
}

int64_t uring_nop(struct uring_request *)
{
    return 0;
}

int64_t uring_close(struct uring_request *r)
{
    const struct io_uring_sqe *sqe = &r->sqe;
    if (sqe->off || sqe->addr || sqe->len || sqe->rw_flags || sqe->buf_index)
        return -EINVAL;
    if (sqe->file_index) {
        return sqe->fd ? -EINVAL : uring_slot_close(r->ring, sqe->file_index - 1);
    }
    struct file *file = fd_get(sqe->fd);
    bool is_ring = file && file_uring(file);
    file_put(file);
    return is_ring ? -EBADF : fd_close(sqe->fd);
}

/* A registered file of R's ring goes into a slot of TO. */
static int64_t send_file(struct uring_request *r, struct uring *to)
{
    const struct io_uring_sqe *sqe = &r->sqe;
    if (sqe->len || to == r->ring)
        return -EINVAL;
    struct file *file = uring_file_get(r->ring, (int32_t)sqe->addr3, true);
    if (!file)
        return -EBADF;
    int64_t slot = uring_slot_install(to, file, sqe->file_index);
    if (slot >= 0 && !(sqe->msg_ring_flags & IORING_MSG_RING_CQE_SKIP))
        uring_post(to, sqe->off, slot, 0);
    return slot;
}

int64_t uring_msg_ring(struct uring_request *r)
{
    const struct io_uring_sqe *sqe = &r->sqe;
    struct uring *to = file_uring(r->file);
    if (!to)
        return -EBADFD;
    if (sqe->msg_ring_flags & ~IORING_MSG_RING_CQE_SKIP || sqe->buf_index ||
        sqe->addr > IORING_MSG_SEND_FD)
        return -EINVAL;
    if (to->is_disabled)
        return -EBADFD;
    if (to->overflow_count >= URING_OVERFLOW_MOST)
        return -EOVERFLOW;
    if (sqe->addr == IORING_MSG_SEND_FD)
        return send_file(r, to);
    if (sqe->addr3 || sqe->file_index || sqe->msg_ring_flags)
        return -EINVAL;
    uring_post(to, sqe->off, (int32_t)sqe->len, 0);
    return 0;
}
