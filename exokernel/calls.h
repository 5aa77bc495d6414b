/* SPDX-License-Identifier: BSD-2-Clause */
/* calls.h - the handlers of kernel calls, made from exo/calls.def.
 *
 * A handler checks everything, then changes state; after the first change nothing can
 * fail.  It runs with exo_lock held and interrupts off.
 */
#pragma once

#include <exo/abi.h>
#include "caller.h"
#include "lock.h"
#include "trapframe.h"

#define EXO_CALL0(nr, name, second_kind)                                                           \
    enum exo_status call_##name(struct caller *c) REQUIRES(exo_lock);
#define EXO_CALL1(nr, name, second_kind, t0, a0)                                                   \
    enum exo_status call_##name(struct caller *c, t0 a0) REQUIRES(exo_lock);
#define EXO_CALL2(nr, name, second_kind, t0, a0, t1, a1)                                           \
    enum exo_status call_##name(struct caller *c, t0 a0, t1 a1) REQUIRES(exo_lock);
#define EXO_CALL3(nr, name, second_kind, t0, a0, t1, a1, t2, a2)                                   \
    enum exo_status call_##name(struct caller *c, t0 a0, t1 a1, t2 a2) REQUIRES(exo_lock);
#define EXO_CALL4(nr, name, second_kind, t0, a0, t1, a1, t2, a2, t3, a3)                           \
    enum exo_status call_##name(struct caller *c, t0 a0, t1 a1, t2 a2, t3 a3) REQUIRES(exo_lock);
#define EXO_CALL5(nr, name, second_kind, t0, a0, t1, a1, t2, a2, t3, a3, t4, a4)                   \
    enum exo_status call_##name(struct caller *c, t0 a0, t1 a1, t2 a2, t3 a3, t4 a4)               \
        REQUIRES(exo_lock);
#include <exo/calls.def>
#undef EXO_CALL0
#undef EXO_CALL1
#undef EXO_CALL2
#undef EXO_CALL3
#undef EXO_CALL4
#undef EXO_CALL5

/* The numbers. */
enum call_number {
#define EXO_CALL0(nr, name, ...) EXO_NR_##name = (nr),
#define EXO_CALL1(nr, name, ...) EXO_NR_##name = (nr),
#define EXO_CALL2(nr, name, ...) EXO_NR_##name = (nr),
#define EXO_CALL3(nr, name, ...) EXO_NR_##name = (nr),
#define EXO_CALL4(nr, name, ...) EXO_NR_##name = (nr),
#define EXO_CALL5(nr, name, ...) EXO_NR_##name = (nr),
#include <exo/calls.def>
#undef EXO_CALL0
#undef EXO_CALL1
#undef EXO_CALL2
#undef EXO_CALL3
#undef EXO_CALL4
#undef EXO_CALL5
};

struct cpu;
typedef enum exo_status call_fn(uint64_t a0, uint64_t a1, uint64_t a2, uint64_t a3, uint64_t a4,
                                struct cpu *cpu);

/* Where entry.S goes, by number: to the call itself, or to one of the two below.  Constant once
 * calls_init was called, after all CPUs have started and before the first domain. */
extern call_fn *call_entry[EXO_CALL_SPAN];
void calls_init(void);

/* entry.S: takes the lock around the call, for there are several CPUs; makes a trapframe of the
 * call, for its caller's registers are needed, or it is to be traced. */
call_fn exo_call_shared, exo_call_whole;

/* The call whose number cpu->caller has. */
call_fn trap_call_shared;

/* Serve the call in TF and leave in it what runs next. */
void trap_call(struct trapframe *tf);

/* Back to the running vcpu's program: an upcall comes first if events are pending. */
void trap_events(struct trapframe *tf);
