/* SPDX-License-Identifier: BSD-2-Clause */
/* cputime.h - the CPU time that threads and processes have used.
 *
 * The sum is exact: counted in cycles at each thread switch.  Its split into user and system time
 * comes from samples, as on a Linux kernel with CONFIG_TICK_CPU_ACCOUNTING: a timer event that
 * finds the libOS at work is system time.
 */
#pragma once

#include <stdint.h>

struct thread;
struct process;

struct cputime {
    uint64_t cycles;
    uint32_t user_samples, system_samples;
};

struct cputime_split {
    uint64_t user_ns, system_ns;
};

/* Of one thread; up to date even if it runs now. */
uint64_t cputime_thread_ns(const struct thread *t);
/* Of all the process's threads; those that ended have added theirs to process->cputime. */
uint64_t cputime_process_ns(const struct process *p);
struct cputime_split cputime_thread(const struct thread *t);
struct cputime_split cputime_process(const struct process *p);
