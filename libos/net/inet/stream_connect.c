/* SPDX-License-Identifier: BSD-2-Clause */
/* stream_connect.c - how TCP connections over the loopback come about and are given up: connect,
 * listen, accept (tcp(7)). */
#include <linux/eventpoll.h>
#include "base/errno.h"
#include "base/string.h"
#include "net/inet/inet.h"

static void inherit(struct inet_socket *child, const struct inet_socket *listener)
{
    child->s.switches = listener->s.switches;
    child->s.send_bytes = listener->s.send_bytes;
    child->s.receive_bytes = listener->s.receive_bytes;
    child->s.send_timeout_ns = listener->s.send_timeout_ns;
    child->s.receive_timeout_ns = listener->s.receive_timeout_ns;
    child->s.low_water = listener->s.low_water;
    child->s.linger_seconds = listener->s.linger_seconds;
    child->s.priority = listener->s.priority;
    child->s.mark = listener->s.mark;
    memcpy(child->option, listener->option, sizeof child->option);
}

static int establish(struct inet_socket *i, struct inet_socket *listener)
{
    struct inet_socket *child = inet_alloc(&tcp_ops, listener->s.family, SOCK_STREAM, IPPROTO_TCP);
    if (!child)
        return -ENOBUFS;
    inherit(child, listener);
    memcpy(child->local.ip, i->remote.ip, 16);
    child->remote = i->local;
    port_share(child, listener->local.port);
    socket_get(&i->s);
    socket_get(&child->s);
    child->peer = i;
    i->peer = child;
    child->state = i->state = TCP_ESTABLISHED;
    list_push_back(&listener->pending, &child->pending);
    listener->pending_count++;
    socket_wake(&listener->s, EPOLLIN | EPOLLRDNORM);
    socket_wake_all(&i->s, EPOLLOUT | EPOLLWRNORM);
    return 0;
}

/* Choose I's own address and knock at END.  0: connected, or in SYN_SENT. */
static int begin(struct inet_socket *i, const struct inet_end *end)
{
    uint8_t ip[16];
    inet_source(i, end, ip);
    if (!i->local.port) {
        if (port_take(i, 0) < 0)
            return -EADDRNOTAVAIL;
    }
    memcpy(i->local.ip, ip, 16);
    i->remote = *end;
    struct inet_socket *listener = port_find_listener(end);
    if (!listener)
        return -ECONNREFUSED;
    if (listener->pending_count <= listener->backlog)
        return establish(i, listener);
    i->state = TCP_SYN_SENT;
    list_push_back(&listener->waiting, &i->waiting);
    return 0;
}

static void fail(struct inet_socket *i)
{
    i->state = TCP_CLOSE;
    i->remote.port = 0;
    if (!i->has_bound_ip)
        ip_set_any(i->local.ip, i->s.family);
}

/* connect(2) to AF_UNSPEC: give the connection up. */
static int disconnect(struct inet_socket *i)
{
    if (i->peer && !i->peer->s.is_closed)
        tcp_reset(i->peer);
    tcp_peer_drop(i);
    list_remove(&i->waiting);
    fail(i);
    if (!i->has_bound_port)
        port_release(i);
    inbox_clear(&i->s.inbox);
    i->s.error = 0;
    i->s.shut = 0;
    i->is_connecting = i->fin_received = false;
    return 0;
}

/* How a connection under way has come out, as far as it has. */
static int result(struct inet_socket *i, unsigned flags, uint64_t deadline)
{
    while (i->state == TCP_SYN_SENT) {
        int err = socket_wait(&i->s, flags, deadline);
        if (err < 0)
            return err == -EAGAIN ? -EINPROGRESS : err;
    }
    i->is_connecting = false;
    if (i->peer)
        return 0;
    int err = socket_take_error(&i->s);
    return err < 0 ? err : -ECONNABORTED;
}

int tcp_connect(struct socket *s, const struct socket_address *a, unsigned flags)
{
    struct inet_socket *i = inet_of(s);
    struct inet_end end;
    uint64_t deadline = socket_send_deadline(s);
    if (a->bytes < sizeof a->family)
        return -EINVAL;
    if (a->family == AF_UNSPEC)
        return s->is_listening ? -EINVAL : disconnect(i);
    if (i->is_connecting)
        return i->state == TCP_SYN_SENT && flags & MSG_DONTWAIT ? -EALREADY
                                                                : result(i, flags, deadline);
    if (i->state != TCP_CLOSE || i->peer)
        return -EISCONN;
    int err = inet_end_of(i, a, &end);
    if (!err)
        err = inet_route(i, &end);
    if (!err && !end.port)
        err = -ECONNREFUSED;
    if (!err)
        err = begin(i, &end);
    if (err < 0 && err != -EADDRNOTAVAIL)
        fail(i);
    /* A program that does not want to wait learns the answer later, as over a wire. */
    if (flags & MSG_DONTWAIT && (!err || err == -ECONNREFUSED)) {
        i->is_connecting = true;
        if (err)
            socket_set_error(s, -err);
        return -EINPROGRESS;
    }
    if (err < 0)
        return err;
    i->is_connecting = true;
    return result(i, flags, deadline);
}

int tcp_listen(struct socket *s, int backlog)
{
    struct inet_socket *i = inet_of(s);
    if (i->state != TCP_CLOSE && i->state != TCP_LISTEN)
        return -EINVAL;
    if (i->peer)
        return -EINVAL;
    if (!i->local.port && port_take(i, 0) < 0)
        return -EADDRINUSE;
    if (!s->is_listening) {
        int err = port_may_listen(i);
        if (err < 0)
            return err;
        port_listen(i);
    }
    i->backlog = (uint32_t)backlog;
    i->state = TCP_LISTEN;
    s->is_listening = true;
    return 0;
}

static void admit_waiting(struct inet_socket *listener)
{
    while (listener->pending_count <= listener->backlog) {
        struct list_node *node = list_pop_front(&listener->waiting);
        if (!node)
            return;
        struct inet_socket *i = container_of(node, struct inet_socket, waiting);
        int err = establish(i, listener);
        if (err < 0) {
            fail(i);
            socket_set_error(&i->s, -err);
        }
    }
}

int tcp_accept(struct socket *s, unsigned flags, struct socket **out, struct socket_address *peer)
{
    struct inet_socket *i = inet_of(s);
    uint64_t deadline = socket_receive_deadline(s);
    struct list_node *node;
    do {
        if (!s->is_listening)
            return -EINVAL;
        node = list_pop_front(&i->pending);
        if (!node) {
            int err = socket_wait(s, flags, deadline);
            if (err < 0)
                return err;
        }
    } while (!node);
    i->pending_count--;
    admit_waiting(i);
    struct inet_socket *child = container_of(node, struct inet_socket, pending);
    inet_end_put(child, &child->remote, peer);
    *out = &child->s;
    return 0;
}

/* Nobody will accept any more. */
void tcp_stop_listening(struct inet_socket *i)
{
    struct list_node *node;
    i->s.is_listening = false;
    i->state = TCP_CLOSE;
    list_remove(&i->listen_node);
    while ((node = list_pop_front(&i->waiting)) != nullptr) {
        struct inet_socket *client = container_of(node, struct inet_socket, waiting);
        fail(client);
        socket_set_error(&client->s, ECONNREFUSED);
    }
    while ((node = list_pop_front(&i->pending)) != nullptr) {
        struct inet_socket *child = container_of(node, struct inet_socket, pending);
        child->s.switches |= SOCKET_LINGER; /* by reset */
        child->s.linger_seconds = 0;
        socket_abandon(&child->s);
    }
    i->pending_count = 0;
}
