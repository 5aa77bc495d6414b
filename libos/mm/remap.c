/* SPDX-License-Identifier: BSD-2-Clause */
/* remap.c - growing, shrinking and moving a range: mremap(2).
 *
 * A move enters all pages at the new place before it takes them from the old one, so that it
 * can be given up in the middle when there is no memory for page tables.
 */
#include <asm/mman.h>
#include <linux/mman.h>

#include "arch/arch.h"
#include "arch/pte.h"
#include "base/errno.h"
#include "mm/mmap.h"
#include "mm/patch.h"
#include "mm/range.h"
#include "mm/table.h"

constexpr uint32_t MOVE_BATCH = 64;

/* What a call asks for, page-aligned. */
struct remap {
    struct mm *mm;
    struct vma *vma;
    uint64_t old, old_length, length;
    int flags;
};

/* Show the pages of [from, +length) at TO as well; their references count for the new place from
 * the moment the old one is emptied. */
static int pages_show(const struct remap *r, struct vma *to)
{
    struct pte_walk walk = pte_walk_begin(r->mm->root, r->old, r->old + r->old_length);
    struct exo_map map[MOVE_BATCH];
    bool more = true;

    while (more) {
        uint32_t count = 0, done;
        while (count < MOVE_BATCH && (more = pte_walk_step(&walk))) {
            uint64_t va = walk.va - r->old + to->start;
            map[count++] =
                (struct exo_map){va | vma_perms(to, walk.pte & PTE_WRITE), pte_frame(walk.pte), 1};
        }
        if (count && table_map_batch(r->mm->space, map, count, &done) != 0)
            return -ENOMEM;
    }
    return 0;
}

static int64_t range_move(const struct remap *r, uint64_t to)
{
    struct mm *mm = r->mm;
    struct vma *new, *old;
    int error = 0;

    if (r->old_length) {
        error = vma_split(mm, r->old);
        if (error == 0)
            error = vma_split(mm, r->old + r->old_length);
        if (error)
            return error;
    }
    old = vma_tree_find(&mm->vmas, r->old);
    patch_hide(old, r->old, r->old + r->old_length);
    new = vma_create(mm, to, to + r->length, old->flags, old->file, vma_index(old, r->old));
    if (!new)
        return -ENOMEM;
    new->name = old->name;
    if (r->old_length) {
        error = pages_show(r, new);
        if (error) {
            table_unmap(mm->space, to, r->length / PAGE_SIZE);
            vma_destroy(new);
            return error;
        }
        table_unmap(mm->space, r->old, r->old_length / PAGE_SIZE);
        mm_parked_move(mm, r->old, r->old + r->old_length, to);
        if (r->flags & MREMAP_DONTUNMAP)
            vma_set_flags(old, old->flags & ~VMA_LOCKED);
        else
            vma_destroy(old);
    }
    if (new->flags & VMA_LOCKED)
        (void)mm_populate(mm, to, r->length);
    vma_merge(new);
    return (int64_t)to;
}

static int64_t remap_fixed(struct remap *r, uint64_t to)
{
    int error;

    if (to & PAGE_MASK || !mm_is_mappable(to, r->length))
        return -EINVAL;
    if (to < MM_LOWEST)
        return -EPERM;
    if (r->old + r->old_length > to && to + r->length > r->old)
        return -EINVAL;
    error = mm_unmap(r->mm, to, r->length);
    if (error)
        return error;
    if (r->old_length > r->length) {
        error = mm_unmap(r->mm, r->old + r->length, r->old_length - r->length);
        if (error)
            return error;
        r->old_length = r->length;
    }
    return range_move(r, to);
}

/* Grow where it is, if the range ends there and the space above is free. */
static bool remap_in_place(const struct remap *r)
{
    struct vma *next = vma_next(&r->mm->vmas, r->vma);
    uint64_t end = r->old + r->length;

    if (r->vma->end != r->old + r->old_length || !mm_is_mappable(r->old, r->length) ||
        (next && next->start < end))
        return false;
    vma_resize(r->vma, r->vma->start, end);
    struct vma *merged = vma_merge(r->vma);
    if (merged->flags & VMA_LOCKED)
        (void)mm_populate(r->mm, r->old, r->length);
    return true;
}

static int flags_check(uint64_t address, uint64_t old_length, uint64_t new_length, int flags)
{
    if (flags & ~(MREMAP_MAYMOVE | MREMAP_FIXED | MREMAP_DONTUNMAP))
        return -EINVAL;
    if (flags & (MREMAP_FIXED | MREMAP_DONTUNMAP) && !(flags & MREMAP_MAYMOVE))
        return -EINVAL;
    if (address & PAGE_MASK || new_length == 0 || new_length > ARCH_USER_TOP ||
        old_length > ARCH_USER_TOP)
        return -EINVAL;
    if (flags & MREMAP_DONTUNMAP && page_round_up(old_length) != page_round_up(new_length))
        return -EINVAL;
    return 0;
}

static int growth_check(const struct remap *r)
{
    uint64_t more = r->length - (r->flags & MREMAP_DONTUNMAP ? 0 : r->old_length);
    uint64_t index = vma_index(r->vma, r->old);

    if (r->length > r->old_length && r->vma->flags & VMA_SPECIAL)
        return -EFAULT;
    if (r->vma->file && index + r->length / PAGE_SIZE < index)
        return -EINVAL;
    if (r->length > r->old_length || r->flags & MREMAP_DONTUNMAP)
        return mm_may_grow(r->mm, r->vma->flags, more / PAGE_SIZE) ? 0 : -ENOMEM;
    return 0;
}

int64_t mm_remap(struct mm *mm, uint64_t address, uint64_t old_length, uint64_t new_length,
                 int flags, uint64_t new_address)
{
    int error = flags_check(address, old_length, new_length, flags);
    struct remap r = {mm,   nullptr, address, page_round_up(old_length), page_round_up(new_length),
                      flags};
    int64_t to;

    if (error)
        return error;
    r.vma = vma_tree_find(&mm->vmas, address);
    if (!r.vma || r.vma->start > address)
        return -EFAULT;
    if (r.old_length == 0 && !(r.vma->flags & VMA_SHARED))
        return -EINVAL;
    if (!(flags & (MREMAP_FIXED | MREMAP_DONTUNMAP)) && r.length <= r.old_length) {
        if (r.length < r.old_length)
            error = mm_unmap(mm, address + r.length, r.old_length - r.length);
        return error ? error : (int64_t)address;
    }
    if (r.old_length > r.vma->end - address)
        return -EFAULT;
    error = growth_check(&r);
    if (error)
        return error;
    patch_range_changes(r.vma, address + r.old_length);
    if (flags & MREMAP_FIXED)
        return remap_fixed(&r, new_address);
    if (!(flags & MREMAP_DONTUNMAP) && r.old_length && remap_in_place(&r))
        return (int64_t)address;
    if (!(flags & MREMAP_MAYMOVE))
        return -ENOMEM;
    to = mm_place(mm, new_address, r.length, 0);
    return to < 0 ? to : range_move(&r, (uint64_t)to);
}
