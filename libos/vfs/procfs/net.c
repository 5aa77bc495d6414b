/* SPDX-License-Identifier: BSD-2-Clause */
/* net.c - /proc/net and /proc/sys/net: sockets, the interface, fixed settings (proc(5)). */
#include "base/bits.h"
#include "base/errno.h"
#include "base/string.h"
#include "net/inet/ifreq.h"
#include "net/inet/inet.h"
#include "net/inet/loopback.h"
#include "net/netlink/netlink.h"
#include "net/unix/unix.h"
#include "vfs/file.h"
#include "vfs/inode.h"
#include "vfs/procfs/procfs.h"

static unsigned long long inode_of(const struct socket *s)
{
    return s->file ? s->file->inode->ino : 0;
}

/* The path of U's name; an abstract one begins with @ and has it for each NUL. */
static void add_unix_name(struct text *text, const struct unix_socket *u)
{
    if (!u->name)
        return;
    uint32_t n = u->name->bytes - offsetof(struct sockaddr_un, sun_path);
    const char *path = u->name->address.sun_path;
    bool is_abstract = !path[0];
    n = MIN(n, (uint32_t)UNIX_PATH_MAX);
    text_add_char(text, ' ');
    for (uint32_t i = 0; i < (is_abstract ? n : (uint32_t)strnlen(path, n)); i++)
        text_add_char(text, path[i] ? path[i] : '@');
}

static int show_unix(struct text *text, const struct proc_node *)
{
    constexpr unsigned ACCEPTS = 0x10000;         /* __SO_ACCEPTCON */
    constexpr int UNCONNECTED = 1, CONNECTED = 3; /* SS_* of <linux/net.h> */
    text_add(text, "Num       RefCount Protocol Flags    Type St Inode Path\n");
    list_for_each(node, &unix_all) {
        const struct unix_socket *u = container_of(node, struct unix_socket, all);
        if (u->s.is_closed)
            continue;
        text_add(text, "%016x: %08X %08X %08X %04X %02X %5llu", 0, u->s.refs, 0,
                 u->s.is_listening ? ACCEPTS : 0, u->s.type, u->peer ? CONNECTED : UNCONNECTED,
                 inode_of(&u->s));
        add_unix_name(text, u);
        text_add_char(text, '\n');
    }
    return 0;
}

/* As the words of memory, in hexadecimal. */
static void add_end(struct text *text, const struct inet_end *end, int family)
{
    uint32_t word[4];
    memcpy(word, end->ip, sizeof word);
    for (unsigned i = family == AF_INET ? 3 : 0; i < 4; i++)
        text_add(text, "%08X", word[i]);
    text_add(text, ":%04X ", __builtin_bswap16(end->port));
}

static void add_inet(struct text *text, const struct inet_socket *i, unsigned number)
{
    size_t from = text->length;
    text_add(text, "%4u: ", number);
    add_end(text, &i->local, i->s.family);
    add_end(text, &i->remote, i->s.family);
    unsigned state = i->s.type == SOCK_DGRAM && i->remote.port ? TCP_ESTABLISHED : i->state;
    text_add(text, "%02X %08X:%08X 00:00000000 00000000 %5u        0 %llu %u %016x", state,
             (unsigned)i->s.sent,
             (unsigned)(i->s.is_listening ? i->pending_count : i->s.inbox.bytes), i->s.owner.uid,
             inode_of(&i->s), i->s.refs, 0);
    text_add(text, i->s.type == SOCK_STREAM ? " 20 4 0 10 -1" : " 0");
    text_pad(text, from, i->s.family == AF_INET ? (i->s.type == SOCK_STREAM ? 149 : 127) : 0);
    text_add_char(text, '\n');
}

static int show_inet(struct text *text, int family, int type)
{
    unsigned number = 0;
    bool is_v4 = family == AF_INET;
    text_add(text, is_v4 ? "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when "
                           "retrnsmt   uid  timeout inode"
                         : "  sl  local_address                         remote_address"
                           "                        st tx_queue rx_queue tr tm->when retrnsmt"
                           "   uid  timeout inode");
    text_add(text, type == SOCK_DGRAM ? " ref pointer drops\n" : "\n");
    list_for_each(node, &inet_all) {
        const struct inet_socket *i = container_of(node, struct inet_socket, all);
        if (i->s.family == family && i->s.type == type && i->local.port && !i->s.is_closed)
            add_inet(text, i, number++);
    }
    return 0;
}

static int show_tcp(struct text *text, const struct proc_node *)
{
    return show_inet(text, AF_INET, SOCK_STREAM);
}

static int show_tcp6(struct text *text, const struct proc_node *)
{
    return show_inet(text, AF_INET6, SOCK_STREAM);
}

static int show_udp(struct text *text, const struct proc_node *)
{
    return show_inet(text, AF_INET, SOCK_DGRAM);
}

static int show_udp6(struct text *text, const struct proc_node *)
{
    return show_inet(text, AF_INET6, SOCK_DGRAM);
}

static int show_netlink(struct text *text, const struct proc_node *)
{
    text_add(text, "sk               Eth Pid        Groups   Rmem     Wmem     Dump  Locks    "
                   "Drops    Inode\n");
    list_for_each(node, &netlink_all) {
        const struct netlink_socket *n = container_of(node, struct netlink_socket, all);
        text_add(text, "%016x %-3d %-10u %08x %-8llu %-8u %-5u %-8u %-8u %-8llu\n", 0,
                 n->s.protocol, n->port, n->groups, (unsigned long long)n->s.inbox.charge, 0u, 0u,
                 n->s.refs, 0u, inode_of(&n->s));
    }
    return 0;
}

static int show_dev(struct text *text, const struct proc_node *)
{
    text_add(text,
             "Inter-|   Receive                                                |  Transmit\n"
             " face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets "
             "errs drop fifo colls carrier compressed\n"
             "    lo: %7llu %7llu    0    0    0     0          0         0 %8llu %7llu    0    0  "
             "  0     "
             "0       0          0\n",
             (unsigned long long)lo_traffic.bytes, (unsigned long long)lo_traffic.packets,
             (unsigned long long)lo_traffic.bytes, (unsigned long long)lo_traffic.packets);
    return 0;
}

static int show_if_inet6(struct text *text, const struct proc_node *)
{
    text_add(text, "00000000000000000000000000000001 %02x 80 10 80 %8s\n", LO_INDEX, "lo");
    return 0;
}

static int show_route(struct text *text, const struct proc_node *)
{
    size_t from = text->length;
    text_add(text, "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\t"
                   "IRTT");
    text_pad(text, from, 127);
    text_add_char(text, '\n');
    return 0;
}

static const struct proc_entry entries[] = {
    PROC_FILE("dev", 0444, show_dev),         PROC_FILE("if_inet6", 0444, show_if_inet6),
    PROC_FILE("netlink", 0444, show_netlink), PROC_FILE("route", 0444, show_route),
    PROC_FILE("tcp", 0444, show_tcp),         PROC_FILE("tcp6", 0444, show_tcp6),
    PROC_FILE("udp", 0444, show_udp),         PROC_FILE("udp6", 0444, show_udp6),
    PROC_FILE("unix", 0444, show_unix),
};
const struct proc_directory proc_net_directory = {
    .id = 40, .entries = entries, .count = ARRAY_COUNT(entries)};

PROC_SETTING_AT(listen_backlog, socket_backlog_most)
PROC_SETTING_AT(unix_datagrams, unix_datagrams_most)
PROC_SETTING_AT(port_range, inet_port_range[0])
PROC_SETTING_AT(unprivileged_ports, inet_unprivileged_ports)

/* ip(7): the first of the range is not above the last. */
static ssize_t store_port_range(const struct proc_node *node, const char *bytes, size_t n)
{
    struct setting before[] = {inet_port_range[0], inet_port_range[1]};
    ssize_t result = proc_store_settings(node, bytes, n);
    if (result < 0 || inet_port_range[0].value <= inet_port_range[1].value)
        return result;
    inet_port_range[0] = before[0];
    inet_port_range[1] = before[1];
    return -EINVAL;
}

static const struct proc_entry core_entries[] = {
    PROC_LINE("rmem_default", "212992"),
    PROC_LINE("rmem_max", "212992"),
    PROC_SETTING("somaxconn", listen_backlog, 1),
    PROC_LINE("wmem_default", "212992"),
    PROC_LINE("wmem_max", "212992"),
};
static const struct proc_directory core_directory = {
    .id = 41, .by_mode_alone = true, .entries = core_entries, .count = ARRAY_COUNT(core_entries)};

static const struct proc_entry ipv4_entries[] = {
    {"ip_local_port_range", S_IFREG | 0644, .show = proc_show_settings, .store = store_port_range,
     .settings = port_range, .setting_count = 2},
    PROC_SETTING("ip_unprivileged_port_start", unprivileged_ports, 1),
    PROC_LINE("ping_group_range", "1\t0"),
    PROC_LINE("tcp_available_congestion_control", "reno cubic"),
    PROC_LINE("tcp_congestion_control", "cubic"),
    PROC_LINE("tcp_keepalive_time", "7200"),
    PROC_LINE("tcp_max_syn_backlog", "4096"),
    PROC_LINE("tcp_rmem", "4096\t131072\t6291456"),
    PROC_LINE("tcp_wmem", "4096\t16384\t4194304"),
};
static const struct proc_directory ipv4_directory = {
    .id = 42, .by_mode_alone = true, .entries = ipv4_entries, .count = ARRAY_COUNT(ipv4_entries)};

static const struct proc_entry unix_entries[] = {
    PROC_SETTING("max_dgram_qlen", unix_datagrams, 1),
};
static const struct proc_directory unix_directory = {
    .id = 43, .by_mode_alone = true, .entries = unix_entries, .count = ARRAY_COUNT(unix_entries)};

static const struct proc_entry sys_entries[] = {
    PROC_DIR("core", 0555, core_directory),
    PROC_DIR("ipv4", 0555, ipv4_directory),
    PROC_DIR("unix", 0555, unix_directory),
};
const struct proc_directory proc_sys_net_directory = {
    .id = 44, .by_mode_alone = true, .entries = sys_entries, .count = ARRAY_COUNT(sys_entries)};
