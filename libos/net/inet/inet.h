/* SPDX-License-Identifier: BSD-2-Clause */
/* inet.h - AF_INET and AF_INET6: what TCP, UDP and the port table share.
 *
 * Both families keep addresses in IPv6 form, IPv4 as ::ffff:a.b.c.d (RFC 4291, 2.5.5.2); ports are
 * in network order.  The machine's addresses are 127.0.0.0/8 and ::1, all else is unreachable, so
 * that sender and receiver always sit in the same domain: stream.c and datagram.c hand data over
 * through the inbox of struct socket, without segments.
 */
#pragma once

#include "net/socket.h"

/* Option values by inet_options' rows (options.c). */
constexpr unsigned INET_OPTIONS_MOST = 64;
constexpr uint32_t SOCKADDR_IN6_LEAST = 24; /* without sin6_scope_id: RFC 2133 */

/* net.ipv4.ip_unprivileged_port_start and net.ipv4.ip_local_port_range of proc(5). */
extern struct setting inet_unprivileged_ports, inet_port_range[2];

enum tcp_state : uint8_t { /* as /proc/net/tcp and TCP_INFO number them */
    TCP_ESTABLISHED = 1,
    TCP_SYN_SENT = 2,
    TCP_FIN_WAIT1 = 4,
    TCP_FIN_WAIT2 = 5,
    TCP_CLOSE = 7,
    TCP_CLOSE_WAIT = 8,
    TCP_LAST_ACK = 9,
    TCP_LISTEN = 10,
};

struct inet_socket {
    struct socket s;
    struct list_node all;          /* inet_all */
    struct list_node port_node;    /* in the port table, while local.port is not 0 */
    struct list_node listen_node;  /* TCP: in the table of listeners */
    struct inet_end local, remote; /* remote.port 0: not connected */
    bool has_bound_ip;             /* bind named an address: it stays over disconnects */
    bool has_bound_port;
    int32_t option[INET_OPTIONS_MOST];

    /* stream.c */
    enum tcp_state state;
    bool is_connecting; /* connect has not told its result yet */
    bool fin_received;
    struct inet_socket *peer; /* referenced */
    struct list_node pending; /* a listener's connections to accept; else where it stands */
    struct list_node waiting; /* a listener's clients that find no room; else where one stands */
    uint32_t pending_count, backlog;
};

static inline struct inet_socket *inet_of(struct socket *s)
{
    return container_of(s, struct inet_socket, s);
}

extern struct list_node inet_all;
extern const struct socket_ops tcp_ops, udp_ops;

struct inet_socket *inet_alloc(const struct socket_ops *ops, int family, int type, int protocol);
int inet_local_name(struct socket *s, struct socket_address *a);
int inet_peer_name(struct socket *s, struct socket_address *a);
int inet_bind(struct socket *s, const struct socket_address *a);
void inet_destroy(struct socket *s);

/* address.c */
bool ip_is_mapped(const uint8_t ip[16]); /* IPv4 */
bool ip_is_any(const uint8_t ip[16]);
bool ip_is_loopback(const uint8_t ip[16]);
bool ip_is_multicast(const uint8_t ip[16]);
bool ip_is_broadcast(const uint8_t ip[16]);
bool ip_is_equal(const uint8_t a[16], const uint8_t b[16]);
void ip_set_any(uint8_t ip[16], int family);
void ip_set_loopback(uint8_t ip[16], bool is_v4);
/* -EINVAL, -EAFNOSUPPORT. */
[[nodiscard]] int inet_end_of(const struct inet_socket *i, const struct socket_address *a,
                              struct inet_end *end);
void inet_end_put(const struct inet_socket *i, const struct inet_end *end,
                  struct socket_address *a);
/* Where a packet for END goes: an unspecified address is the loopback.  -ENETUNREACH, -EACCES. */
[[nodiscard]] int inet_route(const struct inet_socket *i, struct inet_end *end);
/* The source of what goes to REMOTE, if I is not bound to an address. */
void inet_source(const struct inet_socket *i, const struct inet_end *remote, uint8_t ip[16]);
/* Does a socket bound to BOUND get what is sent to IP? */
bool inet_ip_matches(const struct inet_socket *bound, const uint8_t ip[16]);

/* port.c */
/* Enter I with local.ip at PORT (network order; 0: one of the ephemeral ones).  -EADDRINUSE. */
[[nodiscard]] int port_take(struct inet_socket *i, uint16_t port);
/* An accepted connection shares its listener's. */
void port_share(struct inet_socket *i, uint16_t port);
void port_release(struct inet_socket *i);
/* May I begin to listen where it is bound? */
[[nodiscard]] int port_may_listen(const struct inet_socket *i);
void port_listen(struct inet_socket *i);
struct inet_socket *port_find_listener(const struct inet_end *to);
struct inet_socket *port_find_datagram(const struct inet_end *to, const struct inet_end *from);

/* stream.c: I gets a reset; I lets go of the other end. */
void tcp_reset(struct inet_socket *i);
void tcp_peer_drop(struct inet_socket *i);

/* stream_connect.c */
int tcp_connect(struct socket *s, const struct socket_address *a, unsigned flags);
int tcp_listen(struct socket *s, int backlog);
int tcp_accept(struct socket *s, unsigned flags, struct socket **out, struct socket_address *peer);
/* Nobody will accept any more. */
void tcp_stop_listening(struct inet_socket *i);

/* options.c */
void inet_options_init(struct inet_socket *i);
int inet_option_set(struct socket *s, const struct option *o);
int inet_option_get(struct socket *s, struct option *o);
int32_t inet_option_value(const struct inet_socket *i, int level, int name);
