/* SPDX-License-Identifier: BSD-2-Clause */
/* socket.c - life of sockets, waiting for them, and the way into the families. */
#include "net/socket.h"

#include <linux/eventpoll.h>
#include "base/errno.h"
#include "mm/heap.h"
#include "proc/cred.h"
#include "sched/time.h"
#include "vfs/context.h"
#include "vfs/file.h"
#include "vfs/iter.h"
#include "vfs/poll.h"

constexpr uint32_t BUFFER_BYTES = 212992; /* net.core.wmem_default, rmem_default */

struct setting socket_backlog_most = {4096, 0, INT32_MAX};

struct socket_cred socket_cred_current(void)
{
    const struct cred *cred = context_cred();
    return (struct socket_cred){context_pid(), cred->euid, cred->egid};
}

void socket_init(struct socket *s, const struct socket_ops *ops, int family, int type, int protocol)
{
    *s = (struct socket){
        .ops = ops,
        .refs = 1,
        .family = (uint16_t)family,
        .type = (uint16_t)type,
        .protocol = protocol,
        .send_bytes = BUFFER_BYTES,
        .receive_bytes = BUFFER_BYTES,
        .send_timeout_ns = WAIT_FOREVER,
        .receive_timeout_ns = WAIT_FOREVER,
        .low_water = 1,
        .owner = socket_cred_current(),
    };
    wait_queue_init(&s->wait);
    inbox_init(&s->inbox);
}

void socket_put(struct socket *s)
{
    if (!s || --s->refs > 0)
        return;
    inbox_clear(&s->inbox);
    poll_queue_destroy(&s->wait);
    if (s->ops->destroy)
        s->ops->destroy(s);
    heap_free(s);
}

void socket_abandon(struct socket *s)
{
    s->is_closed = true;
    s->ops->close(s);
    socket_put(s);
}

static int (*family_create(int family))(int, int, int, struct socket **)
{
    switch (family) {
    case AF_UNIX: return unix_create;
    case AF_INET:
    case AF_INET6: return inet_create;
    case AF_NETLINK: return netlink_create;
    default: return nullptr;
    }
}

int socket_create(int family, int type, int protocol, struct socket **out)
{
    if (type < 0 || type > SOCK_PACKET)
        return -EINVAL;
    int (*create)(int, int, int, struct socket **) = family_create(family);
    return create ? create(family, type, protocol, out) : -EAFNOSUPPORT;
}

static void tell_owner(struct socket *s)
{
    if (s->file)
        file_notify_owner(s->file);
}

void socket_wake(struct socket *s, uint32_t events)
{
    wait_wake(&s->wait, events);
    tell_owner(s);
}

void socket_wake_all(struct socket *s, uint32_t events)
{
    wait_wake_all(&s->wait, events);
    tell_owner(s);
}

int socket_take_error(struct socket *s)
{
    int error = s->error;
    s->error = 0;
    return -error;
}

void socket_set_error(struct socket *s, int error)
{
    s->error = error;
    socket_wake_all(s, EPOLLERR | EPOLLIN | EPOLLOUT | EPOLLHUP | EPOLLRDHUP);
}

static uint64_t deadline(uint64_t timeout_ns)
{
    return timeout_ns == WAIT_FOREVER ? WAIT_FOREVER : time_deadline_after(timeout_ns);
}

uint64_t socket_send_deadline(const struct socket *s)
{
    return deadline(s->send_timeout_ns);
}

uint64_t socket_receive_deadline(const struct socket *s)
{
    return deadline(s->receive_timeout_ns);
}

int socket_wait(struct socket *s, unsigned flags, uint64_t deadline_ns)
{
    if (flags & MSG_DONTWAIT)
        return -EAGAIN;
    int err = wait_on(&s->wait, deadline_ns, SLEEP_INTERRUPTIBLE);
    if (err == -ETIMEDOUT)
        return -EAGAIN;
    if (err == -EINTR)
        return deadline_ns == WAIT_FOREVER ? -ERESTARTSYS : -EINTR;
    return err;
}

ssize_t socket_send(struct socket *s, struct message *m)
{
    return s->ops->send(s, m);
}

ssize_t socket_receive(struct socket *s, struct message *m)
{
    if (m->flags & MSG_ERRQUEUE)
        return s->family == AF_UNIX ? -EOPNOTSUPP : -EAGAIN; /* no errors are queued, ip(7) */
    return s->ops->receive(s, m);
}
