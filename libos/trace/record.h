/* SPDX-License-Identifier: BSD-2-Clause */
/* record.h - what happens in the domain, as records for the host (seam run --trace, --profile).
 *
 * The host has the machine's memory as a file.  So records are written to a ring in memory, and
 * the host reads them there while the machine runs; one line of the log tells where it is:
 *     seam: record FRAME
 * FRAME holds struct record_head, and the frames behind it the ring, an array of struct record.
 * The newest records replace the oldest ones: a host that is too slow loses some and knows how
 * many, for `end` counts all that were ever written.
 *
 * All of this is done under the domain lock, which keeps records in order.  While nothing is
 * recorded, a place that would is a test of record_level.
 */
#pragma once

#include <stdint.h>

struct call;
struct mm;
struct thread;
struct vma;

constexpr uint64_t RECORD_MAGIC = 0x3152434552414553; /* "SEARECR1" */

struct record_head {
    uint64_t magic;
    uint64_t cycles_hz; /* of the cycle counter, by which records are dated */
    uint64_t room;      /* records that the ring holds, a power of two */
    uint64_t end;       /* records written; record N is at N % room.  Stored last (release) */
};

enum record_level : uint8_t {
    RECORD_NOTHING,
    RECORD_MAPS,  /* what is mapped where for execution: a profile's */
    RECORD_EVENTS /* and everything else */
};

/* The kinds, with what `number` and the arguments mean.  The host knows these numbers. */
enum record_kind : uint8_t {
    RECORD_TEXT =
        1, /* 48 bytes of text in the arguments, NUL-padded; belongs to the record before */
    RECORD_SPACE = 2,   /* a new, empty space: frame of its top table */
    RECORD_MAP = 3,     /* executable range: top table, start, end, offset in bytes; NUMBER texts
                        * with the path follow, none: no file */
    RECORD_THREAD = 4,  /* a thread has this name from now on: pid; 16 bytes of name */
    RECORD_EXIT = 5,    /* the thread ends: status as wait(2) has it */
    RECORD_SWITCH = 6,  /* the vcpu goes over to the thread TID, 0: it idles */
    RECORD_CALL = 7,    /* system call NUMBER: its arguments */
    RECORD_RESULT = 8,  /* of system call NUMBER: the result */
    RECORD_FAULT = 9,   /* page fault: address, error code, instruction (0: in the libOS) */
    RECORD_EVENT = 10,  /* event bit NUMBER is handled: the interrupt line bound to it, 0: none */
    RECORD_SIGNAL = 11, /* signal NUMBER is delivered */
    RECORD_WAKE = 12,   /* a thread becomes ready: its tid, the vcpu */
};

struct record {
    uint64_t cycles;
    uint8_t kind;
    uint8_t vcpu;
    uint16_t number;
    int32_t tid; /* the thread that it is about; of an idle vcpu 0 */
    uint64_t arg[6];
};
static_assert(sizeof(struct record) == 64);

extern enum record_level record_level;

/* Begin, at the LEVEL that the command line asks for.  Without memory for the ring nothing is
 * recorded, and the log says so. */
void record_start(enum record_level level, uint64_t cycles_hz);

/* Only where record_maps() or record_events() says so.  They save registers themselves, so that
 * places that record nothing need not. */
[[gnu::cold, clang::preserve_most]] void
record_add(enum record_kind kind, unsigned number, int32_t tid, uint64_t a, uint64_t b, uint64_t c);
[[gnu::cold, clang::preserve_most]] void record_add_space(const struct mm *mm);
[[gnu::cold, clang::preserve_most]] void record_add_map(const struct vma *vma);
[[gnu::cold, clang::preserve_most]] void record_add_thread(const struct thread *t);
[[gnu::cold, clang::preserve_most]] void record_add_call(const struct call *call);

static inline bool record_events(void)
{
    return __builtin_expect(record_level == RECORD_EVENTS, false);
}

static inline bool record_maps(void)
{
    return __builtin_expect(record_level != RECORD_NOTHING, false);
}
