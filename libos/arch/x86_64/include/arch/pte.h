/* SPDX-License-Identifier: BSD-2-Clause */
/* pte.h - reading x86-64 page tables (SDM vol. 3A, 4.5), which the kernel lets us see.
 *
 * Tables are read through the window, never written: only the kernel changes them.
 */
#pragma once

#include <exo/abi.h>
#include <stddef.h>
#include <stdint.h>
#include "mm/page.h"

constexpr uint64_t PTE_PRESENT = 1 << 0;
constexpr uint64_t PTE_WRITE = 1 << 1;
constexpr uint64_t PTE_USER = 1 << 2;
constexpr uint64_t PTE_ACCESSED = 1 << 5;
constexpr uint64_t PTE_DIRTY = 1 << 6;
constexpr uint64_t PTE_LARGE = 1 << 7;
constexpr uint64_t PTE_NO_EXEC = 1ull << 63;
constexpr uint64_t PTE_FRAME = 0x000ffffffffff000;

constexpr unsigned PTE_TABLE_ENTRIES = 512;
/* Bytes that a last-level table maps. */
constexpr uint64_t PTE_TABLE_SPAN = PAGE_SIZE * PTE_TABLE_ENTRIES;

/* Bits of a page fault's error code (SDM vol. 3A, 4.7). */
constexpr uint64_t FAULT_PRESENT = 1 << 0;
constexpr uint64_t FAULT_WRITE = 1 << 1;
constexpr uint64_t FAULT_FETCH = 1 << 4;

static inline exo_frame pte_frame(uint64_t pte)
{
    return (exo_frame)((pte & PTE_FRAME) >> PAGE_SHIFT);
}

static inline const volatile uint64_t *pte_table(exo_frame table)
{
    return (const volatile uint64_t *)(page_window + ((uint64_t)table << PAGE_SHIFT));
}

/* The last-level table that maps VA, or NULL with *SKIP the first address above VA that
 * another table may map. */
static inline const volatile uint64_t *pte_last_table(exo_frame root, uint64_t va, uint64_t *skip)
{
    exo_frame table = root;

    for (unsigned shift = 39; shift > PAGE_SHIFT; shift -= 9) {
        uint64_t entry = pte_table(table)[va >> shift & (PTE_TABLE_ENTRIES - 1)];
        if (!(entry & PTE_PRESENT) || entry & PTE_LARGE) {
            *skip = ((va >> shift) + 1) << shift;
            return nullptr;
        }
        table = pte_frame(entry);
    }
    return pte_table(table);
}

/* The entry for VA; 0 if there is none. */
static inline uint64_t pte_read(exo_frame root, uint64_t va)
{
    uint64_t skip;
    const volatile uint64_t *table = pte_last_table(root, va, &skip);
    return table ? table[va >> PAGE_SHIFT & (PTE_TABLE_ENTRIES - 1)] : 0;
}

/* A walk over the present entries of a range, upwards. */
struct pte_walk {
    exo_frame root;
    uint64_t next, end;             /* what is still to be looked at */
    uint64_t va, pte;               /* the entry found */
    const volatile uint64_t *table; /* the last-level one there; null: not looked for yet */
};

static inline struct pte_walk pte_walk_begin(exo_frame root, uint64_t start, uint64_t end)
{
    return (struct pte_walk){.root = root, .next = start, .end = end};
}

/* The same as pte_walk_step, if nothing was unmapped or allocated since the last step. */
static inline bool pte_walk_next(struct pte_walk *w)
{
    if (w->next % PTE_TABLE_SPAN == 0)
        w->table = nullptr;
    while (w->next < w->end) {
        uint64_t skip = w->end;
        if (!w->table)
            w->table = pte_last_table(w->root, w->next, &skip);
        if (!w->table) {
            w->next = skip;
            continue;
        }
        do {
            uint64_t pte = w->table[w->next >> PAGE_SHIFT & (PTE_TABLE_ENTRIES - 1)];
            w->next += PAGE_SIZE;
            if (pte & PTE_PRESENT) {
                w->va = w->next - PAGE_SIZE;
                w->pte = pte;
                return true;
            }
        } while (w->next < w->end && w->next % PTE_TABLE_SPAN != 0);
        w->table = nullptr;
    }
    return false;
}

/* Find the next present entry; false at the end. */
static inline bool pte_walk_step(struct pte_walk *w)
{
    w->table = nullptr;
    return pte_walk_next(w);
}
