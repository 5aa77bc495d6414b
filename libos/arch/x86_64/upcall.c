/* SPDX-License-Identifier: BSD-2-Clause */
/* upcall.c - what the kernel tells the libOS: faults, exceptions, events. */
#include <asm/signal.h>
#include <asm-generic/siginfo.h>
#include <exo/vcpu.h>
#include "arch/arch.h"
#include "base/assert.h"
#include "base/log.h"
#include "base/string.h"
#include "mm/mm.h"
#include "mm/patch.h"
#include "mm/usermem.h"
#include "proc/process.h"
#include "sched/lock.h"
#include "sched/thread.h"
#include "sched/xstate.h"
#include "signal/signal.h"

/* The interrupted code's general registers (entry.S), and the kernel's frame. */
struct upcall_context {
    uint64_t general[15];
    struct exo_upcall_frame frame;
};
static_assert(offsetof(struct upcall_context, frame) == offsetof(struct regs, orig_rax));

/* SDM vol. 3A, 6.3.1. */
enum vector {
    VECTOR_DIVIDE = 0,
    VECTOR_DEBUG = 1,
    VECTOR_BREAKPOINT = 3,
    VECTOR_OVERFLOW = 4,
    VECTOR_BOUND = 5,
    VECTOR_INVALID_OPCODE = 6,
    VECTOR_EXTENDED = 7, /* CR0.TS */
    VECTOR_STACK = 12,
    VECTOR_PROTECTION = 13,
    VECTOR_PAGE_FAULT = 14,
    VECTOR_FLOAT = 16,
    VECTOR_ALIGNMENT = 17,
    VECTOR_SIMD = 19,
};

extern char image_text_start[], image_text_end[], user_restore_begin[], user_restore_end[];
extern char usercopy_begin[], usercopy_bytes[], usercopy_end[], usercopy_failed[];
extern char userclear_begin[], userclear_bytes[], userclear_end[], userclear_failed[];
extern char userscatter_begin[], userscatter_end[], userscatter_failed[];
extern char usercmpxchg_begin[], usercmpxchg_end[], usercmpxchg_failed[];

/* Code that may fault on user memory, and where it goes on when it does for good.  A copy by
 * eight bytes that fails is tried again by single bytes, to come as far as the page. */
static const struct fixup {
    const char *begin, *end, *resume;
} fixups[] = {
    {usercopy_begin, usercopy_bytes, usercopy_bytes},
    {usercopy_bytes, usercopy_end, usercopy_failed},
    {userclear_begin, userclear_bytes, userclear_bytes},
    {userclear_bytes, userclear_end, userclear_failed},
    {userscatter_begin, userscatter_end, userscatter_failed},
    {usercmpxchg_begin, usercmpxchg_end, usercmpxchg_failed},
};

static const struct fixup *fixup_find(uint64_t rip)
{
    for (size_t i = 0; i < sizeof fixups / sizeof fixups[0]; i++)
        if (rip >= (uint64_t)fixups[i].begin && rip < (uint64_t)fixups[i].end)
            return &fixups[i];
    return nullptr;
}

static bool is_between(uint64_t rip, const char *begin, const char *end)
{
    return rip >= (uint64_t)begin && rip < (uint64_t)end;
}

[[noreturn]] static void libos_exception(const struct upcall_context *c)
{
    const uint64_t *g = c->general;
    log_error("rip %lx rsp %lx rflags %lx", c->frame.rip, c->frame.rsp, c->frame.rflags);
    log_error("rax %lx rbx %lx rcx %lx rdx %lx rsi %lx rdi %lx rbp %lx", g[10], g[5], g[11], g[12],
              g[13], g[14], g[4]);
    log_error("r8 %lx r9 %lx r10 %lx r11 %lx r12 %lx r13 %lx r14 %lx r15 %lx", g[9], g[8], g[7],
              g[6], g[3], g[2], g[1], g[0]);
    /* Likely return addresses, for want of frame pointers. */
    const uint64_t *stack = (const uint64_t *)c->frame.rsp;
    for (int i = 0, shown = 0; i < 256 && shown < 16; i++) {
        if (((uint64_t)(stack + i) & 0xfff) == 0xff8 && i > 0)
            break;
        if (is_between(stack[i], image_text_start, image_text_end)) {
            log_error("  on the stack: %lx", stack[i]);
            shown++;
        }
    }
    panic("exception %lu error %lx in the libOS at %lx, address %lx", c->frame.cause,
          c->frame.error, c->frame.rip, c->frame.detail);
}

/* A fault of the libOS's own code: legitimate in user copies only. */
static void libos_fault(struct upcall_context *c)
{
    const struct fixup *fixup = fixup_find(c->frame.rip);
    if (!fixup || (c->frame.cause != VECTOR_PAGE_FAULT && c->frame.cause != VECTOR_PROTECTION))
        libos_exception(c);
    struct process *process = process_current();
    if (c->frame.cause == VECTOR_PAGE_FAULT && process && process->mm &&
        usermem_is_valid(c->frame.detail, 1) &&
        mm_fault(process->mm, c->frame.detail, c->frame.error, nullptr) == 0)
        return;
    c->frame.rip = (uint64_t)fixup->resume;
}

static void user_page_fault(uint64_t address, uint64_t error)
{
    struct mm_fault_info info;
    if (mm_fault(process_current()->mm, address, error, &info) != 0)
        signal_force(info.signal, info.code, address, VECTOR_PAGE_FAULT, error);
}

static void user_exception(struct regs *regs, uint64_t vector, uint64_t error)
{
    switch (vector) {
    case VECTOR_DIVIDE: signal_force(SIGFPE, FPE_INTDIV, regs->rip, vector, error); break;
    case VECTOR_DEBUG: signal_force(SIGTRAP, TRAP_TRACE, regs->rip, vector, error); break;
    case VECTOR_BREAKPOINT:
        if (!patch_trap(regs))
            signal_force(SIGTRAP, SI_KERNEL, 0, vector, error);
        break;
    case VECTOR_EXTENDED: xstate_take(current); break;
    case VECTOR_INVALID_OPCODE: signal_force(SIGILL, ILL_ILLOPN, regs->rip, vector, error); break;
    case VECTOR_FLOAT:
    case VECTOR_SIMD:
        signal_force(SIGFPE, arch_float_code(vector), regs->rip, vector, error);
        break;
    case VECTOR_ALIGNMENT: signal_force(SIGBUS, BUS_ADRALN, 0, vector, error); break;
    case VECTOR_STACK: signal_force(SIGBUS, SI_KERNEL, 0, vector, error); break;
    default: signal_force(SIGSEGV, SI_KERNEL, 0, vector, error); break;
    }
}

/* A program that steps itself has come to a stub: the call is what it steps over. */
static void step_over_call(struct regs *regs, uint64_t error)
{
    syscall_dispatch(regs);
    signal_force(SIGTRAP, TRAP_TRACE, regs->rip, VECTOR_DEBUG, error);
}

static void regs_from_context(struct regs *regs, const struct upcall_context *c)
{
    memcpy(regs, c->general, sizeof c->general);
    regs->orig_rax = UINT64_MAX;
    /* Events between the jump and the libOS: the call has not begun.  A step is looked at later. */
    regs->rip = c->frame.cause == VECTOR_DEBUG ? c->frame.rip : patch_origin(c->frame.rip);
    regs->cs = c->frame.cs;
    regs->rflags = c->frame.rflags;
    regs->rsp = c->frame.rsp;
    regs->ss = c->frame.ss;
}

bool arch_upcall(struct upcall_context *c);

/* True: go back into the libOS as C says.  False: to the program, as its struct regs says. */
bool arch_upcall(struct upcall_context *c)
{
    bool is_restoring = is_between(c->frame.rip, user_restore_begin, user_restore_end);
    if (!is_restoring && is_between(c->frame.rip, image_text_start, image_text_end)) {
        libos_fault(c);
        return true;
    }
    struct regs *regs = thread_regs(current);
    if (is_restoring)
        regs->orig_rax = UINT64_MAX;
    else
        regs_from_context(regs, c);
    uint64_t cause = c->frame.cause, error = c->frame.error, detail = c->frame.detail;
    domain_lock();
    /* The context may lie below the stack pointer from here on. */
    if (cause == EXO_CAUSE_EVENT)
        ; /* return_work sees to it */
    else if (cause == VECTOR_PAGE_FAULT)
        user_page_fault(detail, error);
    else if (cause == VECTOR_DEBUG && patch_step(regs))
        step_over_call(regs, error);
    else
        user_exception(regs, cause, error);
    return false;
}
