/* SPDX-License-Identifier: BSD-2-Clause */
/* sem.c - System V semaphores: sets, operations, undoing. */
#include "ipc/sem.h"

#include "base/errno.h"
#include "mm/heap.h"
#include "proc/process.h"
#include "sched/thread.h"

static void destroy(struct ipc_object *object)
{
    heap_free(object);
}

int sem_create(int32_t key, uint32_t count, int flags)
{
    const struct setting *limit = ipc_limits()->sem;
    if (count == 0 || count > limit[SEM_PER_SET].value)
        return -EINVAL;
    if (sem_total() + count > limit[SEM_ALL].value)
        return -ENOSPC;
    struct sem_set *set = heap_zalloc(sizeof *set + count * sizeof(struct sem));
    if (!set)
        return -ENOMEM;
    set->count = count;
    set->changed_sec = ipc_now();
    set->object.destroy = destroy;
    list_init(&set->changed);
    list_init(&set->undos);
    for (uint32_t i = 0; i < count; i++) {
        list_init(&set->sems[i].waiters);
        list_init(&set->sems[i].zero_waiters);
        list_init(&set->sems[i].changed);
    }
    int id = ipc_add(ipc_set(IPC_SEM), &set->object, key, (uint32_t)flags,
                     (uint32_t)limit[SEM_SETS].value);
    if (id < 0)
        heap_free(set);
    return id;
}

uint32_t sem_total(void)
{
    const struct ipc_set *all = ipc_set(IPC_SEM);
    uint32_t n = 0;
    for (uint32_t i = 0; i < all->size; i++)
        if (all->slots[i])
            n += sem_of(all->slots[i])->count;
    return n;
}

/* ------------------------------------------------------------------ operations */

static void note_change(struct sem_set *set, struct sem *sem)
{
    if (!list_is_linked(&sem->changed))
        list_push_back(&set->changed, &sem->changed);
}

static void undo_steps(struct sem_set *set, const struct sem_waiter *w, unsigned done)
{
    while (done-- > 0) {
        const struct sembuf *op = &w->ops[done];
        set->sems[op->sem_num].value -= op->sem_op;
        if (op->sem_flg & SEM_UNDO)
            w->undo->adjust[op->sem_num] += op->sem_op;
    }
}

/* Do all operations of W, or none.  0; 1: one must wait; -EAGAIN, -ERANGE. */
static int try(struct sem_set *set, struct sem_waiter *w)
{
    for (unsigned i = 0; i < w->count; i++) {
        const struct sembuf *op = &w->ops[i];
        struct sem *sem = &set->sems[op->sem_num];
        int32_t value = sem->value + op->sem_op;
        int error = 0;
        if ((op->sem_op == 0 && sem->value != 0) || value < 0) {
            w->blocked = op;
            error = op->sem_flg & IPC_NOWAIT ? -EAGAIN : 1;
        } else if (value > SEM_VALUE_MOST) {
            error = -ERANGE;
        } else if (op->sem_flg & SEM_UNDO) {
            int32_t adjust = w->undo->adjust[op->sem_num] - op->sem_op;
            if (adjust < -SEM_VALUE_MOST - 1 || adjust > SEM_VALUE_MOST)
                error = -ERANGE;
            else
                w->undo->adjust[op->sem_num] = (int16_t)adjust;
        }
        if (error) {
            undo_steps(set, w, i);
            return error;
        }
        sem->value = value;
    }
    for (unsigned i = 0; i < w->count; i++) {
        set->sems[w->ops[i].sem_num].pid = w->pid;
        if (w->ops[i].sem_op)
            note_change(set, &set->sems[w->ops[i].sem_num]);
    }
    set->operated_sec = ipc_now();
    return 0;
}

static void finish(struct sem_waiter *w, int result)
{
    list_remove(&w->node);
    w->is_done = true;
    w->result = result;
    thread_wake(w->thread);
}

/* W must wait: at the semaphore that stands in its way. */
static void enlist(struct sem_set *set, struct sem_waiter *w)
{
    struct sem *sem = &set->sems[w->blocked->sem_num];
    list_remove(&w->node);
    list_push_back(w->blocked->sem_op ? &sem->waiters : &sem->zero_waiters, &w->node);
}

/* SEM has changed: try those that WAIT for that. */
static void waiters_try(struct sem_set *set, const struct sem *sem, struct list_node *wait)
{
    bool for_zero = wait == &sem->zero_waiters;
    list_for_each_safe(node, wait) {
        struct sem_waiter *w = container_of(node, struct sem_waiter, node);
        /* The lowest value helps nobody who wants a higher one; and another than zero only those
         * whose own operations before make it zero. */
        if (sem->value == 0 && !for_zero)
            return;
        if (sem->value != 0 && for_zero && w->count == 1)
            continue;
        int result = try(set, w);
        if (result <= 0)
            finish(w, result);
        else if (&set->sems[w->blocked->sem_num] != sem)
            enlist(set, w);
    }
}

static void waiters_serve(struct sem_set *set)
{
    struct list_node *node;
    while ((node = list_pop_front(&set->changed)) != nullptr) {
        struct sem *sem = container_of(node, struct sem, changed);
        waiters_try(set, sem, &sem->waiters);
        waiters_try(set, sem, &sem->zero_waiters);
    }
}

int sem_waiters(const struct sem_set *set, uint32_t number, bool for_zero)
{
    const struct sem *sem = &set->sems[number];
    int n = 0;
    list_for_each(node, for_zero ? &sem->zero_waiters : &sem->waiters)
        n++;
    return n;
}

static struct sem_undo *undo_find(struct process *p, struct sem_set *set)
{
    list_for_each(node, &p->sem_undos) {
        struct sem_undo *u = container_of(node, struct sem_undo, process_node);
        if (u->set == set)
            return u;
    }
    struct sem_undo *u = heap_zalloc(sizeof *u + set->count * sizeof u->adjust[0]);
    if (!u)
        return nullptr;
    u->process = p;
    u->set = set;
    list_push_back(&p->sem_undos, &u->process_node);
    list_push_back(&set->undos, &u->set_node);
    return u;
}

static int ops_check(const struct sem_set *set, const struct sembuf *ops, unsigned count,
                     bool *undo)
{
    uint32_t bits = IPC_READ_BITS;
    for (unsigned i = 0; i < count; i++) {
        if (ops[i].sem_num >= set->count)
            return -EFBIG;
        if (ops[i].sem_op != 0)
            bits = IPC_WRITE_BITS;
        *undo |= ops[i].sem_flg & SEM_UNDO;
    }
    return ipc_permit(&set->object, bits);
}

/* semop(2): never restarted, not even with SA_RESTART. */
static int wait_for(struct sem_set *set, struct sem_waiter *w, uint64_t deadline_ns)
{
    list_init(&w->node);
    enlist(set, w);
    ipc_get(&set->object);
    int error = 0;
    while (!w->is_done && error == 0)
        error = thread_sleep(deadline_ns, SLEEP_INTERRUPTIBLE);
    if (w->is_done)
        error = w->result;
    else
        list_remove(&w->node);
    ipc_put(&set->object);
    return error == -ETIMEDOUT ? -EAGAIN : error;
}

int sem_operate(int32_t id, struct sembuf *ops, unsigned count, uint64_t deadline_ns)
{
    struct ipc_object *object;
    bool undo = false;
    int error = ipc_find(ipc_set(IPC_SEM), id, &object);
    if (error)
        return error;
    struct sem_set *set = sem_of(object);
    error = ops_check(set, ops, count, &undo);
    if (error)
        return error;
    struct sem_waiter w = {
        .thread = current, .pid = current->process->pid, .ops = ops, .count = count};
    if (undo) {
        w.undo = undo_find(current->process, set);
        if (!w.undo)
            return -ENOMEM;
    }
    error = try(set, &w);
    if (error == 1)
        return wait_for(set, &w, deadline_ns);
    if (error == 0)
        waiters_serve(set);
    return error;
}

/* ------------------------------------------------------------------ setting, removing, undoing */

void sem_set_values(struct sem_set *set, uint32_t first, const uint16_t *values, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        set->sems[first + i].value = values[i];
        set->sems[first + i].pid = current->process->pid;
        note_change(set, &set->sems[first + i]);
        list_for_each(node, &set->undos)
            container_of(node, struct sem_undo, set_node)->adjust[first + i] = 0;
    }
    set->changed_sec = ipc_now();
    waiters_serve(set);
}

static void undo_free(struct sem_undo *u)
{
    list_remove(&u->process_node);
    list_remove(&u->set_node);
    heap_free(u);
}

void sem_remove(struct ipc_object *object)
{
    struct sem_set *set = sem_of(object);
    list_for_each_safe(node, &set->undos)
        undo_free(container_of(node, struct sem_undo, set_node));
    for (uint32_t i = 0; i < set->count; i++) {
        list_for_each_safe(waiter, &set->sems[i].waiters)
            finish(container_of(waiter, struct sem_waiter, node), -EIDRM);
        list_for_each_safe(waiter, &set->sems[i].zero_waiters)
            finish(container_of(waiter, struct sem_waiter, node), -EIDRM);
    }
    ipc_remove(object);
}

void sem_process_exit(struct process *p)
{
    list_for_each_safe(node, &p->sem_undos) {
        struct sem_undo *u = container_of(node, struct sem_undo, process_node);
        struct sem_set *set = u->set;
        for (uint32_t i = 0; i < set->count; i++) {
            if (!u->adjust[i])
                continue;
            int32_t value = set->sems[i].value + u->adjust[i];
            /* semop(2), BUGS: as far as the range allows. */
            set->sems[i].value = value < 0 ? 0 : value > SEM_VALUE_MOST ? SEM_VALUE_MOST : value;
            set->sems[i].pid = p->pid;
            note_change(set, &set->sems[i]);
        }
        undo_free(u);
        set->operated_sec = ipc_now();
        waiters_serve(set);
    }
}
