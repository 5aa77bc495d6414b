/* SPDX-License-Identifier: BSD-2-Clause */
/* notifier.h - the queue of events of an inotify file: between notify.c and notifier.c. */
#pragma once

#include <stddef.h>
#include <stdint.h>
#include "base/list.h"
#include "sched/wait.h"

struct inode;

struct notifier {
    struct list_node watches;
    struct list_node events; /* struct notify_event */
    unsigned event_count, events_most;
    size_t bytes; /* what reading all would give */
    int last_number;
    uint32_t uid; /* who pays for it and its watches */
    struct wait_queue wait;
};

struct watch {
    struct list_node inode_node, notifier_node;
    struct notifier *notifier;
    struct inode *inode; /* referenced */
    uint32_t mask;
    int number;
};

/* Queue an event for the watch NUMBER; without memory or room it becomes an overflow. */
void notifier_add(struct notifier *n, int number, uint32_t mask, uint32_t cookie, const char *name,
                  size_t name_bytes);
void notifier_end_watches(struct notifier *n);
