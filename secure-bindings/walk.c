/* SPDX-License-Identifier: BSD-2-Clause */
/* walk.c - going through a space's page tables.
 *
 * A table's `used` counts its present entries.  When it falls to zero the table leaves
 * its parent and goes back to the domain's pool; such a change flushes everything,
 * because a CPU may have cached the way through it (Intel SDM vol. 3A, 4.10.3).
 */
#include "walk.h"
#include "device.h"
#include "mem.h"

constexpr uint32_t STEPS_MAX = 4096; /* entries above the lowest level looked at in one call */
constexpr uint32_t STEPS_OF_A_TABLE = 127; /* what a lowest table counts for */
constexpr uint32_t STEPS_OF_A_LOOK = 8;    /* empty entries that count for one step */

enum exo_status walk_to(struct walk *walk, uint64_t va, uint32_t level, enum walk_mode mode)
{
    uint64_t stretch = va & ~(mmu_span(level + 1) - 1);
    if (walk->reach == stretch + 1 && walk->level == level) {
        walk->entry = (mmu_entry *)frame_ptr(walk->table) + mmu_index(va, level);
    } else {
        walk->reach = 0;
        walk->table = walk->space->root;
        for (uint32_t l = MMU_LEVELS; l > level; l--) {
            mmu_entry *entry = (mmu_entry *)frame_ptr(walk->table) + mmu_index(va, l);
            if (!(*entry & MMU_PRESENT)) {
                exo_frame below = mode == WALK_CREATE ? pool_take(walk->space->dom) : 0;
                if (below == 0)
                    return mode == WALK_CREATE ? EXO_NOTABLE : EXO_RANGE;
                *entry = mmu_table_entry(below);
                frames[walk->table].used++;
            } else if (mmu_is_leaf(*entry, l)) {
                return EXO_INUSE;
            }
            walk->table = mmu_frame(*entry);
        }
        walk->level = level;
        walk->reach = stretch + 1;
        walk->entry = (mmu_entry *)frame_ptr(walk->table) + mmu_index(va, level);
    }
    if (level == 2 && (*walk->entry & MMU_PRESENT) && !mmu_is_leaf(*walk->entry, 2))
        return EXO_INUSE;
    return EXO_OK;
}

/* The tables from the root down to VA's lowest. */
struct path {
    exo_frame table[MMU_LEVELS + 1]; /* by level */
    uint32_t level;                  /* of the entry reached */
    mmu_entry *entry;
};

static void path_to(const struct space *space, uint64_t va, struct path *path)
{
    path->level = MMU_LEVELS;
    path->table[MMU_LEVELS] = space->root;
    for (;;) {
        path->entry = (mmu_entry *)frame_ptr(path->table[path->level]) + mmu_index(va, path->level);
        if (!(*path->entry & MMU_PRESENT) || mmu_is_leaf(*path->entry, path->level))
            return;
        path->table[path->level - 1] = mmu_frame(*path->entry);
        path->level--;
    }
}

uint64_t space_lookup(const struct space *space, uint64_t va, bool *large)
{
    struct path path;
    path_to(space, va, &path);
    *large = path.level > 1;
    return *path.entry & MMU_PRESENT ? *path.entry : 0;
}

/* An entry of the path's lowest table is gone: free tables that are now empty.  The root
 * stays, and so does the region's level-3 table, which all spaces share. */
static void path_shrink(struct space *space, uint64_t va, struct path *path, struct flush *flush)
    REQUIRES(exo_lock)
{
    while (path->level < MMU_LEVELS && path->table[path->level] != space->dom->region) {
        exo_frame table = path->table[path->level];
        if (--frames[table].used != 0)
            return;
        path->level++;
        ((mmu_entry *)frame_ptr(path->table[path->level]))[mmu_index(va, path->level)] = 0;
        pool_put(space->dom, table);
        space->near.stretch = NEAR_NONE;
        flush->count = FLUSH_PAGES + 1;
    }
    if (path->table[path->level] == space->root || path->table[path->level] == space->dom->region)
        if (frames[path->table[path->level]].used > 0)
            frames[path->table[path->level]].used--;
}

static void leaf_remove(struct space *space, uint64_t va, struct path *path, struct flush *flush)
    REQUIRES(exo_lock)
{
    uint32_t span = path->level == 1 ? 1 : EXO_LARGE_FRAMES;
    mmu_entry old = *path->entry;
    *path->entry = 0;
    leaf_uncount(old, span);
    flush_add(flush, va);
    path_shrink(space, va, path, flush);
}

/* How many of the N entries from ENTRY on are empty, before the first that is not. */
static uint32_t empty_entries(const mmu_entry *entry, uint32_t n)
{
    const mmu_entry *at = entry, *end = entry + n;
    while (end - at >= 8 &&
           !((at[0] | at[1] | at[2] | at[3] | at[4] | at[5] | at[6] | at[7]) & MMU_PRESENT))
        at += 8;
    while (at < end && !(*at & MMU_PRESENT))
        at++;
    return (uint32_t)(at - entry);
}

/* Go through the lowest table at the end of PATH, from VA on; ends with it or at END. */
static uint64_t unmap_in_table(struct space *space, uint64_t va, uint64_t end, struct path *path,
                               struct flush *flush) REQUIRES(exo_lock)
{
    struct frame *table = &frames[path->table[1]];
    uint64_t table_end = (va & ~(mmu_span(2) - 1)) + mmu_span(2);
    if (end > table_end)
        end = table_end;
    for (; va < end; va += EXO_FRAME_BYTES, path->entry++) {
        if (!(*path->entry & MMU_PRESENT)) {
            uint32_t empty = empty_entries(path->entry, (uint32_t)((end - va) / EXO_FRAME_BYTES));
            path->entry += empty;
            va += (uint64_t)empty * EXO_FRAME_BYTES;
            if (va >= end)
                break;
        }
        if (table->used == 1) {
            leaf_remove(space, va, path, flush); /* the table goes too */
            return end;
        }
        leaf_uncount(*path->entry, 1);
        *path->entry = 0;
        table->used--;
        flush_add(flush, va);
    }
    return end;
}

uint64_t walk_unmap(struct space *space, uint64_t va, uint64_t end, struct flush *flush)
{
    for (uint32_t steps = 0; va < end && steps < STEPS_MAX; steps++) {
        struct path path;
        path_to(space, va, &path);
        if (path.level == 1) {
            va = unmap_in_table(space, va, end, &path, flush);
            steps += STEPS_OF_A_TABLE;
            continue;
        }
        uint64_t span = mmu_span(path.level), next = (va & ~(span - 1)) + span;
        if (*path.entry & MMU_PRESENT) {
            if (va % span || next > end)
                return va; /* part of a large page */
            leaf_remove(space, va, &path, flush);
        } else {
            uint32_t behind = MMU_ENTRIES - 1 - mmu_index(va, path.level);
            uint32_t empty = empty_entries(path.entry + 1, behind);
            next += empty * span;
            steps += empty / STEPS_OF_A_LOOK;
        }
        va = next;
    }
    return va < end ? va : end;
}

static enum exo_status leaf_protect(struct space *space, mmu_entry *entry, uint32_t level,
                                    uint64_t va, uint32_t perms, struct flush *flush)
    REQUIRES(exo_lock)
{
    exo_frame frame = mmu_frame(*entry);
    mmu_entry leaf = mmu_leaf(frame, perms, level > 1) | (*entry & (MMU_ACCESSED | MMU_DIRTY));
    uint32_t grows = perms & EXO_RWX & ~mmu_leaf_perms(*entry);
    if (*entry & MMU_DEVICE) {
        if (perms & EXO_EXEC)
            return EXO_TYPE;
        leaf |= *entry & MMU_DEVICE_KEPT; /* its holder may read and write it */
        grows = 0;
    }
    for (uint32_t i = 0; grows && i < (level == 1 ? 1 : EXO_LARGE_FRAMES); i++) {
        enum exo_status status = frame_check_map(space->dom, frame + i, perms & EXO_RWX);
        if (status != EXO_OK)
            return status;
    }
    if (leaf != *entry) {
        *entry = leaf;
        flush_add(flush, va);
    }
    return EXO_OK;
}

static enum exo_status protect_in_table(struct space *space, uint64_t *va, uint64_t end,
                                        struct path *path, uint32_t perms, struct flush *flush)
    REQUIRES(exo_lock)
{
    uint64_t table_end = (*va & ~(mmu_span(2) - 1)) + mmu_span(2);
    if (end > table_end)
        end = table_end;
    for (; *va < end; *va += EXO_FRAME_BYTES, path->entry++) {
        if (!(*path->entry & MMU_PRESENT))
            continue;
        enum exo_status status = leaf_protect(space, path->entry, 1, *va, perms, flush);
        if (status != EXO_OK)
            return status;
    }
    return EXO_OK;
}

enum exo_status walk_protect(struct space *space, uint64_t *va, uint64_t end, uint32_t perms,
                             struct flush *flush)
{
    for (uint32_t steps = 0; *va < end; steps++) {
        struct path path;
        if (steps >= STEPS_MAX)
            return EXO_AGAIN;
        path_to(space, *va, &path);
        if (path.level == 1) {
            enum exo_status status = protect_in_table(space, va, end, &path, perms, flush);
            if (status != EXO_OK)
                return status;
            steps += STEPS_OF_A_TABLE;
            continue;
        }
        uint64_t span = mmu_span(path.level), next = (*va & ~(span - 1)) + span;
        if (*path.entry & MMU_PRESENT) {
            if (*va % span || next > end)
                return EXO_ALIGN;
            enum exo_status status = leaf_protect(space, path.entry, path.level, *va, perms, flush);
            if (status != EXO_OK)
                return status;
        }
        *va = next < end ? next : end;
    }
    return EXO_OK;
}

uint8_t walk_read_ad(struct space *space, uint64_t va, struct flush *flush)
{
    struct path path;
    path_to(space, va, &path);
    if (!(*path.entry & MMU_PRESENT))
        return 0;
    /* The CPU may set the bits meanwhile: taken and cleared in one step. */
    mmu_entry old = __atomic_fetch_and(path.entry, ~(MMU_ACCESSED | MMU_DIRTY), __ATOMIC_RELAXED);
    if (old & (MMU_ACCESSED | MMU_DIRTY))
        flush_add(flush, va);
    return (uint8_t)(1 | (old & MMU_ACCESSED ? 2 : 0) | (old & MMU_DIRTY ? 4 : 0));
}

static bool unmap_all(struct space *space, uint64_t from, uint64_t to) REQUIRES(exo_lock)
{
    struct flush flush;
    flush_begin(&flush, space);
    uint64_t end = walk_unmap(space, from, to, &flush);
    flush_finish(&flush);
    return end == to;
}

static void zero_bindings_drop(struct space *space) REQUIRES(exo_lock)
{
    while (space->zero_count > 0)
        frame_unpin(space->zero[--space->zero_count].ring);
}

bool space_teardown_step(struct space *space)
{
    zero_bindings_drop(space);
    return unmap_all(space, 0, EXO_REGION_BASE) &&
           unmap_all(space, EXO_REGION_BASE + EXO_REGION_BYTES,
                     mmu_span(MMU_LEVELS) * MMU_USER_ENTRIES);
}

bool space_teardown_region_step(struct domain *dom)
{
    return unmap_all(dom->spaces, EXO_REGION_BASE, EXO_REGION_BASE + EXO_REGION_BYTES);
}

static bool in_range(const mmu_entry entry, uint32_t span, exo_frame first, uint32_t count)
{
    exo_frame frame = mmu_frame(entry);
    return frame < first + count && first < frame + span;
}

static void unmap_frames_between(struct space *space, uint64_t va, uint64_t end, exo_frame first,
                                 uint32_t count) REQUIRES(exo_lock)
{
    struct flush flush;
    flush_begin(&flush, space);
    while (va < end) {
        struct path path;
        path_to(space, va, &path);
        uint64_t span = mmu_span(path.level);
        va &= ~(span - 1);
        if ((*path.entry & MMU_PRESENT) &&
            in_range(*path.entry, path.level == 1 ? 1 : EXO_LARGE_FRAMES, first, count))
            leaf_remove(space, va, &path, &flush);
        va += span;
    }
    flush_finish(&flush);
}

void space_unmap_frames(struct domain *dom, exo_frame first, uint32_t count)
{
    uint64_t top = mmu_span(MMU_LEVELS) * MMU_USER_ENTRIES;
    for (struct space *s = dom->spaces; s; s = s->next) {
        unmap_frames_between(s, 0, EXO_REGION_BASE, first, count);
        unmap_frames_between(s, EXO_REGION_BASE + EXO_REGION_BYTES, top, first, count);
    }
    if (dom->spaces)
        unmap_frames_between(dom->spaces, EXO_REGION_BASE, EXO_REGION_BASE + EXO_REGION_BYTES,
                             first, count);
}
