/* SPDX-License-Identifier: BSD-2-Clause */
/* walk.h - going through a space's page tables. */
#pragma once

#include "mmu.h"
#include "space.h"

enum walk_mode {
    WALK_FIND,
    WALK_CREATE
};

/* A place in the tables.  Kept between neighbouring pages it saves the way from the root. */
struct walk {
    struct space *space;
    uint64_t reach; /* first address of the stretch that `table` covers, plus 1; 0: nowhere yet */
    uint32_t level;
    exo_frame table; /* that holds `entry` */
    mmu_entry *entry;
};

/* Go to VA's entry of LEVEL (1 or 2).  WALK_CREATE takes missing tables from the domain's
 * pool.  EXO_NOTABLE: the pool is empty; EXO_INUSE: a mapping of another size is in the
 * way; EXO_RANGE (WALK_FIND): there is no table. */
[[nodiscard]] enum exo_status walk_to(struct walk *walk, uint64_t va, uint32_t level,
                                      enum walk_mode mode) REQUIRES(exo_lock);

/* Go to VA's entry of level 1 if all tables on the way are there: what is asked for most. */
static inline bool walk_lowest(struct walk *walk, uint64_t va) REQUIRES(exo_lock)
{
    uint64_t stretch = va & ~(mmu_span(2) - 1);
    if (walk->reach != stretch + 1 || walk->level != 1) {
        mmu_entry entry = mmu_table_entry(walk->space->root);
        for (uint32_t level = MMU_LEVELS; level > 1; level--) {
            entry = ((const mmu_entry *)frame_ptr(mmu_frame(entry)))[mmu_index(va, level)];
            if ((entry & (MMU_PRESENT | MMU_LARGE)) != MMU_PRESENT)
                return false;
        }
        walk->table = mmu_frame(entry);
        walk->level = 1;
        walk->reach = stretch + 1;
    }
    walk->entry = (mmu_entry *)frame_ptr(walk->table) + mmu_index(va, 1);
    return true;
}

/* Remove what is mapped from VA on; a large page goes only as a whole.  Bounded: returns how
 * far it came. */
uint64_t walk_unmap(struct space *space, uint64_t va, uint64_t end, struct flush *flush)
    REQUIRES(exo_lock);

/* Give every page mapped in [*VA, END) these rights; moves *VA along.  EXO_AGAIN: bounded. */
[[nodiscard]] enum exo_status walk_protect(struct space *space, uint64_t *va, uint64_t end,
                                           uint32_t perms, struct flush *flush) REQUIRES(exo_lock);

/* Bit 0: mapped, bit 1: accessed, bit 2: dirty; clears the latter two. */
uint8_t walk_read_ad(struct space *space, uint64_t va, struct flush *flush) REQUIRES(exo_lock);
