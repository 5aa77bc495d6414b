/* SPDX-License-Identifier: BSD-2-Clause */
/* signal_frame.c - what a handler finds on its stack, and the way back from it.
 *
 * From high to low addresses: 128 bytes of red zone that the program may be using; the extended
 * state in XSAVE's standard format, 64-byte aligned, followed by FP_XSTATE_MAGIC2; struct
 * signal_frame, so placed that %rsp is 8 below a multiple of 16 as after a call.  Layouts:
 * <asm/sigcontext.h>, <asm/ucontext.h>; System V ABI for x86-64, 3.2.2; SDM vol. 1, 13.4.
 */
#include <exo/info.h>
#include <linux/signal.h>
#include <asm/sigcontext.h>
#include <asm/ucontext.h>
#include "arch/user_regs.h"
#include "base/errno.h"
#include "base/string.h"
#include "mm/patch.h"
#include "mm/usermem.h"
#include "sched/thread.h"
#include "sched/xstate.h"

struct signal_frame {
    uint64_t restorer; /* the handler's return address */
    struct ucontext uc;
    struct siginfo info;
};
static_assert(offsetof(struct signal_frame, uc) == 8);
static_assert(sizeof(struct ucontext) == 304);

constexpr uint64_t RED_ZONE = 128;
constexpr uint64_t FXSAVE_BYTES = 512;
constexpr uint64_t XSAVE_HEADER_BYTES = 64;
constexpr uint64_t SW_OFFSET = offsetof(struct _fpstate_64, sw_reserved);
constexpr uint32_t MXCSR_MASK_DEFAULT = 0xffbf; /* SDM vol. 1, 11.6.6 */

/* What a program may change of RFLAGS. */
constexpr uint64_t FLAGS_OF_PROGRAM =
    1 << 0 | 1 << 2 | 1 << 4 | 1 << 6 | 1 << 7 | 1 << 8 | 1 << 10 | 1 << 11 | 1 << 16 | 1 << 18;
constexpr uint64_t FLAGS_CLEAR_IN_HANDLER = 1 << 8 | 1 << 10 | 1 << 16; /* TF, DF, RF */

static const struct exo_info *info(void)
{
    return (const struct exo_info *)EXO_INFO_VA;
}

static bool has_xsave(void)
{
    return info()->xsave_bytes != 0;
}

static uint64_t state_bytes(void)
{
    return has_xsave() ? info()->xsave_bytes : FXSAVE_BYTES;
}

static uint64_t fpstate_bytes(void)
{
    return state_bytes() + (has_xsave() ? FP_XSTATE_MAGIC2_SIZE : 0);
}

uint64_t signal_frame_bytes_max(void)
{
    uint64_t most = sizeof(struct signal_frame) + 8 + 15 + fpstate_bytes() + 63;
    return (most + 15) & ~15ull;
}

/* ------------------------------------------------------------------ to the handler */

static int fpstate_push(uaddr_t at)
{
    thread_xstate_sync();
    if (copy_to_user(at, current->arch.xstate, state_bytes()))
        return -EFAULT;
    struct _fpx_sw_bytes sw = {};
    if (has_xsave()) {
        sw.magic1 = FP_XSTATE_MAGIC1;
        sw.extended_size = (uint32_t)fpstate_bytes();
        sw.xfeatures = info()->xsave_mask;
        sw.xstate_size = (uint32_t)state_bytes();
        if (put_user_u32(at + state_bytes(), FP_XSTATE_MAGIC2))
            return -EFAULT;
    }
    return copy_to_user(at + SW_OFFSET, &sw, sizeof sw);
}

static void context_fill(struct sigcontext_64 *sc, const struct regs *regs, uaddr_t fpstate,
                         signal_set blocked)
{
    const struct signal_thread *s = &current->signal;
    *sc = (struct sigcontext_64){
        .r8 = regs->r8,
        .r9 = regs->r9,
        .r10 = regs->r10,
        .r11 = regs->r11,
        .r12 = regs->r12,
        .r13 = regs->r13,
        .r14 = regs->r14,
        .r15 = regs->r15,
        .di = regs->rdi,
        .si = regs->rsi,
        .bp = regs->rbp,
        .bx = regs->rbx,
        .dx = regs->rdx,
        .ax = regs->rax,
        .cx = regs->rcx,
        .sp = regs->rsp,
        .ip = patch_origin(regs->rip),
        .flags = regs->rflags,
        .cs = (uint16_t)regs->cs,
        .ss = (uint16_t)regs->ss,
        .err = s->trap_error,
        .trapno = s->trap_number,
        .oldmask = blocked,
        .cr2 = s->trap_address,
        .fpstate = fpstate,
    };
}

static void ucontext_fill(struct ucontext *uc, const struct regs *regs, uaddr_t fpstate,
                          signal_set blocked)
{
    const struct signal_thread *s = &current->signal;
    uc->uc_flags = UC_SIGCONTEXT_SS | UC_STRICT_RESTORE_SS | (has_xsave() ? UC_FP_XSTATE : 0);
    uc->uc_link = nullptr;
    uc->uc_stack.ss_sp = (void *)s->altstack_base;
    uc->uc_stack.ss_flags = (int)s->altstack_flags;
    uc->uc_stack.ss_size = s->altstack_bytes;
    struct sigcontext_64 sc;
    context_fill(&sc, regs, fpstate, blocked);
    static_assert(sizeof sc == sizeof uc->uc_mcontext);
    memcpy(&uc->uc_mcontext, &sc, sizeof sc);
    uc->uc_sigmask = blocked;
}

int signal_frame_push(struct regs *regs, int sig, const struct signal_action *act,
                      const struct siginfo *siginfo, signal_set blocked)
{
    struct thread *t = current;
    /* The x86-64 ABI has no other way back than the C library's restorer. */
    if (!(act->flags & SA_RESTORER) || act->handler >= ARCH_USER_TOP)
        return -EFAULT;
    bool nested = signal_on_altstack(t, regs->rsp);
    uaddr_t sp = signal_stack_for(t, act, regs->rsp - RED_ZONE);
    bool on_alternate = nested || sp != regs->rsp - RED_ZONE;
    uaddr_t fpstate = (sp - fpstate_bytes()) & ~63ull;
    uaddr_t at = ((fpstate - sizeof(struct signal_frame)) & ~15ull) - 8;
    /* An alternate stack that overflows must not run on into what lies below it. */
    if (on_alternate && t->signal.altstack_bytes &&
        at - t->signal.altstack_base > t->signal.altstack_bytes)
        return -EFAULT;

    struct signal_frame frame = {.restorer = act->restorer};
    ucontext_fill(&frame.uc, regs, fpstate, blocked);
    if (act->flags & SA_SIGINFO)
        memcpy(&frame.info, siginfo, sizeof frame.info);
    if (fpstate_push(fpstate) || copy_to_user(at, &frame, sizeof frame))
        return -EFAULT;
    if (t->signal.altstack_flags & SS_AUTODISARM)
        signal_altstack_clear(t);

    regs->rdi = (uint64_t)sig;
    regs->rsi = at + offsetof(struct signal_frame, info);
    regs->rdx = at + offsetof(struct signal_frame, uc);
    regs->rax = 0;
    regs->rip = act->handler;
    regs->rsp = at;
    regs->rflags &= ~FLAGS_CLEAR_IN_HANDLER;
    arch_xstate_init(&t->arch);
    thread_xstate_changed();
    return 0;
}

/* ------------------------------------------------------------------ and back */

/* How much of the program's area is to be believed: all of it, or only its FXSAVE part. */
static int fpstate_size(uaddr_t from, uint64_t *bytes, uint64_t *features)
{
    struct _fpx_sw_bytes sw;
    uint32_t magic2;
    *bytes = FXSAVE_BYTES;
    *features = 3; /* x87 and SSE */
    if (!has_xsave())
        return 0;
    if (copy_from_user(&sw, from + SW_OFFSET, sizeof sw))
        return -EFAULT;
    if (sw.magic1 != FP_XSTATE_MAGIC1 || sw.xstate_size < FXSAVE_BYTES + XSAVE_HEADER_BYTES ||
        sw.xstate_size > state_bytes() || sw.xstate_size > sw.extended_size)
        return 0;
    if (get_user_u32(&magic2, from + sw.xstate_size))
        return -EFAULT;
    if (magic2 != FP_XSTATE_MAGIC2)
        return 0;
    *bytes = sw.xstate_size;
    *features = sw.xfeatures & info()->xsave_mask;
    return 0;
}

/* XRSTOR faults on reserved bits of MXCSR and of its header (SDM vol. 1, 13.8.1). */
static int fpstate_check(uint8_t *area, uint64_t bytes, uint64_t features, uint32_t mxcsr_mask)
{
    struct _fpstate_64 *legacy = (struct _fpstate_64 *)area;
    if (legacy->mxcsr & ~mxcsr_mask)
        return -EINVAL;
    if (!has_xsave())
        return 0;
    struct _header *header = (struct _header *)(area + FXSAVE_BYTES);
    if (bytes == FXSAVE_BYTES) {
        memset(header, 0, sizeof *header);
        header->xfeatures = features;
        return 0;
    }
    for (unsigned i = 0; i < 2; i++)
        if (header->reserved1[i])
            return -EINVAL;
    for (unsigned i = 0; i < 5; i++)
        if (header->reserved2[i])
            return -EINVAL;
    if (header->xfeatures & ~info()->xsave_mask)
        return -EINVAL;
    header->xfeatures &= features;
    return 0;
}

static int fpstate_pop(uaddr_t from)
{
    struct thread *t = current;
    thread_xstate_sync();
    uint32_t mxcsr_mask = ((struct _fpstate_64 *)t->arch.xstate)->mxcsr_mask;
    if (!mxcsr_mask)
        mxcsr_mask = MXCSR_MASK_DEFAULT;
    arch_xstate_init(&t->arch);
    thread_xstate_changed();
    if (!from)
        return 0;
    uint64_t bytes, features;
    if (fpstate_size(from, &bytes, &features) || copy_from_user(t->arch.xstate, from, bytes) ||
        fpstate_check(t->arch.xstate, bytes, features, mxcsr_mask)) {
        arch_xstate_init(&t->arch);
        return -EFAULT;
    }
    return 0;
}

static int context_restore(struct regs *regs, const struct sigcontext_64 *sc)
{
    /* The last jump back must not fault inside the libOS.  Segments stay what they are: programs
     * of other modes do not run here. */
    if (sc->ip >= ARCH_USER_TOP)
        return -EFAULT;
    regs->r8 = sc->r8, regs->r9 = sc->r9, regs->r10 = sc->r10, regs->r11 = sc->r11;
    regs->r12 = sc->r12, regs->r13 = sc->r13, regs->r14 = sc->r14, regs->r15 = sc->r15;
    regs->rdi = sc->di, regs->rsi = sc->si, regs->rbp = sc->bp, regs->rbx = sc->bx;
    regs->rdx = sc->dx, regs->rax = sc->ax, regs->rcx = sc->cx;
    regs->rsp = sc->sp, regs->rip = sc->ip;
    regs->rflags = (regs->rflags & ~FLAGS_OF_PROGRAM) | (sc->flags & FLAGS_OF_PROGRAM);
    return fpstate_pop(sc->fpstate);
}

long signal_frame_pop(struct regs *regs)
{
    struct thread *t = current;
    struct ucontext uc;
    struct sigcontext_64 sc;
    uaddr_t frame = regs->rsp - 8; /* the handler's return took the restorer's address */
    arch_call_close(regs);
    if (copy_from_user(&uc, frame + offsetof(struct signal_frame, uc), sizeof uc))
        goto bad_frame;
    signal_block(uc.uc_sigmask);
    memcpy(&sc, &uc.uc_mcontext, sizeof sc);
    if (context_restore(regs, &sc))
        goto bad_frame;
    /* sigreturn(2) has no way to complain: a stack that cannot be set is left out. */
    (void)signal_altstack_set(t, (uaddr_t)uc.uc_stack.ss_sp, uc.uc_stack.ss_size,
                              (uint32_t)uc.uc_stack.ss_flags, regs->rsp);
    return (long)regs->rax;

bad_frame:
    signal_force_segv(0);
    return (long)regs->rax;
}
