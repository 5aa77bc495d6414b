/* SPDX-License-Identifier: BSD-2-Clause */
/* unix.c - AF_UNIX sockets: making and ending them. */
#include "net/unix/unix.h"

#include <linux/eventpoll.h>
#include "base/errno.h"
#include "mm/heap.h"
#include "proc/cred.h"
#include "vfs/context.h"
#include "vfs/poll.h"

struct setting unix_datagrams_most = {10, 0, INT32_MAX};
struct list_node unix_all = LIST_INIT(unix_all);

struct unix_socket *unix_alloc(const struct socket_ops *ops, int type)
{
    struct unix_socket *u = heap_zalloc(sizeof *u);
    if (!u)
        return nullptr;
    socket_init(&u->s, ops, AF_UNIX, type, 0);
    u->datagrams_most = (uint32_t)unix_datagrams_most.value;
    list_init(&u->bound);
    list_init(&u->pending);
    list_init(&u->in_flight);
    list_init(&u->gc_node);
    list_push_back(&unix_all, &u->all);
    return u;
}

int unix_create(int, int type, int protocol, struct socket **out)
{
    const struct socket_ops *ops;
    if (protocol && protocol != AF_UNIX)
        return -EPROTONOSUPPORT;
    switch (type) {
    case SOCK_STREAM: ops = &unix_stream_ops; break;
    case SOCK_RAW: type = SOCK_DGRAM; [[fallthrough]];
    case SOCK_DGRAM: ops = &unix_datagram_ops; break;
    case SOCK_SEQPACKET: ops = &unix_packet_ops; break;
    default: return -ESOCKTNOSUPPORT;
    }
    struct unix_socket *u = unix_alloc(ops, type);
    if (!u)
        return -ENOMEM;
    *out = &u->s;
    return 0;
}

int unix_pair(struct socket *a, struct socket *b)
{
    struct unix_socket *x = unix_of(a), *y = unix_of(b);
    socket_get(a);
    socket_get(b);
    x->peer = y;
    y->peer = x;
    x->peer_cred = y->peer_cred = socket_cred_current();
    return 0;
}

static bool is_connecting_type(const struct socket *s)
{
    return s->type != SOCK_DGRAM;
}

static void tell_shut(struct socket *s, enum socket_shut how)
{
    s->shut |= how;
    socket_wake_all(s, EPOLLIN | EPOLLOUT | EPOLLRDHUP | (s->shut == SHUT_BOTH ? EPOLLHUP : 0));
}

int unix_shutdown(struct socket *s, enum socket_shut how)
{
    struct unix_socket *peer = unix_of(s)->peer;
    tell_shut(s, how);
    if (peer && is_connecting_type(s) && !peer->s.is_closed)
        tell_shut(&peer->s, (enum socket_shut)((how & SHUT_RECEIVE ? SHUT_SEND : 0) |
                                               (how & SHUT_SEND ? SHUT_RECEIVE : 0)));
    return 0;
}

uint64_t unix_send_room(const struct socket *s)
{
    return s->send_bytes;
}

/* As Linux's: so that a poll for writing is worth a write. */
static bool is_writable(const struct socket *s)
{
    return !s->is_listening && s->sent * 4 <= s->send_bytes;
}

uint32_t unix_poll(struct socket *s, struct file *file, struct poll_table *table)
{
    struct unix_socket *u = unix_of(s), *peer = u->peer;
    bool can_write = is_writable(s);
    uint32_t events = s->error ? EPOLLERR : 0;
    if (s->shut == SHUT_BOTH)
        events |= EPOLLHUP;
    if (s->shut & SHUT_RECEIVE)
        events |= EPOLLRDHUP | EPOLLIN | EPOLLRDNORM;
    if (s->inbox.count || (s->is_listening && u->pending_count))
        events |= EPOLLIN | EPOLLRDNORM;
    if (is_connecting_type(s) && !peer && !s->is_listening)
        events |= EPOLLHUP;
    if (!is_connecting_type(s) && peer && peer->peer != u && !peer->s.is_closed) {
        poll_wait(file, &peer->s.wait, table);
        can_write = can_write && peer->s.inbox.count <= peer->datagrams_most;
    }
    return can_write ? events | EPOLLOUT | EPOLLWRNORM | EPOLLWRBAND : events;
}

void unix_control_sent(struct socket *, struct message *m)
{
    if (m->control.has_cred)
        return;
    const struct cred *cred = context_cred();
    m->control.cred = (struct socket_cred){context_pid(), cred->uid, cred->gid};
    m->control.has_cred = true;
}

void unix_control_received(struct socket *s, struct message *m)
{
    m->control.has_cred = m->control.has_cred && s->switches & SOCKET_PASSCRED;
}

int unix_option_set(struct socket *, const struct option *)
{
    return -ENOPROTOOPT;
}

int unix_option_get(struct socket *s, struct option *o)
{
    if (o->level != SOL_SOCKET)
        return -EOPNOTSUPP;
    if (o->name != SO_PEERCRED)
        return -ENOPROTOOPT;
    struct socket_cred cred = unix_of(s)->peer_cred;
    cred.pid = context_pid_number(cred.pid);
    if (!unix_of(s)->peer_cred.pid)
        cred = (struct socket_cred){0, UINT32_MAX, UINT32_MAX};
    return option_put(o, &cred, sizeof cred);
}

static void end_peer(struct unix_socket *u, bool had_data)
{
    struct unix_socket *peer = u->peer;
    u->peer = nullptr;
    if (!peer)
        return;
    if (is_connecting_type(&u->s) && !peer->s.is_closed) {
        peer->s.shut = SHUT_BOTH;
        if (had_data)
            peer->s.error = ECONNRESET;
        socket_wake_all(&peer->s, EPOLLIN | EPOLLOUT | EPOLLHUP | EPOLLRDHUP);
    }
    socket_put(&peer->s);
}

static void refuse_pending(struct unix_socket *u)
{
    struct list_node *node;
    while ((node = list_pop_front(&u->pending)) != nullptr) {
        struct unix_socket *child = container_of(node, struct unix_socket, pending);
        if (child->peer && !child->peer->s.is_closed)
            child->peer->s.error = ECONNRESET;
        socket_abandon(&child->s);
    }
}

void unix_close(struct socket *s)
{
    struct unix_socket *u = unix_of(s);
    unix_unbind(u);
    s->shut = SHUT_BOTH;
    if (s->is_listening)
        refuse_pending(u);
    end_peer(u, s->inbox.count);
    /* Those who wait for room here, or in the queue of connections. */
    socket_wake_all(s, EPOLLOUT | EPOLLHUP);
    inbox_clear(&s->inbox);
    unix_gc();
}

void unix_destroy(struct socket *s)
{
    struct unix_socket *u = unix_of(s);
    list_remove(&u->all);
    if (u->name && --u->name->refs == 0)
        heap_free(u->name);
}
