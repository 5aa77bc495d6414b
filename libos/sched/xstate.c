/* SPDX-License-Identifier: BSD-2-Clause */
/* xstate.c - handing over the extended state from thread to thread. */
#include "sched/xstate.h"

#include <exo/stubs.h>
#include "base/log.h"
#include "sched/sched.h"

constexpr uint8_t USES_EVERY_TURN = 3; /* turns in a row in which it used them */
constexpr uint8_t TURNS_TO_TRUST = 64; /* then it is looked at again */

static void trap_set(struct vcpu_local *local, bool on)
{
    if (local->xstate_traps == on)
        return;
    enum exo_status status = exo_vcpu_trap_extended(on);
    if (status != EXO_OK)
        panic("vcpu_trap_extended: status %d", (int)status);
    local->xstate_traps = on;
}

static void save(struct vcpu_local *local, struct thread *t)
{
    trap_set(local, false);
    arch_xstate_save(&t->arch);
}

void xstate_take(struct thread *t)
{
    struct vcpu_local *local = vcpu_local();
    struct thread *owner = local->xstate_owner;
    trap_set(local, false);
    if (t->arch.xstate_uses < USES_EVERY_TURN + TURNS_TO_TRUST)
        t->arch.xstate_uses++;
    else
        t->arch.xstate_uses = 0;
    if (xstate_is_live(t))
        return;
    /* With several vcpus the owner was saved when it left, and may be gone by now. */
    if (owner && vcpu_count() == 1 && owner->arch.xstate_vcpu == (int32_t)local->number) {
        arch_xstate_save(&owner->arch);
        owner->arch.xstate_vcpu = -1;
    }
    arch_xstate_load(&t->arch);
    t->arch.xstate_vcpu = (int32_t)local->number;
    local->xstate_owner = t;
}

void xstate_prepare(struct thread *t)
{
    if (t->arch.xstate_uses >= USES_EVERY_TURN)
        xstate_take(t);
    else
        trap_set(vcpu_local(), true);
}

void xstate_leave(struct thread *t)
{
    struct vcpu_local *local = vcpu_local();
    if (!xstate_is_live(t)) {
        t->arch.xstate_uses = 0;
        return;
    }
    if (t->state == THREAD_DEAD)
        local->xstate_owner = nullptr;
    else if (vcpu_count() > 1 && !local->xstate_traps) /* else it was not used since it was saved */
        arch_xstate_save(&t->arch);
}

void xstate_share(void)
{
    struct vcpu_local *local = vcpu_local();
    if (local->xstate_owner)
        save(local, local->xstate_owner);
}

void thread_xstate_sync(void)
{
    if (xstate_is_live(current))
        save(vcpu_local(), current);
}

void thread_xstate_changed(void)
{
    struct thread *t = current;
    if (xstate_is_live(t))
        vcpu_local()->xstate_owner = nullptr;
    t->arch.xstate_vcpu = -1;
    vcpu_local()->return_due = 1;
}
