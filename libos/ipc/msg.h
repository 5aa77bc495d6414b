/* SPDX-License-Identifier: BSD-2-Clause */
/* msg.h - System V message queues (msgop(2)). */
#pragma once

#include <stdint.h>
#include "base/types.h"
#include "ipc/ipc.h"
#include "sched/wait.h"

struct msg {
    struct list_node node;
    int64_t type;
    uint64_t bytes;
    char text[];
};

struct msg_queue {
    struct ipc_object object;  /* first */
    struct list_node messages; /* oldest first */
    uint64_t bytes, count;     /* on that list */
    uint64_t bytes_most;
    int64_t sent_sec, received_sec, changed_sec;
    int32_t send_pid, receive_pid;
    struct wait_queue senders, receivers;
};

static inline struct msg_queue *msg_of(struct ipc_object *object)
{
    return (struct msg_queue *)object;
}

[[nodiscard]] int msg_create(int32_t key, int flags);
/* MESSAGE is from the heap; the queue's if the result is 0. */
[[nodiscard]] int msg_send(int32_t id, struct msg *message, int flags);
/* What msgrcv(2) asks for; *MESSAGE is from the heap, the caller's. */
[[nodiscard]] int msg_receive(int32_t id, uint64_t bytes, int64_t type, int flags,
                              struct msg **message);
void msg_remove(struct ipc_object *object);
