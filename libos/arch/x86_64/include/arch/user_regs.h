/* SPDX-License-Identifier: BSD-2-Clause */
/* user_regs.h - what the generic code does with a program's registers. */
#pragma once

#include <stdint.h>
#include "arch/regs.h"
#include "mm/patch.h"

/* Registers of a program that starts at ENTRY with its stack at STACK. */
void arch_regs_start(struct regs *regs, uint64_t entry, uint64_t stack);

static inline bool arch_in_call(const struct regs *regs)
{
    return regs->orig_rax != UINT64_MAX;
}

static inline int64_t arch_call_result(const struct regs *regs)
{
    return (int64_t)regs->rax;
}

static inline void arch_call_set_result(struct regs *regs, int64_t result)
{
    regs->rax = (uint64_t)result;
}

/* The call is over: signals that follow do not run it again. */
static inline void arch_call_close(struct regs *regs)
{
    regs->orig_rax = UINT64_MAX;
}

/* Let the call be made again when the program goes on: the registers are as they were before the
 * syscall instruction, which is two bytes long. */
static inline void arch_call_rewind(struct regs *regs)
{
    regs->rax = regs->orig_rax;
    regs->rip = patch_origin(regs->rip) - 2;
}

/* The libOS makes call NR for the program again, without going back to it first. */
static inline void arch_call_again(struct regs *regs, uint64_t nr)
{
    regs->rax = regs->orig_rax = nr;
}

static inline uint64_t arch_stack_pointer(const struct regs *regs)
{
    return regs->rsp;
}

static inline void arch_set_stack_pointer(struct regs *regs, uint64_t stack)
{
    regs->rsp = stack;
}

static inline uint64_t arch_instruction_pointer(const struct regs *regs)
{
    return patch_origin(regs->rip);
}

static inline void arch_set_instruction_pointer(struct regs *regs, uint64_t ip)
{
    regs->rip = ip;
}
