/* SPDX-License-Identifier: BSD-2-Clause */
/* oom.c - memory has run out in the middle of a page fault: some process has to end.
 *
 * Calls that can be refused get ENOMEM; a page fault cannot.  The process with the most private
 * memory goes, corrected by its oom_score_adj as on Linux; the first process only if it is alone,
 * because the machine ends with it.
 *
 * Its private pages are taken at once, without waiting for it to run: who needs memory may hold
 * what the victim waits for.  A victim that still runs elsewhere sees zeroes until its signal
 * arrives, as under Linux's reaper.
 */
#include <asm/signal.h>
#include <stdint.h>

#include "base/log.h"
#include "mm/mm.h"
#include "mm/page.h"
#include "mm/range.h"
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

static bool is_ending(const struct process *p)
{
    return p->exiting || (p->leader && signal_fatal_pending(p->leader));
}

/* Take the private pages of P, which is ending.  False: there are none to be had. */
static bool reap(struct process *p)
{
    struct mm *mm = p->mm;
    if (!mm || mm->refs != 1 || mm->anonymous == 0 || p == process_current())
        return false;
    mm_for_each_vma(vma, mm) {
        if (!(vma->flags & VMA_SHARED))
            mm_zap(vma, vma->start, vma->end);
    }
    return true;
}

void process_oom_kill(void)
{
    struct process *victim = nullptr;
    int64_t worst = -1;

    for (struct process *p = process_next(1); p; p = process_next(p->pid + 1)) {
        int64_t points = p == process_first ? 0 : badness(p);
        if (p->mm && is_ending(p)) {
            if (reap(p) || p == process_current())
                return;
            continue;
        }
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
    (void)reap(victim);
}
