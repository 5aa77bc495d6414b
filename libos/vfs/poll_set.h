/* SPDX-License-Identifier: BSD-2-Clause */
/* poll_set.h - one thread's wait for several files: what poll(2) and select(2) stand on.
 *
 * Use: poll_set_begin; ask each file with poll_set_check; if none is ready poll_set_sleep and ask
 * again; poll_set_end.  The first round only asks, since often one is ready.  The first
 * poll_set_sleep returns at once, and the round behind it enlists.
 */
#pragma once

#include <stdint.h>
#include "sched/wait.h"
#include "vfs/poll.h"

struct file;
struct poll_set;
struct thread;

struct poll_entry {
    struct waiter waiter;
    struct poll_set *set;
    struct file *file; /* referenced, so that the queue stays */
    uint32_t events;
};

constexpr unsigned POLL_ENTRIES_FEW = 6;
constexpr unsigned POLL_ENTRIES_MORE = 60;

struct poll_chunk {
    struct poll_chunk *next;
    unsigned used;
    struct poll_entry entry[POLL_ENTRIES_MORE];
};

struct poll_set {
    struct poll_table table;
    struct thread *thread;
    bool was_woken;
    bool is_out_of_memory;
    bool is_enlisted;
    unsigned used;
    struct poll_entry few[POLL_ENTRIES_FEW];
    struct poll_chunk *more; /* the newest first */
};

void poll_set_begin(struct poll_set *set);
/* The events out of WANTED (and POLL_ALWAYS) that hold for FILE. */
uint32_t poll_set_check(struct poll_set *set, struct file *file, uint32_t wanted);
/* Until one of them changes: 0; -EINTR; -ETIMEDOUT; -ENOMEM. */
[[nodiscard]] int poll_set_sleep(struct poll_set *set, uint64_t deadline_ns);
void poll_set_end(struct poll_set *set);
