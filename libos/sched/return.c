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
#include "signal/signal.h"

/* The registers of the program's extended state hold T's. */
static void xstate_restore(struct thread *t)
{
    struct vcpu_local *local = vcpu_local();
    struct thread *owner = local->xstate_owner;
    if (owner == t && t->arch.xstate_vcpu == (int32_t)local->number)
        return;
    /* With several vcpus the owner was saved when it was switched out, and may be gone by now. */
    if (owner && vcpu_count() == 1 && owner->arch.xstate_vcpu == (int32_t)local->number) {
        arch_xstate_save(&owner->arch);
        owner->arch.xstate_vcpu = -1;
    }
    arch_xstate_load(&t->arch);
    t->arch.xstate_vcpu = (int32_t)local->number;
    local->xstate_owner = t;
}

/* Called with the domain lock held, events masked; releases the lock.  Bits that become pending
 * after the last look are seen by entry.S, which unmasks and looks once more. */
void return_work(struct regs *regs)
{
    for (;;) {
        event_dispatch();
        struct vcpu_local *local = vcpu_local();
        if (local->need_resched) {
            local->need_resched = 0;
            if (sched_ready(local->number) > 0)
                sched_preempt(sched_slice_is_over(vcpu_current()) ? ENQUEUE_EXPIRED
                                                                  : ENQUEUE_PREEMPT);
        } else if (thread_work_pending(current)) {
            (void)thread_work_run();
        } else if (signal_pending(current) || signal_call_is_open(regs)) {
            if (signal_deliver(regs))
                syscall_dispatch(regs);
        } else if (rseq_return(regs)) {
            break;
        }
    }
    struct sched_vcpu *v = vcpu_current();
    vcpu_local()->return_due = 0;
    current->signal.has_work = false;
    sched_program_timer(v);
    xstate_restore(current);
    bool yield = v->yield_wanted;
    v->yield_wanted = false;
    domain_unlock();
    if (yield)
        (void)exo_vcpu_yield(EXO_CAP_SELF);
}
