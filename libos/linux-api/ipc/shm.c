/* SPDX-License-Identifier: BSD-2-Clause */
/* shm.c - shmget(2), shmat(2), shmdt(2), shmctl(2). */
#include "ipc/shm.h"

#include <linux/capability.h>
#include "base/bits.h"
#include "base/errno.h"
#include "linux-api/call.h"
#include "mm/page.h"
#include "mm/usermem.h"
#include "proc/pid_namespace.h"
#include "proc/process.h"
#include "sched/thread.h"
#include "vfs/file.h"

long sys_shmget(const struct call *c)
{
    int32_t key = (int32_t)c->arg[0];
    uint64_t bytes = c->arg[1];
    int flags = (int)c->arg[2];
    struct ipc_object *object = key == IPC_PRIVATE ? nullptr : ipc_find_key(ipc_set(IPC_SHM), key);
    if (!object && key != IPC_PRIVATE && !(flags & IPC_CREAT))
        return -ENOENT;
    if (!object)
        return shm_create(key, bytes, flags);
    if ((flags & (IPC_CREAT | IPC_EXCL)) == (IPC_CREAT | IPC_EXCL))
        return -EEXIST;
    if (bytes > shm_of(object)->bytes)
        return -EINVAL;
    return ipc_open(object, flags);
}

long sys_shmat(const struct call *c)
{
    return shm_attach((int32_t)c->arg[0], c->arg[1], (int)c->arg[2]);
}

long sys_shmdt(const struct call *c)
{
    return shm_detach(c->arg[0]);
}

static long limits_get(uaddr_t to)
{
    const struct ipc_limits *limits = ipc_limits();
    struct shminfo64 info = {
        .shmmax = limits->shm_bytes.value,
        .shmmin = 1,
        .shmmni = limits->shm_segments.value,
        .shmseg = limits->shm_segments.value,
        .shmall = limits->shm_pages.value,
    };
    return copy_to_user(to, &info, sizeof info) ? -EFAULT : ipc_highest(ipc_set(IPC_SHM));
}

static long usage_get(uaddr_t to)
{
    const struct ipc_set *set = ipc_set(IPC_SHM);
    struct shm_info info = {.used_ids = (int)set->used, .shm_tot = shm_pages()};
    for (uint32_t i = 0; i < set->size; i++)
        if (set->slots[i])
            info.shm_rss += shm_resident(shm_of(set->slots[i]));
    return copy_to_user(to, &info, sizeof info) ? -EFAULT : ipc_highest(set);
}

static long stat_get(int command, int32_t id, uaddr_t to)
{
    struct ipc_object *object;
    const struct ipc_set *set = ipc_set(IPC_SHM);
    int error = command == IPC_STAT ? ipc_find(set, id, &object) : ipc_find_index(set, id, &object);
    if (!error && command != SHM_STAT_ANY)
        error = ipc_permit(object, IPC_READ_BITS);
    if (error)
        return error;
    const struct shm_segment *s = shm_of(object);
    struct shmid64_ds ds = {
        .shm_segsz = s->bytes,
        .shm_atime = s->attached_sec,
        .shm_dtime = s->detached_sec,
        .shm_ctime = s->changed_sec,
        .shm_cpid = pid_to_user(s->creator_pid),
        .shm_lpid = pid_to_user(s->last_pid),
        .shm_nattch = shm_attaches(s),
    };
    ipc_perm_fill(object, &ds.shm_perm);
    if (copy_to_user(to, &ds, sizeof ds))
        return -EFAULT;
    return command == IPC_STAT ? 0 : object->id;
}

static long permissions_set(struct ipc_object *object, uaddr_t from)
{
    struct shmid64_ds ds;
    if (copy_from_user(&ds, from, sizeof ds))
        return -EFAULT;
    int error = ipc_may_control(object);
    if (!error)
        error = ipc_perm_set(object, &ds.shm_perm);
    if (!error)
        shm_of(object)->changed_sec = ipc_now();
    return error;
}

/* Nothing is ever swapped out: a lock is a mark that IPC_STAT shows. */
static long lock_set(struct ipc_object *object, bool lock)
{
    uint32_t euid = current->cred->euid;
    if (!capable(CAP_IPC_LOCK)) {
        if (euid != object->uid && euid != object->cuid)
            return -EPERM;
        if (lock && process_rlimit(current->process, RLIMIT_MEMLOCK) == 0)
            return -EPERM;
    }
    object->mode = lock ? object->mode | SHM_LOCKED_BIT : object->mode & ~SHM_LOCKED_BIT;
    return 0;
}

long sys_shmctl(const struct call *c)
{
    int32_t id = (int32_t)c->arg[0];
    int command = (int)c->arg[1];
    struct ipc_object *object;
    if (command < 0 || id < 0)
        return -EINVAL;
    switch (command) {
    case IPC_INFO: return limits_get(c->arg[2]);
    case SHM_INFO: return usage_get(c->arg[2]);
    case IPC_STAT:
    case SHM_STAT:
    case SHM_STAT_ANY: return stat_get(command, id, c->arg[2]);
    case IPC_SET:
    case IPC_RMID:
    case SHM_LOCK:
    case SHM_UNLOCK: break;
    default: return -EINVAL;
    }
    int error = ipc_find(ipc_set(IPC_SHM), id, &object);
    if (error)
        return error;
    if (command == IPC_SET)
        return permissions_set(object, c->arg[2]);
    if (command != IPC_RMID)
        return lock_set(object, command == SHM_LOCK);
    error = ipc_may_control(object);
    if (!error)
        shm_destroy_later(shm_of(object));
    return error;
}
