/* SPDX-License-Identifier: BSD-2-Clause */
/* poll_watch.c - call-backs of files' queues. */
#include "vfs/poll_watch.h"

#include "base/errno.h"
#include "base/list.h"
#include "vfs/file.h"

static void wake(struct waiter *waiter, uint32_t key)
{
    struct poll_watch *w = container_of(waiter, struct poll_watch_hook, waiter)->watch;
    if (!key || key & w->table.events)
        w->fire(w, key & w->table.events);
}

static void enlist(struct poll_table *table, struct file *, struct wait_queue *queue)
{
    struct poll_watch *w = container_of(table, struct poll_watch, table);
    if (w->used == POLL_WATCH_HOOKS) {
        w->has_too_many = true;
        return;
    }
    struct poll_watch_hook *hook = &w->hook[w->used++];
    waiter_init_callback(&hook->waiter, wake);
    hook->watch = w;
    waiter_add(queue, &hook->waiter);
}

int64_t poll_watch_begin(struct poll_watch *w, struct file *file, uint32_t events,
                         void (*fire)(struct poll_watch *w, uint32_t events))
{
    w->table = (struct poll_table){enlist, events | POLL_ALWAYS};
    w->file = file_get(file);
    w->fire = fire;
    w->used = 0;
    w->has_too_many = false;
    uint32_t now = file_poll(file, &w->table) & w->table.events;
    if (!w->has_too_many)
        return now;
    poll_watch_end(w);
    return -ENOMEM;
}

void poll_watch_end(struct poll_watch *w)
{
    for (unsigned i = 0; i < w->used; i++)
        waiter_remove(&w->hook[i].waiter);
    w->used = 0;
    struct file *file = w->file;
    w->file = nullptr;
    file_put(file);
}

uint32_t poll_watch_events(const struct poll_watch *w)
{
    return file_poll(w->file, nullptr) & w->table.events;
}
