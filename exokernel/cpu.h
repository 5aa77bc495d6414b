/* SPDX-License-Identifier: BSD-2-Clause */
/* cpu.h - the processors: what each runs, and how one asks another to look again.
 *
 * A struct cpu's fields are written by its own CPU, or by the holder of exo_lock.
 */
#pragma once

#include <exo/info.h>
#include <stdatomic.h>
#include "arch.h"
#include "caller.h"
#include "cpu_arch.h"
#include "lock.h"

struct vcpu;
struct space;
struct flush;
struct exo_trace_head;

struct cpu {
    struct cpu *self; /* %gs:0 while in the kernel */
    uint64_t stack_top;
    uint64_t user_rsp;    /* entry.S, during entry */
    void *vcpu_page;      /* the running vcpu's page, in the direct map */
    uint64_t linux_entry; /* where its reflected calls go */
    uint64_t vcpu_page_va;
    uint64_t scratch; /* entry.S, during entry */
    uint64_t upcall_entry;
    struct space *loaded;          /* whose tables CR3 walks; none: the kernel's own */
    struct exo_trace_head *trace;  /* its ring, or none: trace.h */
    uint64_t user_flags, user_rbp; /* entry.S, during a call */
    struct caller caller;          /* the running vcpu, as its calls see it */

    uint32_t number;
    bool online;
    struct vcpu *running;      /* none: idle */
    struct vcpu *xstate_owner; /* who ran here last: the registers still hold its extended state */

    struct vcpu *ring[EXO_SLOTS]; /* the slices (slice.c) */
    struct vcpu *bound;           /* each vcpu that has slots, a list through vcpu.next_bound */
    const struct domain *ports;   /* whose port rights the TSS holds */
    uint32_t slot;
    uint64_t slot_end_tsc;
    uint64_t grace_end_tsc; /* the running vcpu was told that its slice ends; 0: not */
    struct vcpu *next_hint; /* vcpu_yield named who goes next */

    /* Shootdown: the asker stores, this CPU clears when it has flushed (cpu.c). */
    _Atomic(const struct flush *) flush_request;

    uint64_t call_tsc; /* while traced: when the call under way began */

    struct cpu_arch arch;
};
static_assert(offsetof(struct cpu, stack_top) == CPU_STACK);
static_assert(offsetof(struct cpu, user_rsp) == CPU_USER_RSP);
static_assert(offsetof(struct cpu, vcpu_page) == CPU_VCPU_PAGE);
static_assert(offsetof(struct cpu, linux_entry) == CPU_LINUX_ENTRY);
static_assert(offsetof(struct cpu, vcpu_page_va) == CPU_PAGE_VA);
static_assert(offsetof(struct cpu, scratch) == CPU_SCRATCH);
static_assert(offsetof(struct cpu, upcall_entry) == CPU_UPCALL_ENTRY);
static_assert(offsetof(struct cpu, loaded) == CPU_LOADED);
static_assert(offsetof(struct cpu, user_flags) == CPU_USER_FLAGS);
static_assert(offsetof(struct cpu, user_rbp) == CPU_USER_RBP);
static_assert(offsetof(struct cpu, caller) == CPU_CALLER);
static_assert(offsetof(struct cpu, trace) == CPU_TRACE);

extern struct cpu cpus[EXO_MAX_CPUS];
extern uint32_t cpu_count; /* online; fixed once boot is over */

static inline struct cpu *cpu_here(void)
{
    struct cpu *cpu;
    __asm__ volatile("movq %%gs:0, %0" : "=r"(cpu));
    return cpu;
}

/* Do what other CPUs asked of this one.  Safe anywhere in the kernel: it only flushes. */
void cpu_answer(void);

/* Flush as F says on every CPU of the mask but this one, and wait until they have.  Each
 * answers within its current kernel path: that has interrupts off but no lock. */
void cpu_flush_others(const struct flush *f, uint32_t cpu_mask) REQUIRES(exo_lock);

/* Where CPUs other than the first enter C. */
[[noreturn]] void cpu_other_main(struct cpu *cpu);
