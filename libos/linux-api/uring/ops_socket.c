/* SPDX-License-Identifier: BSD-2-Clause */
/* ops_socket.c - operations on sockets. */
#include <linux/fcntl.h>

#include "base/errno.h"
#include "linux-api/socket/args.h"
#include "linux-api/uring/uring.h"
#include "mm/usermem.h"
#include "net/control.h"
#include "net/socket.h"
#include "vfs/file.h"
#include "vfs/iter.h"

/* A broken pipe is a result, not a signal. */
static unsigned send_flags(const struct uring_request *r)
{
    return r->sqe.msg_flags | MSG_DONTWAIT | MSG_NOSIGNAL;
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
    iter_init_ubuf(&it, r->sqe.addr, r->sqe.len);
    struct message m = {.data = &it, .flags = send_flags(r), .address = &a};
    int64_t n = socket_send(s, &m);
    control_clear(&m.control);
    return n;
}

static int64_t receive_buffer(struct uring_request *r, struct socket *s)
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
    if (n > 0)
        r->is_short = (uint64_t)n < bytes - r->done;
    return n;
}

/* recv(2), MSG_WAITALL, of a stream: what is missing comes later.  A failure then leaves what there
 * is. */
static int64_t receive_all(struct uring_request *r, struct socket *s)
{
    bool is_whole = r->sqe.msg_flags & MSG_WAITALL && !(r->sqe.msg_flags & MSG_DONTWAIT) &&
                    s->type == SOCK_STREAM;
    int64_t n = receive_buffer(r, s);
    if (!is_whole || n == -EAGAIN)
        return n;
    if (n > 0)
        r->done += (uint32_t)n;
    if (n > 0 && r->is_short)
        return -EAGAIN;
    return r->done ? r->done : n;
}

/* Several times with one request: each message in a provided buffer of its own. */
int64_t uring_receive(struct uring_request *r)
{
    struct socket *s = file_socket(r->file);
    bool is_multishot = r->sqe.ioprio & IORING_RECV_MULTISHOT;
    if (!s)
        return -ENOTSOCK;
    if (r->sqe.ioprio & ~(IORING_RECV_MULTISHOT | IORING_RECVSEND_POLL_FIRST) ||
        (is_multishot && (!(r->sqe.flags & IOSQE_BUFFER_SELECT) || r->sqe.len)))
        return -EINVAL;
    for (;;) {
        int64_t n = is_multishot ? receive_buffer(r, s) : receive_all(r, s);
        if (n == 0)
            uring_buffer_settle(r, -ENODATA); /* the end of a stream takes no buffer */
        if (n <= 0 || !is_multishot || !uring_request_report(r, n))
            return n;
    }
}

int64_t uring_sendmsg(struct uring_request *r)
{
    struct socket *s = file_socket(r->file);
    return s ? message_send(s, r->sqe.addr, send_flags(r)) : -ENOTSOCK;
}

int64_t uring_recvmsg(struct uring_request *r)
{
    struct socket *s = file_socket(r->file);
    if (r->sqe.ioprio)
        return -EINVAL;
    return s ? message_receive(s, r->sqe.addr, r->sqe.msg_flags | MSG_DONTWAIT) : -ENOTSOCK;
}

int64_t uring_accept(struct uring_request *r)
{
    struct socket *s = file_socket(r->file);
    bool is_multishot = r->sqe.ioprio & IORING_ACCEPT_MULTISHOT;
    if (r->sqe.len || r->sqe.buf_index || r->sqe.file_index ||
        r->sqe.ioprio & ~IORING_ACCEPT_MULTISHOT ||
        r->sqe.accept_flags & ~(unsigned)(SOCK_NONBLOCK | SOCK_CLOEXEC))
        return -EINVAL;
    if (!s)
        return -ENOTSOCK;
    for (;;) {
        int64_t fd =
            accept_connection(s, MSG_DONTWAIT, r->sqe.accept_flags, r->sqe.addr, r->sqe.addr2);
        if (fd < 0 || !is_multishot || !uring_request_report(r, fd))
            return fd;
    }
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
