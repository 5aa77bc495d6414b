/* SPDX-License-Identifier: BSD-2-Clause */
/* poll_set.c - enlisting one thread with many files. */
#include "vfs/poll_set.h"

#include "base/errno.h"
#include "base/list.h"
#include "mm/heap.h"
#include "sched/thread.h"
#include "vfs/file.h"

static void wake(struct waiter *w, uint32_t key)
{
    struct poll_entry *e = container_of(w, struct poll_entry, waiter);
    if (key && !(key & e->events))
        return;
    e->set->was_woken = true;
    thread_wake(e->set->thread);
}

static struct poll_entry *entry_new(struct poll_set *set)
{
    if (set->used < POLL_ENTRIES_FEW)
        return &set->few[set->used++];
    if (!set->more || set->more->used == POLL_ENTRIES_MORE) {
        struct poll_chunk *chunk = heap_alloc(sizeof *chunk);
        if (!chunk)
            return nullptr;
        chunk->next = set->more;
        chunk->used = 0;
        set->more = chunk;
    }
    return &set->more->entry[set->more->used++];
}

static void enlist(struct poll_table *table, struct file *file, struct wait_queue *queue)
{
    struct poll_set *set = container_of(table, struct poll_set, table);
    struct poll_entry *e = entry_new(set);
    if (!e) {
        set->is_out_of_memory = true;
        return;
    }
    waiter_init_callback(&e->waiter, wake);
    e->set = set;
    e->file = file_get(file);
    e->events = table->events;
    waiter_add(queue, &e->waiter);
}

void poll_set_begin(struct poll_set *set)
{
    set->table = (struct poll_table){};
    set->is_enlisted = false;
    set->thread = current;
    set->was_woken = set->is_out_of_memory = false;
    set->used = 0;
    set->more = nullptr;
}

uint32_t poll_set_check(struct poll_set *set, struct file *file, uint32_t wanted)
{
    set->table.events = wanted | POLL_ALWAYS;
    uint32_t events = file_poll(file, &set->table) & set->table.events;
    if (events)
        set->table.enlist = nullptr; /* there will be no sleep */
    return events;
}

int poll_set_sleep(struct poll_set *set, uint64_t deadline_ns)
{
    if (set->is_out_of_memory)
        return -ENOMEM;
    if (!set->is_enlisted) {
        set->is_enlisted = true;
        set->table.enlist = enlist;
        return 0;
    }
    set->table.enlist = nullptr;
    int err = set->was_woken ? 0 : thread_sleep(deadline_ns, SLEEP_INTERRUPTIBLE);
    set->was_woken = false;
    return err;
}

static void entries_end(struct poll_entry *entry, unsigned n)
{
    for (unsigned i = 0; i < n; i++) {
        waiter_remove(&entry[i].waiter);
        file_put(entry[i].file);
    }
}

void poll_set_end(struct poll_set *set)
{
    entries_end(set->few, set->used);
    while (set->more) {
        struct poll_chunk *chunk = set->more;
        entries_end(chunk->entry, chunk->used);
        set->more = chunk->next;
        heap_free(chunk);
    }
}
