/* SPDX-License-Identifier: BSD-2-Clause */
/* ops_socket.c - operations on sockets. */
#include <linux/fcntl.h>

#include "base/bits.h"
#include "base/errno.h"
#include "linux-api/socket/args.h"
#include "linux-api/uring/uring.h"
#include "mm/usermem.h"
#include "net/control.h"
#include "net/socket.h"
#include "vfs/fdtable.h"
#include "vfs/file.h"
#include "vfs/iter.h"

/* A broken pipe is a result, not a signal. */
static unsigned send_flags(const struct uring_request *r)
{
    return r->sqe.msg_flags | MSG_DONTWAIT | MSG_NOSIGNAL;
}

/* MSG_WAITALL: a stream's transfer that came to N bytes, or an error, goes on until all are there.
 * A failure then leaves what there is. */
static int64_t whole(struct uring_request *r, const struct socket *s, int64_t n, uint64_t wanted)
{
    bool is_stream = s->type == SOCK_STREAM || s->type == SOCK_SEQPACKET;
    if (!(r->sqe.msg_flags & MSG_WAITALL) || r->sqe.msg_flags & MSG_DONTWAIT || n == -EAGAIN)
        return n;
    r->wanted = wanted;
    if (!is_stream)
        return n;
    if (n > 0)
        r->done += (uint64_t)n;
    if (n > 0 && r->done < wanted)
        return -EAGAIN;
    return r->done ? (int64_t)r->done : n;
}

int uring_send_prepare(struct uring_request *r)
{
    return r->sqe.ioprio & ~IORING_RECVSEND_POLL_FIRST ? -EINVAL : 0;
}

int64_t uring_send(struct uring_request *r)
{
    struct socket *s = file_socket(r->file);
    struct socket_address a = {};
    struct iter it;
    if (!s)
        return -ENOTSOCK;
    if (!usermem_is_valid(r->sqe.addr, r->sqe.len))
        return -EFAULT;
    if (r->sqe.addr2) {
        int err = address_arg(&a, r->sqe.addr2, r->sqe.addr_len);
        if (err < 0)
            return err;
    }
    iter_init_ubuf(&it, r->sqe.addr + r->done, r->sqe.len - r->done);
    struct message m = {.data = &it, .flags = send_flags(r), .address = &a};
    int64_t n = socket_send(s, &m);
    control_clear(&m.control);
    return whole(r, s, n, r->sqe.len);
}

static int64_t receive(struct uring_request *r, struct socket *s)
{
    struct socket_address a = {};
    struct iter it;
    uint64_t address = r->sqe.addr, bytes = r->sqe.len;
    int err = uring_buffer_select(r, &address, &bytes);
    if (err < 0)
        return err;
    if (!usermem_is_valid(address, bytes))
        return -EFAULT;
    iter_init_ubuf(&it, address + r->done, bytes - r->done);
    struct message m = {.data = &it, .flags = r->sqe.msg_flags | MSG_DONTWAIT, .address = &a};
    int64_t n = socket_receive(s, &m);
    control_clear(&m.control);
    return whole(r, s, n, bytes);
}

/* Several times with one request: each message in a provided buffer of its own. */
int64_t uring_receive(struct uring_request *r)
{
    struct socket *s = file_socket(r->file);
    bool is_multishot = r->sqe.ioprio & IORING_RECV_MULTISHOT;
    if (!s)
        return -ENOTSOCK;
    if (r->sqe.ioprio & ~(IORING_RECV_MULTISHOT | IORING_RECVSEND_POLL_FIRST) ||
        (is_multishot &&
         (!(r->sqe.flags & IOSQE_BUFFER_SELECT) || r->sqe.len || r->sqe.msg_flags & MSG_WAITALL)))
        return -EINVAL;
    for (;;) {
        int64_t n = receive(r, s);
        if (n == 0)
            uring_buffer_settle(r, -ENODATA); /* the end of a stream takes no buffer */
        if (n <= 0 || !is_multishot || !uring_request_report(r, n))
            return n;
    }
}

int64_t uring_sendmsg(struct uring_request *r)
{
    struct socket *s = file_socket(r->file);
    struct user_msghdr h = r->vector->header;
    struct iter it;
    if (!s)
        return -ENOTSOCK;
    if (r->done) /* it has gone along with the first byte */
        h.control = 0;
    uring_vector_iter(r, &it);
    return whole(r, s, message_send_data(s, &h, &it, send_flags(r)), r->vector->bytes);
}

/* One message of IORING_RECV_MULTISHOT: in the buffer follow a struct io_uring_recvmsg_out, the
 * address, control messages, each with the room that the header gave it, and the data. */
static int64_t receive_packed(struct uring_request *r, struct socket *s)
{
    const struct user_msghdr *h = &r->vector->header;
    struct io_uring_recvmsg_out head;
    struct socket_address a = {};
    struct iter it;
    uint64_t at, bytes = r->vector->bytes, name_bytes = (uint64_t)h->name_bytes, before;
    int err = uring_buffer_select(r, &at, &bytes);
    if (err < 0)
        return err;
    if (__builtin_add_overflow(sizeof head + name_bytes, h->control_bytes, &before) ||
        before > bytes || !usermem_is_valid(at, bytes))
        return -EFAULT;
    iter_init_ubuf(&it, at + before, bytes - before);
    struct control_out out = {.user = at + sizeof head + name_bytes, .room = h->control_bytes};
    struct message m = {
        .data = &it, .flags = r->sqe.msg_flags | MSG_DONTWAIT, .address = &a, .out = &out};
    int64_t n = socket_receive(s, &m);
    err = n < 0 ? (int)n : control_write(&m.control, &out, m.flags);
    control_clear(&m.control);
    if (err < 0)
        return err;
    head = (struct io_uring_recvmsg_out){a.bytes, (uint32_t)out.used, (uint32_t)n,
                                         m.out_flags | out.flags};
    if (copy_to_user(at, &head, sizeof head) ||
        copy_to_user(at + sizeof head, a.data, MIN(name_bytes, MIN(a.bytes, sizeof a.data))))
        return -EFAULT;
    r->is_at_end = n == 0;
    return (int64_t)(before + MIN((uint64_t)n, bytes - before));
}

static int64_t receive_message(struct uring_request *r, struct socket *s)
{
    uint64_t address, bytes = r->vector->bytes;
    struct iter it;
    if (r->sqe.flags & IOSQE_BUFFER_SELECT) {
        int err = uring_buffer_select(r, &address, &bytes);
        if (err < 0)
            return err;
        if (!usermem_is_valid(address, bytes))
            return -EFAULT;
        iter_init_ubuf(&it, address + r->done, bytes - r->done);
    } else {
        uring_vector_iter(r, &it);
    }
    int64_t n = message_receive_data(s, r->sqe.addr, &r->vector->header, &it,
                                     r->sqe.msg_flags | MSG_DONTWAIT, &r->control_used);
    return whole(r, s, n, bytes);
}

int64_t uring_recvmsg(struct uring_request *r)
{
    struct socket *s = file_socket(r->file);
    if (!s)
        return -ENOTSOCK;
    if (!(r->sqe.ioprio & IORING_RECV_MULTISHOT))
        return receive_message(r, s);
    for (;;) {
        int64_t n = receive_packed(r, s);
        if (n < 0 || r->is_at_end || !uring_request_report(r, n))
            return n;
    }
}

/* One connection: as a descriptor, or in a slot. */
static int64_t accept_one(struct uring_request *r, struct socket *s)
{
    const struct io_uring_sqe *sqe = &r->sqe;
    struct file *file;
    if (!sqe->file_index)
        return accept_connection(s, MSG_DONTWAIT, sqe->accept_flags, sqe->addr, sqe->addr2);
    int err = accept_file(s, MSG_DONTWAIT, sqe->accept_flags, sqe->addr, sqe->addr2, &file);
    return err < 0 ? err : uring_slot_install(r->ring, file, sqe->file_index);
}

int uring_accept_prepare(struct uring_request *r)
{
    const struct io_uring_sqe *sqe = &r->sqe;
    if (sqe->len || sqe->buf_index || sqe->ioprio & ~IORING_ACCEPT_MULTISHOT ||
        sqe->accept_flags & ~(unsigned)(SOCK_NONBLOCK | SOCK_CLOEXEC))
        return -EINVAL;
    if (sqe->file_index && sqe->accept_flags & SOCK_CLOEXEC)
        return -EINVAL;
    if (sqe->file_index && sqe->ioprio & IORING_ACCEPT_MULTISHOT &&
        sqe->file_index != IORING_FILE_INDEX_ALLOC)
        return -EINVAL;
    return 0;
}

int64_t uring_accept(struct uring_request *r)
{
    struct socket *s = file_socket(r->file);
    bool is_multishot = r->sqe.ioprio & IORING_ACCEPT_MULTISHOT;
    if (!s)
        return -ENOTSOCK;
    for (;;) {
        int64_t fd = accept_one(r, s);
        if (fd < 0 || !is_multishot || !uring_request_report(r, fd))
            return fd;
    }
}

int64_t uring_socket(struct uring_request *r)
{
    const struct io_uring_sqe *sqe = &r->sqe;
    unsigned flags = (unsigned)sqe->off & ~SOCK_TYPE_MASK;
    struct file *file;
    if (sqe->addr || sqe->rw_flags || sqe->buf_index || (sqe->file_index && flags & SOCK_CLOEXEC))
        return -EINVAL;
    int err = socket_open(sqe->fd, (int)sqe->off, (int)sqe->len, &file);
    if (err < 0)
        return err;
    return sqe->file_index ? uring_slot_install(r->ring, file, sqe->file_index)
                           : fd_open(file, flags & O_CLOEXEC);
}

int64_t uring_connect(struct uring_request *r)
{
    struct socket *s = file_socket(r->file);
    struct socket_address a;
    if (!s)
        return -ENOTSOCK;
    if (r->is_connecting)
        return file_poll(r->file, nullptr) & (EPOLLOUT | EPOLLERR | EPOLLHUP) ? socket_take_error(s)
                                                                              : -EAGAIN;
    if (r->sqe.len || r->sqe.buf_index || r->sqe.rw_flags || r->sqe.file_index)
        return -EINVAL;
    int err = address_arg(&a, r->sqe.addr, (int)r->sqe.off);
    if (!err)
        err = s->ops->connect ? s->ops->connect(s, &a, MSG_DONTWAIT) : -EOPNOTSUPP;
    if (err != -EINPROGRESS)
        return err;
    r->is_connecting = true;
    return -EAGAIN;
}
