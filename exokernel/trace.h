/* SPDX-License-Identifier: BSD-2-Clause */
/* trace.h - each CPU's ring of trace records (exo/trace.h has the layout).
 *
 * A ring is written by its own CPU only, with interrupts off, so no lock is needed.
 */
#pragma once

#include <exo/trace.h>
#include "cpu.h"

struct boot_facts;

/* Take the rings if the command line asks for them.  All CPUs have been started. */
void trace_init(const struct boot_facts *facts);

/* Write a record to CPU's ring, which it has: call trace().  It saves registers itself, so that
 * places that record nothing need not. */
[[gnu::cold, clang::preserve_most]] void trace_add(const struct cpu *cpu, enum exo_trace_kind kind,
                                                   uint32_t domain, uint32_t number, uint64_t a,
                                                   uint64_t b);

/* A call begins; and is over, number NUMBER of the domain. */
[[gnu::cold, clang::preserve_most]] void trace_call_begin(struct cpu *cpu);
[[gnu::cold, clang::preserve_most]] void trace_call_end(const struct cpu *cpu, uint32_t domain,
                                                        uint64_t number, uint64_t status);

static inline bool trace_is_on(const struct cpu *cpu)
{
    return __builtin_expect(cpu->trace != nullptr, false);
}

static inline void trace(const struct cpu *cpu, enum exo_trace_kind kind, uint32_t domain,
                         uint32_t number, uint64_t a, uint64_t b)
{
    if (trace_is_on(cpu))
        trace_add(cpu, kind, domain, number, a, b);
}
