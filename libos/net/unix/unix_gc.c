/* SPDX-License-Identifier: BSD-2-Clause */
/* unix_gc.c - sockets that are only reachable through messages that nobody can read.
 *
 * A socket's file that was passed into a queue of its own, or round a circle of such queues, keeps
 * itself alive.  As Linux does: a socket all of whose file's references come from queues is a
 * candidate.  References from candidates' queues are taken away; what has some left is reachable
 * after all, and so is what lies in its queue.  The queues of the others are emptied of files.
 */
#include "net/control.h"
#include "net/unix/unix.h"
#include "vfs/file.h"

static struct list_node in_flight = LIST_INIT(in_flight);
static bool is_running;
static bool is_wanted;

static struct unix_socket *unix_of_file(struct file *file)
{
    struct socket *s = file_socket(file);
    return s && s->family == AF_UNIX ? unix_of(s) : nullptr;
}

void unix_file_taken_off(struct file *file)
{
    struct unix_socket *u = unix_of_file(file);
    if (u && u->flights++ == 0)
        list_push_back(&in_flight, &u->in_flight);
}

void unix_file_landed(struct file *file)
{
    struct unix_socket *u = unix_of_file(file);
    if (u && --u->flights == 0)
        list_remove(&u->in_flight);
}

/* Call FN for each socket whose file lies in BOX. */
static void scan_inbox(struct inbox *box, void (*fn)(struct unix_socket *))
{
    list_for_each(node, &box->chunks) {
        struct passed *p = container_of(node, struct chunk, node)->control.files;
        for (uint32_t i = 0; p && i < p->count; i++) {
            struct unix_socket *found = unix_of_file(p->file[i]);
            if (found)
                fn(found);
        }
    }
}

/* A listener's connections have no files: what lies in their queues is reached through it. */
static void scan(struct unix_socket *u, void (*fn)(struct unix_socket *))
{
    scan_inbox(&u->s.inbox, fn);
    if (!u->s.is_listening)
        return;
    list_for_each(node, &u->pending)
        scan_inbox(&container_of(node, struct unix_socket, pending)->s.inbox, fn);
}

static void count_down(struct unix_socket *u)
{
    u->gc_refs--;
}

static struct list_node found = LIST_INIT(found); /* reachable, not yet scanned */

static void mark(struct unix_socket *u)
{
    if (u->gc_state != GC_CANDIDATE)
        return;
    u->gc_state = GC_REACHABLE;
    list_push_back(&found, &u->gc_node);
}

static void strip_inbox(struct inbox *box, struct list_node *garbage)
{
    list_for_each(node, &box->chunks) {
        struct chunk *c = container_of(node, struct chunk, node);
        if (c->control.files)
            list_push_back(garbage, &c->control.files->node);
        c->control.files = nullptr;
    }
}

static void strip(struct unix_socket *u, struct list_node *garbage)
{
    strip_inbox(&u->s.inbox, garbage);
    if (!u->s.is_listening)
        return;
    list_for_each(node, &u->pending)
        strip_inbox(&container_of(node, struct unix_socket, pending)->s.inbox, garbage);
}

#define for_each_in_flight(u)                                                                      \
    list_for_each(u##_node, &in_flight)                                                            \
        for (struct unix_socket *u = container_of(u##_node, struct unix_socket, in_flight); u;     \
             u = nullptr)

static void collect(struct list_node *garbage)
{
    struct list_node *node;
    for_each_in_flight(u)
    {
        u->gc_refs = u->flights;
        u->gc_state = u->s.file->refs == u->flights ? GC_CANDIDATE : GC_OUTSIDE;
    }
    for_each_in_flight(u) if (u->gc_state == GC_CANDIDATE) scan(u, count_down);
    for_each_in_flight(u) if (u->gc_refs > 0) mark(u);
    while ((node = list_pop_front(&found)) != nullptr)
        scan(container_of(node, struct unix_socket, gc_node), mark);
    for_each_in_flight(u) if (u->gc_state == GC_CANDIDATE) strip(u, garbage);
}

void unix_gc(void)
{
    struct list_node garbage = LIST_INIT(garbage), *node;
    if (is_running || list_is_empty(&in_flight))
        return;
    if (passed_is_dropping()) { /* many sockets may be closing: once is enough, at the end */
        is_wanted = true;
        return;
    }
    is_running = true;
    is_wanted = false;
    collect(&garbage);
    while ((node = list_pop_front(&garbage)) != nullptr)
        passed_drop(container_of(node, struct passed, node));
    is_running = false;
}

void unix_gc_if_wanted(void)
{
    if (is_wanted)
        unix_gc();
}
