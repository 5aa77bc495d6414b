/* SPDX-License-Identifier: BSD-2-Clause */
/* return.c - the way back to the program: everything that has to be done before it. */
#include <exo/stubs.h>
#include "arch/arch.h"
#include "base/assert.h"
#include "sched/event.h"
#include "sched/lock.h"
#include "sched/sched.h"
#include "sched/time.h"
#include "sched/work.h"
#include "sched/xstate.h"
#include "signal/signal.h"

/* Is there anything that lasting_work has to look at? */
static bool is_work_left(const struct thread *t, const struct regs *regs)
{
    const struct exo_vcpu_page *page = vcpu_page();
    const struct vcpu_local *local = (const struct vcpu_local *)page->libos;
    bool is_asked = t->signal.attention | t->signal.has_work | t->signal.restore_blocked;
    return page->pending | local->need_resched | is_asked || signal_call_was_interrupted(regs);
}

/* Does one thing that may bring up others. */
[[gnu::noinline]] static void lasting_work(struct regs *regs)
{
    event_dispatch();
    struct vcpu_local *local = vcpu_local();
    if (local->need_resched) {
        local->need_resched = 0;
        if (sched_ready(local->number) > 0)
            sched_preempt(sched_slice_is_over(vcpu_current()) ? ENQUEUE_EXPIRED : ENQUEUE_PREEMPT);
    } else if (thread_work_pending(current)) {
        (void)thread_work_run();
    } else if (signal_pending(current) || signal_call_is_open(regs)) {
        if (signal_deliver(regs))
            syscall_dispatch(regs);
    } else {
        current->signal.has_work = false;
    }
}

/* Called with the domain lock held, events masked; releases the lock.  Bits that become pending
 * after the last look are seen by entry.S, which unmasks and looks once more. */
void return_work(struct regs *regs)
{
    struct thread *t = current;
    while (is_work_left(t, regs) || !rseq_return(regs))
        lasting_work(regs);
    struct vcpu_local *local = vcpu_local();
    struct sched_vcpu *v = local->sched;
    local->return_due = 0;
    sched_program_timer(v);
    if (!xstate_is_live(t))
        xstate_prepare(t);
    bool yield = v->yield_wanted;
    v->yield_wanted = false;
    domain_unlock();
    if (yield)
        (void)exo_vcpu_yield(EXO_CAP_SELF);
}
