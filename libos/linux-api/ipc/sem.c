/* SPDX-License-Identifier: BSD-2-Clause */
/* sem.c - semget(2), semop(2), semtimedop(2), semctl(2). */
#include "ipc/sem.h"

#include "base/errno.h"
#include "linux-api/call.h"
#include "mm/heap.h"
#include "mm/usermem.h"
#include "proc/pid_namespace.h"
#include "sched/time.h"

long sys_semget(const struct call *c)
{
    int32_t key = (int32_t)c->arg[0];
    int count = (int)c->arg[1], flags = (int)c->arg[2];
    if (count < 0 || (uint32_t)count > ipc_limits()->sem[SEM_PER_SET].value)
        return -EINVAL;
    struct ipc_object *object = key == IPC_PRIVATE ? nullptr : ipc_find_key(ipc_set(IPC_SEM), key);
    if (!object && key != IPC_PRIVATE && !(flags & IPC_CREAT))
        return -ENOENT;
    if (!object)
        return sem_create(key, (uint32_t)count, flags);
    if ((flags & (IPC_CREAT | IPC_EXCL)) == (IPC_CREAT | IPC_EXCL))
        return -EEXIST;
    if ((uint32_t)count > sem_of(object)->count)
        return -EINVAL;
    return ipc_open(object, flags);
}

static long operate(const struct call *c, uint64_t deadline_ns)
{
    unsigned count = (unsigned)c->arg[2];
    int32_t id = (int32_t)c->arg[0];
    if (count < 1 || id < 0)
        return -EINVAL;
    if (count > ipc_limits()->sem[SEM_OPS].value)
        return -E2BIG;
    struct sembuf *ops = heap_alloc(count * sizeof *ops);
    if (!ops)
        return -ENOMEM;
    long result = -EFAULT;
    if (copy_from_user(ops, c->arg[1], count * sizeof *ops) == 0)
        result = sem_operate(id, ops, count, deadline_ns);
    heap_free(ops);
    return result;
}

long sys_semop(const struct call *c)
{
    return operate(c, WAIT_FOREVER);
}

long sys_semtimedop(const struct call *c)
{
    struct timespec64 timeout;
    if (!c->arg[3])
        return operate(c, WAIT_FOREVER);
    int error = time_get_user_timespec(&timeout, c->arg[3]);
    return error ? error : operate(c, time_deadline_after(timespec_to_ns(&timeout)));
}

static long limits_get(int command, uaddr_t to)
{
    const struct ipc_set *set = ipc_set(IPC_SEM);
    const struct setting *limit = ipc_limits()->sem;
    struct seminfo info = {
        .semmap = (int)limit[SEM_ALL].value,
        .semmni = (int)limit[SEM_SETS].value,
        .semmns = (int)limit[SEM_ALL].value,
        .semmnu = (int)limit[SEM_ALL].value,
        .semmsl = (int)limit[SEM_PER_SET].value,
        .semopm = (int)limit[SEM_OPS].value,
        .semume = 500,
        .semusz = 20,
        .semvmx = SEM_VALUE_MOST,
        .semaem = SEM_VALUE_MOST,
    };
    if (command == SEM_INFO) {
        info.semusz = (int)set->used;
        info.semaem = (int)sem_total();
    }
    return copy_to_user(to, &info, sizeof info) ? -EFAULT : ipc_highest(set);
}

static long stat_get(int command, int32_t id, uaddr_t to)
{
    struct ipc_object *object;
    const struct ipc_set *all = ipc_set(IPC_SEM);
    int error = command == IPC_STAT ? ipc_find(all, id, &object) : ipc_find_index(all, id, &object);
    if (!error && command != SEM_STAT_ANY)
        error = ipc_permit(object, IPC_READ_BITS);
    if (error)
        return error;
    const struct sem_set *set = sem_of(object);
    struct semid64_ds ds = {
        .sem_otime = set->operated_sec, .sem_ctime = set->changed_sec, .sem_nsems = set->count};
    ipc_perm_fill(object, &ds.sem_perm);
    if (copy_to_user(to, &ds, sizeof ds))
        return -EFAULT;
    return command == IPC_STAT ? 0 : object->id;
}

static long all_get(struct sem_set *set, uaddr_t to)
{
    int error = ipc_permit(&set->object, IPC_READ_BITS);
    for (uint32_t i = 0; i < set->count && !error; i++) {
        uint16_t value = (uint16_t)set->sems[i].value;
        if (copy_to_user(to + i * sizeof value, &value, sizeof value))
            error = -EFAULT;
    }
    return error;
}

static long all_set(struct sem_set *set, uaddr_t from)
{
    int error = ipc_permit(&set->object, IPC_WRITE_BITS);
    if (error)
        return error;
    uint16_t *values = heap_alloc(set->count * sizeof *values);
    if (!values)
        return -ENOMEM;
    if (copy_from_user(values, from, set->count * sizeof *values))
        error = -EFAULT;
    for (uint32_t i = 0; i < set->count && !error; i++)
        if (values[i] > SEM_VALUE_MOST)
            error = -ERANGE;
    if (!error)
        sem_set_values(set, 0, values, set->count);
    heap_free(values);
    return error;
}

static long one_set(struct sem_set *set, int number, int value)
{
    if (value < 0 || value > SEM_VALUE_MOST)
        return -ERANGE;
    if (number < 0 || (uint32_t)number >= set->count)
        return -EINVAL;
    int error = ipc_permit(&set->object, IPC_WRITE_BITS);
    uint16_t word = (uint16_t)value;
    if (!error)
        sem_set_values(set, (uint32_t)number, &word, 1);
    return error;
}

static long one_get(struct sem_set *set, int number, int command)
{
    int error = ipc_permit(&set->object, IPC_READ_BITS);
    if (error)
        return error;
    if (number < 0 || (uint32_t)number >= set->count)
        return -EINVAL;
    switch (command) {
    case GETVAL: return set->sems[number].value;
    case GETPID: return pid_to_user(set->sems[number].pid);
    default: return sem_waiters(set, (uint32_t)number, command == GETZCNT);
    }
}

static long control(struct sem_set *set, int command, uaddr_t from)
{
    struct semid64_ds ds;
    if (command == IPC_SET && copy_from_user(&ds, from, sizeof ds))
        return -EFAULT;
    int error = ipc_may_control(&set->object);
    if (error)
        return error;
    if (command == IPC_RMID) {
        sem_remove(&set->object);
        return 0;
    }
    error = ipc_perm_set(&set->object, &ds.sem_perm);
    if (!error)
        set->changed_sec = ipc_now();
    return error;
}

long sys_semctl(const struct call *c)
{
    int32_t id = (int32_t)c->arg[0];
    int number = (int)c->arg[1], command = (int)c->arg[2];
    struct ipc_object *object;
    if (id < 0)
        return -EINVAL;
    switch (command) {
    case IPC_INFO:
    case SEM_INFO: return limits_get(command, c->arg[3]);
    case IPC_STAT:
    case SEM_STAT:
    case SEM_STAT_ANY: return stat_get(command, id, c->arg[3]);
    case GETALL:
    case SETALL:
    case GETVAL:
    case GETPID:
    case GETNCNT:
    case GETZCNT:
    case SETVAL:
    case IPC_SET:
    case IPC_RMID: break;
    default: return -EINVAL;
    }
    int error = ipc_find(ipc_set(IPC_SEM), id, &object);
    if (error)
        return error;
    struct sem_set *set = sem_of(object);
    switch (command) {
    case GETALL: return all_get(set, c->arg[3]);
    case SETALL: return all_set(set, c->arg[3]);
    case SETVAL: return one_set(set, number, (int)c->arg[3]);
    case IPC_SET:
    case IPC_RMID: return control(set, command, c->arg[3]);
    default: return one_get(set, number, command);
    }
}
