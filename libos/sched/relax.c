/* SPDX-License-Identifier: BSD-2-Clause */
/* relax.c - letting others in during a long system call. */
#include <exo/stubs.h>
#include "base/assert.h"
#include "sched/event.h"
#include "sched/lock.h"
#include "sched/sched.h"
#include "signal/signal.h"

bool sched_relax(void)
{
    assert(domain_is_locked());
    struct vcpu_local *local = vcpu_local();
    struct sched_vcpu *v = vcpu_current();
    event_dispatch();
    sched_program_timer(v);
    if (sched_slice_is_over(v)) {
        sched_preempt(ENQUEUE_EXPIRED);
    } else if (local->need_resched && sched_ready(v->number) > 0) {
        sched_preempt(ENQUEUE_PREEMPT);
    } else if (domain_lock_is_wanted()) {
        domain_unlock();
        domain_lock();
    }
    return signal_pending(current);
}
