/* SPDX-License-Identifier: BSD-2-Clause */
/* unix_connect.c - connections of AF_UNIX streams and packet sockets, and what flows through them.
 *
 * connect makes the server's end at once and puts it on the listener's list; data may flow before
 * accept takes it from there.
 */
#include <linux/eventpoll.h>
#include "base/bits.h"
#include "base/errno.h"
#include "net/unix/unix.h"
#include "vfs/context.h"
#include "vfs/iter.h"

/* Give S, which has found OTHER willing, a connection. */
static int attach(struct unix_socket *u, struct unix_socket *other)
{
    if (u->peer)
        return -EISCONN;
    if (u->s.is_listening)
        return -EINVAL;
    struct unix_socket *child = unix_alloc(other->s.ops, other->s.type);
    if (!child)
        return -ENOMEM;
    unix_pair(&u->s, &child->s);
    unix_name_share(child, other);
    child->peer_cred = socket_cred_current();
    u->peer_cred = other->peer_cred;
    child->s.switches = other->s.switches & SOCKET_PASSCRED;
    list_push_back(&other->pending, &child->pending);
    other->pending_count++;
    socket_wake(&other->s, EPOLLIN | EPOLLRDNORM);
    socket_wake_all(&u->s, EPOLLOUT);
    return 0;
}

/* 1: the queue is full. */
static int check_listener(const struct unix_socket *other)
{
    if (!other->s.is_listening || other->s.is_closed || other->s.shut & SHUT_RECEIVE)
        return -ECONNREFUSED;
    return other->pending_count > other->backlog;
}

int unix_connect(struct socket *s, const struct socket_address *a, unsigned flags)
{
    struct unix_socket *u = unix_of(s), *other;
    uint64_t deadline = socket_send_deadline(s);
    int err = s->switches & SOCKET_PASSCRED ? unix_autobind(u) : 0;
    while (!err) {
        err = unix_find(a, s->type, &other);
        if (err < 0)
            break;
        err = check_listener(other);
        bool is_full = err == 1;
        if (is_full)
            err = socket_wait(&other->s, flags, deadline);
        else if (!err)
            err = attach(u, other);
        socket_put(&other->s);
        if (!is_full)
            break;
    }
    return err;
}

int unix_listen(struct socket *s, int backlog)
{
    struct unix_socket *u = unix_of(s);
    if (!u->name || u->peer)
        return -EINVAL;
    bool grows = (uint32_t)backlog > u->backlog;
    u->backlog = (uint32_t)backlog;
    s->is_listening = true;
    u->peer_cred = socket_cred_current();
    if (grows)
        socket_wake_all(s, EPOLLOUT);
    return 0;
}

int unix_accept(struct socket *s, unsigned flags, struct socket **out, struct socket_address *peer)
{
    struct unix_socket *u = unix_of(s);
    uint64_t deadline = socket_receive_deadline(s);
    struct list_node *node;
    if (!s->is_listening)
        return -EINVAL;
    while (!(node = list_pop_front(&u->pending))) {
        if (s->shut & SHUT_RECEIVE)
            return -EINVAL;
        int err = socket_wait(s, flags, deadline);
        if (err < 0)
            return err;
    }
    u->pending_count--;
    socket_wake_all(s, EPOLLOUT); /* those whom a full queue keeps waiting */
    *out = &container_of(node, struct unix_socket, pending)->s;
    return unix_peer_name(*out, peer);
}

static struct socket *peer_of(struct socket *s)
{
    return &unix_of(s)->peer->s;
}

static int may_send(struct socket *s)
{
    const struct unix_socket *peer = unix_of(s)->peer;
    if (s->shut & SHUT_SEND)
        return -EPIPE;
    if (!peer)
        return -ENOTCONN;
    return peer->s.is_closed || peer->s.shut & SHUT_RECEIVE ? -EPIPE : 0;
}

static int may_receive(struct socket *s)
{
    if (!unix_of(s)->peer)
        return s->type == SOCK_STREAM ? -EINVAL : -ENOTCONN;
    int err = socket_take_error(s);
    return err < 0 ? err : (s->shut & SHUT_RECEIVE) != 0;
}

static int check_send(struct socket *s, struct message *m)
{
    if (m->flags & MSG_OOB)
        return -EOPNOTSUPP;
    if (m->address && m->address->bytes && s->type == SOCK_STREAM)
        return unix_of(s)->peer ? -EISCONN : -EOPNOTSUPP;
    return 0;
}

static ssize_t stream_op_send(struct socket *s, struct message *m)
{
    int err = check_send(s, m);
    if (err < 0)
        return err;
    unix_control_sent(s, m);
    return stream_send(s, m, peer_of);
}

static void sender_name(struct socket *s, struct message *m)
{
    if (!m->address)
        return;
    m->address->bytes = 0;
    const struct unix_socket *peer = unix_of(s)->peer;
    if (peer && peer->name)
        unix_name_get(peer, m->address);
}

static ssize_t stream_op_receive(struct socket *s, struct message *m)
{
    if (m->flags & MSG_OOB)
        return -EOPNOTSUPP;
    if (!unix_of(s)->peer)
        return -EINVAL;
    ssize_t n = stream_receive(s, m);
    sender_name(s, m);
    unix_control_received(s, m);
    return n;
}

/* One packet to the peer, whole or not at all. */
static ssize_t packet_send(struct socket *s, struct message *m)
{
    uint64_t deadline = socket_send_deadline(s);
    size_t n = iter_count(m->data);
    int err = check_send(s, m);
    if (!err && n > s->send_bytes - 32)
        err = -EMSGSIZE;
    unix_control_sent(s, m);
    while (!err) {
        err = may_send(s);
        if (err < 0 || s->sent < s->send_bytes)
            break;
        err = socket_wait(s, m->flags, deadline);
    }
    struct chunk *c;
    if (!err)
        err = chunk_create_from(s, m, n, &c);
    if (err == -EPIPE && !(m->flags & MSG_NOSIGNAL))
        context_broken_pipe();
    if (err)
        return err;
    c->control = m->control;
    m->control.files = nullptr;
    struct socket *peer = peer_of(s);
    inbox_push(&peer->inbox, c);
    socket_wake(peer, EPOLLIN | EPOLLRDNORM | EPOLLRDBAND);
    return (ssize_t)n;
}

static ssize_t packet_receive(struct socket *s, struct message *m)
{
    struct chunk *c;
    if (m->flags & MSG_OOB)
        return -EOPNOTSUPP;
    if (!unix_of(s)->peer)
        return -ENOTCONN;
    int err = datagram_wait(s, m->flags, &c);
    if (err < 0 || !c)
        return err;
    sender_name(s, m);
    ssize_t n = datagram_take(s, m, c);
    unix_control_received(s, m);
    return n;
}

const struct socket_ops unix_stream_ops = {
    .bind = unix_bind,
    .connect = unix_connect,
    .pair = unix_pair,
    .listen = unix_listen,
    .accept = unix_accept,
    .local_name = unix_local_name,
    .peer_name = unix_peer_name,
    .send = stream_op_send,
    .receive = stream_op_receive,
    .shutdown = unix_shutdown,
    .poll = unix_poll,
    .may_send = may_send,
    .may_receive = may_receive,
    .send_room = unix_send_room,
    .option_set = unix_option_set,
    .option_get = unix_option_get,
    .close = unix_close,
    .destroy = unix_destroy,
};

const struct socket_ops unix_packet_ops = {
    .bind = unix_bind,
    .connect = unix_connect,
    .pair = unix_pair,
    .listen = unix_listen,
    .accept = unix_accept,
    .local_name = unix_local_name,
    .peer_name = unix_peer_name,
    .send = packet_send,
    .receive = packet_receive,
    .shutdown = unix_shutdown,
    .poll = unix_poll,
    .may_receive = may_receive,
    .option_set = unix_option_set,
    .option_get = unix_option_get,
    .close = unix_close,
    .destroy = unix_destroy,
};
