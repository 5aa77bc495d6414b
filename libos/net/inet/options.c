/* SPDX-License-Identifier: BSD-2-Clause */
/* options.c - socket options of ip(7), ipv6(7), tcp(7) and udp(7).
 *
 * Most are a number that is kept and told: over a loopback they have nothing else to do.
 */
#include <linux/capability.h>
#include <linux/ipv6.h>
#include <linux/tcp.h>
#include <linux/udp.h>
#include "base/bits.h"
#include "base/errno.h"
#include "base/string.h"
#include "mm/usermem.h"
#include "net/inet/ifreq.h"
#include "net/inet/inet.h"
#include "proc/cred.h"

enum option_how : uint8_t {
    PLAIN,
    SWITCH,   /* told as 0 or 1 */
    ADMIN,    /* CAP_NET_ADMIN, to switch it on */
    DEFAULTS, /* -1 means the default again */
};

static const struct row {
    uint8_t level;
    uint8_t name;
    enum option_how how;
    int32_t initial, least, most;
} rows[] = {
    {SOL_IP, IP_TOS, PLAIN, 0, 0, 255},
    {SOL_IP, IP_TTL, DEFAULTS, 64, 1, 255},
    {SOL_IP, IP_RECVOPTS, SWITCH, 0, INT32_MIN, INT32_MAX},
    {SOL_IP, IP_RETOPTS, SWITCH, 0, INT32_MIN, INT32_MAX},
    {SOL_IP, IP_PKTINFO, SWITCH, 0, INT32_MIN, INT32_MAX},
    {SOL_IP, IP_MTU_DISCOVER, PLAIN, 1, 0, 5},
    {SOL_IP, IP_RECVERR, SWITCH, 0, INT32_MIN, INT32_MAX},
    {SOL_IP, IP_RECVTTL, SWITCH, 0, INT32_MIN, INT32_MAX},
    {SOL_IP, IP_RECVTOS, SWITCH, 0, INT32_MIN, INT32_MAX},
    {SOL_IP, IP_FREEBIND, SWITCH, 0, INT32_MIN, INT32_MAX},
    {SOL_IP, IP_TRANSPARENT, ADMIN, 0, INT32_MIN, INT32_MAX},
    {SOL_IP, IP_RECVORIGDSTADDR, SWITCH, 0, INT32_MIN, INT32_MAX},
    {SOL_IP, IP_MINTTL, PLAIN, 0, 0, 255},
    {SOL_IP, IP_BIND_ADDRESS_NO_PORT, SWITCH, 0, INT32_MIN, INT32_MAX},
    {SOL_IP, IP_MULTICAST_TTL, DEFAULTS, 1, 0, 255},
    {SOL_IP, IP_MULTICAST_LOOP, SWITCH, 1, INT32_MIN, INT32_MAX},
    {SOL_IP, IP_MULTICAST_ALL, SWITCH, 1, 0, 1},
    {SOL_IPV6, IPV6_V6ONLY, SWITCH, 0, INT32_MIN, INT32_MAX},
    {SOL_IPV6, IPV6_UNICAST_HOPS, DEFAULTS, 64, 0, 255},
    {SOL_IPV6, IPV6_MULTICAST_HOPS, DEFAULTS, 1, 0, 255},
    {SOL_IPV6, IPV6_MULTICAST_LOOP, SWITCH, 1, 0, 1},
    {SOL_IPV6, IPV6_RECVPKTINFO, SWITCH, 0, INT32_MIN, INT32_MAX},
    {SOL_IPV6, IPV6_RECVHOPLIMIT, SWITCH, 0, INT32_MIN, INT32_MAX},
    {SOL_IPV6, IPV6_RECVTCLASS, SWITCH, 0, INT32_MIN, INT32_MAX},
    {SOL_IPV6, IPV6_RECVERR, SWITCH, 0, INT32_MIN, INT32_MAX},
    {SOL_IPV6, IPV6_MTU_DISCOVER, PLAIN, 1, 0, 5},
    {SOL_IPV6, IPV6_TCLASS, DEFAULTS, 0, 0, 255},
    {SOL_IPV6, IPV6_DONTFRAG, SWITCH, 0, INT32_MIN, INT32_MAX},
    {SOL_IPV6, IPV6_AUTOFLOWLABEL, SWITCH, 1, INT32_MIN, INT32_MAX},
    {SOL_IPV6, IPV6_FREEBIND, SWITCH, 0, INT32_MIN, INT32_MAX},
    {SOL_IPV6, IPV6_TRANSPARENT, ADMIN, 0, INT32_MIN, INT32_MAX},
    {SOL_TCP, TCP_NODELAY, SWITCH, 0, INT32_MIN, INT32_MAX},
    {SOL_TCP, TCP_CORK, SWITCH, 0, INT32_MIN, INT32_MAX},
    {SOL_TCP, TCP_KEEPIDLE, PLAIN, 7200, 1, 32767},
    {SOL_TCP, TCP_KEEPINTVL, PLAIN, 75, 1, 32767},
    {SOL_TCP, TCP_KEEPCNT, PLAIN, 9, 1, 127},
    {SOL_TCP, TCP_SYNCNT, PLAIN, 6, 1, 127},
    {SOL_TCP, TCP_LINGER2, PLAIN, 60, INT32_MIN, INT32_MAX},
    {SOL_TCP, TCP_DEFER_ACCEPT, PLAIN, 0, INT32_MIN, INT32_MAX},
    {SOL_TCP, TCP_WINDOW_CLAMP, PLAIN, 0, 0, INT32_MAX},
    {SOL_TCP, TCP_QUICKACK, SWITCH, 1, INT32_MIN, INT32_MAX},
    {SOL_TCP, TCP_USER_TIMEOUT, PLAIN, 0, 0, INT32_MAX},
    {SOL_TCP, TCP_FASTOPEN, PLAIN, 0, 0, INT32_MAX},
    {SOL_TCP, TCP_FASTOPEN_CONNECT, SWITCH, 0, 0, 1},
    {SOL_TCP, TCP_NOTSENT_LOWAT, PLAIN, 0, INT32_MIN, INT32_MAX},
    {SOL_TCP, TCP_THIN_LINEAR_TIMEOUTS, SWITCH, 0, 0, 1},
    {SOL_TCP, TCP_THIN_DUPACK, SWITCH, 0, 0, 1},
    {SOL_UDP, UDP_CORK, SWITCH, 0, INT32_MIN, INT32_MAX},
};
static_assert(ARRAY_COUNT(rows) <= INET_OPTIONS_MOST);

static int find(int level, int name)
{
    for (unsigned r = 0; r < ARRAY_COUNT(rows); r++)
        if (rows[r].level == level && rows[r].name == name)
            return (int)r;
    return -1;
}

void inet_options_init(struct inet_socket *i)
{
    for (unsigned r = 0; r < ARRAY_COUNT(rows); r++)
        i->option[r] = rows[r].initial;
}

int32_t inet_option_value(const struct inet_socket *i, int level, int name)
{
    return i->option[find(level, name)];
}

/* Does a socket like I have options of LEVEL? */
static bool has_level(const struct inet_socket *i, int level)
{
    switch (level) {
    case SOL_IP: return true;
    case SOL_IPV6: return i->s.family == AF_INET6;
    case SOL_TCP: return i->s.type == SOCK_STREAM;
    case SOL_UDP: return i->s.type == SOCK_DGRAM;
    default: return false;
    }
}

/* ip(7)'s options may also be single bytes. */
static int value_read(const struct option *o, int *value)
{
    uint8_t byte;
    if (o->level != SOL_IP || o->bytes >= sizeof *value)
        return option_int(o, value);
    if (!o->bytes)
        return -EINVAL;
    int err = get_user_u8(&byte, o->user);
    *value = byte;
    return err;
}

static int row_set(struct inet_socket *i, unsigned r, const struct option *o)
{
    const struct row *row = &rows[r];
    int value, err = value_read(o, &value);
    if (err < 0)
        return err;
    if (row->how == ADMIN && value && !capable(CAP_NET_ADMIN))
        return -EPERM;
    if (row->how == DEFAULTS && value == -1)
        value = row->initial;
    if (value < row->least || value > row->most)
        return -EINVAL;
    if (row->level == SOL_IPV6 && row->name == IPV6_V6ONLY && i->local.port)
        return -EINVAL;
    i->option[r] = row->how == SWITCH || row->how == ADMIN ? value != 0 : value;
    return 0;
}

static int congestion_set(const struct option *o)
{
    static const char *const known[] = {"cubic", "reno"};
    char name[16] = {};
    if (!o->bytes)
        return -EINVAL;
    if (copy_from_user(name, o->user, MIN(o->bytes, (uint32_t)sizeof name - 1)) < 0)
        return -EFAULT;
    for (unsigned k = 0; k < ARRAY_COUNT(known); k++)
        if (!strcmp(name, known[k]))
            return 0;
    return -ENOENT;
}

/* Groups are joined on lo, where nobody sends to them. */
static int group_set(const struct option *o)
{
    struct ip_mreqn v4 = {};
    struct ipv6_mreq v6;
    uint8_t ip[16];
    if (o->level == SOL_IPV6) {
        if (o->bytes < sizeof v6)
            return -EINVAL;
        if (copy_from_user(&v6, o->user, sizeof v6) < 0)
            return -EFAULT;
        memcpy(ip, &v6.ipv6mr_multiaddr, 16);
        v4.imr_ifindex = v6.ipv6mr_ifindex;
    } else {
        if (o->bytes < sizeof(struct ip_mreq))
            return -EINVAL;
        if (copy_from_user(&v4, o->user, MIN(o->bytes, (uint32_t)sizeof v4)) < 0)
            return -EFAULT;
        ip_set_any(ip, AF_INET);
        memcpy(ip + 12, &v4.imr_multiaddr, 4);
        if (!v4.imr_ifindex && v4.imr_address.s_addr == __builtin_bswap32(INADDR_LOOPBACK))
            v4.imr_ifindex = LO_INDEX;
    }
    if (!ip_is_multicast(ip))
        return -EINVAL;
    return v4.imr_ifindex == LO_INDEX ? 0 : -ENODEV;
}

int inet_option_set(struct socket *s, const struct option *o)
{
    struct inet_socket *i = inet_of(s);
    if (!has_level(i, o->level))
        return -ENOPROTOOPT;
    int r = find(o->level, o->name);
    if (r >= 0)
        return row_set(i, (unsigned)r, o);
    if (o->level == SOL_TCP && o->name == TCP_CONGESTION)
        return congestion_set(o);
    if (o->level == SOL_TCP && o->name == TCP_MAXSEG) {
        int value, err = option_int(o, &value);
        return err < 0 ? err : value && (value < 88 || value > 32767) ? -EINVAL : 0;
    }
    if (o->level == SOL_TCP && o->name == TCP_ULP)
        return -ENOENT;
    bool is_group = o->level == SOL_IP
                        ? o->name == IP_ADD_MEMBERSHIP || o->name == IP_DROP_MEMBERSHIP
                        : o->level == SOL_IPV6 &&
                              (o->name == IPV6_ADD_MEMBERSHIP || o->name == IPV6_DROP_MEMBERSHIP);
    if (is_group)
        return s->type == SOCK_STREAM ? -EPROTO : group_set(o);
    if ((o->level == SOL_IP && (o->name == IP_MULTICAST_IF || o->name == IP_OPTIONS)) ||
        (o->level == SOL_IPV6 && o->name == IPV6_MULTICAST_IF))
        return s->type == SOCK_STREAM && o->name != IP_OPTIONS ? -ENOPROTOOPT : 0;
    return -ENOPROTOOPT;
}

static int info_get(const struct inet_socket *i, struct option *o)
{
    struct tcp_info info = {
        .tcpi_state = i->state,
        .tcpi_snd_mss = LO_MTU - 40,
        .tcpi_rcv_mss = LO_MTU - 40,
        .tcpi_advmss = LO_MTU - 40,
        .tcpi_pmtu = LO_MTU,
        .tcpi_snd_cwnd = 10,
        .tcpi_rcv_space = i->s.receive_bytes,
        .tcpi_unacked = i->state == TCP_LISTEN ? i->pending_count : 0,
        .tcpi_sacked = i->state == TCP_LISTEN ? i->backlog : 0,
    };
    return option_put(o, &info, sizeof info);
}

int inet_option_get(struct socket *s, struct option *o)
{
    struct inet_socket *i = inet_of(s);
    if (!has_level(i, o->level))
        return o->level == SOL_UDP || o->level == SOL_TCP || o->level == SOL_IPV6 ? -ENOPROTOOPT
                                                                                  : -EOPNOTSUPP;
    int r = find(o->level, o->name);
    if (r >= 0) {
        uint8_t byte = (uint8_t)i->option[r];
        if (o->level == SOL_IP && o->bytes < sizeof(int) && o->bytes > 0)
            return option_put(o, &byte, 1);
        return option_put_int(o, i->option[r]);
    }
    bool is_mtu =
        (o->level == SOL_IP && o->name == IP_MTU) || (o->level == SOL_IPV6 && o->name == IPV6_MTU);
    if (is_mtu)
        return i->remote.port ? option_put_int(o, LO_MTU) : -ENOTCONN;
    if (o->level == SOL_TCP) {
        switch (o->name) {
        case TCP_MAXSEG: return option_put_int(o, i->peer ? LO_MTU - 53 : 536);
        case TCP_INFO: return info_get(i, o);
        case TCP_CONGESTION: return option_put(o, "cubic\0\0\0\0\0\0\0\0\0\0", 16);
        case TCP_ULP: o->bytes = 0; return 0;
        }
    }
    if (o->level == SOL_IP && o->name == IP_OPTIONS) {
        o->bytes = 0;
        return 0;
    }
    return -ENOPROTOOPT;
}
