/* SPDX-License-Identifier: BSD-2-Clause */
/* slice.h - each CPU's ring of time slots, and what runs in them.
 *
 * A slot belongs to a domain (exo_info.slice_owner) and names a vcpu or none.  The CPU
 * walks its ring; slots whose vcpu is not ready are skipped, so idle time is lent.  A vcpu
 * that wakes waits until the walk comes to its slot.  Neighbouring slots of one vcpu merge: there is no tick while
 * nobody else wants the CPU.
 */
#pragma once

#include <exo/info.h>
#include "lock.h"

struct cpu;
struct trapframe;
struct vcpu;

constexpr uint64_t SLOT_MS = 5;
constexpr uint64_t GRACE_US = 500; /* from EXO_EVENT_SLICE_END to the forced switch */

/* Let go of whatever TF is the context of, if the CPU should run something else now, and
 * leave in TF what runs next; idles inside, with the lock released, while nothing is ready. */
void slice_reschedule(struct cpu *cpu, struct trapframe *tf) REQUIRES(exo_lock);

/* The CPU's timer rang: time-outs, timers, slice ends. */
void slice_timer(struct cpu *cpu) REQUIRES(exo_lock);
/* Set the CPU's timer to the next thing that is due. */
void slice_arm_timer(struct cpu *cpu) REQUIRES(exo_lock);

/* VCPU became ready: see that its CPU notices. */
void slice_made_ready(struct vcpu *vcpu) REQUIRES(exo_lock);
/* The slots of domain FROM belong to domain TO. */
void slice_return_all(uint16_t from, uint16_t to) REQUIRES(exo_lock);
/* VCPU, which has no slot anywhere, is going to have some of CPU's. */
void slice_bind_first(struct cpu *cpu, struct vcpu *vcpu) REQUIRES(exo_lock);
/* Take VCPU out of every slot. */
void slice_unbind_all(struct vcpu *vcpu) REQUIRES(exo_lock);
