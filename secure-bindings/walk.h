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

/* Remove what is mapped from VA on; a large page goes only as a whole.  Bounded: returns how
 * far it came. */
uint64_t walk_unmap(struct space *space, uint64_t va, uint64_t end, struct flush *flush)
    REQUIRES(exo_lock);

/* Give every page mapped in [*VA, END) these rights; moves *VA along.  EXO_AGAIN: bounded. */
[[nodiscard]] enum exo_status walk_protect(struct space *space, uint64_t *va, uint64_t end,
                                           uint32_t perms, struct flush *flush) REQUIRES(exo_lock);

/* Bit 0: mapped, bit 1: accessed, bit 2: dirty; clears the latter two. */
uint8_t walk_read_ad(struct space *space, uint64_t va, struct flush *flush) REQUIRES(exo_lock);
