/* SPDX-License-Identifier: BSD-2-Clause */
/* info.h - facts that the kernel shows to every domain, read-only, at EXO_INFO_VA.
 *
 * The first page is one struct exo_info; what it points to follows it in the same
 * read-only window.  A reader of a field marked (gen) reads `generation` before
 * and after, and tries again if it is odd or has changed.
 */
#pragma once

#include <exo/abi.h>

constexpr uint32_t EXO_MAX_CPUS = 16;
constexpr uint32_t EXO_SLOTS = 64; /* slots of each CPU's ring */
constexpr uint32_t EXO_MAX_RANGES = 32;

struct exo_range {
    exo_frame first;
    uint32_t count;
};

struct exo_info {
    uint64_t magic; /* EXO_INFO_MAGIC */
    uint32_t abi_version;
    uint32_t generation;
    uint64_t tsc_hz;       /* cycle counter's rate */
    uint64_t boot_tsc;     /* counter when the wall clock was read */
    uint64_t boot_unix_ns; /* wall clock then, nanoseconds since 1970 */
    uint32_t cpu_count;
    uint32_t xsave_bytes; /* size of the extended state, standard format; 0: FXSAVE only */
    uint64_t xsave_mask;  /* XCR0 */
    uint64_t slot_cycles; /* length of one slice slot in TSC cycles */
    uint32_t ram_frames;  /* frames of RAM in the machine */
    uint32_t range_count; /* ranges of frames that domain 0 held at boot */
    struct exo_range ranges[EXO_MAX_RANGES];
    struct exo_range module; /* the boot module's frames (initramfs), held by domain 0 */
    uint64_t module_bytes;
    uint64_t module_offset;  /* of its first byte in the first frame */
    uint32_t cmdline_offset; /* of the command line, from EXO_INFO_VA */
    uint32_t cmdline_bytes;
    struct exo_range boot_objects; /* frames of domain 0's own image, first tables and objects */
    uint16_t slice_owner[EXO_MAX_CPUS][EXO_SLOTS]; /* (gen) domain number holding the slot */
};
constexpr uint64_t EXO_INFO_MAGIC = 0x6f666e696d616573; /* "seaminfo" */
