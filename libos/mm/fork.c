/* SPDX-License-Identifier: BSD-2-Clause */
/* fork.c - a copy of an address space that shares all pages until one side writes.
 *
 * Shared mappings are left out of the new page tables: their pages are found again in the
 * page cache.  Private pages are entered read-only in batches, and the parent's entries lose
 * the right to write with one call per range.
 */
#include "arch/pte.h"
#include "base/errno.h"
#include "mm/heap.h"
#include "mm/mm.h"
#include "mm/range.h"
#include "mm/table.h"

constexpr uint32_t FORK_BATCH = PAGE_SIZE / sizeof(struct exo_map);

/* A fork under way.  The entries fill a page of their own. */
struct copy {
    struct mm *to;
    struct page *buffer;
    struct exo_map *entries;
    uint32_t count;
};

/* Enter what has been collected for VMA (the child's).  Each entry owns a reference. */
static int copy_flush(struct copy *copy, struct vma *vma)
{
    uint32_t done;
    int error;

    if (copy->count == 0)
        return 0;
    error = table_map_batch(copy->to->space, copy->entries, copy->count, &done);
    for (uint32_t i = 0; i < copy->count; i++) {
        struct page *page = page_of_frame(copy->entries[i].frame);
        if (i < done)
            mm_count_page(vma, page, 1);
        else if (!(page->flags & PAGE_RESERVED))
            page_put(page);
    }
    copy->count = 0;
    return error;
}

static int pages_copy(struct copy *copy, struct vma *from, struct vma *to)
{
    struct pte_walk walk = pte_walk_begin(from->mm->root, from->start, from->end);
    uint64_t perms = vma_perms(to, false), first = 0, last = 0;
    int error = 0;

    while (error == 0 && pte_walk_step(&walk)) {
        struct page *page = page_of_frame(pte_frame(walk.pte));
        if (walk.pte & PTE_WRITE) {
            first = first ? first : walk.va;
            last = walk.va;
        }
        if (!(page->flags & PAGE_RESERVED))
            page_get(page);
        copy->entries[copy->count++] = (struct exo_map){walk.va | perms, pte_frame(walk.pte), 1};
        if (copy->count == FORK_BATCH)
            error = copy_flush(copy, to);
    }
    /* Before anybody runs: what both see now, neither may write. */
    if (first)
        table_protect(from->mm->space, first | perms, (last - first) / PAGE_SIZE + 1, 0);
    int flushed = copy_flush(copy, to);
    return error ? error : flushed;
}

static int vma_copy(struct copy *copy, struct vma *from)
{
    struct vma *to;

    if (from->flags & VMA_DONTFORK)
        return 0;
    if (!mm_may_commit(from->flags, vma_pages(from)))
        return -ENOMEM;
    to = vma_create(copy->to, from->start, from->end, from->flags & ~VMA_LOCKED, from->file,
                    from->page_offset);
    if (!to)
        return -ENOMEM;
    vma_set_name(to, from->name);
    if (from->flags & (VMA_SHARED | VMA_WIPEONFORK))
        return 0;
    return pages_copy(copy, from, to);
}

static void figures_copy(struct mm *to, const struct mm *from)
{
    to->mmap_top = from->mmap_top;
    to->brk_start = from->brk_start;
    to->brk = from->brk;
    to->code_start = from->code_start;
    to->code_end = from->code_end;
    to->data_start = from->data_start;
    to->data_end = from->data_end;
    to->stack_start = from->stack_start;
    to->arg_start = from->arg_start;
    to->arg_end = from->arg_end;
    to->env_start = from->env_start;
    to->env_end = from->env_end;
    for (uint32_t i = 0; i < from->auxv_count; i++)
        to->auxv[i] = from->auxv[i];
    to->auxv_count = from->auxv_count;
    mm_set_exe(to, from->exe);
    to->dumpable = from->dumpable;
    to->barriers = from->barriers;
    to->vdso = from->vdso;
    to->unpatched = from->unpatched;
}

struct mm *mm_fork(struct mm *mm)
{
    struct copy copy = {.buffer = page_alloc(0)};
    int error = 0;

    if (!copy.buffer)
        return nullptr;
    copy.entries = page_address(copy.buffer);
    copy.to = mm_create();
    if (!copy.to) {
        page_put(copy.buffer);
        return nullptr;
    }
    figures_copy(copy.to, mm);
    mm_for_each_vma(vma, mm) {
        error = vma_copy(&copy, vma);
        if (error)
            break;
    }
    if (error == 0)
        error = mm_parked_copy(copy.to, mm);
    page_put(copy.buffer);
    if (error) {
        mm_put(copy.to);
        return nullptr;
    }
    return copy.to;
}
