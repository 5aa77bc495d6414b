/* SPDX-License-Identifier: BSD-2-Clause */
/* reply.c - writing netlink messages and their attributes (netlink(3)). */
#include "base/string.h"
#include "net/netlink/netlink.h"

void *reply_begin(struct reply *r, uint16_t type, uint16_t flags, uint32_t n)
{
    r->message = r->used;
    struct nlmsghdr *h = (struct nlmsghdr *)(r->data + r->used);
    *h = (struct nlmsghdr){NLMSG_LENGTH(n), type, flags, r->request->nlmsg_seq, r->port};
    memset(h + 1, 0, NLMSG_ALIGN(n));
    r->used += NLMSG_SPACE(n);
    return h + 1;
}

void reply_add(struct reply *r, uint16_t type, const void *data, uint32_t n)
{
    struct nlattr *a = (struct nlattr *)(r->data + r->used);
    *a = (struct nlattr){(uint16_t)(NLA_HDRLEN + n), type};
    memcpy(a + 1, data, n);
    memset((uint8_t *)(a + 1) + n, 0, NLA_ALIGN(n) - n);
    r->used += NLA_HDRLEN + NLA_ALIGN(n);
    ((struct nlmsghdr *)(r->data + r->message))->nlmsg_len = r->used - r->message;
}
