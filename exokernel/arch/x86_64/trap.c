/* SPDX-License-Identifier: BSD-2-Clause */
/* trap.c - exceptions and interrupts.
 *
 * A domain's exceptions go to its libOS as upcalls; the kernel serves only first
 * touches in demand-zero bindings.  The kernel itself faults in two places on purpose:
 * user_copy, and where entry.S pushes an upcall's frame.
 */
#include "arch.h"
#include "calls.h"
#include "cpu.h"
#include "domain.h"
#include "io.h"
#include "irq.h"
#include "log.h"
#include "slice.h"
#include "space.h"
#include "trace.h"
#include "vcpu.h"
#include "xen/xen.h"

static_assert(offsetof(struct exo_vcpu_page, pending) == VP_PENDING);
static_assert(offsetof(struct exo_vcpu_page, masked) == VP_MASKED);
static_assert(offsetof(struct exo_vcpu_page, stack) == VP_STACK);
static_assert(offsetof(struct exo_vcpu_page, upcalls) == VP_UPCALLS);
static_assert(offsetof(struct exo_vcpu_page, ret_rip) == VP_RET_RIP);
static_assert(offsetof(struct exo_vcpu_page, ret_flags) == VP_RET_FLAGS);
static_assert(offsetof(struct exo_vcpu_page, reflections) == VP_REFLECTIONS);
static_assert(offsetof(struct exo_vcpu_page, calls) == VP_CALLS);
static_assert(sizeof(struct exo_upcall_frame) == UPCALL_BYTES);
static_assert(offsetof(struct exo_upcall_frame, r11) == 80);
static_assert(offsetof(struct space, zero_count) == SPACE_ZERO_COUNT);
static_assert(EXO_REGION_BASE >> REGION_SHIFT == REGION_SLOT &&
              EXO_REGION_BYTES == 1ull << REGION_SHIFT);

enum vector {
    VECTOR_NMI = 2,
    VECTOR_DOUBLE_FAULT = 8,
    VECTOR_GP = 13,
    VECTOR_PAGE_FAULT = TRAP_PAGE_FAULT,
    VECTOR_MACHINE_CHECK = 18
};

extern char user_copy_begin[], user_copy_end[], user_copy_failed[];
extern char upcall_fault_begin[], upcall_fault_end[], upcall_trap_begin[], upcall_trap_end[],
    upcall_failed[];

static bool is_between(uint64_t rip, const char *begin, const char *end)
{
    return rip >= (uint64_t)begin && rip < (uint64_t)end;
}

/* A fault of the kernel itself. */
static void kernel_exception(struct trapframe *tf)
{
    const char *resume = is_between(tf->rip, user_copy_begin, user_copy_end) ? user_copy_failed
                         : is_between(tf->rip, upcall_fault_begin, upcall_fault_end) ||
                                 is_between(tf->rip, upcall_trap_begin, upcall_trap_end)
                             ? upcall_failed
                             : nullptr;
    if (resume && (tf->trapno == VECTOR_PAGE_FAULT || tf->trapno == VECTOR_GP)) {
        tf->rip = (uint64_t)resume;
        return;
    }
    if (tf->trapno == VECTOR_PAGE_FAULT)
        panic(tf, "page fault in the kernel at %lx", cr2_read());
    panic(tf, "exception %lu in the kernel", tf->trapno);
}

static bool serve_zero(struct cpu *cpu, uint64_t va, uint64_t error)
{
    lock_take(&exo_lock);
    bool is_served = space_serve_zero(cpu->running->space, va, error);
    lock_release(&exo_lock);
    if (is_served)
        cpu->running->page->zero_fills++;
    return is_served;
}

static void domain_faulted(struct cpu *cpu, struct trapframe *tf)
{
    lock_take(&exo_lock);
    log_line("exception %lu error %lx at %lx, address %lx, stack %lx", tf->trapno, tf->error,
             tf->rip, cr2_read(), tf->rsp);
    domain_end(cpu->running->dom, "its stack cannot take an upcall");
    slice_reschedule(cpu, tf);
    lock_release(&exo_lock);
}

static void user_exception(struct cpu *cpu, struct trapframe *tf)
{
    uint64_t va = tf->trapno == VECTOR_PAGE_FAULT ? cr2_read() : 0;
    if (tf->trapno == VECTOR_PAGE_FAULT && cpu->running->space->zero_count > 0 &&
        serve_zero(cpu, va, tf->error))
        return;
    if (!vcpu_push_upcall(cpu->running, tf, tf->trapno, tf->error, va))
        domain_faulted(cpu, tf);
}

/* A domain that is gone, a slot that was taken away or a slice that is over. */
static bool must_leave(const struct cpu *cpu) REQUIRES(exo_lock)
{
    const struct vcpu *vcpu = cpu->running;
    return vcpu &&
           (vcpu->cpu != cpu || vcpu->state != VCPU_RUNNING || vcpu->dom->state != DOMAIN_RUNS);
}

static void interrupt(struct cpu *cpu, struct trapframe *tf)
{
    if (tf->trapno == VECTOR_SPURIOUS)
        return;
    arch_irq_done();
    trace(cpu, EXO_TRACE_INTERRUPT, 0, (uint32_t)tf->trapno, 0, 0);
    cpu_answer();
    lock_take(&exo_lock);
    if (tf->trapno == VECTOR_TIMER)
        slice_timer(cpu);
    else if (tf->trapno == VECTOR_XEN)
        xen_events_take();
    else if (tf->trapno >= VECTOR_FIRST_LINE && tf->trapno < VECTOR_TIMER)
        irq_raise((uint32_t)tf->trapno - VECTOR_FIRST_LINE);
    /* Idle CPUs take interrupts inside slice_reschedule, which looks for itself. */
    if (trapframe_is_user(tf)) {
        if (must_leave(cpu))
            slice_reschedule(cpu, tf);
        else
            slice_arm_timer(cpu);
    }
    lock_release(&exo_lock);
}

void trap_handle(struct trapframe *tf);

void trap_handle(struct trapframe *tf)
{
    struct cpu *cpu = cpu_here();
    bool is_user = trapframe_is_user(tf);
    if (tf->trapno == VECTOR_NMI || tf->trapno == VECTOR_DOUBLE_FAULT ||
        tf->trapno == VECTOR_MACHINE_CHECK)
        panic(tf, "exception %lu", tf->trapno);
    if (tf->trapno >= 32)
        interrupt(cpu, tf);
    else if (is_user)
        user_exception(cpu, tf);
    else
        kernel_exception(tf);
    if (is_user)
        trap_events(tf);
}
