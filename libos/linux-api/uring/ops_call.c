/* SPDX-License-Identifier: BSD-2-Clause */
/* ops_call.c - operations that are a system call each: its arguments stand elsewhere. */
#include "base/errno.h"
#include "linux-api/call.h"
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
    sys_linkat, sys_madvise, sys_mkdirat, sys_openat, sys_openat2, sys_renameat2, sys_setxattr,
    sys_shutdown, sys_socket, sys_statx, sys_symlinkat, sys_sync_file_range, sys_unlinkat;

static const struct translation table[IORING_OP_LAST] = {
    [IORING_OP_SYNC_FILE_RANGE] = {sys_sync_file_range, {FD, OFF, LEN, FLAGS}},
    [IORING_OP_FALLOCATE] = {sys_fallocate, {FD, LEN, OFF, ADDR}},
    [IORING_OP_OPENAT] = {sys_openat, {FD, ADDR, FLAGS, LEN}},
    [IORING_OP_STATX] = {sys_statx, {FD, ADDR, FLAGS, LEN, OFF}},
    [IORING_OP_FADVISE] = {sys_fadvise64, {FD, OFF, LEN, FLAGS}},
    [IORING_OP_MADVISE] = {sys_madvise, {ADDR, LEN, FLAGS}},
    [IORING_OP_OPENAT2] = {sys_openat2, {FD, ADDR, OFF, LEN}},
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
    [IORING_OP_SOCKET] = {sys_socket, {FD, OFF, LEN}},
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
    /* Descriptors go to the process's table only, not to a slot. */
    if (r->sqe.buf_index || r->sqe.file_index)
        return -EINVAL;
    for (unsigned i = 0; i < 5; i++)
        c.arg[i] = field_of(&r->sqe, t->arg[i]);
    return t->call(&c);
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
        uint32_t slot = sqe->file_index - 1;
        if (sqe->fd || slot >= r->ring->file_count)
            return -EINVAL;
        struct file *file = r->ring->files[slot];
        r->ring->files[slot] = nullptr;
        file_put(file);
        return file ? 0 : -EBADF;
    }
    struct file *file = fd_get(sqe->fd);
    bool is_ring = file && file_uring(file);
    file_put(file);
    return is_ring ? -EBADF : fd_close(sqe->fd);
}

int64_t uring_msg_ring(struct uring_request *r)
{
    struct uring *to = file_uring(r->file);
    if (!to)
        return -EBADFD;
    if (r->sqe.addr != IORING_MSG_DATA || r->sqe.msg_ring_flags || r->sqe.buf_index)
        return -EINVAL;
    if (to->is_disabled)
        return -EBADFD;
    if (to->overflow_count >= URING_OVERFLOW_MOST)
        return -EOVERFLOW;
    uring_post(to, r->sqe.off, (int32_t)r->sqe.len, 0);
    return 0;
}
