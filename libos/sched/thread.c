/* SPDX-License-Identifier: BSD-2-Clause */
/* thread.c - threads' lives, and the table of their numbers. */
#include "sched/thread.h"

#include <linux/sched.h>
#include "arch/user_regs.h"
#include "base/assert.h"
#include "base/errno.h"
#include "base/hash.h"
#include "base/string.h"
#include "mm/heap.h"
#include "mm/vmarea.h"
#include "proc/cred.h"
#include "proc/process.h"
#include "ptrace/ptrace.h"
#include "sched/sched.h"
#include "sched/time.h"
#include "sched/xstate.h"
#include "trace/record.h"

constexpr unsigned TABLE_BITS = 10;
constexpr uint32_t TIMER_SLACK_NS = 50000; /* prctl(2), PR_SET_TIMERSLACK */

/* Chains are made at the first insertion into them. */
static struct list_node table[1 << TABLE_BITS];
static unsigned count; /* started and not ended */

static struct list_node *chain_of(int32_t tid)
{
    struct list_node *chain = &table[hash_u64((uint64_t)(uint32_t)tid) & ((1 << TABLE_BITS) - 1)];
    if (!chain->next)
        list_init(chain);
    return chain;
}

struct thread *thread_find(int32_t tid)
{
    list_for_each(node, chain_of(tid)) {
        struct thread *t = container_of(node, struct thread, tid_node);
        if (t->tid == tid)
            return t;
    }
    return nullptr;
}

void thread_unhash(struct thread *t)
{
    list_remove(&t->tid_node);
}

void thread_change_tid(struct thread *t, int32_t tid)
{
    list_remove(&t->tid_node);
    t->tid = tid;
    list_push_back(chain_of(tid), &t->tid_node);
    if (record_maps())
        record_add_thread(t);
}

/* Heap blocks of a power of two up to a page are aligned to their size; XSAVE wants 64 (SDM
 * vol. 1, 13.4). */
static void *xstate_alloc(void)
{
    size_t size = 64;
    while (size < arch_xstate_bytes())
        size *= 2;
    void *area = heap_zalloc(size);
    assert(((uint64_t)area & 63) == 0);
    return area;
}

int thread_create(struct process *process, int32_t tid, struct thread **out)
{
    struct thread *t = heap_zalloc(sizeof *t);
    if (!t)
        return -ENOMEM;
    void *stack = stack_alloc();
    if (!stack)
        goto free_thread;
    t->arch.xstate = xstate_alloc();
    if (!t->arch.xstate)
        goto free_stack;
    t->arch.stack_top = (uint64_t)stack + ARCH_STACK_BYTES;
    t->arch.xstate_vcpu = -1;
    arch_xstate_init(&t->arch);
    arch_regs_start(thread_regs(t), 0, 0);
    t->refs = 1;
    t->tid = tid;
    t->state = THREAD_NEW;
    t->user = true;
    t->process = process;
    t->affinity = UINT64_MAX;
    t->sched_class = SCHED_NORMAL;
    t->timer_slack_ns = TIMER_SLACK_NS;
    t->start_ns = time_monotonic_ns();
    list_init(&t->process_node);
    list_init(&t->tid_node);
    list_init(&t->policy_node);
    list_init(&t->work);
    list_init(&t->uring);
    signal_thread_init(&t->signal);
    *out = t;
    return 0;

free_stack:
    stack_free(stack);
free_thread:
    heap_free(t);
    return -ENOMEM;
}

static void free_run_memory(struct thread *t)
{
    stack_free((void *)(t->arch.stack_top - ARCH_STACK_BYTES));
    heap_free(t->arch.xstate);
    t->arch.stack_top = 0;
    t->arch.xstate = nullptr;
}

void thread_destroy_new(struct thread *t)
{
    assert(t->state == THREAD_NEW);
    t->state = THREAD_DEAD;
    free_run_memory(t);
    thread_put(t);
}

void thread_release_run(struct thread *t)
{
    free_run_memory(t);
    thread_put(t);
}

void thread_put(struct thread *t)
{
    if (!t || --t->refs > 0)
        return;
    assert(t->state == THREAD_DEAD);
    signal_thread_release(&t->signal);
    heap_free(t);
}

static void copy_scheduling(struct thread *t, const struct thread *from)
{
    t->affinity = from->affinity;
    t->vcpu = from->vcpu;
    t->timer_slack_ns = from->timer_slack_ns;
    t->nice = from->nice;
    t->sched_class = from->sched_class;
    t->rt_priority = from->rt_priority;
    /* sched(7), "Resetting scheduling policy for child processes". */
    if (from->reset_on_fork) {
        if (from->rt_priority) {
            t->sched_class = SCHED_NORMAL;
            t->rt_priority = 0;
        }
        if (t->nice < 0)
            t->nice = 0;
    }
}

void thread_copy_context(struct thread *t, struct thread *from)
{
    assert(from == current);
    thread_xstate_sync();
    memcpy(t->arch.xstate, from->arch.xstate, arch_xstate_bytes());
    t->arch.fs_base = arch_fs_base();
    t->arch.gs_base = from->arch.gs_base;
    t->arch.gs_claimed = from->arch.gs_claimed;
    *thread_regs(t) = *thread_regs(from);
    arch_call_close(thread_regs(t));
    memcpy(t->comm, from->comm, sizeof t->comm);
    t->personality = from->personality;
    copy_scheduling(t, from);
    signal_thread_copy(&t->signal, &from->signal);
}

void thread_reset_context(uaddr_t entry, uaddr_t stack)
{
    struct thread *t = current;
    arch_regs_start(thread_regs(t), entry, stack);
    t->arch.gs_base = 0;
    t->arch.gs_claimed = false;
    arch_set_fs_base(0);
    arch_xstate_init(&t->arch);
    thread_xstate_changed();
    t->clear_child_tid = 0;
    t->robust_list = 0;
    t->restart.run = nullptr;
    t->rseq = (struct rseq_thread){};
}

static void run_first(void *arg)
{
    struct thread *t = arg;
    sched_finish_switch();
    if (t->begin)
        t->begin(t->begin_arg);
    arch_user_return();
}

void thread_start(struct thread *t)
{
    thread_start_at(t, nullptr, nullptr);
}

void thread_start_at(struct thread *t, void (*begin)(void *arg), void *arg)
{
    assert(t->state == THREAD_NEW);
    t->begin = begin;
    t->begin_arg = arg;
    list_push_back(chain_of(t->tid), &t->tid_node);
    if (record_maps())
        record_add_thread(t);
    count++;
    arch_thread_prepare(&t->arch, run_first, t);
    sched_make_ready(t, ENQUEUE_NEW);
}

void thread_account_end(void)
{
    struct thread *t = current;
    struct cputime *sum = &t->process->cputime;
    uint64_t now = arch_cycles();
    t->cputime.cycles += now - t->switched_in_tsc;
    t->switched_in_tsc = now;
    sum->cycles += t->cputime.cycles;
    sum->user_samples += t->cputime.user_samples;
    sum->system_samples += t->cputime.system_samples;
    t->cputime = (struct cputime){};
    io_count_sum(&t->process->io, &t->io);
    t->io = (struct io_count){};
}

void thread_exit(void)
{
    struct thread *t = current;
    thread_unhash(t);
    signal_thread_release(&t->signal);
    t->process = nullptr;
    t->state = THREAD_DEAD;
    count--;
    vcpu_current()->dead = t;
    schedule();
    __builtin_unreachable();
}

void thread_for_each(void (*fn)(struct thread *t, void *arg), void *arg)
{
    for (struct process *p = process_next(0); p; p = process_next(p->pid + 1))
        list_for_each(node, &p->threads)
            fn(container_of(node, struct thread, process_node), arg);
}

unsigned thread_count(void)
{
    return count;
}

char thread_state_letter(const struct thread *t)
{
    switch (t->state) {
    case THREAD_SLEEPING: return t->sleep_mode == SLEEP_INTERRUPTIBLE ? 'S' : 'D';
    case THREAD_STOPPED: return t->trace && t->trace->is_stopped ? 't' : 'T';
    case THREAD_DEAD: return 'Z';
    default: return 'R';
    }
}
