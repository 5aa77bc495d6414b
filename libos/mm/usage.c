/* SPDX-License-Identifier: BSD-2-Clause */
/* usage.c - what a range has in memory, and what of it others have, too (proc(5), smaps). */
#include "arch/pte.h"
#include "base/bits.h"
#include "mm/mm.h"
#include "mm/page.h"

uint32_t mm_page_mappers(const struct page *page)
{
    uint32_t others = page->flags & PAGE_CACHE ? 1 : 0;
    return MAX(page->refs - MIN(page->refs, others), 1u);
}

void mm_usage_add(const struct vma *vma, struct mm_usage *usage)
{
    struct pte_walk walk = pte_walk_begin(vma->mm->root, vma->start, vma->end);

    while (pte_walk_step(&walk)) {
        const struct page *page = page_of_frame(pte_frame(walk.pte));
        if (page->flags & PAGE_RESERVED)
            continue;
        uint32_t mappers = mm_page_mappers(page);
        bool is_dirty = !page->owner || walk.pte & PTE_DIRTY || page->flags & PAGE_DIRTY;
        usage->resident++;
        usage->proportion += (1ull << MM_PROPORTION_SHIFT) / mappers;
        usage->anonymous += !page->owner;
        usage->referenced += (walk.pte & PTE_ACCESSED) != 0;
        usage->locked_proportion +=
            vma->flags & VMA_LOCKED ? (1ull << MM_PROPORTION_SHIFT) / mappers : 0;
        if (mappers > 1)
            usage->shared[is_dirty]++;
        else
            usage->private[is_dirty]++;
    }
}
