/* SPDX-License-Identifier: BSD-2-Clause */
/* route.c - NETLINK_ROUTE (rtnetlink(7)): the one interface, its addresses and routes. */
#include <linux/capability.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include "base/bits.h"
#include "base/errno.h"
#include "base/string.h"
#include "net/inet/loopback.h"
#include "net/inet/ifreq.h"
#include "net/inet/inet.h"
#include "net/netlink/netlink.h"
#include "proc/cred.h"

/* The fixed part of H's message, NULL if it is not whole. */
static const void *body(const struct nlmsghdr *h, uint32_t n)
{
    return h->nlmsg_len >= NLMSG_LENGTH(n) ? (const uint8_t *)h + NLMSG_HDRLEN : nullptr;
}

/* The attribute TYPE after a fixed part of N bytes, *BYTES of it; NULL: none. */
static const void *attribute(const struct nlmsghdr *h, uint32_t n, uint16_t type, uint32_t *bytes)
{
    uint32_t at = NLMSG_SPACE(n);
    while (at + NLA_HDRLEN <= h->nlmsg_len) {
        const struct nlattr *a = (const struct nlattr *)((const uint8_t *)h + at);
        if (a->nla_len < NLA_HDRLEN || a->nla_len > h->nlmsg_len - at)
            return nullptr;
        *bytes = a->nla_len - NLA_HDRLEN;
        if ((a->nla_type & NLA_TYPE_MASK) == type)
            return a + 1;
        at += NLA_ALIGN(a->nla_len);
    }
    return nullptr;
}

static bool is_dump(const struct nlmsghdr *h)
{
    return (h->nlmsg_flags & NLM_F_DUMP) == NLM_F_DUMP;
}

static uint16_t part_flags(const struct nlmsghdr *h)
{
    return is_dump(h) ? NLM_F_MULTI : 0;
}

static void add_link(struct reply *r)
{
    static const uint8_t no_address[6];
    struct rtnl_link_stats64 stats = {
        .rx_packets = lo_traffic.packets,
        .tx_packets = lo_traffic.packets,
        .rx_bytes = lo_traffic.bytes,
        .tx_bytes = lo_traffic.bytes,
    };
    struct ifinfomsg *i = reply_begin(r, RTM_NEWLINK, part_flags(r->request), sizeof *i);
    i->ifi_type = HARDWARE_LOOPBACK;
    i->ifi_index = LO_INDEX;
    i->ifi_flags = (unsigned)(IF_UP | IF_LOOPBACK | IF_RUNNING) | IF_LOWER_UP;
    reply_add(r, IFLA_IFNAME, "lo", 3);
    reply_add_u32(r, IFLA_TXQLEN, 1000);
    reply_add(r, IFLA_OPERSTATE, "", 1); /* IF_OPER_UNKNOWN */
    reply_add(r, IFLA_LINKMODE, "", 1);
    reply_add_u32(r, IFLA_MTU, LO_MTU);
    reply_add_u32(r, IFLA_GROUP, 0);
    reply_add(r, IFLA_QDISC, "noqueue", 8);
    reply_add(r, IFLA_ADDRESS, no_address, sizeof no_address);
    reply_add(r, IFLA_BROADCAST, no_address, sizeof no_address);
    reply_add(r, IFLA_STATS64, &stats, sizeof stats);
}

/* N bytes, whose NUL at the end may be missing. */
static bool is_lo_name(const char *name, uint32_t n)
{
    return n >= 2 && memcmp(name, "lo", 2) == 0 && (n == 2 || name[2] == '\0');
}

static int get_link(const struct nlmsghdr *h, struct reply *r)
{
    if (is_dump(h)) {
        add_link(r);
        return 1;
    }
    const struct ifinfomsg *i = body(h, sizeof *i);
    uint32_t n = 0;
    if (!i)
        return -EINVAL;
    const char *name = attribute(h, sizeof *i, IFLA_IFNAME, &n);
    if (!name && i->ifi_index <= 0)
        return -EINVAL;
    if (i->ifi_index > 0 ? i->ifi_index != LO_INDEX : !is_lo_name(name, n))
        return -ENODEV;
    add_link(r);
    return 0;
}

static void add_address(struct reply *r, int family)
{
    struct ifa_cacheinfo forever = {.ifa_prefered = UINT32_MAX, .ifa_valid = UINT32_MAX};
    uint8_t ip[16];
    bool is_v4 = family == AF_INET;
    ip_set_loopback(ip, is_v4);
    const uint8_t *data = is_v4 ? ip + 12 : ip;
    uint32_t n = is_v4 ? 4 : 16;
    struct ifaddrmsg *a = reply_begin(r, RTM_NEWADDR, part_flags(r->request), sizeof *a);
    a->ifa_family = (uint8_t)family;
    a->ifa_prefixlen = is_v4 ? 8 : 128;
    a->ifa_flags = IFA_F_PERMANENT;
    a->ifa_scope = RT_SCOPE_HOST;
    a->ifa_index = LO_INDEX;
    reply_add(r, IFA_ADDRESS, data, n);
    if (is_v4) {
        reply_add(r, IFA_LOCAL, data, n);
        reply_add(r, IFA_LABEL, "lo", 3);
    }
    reply_add_u32(r, IFA_FLAGS, IFA_F_PERMANENT);
    reply_add(r, IFA_CACHEINFO, &forever, sizeof forever);
}

/* The family that a dump is about; AF_UNSPEC: all. */
static int wanted_family(const struct nlmsghdr *h)
{
    const struct rtgenmsg *g = body(h, sizeof *g);
    return g ? g->rtgen_family : AF_UNSPEC;
}

static int get_address(const struct nlmsghdr *h, struct reply *r)
{
    int family = wanted_family(h);
    if (!is_dump(h))
        return -EOPNOTSUPP;
    if (family != AF_INET6)
        add_address(r, AF_INET);
    if (family != AF_INET)
        add_address(r, AF_INET6);
    return 1;
}

/* A route of the table "local" to IP/PREFIX. */
static void add_route(struct reply *r, const uint8_t ip[16], uint8_t prefix)
{
    bool is_v4 = ip_is_mapped(ip);
    const uint8_t *data = is_v4 ? ip + 12 : ip;
    uint32_t n = is_v4 ? 4 : 16;
    struct rtmsg *t = reply_begin(r, RTM_NEWROUTE, part_flags(r->request), sizeof *t);
    t->rtm_family = is_v4 ? AF_INET : AF_INET6;
    t->rtm_dst_len = prefix;
    t->rtm_table = RT_TABLE_LOCAL;
    t->rtm_protocol = RTPROT_KERNEL;
    t->rtm_scope = is_v4 ? RT_SCOPE_HOST : RT_SCOPE_UNIVERSE;
    t->rtm_type = RTN_LOCAL;
    reply_add_u32(r, RTA_TABLE, RT_TABLE_LOCAL);
    reply_add(r, RTA_DST, data, n);
    if (is_v4) {
        uint8_t source[16];
        ip_set_loopback(source, true);
        reply_add(r, RTA_PREFSRC, source + 12, 4);
    } else {
        reply_add_u32(r, RTA_PRIORITY, 0);
    }
    reply_add_u32(r, RTA_OIF, LO_INDEX);
}

static int find_route(const struct nlmsghdr *h, struct reply *r)
{
    const struct rtmsg *t = body(h, sizeof *t);
    uint8_t ip[16];
    uint32_t n;
    if (!t)
        return -EINVAL;
    const void *to = attribute(h, sizeof *t, RTA_DST, &n);
    if (!to || n != (t->rtm_family == AF_INET ? 4 : 16))
        return -EINVAL;
    ip_set_any(ip, t->rtm_family);
    memcpy(ip + 16 - n, to, n);
    if (!ip_is_loopback(ip))
        return -ENETUNREACH;
    add_route(r, ip, (uint8_t)(n * 8));
    return 0;
}

static int get_route(const struct nlmsghdr *h, struct reply *r)
{
    uint8_t ip[16];
    int family = wanted_family(h);
    if (!is_dump(h))
        return find_route(h, r);
    if (family != AF_INET6) {
        ip_set_loopback(ip, true);
        add_route(r, ip, 32);
        ip[15] = 0;
        add_route(r, ip, 8);
    }
    if (family != AF_INET) {
        ip_set_loopback(ip, false);
        add_route(r, ip, 128);
    }
    return 1;
}

int route_answer(const struct nlmsghdr *request, struct reply *r)
{
    /* In groups of four: new, delete, get, set. */
    bool is_get = (request->nlmsg_type & 3) == 2;
    if (request->nlmsg_type > RTM_MAX)
        return -EOPNOTSUPP;
    if (!is_get)
        return capable(CAP_NET_ADMIN) ? -EOPNOTSUPP : -EPERM;
    switch (request->nlmsg_type) {
    case RTM_GETLINK: return get_link(request, r);
    case RTM_GETADDR: return get_address(request, r);
    case RTM_GETROUTE: return get_route(request, r);
    default: return is_dump(request) ? 1 : -EOPNOTSUPP; /* there is nothing of the kind */
    }
}
