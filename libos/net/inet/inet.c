/* SPDX-License-Identifier: BSD-2-Clause */
/* inet.c - making and binding AF_INET and AF_INET6 sockets. */
#include "net/inet/inet.h"

#include <linux/capability.h>
#include "base/errno.h"
#include "base/string.h"
#include "mm/heap.h"
#include "proc/cred.h"

struct setting inet_unprivileged_ports = {1024, 0, 65535};

struct list_node inet_all = LIST_INIT(inet_all);

struct inet_socket *inet_alloc(const struct socket_ops *ops, int family, int type, int protocol)
{
    struct inet_socket *i = heap_zalloc(sizeof *i);
    if (!i)
        return nullptr;
    socket_init(&i->s, ops, family, type, protocol);
    list_init(&i->port_node);
    list_init(&i->listen_node);
    list_init(&i->pending);
    list_init(&i->waiting);
    list_push_back(&inet_all, &i->all);
    ip_set_any(i->local.ip, family);
    ip_set_any(i->remote.ip, family);
    i->state = TCP_CLOSE;
    inet_options_init(i);
    return i;
}

/* Raw packets have no wire to go to. */
static int check_type(int type, int protocol)
{
    switch (type) {
    case SOCK_STREAM: return !protocol || protocol == IPPROTO_TCP ? 0 : -EPROTONOSUPPORT;
    case SOCK_DGRAM:
        if (protocol == IPPROTO_ICMP || protocol == IPPROTO_ICMPV6)
            return -EACCES; /* net.ipv4.ping_group_range is empty */
        return !protocol || protocol == IPPROTO_UDP ? 0 : -EPROTONOSUPPORT;
    case SOCK_RAW: return protocol && !capable(CAP_NET_RAW) ? -EPERM : -EPROTONOSUPPORT;
    default: return -ESOCKTNOSUPPORT;
    }
}

int inet_create(int family, int type, int protocol, struct socket **out)
{
    int err = protocol < 0 || protocol > 262 ? -EINVAL : check_type(type, protocol);
    if (err < 0)
        return err;
    bool is_tcp = type == SOCK_STREAM;
    struct inet_socket *i =
        inet_alloc(is_tcp ? &tcp_ops : &udp_ops, family, type, is_tcp ? IPPROTO_TCP : IPPROTO_UDP);
    if (!i)
        return -ENOMEM;
    if (is_tcp) { /* net.ipv4.tcp_wmem, tcp_rmem */
        i->s.send_bytes = 16384;
        i->s.receive_bytes = 131072;
    }
    *out = &i->s;
    return 0;
}

int inet_bind(struct socket *s, const struct socket_address *a)
{
    struct inet_socket *i = inet_of(s);
    struct inet_end end;
    if (s->family == AF_INET6 && a->bytes >= sizeof a->family && a->family != AF_INET6)
        return a->bytes < SOCKADDR_IN6_LEAST ? -EINVAL : -EAFNOSUPPORT;
    int err = inet_end_of(i, a, &end);
    if (err < 0)
        return err;
    bool is_v6only = s->family == AF_INET6 && inet_option_value(i, SOL_IPV6, IPV6_V6ONLY);
    if (s->family == AF_INET6 && ip_is_mapped(end.ip) && is_v6only)
        return -EINVAL;
    if (!ip_is_any(end.ip) && !ip_is_loopback(end.ip) && !inet_option_value(i, SOL_IP, IP_FREEBIND))
        return -EADDRNOTAVAIL;
    if (end.port && __builtin_bswap16(end.port) < inet_unprivileged_ports.value &&
        !capable(CAP_NET_BIND_SERVICE))
        return -EACCES;
    if (i->local.port || i->state != TCP_CLOSE)
        return -EINVAL;
    memcpy(i->local.ip, end.ip, 16);
    i->has_bound_ip = !ip_is_any(end.ip);
    i->has_bound_port = end.port;
    err = port_take(i, end.port);
    if (err < 0) {
        ip_set_any(i->local.ip, s->family);
        i->has_bound_ip = i->has_bound_port = false;
    }
    return err;
}

int inet_local_name(struct socket *s, struct socket_address *a)
{
    inet_end_put(inet_of(s), &inet_of(s)->local, a);
    return 0;
}

int inet_peer_name(struct socket *s, struct socket_address *a)
{
    struct inet_socket *i = inet_of(s);
    bool is_gone = s->type == SOCK_STREAM && (i->state == TCP_CLOSE || i->state == TCP_SYN_SENT);
    if (!i->remote.port || is_gone)
        return -ENOTCONN;
    inet_end_put(i, &i->remote, a);
    return 0;
}

void inet_destroy(struct socket *s)
{
    list_remove(&inet_of(s)->all);
}
