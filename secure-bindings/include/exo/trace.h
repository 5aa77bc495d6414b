/* SPDX-License-Identifier: BSD-2-Clause */
/* trace.h - what the kernel writes down of each CPU if the command line says `trace=FRAMES`.
 *
 * Each CPU has a ring of so many frames (a power of two), taken at boot for good, with a frame for
 * struct exo_trace_head before it.  No domain sees them: who owns the machine reads its memory.
 * The log tells the frame of each head: `seam: trace CPU FRAME`.  The newest records replace the
 * oldest.
 */
#pragma once

#include <stdint.h>

constexpr uint64_t EXO_TRACE_MAGIC = 0x3145434152544f58; /* "XOTRACE1" */

struct exo_trace_head {
    uint64_t magic;
    uint64_t cycles_hz; /* of the cycle counter */
    uint64_t room;      /* records in the ring, a power of two */
    uint64_t end;       /* records written; record N is at N % room.  Stored last (release) */
};

enum exo_trace_kind : uint8_t {
    EXO_TRACE_RUN = 1,   /* vcpu NUMBER of the domain has the CPU: its slot */
    EXO_TRACE_IDLE,      /* nobody has it */
    EXO_TRACE_UPCALL,    /* into the domain, vcpu NUMBER: cause, detail (exo_frame.h) */
    EXO_TRACE_INTERRUPT, /* vector NUMBER */
    EXO_TRACE_CALL,      /* call NUMBER of the domain is over: the cycles that it took, status */
    EXO_TRACE_SLICE_END, /* vcpu NUMBER of the domain is told that its slice ends */
    EXO_TRACE_FORCED,    /* it has not answered in time: the kernel takes the CPU */
};

struct exo_trace {
    uint64_t cycles;
    uint8_t kind;
    uint8_t reserved;
    uint16_t domain;
    uint32_t number;
    uint64_t arg[2];
};
static_assert(sizeof(struct exo_trace) == 32);
