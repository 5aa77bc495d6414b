/* SPDX-License-Identifier: BSD-2-Clause */
/* poll_watch.h - being called back when a file may have become ready: what asynchronous I/O
 * stands on.
 *
 * A watch waits on the file's queues from poll_watch_begin to poll_watch_end, and holds the file
 * meanwhile.
 */
#pragma once

#include <stdint.h>
#include "sched/wait.h"
#include "vfs/poll.h"

struct file;
struct poll_watch;

struct poll_watch_hook {
    struct waiter waiter;
    struct poll_watch *watch;
};

/* More queues than this has no file of ours. */
constexpr unsigned POLL_WATCH_HOOKS = 4;

struct poll_watch {
    struct poll_table table; /* its events: what is of interest, POLL_ALWAYS included */
    struct file *file;       /* referenced; NULL: not begun */
    /* EVENTS of the wake-up, 0: anything may have happened.  As a waiter's wake: it must not sleep
     * nor end the watch. */
    void (*fire)(struct poll_watch *w, uint32_t events);
    unsigned used;
    bool has_too_many; /* queues */
    struct poll_watch_hook hook[POLL_WATCH_HOOKS];
};

/* Wait for EVENTS of FILE.  The events that hold already (the watch has begun all the same), 0 or
 * -ENOMEM: it has not. */
[[nodiscard]] int64_t poll_watch_begin(struct poll_watch *w, struct file *file, uint32_t events,
                                       void (*fire)(struct poll_watch *w, uint32_t events));
/* A watch that was never begun, if zeroed, is fine. */
void poll_watch_end(struct poll_watch *w);
/* The events of interest that hold now. */
uint32_t poll_watch_events(const struct poll_watch *w);
