/* SPDX-License-Identifier: BSD-2-Clause */
/* arch.c - entering the libOS and leaving it: what entry.S leaves to C. */
#include "arch/arch.h"
#include <exo/info.h>
#include <exo/stubs.h>
#include "base/assert.h"
#include "base/errno.h"
#include "base/log.h"
#include "base/string.h"
#include "linux-api/dispatch.h"
#include "mm/patch.h"
#include "sched/lock.h"
#include "sched/sched.h"
#include "sched/thread.h"
#include "start/options.h"

static_assert(offsetof(struct exo_vcpu_page, pending) == 8);
static_assert(offsetof(struct exo_vcpu_page, masked) == 16);
static_assert(offsetof(struct exo_vcpu_page, stack) == 24);
static_assert(offsetof(struct exo_vcpu_page, libos) == 128);
static_assert(offsetof(struct vcpu_local, user_rip) == 8);
static_assert(offsetof(struct vcpu_local, scratch) == 16);
static_assert(offsetof(struct vcpu_local, need_resched) == 40);
static_assert(offsetof(struct vcpu_local, return_due) == 48);
static_assert(offsetof(struct domain_lock, sleepers) == 8);
static_assert(offsetof(struct domain_lock, starving) == 16);
/* One look at four bytes: what a signal, or work, asks for. */
static_assert(offsetof(struct thread, signal.restore_blocked) == 280);
static_assert(offsetof(struct thread, signal.attention) == 281);
static_assert(offsetof(struct thread, signal.must_stop) == 282);
static_assert(offsetof(struct thread, signal.has_work) == 283);
static_assert(SYSCALL_NUMBERS == 512 && ERESTARTSYS == 512 && ERESTART_RESTARTBLOCK == 516);
static_assert(offsetof(struct arch_thread, sp) == 0);
static_assert(offsetof(struct arch_thread, stack_top) == 8);
static_assert(offsetof(struct arch_thread, fs_base) == 16);
static_assert(offsetof(struct arch_thread, gs_claimed) == 45);

extern char linux_entry[], upcall_entry[], arch_vcpu_first[], arch_thread_first[], boot_stack_top[];

void arch_init(void)
{
    struct vcpu_local *local = vcpu_local();
    local->idle_stack = (uint64_t)boot_stack_top;
    enum exo_status status =
        exo_vcpu_start(EXO_CAP_BOOT_VCPU, 0, (exo_uaddr)linux_entry, (exo_uaddr)upcall_entry,
                       (uint64_t)boot_stack_top - sizeof(struct regs));
    if (status != EXO_OK)
        panic("the kernel refuses the libOS's entries: status %d", status);
}

enum exo_status arch_vcpu_start(exo_cap vcpu, uint64_t stack)
{
    return exo_vcpu_start(vcpu, (exo_uaddr)arch_vcpu_first, (exo_uaddr)linux_entry,
                          (exo_uaddr)upcall_entry, stack - sizeof(struct regs));
}

[[noreturn]] void arch_vcpu_main(void);

void arch_vcpu_main(void)
{
    vcpu_main();
}

void arch_thread_prepare(struct arch_thread *t, void (*entry)(void *), void *arg)
{
    /* What arch_switch pops: r15 r14 r13 r12 rbp rbx, then the return address. */
    uint64_t *sp = (uint64_t *)((t->stack_top - sizeof(struct regs)) & ~15ull) - 7;
    memset(sp, 0, 7 * sizeof *sp);
    sp[3] = (uint64_t)arg;
    sp[5] = (uint64_t)entry;
    sp[6] = (uint64_t)arch_thread_first;
    t->sp = (uint64_t)sp;
}

void arch_syscall_entry(struct regs *regs)
{
    domain_lock();
    if (options.patch)
        patch_call(regs);
    syscall_dispatch(regs);
    return_work(regs);
}

void arch_patched_entry(struct regs *regs)
{
    domain_lock();
    syscall_dispatch(regs);
    return_work(regs);
}

void arch_return_again(struct regs *regs);

void arch_return_again(struct regs *regs)
{
    domain_lock();
    return_work(regs);
}

[[noreturn]] void arch_resume(const struct regs *regs);

void arch_resume(const struct regs *regs)
{
    struct exo_resume_frame frame;
    memcpy(&frame, regs, offsetof(struct regs, orig_rax));
    frame.rip = regs->rip;
    frame.rflags = regs->rflags;
    frame.rsp = regs->rsp;
    frame.gs_base = current->arch.gs_claimed ? current->arch.gs_base : (uint64_t)vcpu_page();
    enum exo_status status = exo_vcpu_resume((exo_uaddr)&frame);
    panic("the kernel cannot resume at %lx: status %d", regs->rip, status);
}

static uint64_t xstate_mask(void)
{
    return ((const struct exo_info *)EXO_INFO_VA)->xsave_mask;
}

uint32_t arch_xstate_bytes(void)
{
    return ((const struct exo_info *)EXO_INFO_VA)->xsave_bytes;
}

/* SDM vol. 1, 13.6: a clear XSTATE_BV lets XRSTOR set initial values, MXCSR apart. */
void arch_xstate_init(struct arch_thread *t)
{
    memset(t->xstate, 0, arch_xstate_bytes());
    ((uint16_t *)t->xstate)[0] = 0x37f; /* FCW, for who reads the area */
    ((uint32_t *)t->xstate)[6] = 0x1f80;
}

void arch_xstate_save(struct arch_thread *t)
{
    __asm__ volatile("xsave64 (%0)"
                     :
                     : "r"(t->xstate), "a"((uint32_t)xstate_mask()), "d"(0)
                     : "memory");
}

void arch_xstate_load(struct arch_thread *t)
{
    __asm__ volatile("xrstor64 (%0)"
                     :
                     : "r"(t->xstate), "a"((uint32_t)xstate_mask()), "d"(0)
                     : "memory");
}

uint64_t arch_fs_base(void)
{
    uint64_t base;
    __asm__ volatile("rdfsbase %0" : "=r"(base));
    return base;
}

void arch_set_fs_base(uint64_t base)
{
    __asm__ volatile("wrfsbase %0" : : "r"(base));
}
