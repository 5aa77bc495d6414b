/* SPDX-License-Identifier: BSD-2-Clause */
/* mqueue.h - POSIX message queues (mq_overview(7)).
 *
 * A queue lives as long as it has a name or is open.  Its messages stand in order of priority,
 * older ones first.  A descriptor is a file like any other.
 */
#pragma once

#include <linux/mqueue.h>
#include <stdint.h>
#include "base/list.h"
#include "base/types.h"
#include "sched/wait.h"
#include "vfs/path.h"

struct file;
struct process;
struct sigevent;

struct mq_message {
    struct list_node node;
    uint32_t priority;
    uint64_t bytes;
    char text[];
};

struct mq {
    uint32_t refs;               /* the name's, and one by each open file */
    struct list_node node;       /* by name, if it has one */
    struct list_node owner_node; /* all queues, for RLIMIT_MSGQUEUE */
    char *name;
    struct path path;
    uint32_t creator; /* user id that pays for it */
    uint64_t cost;    /* bytes it counts for */
    int64_t messages_most, message_bytes;
    struct list_node messages;
    int64_t count;
    uint64_t bytes;
    struct wait_queue readers, writers;
    uint32_t reading; /* threads that sleep for a message */
    struct {
        struct process *process; /* one reference; NULL: nobody */
        struct file *file;       /* that it was asked for with */
        int32_t kind, signal;
        uint64_t value;
        uint32_t uid;
    } notify;
};

constexpr uint32_t MQ_PRIORITIES = 32768;
/* Whatever the settings say (mq_overview(7)). */
constexpr int64_t MQ_MESSAGES_HARD = 65536, MQ_BYTES_HARD = 16 << 20;

/* Open NAME (without a slash); ATTR may be NULL.  A descriptor, or a negative errno. */
[[nodiscard]] int mq_open_name(const char *name, uint32_t flags, uint32_t mode,
                               const struct mq_attr *attr);
[[nodiscard]] int mq_unlink_name(const char *name);
/* A namespace ends: its QUEUES have no names any more. */
void mq_forget_names(struct list_node *queues);
/* The queue of an open file, NULL: it is none. */
struct mq *mq_of(const struct file *file);

/* DEADLINE_REAL_NS is a time of CLOCK_REALTIME, WAIT_FOREVER: none. */
[[nodiscard]] int mq_send_message(struct file *file, uaddr_t text, uint64_t bytes,
                                  uint32_t priority, uint64_t deadline_real_ns);
[[nodiscard]] int64_t mq_receive_message(struct file *file, uaddr_t text, uint64_t bytes,
                                         uint32_t *priority, uint64_t deadline_real_ns);
/* EVENT NULL: no more. */
[[nodiscard]] int mq_notify_set(struct file *file, const struct sigevent *event);
