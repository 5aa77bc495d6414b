/* SPDX-License-Identifier: BSD-2-Clause */
/* fanotify_group.h - the queue of events of a group: between fanotify.c and fanotify_file.c. */
#pragma once

#include <stdint.h>
#include "base/list.h"
#include "sched/wait.h"
#include "vfs/path.h"

struct fanotify_event {
    struct list_node node;
    struct path path; /* referenced; without a place: the overflow */
    uint32_t mask;
    int32_t pid;
};

struct fanotify_group {
    struct list_node node;   /* on the list of all groups */
    struct list_node marks;  /* struct fanotify_mark */
    struct list_node events; /* struct fanotify_event */
    unsigned mark_count, event_count;
    uint32_t flags, event_flags;    /* as fanotify_init(2) got them */
    struct fanotify_event overflow; /* on the queue once it was too full, or memory too short */
    struct wait_queue wait;
};

/* Queue MASK for PATH, joined with an event of the same place and process that waits already. */
void fanotify_queue(struct fanotify_group *g, const struct path *path, uint32_t mask);
/* The group's file is closed. */
void fanotify_group_end(struct fanotify_group *g);
/* A group joins the list of all. */
void fanotify_group_begin(struct fanotify_group *g);
