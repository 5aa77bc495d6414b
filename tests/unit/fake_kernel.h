/* SPDX-License-Identifier: BSD-2-Clause */
/* fake_kernel.h - a machine on the host for tests of the trusted code: memory, two CPUs with
 * translation caches, domains.
 *
 * Physical memory is mapped where kernel_host.h says.  The processor that runs the test is one of
 * the two; what the kernel does to its caches is done to a model of them, which fake_tlb_is_sane
 * compares with the page tables.
 */
#pragma once

#include <stdint.h>
#include "calls.h"
#include "cpu.h"
#include "domain.h"
#include "frame.h"
#include "mmu.h"
#include "space.h"

constexpr exo_frame FAKE_FRAMES = 16384; /* 64 MiB */
constexpr exo_frame FAKE_FIRST_FREE = 1024;
constexpr exo_frame FAKE_KERNELS_OWN = 0xfee00; /* a device that the kernel drives itself */

extern uint64_t fake_tsc_hz;       /* 0: every deadline is over at once */
extern uint32_t fake_kicks;        /* arch_kick calls */
extern uint64_t fake_timer;        /* the timer of the CPU that runs, as armed last */
extern uint32_t fake_shootdowns;   /* requests to other CPUs */
extern const char *fake_last_line; /* of the log */
extern bool fake_xen;              /* Xen is below, and gives a MiB from FAKE_XEN_RAM on */
constexpr uint64_t FAKE_XEN_RAM = 1 << 20;

/* Start with empty memory: domain 0 holds all frames from FAKE_FIRST_FREE on. */
void fake_kernel_begin(void);

/* A domain with COUNT frames from FIRST on (taken from domain 0), TABLES of them in its pool, and
 * a capability table of one frame. */
struct domain *fake_domain(uint16_t number, exo_frame first, uint32_t count, uint32_t tables);
/* What DOM's calls come with. */
struct caller fake_caller(struct domain *dom);

/* From now on the test runs on this CPU. */
void fake_cpu_run(uint32_t number);
/* The CPU that runs reads at VA: what its caches answer, filled from the page tables of the space
 * that is loaded.  The frame, or 0 if it faults. */
exo_frame fake_touch(uint64_t va);
/* No cached translation gives anything that the tables do not give. */
bool fake_tlb_is_sane(void);

/* The next panic is expected: what FUNCTION is called for. */
void fake_expect_panic(void (*function)(void *), void *arg);

/* An address of user memory that the kernel can reach, N bytes zeroed. */
void *fake_user(size_t n);
