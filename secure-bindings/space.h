/* SPDX-License-Identifier: BSD-2-Clause */
/* space.h - a hardware address space of a domain.
 *
 * The root's user half is the domain's, but for one slot, the libOS region: every
 * space of the domain has the same level-3 table there, so what is mapped in it
 * through any space appears in all.  Table frames come from the domain's pool and go
 * back to it when their last entry goes.  Every change ends with the stale
 * translations flushed, on all CPUs that could hold them, before the call returns.
 */
#pragma once

#include <exo/abi.h>
#include "domain.h"
#include "lock.h"

constexpr uint32_t ZERO_BINDINGS = 96;
constexpr uint32_t FLUSH_PAGES = 24; /* more than that: all at once */

/* A region whose first touches are served from a ring of the domain's own frames. */
struct zero_binding {
    uint64_t first_va, pages;
    uint32_t perms;
    exo_frame ring; /* pinned */
};

constexpr uint64_t NEAR_NONE = UINT64_MAX;

/* The lowest table in which a single page was mapped last, outside the region, for the next such
 * page is mostly its neighbour.  walk.c forgets it when a table goes away. */
struct near {
    uint64_t stretch; /* number of the 2 MiB that it covers, or NEAR_NONE */
    uint64_t *entries;
    struct frame *table;
};

struct space {
    struct domain *dom;
    struct cap_place name;
    exo_frame object;
    exo_frame root;
    struct space *next;         /* in domain.spaces */
    uint32_t vcpus;             /* that have it as their current space */
    _Atomic(uint32_t) cpu_mask; /* CPUs whose translation caches may hold some of it */
    uint32_t zero_count;
    struct near near;
    struct zero_binding zero[ZERO_BINDINGS]; /* ascending, disjoint */
};
static_assert(sizeof(struct space) <= EXO_FRAME_BYTES);

/* What has to leave the translation caches before a call may return. */
struct flush {
    struct space *space; /* its mask is asked; null: every CPU that runs DOM */
    struct domain *dom;
    const struct space *evict; /* this space goes away: stop walking it */
    uint32_t count;            /* > FLUSH_PAGES: all */
    uint64_t va[FLUSH_PAGES];
};

[[nodiscard]] enum exo_status space_create(struct domain *dom, exo_frame object, struct space **out)
    REQUIRES(exo_lock);

/* Map COUNT consecutive frames at consecutive pages.  An entry that was there is replaced.
 * *DONE tells how many were mapped when the status is not EXO_OK. */
[[nodiscard]] enum exo_status space_map_run(struct space *space, uint64_t va_perms, exo_frame first,
                                            uint32_t count, uint32_t *done, struct flush *flush)
    REQUIRES(exo_lock);

/* The leaf entry that translates VA, 0 if none; *LARGE tells its size. */
uint64_t space_lookup(const struct space *space, uint64_t va, bool *large) REQUIRES(exo_lock);

/* Remove the mappings of every frame in a range, wherever in DOM's spaces.  For forced
 * revocation: visits all tables of DOM. */
void space_unmap_frames(struct domain *dom, exo_frame first, uint32_t count) REQUIRES(exo_lock);

/* Take down a part of SPACE's user half; true when nothing is left. */
bool space_teardown_step(struct space *space) REQUIRES(exo_lock);
/* The same for the libOS region that all spaces of DOM share. */
bool space_teardown_region_step(struct domain *dom) REQUIRES(exo_lock);
/* Free an empty space's root and object. */
void space_free(struct space *space) REQUIRES(exo_lock);

/* A first touch at VA: serve it from a demand-zero binding.  False: not one of ours. */
bool space_serve_zero(struct space *space, uint64_t va, uint64_t error) REQUIRES(exo_lock);

/* Make SPACE (null: the kernel's own tables) the one this CPU walks. */
void space_load(struct space *space) REQUIRES(exo_lock);

void flush_begin(struct flush *flush, struct space *space);
void flush_add(struct flush *flush, uint64_t va);
void flush_all(struct flush *flush) REQUIRES(exo_lock);
static inline void flush_finish(struct flush *flush) REQUIRES(exo_lock)
{
    if (flush->count != 0)
        flush_all(flush);
}
/* This CPU's part of it. */
void flush_here(const struct flush *flush);
