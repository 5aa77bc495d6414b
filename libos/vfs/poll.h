/* SPDX-License-Identifier: BSD-2-Clause */
/* poll.h - readiness: what poll, select and epoll ask of a file.
 *
 * A file's poll operation calls poll_wait for each queue whose wake-up may change the
 * answer, and returns the events that hold now.  The caller chooses what enlisting
 * means: nothing (a mere question), a waiter of its own thread, or an epoll item.
 * Wakers pass the events that became true as the key: wait_wake(q, EPOLLIN).
 */
#pragma once

#include <linux/eventpoll.h>
#include <stdint.h>
#include "base/types.h"

struct file;
struct wait_queue;

struct poll_table {
    void (*enlist)(struct poll_table *table, struct file *file, struct wait_queue *queue);
    uint32_t events; /* what the caller wants to know, EPOLL* bits */
};

constexpr uint32_t POLL_ALWAYS = 0x8 | 0x10; /* EPOLLERR | EPOLLHUP: reported unasked */

/* TABLE may be NULL: no enlisting. */
static inline void poll_wait(struct file *file, struct wait_queue *queue, struct poll_table *table)
{
    if (table && table->enlist)
        table->enlist(table, file, queue);
}

/* FILE's events; files without a poll operation are always readable and writable (poll(2)). */
uint32_t file_poll(struct file *file, struct poll_table *table);

/* A queue is about to disappear while epoll items may still be on it: tell them. */
void poll_queue_destroy(struct wait_queue *queue);
