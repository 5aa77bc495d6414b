/* SPDX-License-Identifier: BSD-2-Clause */
/* transfer.c - sendto(2), recvfrom(2), sendmsg(2), recvmsg(2), sendmmsg(2), recvmmsg(2). */
#include "base/bits.h"
#include "base/errno.h"
#include "linux-api/call.h"
#include "linux-api/file/args.h"
#include "linux-api/socket/args.h"
#include "mm/usermem.h"
#include "net/control.h"
#include "net/socket.h"
#include "sched/time.h"
#include "vfs/file.h"

static int buffer_arg(struct iter *it, uaddr_t buffer, uint64_t n)
{
    if (!usermem_is_valid(buffer, n))
        return -EFAULT;
    iter_init_ubuf(it, buffer, n);
    iter_truncate(it, INT32_MAX);
    return 0;
}

long sys_sendto(const struct call *c)
{
    struct file *file;
    struct iter it;
    struct socket_address a = {};
    long err;
    struct socket *s = socket_arg((int)c->arg[0], &file, &err);
    if (!s)
        return err;
    err = buffer_arg(&it, c->arg[1], c->arg[2]);
    if (!err && c->arg[4])
        err = address_arg(&a, c->arg[4], (int)c->arg[5]);
    struct message m = {
        .data = &it,
        .flags = (unsigned)c->arg[3] | socket_flags(file),
        .address = &a,
    };
    if (!err)
        err = socket_send(s, &m);
    control_clear(&m.control);
    file_put(file);
    return err;
}

long sys_recvfrom(const struct call *c)
{
    struct file *file;
    struct iter it;
    struct socket_address a = {};
    long n;
    struct socket *s = socket_arg((int)c->arg[0], &file, &n);
    if (!s)
        return n;
    n = buffer_arg(&it, c->arg[1], c->arg[2]);
    struct message m = {
        .data = &it,
        .flags = (unsigned)c->arg[3] | socket_flags(file),
        .address = &a,
    };
    if (!n)
        n = socket_receive(s, &m);
    control_clear(&m.control);
    if (n >= 0 && c->arg[4]) {
        int err = address_put(&a, c->arg[4], c->arg[5]);
        n = err < 0 ? err : n;
    }
    file_put(file);
    return n;
}

/* What sendmsg and recvmsg decode: the header and its vector.  iovec_put afterwards. */
static int header_arg(struct user_msghdr *h, uaddr_t user, struct iovec_arg *vec, struct iter *it)
{
    if (copy_from_user(h, user, sizeof *h) < 0)
        return -EFAULT;
    if (h->name && h->name_bytes < 0)
        return -EINVAL;
    if (h->iov_count > IOVEC_MOST)
        return -EMSGSIZE;
    return iovec_arg(vec, h->iov, h->iov_count, it);
}

long message_send_data(struct socket *s, const struct user_msghdr *h, struct iter *data,
                       unsigned flags)
{
    struct socket_address a = {};
    struct message m = {.data = data, .flags = flags, .address = &a};
    long err = 0;
    if (h->name)
        err = address_arg(&a, h->name, (int)MIN((size_t)h->name_bytes, sizeof a.data));
    if (!err && h->control && h->control_bytes)
        err = control_read(&m.control, h->control, h->control_bytes);
    if (!err)
        err = socket_send(s, &m);
    control_clear(&m.control);
    return err;
}

long message_send(struct socket *s, uaddr_t user, unsigned flags)
{
    struct user_msghdr h;
    struct iovec_arg vec;
    struct iter it;
    long n = header_arg(&h, user, &vec, &it);
    if (n < 0)
        return n;
    n = message_send_data(s, &h, &it, flags);
    iovec_put(&vec);
    return n;
}

/* Write back what came along: address, control messages, flags. */
static long header_put(const struct user_msghdr *h, uaddr_t user, struct message *m)
{
    int err = 0;
    if (h->name) {
        uint32_t n =
            MIN(MIN((uint32_t)h->name_bytes, m->address->bytes), (uint32_t)sizeof m->address->data);
        err = n ? copy_to_user(h->name, m->address->data, n) : 0;
        if (!err)
            err = put_user_u32(user + offsetof(struct user_msghdr, name_bytes), m->address->bytes);
    }
    if (!err)
        err = control_write(&m->control, m->out, m->flags);
    if (!err)
        err = put_user_u64(user + offsetof(struct user_msghdr, control_bytes), m->out->used);
    if (!err)
        err = put_user_u32(user + offsetof(struct user_msghdr, flags),
                           m->out_flags | m->out->flags | (m->flags & MSG_CMSG_CLOEXEC));
    return err;
}

long message_receive_data(struct socket *s, uaddr_t user, const struct user_msghdr *h,
                          struct iter *data, unsigned flags, uint64_t *control_used)
{
    struct socket_address a = {};
    struct control_out out = {
        .user = h->control, .room = h->control ? h->control_bytes : 0, .used = *control_used};
    struct message m = {.data = data, .flags = flags, .address = &a, .out = &out};
    long n = socket_receive(s, &m);
    if (n >= 0) {
        long err = header_put(h, user, &m);
        n = err < 0 ? err : n;
        *control_used = out.used;
    }
    control_clear(&m.control);
    return n;
}

long message_receive(struct socket *s, uaddr_t user, unsigned flags)
{
    struct user_msghdr h;
    struct iovec_arg vec;
    struct iter it;
    uint64_t none = 0;
    long n = header_arg(&h, user, &vec, &it);
    if (n < 0)
        return n;
    n = message_receive_data(s, user, &h, &it, flags, &none);
    iovec_put(&vec);
    return n;
}

long sys_sendmsg(const struct call *c)
{
    struct file *file;
    long n;
    struct socket *s = socket_arg((int)c->arg[0], &file, &n);
    if (!s)
        return n;
    n = message_send(s, c->arg[1], (unsigned)c->arg[2] | socket_flags(file));
    file_put(file);
    return n;
}

long sys_recvmsg(const struct call *c)
{
    struct file *file;
    long n;
    struct socket *s = socket_arg((int)c->arg[0], &file, &n);
    if (!s)
        return n;
    n = message_receive(s, c->arg[1], (unsigned)c->arg[2] | socket_flags(file));
    file_put(file);
    return n;
}

static uaddr_t vector_at(uaddr_t vector, unsigned i)
{
    return vector + i * sizeof(struct user_mmsghdr);
}

static long length_put(uaddr_t vector, unsigned i, long n)
{
    return put_user_u32(vector_at(vector, i) + offsetof(struct user_mmsghdr, bytes), (uint32_t)n);
}

long sys_sendmmsg(const struct call *c)
{
    struct file *file;
    unsigned done = 0, count = MIN((unsigned)c->arg[2], (unsigned)IOVEC_MOST);
    long err = 0;
    struct socket *s = socket_arg((int)c->arg[0], &file, &err);
    if (!s)
        return err;
    unsigned flags = (unsigned)c->arg[3] | socket_flags(file);
    for (; done < count; done++) {
        err = message_send(s, vector_at(c->arg[1], done), flags);
        if (err >= 0)
            err = length_put(c->arg[1], done, err);
        if (err < 0)
            break;
    }
    file_put(file);
    return done ? (long)done : err;
}

static long receive_many(struct socket *s, uaddr_t vector, unsigned count, unsigned flags,
                         uint64_t deadline)
{
    unsigned done = 0;
    long err = 0;
    while (done < count) {
        err = message_receive(s, vector_at(vector, done), flags & ~MSG_WAITFORONE);
        if (err >= 0)
            err = length_put(vector, done, err);
        if (err < 0)
            break;
        done++;
        if (flags & MSG_WAITFORONE)
            flags |= MSG_DONTWAIT;
        /* recvmmsg(2), "Bugs": looked at after each message only. */
        if (deadline != WAIT_FOREVER && time_monotonic_ns() >= deadline)
            break;
    }
    if (done && err < 0 && err != -EAGAIN && err != -ERESTARTSYS && err != -EINTR)
        s->error = (int)-err; /* for the next call */
    return done ? (long)done : err;
}

long sys_recvmmsg(const struct call *c)
{
    struct file *file;
    struct timespec64 timeout;
    uint64_t deadline = WAIT_FOREVER;
    long n;
    if (c->arg[4]) {
        int err = time_get_user_timespec(&timeout, c->arg[4]);
        if (err < 0)
            return err;
        deadline = time_deadline_after(timespec_to_ns(&timeout));
    }
    struct socket *s = socket_arg((int)c->arg[0], &file, &n);
    if (!s)
        return n;
    n = socket_take_error(s);
    if (!n)
        n = receive_many(s, c->arg[1], MIN((unsigned)c->arg[2], (unsigned)IOVEC_MOST),
                         (unsigned)c->arg[3] | socket_flags(file), deadline);
    file_put(file);
    if (n >= 0 && c->arg[4]) {
        uint64_t now = time_monotonic_ns();
        int err = time_put_user_timespec(c->arg[4], deadline > now ? deadline - now : 0);
        n = err < 0 ? err : n;
    }
    return n;
}
