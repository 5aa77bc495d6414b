/* SPDX-License-Identifier: BSD-2-Clause */
/* netlink.h - AF_NETLINK (netlink(7)): questions to the libOS, asked and answered as messages. */
#pragma once

#include <linux/netlink.h>
#include "net/socket.h"

struct netlink_socket {
    struct socket s;
    struct list_node all; /* netlink_all */
    uint32_t port;        /* nl_pid; 0: not bound yet */
    uint32_t groups;
    uint32_t remote_port; /* connect's */
    bool is_congested;    /* an answer was lost; others are until the reader has taken all */
    bool hides_losses;    /* NETLINK_NO_ENOBUFS */
};

extern struct list_node netlink_all;

static inline struct netlink_socket *netlink_of(struct socket *s)
{
    return container_of(s, struct netlink_socket, s);
}

/* An answer while it is written: messages one after the other, in a buffer of fixed size that
 * all answers of ours fit in. */
struct reply {
    const struct nlmsghdr *request;
    uint32_t port; /* whose it is */
    uint32_t used;
    uint32_t message; /* where the message under way begins */
    alignas(8) uint8_t data[2048];
};

/* Begin a message of TYPE with a fixed part of N bytes, which is returned zeroed. */
void *reply_begin(struct reply *r, uint16_t type, uint16_t flags, uint32_t n);
void reply_add(struct reply *r, uint16_t type, const void *data, uint32_t n);
static inline void reply_add_u32(struct reply *r, uint16_t type, uint32_t value)
{
    reply_add(r, type, &value, sizeof value);
}

/* NETLINK_ROUTE: add the answer to R.  0: it is complete; 1: a list, to be ended by NLMSG_DONE; or
 * a negative errno. */
[[nodiscard]] int route_answer(const struct nlmsghdr *request, struct reply *r);
