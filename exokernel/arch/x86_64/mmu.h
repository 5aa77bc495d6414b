/* SPDX-License-Identifier: BSD-2-Clause */
/* mmu.h - page-table entries and the translation cache (Intel SDM vol. 3A, chapter 4).
 *
 * Four levels of 512 entries; level 1 maps 4 KiB, level 2 may map 2 MiB, level 4 is
 * the root.  The upper half of every root is the kernel's and the same everywhere.
 */
#pragma once

#include <exo/abi.h>
#include <exo/info.h>
#include "arch.h"

typedef uint64_t mmu_entry;

constexpr mmu_entry MMU_PRESENT = 1ull << 0;
constexpr mmu_entry MMU_WRITE = 1ull << 1;
constexpr mmu_entry MMU_USER = 1ull << 2;
constexpr mmu_entry MMU_COMBINING = 1ull << 3; /* the PAT says so: arch_cpu_init */
constexpr mmu_entry MMU_UNCACHED = 1ull << 4;
constexpr mmu_entry MMU_ACCESSED = 1ull << 5;
constexpr mmu_entry MMU_DIRTY = 1ull << 6;
constexpr mmu_entry MMU_LARGE = 1ull << 7;
constexpr mmu_entry MMU_GLOBAL = 1ull << 8;
constexpr mmu_entry MMU_DEVICE = 1ull << 9; /* ours: the frame is a device's (device.h) */
constexpr mmu_entry MMU_NO_EXEC = 1ull << 63;
constexpr mmu_entry MMU_FRAME_MASK = 0x000ffffffffff000;

constexpr uint32_t MMU_LEVELS = 4;
constexpr uint32_t MMU_ENTRIES = 512;
constexpr uint32_t MMU_USER_ENTRIES = 256; /* of the root */

static inline uint32_t mmu_index(uint64_t va, uint32_t level)
{
    return va >> (12 + 9 * (level - 1)) & (MMU_ENTRIES - 1);
}

/* Bytes that one entry of LEVEL covers. */
static inline uint64_t mmu_span(uint32_t level)
{
    return 1ull << (12 + 9 * (level - 1));
}

static inline exo_frame mmu_frame(mmu_entry entry)
{
    return (exo_frame)((entry & MMU_FRAME_MASK) >> EXO_FRAME_SHIFT);
}

static inline mmu_entry mmu_table_entry(exo_frame table)
{
    return (mmu_entry)table << EXO_FRAME_SHIFT | MMU_PRESENT | MMU_WRITE | MMU_USER;
}

/* A leaf for user mode.  PERMS: EXO_READ, EXO_WRITE, EXO_EXEC; LARGE: 2 MiB. */
static inline mmu_entry mmu_leaf(exo_frame frame, uint32_t perms, bool large)
{
    return (mmu_entry)frame << EXO_FRAME_SHIFT | MMU_PRESENT | MMU_USER |
           (perms & EXO_WRITE ? MMU_WRITE : 0) | (perms & EXO_EXEC ? 0 : MMU_NO_EXEC) |
           (large ? MMU_LARGE : 0);
}

/* What a change of rights leaves as it is in a device's leaf. */
constexpr mmu_entry MMU_DEVICE_KEPT = MMU_DEVICE | MMU_COMBINING | MMU_UNCACHED;

/* A leaf of 4 KiB for a device's frame: never executable, cached as KIND says. */
static inline mmu_entry mmu_device_leaf(exo_frame frame, uint32_t perms, enum exo_device_kind kind)
{
    mmu_entry cache = kind == EXO_DEVICE_REGISTERS ? MMU_UNCACHED
                      : kind == EXO_DEVICE_SHARED  ? 0
                                                   : MMU_COMBINING;
    return mmu_leaf(frame, perms & ~EXO_EXEC, false) | MMU_DEVICE | cache;
}

static inline uint32_t mmu_leaf_perms(mmu_entry leaf)
{
    return EXO_READ | (leaf & MMU_WRITE ? EXO_WRITE : 0) | (leaf & MMU_NO_EXEC ? 0 : EXO_EXEC);
}

static inline bool mmu_is_leaf(mmu_entry entry, uint32_t level)
{
    return level == 1 || (entry & MMU_LARGE);
}

/* Begin the root table of a new space: user half empty, kernel half the kernel's. */
void mmu_root_init(mmu_entry *root);
/* Walk with this root from now on; forgets every non-global translation. */
void mmu_load(exo_frame root);
void mmu_flush_page(uint64_t va);
void mmu_flush_all(void);
/* Map a device's registers for the kernel, uncached; stays for good. */
void *mmu_map_device(uint64_t physical, uint64_t bytes);
