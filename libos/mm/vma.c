/* SPDX-License-Identifier: BSD-2-Clause */
/* vma.c - making, splitting and joining ranges, and the books about them. */
#include "mm/vma.h"

#include <exo/abi.h>

#include "base/assert.h"
#include "base/errno.h"
#include "mm/heap.h"
#include "mm/range.h"
#include "trace/record.h"
#include "vfs/file.h"
#include "vfs/inode.h"

/* Add PAGES of a range with these FLAGS to the figures, or take them away (negative). */
static void range_count(struct mm *mm, uint32_t flags, const struct file *file, int64_t pages)
{
    uint64_t n = (uint64_t)pages;

    mm->total += n;
    if (mm->total > mm->total_most)
        mm->total_most = mm->total;
    if (flags & VMA_GROWSDOWN)
        mm->stack += n;
    else if ((flags & (VMA_WRITE | VMA_SHARED)) == VMA_WRITE)
        mm->data += n;
    if ((flags & VMA_EXEC) && file)
        mm->exec += n;
    if (flags & VMA_LOCKED)
        mm->locked += n;
    mm_commit(flags, pages);
}

struct vma *vma_create(struct mm *mm, uint64_t start, uint64_t end, uint32_t flags,
                       struct file *file, uint64_t page_offset)
{
    struct vma *vma = heap_zalloc(sizeof *vma);

    if (!vma)
        return nullptr;
    vma->mm = mm;
    vma->start = start;
    vma->end = end;
    vma->flags = flags;
    vma->page_offset = page_offset;
    list_init(&vma->rmap);
    if (file) {
        vma->file = file_get(file);
        list_push_back(&file->inode->mappings, &vma->rmap);
    }
    vma_tree_insert(&mm->vmas, vma);
    range_count(mm, flags, file, (int64_t)vma_pages(vma));
    /* One of the libOS's own gets its name first: vma_set_name. */
    if (record_maps() && flags & VMA_EXEC && !(flags & VMA_SPECIAL))
        record_add_map(vma);
    return vma;
}

void vma_destroy(struct vma *vma)
{
    struct file *file = vma->file;

    range_count(vma->mm, vma->flags, file, -(int64_t)vma_pages(vma));
    vma_tree_remove(&vma->mm->vmas, vma);
    list_remove(&vma->rmap);
    heap_free(vma);
    if (file && file->ops->unmapped)
        file->ops->unmapped(file);
    file_put(file);
}

int vma_split(struct mm *mm, uint64_t address)
{
    struct vma *vma = vma_tree_find(&mm->vmas, address), *upper;
    uint64_t end, offset;

    if (!vma || vma->start >= address)
        return 0;
    if (mm->vmas.count >= MM_RANGES_MOST)
        return -ENOMEM;
    end = vma->end;
    offset = vma_index(vma, address);
    vma_resize(vma, vma->start, address);
    upper = vma_create(mm, address, end, vma->flags, vma->file, offset);
    if (!upper) {
        vma_resize(vma, vma->start, end);
        return -ENOMEM;
    }
    vma_set_name(upper, vma->name);
    return 0;
}

/* Is B, which begins where A ends, its continuation? */
static bool is_continuation(const struct vma *a, const struct vma *b)
{
    if (a->end != b->start || a->flags != b->flags || a->file != b->file)
        return false;
    if (a->flags & VMA_SPECIAL)
        return false;
    return vma_index(a, a->end) == b->page_offset;
}

static void join(struct vma *a, struct vma *b)
{
    uint64_t end = b->end;

    vma_destroy(b);
    vma_resize(a, a->start, end);
}

struct vma *vma_merge(struct vma *vma)
{
    struct vma_tree *tree = &vma->mm->vmas;
    struct vma *below = vma_previous(tree, vma), *above = vma_next(tree, vma);

    if (above && is_continuation(vma, above))
        join(vma, above);
    if (below && is_continuation(below, vma)) {
        join(below, vma);
        vma = below;
    }
    return vma;
}

void vma_resize(struct vma *vma, uint64_t start, uint64_t end)
{
    int64_t pages = (int64_t)(end - start) - (int64_t)(vma->end - vma->start);

    range_count(vma->mm, vma->flags, vma->file, pages / (int64_t)PAGE_SIZE);
    vma->page_offset += (uint64_t)((int64_t)(start - vma->start) / (int64_t)PAGE_SIZE);
    vma->start = start;
    vma->end = end;
    vma_tree_changed(&vma->mm->vmas, vma);
}

void vma_set_name(struct vma *vma, const char *name)
{
    vma->name = name;
    if (record_maps() && vma->flags & VMA_EXEC && name)
        record_add_map(vma);
}

void vma_set_flags(struct vma *vma, uint32_t flags)
{
    int64_t pages = (int64_t)vma_pages(vma);
    bool was_code = vma->flags & VMA_EXEC;

    range_count(vma->mm, vma->flags, vma->file, -pages);
    vma->flags = flags;
    range_count(vma->mm, vma->flags, vma->file, pages);
    if (record_maps() && flags & VMA_EXEC && !was_code)
        record_add_map(vma);
}

uint64_t vma_perms(const struct vma *vma, bool writable)
{
    uint64_t perms = 0;

    if (vma->flags & VMA_ACCESS)
        perms |= EXO_READ; /* x86 cannot refuse reading where it allows anything */
    if (vma->flags & VMA_EXEC)
        perms |= EXO_EXEC;
    if (writable && vma->flags & VMA_WRITE)
        perms |= EXO_WRITE | (vma->flags & VMA_EXEC ? EXO_WX : 0);
    return perms;
}
