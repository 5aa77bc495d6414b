/* SPDX-License-Identifier: BSD-2-Clause */
/* msg.c - System V message queues. */
#include "ipc/msg.h"

#include <linux/msg.h>
#include "base/errno.h"
#include "mm/heap.h"
#include "proc/process.h"
#include "sched/thread.h"

static void destroy(struct ipc_object *object)
{
    struct msg_queue *q = msg_of(object);
    for (struct list_node *node; (node = list_pop_front(&q->messages));)
        heap_free(container_of(node, struct msg, node));
    heap_free(q);
}

int msg_create(int32_t key, int flags)
{
    struct msg_queue *q = heap_zalloc(sizeof *q);
    if (!q)
        return -ENOMEM;
    list_init(&q->messages);
    wait_queue_init(&q->senders);
    wait_queue_init(&q->receivers);
    q->bytes_most = ipc_limits()->msg_queue_bytes.value;
    q->changed_sec = ipc_now();
    q->object.destroy = destroy;
    int id = ipc_add(ipc_set(IPC_MSG), &q->object, key, (uint32_t)flags,
                     (uint32_t)ipc_limits()->msg_queues.value);
    if (id < 0)
        heap_free(q);
    return id;
}

void msg_remove(struct ipc_object *object)
{
    struct msg_queue *q = msg_of(object);
    wait_wake_all(&q->senders, 0);
    wait_wake_all(&q->receivers, 0);
    ipc_remove(object);
}

static bool has_room(const struct msg_queue *q, uint64_t bytes)
{
    return q->bytes + bytes <= q->bytes_most && q->count + 1 <= q->bytes_most;
}

static int send(struct msg_queue *q, struct msg *m, int flags)
{
    for (;;) {
        if (q->object.removed)
            return -EIDRM;
        int error = ipc_permit(&q->object, IPC_WRITE_BITS);
        if (error)
            return error;
        if (has_room(q, m->bytes))
            break;
        if (flags & IPC_NOWAIT)
            return -EAGAIN;
        if (wait_on(&q->senders, WAIT_FOREVER, SLEEP_INTERRUPTIBLE) != 0 && !q->object.removed)
            return -ERESTARTNOHAND;
    }
    list_push_back(&q->messages, &m->node);
    q->bytes += m->bytes;
    q->count++;
    q->send_pid = current->process->pid;
    q->sent_sec = ipc_now();
    wait_wake_all(&q->receivers, 0);
    return 0;
}

int msg_send(int32_t id, struct msg *m, int flags)
{
    struct ipc_object *object;
    int error = ipc_find(ipc_set(IPC_MSG), id, &object);
    if (error)
        return error;
    ipc_get(object);
    error = send(msg_of(object), m, flags);
    ipc_put(object);
    return error;
}

/* The message that msgrcv(2) picks for TYPE, or NULL.  With MSG_COPY TYPE is a place. */
static struct msg *choose(const struct msg_queue *q, int64_t type, int flags)
{
    struct msg *best = nullptr;
    int64_t place = 0;
    list_for_each(node, &q->messages) {
        struct msg *m = container_of(node, struct msg, node);
        if (flags & MSG_COPY) {
            if (place++ == type)
                return m;
        } else if (type == 0) {
            return m;
        } else if (type > 0) {
            if ((m->type == type) == !(flags & MSG_EXCEPT))
                return m;
        } else if (m->type <= -type && (!best || m->type < best->type)) {
            best = m;
        }
    }
    return best;
}

static struct msg *copy_of(const struct msg *m)
{
    struct msg *copy = heap_memdup(m, sizeof *m + m->bytes);
    if (copy)
        list_init(&copy->node);
    return copy;
}

static int receive(struct msg_queue *q, uint64_t bytes, int64_t type, int flags, struct msg **out)
{
    struct msg *m;
    for (;;) {
        if (q->object.removed)
            return -EIDRM;
        int error = ipc_permit(&q->object, IPC_READ_BITS);
        if (error)
            return error;
        m = choose(q, type, flags);
        if (m)
            break;
        if (flags & IPC_NOWAIT)
            return -ENOMSG;
        if (wait_on(&q->receivers, WAIT_FOREVER, SLEEP_INTERRUPTIBLE) != 0 && !q->object.removed)
            return -ERESTARTNOHAND;
    }
    if (m->bytes > bytes && !(flags & MSG_NOERROR))
        return -E2BIG;
    if (flags & MSG_COPY) {
        *out = copy_of(m);
        return *out ? 0 : -ENOMEM;
    }
    list_remove(&m->node);
    q->bytes -= m->bytes;
    q->count--;
    q->receive_pid = current->process->pid;
    q->received_sec = ipc_now();
    wait_wake_all(&q->senders, 0);
    *out = m;
    return 0;
}

int msg_receive(int32_t id, uint64_t bytes, int64_t type, int flags, struct msg **out)
{
    struct ipc_object *object;
    int error = ipc_find(ipc_set(IPC_MSG), id, &object);
    if (error)
        return error;
    ipc_get(object);
    error = receive(msg_of(object), bytes, type, flags, out);
    ipc_put(object);
    return error;
}
