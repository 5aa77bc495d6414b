/* SPDX-License-Identifier: BSD-2-Clause */
/* netlink_fuzz.c - requests to NETLINK_ROUTE: answers are whole messages, whatever is asked.
 *
 * Input: who asks (a byte), then what is sent.
 */
#include <linux/rtnetlink.h>
#include "base/errno.h"
#include "fuzz.h"
#include "net/control.h"
#include "net/inet/inet.h"
#include "net/netlink/netlink.h"
#include "proc/cred.h"
#include "vfs/iter.h"

static bool is_admin;
static unsigned answers;

bool capable(int)
{
    return is_admin;
}

int32_t inet_option_value(const struct inet_socket *, int, int)
{
    return 0;
}

int context_pid(void)
{
    return 77;
}

int context_pid_number(int pid)
{
    return pid;
}

void socket_init(struct socket *s, const struct socket_ops *ops, int family, int type, int protocol)
{
    s->ops = ops;
    s->family = (uint16_t)family;
    s->type = (uint16_t)type;
    s->protocol = protocol;
    s->send_bytes = 212992;
    list_init(&s->inbox.chunks);
}

void socket_wake(struct socket *, uint32_t) {}

void socket_set_error(struct socket *s, int error)
{
    s->error = error;
}

int option_int(const struct option *, int *)
{
    return -EINVAL;
}

int datagram_wait(struct socket *, unsigned, struct chunk **)
{
    return -EAGAIN;
}

ssize_t datagram_take(struct socket *, struct message *, struct chunk *)
{
    return -EAGAIN;
}

ssize_t iter_copy_from(struct iter *it, void *to, size_t n)
{
    MUST(n <= it->count);
    memcpy(to, (const void *)it->base, n);
    it->base += n;
    it->count -= n;
    return (ssize_t)n;
}

struct chunk *chunk_create(struct socket *, size_t n)
{
    struct chunk *c = calloc(1, sizeof *c + n);
    c->bytes = (uint32_t)n;
    return c;
}

void inbox_clear(struct inbox *) {}

void inbox_push(struct inbox *, struct chunk *c)
{
    for (uint32_t at = 0; at < c->bytes;) {
        struct nlmsghdr h;
        MUST(c->bytes - at >= sizeof h);
        memcpy(&h, c->data + at, sizeof h);
        MUST(h.nlmsg_len >= NLMSG_HDRLEN && h.nlmsg_len <= c->bytes - at);
        MUST(h.nlmsg_pid == 77 || h.nlmsg_pid == 0);
        at += NLMSG_ALIGN(h.nlmsg_len);
    }
    answers++;
    free(c);
}

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t n)
{
    struct bytes b = {input, n};
    struct iter data = {};
    struct socket *s;
    uint8_t who = bytes_u8(&b);
    is_admin = who & 1;
    MUST(netlink_create(AF_NETLINK, SOCK_RAW, who & 2 ? NETLINK_KOBJECT_UEVENT : NETLINK_ROUTE,
                        &s) == 0);
    data.base = (uint64_t)b.at;
    data.count = b.left;
    struct message m = {.data = &data};
    answers = 0;
    ssize_t sent = s->ops->send(s, &m);
    MUST(sent == (ssize_t)b.left);
    MUST(answers <= 2 * (b.left / NLMSG_HDRLEN));
    s->ops->close(s);
    s->ops->destroy(s);
    free(netlink_of(s));
    return 0;
}
