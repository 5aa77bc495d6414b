/* SPDX-License-Identifier: BSD-2-Clause */
/* unix_datagram.c - AF_UNIX datagrams: reliable and in order, to a named or a fixed receiver. */
#include <linux/eventpoll.h>
#include "base/errno.h"
#include "net/unix/unix.h"
#include "vfs/iter.h"

static void peer_change(struct unix_socket *u, struct unix_socket *peer)
{
    struct unix_socket *old = u->peer;
    u->peer = peer;
    if (!old)
        return;
    socket_wake_all(&old->s, EPOLLOUT);
    socket_put(&old->s);
}

/* A receiver that only listens to another does not take U's datagrams. */
static bool may_reach(const struct unix_socket *u, const struct unix_socket *other)
{
    return !other->peer || other->peer == u;
}

static int connect(struct socket *s, const struct socket_address *a, unsigned)
{
    struct unix_socket *u = unix_of(s), *other = nullptr;
    if (a->bytes < sizeof a->family)
        return -EINVAL;
    if (a->family != AF_UNSPEC) {
        int err = s->switches & SOCKET_PASSCRED ? unix_autobind(u) : 0;
        if (!err)
            err = unix_find(a, s->type, &other);
        if (err)
            return err;
        if (!may_reach(u, other)) {
            socket_put(&other->s);
            return -EPERM;
        }
        u->peer_cred = other->s.owner;
    }
    peer_change(u, other);
    return 0;
}

/* Who M is for: referenced. */
static int find_receiver(struct unix_socket *u, const struct message *m, struct unix_socket **out)
{
    if (m->address && m->address->bytes)
        return unix_find(m->address, SOCK_DGRAM, out);
    if (!u->peer)
        return -ENOTCONN;
    *out = u->peer;
    socket_get(&u->peer->s);
    return 0;
}

/* May OTHER have a datagram now?  1: once it has read some. */
static int check_receiver(struct unix_socket *u, struct unix_socket *other)
{
    if (other->s.is_closed) {
        if (other == u->peer)
            peer_change(u, nullptr);
        return -ECONNREFUSED;
    }
    if (!may_reach(u, other))
        return -EPERM;
    if (other->s.shut & SHUT_RECEIVE)
        return -EPIPE;
    return other != u && other->peer != u && other->s.inbox.count > other->datagrams_most;
}

static ssize_t deliver(struct unix_socket *u, struct unix_socket *other, struct message *m)
{
    struct chunk *c;
    size_t n = iter_count(m->data);
    int err = chunk_create_from(&u->s, m, n, &c);
    if (err < 0)
        return err;
    c->control = m->control;
    m->control.files = nullptr;
    inbox_push(&other->s.inbox, c);
    socket_wake(&other->s, EPOLLIN | EPOLLRDNORM | EPOLLRDBAND);
    return (ssize_t)n;
}

static ssize_t send(struct socket *s, struct message *m)
{
    struct unix_socket *u = unix_of(s), *other;
    uint64_t deadline = socket_send_deadline(s);
    if (m->flags & MSG_OOB)
        return -EOPNOTSUPP;
    if (iter_count(m->data) > s->send_bytes - 32)
        return -EMSGSIZE;
    if (s->shut & SHUT_SEND)
        return -EPIPE;
    if (s->switches & SOCKET_PASSCRED) {
        int err = unix_autobind(u);
        if (err < 0)
            return err;
    }
    unix_control_sent(s, m);
    for (;;) {
        ssize_t result = find_receiver(u, m, &other);
        if (result < 0)
            return result;
        result = check_receiver(u, other);
        bool is_full = result == 1, is_out_of_room = !result && s->sent >= s->send_bytes;
        if (is_full)
            result = socket_wait(&other->s, m->flags, deadline);
        else if (is_out_of_room)
            result = socket_wait(s, m->flags, deadline);
        else if (!result)
            result = deliver(u, other, m);
        socket_put(&other->s);
        if (result < 0 || !(is_full || is_out_of_room))
            return result;
    }
}

static ssize_t receive(struct socket *s, struct message *m)
{
    struct chunk *c;
    if (m->flags & MSG_OOB)
        return -EOPNOTSUPP;
    int err = datagram_wait(s, m->flags, &c);
    if (err < 0 || !c)
        return err;
    if (m->address) {
        m->address->bytes = 0;
        if (unix_of(c->sender)->name)
            unix_name_get(unix_of(c->sender), m->address);
    }
    ssize_t n = datagram_take(s, m, c);
    unix_control_received(s, m);
    if (!(m->flags & MSG_PEEK))
        socket_wake_all(s, EPOLLOUT | EPOLLWRNORM); /* senders who sleep until there is room */
    return n;
}

const struct socket_ops unix_datagram_ops = {
    .bind = unix_bind,
    .connect = connect,
    .pair = unix_pair,
    .local_name = unix_local_name,
    .peer_name = unix_peer_name,
    .send = send,
    .receive = receive,
    .shutdown = unix_shutdown,
    .poll = unix_poll,
    .option_set = unix_option_set,
    .option_get = unix_option_get,
    .close = unix_close,
    .destroy = unix_destroy,
};
