/* SPDX-License-Identifier: BSD-2-Clause */
/* trace_regs.h - a stopped thread's registers in the layouts of ptrace(2). */
#pragma once

#include <stddef.h>
#include <stdint.h>
#include "base/types.h"

struct regs;
struct thread;

/* struct user_regs_struct of <sys/user.h>: the words of struct regs, then those below. */
enum trace_word {
    TRACE_WORD_ORIG_RAX = 15,
    TRACE_WORD_RIP = 16,
    TRACE_WORD_CS = 17,
    TRACE_WORD_FLAGS = 18,
    TRACE_WORD_RSP = 19,
    TRACE_WORD_SS = 20,
    TRACE_WORD_FS_BASE = 21,
    TRACE_WORD_GS_BASE = 22,
    TRACE_WORDS = 27
};

struct trace_regs {
    uint64_t word[TRACE_WORDS];
};

constexpr size_t TRACE_FLOAT_BYTES = 512;         /* NT_PRFPREG: FXSAVE's format */
constexpr uint32_t TRACE_AUDIT_ARCH = 0xc000003e; /* AUDIT_ARCH_X86_64 */

void trace_regs_get(const struct thread *t, struct trace_regs *out);
/* -EIO: a register would get a value that no program may have; nothing is changed. */
[[nodiscard]] int trace_regs_set(struct thread *t, const struct trace_regs *in);

/* The extended state; trace_xstate_bytes of it.  The thread is stopped, its state in memory. */
size_t trace_xstate_bytes(void);
void trace_xstate_get(const struct thread *t, void *out);
/* -EINVAL: XRSTOR would refuse it.  N bytes from the beginning, at least 512. */
[[nodiscard]] int trace_xstate_set(struct thread *t, const void *in, size_t n);

/* Byte OFFSET of struct user: PTRACE_PEEKUSER.  -EIO. */
[[nodiscard]] int trace_user_peek(const struct thread *t, uint64_t offset, uint64_t *value);
[[nodiscard]] int trace_user_poke(struct thread *t, uint64_t offset, uint64_t value);

/* Let the processor trap after one instruction.  False: it would already. */
bool arch_step_set(struct regs *regs);
void arch_step_clear(struct regs *regs);

/* The arguments of the call that REGS makes, as struct seccomp_data and ptrace tell them. */
void arch_call_args(const struct regs *regs, uint64_t args[6]);
