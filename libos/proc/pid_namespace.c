/* SPDX-License-Identifier: BSD-2-Clause */
/* pid_namespace.c - pid namespaces: numbers seen from inside, and the end of a namespace. */
#include "proc/pid_namespace.h"

#include "base/errno.h"
#include "mm/heap.h"
#include "proc/internal.h"
#include "proc/namespace.h"
#include "proc/pgrp.h"

int pid_namespace_create(struct pid_namespace *above, struct namespace *holder,
                         struct pid_namespace **out)
{
    if (above->level >= PID_LEVEL_MOST)
        return -ENOSPC;
    struct pid_namespace *ns = heap_zalloc(sizeof *ns);
    if (!ns)
        return -ENOMEM;
    ns->above = pid_namespace_get(above);
    ns->holder = holder;
    ns->level = above->level + 1;
    wait_queue_init(&ns->emptied);
    *out = ns;
    return 0;
}

void pid_namespace_destroy(struct pid_namespace *ns)
{
    pid_namespace_put(ns->above);
    heap_free(ns);
}

struct pid_namespace *pid_namespace_get(struct pid_namespace *ns)
{
    if (ns->holder)
        namespace_get(ns->holder);
    return ns;
}

void pid_namespace_put(struct pid_namespace *ns)
{
    if (ns->holder)
        namespace_put(ns->holder);
}

bool pid_namespace_is_in(const struct pid_namespace *ns, const struct pid_namespace *above)
{
    while (ns->level > above->level)
        ns = ns->above;
    return ns == above;
}

/* ------------------------------------------------------------------ numbers */

int32_t pid_number_in(int32_t number, const struct pid_namespace *ns)
{
    if (ns->level == 0 || number <= 0)
        return number;
    const struct pid *pid = pid_find(number);
    if (!pid || pid->in->level < ns->level || pid->numbers[ns->level].in != ns)
        return 0;
    return pid->numbers[ns->level].number;
}

int32_t pid_to_user(int32_t number)
{
    return pid_number_in(number, current->process->pids);
}

int32_t pid_from_user(int32_t number)
{
    const struct pid_namespace *ns = current->process->pids;
    if (ns->level == 0)
        return number;
    const struct pid *pid = pid_find_in(ns, number);
    return pid ? pid->number : 0;
}

struct thread *thread_lookup(int32_t tid)
{
    return thread_find(pid_from_user(tid));
}

struct process *process_lookup(int32_t number)
{
    return process_find(pid_from_user(number));
}

struct pgrp *pgrp_lookup(int32_t pgid)
{
    return pgrp_find(pid_from_user(pgid));
}

struct process *process_next_in(const struct pid_namespace *ns, int32_t from, int32_t *number)
{
    struct process *best = nullptr;
    if (ns->level == 0) {
        best = process_next(from);
        *number = best ? best->pid : 0;
        return best;
    }
    for (struct process *p = process_next(1); p; p = process_next(p->pid + 1)) {
        int32_t n = pid_number_in(p->pid, ns);
        if (n == 0 || n < from || (best && n > *number))
            continue;
        best = p;
        *number = n;
    }
    return best;
}

int32_t thread_own_number(const struct thread *t)
{
    return pid_number_in(t->tid, t->process->pids);
}

int32_t process_own_number(const struct process *p)
{
    return pid_number_in(p->pid, p->pids);
}

/* ------------------------------------------------------------------ life */

void pid_namespace_enter(const struct pid *pid, struct process *p)
{
    struct pid_namespace *in = pid->in;
    for (struct pid_namespace *ns = in; ns; ns = ns->above)
        ns->processes++;
    if (in->init)
        return;
    in->init = p;
    if (in->level > 0)
        p->signal.flags |= SIGNAL_UNKILLABLE;
}

void pid_namespace_leave(const struct pid *pid)
{
    for (struct pid_namespace *ns = pid->in; ns; ns = ns->above)
        if (--ns->processes == 1)
            wait_wake_all(&ns->emptied, 0);
}

bool pid_namespace_is_init(const struct process *p)
{
    return p->pids->level > 0 && p->pids->init == p;
}

static void kill_all(const struct pid_namespace *ns)
{
    for (struct process *p = process_next(1); p; p = process_next(p->pid + 1))
        if (p != ns->init && pid_number_in(p->pid, ns) != 0)
            (void)signal_send_process(p, SIGKILL, SIGNAL_FROM_KERNEL);
}

/* Nobody waits for the children any more: those that end from now on vanish at once. */
static void children_release(struct process *init)
{
    signal_child_ignore(init);
    list_for_each_safe(node, &init->children) {
        struct process *child = container_of(node, struct process, sibling);
        if (child->state == PROCESS_ZOMBIE && !child->trace_remains)
            process_reap(child);
    }
}

void pid_namespace_end(void)
{
    struct process *init = current->process;
    struct pid_namespace *ns = init->pids;
    ns->has_ended = true;
    children_release(init);
    kill_all(ns);
    while (ns->processes > 1)
        (void)wait_on(&ns->emptied, WAIT_FOREVER, SLEEP_UNINTERRUPTIBLE);
    ns->init = nullptr;
    if (ns->end_status)
        init->exit_status = ns->end_status;
}
