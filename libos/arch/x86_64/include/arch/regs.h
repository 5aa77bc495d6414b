/* SPDX-License-Identifier: BSD-2-Clause */
/* regs.h - the general registers of a program while the libOS serves it.
 *
 * One lies at the top of each thread's libOS stack, always at the same place; what
 * it holds when the thread goes back to its program is what the program sees.
 * entry.S knows the layout.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

struct regs {
    uint64_t r15, r14, r13, r12, rbp, rbx, r11, r10, r9, r8;
    uint64_t rax, rcx, rdx, rsi, rdi;
    uint64_t orig_rax; /* the call's number; -1 outside a system call */
    uint64_t rip, cs, rflags, rsp, ss;
};
static_assert(offsetof(struct regs, rax) == 80);
static_assert(offsetof(struct regs, orig_rax) == 120);
static_assert(offsetof(struct regs, rip) == 128);
static_assert(sizeof(struct regs) == 168);
