/* SPDX-License-Identifier: BSD-2-Clause */
/* itimer.h - the timers that belong to a process: setitimer(2), alarm(2), timer_create(2).
 *
 * They live in the process's struct signal_process.
 */
#pragma once

#include <stdint.h>
#include "base/list.h"
#include "sched/timer.h"

struct process;
struct thread;

/* ITIMER_VIRTUAL and ITIMER_PROF count the process's CPU time. */
struct cpu_itimer {
    uint64_t due_ns; /* process CPU time; 0: off */
    uint64_t interval_ns;
};

struct process_timers {
    struct process *process;
    struct timer real; /* ITIMER_REAL */
    uint64_t real_interval_ns;
    struct cpu_itimer virtual, prof;
    struct list_node posix; /* struct posix_timer, sched/posix_timer.h */
    int32_t posix_next_id;
    uint32_t posix_cpu_armed; /* of these, armed ones that count CPU time */
};

void process_timers_init(struct process_timers *t, struct process *p); /* fork: none armed */
void process_timers_exec(struct process_timers *t);                    /* POSIX timers go */
void process_timers_release(struct process_timers *t);

/* setitimer(2): WHICH is ITIMER_*.  What is left of it, and its interval. */
struct itimer_setting {
    uint64_t left_ns, interval_ns;
};
struct itimer_setting itimer_get(const struct process_timers *t, int which);
void itimer_set(struct process_timers *t, int which, const struct itimer_setting *setting);

/* Timer tick for the running thread: CPU-time timers and RLIMIT_CPU. */
void process_timers_tick(struct thread *t);
/* Has a tick anything to do for them? */
bool process_timers_want_tick(const struct process *p);
