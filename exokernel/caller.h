/* SPDX-License-Identifier: BSD-2-Clause */
/* caller.h - who makes a kernel call, and what the call tells besides its status. */
#pragma once

#include <stddef.h>
#include <stdint.h>
#include "layout.h"

struct cpu;
struct domain;
struct trapframe;
struct vcpu;

/* Each CPU has one: who runs there (slice.c keeps it). */
struct caller {
    struct cpu *cpu;
    struct vcpu *vcpu;
    struct domain *dom;
    struct trapframe *tf; /* calls that leave only */
    uint64_t second;      /* the call's second result */
    uint64_t number;      /* trap_call_shared only */
    bool reschedule;      /* something else may have to run now; calls that leave only */
};
static_assert(offsetof(struct caller, second) == CALLER_SECOND);
static_assert(offsetof(struct caller, number) == CALLER_NUMBER);
