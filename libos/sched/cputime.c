/* SPDX-License-Identifier: BSD-2-Clause */
/* cputime.c - the CPU time that threads and processes have used. */
#include "sched/cputime.h"

#include "proc/process.h"
#include "sched/thread.h"
#include "sched/time.h"

static struct cputime thread_sum(const struct thread *t)
{
    struct cputime sum = t->cputime;
    if (t->state == THREAD_RUNNING)
        sum.cycles += arch_cycles() - t->switched_in_tsc;
    return sum;
}

static struct cputime process_sum(const struct process *p)
{
    struct cputime sum = p->cputime;
    list_for_each(node, &p->threads) {
        struct cputime one = thread_sum(container_of(node, struct thread, process_node));
        sum.cycles += one.cycles;
        sum.user_samples += one.user_samples;
        sum.system_samples += one.system_samples;
    }
    return sum;
}

/* Without samples all is user time, as on a Linux kernel that has seen no tick. */
static struct cputime_split split(struct cputime sum)
{
    uint64_t total = time_cycles_to_ns(sum.cycles);
    uint64_t samples = (uint64_t)sum.user_samples + sum.system_samples;
    uint64_t system = samples ? total / samples * sum.system_samples : 0;
    return (struct cputime_split){.user_ns = total - system, .system_ns = system};
}

uint64_t cputime_thread_ns(const struct thread *t)
{
    return time_cycles_to_ns(thread_sum(t).cycles);
}

uint64_t cputime_process_ns(const struct process *p)
{
    return time_cycles_to_ns(process_sum(p).cycles);
}

struct cputime_split cputime_thread(const struct thread *t)
{
    return split(thread_sum(t));
}

struct cputime_split cputime_process(const struct process *p)
{
    return split(process_sum(p));
}
