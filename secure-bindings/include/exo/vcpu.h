/* SPDX-License-Identifier: BSD-2-Clause */
/* vcpu.h - the page that a vcpu shares with the kernel, and the upcall frame.
 *
 * The vcpu page is plain memory of the domain.  The kernel reads and writes it
 * through its own mapping and trusts nothing in it: a wrong value harms the
 * domain alone.  %gs points to it whenever the libOS is entered.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <exo_frame.h>

struct exo_vcpu_page {
    uint64_t self;      /* this page's address in the libOS region; set by vcpu_create */
    uint64_t pending;   /* event bits; the kernel sets, the libOS clears, both atomically */
    uint64_t masked;    /* non-zero: no event upcalls; set by the kernel on each entry */
    uint64_t stack;     /* upcalls from outside the libOS region push below this address */
    uint64_t ret_rip;   /* reflected call: address after the syscall instruction */
    uint64_t ret_flags; /* reflected call: the caller's RFLAGS */
    uint32_t number;    /* this vcpu's number in its domain */
    uint32_t cpu;       /* the CPU it runs on, or ran on last */
    uint64_t forced;    /* times a slice's end found the libOS unresponsive */
    uint64_t upcalls;
    uint64_t reflections;
    uint64_t calls;
    uint64_t zero_fills;                 /* faults served by a demand-zero binding */
    uint32_t revoke_first, revoke_count; /* EXO_EVENT_REVOKE: give these frames back (frame_drop) */
    uint32_t taken_first, taken_count;   /* what the kernel took last, by force */
    uint64_t reserved[2];
    uint64_t libos[384]; /* the libOS's own per-vcpu data; the kernel never looks */
};
static_assert(offsetof(struct exo_vcpu_page, ret_rip) == 32);
static_assert(offsetof(struct exo_vcpu_page, libos) == 128);
static_assert(sizeof(struct exo_vcpu_page) <= 4096);

/* A demand-zero ring: frames that the libOS has filled with zeroes and owns.  The
 * kernel takes entries at `taken` while taken != given; the libOS adds at `given`. */
constexpr uint32_t EXO_RING_SLOTS = 1016;
struct exo_zero_ring {
    uint32_t given; /* written by the libOS, free-running */
    uint32_t taken; /* written by the kernel, free-running */
    uint32_t reserved[6];
    uint32_t frames[EXO_RING_SLOTS - 24];
};
