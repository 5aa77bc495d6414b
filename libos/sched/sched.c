/* SPDX-License-Identifier: BSD-2-Clause */
/* sched.c - who runs where, and the switch from one to the next. */
#include "sched/sched.h"

#include <exo/stubs.h>
#include "base/assert.h"
#include "base/bits.h"
#include "base/errno.h"
#include "mm/mm.h"
#include "proc/process.h"
#include "sched/event.h"
#include "sched/lock.h"
#include "sched/time.h"
#include "sched/xstate.h"
#include "trace/record.h"

static struct {
    const struct sched_policy *policy;
    struct sched_vcpu *vcpus[SCHED_VCPUS_MAX];
    unsigned count;
} sched;

unsigned vcpu_count(void)
{
    return sched.count;
}

struct sched_vcpu *vcpu_of(unsigned number)
{
    assert(number < sched.count);
    return sched.vcpus[number];
}

/* ------------------------------------------------------------------ switching */

static void account(struct thread *prev, struct thread *next)
{
    uint64_t now = arch_cycles();
    prev->cputime.cycles += now - prev->switched_in_tsc;
    next->switched_in_tsc = now;
}

/* ------------------------------------------------------------------ the policy's queues */

static void enqueue(struct thread *t, unsigned vcpu, enum enqueue_reason why)
{
    t->queued = true;
    t->queue_vcpu = vcpu;
    sched.vcpus[vcpu]->ready++;
    sched.policy->enqueue(t, vcpu, why);
}

static void left_queue(struct thread *t)
{
    t->queued = false;
    sched.vcpus[t->queue_vcpu]->ready--;
}

static void dequeue(struct thread *t)
{
    sched.policy->dequeue(t);
    left_queue(t);
}

static struct thread *pick(unsigned vcpu)
{
    struct thread *t = sched.policy->pick(vcpu);
    if (t)
        left_queue(t);
    return t;
}

/* ------------------------------------------------------------------ slices */

static void begin_slice(struct sched_vcpu *v, uint64_t tsc)
{
    v->slice_known = false;
    v->slice_from_tsc = tsc;
}

static uint64_t slice_of(struct thread *t)
{
    if (!t->slice_ns)
        t->slice_ns = sched.policy->slice_ns(t);
    return t->slice_ns;
}

uint64_t sched_slice_end(struct sched_vcpu *v)
{
    if (!v->slice_known) {
        struct thread *t = v->running;
        uint64_t slice = t->slice_left_ns ? t->slice_left_ns : slice_of(t);
        uint64_t from = time_of_cycles(v->slice_from_tsc);
        v->slice_end_ns = slice >= WAIT_FOREVER - from ? WAIT_FOREVER : from + slice;
        v->slice_known = true;
    }
    return v->slice_end_ns;
}

bool sched_slice_outlasts_sample(const struct sched_vcpu *v)
{
    return !v->running->slice_left_ns && slice_of(v->running) >= TICK_NS;
}

bool sched_slice_is_over(struct sched_vcpu *v)
{
    return v->ready > 0 && time_monotonic_ns() >= sched_slice_end(v);
}

/* ------------------------------------------------------------------ the switch */

static void switch_to(struct sched_vcpu *v, struct thread *prev, struct thread *next)
{
    account(prev, next);
    if (prev->user)
        xstate_leave(prev);
    if (next->user) {
        mm_activate(next->process->mm);
        begin_slice(v, next->switched_in_tsc);
    }
    v->running = next;
    v->switches++;
    if (record_events())
        record_add(RECORD_SWITCH, 0, next->tid, 0, 0, 0);
    vcpu_local()->return_due = 1;
    next->vcpu = v->number;
    vcpu_local()->running = next;
    arch_switch(&prev->arch, &next->arch);
    /* PREV again, perhaps on another vcpu: V is stale. */
    sched_finish_switch();
}

void sched_finish_switch(void)
{
    struct sched_vcpu *v = vcpu_current();
    struct thread *dead = v->dead;
    v->dead = nullptr;
    if (dead)
        thread_release_run(dead);
}

void schedule(void)
{
    assert(domain_is_locked());
    struct sched_vcpu *v = vcpu_current();
    struct thread *prev = current;
    vcpu_local()->need_resched = 0;
    struct thread *next = pick(v->number);
    if (!next)
        next = &v->idle;
    next->state = THREAD_RUNNING;
    if (next == prev) {
        if (next->user)
            begin_slice(v, arch_cycles());
        return;
    }
    switch_to(v, prev, next);
}

static void put_back(struct thread *t, unsigned vcpu, enum enqueue_reason why)
{
    t->state = THREAD_READY;
    enqueue(t, vcpu, why);
    vcpu_local()->return_due = 1;
}

static unsigned place(const struct thread *t);

void sched_preempt(enum enqueue_reason why)
{
    struct thread *t = current;
    t->slice_left_ns = 0;
    if (why == ENQUEUE_PREEMPT) {
        uint64_t now = time_monotonic_ns(), end = sched_slice_end(vcpu_current());
        t->slice_left_ns = end > now ? end - now : 0;
    }
    t->switches_forced++;
    put_back(t, place(t), why);
    schedule();
}

/* ------------------------------------------------------------------ wake-up */

static bool vcpu_is_idle(const struct sched_vcpu *v)
{
    return v->running == &v->idle;
}

/* Where T should run: where it ran last, unless another vcpu has nothing to do. */
static unsigned place(const struct thread *t)
{
    bool last_allowed = t->vcpu < sched.count && t->affinity >> t->vcpu & 1;
    if (last_allowed && (sched.count == 1 || vcpu_is_idle(sched.vcpus[t->vcpu])))
        return t->vcpu;
    unsigned fallback = last_allowed ? t->vcpu : UINT32_MAX;
    for (unsigned v = 0; v < sched.count; v++) {
        if (!(t->affinity >> v & 1))
            continue;
        if (vcpu_is_idle(sched.vcpus[v]) && sched.vcpus[v]->ready == 0)
            return v;
        if (fallback == UINT32_MAX)
            fallback = v;
    }
    return fallback == UINT32_MAX ? 0 : fallback;
}

void vcpu_kick(unsigned v)
{
    if (sched.vcpus[v] == vcpu_current())
        vcpu_local()->need_resched = 1;
    else
        (void)exo_vcpu_notify(sched.vcpus[v]->cap, 1ull << EVENT_RESCHED);
}

void sched_make_ready(struct thread *t, enum enqueue_reason why)
{
    unsigned number = place(t);
    struct sched_vcpu *v = sched.vcpus[number];
    if (why == ENQUEUE_WAKE && t->rt_priority)
        t->rt_from_ns = cputime_thread_ns(t);
    put_back(t, number, why);
    if (record_events())
        record_add(RECORD_WAKE, 0, current->tid, (uint64_t)t->tid, number, 0);
    /* A vcpu that runs a thread of the same rank gets to it when the slice is over; for that it
     * needs a timer, which it has only if somebody waits: so it must look once. */
    if (vcpu_is_idle(v) || sched.policy->preempts(t, v->running))
        vcpu_kick(number);
    else if (v != vcpu_current() && v->sample_ns == WAIT_FOREVER)
        vcpu_kick(number);
}

/* ------------------------------------------------------------------ changes */

const struct sched_policy *sched_policy_get(void)
{
    return sched.policy;
}

static void move_thread(struct thread *t, void *to)
{
    t->slice_ns = 0;
    if (!t->queued)
        return;
    dequeue(t);
    list_push_back(to, &t->policy_node);
}

void sched_policy_set(const struct sched_policy *policy)
{
    struct list_node moving;
    list_init(&moving);
    thread_for_each(move_thread, &moving);
    sched.policy = policy;
    policy->init(SCHED_VCPUS_MAX);
    for (struct list_node *node; (node = list_pop_front(&moving));) {
        struct thread *t = container_of(node, struct thread, policy_node);
        enqueue(t, place(t), ENQUEUE_MOVE);
    }
}

void sched_change_begin(struct thread *t)
{
    t->was_queued = t->queued;
    if (t->queued)
        dequeue(t);
}

void sched_change_end(struct thread *t)
{
    t->slice_ns = 0;
    if (t->was_queued)
        enqueue(t, place(t), ENQUEUE_MOVE);
    /* The running one may have to give way, or to leave its vcpu. */
    if (t->queued || t->state == THREAD_RUNNING)
        vcpu_kick(t->queued ? place(t) : t->vcpu);
}

void thread_set_nice(struct thread *t, int nice)
{
    sched_change_begin(t);
    t->nice = (int8_t)nice;
    sched_change_end(t);
}

/* ------------------------------------------------------------------ vcpus */

void sched_vcpu_add(struct sched_vcpu *v)
{
    assert(v->number == sched.count && sched.count < SCHED_VCPUS_MAX);
    if (sched.count == 1) {
        xstate_share();
    }
    sched.vcpus[sched.count++] = v;
}

static void want_resched(void *arg)
{
    (void)arg;
    vcpu_local()->need_resched = 1;
}

void sched_setup(void)
{
    sched.policy = &policy_rr;
    sched.policy->init(SCHED_VCPUS_MAX);
    event_register(EVENT_RESCHED, want_resched, nullptr);
    sched_barrier_setup();
    domain_lock_setup();
}
