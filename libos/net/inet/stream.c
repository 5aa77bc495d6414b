/* SPDX-License-Identifier: BSD-2-Clause */
/* stream.c - TCP over the loopback: a byte pipe each way, with TCP's states as programs see them
 * (tcp(7)).
 *
 * A connection is made at once when the listener has room; else the client waits on its list, in
 * SYN_SENT.  Both ends refer to each other.  An end that closes with data unread resets the other;
 * else the other reads to the end, and its next send is answered by a reset.
 */
#include <linux/eventpoll.h>
#include "base/bits.h"
#include "base/errno.h"
#include "net/inet/inet.h"
#include "net/inet/loopback.h"
#include "vfs/context.h"
#include "vfs/iter.h"

/* IP, TCP and the timestamp option. */
constexpr uint32_t TCP4_HEADER = 20 + 32, TCP6_HEADER = 40 + 32;

void tcp_peer_drop(struct inet_socket *i)
{
    struct inet_socket *peer = i->peer;
    i->peer = nullptr;
    if (peer)
        socket_put(&peer->s);
}

/* I gets a reset. */
void tcp_reset(struct inet_socket *i)
{
    if (i->state == TCP_CLOSE)
        return;
    int error = i->state == TCP_CLOSE_WAIT ? EPIPE : ECONNRESET;
    i->state = TCP_CLOSE;
    i->s.shut = SHUT_BOTH;
    socket_set_error(&i->s, error);
}

/* I gets the other end's FIN. */
static void finish(struct inet_socket *i)
{
    if (i->state == TCP_CLOSE)
        return;
    i->fin_received = true;
    i->state = i->s.shut & SHUT_SEND ? TCP_CLOSE : TCP_CLOSE_WAIT;
    i->s.shut |= i->state == TCP_CLOSE ? SHUT_BOTH : SHUT_RECEIVE;
    socket_wake_all(&i->s,
                    EPOLLIN | EPOLLRDNORM | EPOLLRDHUP | (i->state == TCP_CLOSE ? EPOLLHUP : 0));
}

static struct socket *peer_of(struct socket *s)
{
    return &inet_of(s)->peer->s;
}

static int may_send(struct socket *s)
{
    const struct inet_socket *i = inet_of(s);
    int err = socket_take_error(s);
    if (err < 0)
        return err;
    return s->shut & SHUT_SEND || !i->peer ? -EPIPE : 0;
}

static uint64_t send_room(const struct socket *s)
{
    const struct inet_socket *peer = container_of(s, struct inet_socket, s)->peer;
    return s->send_bytes + (peer ? peer->s.receive_bytes : 0);
}

static int may_receive(struct socket *s)
{
    const struct inet_socket *i = inet_of(s);
    if (i->fin_received)
        return 1;
    int err = socket_take_error(s);
    if (err < 0)
        return err;
    if (s->shut & SHUT_RECEIVE)
        return 1;
    return i->peer || i->state == TCP_SYN_SENT ? 0 : -ENOTCONN;
}

static int wait_connected(struct inet_socket *i, unsigned flags)
{
    uint64_t deadline = socket_send_deadline(&i->s);
    while (i->state == TCP_SYN_SENT) {
        int err = socket_wait(&i->s, flags, deadline);
        if (err < 0)
            return err;
    }
    return 0;
}

/* The other end is closed: what is sent now is lost, and a reset comes back. */
static ssize_t send_to_closed(struct inet_socket *i, struct message *m)
{
    size_t n = iter_count(m->data);
    iter_skip(m->data, n);
    if (n)
        tcp_reset(i);
    return (ssize_t)n;
}

static ssize_t send(struct socket *s, struct message *m)
{
    struct inet_socket *i = inet_of(s);
    int err = wait_connected(i, m->flags);
    if (err < 0)
        return err;
    if (i->peer && i->peer->s.is_closed && !s->error && !(s->shut & SHUT_SEND))
        return send_to_closed(i, m);
    ssize_t n = stream_send(s, m, peer_of);
    if (n > 0)
        lo_count((uint64_t)n, i->s.family == AF_INET ? TCP4_HEADER : TCP6_HEADER);
    return n;
}

/* MSG_OOB: the urgent byte, which may overtake the data before it. */
static ssize_t receive_urgent(struct socket *s, struct message *m)
{
    if (s->switches & SOCKET_OOBINLINE)
        return -EINVAL;
    list_for_each(node, &s->inbox.chunks) {
        struct chunk *c = container_of(node, struct chunk, node);
        if (!c->is_urgent || c->offset == c->bytes)
            continue;
        ssize_t n = iter_count(m->data) ? iter_copy_to(m->data, c->data + c->bytes - 1, 1) : 0;
        if (n < 0 || m->flags & MSG_PEEK)
            return n;
        m->out_flags |= MSG_OOB;
        c->bytes--; /* what stays is the mark */
        s->inbox.bytes--;
        return n;
    }
    return -EINVAL;
}

static ssize_t receive(struct socket *s, struct message *m)
{
    struct inet_socket *i = inet_of(s);
    if (m->flags & MSG_OOB)
        return receive_urgent(s, m);
    if (i->state == TCP_LISTEN)
        return -ENOTCONN;
    return stream_receive(s, m);
}

static int shutdown(struct socket *s, enum socket_shut how)
{
    struct inet_socket *i = inet_of(s);
    if (i->state == TCP_LISTEN) {
        if (how & SHUT_RECEIVE) {
            tcp_stop_listening(i);
            socket_wake_all(s, EPOLLIN | EPOLLHUP);
        }
        return 0;
    }
    if (!i->peer || i->state == TCP_CLOSE) {
        s->shut |= how; /* as Linux does, though it fails */
        socket_wake_all(s, EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLHUP);
        return -ENOTCONN;
    }
    bool sends_fin = how & SHUT_SEND && !(s->shut & SHUT_SEND);
    s->shut |= how;
    if (sends_fin) {
        i->state = i->state == TCP_CLOSE_WAIT ? TCP_CLOSE : TCP_FIN_WAIT2;
        if (i->state == TCP_CLOSE)
            s->shut = SHUT_BOTH;
        if (!i->peer->s.is_closed)
            finish(i->peer);
    }
    socket_wake_all(s, EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLHUP);
    return 0;
}

static bool is_writable(const struct socket *s)
{
    return s->sent * 3 <= send_room(s) * 2;
}

static bool has_urgent(const struct socket *s)
{
    list_for_each(node, &s->inbox.chunks) {
        const struct chunk *c = container_of(node, struct chunk, node);
        if (c->is_urgent && c->offset < c->bytes)
            return true;
    }
    return false;
}

static uint32_t poll(struct socket *s, struct file *, struct poll_table *)
{
    const struct inet_socket *i = inet_of(s);
    uint32_t events = s->error ? EPOLLERR : 0;
    if (i->state == TCP_LISTEN)
        return i->pending_count ? EPOLLIN | EPOLLRDNORM : 0;
    if (s->shut == SHUT_BOTH || i->state == TCP_CLOSE)
        events |= EPOLLHUP;
    if (s->shut & SHUT_RECEIVE)
        events |= EPOLLIN | EPOLLRDNORM | EPOLLRDHUP;
    if (i->state == TCP_SYN_SENT)
        return events;
    if (s->inbox.bytes >= s->low_water)
        events |= EPOLLIN | EPOLLRDNORM;
    if (s->shut & SHUT_SEND || is_writable(s))
        events |= EPOLLOUT | EPOLLWRNORM;
    return s->inbox.urgent && has_urgent(s) ? events | EPOLLPRI : events;
}

static void close(struct socket *s)
{
    struct inet_socket *i = inet_of(s);
    if (i->state == TCP_LISTEN)
        tcp_stop_listening(i);
    list_remove(&i->waiting);
    port_release(i);
    bool is_abrupt = s->inbox.bytes || (s->switches & SOCKET_LINGER && !s->linger_seconds);
    if (i->peer && !i->peer->s.is_closed) {
        if (is_abrupt)
            tcp_reset(i->peer);
        else if (!(s->shut & SHUT_SEND))
            finish(i->peer);
    }
    i->state = TCP_CLOSE;
    s->shut = SHUT_BOTH;
    tcp_peer_drop(i);
    inbox_clear(&s->inbox);
}

const struct socket_ops tcp_ops = {
    .bind = inet_bind,
    .connect = tcp_connect,
    .listen = tcp_listen,
    .accept = tcp_accept,
    .local_name = inet_local_name,
    .peer_name = inet_peer_name,
    .send = send,
    .receive = receive,
    .shutdown = shutdown,
    .poll = poll,
    .may_send = may_send,
    .may_receive = may_receive,
    .send_room = send_room,
    .option_set = inet_option_set,
    .option_get = inet_option_get,
    .close = close,
    .destroy = inet_destroy,
};
