/* SPDX-License-Identifier: BSD-2-Clause */
/* arch.h - what the rest of the libOS asks of the architecture.
 *
 * Every architecture provides a header of this name with these functions.
 */
#pragma once

#include <exo/vcpu.h>
#include <stdint.h>
#include "arch/regs.h"

struct thread;

constexpr uint64_t ARCH_STACK_BYTES = 16 << 10; /* a thread's libOS stack */
constexpr uint64_t ARCH_USER_TOP =
    0x7ffffffff000 - 4096; /* first address that no program may map */

/* Numbers that a stub tells a program without entering the libOS (call_site.c). */
enum arch_known : uint8_t {
    KNOWN_PID,
    KNOWN_TID,
    KNOWN_PARENT,
    KNOWN_UID,
    KNOWN_EUID,
    KNOWN_GID,
    KNOWN_EGID,
    KNOWN_COUNT
};

/* The architecture's part of a thread; first member of struct thread (entry.S). */
struct arch_thread {
    uint64_t sp;         /* libOS stack pointer while switched out */
    uint64_t stack_top;  /* struct regs lies directly below it */
    uint64_t fs_base;    /* while switched out */
    uint64_t gs_base;    /* valid if gs_claimed */
    void *xstate;        /* XSAVE area, 64-byte aligned, valid while switched out */
    int32_t xstate_vcpu; /* the vcpu whose registers hold this thread's state too; -1: none */
    uint8_t xstate_uses; /* turns in which it has used them: sched/xstate.c */
    bool gs_claimed;     /* the program set GS itself: it goes back through vcpu_resume */
    uint32_t known[KNOWN_COUNT]; /* proc/ keeps them: thread_known_renew */
};

/* The libOS's own data of a vcpu, in its vcpu page's libos[] (entry.S knows the first three). */
struct vcpu_local {
    struct thread *running;      /* current_thread() */
    uint64_t user_rip;           /* the way back's last jump goes through here */
    uint64_t scratch;            /* entry only */
    uint64_t idle_stack;         /* top of this vcpu's own stack */
    struct thread *xstate_owner; /* whose extended state the registers hold */
    uint64_t need_resched;
    uint64_t return_due; /* return_work has something to do that is asked for nowhere else */
    uint32_t number;
    bool xstate_traps; /* the next use of the extended state is exception 7 */
    uint64_t lock_depth;
    void *sched;    /* the scheduler's per-vcpu data */
    uint64_t space; /* capability of the space it runs in */
    uint64_t counters[15];
};
static_assert(sizeof(struct vcpu_local) <= sizeof(((struct exo_vcpu_page *)nullptr)->libos));

static inline struct exo_vcpu_page *vcpu_page(void)
{
    struct exo_vcpu_page *page;
    __asm__ volatile("movq %%gs:0, %0" : "=r"(page));
    return page;
}

static inline struct vcpu_local *vcpu_local(void)
{
    return (struct vcpu_local *)vcpu_page()->libos;
}

/* The thread whose libOS code this is.  A thread keeps its identity over a sleep, though not its vcpu. */
static inline struct thread *current_thread(void)
{
    struct thread *t;
    __asm__ volatile("movq %%gs:128, %0" : "=r"(t));
    return t;
}
#define current (current_thread())

static inline struct regs *arch_regs(const struct arch_thread *t)
{
    return (struct regs *)(t->stack_top - sizeof(struct regs));
}

static inline uint64_t arch_cycles(void)
{
    uint32_t lo, hi;
    __asm__ volatile("rdtsc" : "=a"(lo), "=d"(hi));
    return (uint64_t)hi << 32 | lo;
}

static inline void arch_pause(void)
{
    __asm__ volatile("pause" ::: "memory");
}

/* Save PREV's callee-saved registers and stack, go on as NEXT.  Returns in PREV when somebody
 * switches back to it.  The caller holds the domain lock and has made NEXT current. */
void arch_switch(struct arch_thread *prev, struct arch_thread *next);

/* Prepare T (stack_top set) so that the first arch_switch to it calls ENTRY(ARG), which never returns. */
void arch_thread_prepare(struct arch_thread *t, void (*entry)(void *), void *arg);

/* Go back to the program of the current thread with what its struct regs holds.  Runs
 * return_work() first (signals, rescheduling), which releases the domain lock. */
[[noreturn]] void arch_user_return(void);

/* Extended state.  arch_xstate_save puts the registers of the current program into T's area;
 * arch_xstate_load the other way.  arch_xstate_init makes the area that of a fresh program. */
void arch_xstate_save(struct arch_thread *t);
void arch_xstate_load(struct arch_thread *t);
void arch_xstate_init(struct arch_thread *t);
uint32_t arch_xstate_bytes(void);

/* si_code of a SIGFPE for exception VECTOR (16 or 19). */
int arch_float_code(uint64_t vector);

/* The TLS base register of the running program. */
uint64_t arch_fs_base(void);
void arch_set_fs_base(uint64_t base);

/* Make the calling vcpu's kernel entries the libOS's. */
void arch_init(void);

/* Called by entry.S on the libOS stack, events masked, domain lock not held.  The names are fixed;
 * sched/ provides return_work, the rest is arch/'s. */
void arch_syscall_entry(struct regs *regs);
void arch_patched_entry(struct regs *regs); /* from a patched site */
void return_work(struct regs *regs);

/* The system call table's entry point (linux-api/dispatch.c). */
void syscall_dispatch(struct regs *regs);
