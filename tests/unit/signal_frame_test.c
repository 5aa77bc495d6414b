/* SPDX-License-Identifier: BSD-2-Clause */
/* signal_frame_test.c - the frame that a handler finds, and what is believed of it afterwards.
 * Links: libos/arch/x86_64/signal_frame.c libos/signal/altstack.c fake_vcpu.c */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <exo/info.h>
#include <linux/mman.h>
#include <linux/signal.h>
#include <asm/sigcontext.h>
#include <asm/ucontext.h>
#include <string.h>
#include "base/errno.h"
#include "fake_vcpu.h"
#include "mm/usermem.h"
#include "sched/thread.h"
#include "sched/xstate.h"

void *mmap(void *address, size_t length, int prot, int flags, int fd, long offset);

constexpr uint32_t XSAVE_BYTES = 832;
constexpr uint64_t XSAVE_MASK = 7;

static struct thread thread;
static alignas(64) uint8_t xstate[XSAVE_BYTES];
static alignas(64) uint8_t stack[16384], altstack[8192];
static struct regs regs;
static int forced;
static bool writes_fail;

struct frame {
    uint64_t restorer;
    struct ucontext uc;
    struct siginfo info;
};

int copy_from_user(void *to, uaddr_t from, size_t n)
{
    if (from < 4096)
        return -EFAULT;
    memcpy(to, (const void *)from, n);
    return 0;
}

int copy_to_user(uaddr_t to, const void *from, size_t n)
{
    if (writes_fail || to < 4096)
        return -EFAULT;
    memcpy((void *)to, from, n);
    return 0;
}

void thread_xstate_sync(void) {}

void thread_xstate_changed(void) {}

void arch_xstate_init(struct arch_thread *t)
{
    memset(t->xstate, 0, XSAVE_BYTES);
    ((uint32_t *)t->xstate)[6] = 0x1f80;
}

void signal_force_segv(int sig)
{
    (void)sig;
    forced++;
}

void signal_block(signal_set blocked)
{
    thread.signal.blocked = blocked & ~SIGNALS_UNBLOCKABLE;
}

void signal_altstack_clear(struct thread *t)
{
    t->signal.altstack_base = t->signal.altstack_bytes = 0;
    t->signal.altstack_flags = SS_DISABLE;
}

static int group_setup(void **state)
{
    (void)state;
    struct exo_info *info = (struct exo_info *)EXO_INFO_VA;
    void *got = mmap(info, 4096, PROT_READ | PROT_WRITE,
                     MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
    if (got != info)
        return -1;
    info->xsave_bytes = XSAVE_BYTES;
    info->xsave_mask = XSAVE_MASK;
    return 0;
}

static int setup(void **state)
{
    (void)state;
    fake_vcpu_init();
    fake_vcpu_run(&thread);
    memset(&thread, 0, sizeof thread);
    thread.arch.xstate = xstate;
    thread.signal.altstack_flags = SS_DISABLE;
    for (unsigned i = 0; i < XSAVE_BYTES; i++)
        xstate[i] = (uint8_t)i;
    ((uint32_t *)xstate)[6] = 0x1fa0;
    ((uint32_t *)xstate)[7] = 0xffff;
    memset(xstate + 512, 0, 64);
    xstate[512] = 7;
    uint64_t *r = (uint64_t *)&regs;
    for (unsigned i = 0; i < sizeof regs / 8; i++)
        r[i] = 0x1000 + i;
    regs.rip = 0x401000;
    regs.cs = 0x33;
    regs.ss = 0x2b;
    regs.rflags = 0x246 | 1 << 8 | 1 << 10;
    regs.rsp = (uint64_t)(stack + sizeof stack - 8);
    forced = 0;
    writes_fail = false;
    return 0;
}

static const struct signal_action action = {
    .handler = 0x402000, .restorer = 0x403000, .flags = SA_RESTORER | SA_SIGINFO};

static int push(const struct signal_action *act)
{
    struct siginfo info = {.si_signo = SIGUSR1, .si_code = SI_USER};
    info.si_pid = 77;
    return signal_frame_push(&regs, SIGUSR1, act, &info, 0x55);
}

static struct frame *frame_at(void)
{
    return (struct frame *)regs.rsp;
}

/* What the handler's return instruction and the restorer do. */
static long pop(void)
{
    regs.rsp += 8;
    return signal_frame_pop(&regs);
}

static void a_handler_starts_as_the_abi_says(void **state)
{
    (void)state;
    uint64_t sp = regs.rsp;
    assert_int_equal(push(&action), 0);
    assert_int_equal(regs.rsp % 16, 8);
    assert_true(regs.rsp + sizeof(struct frame) <= sp - 128);
    assert_int_equal(regs.rip, action.handler);
    assert_int_equal(regs.rdi, SIGUSR1);
    assert_int_equal(regs.rax, 0);
    assert_ptr_equal(regs.rsi, &frame_at()->info);
    assert_ptr_equal(regs.rdx, &frame_at()->uc);
    assert_int_equal(regs.rflags & (1 << 8 | 1 << 10), 0);
    assert_int_equal(frame_at()->restorer, action.restorer);
    assert_int_equal(frame_at()->info.si_pid, 77);
    assert_int_equal(frame_at()->uc.uc_sigmask, 0x55);
    assert_int_equal(frame_at()->uc.uc_flags,
                     UC_FP_XSTATE | UC_SIGCONTEXT_SS | UC_STRICT_RESTORE_SS);
    assert_int_equal(frame_at()->uc.uc_mcontext.rip, 0x401000);
    assert_int_equal(frame_at()->uc.uc_mcontext.rsp, sp);
    struct _fpstate_64 *fp = (struct _fpstate_64 *)frame_at()->uc.uc_mcontext.fpstate;
    assert_int_equal((uint64_t)fp % 64, 0);
    assert_true((uint64_t)fp + XSAVE_BYTES + 4 <= sp - 128);
    assert_int_equal(fp->sw_reserved.magic1, FP_XSTATE_MAGIC1);
    assert_int_equal(fp->sw_reserved.extended_size, XSAVE_BYTES + 4);
    assert_int_equal(fp->sw_reserved.xfeatures, XSAVE_MASK);
    assert_int_equal(*(uint32_t *)((uint8_t *)fp + XSAVE_BYTES), FP_XSTATE_MAGIC2);
    assert_int_equal(fp->mxcsr, 0x1fa0);
    assert_int_equal(((uint32_t *)xstate)[6], 0x1f80); /* the handler's own */
}

static void the_way_back_restores_everything(void **state)
{
    (void)state;
    struct regs before = regs;
    uint8_t saved[XSAVE_BYTES];
    memcpy(saved, xstate, sizeof saved);
    assert_int_equal(push(&action), 0);
    memset(xstate + 160, 0xee, 256); /* the handler used %xmm */
    assert_int_equal(pop(), (long)before.rax);
    before.orig_rax = UINT64_MAX;
    assert_memory_equal(&regs, &before, sizeof regs);
    assert_memory_equal(xstate, saved, 464);
    assert_memory_equal(xstate + 512, saved + 512, XSAVE_BYTES - 512);
    assert_int_equal(thread.signal.blocked, 0x55);
    assert_int_equal(forced, 0);
}

static void a_program_can_change_only_its_own_flags(void **state)
{
    (void)state;
    assert_int_equal(push(&action), 0);
    frame_at()->uc.uc_mcontext.eflags = UINT64_MAX;
    frame_at()->uc.uc_mcontext.cs = 0x10;
    pop();
    assert_int_equal(regs.rflags & (3 << 12 | 1 << 14 | 1 << 17 | 1 << 9), 1 << 9);
    assert_int_equal(regs.cs, 0x33);
}

static void bad_frames_are_refused(void **state)
{
    (void)state;
    for (unsigned what = 0; what < 6; what++) {
        setup(nullptr);
        assert_int_equal(push(&action), 0);
        struct frame *f = frame_at();
        uint8_t *fp = (uint8_t *)f->uc.uc_mcontext.fpstate;
        switch (what) {
        case 0: f->uc.uc_mcontext.rip = 0x8000000000000000; break;
        case 1:
            ((uint32_t *)fp)[6] = 0x10000; /* MXCSR */
            break;
        case 2:
            fp[512 + 8] = 1; /* XCOMP_BV */
            break;
        case 3:
            fp[512 + 40] = 1; /* reserved */
            break;
        case 4:
            fp[513] = 1; /* a feature that is not enabled */
            break;
        case 5: f->uc.uc_mcontext.fpstate = (void *)8; break;
        }
        pop();
        assert_int_equal(forced, 1);
        assert_int_equal(((uint32_t *)xstate)[6], 0x1f80);
    }
    regs.rsp = 16;
    signal_frame_pop(&regs);
    assert_int_equal(forced, 2);
}

static void without_the_magic_only_the_old_part_counts(void **state)
{
    (void)state;
    assert_int_equal(push(&action), 0);
    struct _fpstate_64 *fp = (struct _fpstate_64 *)frame_at()->uc.uc_mcontext.fpstate;
    fp->sw_reserved.magic1 = 0;
    memset((uint8_t *)fp + 512, 0xff, XSAVE_BYTES - 512);
    pop();
    assert_int_equal(forced, 0);
    assert_int_equal(xstate[512], 3);
    assert_int_equal(xstate[576], 0);
    assert_int_equal(((uint32_t *)xstate)[6], 0x1fa0);
    /* No state at all: a fresh one. */
    setup(nullptr);
    assert_int_equal(push(&action), 0);
    frame_at()->uc.uc_mcontext.fpstate = nullptr;
    pop();
    assert_int_equal(forced, 0);
    assert_int_equal(xstate[512], 0);
}

static void set_altstack(uint64_t bytes, uint32_t flags)
{
    assert_int_equal(signal_altstack_set(&thread, (uaddr_t)altstack, bytes, flags, regs.rsp), 0);
}

static void the_alternate_stack_is_used_if_asked_for(void **state)
{
    (void)state;
    struct signal_action on = action;
    on.flags |= SA_ONSTACK;
    set_altstack(sizeof altstack, 0);
    assert_int_equal(push(&action), 0);
    assert_false(signal_on_altstack(&thread, regs.rsp));
    setup(nullptr);
    set_altstack(sizeof altstack, 0);
    assert_int_equal(push(&on), 0);
    assert_true(signal_on_altstack(&thread, regs.rsp));
    assert_int_equal(signal_altstack_set(&thread, 0, 0, SS_DISABLE, regs.rsp), -EPERM);
    uint64_t first = regs.rsp;
    assert_int_equal(push(&on), 0);
    assert_true(regs.rsp < first && signal_on_altstack(&thread, regs.rsp));
    /* Until it is full. */
    int error = 0;
    for (unsigned i = 0; i < 20 && !error; i++)
        error = push(&on);
    assert_int_equal(error, -EFAULT);
    assert_true(regs.rsp > (uint64_t)altstack);
}

static void autodisarm_takes_the_stack_away_and_brings_it_back(void **state)
{
    (void)state;
    struct signal_action on = action;
    on.flags |= SA_ONSTACK;
    set_altstack(sizeof altstack, SS_AUTODISARM);
    assert_int_equal(push(&on), 0);
    assert_int_equal(thread.signal.altstack_bytes, 0);
    pop();
    assert_int_equal(thread.signal.altstack_bytes, sizeof altstack);
    assert_int_equal(thread.signal.altstack_flags, SS_AUTODISARM);
}

static void altstack_arguments_are_checked(void **state)
{
    (void)state;
    assert_int_equal(signal_altstack_set(&thread, 1 << 20, MINSIGSTKSZ - 1, 0, regs.rsp), -ENOMEM);
    assert_int_equal(signal_altstack_set(&thread, 1 << 20, 65536, 7, regs.rsp), -EINVAL);
    assert_int_equal(signal_altstack_set(&thread, 1 << 20, 0, SS_DISABLE, regs.rsp), 0);
}

static void no_frame_without_restorer_or_memory(void **state)
{
    (void)state;
    struct regs before = regs;
    struct signal_action bad = action;
    bad.flags = 0;
    assert_int_equal(push(&bad), -EFAULT);
    bad = action;
    bad.handler = 0x800000000000;
    assert_int_equal(push(&bad), -EFAULT);
    writes_fail = true;
    assert_int_equal(push(&action), -EFAULT);
    assert_memory_equal(&regs, &before, sizeof regs);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(a_handler_starts_as_the_abi_says, setup),
        cmocka_unit_test_setup(the_way_back_restores_everything, setup),
        cmocka_unit_test_setup(a_program_can_change_only_its_own_flags, setup),
        cmocka_unit_test_setup(bad_frames_are_refused, setup),
        cmocka_unit_test_setup(without_the_magic_only_the_old_part_counts, setup),
        cmocka_unit_test_setup(the_alternate_stack_is_used_if_asked_for, setup),
        cmocka_unit_test_setup(autodisarm_takes_the_stack_away_and_brings_it_back, setup),
        cmocka_unit_test_setup(altstack_arguments_are_checked, setup),
        cmocka_unit_test_setup(no_frame_without_restorer_or_memory, setup),
    };
    return cmocka_run_group_tests(tests, group_setup, nullptr);
}
