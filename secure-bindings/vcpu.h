/* SPDX-License-Identifier: BSD-2-Clause */
/* vcpu.h - a dispatchable context of a domain.
 *
 * Life: NEW -> (vcpu_start) READY <-> RUNNING -> WAITING -> READY ... -> destroyed.
 * RUNNING: its registers are in the machine, and in the trapframe while its CPU is in
 * the kernel.  Else they are in `saved`.  A vcpu runs on the one CPU whose slots name it.
 */
#pragma once

#include <exo/abi.h>
#include <exo/vcpu.h>
#include "arch.h"
#include "captable.h"
#include "lock.h"

struct cpu;
struct domain;
struct space;

enum vcpu_state : uint8_t {
    VCPU_NEW,
    VCPU_READY,
    VCPU_RUNNING,
    VCPU_WAITING
};

struct vcpu {
    alignas(
        64) uint8_t xstate[ARCH_XSAVE_MAX]; /* extended state while another's is in the registers */
    struct domain *dom;
    struct cap_place name;
    uint32_t number;
    enum vcpu_state state;
    bool xstate_traps; /* vcpu_trap_extended */
    exo_frame object, page_frame;
    struct exo_vcpu_page *page; /* through the direct map */
    uint64_t page_va;
    uint64_t linux_entry, upcall_entry;
    struct space *space;
    struct cpu *cpu;         /* whose slots name it; null: none do */
    struct cpu *xstate_cpu;  /* where it ran last */
    struct vcpu *next_bound; /* in cpu->bound */
    uint32_t slots;
    uint64_t timer_tsc; /* EXO_EVENT_TIMER then; 0: off */
    uint64_t wait_tsc;  /* WAITING: READY then; 0: no limit */
    uint64_t tls;
    struct trapframe saved;
};
static_assert(sizeof(struct vcpu) <= EXO_FRAME_BYTES);

[[nodiscard]] enum exo_status vcpu_create(struct domain *dom, exo_frame object, exo_frame page,
                                          uint64_t page_va, struct space *space, struct vcpu **out)
    REQUIRES(exo_lock);
/* Stop it, wherever it runs, and free what it used. */
void vcpu_free(struct vcpu *vcpu) REQUIRES(exo_lock);

/* Set event bits; wake it, or interrupt the CPU that runs it, if they are not masked. */
void vcpu_notify(struct vcpu *vcpu, uint64_t events) REQUIRES(exo_lock);

/* Push an upcall frame for the running vcpu and point TF at its upcall entry.  False, with
 * TF unchanged, if its stack cannot take the frame. */
bool vcpu_push_upcall(struct vcpu *vcpu, struct trapframe *tf, uint64_t cause, uint64_t error,
                      uint64_t detail);

/* Before going back to user mode: an upcall if events are pending and not masked. */
void vcpu_deliver_events(struct vcpu *vcpu, struct trapframe *tf);
