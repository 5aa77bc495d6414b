/* SPDX-License-Identifier: BSD-2-Clause */
/* ipc.c - sets of System V IPC objects: ids, keys and permission. */
#include "ipc/ipc.h"

#include <linux/capability.h>
#include <linux/ipc.h>
#include "base/errno.h"
#include "base/string.h"
#include "ipc/mqueue.h"
#include "ipc/msg.h"
#include "ipc/sem.h"
#include "mm/heap.h"
#include "proc/cred.h"
#include "sched/thread.h"
#include "sched/time.h"

constexpr uint32_t INDEX_BITS = 15; /* of an id: the place in the set */
constexpr uint32_t INDEX_MASK = (1u << INDEX_BITS) - 1;

/* Linux's, which stand in sysvipc(7) and mq_overview(7). */
#define LIMITS                                                                                     \
    {                                                                                              \
        .shm_bytes = {UINT64_MAX - (1ull << 24), 0, UINT64_MAX},                                   \
        .shm_pages = {UINT64_MAX - (1ull << 24), 0, UINT64_MAX},                                   \
        .shm_segments = {4096, 0, 1u << INDEX_BITS},                                               \
        .msg_bytes = {8192, 0, INT32_MAX},                                                         \
        .msg_queue_bytes = {16384, 0, INT32_MAX},                                                  \
        .msg_queues = {32000, 0, 1u << INDEX_BITS},                                                \
        .sem = {[SEM_PER_SET] = {32000, 0, INT32_MAX},                                             \
                [SEM_ALL] = {32000 * 32000, 0, INT32_MAX},                                         \
                [SEM_OPS] = {500, 0, INT32_MAX},                                                   \
                [SEM_SETS] = {32000, 0, 1u << INDEX_BITS}},                                        \
        .mq_queues = {256, 0, INT32_MAX},                                                          \
        .mq_messages_default = {10, 1, MQ_MESSAGES_HARD},                                          \
        .mq_messages = {10, 1, MQ_MESSAGES_HARD},                                                  \
        .mq_bytes_default = {8192, 128, MQ_BYTES_HARD},                                            \
        .mq_bytes = {8192, 128, MQ_BYTES_HARD},                                                    \
    }

struct ipc_namespace ipc_namespace_first = {
    .limits = LIMITS,
    .queues = LIST_INIT(ipc_namespace_first.queues),
};

struct ipc_namespace *ipc_namespace_create(void)
{
    struct ipc_namespace *ns = heap_zalloc(sizeof *ns);
    if (!ns)
        return nullptr;
    ns->limits = (struct ipc_limits)LIMITS;
    list_init(&ns->queues);
    return ns;
}

void ipc_namespace_destroy(struct ipc_namespace *ns)
{
    static void (*const remove[])(struct ipc_object *) = {
        [IPC_SHM] = ipc_remove, [IPC_SEM] = sem_remove, [IPC_MSG] = msg_remove};
    for (unsigned kind = 0; kind < IPC_KINDS; kind++) {
        struct ipc_set *set = &ns->sets[kind];
        for (uint32_t i = 0; i < set->size; i++)
            if (set->slots[i])
                remove[kind](set->slots[i]);
        heap_free(set->slots);
    }
    mq_forget_names(&ns->queues);
    heap_free(ns);
}

/* A free place, or -1: no memory. */
static int slot_find(struct ipc_set *set)
{
    for (uint32_t i = 0; i < set->size; i++)
        if (!set->slots[i])
            return (int)i;
    uint32_t size = set->size ? 2 * set->size : 16;
    struct ipc_object **slots = heap_realloc(set->slots, size * sizeof(struct ipc_object *));
    if (!slots)
        return -1;
    memset(slots + set->size, 0, (size - set->size) * sizeof(struct ipc_object *));
    int index = (int)set->size;
    set->slots = slots;
    set->size = size;
    return index;
}

int ipc_add(struct ipc_set *set, struct ipc_object *object, int32_t key, uint32_t mode,
            uint32_t most)
{
    const struct cred *cred = current->cred;
    if (set->used >= most)
        return -ENOSPC;
    int index = slot_find(set);
    if (index < 0)
        return -ENOMEM;
    object->refs = 1;
    object->set = set;
    object->key = key;
    object->mode = mode & 0777;
    object->uid = object->cuid = cred->euid;
    object->gid = object->cgid = cred->egid;
    object->sequence = set->sequence;
    set->sequence = (uint16_t)((set->sequence + 1) & 0xffff >> 1);
    object->id = (int32_t)((uint32_t)object->sequence << INDEX_BITS | (uint32_t)index);
    set->slots[index] = object;
    set->used++;
    return object->id;
}

void ipc_remove(struct ipc_object *object)
{
    if (object->removed)
        return;
    object->removed = true;
    object->set->slots[(uint32_t)object->id & INDEX_MASK] = nullptr;
    object->set->used--;
    ipc_put(object);
}

void ipc_put(struct ipc_object *object)
{
    if (--object->refs == 0)
        object->destroy(object);
}

struct ipc_object *ipc_find_key(const struct ipc_set *set, int32_t key)
{
    for (uint32_t i = 0; i < set->size; i++)
        if (set->slots[i] && set->slots[i]->key == key)
            return set->slots[i];
    return nullptr;
}

int ipc_find_index(const struct ipc_set *set, int32_t index, struct ipc_object **object)
{
    if (index < 0 || (uint32_t)index >= set->size || !set->slots[index])
        return -EINVAL;
    *object = set->slots[index];
    return 0;
}

int ipc_find(const struct ipc_set *set, int32_t id, struct ipc_object **object)
{
    if (id < 0)
        return -EINVAL;
    int error = ipc_find_index(set, (int32_t)((uint32_t)id & INDEX_MASK), object);
    if (error)
        return error;
    return (*object)->id == id ? 0 : -EIDRM;
}

int ipc_highest(const struct ipc_set *set)
{
    for (uint32_t i = set->size; i > 0; i--)
        if (set->slots[i - 1])
            return (int)i - 1;
    return 0;
}

int ipc_open(const struct ipc_object *object, int flags)
{
    if ((flags & (IPC_CREAT | IPC_EXCL)) == (IPC_CREAT | IPC_EXCL))
        return -EEXIST;
    int error = ipc_permit(object, (uint32_t)flags & 0777);
    return error ? error : object->id;
}

int ipc_permit(const struct ipc_object *object, uint32_t mode)
{
    const struct cred *cred = current->cred;
    uint32_t wanted = (mode >> 6 | mode >> 3 | mode) & 7, granted = object->mode;
    if (cred->euid == object->cuid || cred->euid == object->uid)
        granted >>= 6;
    else if (cred_in_egroup(cred, object->cgid) || cred_in_egroup(cred, object->gid))
        granted >>= 3;
    if (wanted & ~granted && !capable(CAP_IPC_OWNER))
        return -EACCES;
    return 0;
}

int ipc_may_control(const struct ipc_object *object)
{
    uint32_t euid = current->cred->euid;
    if (euid == object->cuid || euid == object->uid || capable(CAP_SYS_ADMIN))
        return 0;
    return -EPERM;
}

void ipc_perm_fill(const struct ipc_object *object, struct ipc64_perm *perm)
{
    *perm = (struct ipc64_perm){
        .key = object->key,
        .uid = object->uid,
        .gid = object->gid,
        .cuid = object->cuid,
        .cgid = object->cgid,
        .mode = (typeof(perm->mode))object->mode,
        .seq = object->sequence,
    };
}

int ipc_perm_set(struct ipc_object *object, const struct ipc64_perm *perm)
{
    if (perm->uid == UINT32_MAX || perm->gid == UINT32_MAX)
        return -EINVAL;
    object->uid = perm->uid;
    object->gid = perm->gid;
    object->mode = (object->mode & ~0777u) | (perm->mode & 0777u);
    return 0;
}

int64_t ipc_now(void)
{
    return time_real_now().sec;
}
