/* SPDX-License-Identifier: BSD-2-Clause */
/* datagram.c - UDP over the loopback (udp(7)). */
#include <asm/ioctls.h>
#include <linux/eventpoll.h>
#include <linux/ipv6.h>
#include <linux/time_types.h>
#include "base/bits.h"
#include "base/errno.h"
#include "base/string.h"
#include "net/control.h"
#include "net/inet/ifreq.h"
#include "net/inet/inet.h"
#include "net/inet/loopback.h"
#include "sched/time.h"
#include "vfs/context.h"
#include "vfs/iter.h"

constexpr size_t DATAGRAM_MOST = 65507; /* 65535 less the IPv4 and UDP headers */

constexpr uint32_t UDP4_HEADER = 20 + 8, UDP6_HEADER = 40 + 8; /* with IP's */

static int autobind(struct inet_socket *i)
{
    return i->local.port ? 0 : port_take(i, 0) < 0 ? -EAGAIN : 0;
}

/* Back to what bind has set. */
static void disconnect(struct inet_socket *i)
{
    i->remote.port = 0;
    ip_set_any(i->remote.ip, i->s.family);
    if (!i->has_bound_ip)
        ip_set_any(i->local.ip, i->s.family);
    if (!i->has_bound_port)
        port_release(i);
}

static int connect(struct socket *s, const struct socket_address *a, unsigned)
{
    struct inet_socket *i = inet_of(s);
    struct inet_end end;
    if (a->bytes < sizeof a->family)
        return -EINVAL;
    if (a->family == AF_UNSPEC) {
        disconnect(i);
        return 0;
    }
    int err = inet_end_of(i, a, &end);
    if (!err)
        err = inet_route(i, &end);
    if (!err)
        err = autobind(i);
    if (err < 0)
        return err;
    inet_source(i, &end, i->local.ip);
    i->remote = end;
    return 0;
}

static int destination(struct inet_socket *i, const struct message *m, struct inet_end *to)
{
    if (!m->address || !m->address->bytes) {
        *to = i->remote;
        return i->remote.port ? 0 : -EDESTADDRREQ;
    }
    int err = inet_end_of(i, m->address, to);
    if (err < 0)
        return err;
    return to->port ? inet_route(i, to) : -EINVAL;
}

/* What ICMP's "port unreachable" does to a connected sender. */
static void refuse(struct inet_socket *i)
{
    if (i->remote.port)
        socket_set_error(&i->s, ECONNREFUSED);
}

static ssize_t send(struct socket *s, struct message *m)
{
    struct inet_socket *i = inet_of(s);
    struct inet_end to, from;
    size_t n = iter_count(m->data);
    struct chunk *c;
    if (n > DATAGRAM_MOST)
        return -EMSGSIZE;
    if (m->flags & MSG_OOB)
        return -EOPNOTSUPP;
    int err = destination(i, m, &to);
    if (!err)
        err = socket_take_error(s);
    if (!err && s->shut & SHUT_SEND) {
        if (!(m->flags & MSG_NOSIGNAL))
            context_broken_pipe();
        err = -EPIPE;
    }
    if (!err)
        err = autobind(i);
    if (!err)
        err = chunk_create_from(nullptr, m, n, &c);
    if (err)
        return err;
    inet_source(i, &to, from.ip);
    from.port = i->local.port;
    c->from = from;
    c->to = to;
    lo_count(n, i->s.family == AF_INET ? UDP4_HEADER : UDP6_HEADER);
    struct inet_socket *other = port_find_datagram(&to, &from);
    if (!other)
        refuse(i);
    if (!other || other->s.inbox.charge > other->s.receive_bytes) {
        chunk_free(c); /* lost, as udp(7) says datagrams may be */
        return (ssize_t)n;
    }
    inbox_push(&other->s.inbox, c);
    socket_wake(&other->s, EPOLLIN | EPOLLRDNORM | EPOLLRDBAND);
    return (ssize_t)n;
}

static int put_time(struct socket *s, struct control_out *out, uint64_t real_ns)
{
    struct timespec64 t = timespec_of_ns(real_ns);
    struct __kernel_old_timeval old = {t.sec, t.nsec / NSEC_PER_USEC};
    if (s->switches & SOCKET_TIMESTAMPNS)
        return control_put(out, SOL_SOCKET, SO_TIMESTAMPNS_OLD, &t, sizeof t);
    if (s->switches & SOCKET_TIMESTAMP)
        return control_put(out, SOL_SOCKET, SO_TIMESTAMP_OLD, &old, sizeof old);
    return 0;
}

static int put_v4(struct inet_socket *i, struct control_out *out, const struct chunk *c)
{
    static const int ttl = 64;
    static const uint8_t tos;
    int err = 0;
    if (inet_option_value(i, SOL_IP, IP_PKTINFO)) {
        struct in_pktinfo info = {.ipi_ifindex = LO_INDEX};
        memcpy(&info.ipi_spec_dst, c->to.ip + 12, 4);
        memcpy(&info.ipi_addr, c->to.ip + 12, 4);
        err = control_put(out, SOL_IP, IP_PKTINFO, &info, sizeof info);
    }
    if (!err && inet_option_value(i, SOL_IP, IP_RECVTTL))
        err = control_put(out, SOL_IP, IP_TTL, &ttl, sizeof ttl);
    if (!err && inet_option_value(i, SOL_IP, IP_RECVTOS))
        err = control_put(out, SOL_IP, IP_TOS, &tos, sizeof tos);
    if (!err && inet_option_value(i, SOL_IP, IP_RECVORIGDSTADDR)) {
        struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = c->to.port};
        memcpy(&to.sin_addr, c->to.ip + 12, 4);
        err = control_put(out, SOL_IP, IP_ORIGDSTADDR, &to, sizeof to);
    }
    return err;
}

static int put_v6(struct inet_socket *i, struct control_out *out, const struct chunk *c)
{
    static const int hops = 64, tclass = 0;
    int err = 0;
    if (inet_option_value(i, SOL_IPV6, IPV6_RECVPKTINFO)) {
        struct in6_pktinfo info = {.ipi6_ifindex = LO_INDEX};
        memcpy(&info.ipi6_addr, c->to.ip, 16);
        err = control_put(out, SOL_IPV6, IPV6_PKTINFO, &info, sizeof info);
    }
    if (!err && inet_option_value(i, SOL_IPV6, IPV6_RECVHOPLIMIT))
        err = control_put(out, SOL_IPV6, IPV6_HOPLIMIT, &hops, sizeof hops);
    if (!err && inet_option_value(i, SOL_IPV6, IPV6_RECVTCLASS))
        err = control_put(out, SOL_IPV6, IPV6_TCLASS, &tclass, sizeof tclass);
    return err;
}

static int put_control(struct inet_socket *i, struct control_out *out, const struct chunk *c)
{
    if (!out)
        return 0;
    int err = put_time(&i->s, out, c->real_ns);
    if (!err)
        err = put_v4(i, out, c);
    return err || i->s.family == AF_INET ? err : put_v6(i, out, c);
}

static ssize_t receive(struct socket *s, struct message *m)
{
    struct inet_socket *i = inet_of(s);
    struct chunk *c;
    if (m->flags & MSG_OOB)
        return -EOPNOTSUPP;
    int err = datagram_wait(s, m->flags, &c);
    if (err < 0 || !c)
        return err;
    if (m->address)
        inet_end_put(i, &c->from, m->address);
    err = put_control(i, m->out, c);
    ssize_t n = datagram_take(s, m, c);
    return err < 0 ? err : n;
}

static int shutdown(struct socket *s, enum socket_shut how)
{
    if (!inet_of(s)->remote.port) {
        s->shut |= how; /* readers end all the same, as on Linux */
        socket_wake_all(s, EPOLLIN | EPOLLOUT | EPOLLHUP);
        return -ENOTCONN;
    }
    s->shut |= how;
    socket_wake_all(s, EPOLLIN | EPOLLOUT | EPOLLHUP);
    return 0;
}

static uint32_t poll(struct socket *s, struct file *, struct poll_table *)
{
    uint32_t events = EPOLLOUT | EPOLLWRNORM | EPOLLWRBAND;
    if (s->error)
        events |= EPOLLERR;
    if (s->shut == SHUT_BOTH)
        events |= EPOLLHUP;
    if (s->shut & SHUT_RECEIVE)
        events |= EPOLLRDHUP | EPOLLIN | EPOLLRDNORM;
    if (s->inbox.count)
        events |= EPOLLIN | EPOLLRDNORM;
    return events;
}

static void close(struct socket *s)
{
    port_release(inet_of(s));
    inbox_clear(&s->inbox);
}

const struct socket_ops udp_ops = {
    .bind = inet_bind,
    .connect = connect,
    .local_name = inet_local_name,
    .peer_name = inet_peer_name,
    .send = send,
    .receive = receive,
    .shutdown = shutdown,
    .poll = poll,
    .option_set = inet_option_set,
    .option_get = inet_option_get,
    .close = close,
    .destroy = inet_destroy,
};
