/* SPDX-License-Identifier: BSD-2-Clause */
/* arch.h - what the generic kernel asks of the architecture.
 *
 * Every architecture provides this header, mmu.h, cpu_arch.h and trapframe.h under these names
 * (doc/architecture.md, "Another architecture").  Cycle counts are of the counter that
 * arch_cycles reads; bases and offsets of memory are physical unless named `va`.
 */
#pragma once

#include <exo/abi.h>
#include <stddef.h>
#include <stdint.h>
#include "trapframe.h"

struct cpu;
struct boot_facts;

constexpr uint32_t ARCH_XSAVE_MAX = 2816; /* room for x87, SSE and AVX in standard format */

/* Physical memory, through the direct map. */
static inline void *arch_direct(uint64_t physical)
{
    return (void *)(DIRECT_BASE + physical);
}

static inline void *arch_frame_ptr(exo_frame frame)
{
    return arch_direct((uint64_t)frame << EXO_FRAME_SHIFT);
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

/* Leave the kernel as TF says, for the first time on this CPU. */
[[noreturn]] void arch_leave(struct trapframe *tf);

/* This CPU walks the kernel's own tables from now on. */
void mmu_load_kernel(void);

/* Take interrupts until one has come; called and left with interrupts off. */
static inline void arch_wait_for_interrupt(void)
{
    __asm__ volatile("sti; hlt; cli" ::: "memory");
}

/* Facts from the firmware, while the boot page tables still show all of the first 4 GiB. */
void arch_early_init(const struct boot_facts *facts);

/* Whether the kernel drives one of these frames itself: an interrupt controller's registers. */
bool arch_owns_frames(exo_frame first, uint32_t count);

/* Take away a page of the kernel image that guards a stack. */
void mmu_guard_page(void *page);

/* The first thing on a CPU: descriptor tables, so that a mistake from here on is a panic with
 * its reason and no silent reset. */
void arch_cpu_early(struct cpu *cpu);
/* Set up this CPU: control registers, syscall entry, local timer. */
void arch_cpu_init(struct cpu *cpu);

/* Start every other CPU that the firmware tells of; each calls cpu_other_main. */
void arch_start_others(const struct boot_facts *facts);

/* The kernel's own page tables, and rights for each section of its image. */
void arch_mmu_init(struct boot_facts *facts);

/* One-shot timer of this CPU: an interrupt at DEADLINE (cycle counter), 0 for none. */
void arch_timer_set(uint64_t deadline_tsc);
uint64_t arch_tsc_hz(void);
uint64_t arch_wall_clock_ns(void); /* since 1970, from the machine's clock */

/* Interrupt CPU, so that it looks at its state again. */
void arch_kick(const struct cpu *cpu);

/* Interrupt lines. */
void arch_irq_init(const struct boot_facts *facts);
constexpr uint32_t ARCH_LINES_MAX = 72; /* one past the highest number that a line can have */
bool arch_irq_exists(uint32_t line);
void arch_irq_enable(uint32_t line, const struct cpu *to);
void arch_irq_disable(uint32_t line);
bool arch_irq_is_level(uint32_t line);
/* Raise the other end's event; false: LINE is a device's and has no such end. */
bool arch_irq_signal(uint32_t line);
void arch_irq_done(void); /* end of interrupt, at this CPU's controller */

/* The architecture's part of the information page, which has just been begun. */
void arch_describe(const struct boot_facts *facts);

/* The running vcpu's registers beyond the trapframe. */
void arch_set_user_gs(uint64_t base);
void arch_enter_vcpu(struct cpu *cpu, uint64_t page_va, void *page);
/* Where its reflected calls and its upcalls go. */
void arch_set_entries(struct cpu *cpu, uint64_t linux_entry, uint64_t upcall_entry);
void arch_xstate_init(void *area);
void arch_xstate_save(void *area);
void arch_xstate_load(const void *area);
/* Whether the next use of the extended state is an exception: the kernel's own included. */
void arch_xstate_trap(bool on);
uint32_t arch_xstate_bytes(void);
uint64_t arch_xstate_mask(void);
uint64_t arch_user_tls(void);
void arch_set_user_tls(uint64_t base);
void arch_set_vcpu_number(uint32_t number);                   /* what rdpid and rdtscp tell */
void arch_set_ports(struct cpu *cpu, const uint8_t *allowed); /* one bit a port, 1: allowed */
constexpr uint32_t ARCH_PORTS = 0x400;
bool arch_port_is_reserved(uint32_t port); /* the kernel's own, or able to reach past it */
/* Ports that can reach past the kernel by some of what is written to them.  False: VALUE could. */
bool arch_port_is_guarded(uint32_t port);
uint8_t arch_port_guarded_read(uint32_t port);
[[nodiscard]] bool arch_port_guarded_write(uint32_t port, uint8_t value);

/* Bytes for the log; from boot on. */
void arch_log_init(const char *cmdline);
void arch_log_insist(void); /* what follows is to be seen, even if no log was wanted */
void arch_log_write(const char *text, size_t n);
bool arch_log_owns_port(uint32_t port);

/* End the machine.  One that has FAILED is not switched off, for its last words would go too: it
 * halts, unless a host takes notice. */
[[noreturn]] void arch_power_off(bool failed);
[[noreturn]] void arch_reset(void);
/* All CPUs stop for good. */
[[noreturn]] void arch_halt(void);

/* Copy between kernel and user memory; false if some of it is not there.  The caller
 * has checked the range with range_is_user (usercopy.h). */
bool user_copy(void *to, const void *from, size_t n);
