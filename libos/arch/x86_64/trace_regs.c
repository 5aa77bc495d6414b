/* SPDX-License-Identifier: BSD-2-Clause */
/* trace_regs.c - a stopped thread's registers for its tracer. */
#include "arch/trace_regs.h"

#include <exo/info.h>
#include "arch/arch.h"
#include "base/bits.h"
#include "base/errno.h"
#include "base/string.h"
#include "mm/patch.h"
#include "proc/process.h"
#include "sched/thread.h"

/* What Linux's programs find in their segment registers; debuggers tell 64-bit ones by it. */
constexpr uint64_t LINUX_CS = 0x33, LINUX_SS = 0x2b;
constexpr uint64_t TRAP_FLAG = 1 << 8;
/* What a program may change of RFLAGS. */
constexpr uint64_t FLAGS_OF_PROGRAM =
    1 << 0 | 1 << 2 | 1 << 4 | 1 << 6 | 1 << 7 | 1 << 8 | 1 << 10 | 1 << 11 | 1 << 16 | 1 << 18;
constexpr uint64_t USER_DEBUG_REGISTERS = 848; /* offsetof(struct user, u_debugreg) */
constexpr uint64_t USER_BYTES = 912;
constexpr size_t XSAVE_XCR0_AT = 464; /* Linux puts the enabled features there for debuggers */

static_assert(sizeof(struct regs) == 8 * (TRACE_WORD_SS + 1));

static const struct exo_info *info(void)
{
    return (const struct exo_info *)EXO_INFO_VA;
}

void trace_regs_get(const struct thread *t, struct trace_regs *out)
{
    memset(out, 0, sizeof *out);
    memcpy(out, thread_regs(t), sizeof(struct regs));
    out->word[TRACE_WORD_CS] = LINUX_CS;
    out->word[TRACE_WORD_SS] = LINUX_SS;
    out->word[TRACE_WORD_FS_BASE] = t->arch.fs_base;
    out->word[TRACE_WORD_GS_BASE] = t->arch.gs_claimed ? t->arch.gs_base : 0;
}

int trace_regs_set(struct thread *t, const struct trace_regs *in)
{
    struct regs *regs = thread_regs(t);
    const struct regs old = *regs;
    const uint64_t *w = in->word;
    if (w[TRACE_WORD_RIP] >= ARCH_USER_TOP || w[TRACE_WORD_RSP] > ARCH_USER_TOP ||
        w[TRACE_WORD_FS_BASE] >= ARCH_USER_TOP || w[TRACE_WORD_GS_BASE] >= ARCH_USER_TOP)
        return -EIO;
    memcpy(regs, w, sizeof *regs);
    regs->cs = old.cs;
    regs->ss = old.ss;
    regs->rflags = (old.rflags & ~FLAGS_OF_PROGRAM) | (w[TRACE_WORD_FLAGS] & FLAGS_OF_PROGRAM);
    t->arch.fs_base = w[TRACE_WORD_FS_BASE];
    if (w[TRACE_WORD_GS_BASE] || t->arch.gs_claimed) {
        t->arch.gs_base = w[TRACE_WORD_GS_BASE];
        t->arch.gs_claimed = true;
        patch_disable(t->process->mm);
    }
    return 0;
}

size_t trace_xstate_bytes(void)
{
    return MAX(info()->xsave_bytes, TRACE_FLOAT_BYTES);
}

void trace_xstate_get(const struct thread *t, void *out)
{
    uint64_t features = info()->xsave_mask;
    memcpy(out, t->arch.xstate, trace_xstate_bytes());
    memcpy((char *)out + XSAVE_XCR0_AT, &features, sizeof features);
}

int trace_xstate_set(struct thread *t, const void *in, size_t n)
{
    char *area = t->arch.xstate;
    uint32_t mxcsr;
    uint64_t header[8];
    memcpy(&mxcsr, (const char *)in + 24, sizeof mxcsr);
    if (mxcsr & ~0xffffu)
        return -EINVAL;
    if (n >= TRACE_FLOAT_BYTES + sizeof header) {
        memcpy(header, (const char *)in + TRACE_FLOAT_BYTES, sizeof header);
        /* SDM vol. 1, 13.8: unknown features, or a set reserved bit, and XRSTOR faults. */
        for (unsigned i = 1; i < 8; i++)
            if (header[i])
                return -EINVAL;
        if (header[0] & ~info()->xsave_mask)
            return -EINVAL;
    }
    memcpy(area, in, MIN(n, trace_xstate_bytes()));
    if (n < TRACE_FLOAT_BYTES + sizeof header && info()->xsave_bytes)
        *(uint64_t *)(area + TRACE_FLOAT_BYTES) |= 3; /* x87 and SSE are not initial any more */
    return 0;
}

int trace_user_peek(const struct thread *t, uint64_t offset, uint64_t *value)
{
    struct trace_regs regs;
    if (offset % 8 != 0 || offset >= USER_BYTES)
        return -EIO;
    trace_regs_get(t, &regs);
    *value = offset < sizeof regs ? regs.word[offset / 8] : 0;
    return 0;
}

int trace_user_poke(struct thread *t, uint64_t offset, uint64_t value)
{
    struct trace_regs regs;
    if (offset % 8 != 0 || offset >= USER_BYTES)
        return -EIO;
    if (offset < sizeof regs) {
        trace_regs_get(t, &regs);
        regs.word[offset / 8] = value;
        return trace_regs_set(t, &regs);
    }
    /* The debug registers belong to the kernel: only their idle state can be had. */
    return offset >= USER_DEBUG_REGISTERS && value == 0 ? 0 : -EIO;
}

bool arch_step_set(struct regs *regs)
{
    bool is_new = !(regs->rflags & TRAP_FLAG);
    regs->rflags |= TRAP_FLAG;
    return is_new;
}

void arch_step_clear(struct regs *regs)
{
    regs->rflags &= ~TRAP_FLAG;
}

void arch_call_args(const struct regs *regs, uint64_t args[6])
{
    args[0] = regs->rdi;
    args[1] = regs->rsi;
    args[2] = regs->rdx;
    args[3] = regs->r10;
    args[4] = regs->r8;
    args[5] = regs->r9;
}
