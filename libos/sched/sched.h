/* SPDX-License-Identifier: BSD-2-Clause */
/* sched.h - the scheduler: vcpus, switching, preemption.
 *
 * Each vcpu has an idle thread, whose stack is the one the vcpu started on.  A switch happens
 * with the domain lock held on both sides: the lock belongs to the vcpu, so the stack that was
 * left is at rest before any other vcpu can pick its thread.
 */
#pragma once

#include <exo/abi.h>
#include <stdint.h>
#include "sched/policy.h"
#include "sched/thread.h"

/* A vcpu's part of the scheduler's state; vcpu_local()->sched points to it. */
struct sched_vcpu {
    unsigned number;
    exo_cap cap;
    struct exo_vcpu_page *page;
    bool yield_wanted;      /* the slice is over: yield once the lock is free */
    struct thread *running; /* the current thread, for other vcpus to see */
    struct thread *dead;    /* left its stack for good; freed by the thread that comes after */
    unsigned ready;         /* threads that wait for it */
    bool slice_known;       /* slice_end_ns has been worked out */
    uint64_t slice_end_ns;  /* of the running thread: sched_slice_end */
    uint64_t slice_from_tsc;
    uint64_t armed_ns;  /* what the vcpu's timer is set to, or WAIT_FOREVER */
    uint64_t sample_ns; /* when CPU time is sampled next; passed over while the vcpu idles */
    uint64_t switches;
    uint64_t barriers;  /* times that EVENT_BARRIER was handled */
    struct thread idle; /* its cputime is the vcpu's idle time */
};

/* Make the calling vcpu the domain's first, its current stack the idle stack.  Takes the domain
 * lock: everything from here on runs under it. */
void sched_init(void);

/* Start COUNT - 1 more vcpus on the CPUs 1, 2, ...  Those that cannot be started are logged and
 * left out. */
void vcpu_boot_others(unsigned count);

/* vcpu_start with arch/'s entry points; STACK is the top of the new vcpu's idle stack. */
enum exo_status arch_vcpu_start(exo_cap vcpu, uint64_t stack);

/* A new vcpu comes here, on its idle stack, events masked (entry.S, arch_vcpu_first). */
[[noreturn]] void vcpu_main(void);

/* How many vcpus run threads. */
unsigned vcpu_count(void);
struct sched_vcpu *vcpu_of(unsigned number);

static inline struct sched_vcpu *vcpu_current(void)
{
    return vcpu_local()->sched;
}

/* The scheduler's own parts: before the first vcpu is added; of timer and load; a further vcpu. */
void sched_setup(void);
void sched_barrier_setup(void);
void sched_tick_setup(void);
void sched_vcpu_add(struct sched_vcpu *v);

/* The idle loop: runs what is ready, for ever.  The boot path ends here. */
[[noreturn]] void sched_run(void);

/* Give up the vcpu.  The current thread's state, which the caller has set, says why. */
void schedule(void);

/* Let others run, but stay ready. */
void sched_preempt(enum enqueue_reason why);

/* A point within a long system call at which nothing of the libOS is half done, as before a sleep:
 * events are handled, others may have the vcpu and the domain lock.  True: a signal waits for the
 * current thread. */
bool sched_relax(void);

/* What every thread does first after it has got the vcpu: free the stack of one that ended. */
void sched_finish_switch(void);

/* T, which slept or is new, is ready. */
void sched_make_ready(struct thread *t, enum enqueue_reason why);

/* A signal has come for T: end its sleep if it is one that this may end, or make its vcpu look.
 * FATAL: SIGKILL or the like. */
void thread_interrupt(struct thread *t, bool fatal);

/* The current thread stops until thread_continue (job control). */
void thread_stop(void);
void thread_continue(struct thread *t);

/* Class, priority, nice value or affinity of T change between these two. */
void sched_change_begin(struct thread *t);
void sched_change_end(struct thread *t);

/* Make vcpu V pass through return_work soon. */
void vcpu_kick(unsigned v);

/* Every thread of P that runs has made a full memory barrier: membarrier(2).  Sleeps. */
void sched_barrier(const struct process *p);

/* Set the vcpu's timer for the earliest thing to do; before each way out of the libOS. */
void sched_program_timer(struct sched_vcpu *v);

/* The running thread's turn on V is over and others wait. */
bool sched_slice_is_over(struct sched_vcpu *v);
/* When it ends if others wait: CLOCK_MONOTONIC. */
uint64_t sched_slice_end(struct sched_vcpu *v);
/* It does not end before the next sample of V is due, so that needs no timer of its own. */
bool sched_slice_outlasts_sample(const struct sched_vcpu *v);

/* Ready and running threads; the load averages of /proc/loadavg in units of 1/65536. */
unsigned sched_runnable(void);
void sched_loadavg(uint64_t load[3]);
static inline unsigned sched_ready(unsigned vcpu) /* threads that wait for it */
{
    return vcpu_of(vcpu)->ready;
}
uint64_t sched_idle_ns(unsigned vcpu);
uint64_t sched_switches(void);

/* All threads with their states and what they wait for, to the log. */
void sched_dump(void);
