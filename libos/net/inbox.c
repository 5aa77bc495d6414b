/* SPDX-License-Identifier: BSD-2-Clause */
/* inbox.c - chunks, and moving data through them as a stream or as datagrams. */
#include "net/inbox.h"

#include <linux/eventpoll.h>
#include "base/bits.h"
#include "base/errno.h"
#include "mm/heap.h"
#include "net/control.h"
#include "net/socket.h"
#include "sched/time.h"
#include "vfs/context.h"
#include "vfs/iter.h"

/* Pieces of a stream: few allocations for large writes, yet small enough for the heap to have. */
constexpr size_t PIECE_MOST = 32 * 1024 - sizeof(struct chunk);
constexpr size_t PIECE_SMALL = PAGE_SIZE - sizeof(struct chunk);

void inbox_init(struct inbox *box)
{
    *box = (struct inbox){};
    list_init(&box->chunks);
}

void inbox_clear(struct inbox *box)
{
    struct chunk *c;
    while ((c = inbox_first(box)) != nullptr) {
        inbox_remove(box, c);
        chunk_free(c);
    }
}

uint32_t chunk_charge(size_t n)
{
    return (uint32_t)(n + sizeof(struct chunk));
}

struct chunk *chunk_create(struct socket *sender, size_t n)
{
    struct chunk *c = heap_alloc(sizeof *c + n);
    if (!c)
        return nullptr;
    *c = (struct chunk){.bytes = (uint32_t)n, .charge = chunk_charge(n)};
    list_init(&c->node);
    c->real_ns = time_real_ns();
    if (sender) {
        c->sender = socket_get(sender);
        sender->sent += c->charge;
    }
    return c;
}

void chunk_free(struct chunk *c)
{
    struct socket *sender = c->sender;
    control_clear(&c->control);
    if (sender) {
        sender->sent -= c->charge;
        if (!sender->is_closed)
            socket_wake(sender, EPOLLOUT | EPOLLWRNORM | EPOLLWRBAND);
        socket_put(sender);
    }
    heap_free(c);
}

int chunk_create_from(struct socket *sender, struct message *m, size_t n, struct chunk **out)
{
    struct chunk *c = chunk_create(sender, n);
    if (!c)
        return -ENOBUFS;
    struct iter before = *m->data;
    if (n && iter_copy_from(m->data, c->data, n) != (ssize_t)n) {
        *m->data = before;
        chunk_free(c);
        return -EFAULT;
    }
    *out = c;
    return 0;
}

void inbox_push(struct inbox *box, struct chunk *c)
{
    list_push_back(&box->chunks, &c->node);
    box->bytes += c->bytes - c->offset;
    box->charge += c->charge;
    box->count++;
    box->urgent += c->is_urgent;
}

void inbox_remove(struct inbox *box, struct chunk *c)
{
    list_remove(&c->node);
    box->bytes -= c->bytes - c->offset;
    box->charge -= c->charge;
    box->count--;
    box->urgent -= c->is_urgent;
}

/* Hand the next piece of M over to PEER.  The count. */
static ssize_t piece_send(struct socket *s, struct socket *peer, struct message *m, size_t room)
{
    struct chunk *c;
    size_t n = MIN(iter_count(m->data), MIN(room, PIECE_MOST));
    if (m->flags & MSG_OOB && n > 1 && n == iter_count(m->data))
        n--; /* the urgent byte goes alone */
    int err = chunk_create_from(s, m, n, &c);
    if (err == -ENOBUFS && n > PIECE_SMALL)
        err = chunk_create_from(s, m, n = PIECE_SMALL, &c);
    if (err < 0)
        return err;
    /* What goes along goes with the first byte. */
    c->control = m->control;
    m->control.files = nullptr;
    c->is_urgent = m->flags & MSG_OOB && !iter_count(m->data);
    inbox_push(&peer->inbox, c);
    socket_wake(peer, EPOLLIN | EPOLLRDNORM | EPOLLRDBAND | (c->is_urgent ? EPOLLPRI : 0));
    return (ssize_t)n;
}

ssize_t stream_send(struct socket *s, struct message *m, struct socket *(*peer_of)(struct socket *))
{
    size_t done = 0;
    ssize_t err = 0;
    uint64_t deadline = socket_send_deadline(s);
    for (;;) {
        err = s->ops->may_send(s);
        if (err < 0 || !iter_count(m->data))
            break;
        uint64_t room = s->ops->send_room(s);
        if (room <= s->sent) {
            err = socket_wait(s, m->flags, deadline);
        } else {
            err = piece_send(s, peer_of(s), m, room - s->sent);
            if (err > 0)
                done += (size_t)err;
        }
        if (err < 0)
            break;
    }
    if (done)
        return (ssize_t)done;
    if (err == -EPIPE && !(m->flags & MSG_NOSIGNAL))
        context_broken_pipe();
    return err;
}

/* May C's data follow in the same call what came before from a chunk with CONTROL? */
static bool may_join(const struct socket *s, const struct control *before, const struct chunk *c)
{
    if (!(s->switches & SOCKET_PASSCRED))
        return true;
    return before->cred.pid == c->control.cred.pid && before->cred.uid == c->control.cred.uid &&
           before->cred.gid == c->control.cred.gid;
}

/* The program gets what goes along with C. */
static int take_control(struct message *m, struct chunk *c)
{
    m->control.cred = c->control.cred;
    m->control.has_cred = c->control.has_cred;
    if (!c->control.files)
        return 0;
    if (!(m->flags & MSG_PEEK)) {
        m->control.files = c->control.files;
        c->control.files = nullptr;
        return 0;
    }
    m->control.files = passed_copy(c->control.files);
    return m->control.files ? 0 : -ENOMEM;
}

/* Move up to the rest of C to M.  The count, or -EFAULT. */
static ssize_t piece_receive(struct socket *s, struct message *m, struct chunk *c)
{
    size_t n = MIN(iter_count(m->data), (size_t)(c->bytes - c->offset));
    ssize_t moved = (ssize_t)n;
    if (m->flags & MSG_TRUNC && s->family != AF_UNIX)
        iter_truncate(m->data, iter_count(m->data) - n); /* thrown away: tcp(7) */
    else if (n)
        moved = iter_copy_to(m->data, c->data + c->offset, n);
    if (moved < 0)
        return moved;
    if (m->flags & MSG_PEEK)
        return moved;
    c->offset += (uint32_t)moved;
    s->inbox.bytes -= (size_t)moved;
    if (c->offset == c->bytes) {
        inbox_remove(&s->inbox, c);
        chunk_free(c);
    }
    return moved;
}

/* Nothing to read: 0 to look again, 1 at the end, or a negative errno. */
static int wait_for_more(struct socket *s, const struct message *m, uint64_t deadline)
{
    int err = s->ops->may_receive(s);
    return err ? err : socket_wait(s, m->flags, deadline);
}

ssize_t stream_receive(struct socket *s, struct message *m)
{
    size_t done = 0, want = iter_count(m->data);
    size_t target = m->flags & MSG_WAITALL ? want : MIN(want, (size_t)s->low_water);
    uint64_t deadline = socket_receive_deadline(s);
    ssize_t err = 0;
    struct list_node *peeked = &s->inbox.chunks; /* the last chunk that MSG_PEEK has seen */
    do {
        struct list_node *next = peeked->next;
        struct chunk *c =
            next == &s->inbox.chunks ? nullptr : container_of(next, struct chunk, node);
        if (!c) {
            if (done && (done >= target || m->flags & MSG_PEEK))
                break;
            err = wait_for_more(s, m, deadline);
            peeked = &s->inbox.chunks;
            if (err)
                break;
            continue;
        }
        /* The urgent byte is read by MSG_OOB, which leaves an empty chunk as the mark; data before
         * and after it do not join. */
        if (c->is_urgent && (c->bytes == c->offset || !(s->switches & SOCKET_OOBINLINE))) {
            if (done)
                break;
            inbox_remove(&s->inbox, c);
            chunk_free(c);
            continue;
        }
        if (done && !may_join(s, &m->control, c))
            break;
        err = take_control(m, c);
        bool had_files = m->control.files;
        if (!err)
            err = piece_receive(s, m, c);
        if (err < 0)
            break;
        done += (size_t)err;
        err = 0;
        if (had_files)
            break;
        if (m->flags & MSG_PEEK)
            peeked = next;
    } while (iter_count(m->data));
    return done || err >= 0 ? (ssize_t)done : err;
}

int datagram_wait(struct socket *s, unsigned flags, struct chunk **out)
{
    uint64_t deadline = socket_receive_deadline(s);
    for (;;) {
        int err = socket_take_error(s);
        if (err < 0)
            return err;
        *out = inbox_first(&s->inbox);
        if (*out || s->shut & SHUT_RECEIVE)
            return 0;
        err = s->ops->may_receive ? s->ops->may_receive(s) : 0;
        if (!err)
            err = socket_wait(s, flags, deadline);
        if (err)
            return err < 0 ? err : 0;
    }
}

ssize_t datagram_take(struct socket *s, struct message *m, struct chunk *c)
{
    size_t n = MIN(iter_count(m->data), (size_t)c->bytes);
    int err = take_control(m, c);
    ssize_t moved = err < 0 ? err : n ? iter_copy_to(m->data, c->data, n) : 0;
    ssize_t result = m->flags & MSG_TRUNC ? (ssize_t)c->bytes : (ssize_t)n;
    if (moved >= 0 && moved < (ssize_t)n)
        moved = -EFAULT;
    if (n < c->bytes)
        m->out_flags |= MSG_TRUNC;
    if (!(m->flags & MSG_PEEK)) { /* a datagram that could not be stored is lost, as on Linux */
        inbox_remove(&s->inbox, c);
        chunk_free(c);
    }
    return moved < 0 ? moved : result;
}
