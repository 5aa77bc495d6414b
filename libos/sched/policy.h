/* SPDX-License-Identifier: BSD-2-Clause */
/* policy.h - who runs next: a table of functions, one per domain, replaceable while it runs.
 *
 * The scheduler keeps the states and counts; a policy keeps the threads that are ready.  All functions run
 * under the domain lock.  A thread is known to the policy from `enqueue` until `pick` or `dequeue`
 * takes it out; the one that runs is not.
 */
#pragma once

#include <stdint.h>

struct thread;

enum enqueue_reason : uint8_t {
    ENQUEUE_NEW,     /* runs for the first time */
    ENQUEUE_WAKE,    /* slept */
    ENQUEUE_PREEMPT, /* ran, and has not used up its time */
    ENQUEUE_EXPIRED, /* ran, and has used up its time */
    ENQUEUE_YIELD,   /* gave way */
    ENQUEUE_MOVE,    /* another policy or vcpu had it */
};

struct sched_policy {
    const char *name;
    void (*init)(unsigned vcpus);
    /* T is ready and belongs to the queue of VCPU, which its affinity allows. */
    void (*enqueue)(struct thread *t, unsigned vcpu, enum enqueue_reason why);
    void (*dequeue)(struct thread *t);
    /* Take out the next thread for VCPU; another vcpu's if that one has more than it can run.
     * Null: none. */
    struct thread *(*pick)(unsigned vcpu);
    /* How long T may run before `ENQUEUE_EXPIRED` (while others wait); the same until its class,
     * priority or nice value change. */
    uint64_t (*slice_ns)(const struct thread *t);
    /* Should T, which has just become ready, take the vcpu from RUNNING at once? */
    bool (*preempts)(const struct thread *t, const struct thread *running);
};

constexpr unsigned SCHED_VCPUS_MAX = 16;

extern const struct sched_policy policy_rr; /* round robin, with real-time priorities above */

/* Hand all ready threads over to POLICY. */
void sched_policy_set(const struct sched_policy *policy);
const struct sched_policy *sched_policy_get(void);
const struct sched_policy *sched_policy_find(const char *name);
