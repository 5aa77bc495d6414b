/* SPDX-License-Identifier: BSD-2-Clause */
/* unix.h - AF_UNIX (unix(7)): what its files share.
 *
 * A connected pair refers to each other; a socket that has closed leaves its reference to the peer,
 * so that the peer still knows its name.  A connection that waits to be accepted stands on the
 * listener's list, which holds its one reference.
 */
#pragma once

#include "net/socket.h"
#include "vfs/path.h"

struct file;

/* Datagrams that may wait in a new socket's queue before unconnected senders sleep:
 * net.unix.max_dgram_qlen of proc(5). */
extern struct setting unix_datagrams_most;

/* A name that a socket was bound to; those accepted from it share it. */
struct unix_name {
    uint32_t refs;
    uint32_t bytes; /* of ADDRESS, as getsockname tells */
    struct sockaddr_un address;
};

enum unix_gc_state : uint8_t {
    GC_OUTSIDE,
    GC_CANDIDATE, /* refers only from queues */
    GC_REACHABLE, /* ... of which one can still be read */
};

struct unix_socket {
    struct socket s;
    uint32_t datagrams_most;
    struct list_node all;     /* unix_all */
    struct list_node bound;   /* in the table of names */
    struct unix_name *name;   /* or NULL */
    struct path path;         /* of a bound socket with a place in a file system */
    struct unix_socket *peer; /* referenced; datagrams: who connect named */
    struct list_node pending; /* a listener's connections to accept; else where it stands */
    uint32_t pending_count, backlog;
    struct socket_cred peer_cred; /* SO_PEERCRED */

    /* unix_gc.c */
    struct list_node in_flight; /* while its file is in a queue */
    uint32_t flights;           /* how often */
    int64_t gc_refs;            /* of these, not from candidates' queues */
    enum unix_gc_state gc_state;
    struct list_node gc_node;
};

static inline struct unix_socket *unix_of(struct socket *s)
{
    return container_of(s, struct unix_socket, s);
}

extern struct list_node unix_all;
extern const struct socket_ops unix_stream_ops, unix_datagram_ops, unix_packet_ops;

/* A socket of the type with OPS, which belongs to S's making thread. */
struct unix_socket *unix_alloc(const struct socket_ops *ops, int type);

/* unix_name.c */
[[nodiscard]] int unix_bind(struct socket *s, const struct socket_address *a);
[[nodiscard]] int unix_autobind(struct unix_socket *u);
void unix_unbind(struct unix_socket *u);
/* Who is bound to A?  *OUT is referenced.  -ECONNREFUSED, -EPROTOTYPE, -EINVAL, a path's errors. */
[[nodiscard]] int unix_find(const struct socket_address *a, int type, struct unix_socket **out);
void unix_name_get(const struct unix_socket *u, struct socket_address *a);
void unix_name_share(struct unix_socket *u, struct unix_socket *from);
int unix_local_name(struct socket *s, struct socket_address *a);
int unix_peer_name(struct socket *s, struct socket_address *a);

/* unix.c: what the types have in common. */
int unix_pair(struct socket *a, struct socket *b);
int unix_shutdown(struct socket *s, enum socket_shut how);
int unix_option_set(struct socket *s, const struct option *o);
int unix_option_get(struct socket *s, struct option *o);
uint32_t unix_poll(struct socket *s, struct file *file, struct poll_table *table);
void unix_close(struct socket *s);
void unix_destroy(struct socket *s);
uint64_t unix_send_room(const struct socket *s);
/* Stamp what M carries with the sender's identity; before a receiver's program sees it: hide what
 * it has not asked for. */
void unix_control_sent(struct socket *s, struct message *m);
void unix_control_received(struct socket *s, struct message *m);

/* unix_connect.c: stream and seqpacket. */
int unix_connect(struct socket *s, const struct socket_address *a, unsigned flags);
int unix_listen(struct socket *s, int backlog);
int unix_accept(struct socket *s, unsigned flags, struct socket **out, struct socket_address *peer);

/* unix_gc.c: FILE has been put into a message, or was taken out of one. */
void unix_file_taken_off(struct file *file);
void unix_file_landed(struct file *file);
/* Drop the messages of sockets that nobody can reach any more. */
void unix_gc(void);
/* The same, if it was put off while messages were being dropped. */
void unix_gc_if_wanted(void);
