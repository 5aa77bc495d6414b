/* SPDX-License-Identifier: BSD-2-Clause */
/* trapframe.h - the registers of what was interrupted, as entry.S lays them down. */
#pragma once

#include <stddef.h>
#include <stdint.h>
#include "layout.h"

struct trapframe {
    uint64_t r15, r14, r13, r12, rbp, rbx, r11, r10, r9, r8;
    uint64_t rax, rcx, rdx, rsi, rdi;
    uint64_t trapno; /* vector, or TRAP_SYSCALL */
    uint64_t error;
    uint64_t rip, cs, rflags, rsp, ss;
};
static_assert(offsetof(struct trapframe, trapno) == TF_TRAPNO);

static inline bool trapframe_is_user(const struct trapframe *tf)
{
    return (tf->cs & 3) != 0;
}
