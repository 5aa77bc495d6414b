/* SPDX-License-Identifier: BSD-2-Clause */
/* trapframe.h - the registers of what was interrupted, as entry.S lays them down, and what the
 * generic kernel does with them. */
#pragma once

#include <exo/vcpu.h>
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

constexpr uint64_t RFLAGS_ENTRY = 0x202; /* interrupts on, reserved bit 1 */
/* What a domain may set for itself: arithmetic flags, TF, DF, RF, AC, ID. */
constexpr uint64_t RFLAGS_ALLOWED = 0x250dd5;

static inline bool trapframe_is_user(const struct trapframe *tf)
{
    return (tf->cs & 3) != 0;
}

static inline void trapframe_copy(struct trapframe *to, const struct trapframe *from)
{
    __builtin_memcpy_inline(to, from, sizeof *to);
}

/* A kernel call: its number, its arguments, where its results go.  Arguments travel as those of
 * Linux's calls do. */
static inline uint64_t trapframe_number(const struct trapframe *tf)
{
    return tf->rax;
}

static inline void trapframe_arguments(const struct trapframe *tf, uint64_t argument[5])
{
    argument[0] = tf->rdi;
    argument[1] = tf->rsi;
    argument[2] = tf->rdx;
    argument[3] = tf->r10;
    argument[4] = tf->r8;
}

/* No effect if the call has replaced the context (trapframe_resume). */
static inline void trapframe_set_result(struct trapframe *tf, uint64_t status, uint64_t second)
{
    if (tf->trapno == TRAP_SYSCALL) {
        tf->rax = status;
        tf->rdx = second;
    }
}

static inline uint64_t trapframe_stack(const struct trapframe *tf)
{
    return tf->rsp;
}

/* The part of FRAME that tells where the program was. */
static inline void trapframe_tell(const struct trapframe *tf, struct exo_upcall_frame *frame)
{
    frame->rip = tf->rip;
    frame->cs = tf->cs;
    frame->rflags = tf->rflags;
    frame->rsp = tf->rsp;
    frame->ss = tf->ss;
    frame->rcx = tf->rcx;
    frame->r11 = tf->r11;
}

/* Go on at ENTRY with STACK; all other registers stay the interrupted program's. */
static inline void trapframe_divert(struct trapframe *tf, uint64_t entry, uint64_t stack)
{
    tf->rip = entry;
    tf->rsp = stack;
    tf->rflags = RFLAGS_ENTRY;
    tf->cs = GDT_USER_CODE;
    tf->ss = GDT_USER_DATA;
    tf->trapno = 0; /* back by IRETQ */
}

/* A first context: at ENTRY, with clean registers but for two arguments. */
static inline void trapframe_start(struct trapframe *tf, uint64_t entry, uint64_t stack,
                                   uint64_t first, uint64_t second)
{
    *tf = (struct trapframe){.rdi = first, .rsi = second};
    trapframe_divert(tf, entry, stack);
}

/* Everything as the domain says, as far as it may. */
static inline void trapframe_resume(struct trapframe *tf, const struct exo_resume_frame *r)
{
    *tf = (struct trapframe){
        .r15 = r->r15,
        .r14 = r->r14,
        .r13 = r->r13,
        .r12 = r->r12,
        .rbp = r->rbp,
        .rbx = r->rbx,
        .r11 = r->r11,
        .r10 = r->r10,
        .r9 = r->r9,
        .r8 = r->r8,
        .rax = r->rax,
        .rcx = r->rcx,
        .rdx = r->rdx,
        .rsi = r->rsi,
        .rdi = r->rdi,
    };
    trapframe_divert(tf, r->rip, r->rsp);
    tf->rflags = (r->rflags & RFLAGS_ALLOWED) | RFLAGS_ENTRY;
}
