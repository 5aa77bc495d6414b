/* SPDX-License-Identifier: BSD-2-Clause */
/* poll.c - asking files for their events, and ending queues that are watched. */
#include "vfs/poll.h"

#include "base/list.h"
#include "sched/wait.h"
#include "vfs/file.h"

uint32_t file_poll(struct file *file, struct poll_table *table)
{
    if (!file->ops->poll)
        return EPOLLIN | EPOLLOUT | EPOLLRDNORM | EPOLLWRNORM;
    return file->ops->poll(file, table);
}

void poll_queue_destroy(struct wait_queue *queue)
{
    struct list_node *node;
    while ((node = list_pop_front(&queue->waiters)) != nullptr) {
        struct waiter *w = container_of(node, struct waiter, node);
        w->wake(w, EPOLLHUP);
    }
}
