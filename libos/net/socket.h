/* SPDX-License-Identifier: BSD-2-Clause */
/* socket.h - sockets: what all families have in common.
 *
 * A family (unix, inet, inet6, netlink) makes a structure of its own around struct socket, with a
 * table of operations.  Life: made with one reference, which the socket's file takes over, or the
 * queue of a listening socket until accept gives it a file.  When the file goes, ops->close cuts
 * all ties to other sockets; the memory lives on while chunks under way or a peer refer to it.
 * Everything is guarded by the domain lock; what a sleep may have changed is looked at anew.
 */
#pragma once

#include <linux/in.h>
#include <linux/in6.h>
#include <linux/netlink.h>
#include <linux/un.h>
#include <stdint.h>
#include "base/list.h"
#include "base/setting.h"
#include "base/types.h"
#include "net/abi.h"
#include "net/inbox.h"
#include "sched/wait.h"

struct file;
struct iter;
struct poll_table;
struct socket;

/* An address as bind, connect and their kin pass it. */
struct socket_address {
    uint32_t bytes; /* that count; 0: no address */
    union {
        uint16_t family;
        struct sockaddr_un un;
        struct sockaddr_in in;
        struct sockaddr_in6 in6;
        struct sockaddr_nl nl;
        uint8_t data[128];
    };
};

/* One send or receive. */
struct message {
    struct iter *data;
    unsigned flags;                 /* MSG_* of the call; MSG_DONTWAIT for O_NONBLOCK too */
    unsigned out_flags;             /* recvmsg(2)'s msg_flags */
    struct socket_address *address; /* send: to whom (bytes 0: the peer); receive: filled in */
    struct control control;         /* goes along, or came along */
    struct control_out *out;        /* receive: where family's control messages go; may be null */
};

enum socket_shut : uint8_t {
    SHUT_RECEIVE = 1,
    SHUT_SEND = 2,
    SHUT_BOTH = 3,
};

/* Values of options that are plain switches: bits of socket->switches. */
enum socket_switch : uint32_t {
    SOCKET_REUSEADDR = 1 << 0,
    SOCKET_REUSEPORT = 1 << 1,
    SOCKET_KEEPALIVE = 1 << 2,
    SOCKET_BROADCAST = 1 << 3,
    SOCKET_OOBINLINE = 1 << 4,
    SOCKET_PASSCRED = 1 << 5,
    SOCKET_TIMESTAMP = 1 << 6,
    SOCKET_TIMESTAMPNS = 1 << 7,
    SOCKET_DEBUG = 1 << 8,
    SOCKET_DONTROUTE = 1 << 9,
    SOCKET_NO_CHECK = 1 << 10,
    SOCKET_PASSSEC = 1 << 11,
    SOCKET_ZEROCOPY = 1 << 12,
    SOCKET_RXQ_OVFL = 1 << 13,
    SOCKET_WIFI_STATUS = 1 << 14,
    SOCKET_SELECT_ERR = 1 << 15,
    SOCKET_LINGER = 1 << 16,
};

/* An option's value on its way in or out. */
struct option {
    int level, name;
    uaddr_t user;
    uint32_t bytes; /* given; get: how many were written */
};

/* All but create may assume that the arguments were checked as far as the family does not matter.
 * NULL: -EOPNOTSUPP. */
struct socket_ops {
    int (*bind)(struct socket *s, const struct socket_address *a);
    int (*connect)(struct socket *s, const struct socket_address *a, unsigned flags);
    int (*pair)(struct socket *a, struct socket *b);
    int (*listen)(struct socket *s, int backlog);
    /* The next connection, its reference passes to the caller, and whose it is.  FLAGS:
     * MSG_DONTWAIT. */
    int (*accept)(struct socket *s, unsigned flags, struct socket **out,
                  struct socket_address *peer);
    int (*local_name)(struct socket *s, struct socket_address *a);
    int (*peer_name)(struct socket *s, struct socket_address *a);
    ssize_t (*send)(struct socket *s, struct message *m);
    ssize_t (*receive)(struct socket *s, struct message *m);
    int (*shutdown)(struct socket *s, enum socket_shut how);
    /* S->wait is enlisted already; FILE and TABLE serve for further queues (poll_wait). */
    uint32_t (*poll)(struct socket *s, struct file *file, struct poll_table *table);
    /* Streams: 0, or why nothing can be sent (-EPIPE, -ENOTCONN ...). */
    int (*may_send)(struct socket *s);
    /* Streams: why nothing can be received any more, 0: more may come; 1: end. */
    int (*may_receive)(struct socket *s);
    /* Streams: bytes that may be under way from S. */
    uint64_t (*send_room)(const struct socket *s);
    /* Options of other levels than SOL_SOCKET, and those that the family sees differently;
     * -ENOPROTOOPT: not known. */
    int (*option_set)(struct socket *s, const struct option *o);
    int (*option_get)(struct socket *s, struct option *o);
    long (*ioctl)(struct socket *s, unsigned cmd, uaddr_t arg); /* -ENOTTY: not known */
    void (*close)(struct socket *s);                            /* its file is gone */
    void (*destroy)(struct socket *s); /* the last reference is gone: free what is the family's */
};

struct socket {
    const struct socket_ops *ops;
    uint32_t refs;
    uint16_t family, type;
    int32_t protocol;
    struct file *file; /* not referenced; NULL: none yet, or no more */
    struct wait_queue wait;
    struct inbox inbox;
    uint64_t sent; /* charge of chunks under way that S has sent */
    int32_t error; /* SO_ERROR, positive; told once */
    uint8_t shut;  /* enum socket_shut */
    bool is_listening;
    bool is_closed; /* ops->close was called */

    uint32_t switches;                            /* enum socket_switch */
    uint32_t send_bytes, receive_bytes;           /* SO_SNDBUF, SO_RCVBUF */
    uint64_t send_timeout_ns, receive_timeout_ns; /* WAIT_FOREVER: none */
    uint32_t low_water;                           /* SO_RCVLOWAT */
    uint32_t linger_seconds;
    uint32_t priority, mark;
    uint64_t cookie;          /* SO_COOKIE; 0: not asked for yet */
    struct socket_cred owner; /* who made it */
};

/* S, zeroed but for what follows from the arguments. */
void socket_init(struct socket *s, const struct socket_ops *ops, int family, int type,
                 int protocol);
static inline struct socket *socket_get(struct socket *s)
{
    s->refs++;
    return s;
}
void socket_put(struct socket *s); /* NULL is fine */
/* A connection that was never accepted: close it and drop the reference. */
void socket_abandon(struct socket *s);

/* net.core.somaxconn of proc(5). */
extern struct setting socket_backlog_most;

/* socket(2): -EAFNOSUPPORT, -EINVAL, -EPROTONOSUPPORT, -ESOCKTNOSUPPORT, -EPERM, -ENOMEM. */
[[nodiscard]] int socket_create(int family, int type, int protocol, struct socket **out);
/* A file for S, whose reference it takes over, even when it fails.  FLAGS: O_NONBLOCK. */
[[nodiscard]] int socket_file_create(struct socket *s, unsigned flags, struct file **out);
/* NULL: not a socket's. */
struct socket *file_socket(const struct file *file);

/* Say that EVENTS (EPOLLIN ...) may hold now; _all: of interest to everybody, as an end is. */
void socket_wake(struct socket *s, uint32_t events);
void socket_wake_all(struct socket *s, uint32_t events);
/* Take S's pending error: a negative errno or 0. */
int socket_take_error(struct socket *s);
void socket_set_error(struct socket *s, int error);

uint64_t socket_send_deadline(const struct socket *s);
uint64_t socket_receive_deadline(const struct socket *s);
/* Sleep until S is woken.  0; -EAGAIN: FLAGS has MSG_DONTWAIT, or DEADLINE passed; -ERESTARTSYS or,
 * if there is a time-out, -EINTR (signal(7)). */
[[nodiscard]] int socket_wait(struct socket *s, unsigned flags, uint64_t deadline_ns);

/* The calls, families apart: check, and leave the rest to the family. */
ssize_t socket_send(struct socket *s, struct message *m);
ssize_t socket_receive(struct socket *s, struct message *m);
int socket_option_set(struct socket *s, const struct option *o);
int socket_option_get(struct socket *s, struct option *o);

/* Decode and encode option values. */
[[nodiscard]] int option_int(const struct option *o, int *value);
[[nodiscard]] int option_put(struct option *o, const void *value, uint32_t bytes);
[[nodiscard]] int option_put_int(struct option *o, int value);

/* Who the current thread is, for SO_PEERCRED. */
struct socket_cred socket_cred_current(void);

/* The families. */
[[nodiscard]] int unix_create(int family, int type, int protocol, struct socket **out);
[[nodiscard]] int inet_create(int family, int type, int protocol, struct socket **out);
[[nodiscard]] int netlink_create(int family, int type, int protocol, struct socket **out);
