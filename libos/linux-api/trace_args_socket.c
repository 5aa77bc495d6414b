/* SPDX-License-Identifier: BSD-2-Clause */
/* trace_args_socket.c - arguments of calls on sockets. */
#include <linux/in.h>
#include <linux/in6.h>
#include <linux/netlink.h>
#include <linux/uio.h>
#include <linux/un.h>
#include "base/bits.h"
#include "linux-api/trace_args.h"
#include "linux-api/trace_flags.h"
#include "mm/usermem.h"
#include "net/abi.h"

constexpr unsigned LIST_MOST = 32;

union address {
    uint16_t family;
    struct sockaddr_in in;
    struct sockaddr_in6 in6;
    struct sockaddr_un un;
    struct sockaddr_nl nl;
    uint8_t bytes[sizeof(struct sockaddr_un)];
};

static void add_unix(struct text *text, const struct sockaddr_un *un, uint32_t bytes)
{
    if (bytes <= offsetof(struct sockaddr_un, sun_path))
        return;
    size_t n = bytes - offsetof(struct sockaddr_un, sun_path);
    bool is_abstract = un->sun_path[0] == '\0' && n > 1;
    const char *name = un->sun_path + is_abstract;
    n -= is_abstract;
    text_add(text, is_abstract ? ", sun_path=@\"" : ", sun_path=\"");
    for (size_t i = 0; i < n && (is_abstract || name[i]); i++)
        text_add_char(text, name[i] >= ' ' && name[i] < 0x7f ? name[i] : '?');
    text_add_char(text, '"');
}

/* RFC 5952, without the shortening of zeroes but for the loopback and unspecified addresses. */
static void add_in6(struct text *text, const struct sockaddr_in6 *in6)
{
    const uint8_t *a = (const uint8_t *)&in6->sin6_addr;
    bool is_short = true;
    for (unsigned i = 0; i < 15; i++)
        is_short &= a[i] == 0;
    text_add(text, ", sin6_port=htons(%u), sin6_flowinfo=htonl(%u), inet_pton(AF_INET6, \"",
             __builtin_bswap16(in6->sin6_port), __builtin_bswap32(in6->sin6_flowinfo));
    if (is_short && a[15] <= 1)
        text_add(text, a[15] ? "::1" : "::");
    else
        for (unsigned i = 0; i < 16; i += 2)
            text_add(text, i ? ":%x" : "%x", (unsigned)a[i] << 8 | a[i + 1]);
    text_add(text, "\", &sin6_addr), sin6_scope_id=%u", in6->sin6_scope_id);
}

static void add_sockaddr(struct text *text, uaddr_t address, uint32_t bytes)
{
    union address a = {};
    uint32_t n = MIN(bytes, (uint32_t)sizeof a);
    if (!address || n < sizeof a.family || copy_from_user(&a, address, n)) {
        trace_add_address(text, address);
        return;
    }
    text_add(text, "{sa_family=");
    trace_add_choice(text, &trace_flags_socket_domain, a.family);
    if (a.family == AF_UNIX) {
        add_unix(text, &a.un, n);
    } else if (a.family == AF_INET && n >= sizeof a.in) {
        uint32_t ip = __builtin_bswap32(a.in.sin_addr.s_addr);
        text_add(text, ", sin_port=htons(%u), sin_addr=inet_addr(\"%u.%u.%u.%u\")",
                 __builtin_bswap16(a.in.sin_port), ip >> 24, ip >> 16 & 255, ip >> 8 & 255,
                 ip & 255);
    } else if (a.family == AF_INET6 && n >= sizeof a.in6) {
        add_in6(text, &a.in6);
    } else if (a.family == AF_NETLINK && n >= sizeof a.nl) {
        text_add(text, ", nl_pid=%u, nl_groups=%08x", a.nl.nl_pid, a.nl.nl_groups);
    }
    text_add_char(text, '}');
}

/* Its length is the next argument. */
void trace_arg_sockaddr(struct text *text, const struct trace_arg *arg)
{
    add_sockaddr(text, arg->value, (uint32_t)arg->call->arg[(arg->index + 1) % 6]);
}

/* Its length is what the next argument points to. */
void trace_arg_out_sockaddr(struct text *text, const struct trace_arg *arg)
{
    uint32_t bytes = 0;
    uaddr_t length = arg->call->arg[(arg->index + 1) % 6];
    if (arg->result < 0 || !length || get_user_u32(&bytes, length))
        trace_add_address(text, arg->value);
    else
        add_sockaddr(text, arg->value, bytes);
}

static void add_control_data(struct text *text, const struct user_cmsghdr *h, uaddr_t data)
{
    uint64_t bytes = h->bytes - sizeof *h;
    struct socket_cred cred;
    int32_t fd;
    if (h->level == SOL_SOCKET && h->type == SCM_CREDENTIALS && bytes >= sizeof cred &&
        !copy_from_user(&cred, data, sizeof cred)) {
        text_add(text, ", cmsg_data={pid=%d, uid=%u, gid=%u}", cred.pid, cred.uid, cred.gid);
        return;
    }
    if (h->level != SOL_SOCKET || h->type != SCM_RIGHTS)
        return;
    text_add(text, ", cmsg_data=[");
    for (uint64_t i = 0; i < bytes / sizeof fd && i < LIST_MOST; i++)
        if (!copy_from_user(&fd, data + i * sizeof fd, sizeof fd))
            text_add(text, i ? ", %d" : "%d", fd);
    text_add_char(text, ']');
}

static void add_control(struct text *text, const struct user_msghdr *m)
{
    struct user_cmsghdr h;
    uint64_t at = 0;
    text_add(text, ", msg_control=[");
    for (unsigned i = 0; i < LIST_MOST && at + sizeof h <= m->control_bytes; i++) {
        if (copy_from_user(&h, m->control + at, sizeof h) || h.bytes < sizeof h ||
            h.bytes > m->control_bytes - at)
            break;
        text_add(text, i ? ", {cmsg_len=%llu, cmsg_level=" : "{cmsg_len=%llu, cmsg_level=",
                 (unsigned long long)h.bytes);
        trace_add_choice(text, &trace_flags_socket_level, (uint32_t)h.level);
        text_add(text, ", cmsg_type=");
        trace_add_choice(text, &trace_flags_control_type, (uint32_t)h.type);
        add_control_data(text, &h, m->control + at + sizeof h);
        text_add_char(text, '}');
        at += cmsg_align(h.bytes);
    }
    text_add_char(text, ']');
}

static void add_vectors(struct text *text, const struct user_msghdr *m, uint64_t available)
{
    struct iovec vec;
    text_add_char(text, '[');
    for (uint64_t i = 0; i < m->iov_count && i < LIST_MOST; i++) {
        if (copy_from_user(&vec, m->iov + i * sizeof vec, sizeof vec))
            break;
        uint64_t part = MIN(vec.iov_len, available);
        text_add(text, i ? ", {iov_base=" : "{iov_base=");
        trace_add_bytes(text, (uaddr_t)vec.iov_base, part);
        text_add(text, ", iov_len=%llu}", (unsigned long long)vec.iov_len);
        available -= part;
    }
    text_add_char(text, ']');
}

static void add_message(struct text *text, const struct trace_arg *arg, uint64_t available)
{
    struct user_msghdr m;
    if (!trace_fetch(text, arg, &m, sizeof m))
        return;
    text_add(text, "{msg_name=");
    add_sockaddr(text, m.name, (uint32_t)m.name_bytes);
    text_add(text, ", msg_namelen=%d, msg_iov=", m.name_bytes);
    add_vectors(text, &m, available);
    text_add(text, ", msg_iovlen=%llu", (unsigned long long)m.iov_count);
    if (m.control && m.control_bytes)
        add_control(text, &m);
    text_add(text, ", msg_controllen=%llu, msg_flags=", (unsigned long long)m.control_bytes);
    trace_add_flags(text, &trace_flags_message, m.flags);
    text_add_char(text, '}');
}

void trace_arg_message(struct text *text, const struct trace_arg *arg)
{
    add_message(text, arg, UINT64_MAX);
}

void trace_arg_out_message(struct text *text, const struct trace_arg *arg)
{
    add_message(text, arg, arg->result > 0 ? (uint64_t)arg->result : 0);
}

/* The first argument is the domain. */
void trace_arg_socket_protocol(struct text *text, const struct trace_arg *arg)
{
    switch (arg->call->arg[0]) {
    case AF_INET:
    case AF_INET6: trace_add_choice(text, &trace_flags_ip_protocol, (uint32_t)arg->value); break;
    case AF_NETLINK:
        trace_add_choice(text, &trace_flags_netlink_protocol, (uint32_t)arg->value);
        break;
    default: text_add(text, "%d", (int)arg->value);
    }
}

/* The argument before it is the level. */
void trace_arg_socket_option(struct text *text, const struct trace_arg *arg)
{
    const struct trace_flags *names = nullptr;
    switch (arg->call->arg[1]) {
    case SOL_SOCKET: names = &trace_flags_socket_option; break;
    case SOL_TCP: names = &trace_flags_tcp_option; break;
    case SOL_IP: names = &trace_flags_ip_option; break;
    case SOL_IPV6: names = &trace_flags_ipv6_option; break;
    }
    if (names)
        trace_add_choice(text, names, (uint32_t)arg->value);
    else
        text_add(text, "%d", (int)arg->value);
}

static void add_option_value(struct text *text, const struct trace_arg *arg, uint32_t bytes)
{
    int32_t number;
    if (bytes == sizeof number && trace_fetch(text, arg, &number, sizeof number))
        text_add(text, "[%d]", number);
    else if (bytes != sizeof number && arg->value)
        trace_add_bytes(text, arg->value, MIN(bytes, 64u));
    else if (bytes != sizeof number)
        trace_add_address(text, arg->value);
}

void trace_arg_option_value(struct text *text, const struct trace_arg *arg)
{
    add_option_value(text, arg, (uint32_t)arg->call->arg[4]);
}

void trace_arg_out_option_value(struct text *text, const struct trace_arg *arg)
{
    uint32_t bytes = 0;
    if (arg->result < 0 || get_user_u32(&bytes, arg->call->arg[4]))
        trace_add_address(text, arg->value);
    else
        add_option_value(text, arg, bytes);
}
