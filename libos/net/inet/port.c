/* SPDX-License-Identifier: BSD-2-Clause */
/* port.c - who is bound to which port, and who gets what is sent to one (socket(7), SO_REUSEADDR
 * and SO_REUSEPORT). */
#include "base/errno.h"
#include "net/inet/inet.h"
#include "random/random.h"

constexpr unsigned BUCKETS = 256;
struct setting inet_port_range[2] = {{32768, 1, 65535}, {60999, 1, 65535}};

static struct list_node tcp_ports[BUCKETS], udp_ports[BUCKETS], listeners[BUCKETS];

static struct list_node *bucket(struct list_node *table, uint16_t port)
{
    if (!table[0].next)
        for (unsigned i = 0; i < BUCKETS; i++)
            list_init(&table[i]);
    return &table[__builtin_bswap16(port) % BUCKETS];
}

static struct list_node *ports_of(const struct inet_socket *i)
{
    return i->s.type == SOCK_STREAM ? tcp_ports : udp_ports;
}

/* Could some address reach both? */
static bool is_overlapping(const struct inet_socket *a, const struct inet_socket *b)
{
    if (ip_is_any(a->local.ip) && ip_is_any(b->local.ip)) {
        bool v4 = ip_is_mapped(a->local.ip), other_v4 = ip_is_mapped(b->local.ip);
        if (v4 == other_v4)
            return true;
        return !inet_option_value(v4 ? b : a, SOL_IPV6, IPV6_V6ONLY);
    }
    if (ip_is_any(a->local.ip))
        return inet_ip_matches(a, b->local.ip);
    return inet_ip_matches(b, a->local.ip);
}

/* May A share its port and address with B, which was there before? */
static bool may_share(const struct inet_socket *a, const struct inet_socket *b)
{
    uint32_t both = a->s.switches & b->s.switches;
    if (both & SOCKET_REUSEPORT && a->s.owner.uid == b->s.owner.uid)
        return true;
    if (!(both & SOCKET_REUSEADDR))
        return false;
    return a->s.type == SOCK_DGRAM || (!a->s.is_listening && !b->s.is_listening);
}

static bool is_free(const struct inet_socket *i, uint16_t port)
{
    list_for_each(node, bucket(ports_of(i), port)) {
        const struct inet_socket *other = container_of(node, struct inet_socket, port_node);
        if (other != i && other->local.port == port && is_overlapping(i, other) &&
            !may_share(i, other))
            return false;
    }
    return true;
}

/* Nobody at all may have an ephemeral port. */
static bool is_unused(const struct inet_socket *i, uint16_t port)
{
    list_for_each(node, bucket(ports_of(i), port)) {
        const struct inet_socket *other = container_of(node, struct inet_socket, port_node);
        if (other->local.port == port && is_overlapping(i, other))
            return false;
    }
    return true;
}

static uint16_t ephemeral(const struct inet_socket *i)
{
    uint64_t count = inet_port_range[1].value - inet_port_range[0].value + 1;
    uint64_t first = random_u64() % count;
    for (uint64_t n = 0; n < count; n++) {
        uint16_t port = (uint16_t)(inet_port_range[0].value + (first + n) % count);
        if (is_unused(i, __builtin_bswap16(port)))
            return __builtin_bswap16(port);
    }
    return 0;
}

void port_share(struct inet_socket *i, uint16_t port)
{
    i->local.port = port;
    list_push_front(bucket(ports_of(i), port), &i->port_node);
}

int port_take(struct inet_socket *i, uint16_t port)
{
    if (!port)
        port = ephemeral(i);
    else if (!is_free(i, port))
        port = 0;
    if (!port)
        return -EADDRINUSE;
    port_share(i, port);
    return 0;
}

void port_release(struct inet_socket *i)
{
    list_remove(&i->port_node);
    list_remove(&i->listen_node);
    i->local.port = 0;
}

int port_may_listen(const struct inet_socket *i)
{
    list_for_each(node, bucket(listeners, i->local.port)) {
        const struct inet_socket *other = container_of(node, struct inet_socket, listen_node);
        bool may_both = i->s.switches & other->s.switches & SOCKET_REUSEPORT &&
                        i->s.owner.uid == other->s.owner.uid;
        if (other != i && other->local.port == i->local.port && is_overlapping(i, other) &&
            !may_both)
            return -EADDRINUSE;
    }
    return 0;
}

void port_listen(struct inet_socket *i)
{
    list_push_back(bucket(listeners, i->local.port), &i->listen_node);
}

/* How well I's own address fits IP: an exact one is better than any, its own family's any better
 * than the other's. */
static int fit(const struct inet_socket *i, const uint8_t ip[16])
{
    if (!ip_is_any(i->local.ip))
        return 3;
    return ip_is_mapped(i->local.ip) == ip_is_mapped(ip) ? 2 : 1;
}

struct inet_socket *port_find_listener(const struct inet_end *to)
{
    struct list_node *list = bucket(listeners, to->port);
    struct inet_socket *best = nullptr;
    int best_fit = 0;
    list_for_each(node, list) {
        struct inet_socket *i = container_of(node, struct inet_socket, listen_node);
        if (i->local.port != to->port || !inet_ip_matches(i, to->ip) || fit(i, to->ip) <= best_fit)
            continue;
        best = i;
        best_fit = fit(i, to->ip);
    }
    if (best && best->s.switches & SOCKET_REUSEPORT) { /* the next one gets the next connection */
        list_remove(&best->listen_node);
        list_push_back(list, &best->listen_node);
    }
    return best;
}

struct inet_socket *port_find_datagram(const struct inet_end *to, const struct inet_end *from)
{
    struct list_node *list = bucket(udp_ports, to->port);
    struct inet_socket *best = nullptr;
    int best_fit = 0;
    list_for_each(node, list) {
        struct inet_socket *i = container_of(node, struct inet_socket, port_node);
        if (i->local.port != to->port || !inet_ip_matches(i, to->ip))
            continue;
        bool is_connected = i->remote.port;
        if (is_connected && (i->remote.port != from->port || !ip_is_equal(i->remote.ip, from->ip)))
            continue;
        int found = fit(i, to->ip) + (is_connected ? 4 : 0);
        if (found > best_fit) {
            best = i;
            best_fit = found;
        }
    }
    if (best && best->s.switches & SOCKET_REUSEPORT) {
        list_remove(&best->port_node);
        list_push_back(list, &best->port_node);
    }
    return best;
}
