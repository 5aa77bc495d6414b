/* SPDX-License-Identifier: BSD-2-Clause */
/* inbox.h - data on its way: chunks, and the queue in which they wait for their reader.
 *
 * A chunk is one datagram, or a piece of a stream.  It is charged to the send buffer of its sender,
 * whom it references, until it has been read.
 */
#pragma once

#include <stdint.h>
#include "base/list.h"
#include "base/types.h"
#include "net/abi.h"

struct message;
struct passed;
struct socket;

/* What goes along with data (unix(7), "Ancillary messages"). */
struct control {
    struct socket_cred cred;
    bool has_cred;
    struct passed *files; /* or NULL */
};

/* One end of a connection or datagram: an address in IPv6 form (IPv4 mapped) and a port in network
 * order. */
struct inet_end {
    uint8_t ip[16];
    uint16_t port;
};

struct chunk {
    struct list_node node;
    struct socket *sender; /* referenced; NULL: the libOS itself */
    uint32_t bytes;        /* of data */
    uint32_t offset;       /* of them were read already (streams) */
    uint32_t charge;
    bool is_urgent; /* the byte that MSG_OOB sent */
    struct control control;
    struct inet_end from, to; /* UDP */
    uint32_t group;           /* netlink */
    uint64_t real_ns;         /* when it was sent */
    uint8_t data[];
};

struct inbox {
    struct list_node chunks;
    uint64_t bytes;  /* of data not read */
    uint64_t charge; /* of all chunks */
    uint32_t count;
    uint32_t urgent; /* chunks that are or were, and are not yet passed by */
};

void inbox_init(struct inbox *box);
void inbox_clear(struct inbox *box); /* free all */
static inline struct chunk *inbox_first(const struct inbox *box)
{
    struct list_node *node = list_first(&box->chunks);
    return node ? container_of(node, struct chunk, node) : nullptr;
}

/* Room for N bytes from SENDER (reference taken; may be NULL).  NULL: no memory. */
struct chunk *chunk_create(struct socket *sender, size_t n);
void chunk_free(struct chunk *c);
/* A chunk with the next N bytes of M's data.  -EFAULT, -ENOBUFS. */
[[nodiscard]] int chunk_create_from(struct socket *sender, struct message *m, size_t n,
                                    struct chunk **out);
void inbox_push(struct inbox *box, struct chunk *c);
void inbox_remove(struct inbox *box, struct chunk *c);
/* The charge that N bytes of data have. */
uint32_t chunk_charge(size_t n);

/* Send M's data as a stream from S to what PEER_OF says, sleeping for room. */
ssize_t stream_send(struct socket *s, struct message *m,
                    struct socket *(*peer_of)(struct socket *));
/* Receive from S's inbox as a stream. */
ssize_t stream_receive(struct socket *s, struct message *m);
/* Wait for the next datagram; it stays in the inbox.  0 and *OUT (NULL: end of file). */
[[nodiscard]] int datagram_wait(struct socket *s, unsigned flags, struct chunk **out);
/* Move C's data to M and, unless M peeks, take C out and free it.  recv(2)'s result. */
ssize_t datagram_take(struct socket *s, struct message *m, struct chunk *c);
