/* SPDX-License-Identifier: BSD-2-Clause */
/* epoll_set.h - the structures of an epoll set: epoll.c's and epoll_nest.c's. */
#pragma once

#include <linux/eventpoll.h>
#include <stdint.h>
#include "base/list.h"
#include "sched/wait.h"

struct file;

struct epoll {
    struct file *file;           /* that stands for this set; no reference */
    struct list_node ready;      /* items that may have events */
    struct wait_queue wait;      /* threads in epoll_wait(2) */
    struct wait_queue poll_wait; /* those who watch this set as a file */
    struct list_node *buckets;
    unsigned size, count;
    uint64_t visit; /* the last check of nesting that came by, and what it found */
    int depth;
};

struct epoll_hook {
    struct waiter waiter;
    struct epoll_item *item;
    struct epoll_hook *next;
};

struct epoll_item {
    struct list_node hash_node, ready_node, file_node;
    struct epoll *ep;
    struct file *file;
    int fd;
    struct epoll_event event;
    struct epoll_hook *hooks; /* one per queue; the first one is inside */
    struct epoll_hook first;
};

/* FILE's set, or NULL if it is no epoll file. */
struct epoll *file_epoll(const struct file *file);
/* May FILE become an item of EP?  -ELOOP: a circle, or sets nested too deeply (epoll_ctl(2)). */
[[nodiscard]] int epoll_check_nesting(struct epoll *ep, struct file *file);
