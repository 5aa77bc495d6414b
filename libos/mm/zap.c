/* SPDX-License-Identifier: BSD-2-Clause */
/* zap.c - pages leave an address space: munmap, truncate, exit. */
#include <exo/abi.h>
#include <linux/mman.h>

#include "arch/pte.h"
#include "base/bits.h"
#include "mm/range.h"
#include "mm/table.h"
#include "vfs/inode.h"

constexpr unsigned ZAP_BATCH = 128;

struct setting mm_overcommit_mode = {OVERCOMMIT_GUESS, OVERCOMMIT_GUESS, OVERCOMMIT_NEVER};
struct setting mm_overcommit_ratio = {50, 0, INT32_MAX};

static struct mm_totals totals;

void mm_count_page(const struct vma *vma, const struct page *page, int delta)
{
    struct mm *mm = vma->mm;
    uint64_t n = (uint64_t)(int64_t)delta;

    if (page->flags & PAGE_RESERVED)
        return;
    if (!page->owner) {
        mm->anonymous += n;
        totals.anonymous += n;
    } else if (vma->flags & VMA_SHARED) {
        mm->shared_pages += n;
        totals.shared += n;
    } else {
        mm->file_pages += n;
    }
    if (delta > 0 && mm_resident(mm) > mm->resident_most)
        mm->resident_most = mm_resident(mm);
}

void mm_commit(uint32_t flags, int64_t pages)
{
    if ((flags & (VMA_WRITE | VMA_SHARED)) == VMA_WRITE && !(flags & VMA_NORESERVE))
        totals.committed += (uint64_t)pages;
}

uint64_t mm_commit_limit(void)
{
    return page_total() * mm_overcommit_ratio.value / 100;
}

bool mm_may_commit(uint32_t flags, uint64_t pages)
{
    if ((flags & (VMA_WRITE | VMA_SHARED)) != VMA_WRITE || flags & VMA_NORESERVE)
        return true;
    switch (mm_overcommit_mode.value) {
    case OVERCOMMIT_ALWAYS: return true;
    case OVERCOMMIT_NEVER: return totals.committed + pages <= mm_commit_limit();
    default: return pages <= page_total();
    }
}

void mm_totals_read(struct mm_totals *to)
{
    *to = totals;
}

static void pages_put(const struct vma *vma, struct page *const *pages, unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        mm_count_page(vma, pages[i], -1);
        if (!(pages[i]->flags & PAGE_RESERVED))
            page_put(pages[i]);
    }
}

/* The pages are let go only after nothing can reach them any more through this space. */
void mm_zap(struct vma *vma, uint64_t start, uint64_t end)
{
    struct mm *mm = vma->mm;
    struct pte_walk walk = pte_walk_begin(mm->root, start, end);
    struct page *pages[ZAP_BATCH];
    bool more = true;

    while (more) {
        uint64_t first = 0, last = 0;
        unsigned count = 0;
        while (count < ZAP_BATCH && (more = count ? pte_walk_next(&walk) : pte_walk_step(&walk))) {
            if (count == 0)
                first = walk.va;
            last = walk.va;
            pages[count++] = page_of_frame(pte_frame(walk.pte));
        }
        if (count == 0)
            break;
        table_unmap(mm->space, first, (last - first) / PAGE_SIZE + 1);
        pages_put(vma, pages, count);
    }
    mm_parked_drop(mm, start, end);
}

/* No page can be used anew before the space is destroyed: nothing is allocated in between. */
void mm_drop_all(struct mm *mm)
{
    mm_for_each_vma(vma, mm) {
        struct pte_walk walk = pte_walk_begin(mm->root, vma->start, vma->end);
        while (pte_walk_next(&walk)) {
            struct page *page = page_of_frame(pte_frame(walk.pte));
            pages_put(vma, &page, 1);
        }
    }
    mm_parked_drop(mm, 0, UINT64_MAX);
}

/* The part of VMA that shows pages [first, first + count) of its file; false: none of them. */
static bool file_part(const struct vma *vma, uint64_t first, uint64_t count, uint64_t *start,
                      uint64_t *end)
{
    uint64_t low = vma->page_offset, high = low + vma_pages(vma);
    uint64_t last = count > UINT64_MAX - first ? UINT64_MAX : first + count;

    if (last <= low || high <= first)
        return false;
    *start = vma->start + (MAX(first, low) - low) * PAGE_SIZE;
    *end = vma->start + (MIN(last, high) - low) * PAGE_SIZE;
    return true;
}

void mm_unmap_file(struct inode *inode, uint64_t first_index, uint64_t count)
{
    list_for_each(node, &inode->mappings) {
        struct vma *vma = container_of(node, struct vma, rmap);
        uint64_t start, end;
        if (file_part(vma, first_index, count, &start, &end))
            mm_zap(vma, start, end);
    }
}
