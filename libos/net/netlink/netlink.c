/* SPDX-License-Identifier: BSD-2-Clause */
/* netlink.c - AF_NETLINK sockets (netlink(7)). */
#include "net/netlink/netlink.h"

#include <linux/capability.h>
#include <linux/eventpoll.h>
#include "base/errno.h"
#include "base/string.h"
#include "mm/heap.h"
#include "net/control.h"
#include "proc/cred.h"
#include "vfs/context.h"
#include "vfs/iter.h"

struct list_node netlink_all = LIST_INIT(netlink_all);

static const struct socket_ops netlink_ops;

int netlink_create(int family, int type, int protocol, struct socket **out)
{
    if (type != SOCK_RAW && type != SOCK_DGRAM)
        return -ESOCKTNOSUPPORT;
    /* Of events of devices there are none to tell, but programs may wait for them. */
    if (protocol != NETLINK_ROUTE && protocol != NETLINK_KOBJECT_UEVENT)
        return -EPROTONOSUPPORT;
    struct netlink_socket *n = heap_zalloc(sizeof *n);
    if (!n)
        return -ENOMEM;
    socket_init(&n->s, &netlink_ops, family, type, protocol);
    list_push_back(&netlink_all, &n->all);
    *out = &n->s;
    return 0;
}

static struct netlink_socket *find(int protocol, uint32_t port)
{
    list_for_each(node, &netlink_all) {
        struct netlink_socket *n = container_of(node, struct netlink_socket, all);
        if (n->s.protocol == protocol && n->port == port)
            return n;
    }
    return nullptr;
}

/* The process's number if it is free, else one that no process has. */
static void autobind(struct netlink_socket *n)
{
    static uint32_t next = UINT32_MAX - 4096;
    if (n->port)
        return;
    uint32_t port = (uint32_t)context_pid_number(context_pid());
    while (find(n->s.protocol, port))
        port = next--;
    n->port = port;
}

static int check(const struct socket_address *a)
{
    return a->bytes < sizeof a->nl || a->family != AF_NETLINK ? -EINVAL : 0;
}

static int bind(struct socket *s, const struct socket_address *a)
{
    struct netlink_socket *n = netlink_of(s);
    int err = check(a);
    if (err < 0)
        return err;
    if (n->port && a->nl.nl_pid != n->port)
        return -EINVAL;
    if (a->nl.nl_pid && !n->port && find(s->protocol, a->nl.nl_pid))
        return -EADDRINUSE;
    if (a->nl.nl_pid)
        n->port = a->nl.nl_pid;
    autobind(n);
    n->groups = a->nl.nl_groups;
    return 0;
}

static int connect(struct socket *s, const struct socket_address *a, unsigned)
{
    struct netlink_socket *n = netlink_of(s);
    if (a->bytes < sizeof a->family)
        return -EINVAL;
    n->remote_port = 0;
    if (a->family == AF_UNSPEC)
        return 0;
    int err = check(a);
    if (err < 0)
        return err;
    n->remote_port = a->nl.nl_pid;
    autobind(n);
    return 0;
}

static void name(struct socket_address *a, uint32_t port, uint32_t groups)
{
    *a = (struct socket_address){.bytes = sizeof a->nl};
    a->nl = (struct sockaddr_nl){.nl_family = AF_NETLINK, .nl_pid = port, .nl_groups = groups};
}

static int local_name(struct socket *s, struct socket_address *a)
{
    name(a, netlink_of(s)->port, netlink_of(s)->groups);
    return 0;
}

static int peer_name(struct socket *s, struct socket_address *a)
{
    name(a, netlink_of(s)->remote_port, 0);
    return 0;
}

/* netlink(7): an answer for which there is no room is lost, which the reader is told (ENOBUFS). */
static bool has_room(struct netlink_socket *n)
{
    if (!n->is_congested && n->s.inbox.charge <= n->s.receive_bytes)
        return true;
    if (!n->is_congested && !n->hides_losses)
        socket_set_error(&n->s, ENOBUFS);
    n->is_congested = true;
    return false;
}

/* Put what R holds into N's inbox, and let R begin anew. */
static int flush(struct netlink_socket *n, struct reply *r)
{
    if (!r->used)
        return 0;
    if (!has_room(n)) {
        r->used = 0;
        return 0;
    }
    struct chunk *c = chunk_create(nullptr, r->used);
    if (!c)
        return -ENOBUFS;
    memcpy(c->data, r->data, r->used);
    r->used = 0;
    inbox_push(&n->s.inbox, c);
    socket_wake(&n->s, EPOLLIN | EPOLLRDNORM);
    return 0;
}

static void add_result(struct reply *r, int err)
{
    bool is_whole = err < 0 && r->request->nlmsg_len <= 512;
    uint32_t extra = is_whole ? r->request->nlmsg_len - NLMSG_HDRLEN : 0;
    struct nlmsgerr *e =
        reply_begin(r, NLMSG_ERROR, is_whole ? 0 : NLM_F_CAPPED, sizeof *e + extra);
    e->error = err;
    memcpy(&e->msg, r->request, NLMSG_HDRLEN + extra);
}

static int handle(struct netlink_socket *n, const struct nlmsghdr *h, struct reply *r)
{
    r->request = h;
    r->port = n->port;
    r->used = 0;
    if (!(h->nlmsg_flags & NLM_F_REQUEST) || h->nlmsg_type < NLMSG_MIN_TYPE) {
        if (h->nlmsg_flags & NLM_F_ACK)
            add_result(r, 0);
        return flush(n, r);
    }
    int result = n->s.protocol == NETLINK_ROUTE ? route_answer(h, r) : -EOPNOTSUPP;
    if (result < 0)
        r->used = 0;
    int err = flush(n, r);
    if (result == 1)
        memset(reply_begin(r, NLMSG_DONE, NLM_F_MULTI, sizeof(int)), 0, sizeof(int));
    else if (result < 0 || h->nlmsg_flags & NLM_F_ACK)
        add_result(r, result);
    return err < 0 ? err : flush(n, r);
}

static int handle_all(struct netlink_socket *n, const uint8_t *data, size_t bytes)
{
    struct reply *r = heap_alloc(sizeof *r);
    int err = r ? 0 : -ENOBUFS;
    while (!err && bytes >= NLMSG_HDRLEN) {
        const struct nlmsghdr *h = (const struct nlmsghdr *)data;
        if (h->nlmsg_len < NLMSG_HDRLEN || h->nlmsg_len > bytes)
            break;
        err = handle(n, h, r);
        size_t step = NLMSG_ALIGN((size_t)h->nlmsg_len);
        step = step < bytes ? step : bytes;
        data += step;
        bytes -= step;
    }
    heap_free(r);
    return err;
}

static ssize_t send(struct socket *s, struct message *m)
{
    struct netlink_socket *n = netlink_of(s);
    size_t bytes = iter_count(m->data);
    uint32_t port = n->remote_port;
    if (m->flags & MSG_OOB)
        return -EOPNOTSUPP;
    if (m->address && m->address->bytes) {
        int err = check(m->address);
        if (err < 0)
            return err;
        port = m->address->nl.nl_pid;
        if (m->address->nl.nl_groups && !capable(CAP_NET_ADMIN))
            return -EPERM;
    }
    if (bytes > s->send_bytes - 32)
        return -EMSGSIZE;
    autobind(n);
    if (port)
        return -ECONNREFUSED; /* programs do not talk to each other through these protocols */
    uint8_t *data = heap_alloc(bytes + 1);
    if (!data)
        return -ENOBUFS;
    int err = iter_copy_from(m->data, data, bytes) != (ssize_t)bytes ? -EFAULT : 0;
    if (!err)
        err = handle_all(n, data, bytes);
    heap_free(data);
    return err < 0 ? err : (ssize_t)bytes;
}

static ssize_t receive(struct socket *s, struct message *m)
{
    struct chunk *c;
    if (m->flags & MSG_OOB)
        return -EOPNOTSUPP;
    int err = datagram_wait(s, m->flags, &c);
    if (err < 0 || !c)
        return err;
    if (m->address)
        name(m->address, 0, 0);
    ssize_t n = datagram_take(s, m, c);
    if (!s->inbox.count)
        netlink_of(s)->is_congested = false;
    m->control.has_cred = s->switches & SOCKET_PASSCRED; /* of the libOS: all zero */
    return n;
}

static uint32_t poll(struct socket *s, struct file *, struct poll_table *)
{
    return EPOLLOUT | EPOLLWRNORM | EPOLLWRBAND | (s->inbox.count ? EPOLLIN | EPOLLRDNORM : 0) |
           (s->error ? EPOLLERR : 0);
}

static int option_set(struct socket *s, const struct option *o)
{
    int value, err = o->level == SOL_NETLINK ? option_int(o, &value) : -ENOPROTOOPT;
    if (err < 0)
        return err;
    switch (o->name) {
    case NETLINK_ADD_MEMBERSHIP:
    case NETLINK_DROP_MEMBERSHIP: return value < 1 ? -EINVAL : 0;
    case NETLINK_NO_ENOBUFS: netlink_of(s)->hides_losses = value; return 0;
    case NETLINK_PKTINFO:
    case NETLINK_BROADCAST_ERROR:
    case NETLINK_CAP_ACK:
    case NETLINK_EXT_ACK:
    case NETLINK_GET_STRICT_CHK: return 0;
    default: return -ENOPROTOOPT;
    }
}

static void close(struct socket *s)
{
    inbox_clear(&s->inbox);
}

static void destroy(struct socket *s)
{
    list_remove(&netlink_of(s)->all);
}

static const struct socket_ops netlink_ops = {
    .bind = bind,
    .connect = connect,
    .local_name = local_name,
    .peer_name = peer_name,
    .send = send,
    .receive = receive,
    .poll = poll,
    .option_set = option_set,
    .close = close,
    .destroy = destroy,
};
