/* SPDX-License-Identifier: BSD-2-Clause */
/* exo_frame.h - how registers travel between the kernel and a libOS on x86-64: the upcall frame
 * and the frame of vcpu_resume. */
#pragma once

#include <stdint.h>

/* What the kernel pushes before it enters the libOS at its upcall entry: lowest
 * address first.  From `rip` to `ss` it is what iretq pops (Intel SDM vol. 3A, 6.14); rcx and r11,
 * the program's, are found here only: the kernel enters by sysretq, which needs the registers.
 * For EXO_CAUSE_EVENT `detail` is the pending word; for a page fault `error` is the
 * processor's error code and `detail` the address. */
struct exo_upcall_frame {
    uint64_t cause;
    uint64_t error;
    uint64_t detail;
    uint64_t was_masked; /* `masked` as it stood; `masked` is 1 at entry */
    uint64_t rip;
    uint64_t cs;
    uint64_t rflags;
    uint64_t rsp;
    uint64_t ss;
    uint64_t rcx;
    uint64_t r11;
};
static_assert(sizeof(struct exo_upcall_frame) == 88);

/* vcpu_resume takes the whole machine state from memory, GS base included, and
 * clears `masked`: the way back for a program that claimed GS for itself. */
struct exo_resume_frame {
    uint64_t r15, r14, r13, r12, rbp, rbx, r11, r10, r9, r8, rax, rcx, rdx, rsi, rdi;
    uint64_t rip, rflags, rsp, gs_base;
};
