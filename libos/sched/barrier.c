/* SPDX-License-Identifier: BSD-2-Clause */
/* barrier.c - every vcpu that runs a process passes through the libOS: membarrier(2). */
#include <exo/stubs.h>
#include "sched/event.h"
#include "sched/sched.h"

static struct wait_queue barrier_queue = WAIT_QUEUE_INIT(barrier_queue);

static void pass_through(void *arg)
{
    (void)arg;
    vcpu_current()->barriers++;
    wait_wake_all(&barrier_queue, 0);
}

/* The interrupt that brings a vcpu here is a full barrier for the program it ran. */
void sched_barrier(const struct process *p)
{
    uint64_t seen[SCHED_VCPUS_MAX];
    uint64_t waiting = 0;
    for (unsigned v = 0; v < vcpu_count(); v++) {
        struct sched_vcpu *vcpu = vcpu_of(v);
        if (vcpu == vcpu_current() || !vcpu->running->user || vcpu->running->process != p)
            continue;
        seen[v] = vcpu->barriers;
        waiting |= 1ull << v;
        (void)exo_vcpu_notify(vcpu->cap, 1ull << EVENT_BARRIER);
    }
    while (waiting) {
        unsigned v = (unsigned)__builtin_ctzll(waiting);
        if (vcpu_of(v)->barriers != seen[v])
            waiting &= waiting - 1;
        else
            (void)wait_on(&barrier_queue, WAIT_FOREVER, SLEEP_UNINTERRUPTIBLE);
    }
}

void sched_barrier_setup(void)
{
    event_register(EVENT_BARRIER, pass_through, nullptr);
}
