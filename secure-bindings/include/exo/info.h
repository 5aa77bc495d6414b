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
constexpr uint32_t EXO_MAX_DEVICES = 16;

struct exo_range {
    exo_frame first;
    uint32_t count;
};

/* What is behind a range of device frames; it decides how their mappings are cached. */
enum exo_device_kind : uint32_t {
    EXO_DEVICE_NONE,
    EXO_DEVICE_REGISTERS,   /* uncached */
    EXO_DEVICE_FRAMEBUFFER, /* a picture, RGB; write-combining */
    EXO_DEVICE_TEXT,        /* a text screen, two bytes a cell as in EGA; write-combining */
    EXO_DEVICE_SHARED,      /* memory shared with what runs below the kernel; write-back */
    EXO_DEVICE_KINDS
};

/* Where a colour stands in a pixel: BITS bits, the lowest of them bit SHIFT. */
struct exo_colour {
    uint8_t shift, bits;
};

/* A range of frames outside RAM, which a domain may claim (device_claim). */
struct exo_device {
    exo_frame first;
    uint32_t count;
    enum exo_device_kind kind;
    uint32_t offset; /* of the first byte in the first frame */
    /* Of a framebuffer, else 0: pixels, of a text screen cells; bytes from a line to the next. */
    uint32_t width, height, pitch;
    uint8_t bits_per_pixel;
    struct exo_colour red, green, blue;
    uint8_t reserved;
};
static_assert(sizeof(struct exo_device) == 36);

/* Where Xen's console and store are, if Xen runs below: frames that this guest shares with their
 * backends, and the interrupt lines that stand for their event channels.  0: there is none. */
struct exo_xen {
    exo_frame console, store;
    uint32_t console_line, store_line;
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
    uint32_t device_count;
    struct exo_device devices[EXO_MAX_DEVICES]; /* fixed at boot; frame_query tells the holder */
    struct exo_xen xen;
};
constexpr uint64_t EXO_INFO_MAGIC = 0x6f666e696d616573; /* "seaminfo" */
