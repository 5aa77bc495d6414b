/* SPDX-License-Identifier: BSD-2-Clause */
/* abi.h - the numbers, types and layouts that kernel and domains share. */
#pragma once

#include <stdint.h>
#include <exo/status.h>
#include <exo_layout.h>

typedef uint32_t exo_frame; /* a physical page number */
typedef uint32_t exo_cap;   /* an index into the caller's capability table */
typedef uint64_t exo_uaddr; /* an address in the caller's current space */

/* A syscall whose number lies in [EXO_BASE, EXO_BASE + EXO_CALL_SPAN) is an
 * exokernel call; every other number is reflected to the libOS.  Linux numbers,
 * x32's bit 30 included, stay far below and -1 far above. */
constexpr uint32_t EXO_BASE = 0x5ea00000;
constexpr uint32_t EXO_CALL_SPAN = 64;
constexpr uint32_t EXO_ABI_VERSION = 1;

constexpr uint32_t EXO_FRAME_SHIFT = 12;
constexpr uint64_t EXO_FRAME_BYTES = 4096;
constexpr uint64_t EXO_LARGE_BYTES = 2 << 20;
constexpr uint32_t EXO_LARGE_FRAMES = 512;

/* What a capability names. */
enum exo_cap_kind : uint8_t {
    EXO_CAP_NONE,
    EXO_CAP_FRAMES, /* frames that another domain shares with this one */
    EXO_CAP_DOMAIN,
    EXO_CAP_SPACE,
    EXO_CAP_VCPU,
};

/* The capabilities that domain 0 finds in its table when it starts. */
constexpr exo_cap EXO_CAP_SELF = 0; /* its domain, in a `dom` parameter */
constexpr exo_cap EXO_CAP_BOOT_SPACE = 1;
constexpr exo_cap EXO_CAP_BOOT_VCPU = 2;
constexpr exo_cap EXO_CAP_INFO = 3; /* in every domain: the frames of exo_info, read-only */

/* Rights on frames.  EXO_PERM_* of a mapping must be a subset. */
constexpr uint32_t EXO_READ = 1 << 0;
constexpr uint32_t EXO_WRITE = 1 << 1;
constexpr uint32_t EXO_EXEC = 1 << 2;
constexpr uint32_t EXO_RWX = EXO_READ | EXO_WRITE | EXO_EXEC;

/* va_perms carries a page-aligned address and, in its low 12 bits, EXO_READ,
 * EXO_WRITE, EXO_EXEC and EXO_LARGE.  Writable and executable at once is refused
 * unless EXO_WX says that the domain wants it (a JIT's RWX mapping). */
constexpr uint32_t EXO_LARGE = 1 << 3; /* 2 MiB pages; count is in 2 MiB units */
constexpr uint32_t EXO_WX = 1 << 4;
constexpr uint32_t EXO_PERM_MASK = 0xfff;

/* space_protect flags. */
constexpr uint32_t EXO_PROTECT_NO_FLUSH = 1 << 0; /* rights only grow: stale entries fault again */

/* frame_revoke flags. */
constexpr uint32_t EXO_REVOKE_ASK = 0; /* raise EXO_EVENT_REVOKE in the holder */
constexpr uint32_t EXO_REVOKE_FORCE =
    1; /* take it, whatever maps it; pinned frames stay (EXO_INUSE) */

/* frame types, as frame_query tells them. */
enum exo_frame_type : uint8_t {
    EXO_FRAME_NONE,   /* no RAM there */
    EXO_FRAME_KERNEL, /* the kernel's own, never handed out */
    EXO_FRAME_PLAIN,
    EXO_FRAME_TABLE,  /* a page table, or waiting in a pool to become one */
    EXO_FRAME_OBJECT, /* a domain, capability table, space or vcpu lives in it */
    EXO_FRAME_DEVICE, /* no RAM, but in exo_info.devices */
};

struct exo_frame_answer {
    uint32_t type;   /* enum exo_frame_type */
    uint32_t mine;   /* 1: the caller holds it */
    uint32_t maps;   /* mappings and pins, if the caller holds it; of a device: of all its frames */
    uint32_t rights; /* the caller's rights to it */
};

struct exo_cap_answer {
    uint32_t kind; /* enum exo_cap_kind */
    uint32_t rights;
    uint32_t first; /* frames: the range; space: its root table's frame; vcpu: its number */
    uint32_t count;
};

/* One entry of space_map_batch: `count` consecutive pages to consecutive frames. */
struct exo_map {
    uint64_t va_perms;
    exo_frame frame;
    uint32_t count;
};

/* Events: bits of the pending word.  The rest is the libOS's to assign. */
constexpr uint64_t EXO_EVENT_TIMER = 1ull << 0;
constexpr uint64_t EXO_EVENT_SLICE_END = 1ull << 1; /* yield soon, or be preempted */
constexpr uint64_t EXO_EVENT_REVOKE = 1ull << 2;    /* see exo_info.revoke_* */
constexpr uint32_t EXO_EVENT_FIRST_FREE = 8;        /* lowest bit number for irq_bind and notify */

/* Causes of an upcall. 0-31 are the processor's exception vectors (Intel SDM vol. 3A, 6.3.1). */
constexpr uint64_t EXO_CAUSE_EVENT = 0x100;

/* port_guarded: read instead of writing a byte. */
constexpr uint32_t EXO_PORT_READ = 0x100;

/* power actions. */
constexpr uint32_t EXO_POWER_OFF = 0; /* status: the number that the log's last line tells */
constexpr uint32_t EXO_POWER_RESET = 1;
constexpr uint32_t EXO_POWER_HALT = 3; /* all CPUs stop; the log's last line says so */
constexpr uint32_t EXO_POWER_FAIL = 2; /* the domain gave up: the machine ends as after a panic */
