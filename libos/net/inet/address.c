/* SPDX-License-Identifier: BSD-2-Clause */
/* address.c - IPv4 and IPv6 addresses in one form (ip(7), ipv6(7)). */
#include "base/errno.h"
#include "base/string.h"
#include "net/inet/inet.h"

static const uint8_t mapped[12] = {[10] = 0xff, [11] = 0xff};
static const uint8_t any6[16];

bool ip_is_mapped(const uint8_t ip[16])
{
    return !memcmp(ip, mapped, sizeof mapped);
}

bool ip_is_any(const uint8_t ip[16])
{
    return ip_is_mapped(ip) ? !memcmp(ip + 12, any6, 4) : !memcmp(ip, any6, 16);
}

bool ip_is_loopback(const uint8_t ip[16])
{
    return ip_is_mapped(ip) ? ip[12] == 127 : !memcmp(ip, any6, 15) && ip[15] == 1;
}

bool ip_is_multicast(const uint8_t ip[16])
{
    return ip_is_mapped(ip) ? ip[12] >> 4 == 14 : ip[0] == 0xff;
}

bool ip_is_broadcast(const uint8_t ip[16])
{
    static const uint8_t ones[4] = {255, 255, 255, 255};
    static const uint8_t of_lo[4] = {127, 255, 255, 255};
    return ip_is_mapped(ip) && (!memcmp(ip + 12, ones, 4) || !memcmp(ip + 12, of_lo, 4));
}

bool ip_is_equal(const uint8_t a[16], const uint8_t b[16])
{
    return !memcmp(a, b, 16);
}

void ip_set_any(uint8_t ip[16], int family)
{
    memset(ip, 0, 16);
    if (family == AF_INET)
        memcpy(ip, mapped, sizeof mapped);
}

void ip_set_loopback(uint8_t ip[16], bool is_v4)
{
    ip_set_any(ip, is_v4 ? AF_INET : AF_INET6);
    if (is_v4)
        ip[12] = 127;
    ip[15] = 1;
}

static void end_of_v4(const struct sockaddr_in *in, struct inet_end *end)
{
    memcpy(end->ip, mapped, sizeof mapped);
    memcpy(end->ip + 12, &in->sin_addr, 4);
    end->port = in->sin_port;
}

int inet_end_of(const struct inet_socket *i, const struct socket_address *a, struct inet_end *end)
{
    if (i->s.family == AF_INET) {
        if (a->bytes < sizeof a->in)
            return -EINVAL;
        if (a->family != AF_INET && (a->family != AF_UNSPEC || a->in.sin_addr.s_addr))
            return -EAFNOSUPPORT;
        end_of_v4(&a->in, end);
        return 0;
    }
    if (a->bytes >= sizeof a->in && a->family == AF_INET) {
        if (inet_option_value(i, SOL_IPV6, IPV6_V6ONLY))
            return -ENETUNREACH;
        end_of_v4(&a->in, end);
        return 0;
    }
    if (a->bytes < SOCKADDR_IN6_LEAST)
        return -EINVAL;
    if (a->family != AF_INET6)
        return -EAFNOSUPPORT;
    memcpy(end->ip, &a->in6.sin6_addr, 16);
    end->port = a->in6.sin6_port;
    return 0;
}

void inet_end_put(const struct inet_socket *i, const struct inet_end *end, struct socket_address *a)
{
    *a = (struct socket_address){};
    if (i->s.family == AF_INET) {
        a->bytes = sizeof a->in;
        a->in.sin_family = AF_INET;
        a->in.sin_port = end->port;
        memcpy(&a->in.sin_addr, end->ip + 12, 4);
    } else {
        a->bytes = sizeof a->in6;
        a->in6.sin6_family = AF_INET6;
        a->in6.sin6_port = end->port;
        memcpy(&a->in6.sin6_addr, end->ip, 16);
    }
}

int inet_route(const struct inet_socket *i, struct inet_end *end)
{
    if (ip_is_any(end->ip))
        ip_set_loopback(end->ip, ip_is_mapped(end->ip) ||
                                     (!ip_is_any(i->local.ip) && ip_is_mapped(i->local.ip)));
    if (ip_is_mapped(end->ip) && i->s.family == AF_INET6 &&
        inet_option_value(i, SOL_IPV6, IPV6_V6ONLY))
        return -ENETUNREACH;
    /* A socket bound to one family cannot reach the other. */
    if (!ip_is_any(i->local.ip) && ip_is_mapped(i->local.ip) != ip_is_mapped(end->ip))
        return ip_is_mapped(end->ip) ? -ENETUNREACH : -EAFNOSUPPORT;
    if (ip_is_broadcast(end->ip))
        return i->s.switches & SOCKET_BROADCAST || i->s.type == SOCK_STREAM ? -ENETUNREACH
                                                                            : -EACCES;
    return ip_is_loopback(end->ip) ? 0 : -ENETUNREACH;
}

void inet_source(const struct inet_socket *i, const struct inet_end *remote, uint8_t ip[16])
{
    if (!ip_is_any(i->local.ip))
        memcpy(ip, i->local.ip, 16);
    else
        ip_set_loopback(ip, ip_is_mapped(remote->ip));
}

bool inet_ip_matches(const struct inet_socket *bound, const uint8_t ip[16])
{
    const uint8_t *own = bound->local.ip;
    if (!ip_is_any(own))
        return ip_is_equal(own, ip);
    if (ip_is_mapped(own))
        return ip_is_mapped(ip);
    return !ip_is_mapped(ip) || !inet_option_value(bound, SOL_IPV6, IPV6_V6ONLY);
}
