/* SPDX-License-Identifier: BSD-2-Clause */
/* sem.h - System V semaphores (semop(2)).
 *
 * An operation that cannot be done at once waits at the semaphore that stands in its way: only a
 * change of that one can help it.  Whoever changes a value does the operations waiting there that
 * can be done then, in the order they came; the waiter finds the result.  What they change is
 * looked at in turn.  What a process must undo at its end stands on two lists: of the process and of the set.
 */
#pragma once

#include <linux/sem.h>
#include <stdint.h>
#include "base/types.h"
#include "ipc/ipc.h"
#include "sched/wait.h"

struct process;
struct thread;

struct sem {
    int32_t value;
    int32_t pid; /* that changed it last */
    /* Struct sem_waiter: for a higher value, and for zero. */
    struct list_node waiters, zero_waiters;
    struct list_node changed; /* on set->changed while a change is to be looked at */
};

struct sem_undo {
    struct list_node process_node, set_node;
    struct process *process; /* only compared */
    struct sem_set *set;
    int16_t adjust[]; /* to be added to each value at the end */
};

struct sem_waiter {
    struct list_node node;
    struct thread *thread;
    int32_t pid;
    struct sembuf *ops;
    unsigned count;
    struct sem_undo *undo;
    const struct sembuf *blocked; /* the one that could not be done */
    bool is_done;
    int result;
};

struct sem_set {
    struct ipc_object object; /* first */
    uint32_t count;
    int64_t operated_sec, changed_sec;
    struct list_node changed; /* struct sem; empty but while operations are done */
    struct list_node undos;
    struct sem sems[];
};

constexpr int32_t SEM_VALUE_MOST = 32767;

static inline struct sem_set *sem_of(struct ipc_object *object)
{
    return (struct sem_set *)object;
}

[[nodiscard]] int sem_create(int32_t key, uint32_t count, int flags);
/* OPS is copied into libOS memory already and outlives the call. */
int sem_operate(int32_t id, struct sembuf *ops, unsigned count, uint64_t deadline_ns);
/* VALUES for all of them, or for number FIRST alone. */
void sem_set_values(struct sem_set *set, uint32_t first, const uint16_t *values, uint32_t count);
void sem_remove(struct ipc_object *object);
/* Waiters whose operation on semaphore NUMBER waits for an increase, or for zero. */
int sem_waiters(const struct sem_set *set, uint32_t number, bool for_zero);
/* All semaphores of the namespace. */
uint32_t sem_total(void);

/* P ends, or gives up its share (unshare(2), CLONE_SYSVSEM): undo what SEM_UNDO noted. */
void sem_process_exit(struct process *p);
