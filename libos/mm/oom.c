/* SPDX-License-Identifier: BSD-2-Clause */
/* oom.c - memory has run out in the middle of a page fault: some process has to end.
 *
 * Calls that can be refused get ENOMEM; a page fault cannot.  The process with the most private
 * memory goes, corrected by its oom_score_adj as on Linux; the first process only if it is alone,
 * because the machine ends with it.
 */
#include <asm/signal.h>
#include <stdint.h>

#include "base/log.h"
#include "mm/mm.h"
#include "mm/page.h"
#include "proc/process.h"
#include "sched/thread.h"

/* Larger is worse.  -1: never. */
static int64_t badness(const struct process *process)
{
    int64_t adjust = (int64_t)process->oom_score_adj * (int64_t)page_total() / 1000;

    if (!process->mm || process->state != PROCESS_RUNNING || process->oom_score_adj == -1000)
        return -1;
    int64_t points = (int64_t)process->mm->anonymous + adjust;
    return points > 0 ? points : 1;
}

void process_oom_kill(void)
{
    struct process *victim = nullptr;
    int64_t worst = -1;

    for (struct process *p = process_next(1); p; p = process_next(p->pid + 1)) {
        int64_t points = p == process_first ? 0 : badness(p);
        if (p->mm && (p->exiting || (p->leader && signal_fatal_pending(p->leader))))
            return; /* its memory is about to come back */
        if (points > worst) {
            worst = points;
            victim = p;
        }
    }
    if (!victim)
        return;
    log_warn("out of memory: killing process %d (%s), which has %lu KiB of its own", victim->pid,
             victim->leader ? victim->leader->comm : "?",
             victim->mm ? victim->mm->anonymous * 4 : 0);
    (void)signal_send_process(victim, SIGKILL, SIGNAL_FROM_KERNEL);
}
