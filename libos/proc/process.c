/* SPDX-License-Identifier: BSD-2-Clause */
/* process.c - the table of processes, and their beginning and end as structures. */
#include "proc/process.h"

#include <asm/signal.h>

#include "base/assert.h"
#include "mm/heap.h"
#include "mm/mm.h"
#include "proc/internal.h"
#include "proc/pgrp.h"
#include "proc/pid_namespace.h"
#include "ptrace/ptrace.h"
#include "sched/thread.h"
#include "sched/time.h"

struct process *process_first;

static struct {
    struct list_node all; /* by pid */
    uint32_t count;
    uint64_t forks;
} table = {.all = LIST_INIT(table.all)};

void process_init(void)
{
    pid_init();
}

struct process *process_alloc(struct pid *pid, struct process *parent,
                              struct signal_actions *actions)
{
    struct process *p = heap_zalloc(sizeof *p);

    if (!p)
        return nullptr;
    p->pid = pid->number;
    p->pids = pid_namespace_get(pid->in);
    p->refs = 1;
    list_init(&p->all);
    list_init(&p->children);
    list_init(&p->sibling);
    list_init(&p->threads);
    list_init(&p->pgrp_node);
    list_init(&p->sem_undos);
    list_init(&p->tracees);
    wait_queue_init(&p->threads_gone);
    wait_queue_init(&p->child_changed);
    wait_queue_init(&p->ended);
    signal_process_init(p, actions);
    p->start_ns = time_boot_ns();
    if (parent) {
        for (unsigned i = 0; i < RLIM_NLIMITS; i++)
            p->limits[i] = parent->limits[i];
        p->personality = parent->personality;
        p->nice = parent->nice;
        p->oom_score_adj = parent->oom_score_adj;
        p->no_new_privs = parent->no_new_privs;
    }
    return p;
}

void process_discard(struct process *p)
{
    signal_process_release(p);
    process_put(p);
}

void process_enter(struct process *p, struct process *parent)
{
    struct list_node *at = &table.all;
    struct pid *pid = pid_find(p->pid);

    while (at->prev != &table.all && container_of(at->prev, struct process, all)->pid > p->pid)
        at = at->prev;
    list_insert_before(at, &p->all);
    table.count++;
    pid->process = p;
    pid_namespace_enter(pid, p);
    if (parent) {
        p->parent = parent;
        list_push_back(&parent->children, &p->sibling);
    }
}

void process_reap(struct process *p)
{
    struct pid *pid = pid_find(p->pid);

    assert(p->state == PROCESS_ZOMBIE && p->thread_count == 0);
    p->state = PROCESS_DEAD;
    pgrp_leave(p);
    list_remove(&p->sibling);
    list_remove(&p->all);
    table.count--;
    p->parent = nullptr;
    pid->process = nullptr;
    pid_namespace_leave(pid);
    pid_release(pid);
    if (p->dead_leader) {
        cred_put(p->dead_leader->cred);
        p->dead_leader->cred = nullptr;
        thread_put(p->dead_leader);
        p->dead_leader = nullptr;
    }
    process_put(p);
}

void process_add_thread(struct process *p, struct thread *t)
{
    process_get(p);
    list_push_back(&p->threads, &t->process_node);
    p->thread_count++;
    p->live_count++;
    if (!p->leader && t->tid == p->pid)
        p->leader = t;
    table.forks++;
}

void process_take_lead(struct process *p, struct thread *t)
{
    struct pid *old = pid_find(t->tid);

    if (p->dead_leader) {
        cred_put(p->dead_leader->cred);
        p->dead_leader->cred = nullptr;
        thread_put(p->dead_leader);
        p->dead_leader = nullptr;
    }
    thread_change_tid(t, p->pid);
    ptrace_tid_changed(t);
    old->is_thread = false;
    pid_release(old);
    pid_find(p->pid)->is_thread = true;
    t->exit_signal = p->exit_signal;
    p->leader = t;
    thread_known_renew(t);
}

void thread_known_renew(struct thread *t)
{
    const struct process *p = t->process, *parent = p->parent;
    const struct cred *cred = t->cred;

    t->arch.known[KNOWN_PID] = (uint32_t)process_own_number(p);
    t->arch.known[KNOWN_TID] = (uint32_t)thread_own_number(t);
    t->arch.known[KNOWN_PARENT] = parent ? (uint32_t)pid_number_in(parent->pid, p->pids) : 0;
    t->arch.known[KNOWN_UID] = cred->uid;
    t->arch.known[KNOWN_EUID] = cred->euid;
    t->arch.known[KNOWN_GID] = cred->gid;
    t->arch.known[KNOWN_EGID] = cred->egid;
}

struct process *process_get(struct process *p)
{
    p->refs++;
    return p;
}

void process_put(struct process *p)
{
    if (--p->refs > 0)
        return;
    pid_namespace_put(p->pids);
    heap_free(p);
}

struct process *process_find(int32_t number)
{
    struct pid *pid = pid_find(number);
    return pid ? pid->process : nullptr;
}

struct process *process_next(int32_t number)
{
    /* A walk asks for the number after the one it has seen. */
    const struct process *before = process_find(number - 1);
    struct list_node *node = before ? before->all.next : table.all.next;

    for (; node != &table.all; node = node->next) {
        struct process *p = container_of(node, struct process, all);
        if (p->pid >= number)
            return p;
    }
    return nullptr;
}

uint32_t process_count(void)
{
    return table.count;
}

uint64_t process_forks(void)
{
    return table.forks;
}

struct process *process_current(void)
{
    return current->process;
}

struct session *process_session(const struct process *p)
{
    return p->pgrp ? p->pgrp->session : nullptr;
}

struct thread *process_main_thread(const struct process *p)
{
    const struct list_node *first = list_first(&p->threads);

    if (p->leader)
        return p->leader;
    return first ? container_of(first, struct thread, process_node) : p->dead_leader;
}

void process_usage_add(struct process_usage *to, const struct process_usage *from)
{
    to->user_ns += from->user_ns;
    to->system_ns += from->system_ns;
    to->faults_minor += from->faults_minor;
    to->faults_major += from->faults_major;
    to->switches_voluntary += from->switches_voluntary;
    to->switches_forced += from->switches_forced;
    to->blocks_in += from->blocks_in;
    to->blocks_out += from->blocks_out;
    if (from->resident_most > to->resident_most)
        to->resident_most = from->resident_most;
}

void process_usage_read(struct process *p, struct process_usage *usage)
{
    struct cputime_split cpu = cputime_process(p);

    *usage = p->usage;
    usage->user_ns = cpu.user_ns;
    usage->system_ns = cpu.system_ns;
    list_for_each(node, &p->threads) {
        const struct thread *t = container_of(node, struct thread, process_node);
        usage->faults_minor += t->faults_minor;
        usage->faults_major += t->faults_major;
        usage->switches_voluntary += t->switches_voluntary;
        usage->switches_forced += t->switches_forced;
    }
    if (p->mm && p->mm->resident_most > usage->resident_most)
        usage->resident_most = p->mm->resident_most;
}
