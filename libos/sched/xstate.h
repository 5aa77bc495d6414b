/* SPDX-License-Identifier: BSD-2-Clause */
/* xstate.h - whose extended state (x87, SSE, AVX) a vcpu's registers hold.
 *
 * The registers keep a thread's state until another one uses them: a thread that comes back to its
 * program and whose state they do not hold meets exception 7 at its first such instruction (SDM
 * vol. 3A, 2.5, CR0.TS), and only then they change hands.  A thread that uses them in every turn
 * gets them at once.  With several vcpus a thread's state is saved when it leaves the vcpu, for
 * nobody could fetch it from there.
 * All of it runs under the domain lock.
 */
#pragma once

#include "sched/thread.h"

/* Do the registers of this vcpu hold T's state? */
static inline bool xstate_is_live(const struct thread *t)
{
    const struct vcpu_local *local = vcpu_local();
    return local->xstate_owner == t && t->arch.xstate_vcpu == (int32_t)local->number;
}

/* The current thread, whose state is not live, goes back to its program. */
void xstate_prepare(struct thread *t);

/* It uses the registers: now they hold its state. */
void xstate_take(struct thread *t);

/* T leaves the vcpu. */
void xstate_leave(struct thread *t);

/* The domain gets a second vcpu. */
void xstate_share(void);

/* Bring the current thread's extended state into its memory area; and the other way, after the
 * area was changed. */
void thread_xstate_sync(void);
void thread_xstate_changed(void);
