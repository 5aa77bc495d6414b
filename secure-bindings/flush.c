/* SPDX-License-Identifier: BSD-2-Clause */
/* flush.c - taking stale translations out of the caches of all CPUs. */
#include "cpu.h"
#include "mmu.h"
#include "space.h"

void flush_begin(struct flush *flush, struct space *space)
{
    flush->space = space;
    flush->dom = space->dom;
    flush->evict = nullptr;
    flush->count = 0;
}

static bool is_region(uint64_t va)
{
    return va - EXO_REGION_BASE < EXO_REGION_BYTES;
}

void flush_add(struct flush *flush, uint64_t va)
{
    if (is_region(va))
        flush->space = nullptr; /* every space of the domain shows it */
    if (flush->count < FLUSH_PAGES)
        flush->va[flush->count] = va;
    if (flush->count <= FLUSH_PAGES)
        flush->count++;
}

void flush_here(const struct flush *flush)
{
    struct cpu *cpu = cpu_here();
    if (flush->evict && cpu->loaded == flush->evict) {
        cpu->loaded = nullptr;
        mmu_load_kernel();
    } else if (flush->count > FLUSH_PAGES) {
        mmu_flush_all();
    } else {
        for (uint32_t i = 0; i < flush->count; i++)
            mmu_flush_page(flush->va[i]);
    }
}

/* The CPUs that may hold translations of the flush's space or domain. */
static uint32_t flush_mask(const struct flush *flush) REQUIRES(exo_lock)
{
    if (flush->space)
        return atomic_load_explicit(&flush->space->cpu_mask, memory_order_relaxed);
    uint32_t mask = 0;
    for (const struct space *s = flush->dom->spaces; s; s = s->next)
        mask |= atomic_load_explicit(&s->cpu_mask, memory_order_relaxed);
    return mask;
}

void flush_all(struct flush *flush)
{
    uint32_t mask = flush_mask(flush);
    uint32_t here = 1u << cpu_here()->number;
    if (mask & here)
        flush_here(flush);
    if (mask & ~here)
        cpu_flush_others(flush, mask & ~here);
}
