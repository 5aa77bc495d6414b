/* SPDX-License-Identifier: BSD-2-Clause */
/* user_regs.c - the registers that a program starts with. */
#include "arch/user_regs.h"

#include "base/string.h"

constexpr uint64_t RFLAGS_START = 1 << 9 | 1 << 1; /* IF, and the bit that is always 1 */

void arch_regs_start(struct regs *regs, uint64_t entry, uint64_t stack)
{
    /* Programs run in the libOS's own segments. */
    uint16_t cs, ss;
    __asm__("movw %%cs, %0" : "=r"(cs));
    __asm__("movw %%ss, %0" : "=r"(ss));
    memset(regs, 0, sizeof *regs);
    regs->orig_rax = UINT64_MAX;
    regs->rip = entry;
    regs->cs = cs;
    regs->rflags = RFLAGS_START;
    regs->rsp = stack;
    regs->ss = ss;
}
