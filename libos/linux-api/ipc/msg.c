/* SPDX-License-Identifier: BSD-2-Clause */
/* msg.c - msgget(2), msgsnd(2), msgrcv(2), msgctl(2). */
#include "ipc/msg.h"

#include <linux/capability.h>
#include <linux/msg.h>
#include "base/bits.h"
#include "base/errno.h"
#include "linux-api/call.h"
#include "mm/heap.h"
#include "mm/usermem.h"
#include "proc/cred.h"
#include "proc/pid_namespace.h"

long sys_msgget(const struct call *c)
{
    int32_t key = (int32_t)c->arg[0];
    int flags = (int)c->arg[1];
    struct ipc_object *object = key == IPC_PRIVATE ? nullptr : ipc_find_key(ipc_set(IPC_MSG), key);
    if (object)
        return ipc_open(object, flags);
    if (key != IPC_PRIVATE && !(flags & IPC_CREAT))
        return -ENOENT;
    return msg_create(key, flags);
}

long sys_msgsnd(const struct call *c)
{
    int32_t id = (int32_t)c->arg[0];
    uint64_t bytes = c->arg[2], type;
    if (get_user_u64(&type, c->arg[1]))
        return -EFAULT;
    if (bytes > ipc_limits()->msg_bytes.value || id < 0 || (int64_t)type < 1)
        return -EINVAL;
    struct msg *m = heap_alloc(sizeof *m + bytes);
    if (!m)
        return -ENOMEM;
    list_init(&m->node);
    m->type = (int64_t)type;
    m->bytes = bytes;
    int error = -EFAULT;
    if (copy_from_user(m->text, c->arg[1] + sizeof type, bytes) == 0)
        error = msg_send(id, m, (int)c->arg[3]);
    if (error)
        heap_free(m);
    return error;
}

long sys_msgrcv(const struct call *c)
{
    int32_t id = (int32_t)c->arg[0];
    uint64_t bytes = c->arg[2];
    int flags = (int)c->arg[4];
    struct msg *m;
    if (id < 0 || (int64_t)bytes < 0)
        return -EINVAL;
    if (flags & MSG_COPY && (flags & MSG_EXCEPT || !(flags & IPC_NOWAIT)))
        return -EINVAL;
    int error = msg_receive(id, bytes, (int64_t)c->arg[3], flags, &m);
    if (error)
        return error;
    long result = (long)MIN(bytes, m->bytes);
    if (put_user_u64(c->arg[1], (uint64_t)m->type) ||
        copy_to_user(c->arg[1] + sizeof m->type, m->text, (size_t)result))
        result = -EFAULT;
    heap_free(m);
    return result;
}

static long limits_get(int command, uaddr_t to)
{
    const struct ipc_set *set = ipc_set(IPC_MSG);
    const struct ipc_limits *limits = ipc_limits();
    struct msginfo info = {
        .msgpool = (int)(limits->msg_queues.value * limits->msg_queue_bytes.value / 1024),
        .msgmap = (int)limits->msg_queue_bytes.value,
        .msgmax = (int)limits->msg_bytes.value,
        .msgmnb = (int)limits->msg_queue_bytes.value,
        .msgmni = (int)limits->msg_queues.value,
        .msgssz = 16,
        .msgtql = (int)limits->msg_queue_bytes.value,
        .msgseg = 0xffff,
    };
    if (command == MSG_INFO) {
        info.msgpool = (int)set->used;
        info.msgmap = info.msgtql = 0;
        for (uint32_t i = 0; i < set->size; i++) {
            if (!set->slots[i])
                continue;
            info.msgmap += (int)msg_of(set->slots[i])->count;
            info.msgtql += (int)msg_of(set->slots[i])->bytes;
        }
    }
    return copy_to_user(to, &info, sizeof info) ? -EFAULT : ipc_highest(set);
}

static long stat_get(int command, int32_t id, uaddr_t to)
{
    struct ipc_object *object;
    const struct ipc_set *set = ipc_set(IPC_MSG);
    int error = command == IPC_STAT ? ipc_find(set, id, &object) : ipc_find_index(set, id, &object);
    if (!error && command != MSG_STAT_ANY)
        error = ipc_permit(object, IPC_READ_BITS);
    if (error)
        return error;
    const struct msg_queue *q = msg_of(object);
    struct msqid64_ds ds = {
        .msg_stime = q->sent_sec,
        .msg_rtime = q->received_sec,
        .msg_ctime = q->changed_sec,
        .msg_cbytes = q->bytes,
        .msg_qnum = q->count,
        .msg_qbytes = q->bytes_most,
        .msg_lspid = pid_to_user(q->send_pid),
        .msg_lrpid = pid_to_user(q->receive_pid),
    };
    ipc_perm_fill(object, &ds.msg_perm);
    if (copy_to_user(to, &ds, sizeof ds))
        return -EFAULT;
    return command == IPC_STAT ? 0 : object->id;
}

static long settings_set(struct msg_queue *q, const struct msqid64_ds *ds)
{
    if (ds->msg_qbytes > ipc_limits()->msg_queue_bytes.value && !capable(CAP_SYS_RESOURCE))
        return -EPERM;
    int error = ipc_perm_set(&q->object, &ds->msg_perm);
    if (error)
        return error;
    q->bytes_most = ds->msg_qbytes;
    q->changed_sec = ipc_now();
    /* Both the room and the right to use it may have changed. */
    wait_wake_all(&q->senders, 0);
    wait_wake_all(&q->receivers, 0);
    return 0;
}

long sys_msgctl(const struct call *c)
{
    int32_t id = (int32_t)c->arg[0];
    int command = (int)c->arg[1];
    struct ipc_object *object;
    struct msqid64_ds ds;
    if (id < 0 || command < 0)
        return -EINVAL;
    switch (command) {
    case IPC_INFO:
    case MSG_INFO: return limits_get(command, c->arg[2]);
    case IPC_STAT:
    case MSG_STAT:
    case MSG_STAT_ANY: return stat_get(command, id, c->arg[2]);
    case IPC_SET:
        if (copy_from_user(&ds, c->arg[2], sizeof ds))
            return -EFAULT;
        break;
    case IPC_RMID: break;
    default: return -EINVAL;
    }
    int error = ipc_find(ipc_set(IPC_MSG), id, &object);
    if (!error)
        error = ipc_may_control(object);
    if (error)
        return error;
    if (command == IPC_SET)
        return settings_set(msg_of(object), &ds);
    msg_remove(object);
    return 0;
}
