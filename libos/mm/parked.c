/* SPDX-License-Identifier: BSD-2-Clause */
/* parked.c - private pages of ranges without any access.
 *
 * A page-table entry always allows reading, so what a program protects with PROT_NONE has to
 * leave the page table.  Pages of files are simply found again later; private copies wait here,
 * on a list by address.  Invariant: pages are parked only in ranges that allow no access, so no
 * fault ever has to look here.
 */
#include "arch/pte.h"
#include "base/errno.h"
#include "mm/heap.h"
#include "mm/range.h"
#include "mm/table.h"

struct parked {
    struct list_node node;
    uint64_t va;
    struct page *page; /* one reference */
};

static struct parked *parked_of(struct list_node *node)
{
    return container_of(node, struct parked, node);
}

static void parked_free(struct parked *p)
{
    list_remove(&p->node);
    heap_free(p);
}

/* Where a page at VA belongs: before this node. */
static struct list_node *place_of(struct mm *mm, uint64_t va)
{
    struct list_node *at = &mm->parked;
    while (at->prev != &mm->parked && parked_of(at->prev)->va > va)
        at = at->prev;
    return at;
}

int mm_park(struct vma *vma, uint64_t start, uint64_t end)
{
    struct mm *mm = vma->mm;
    struct pte_walk walk = pte_walk_begin(mm->root, start, end);
    struct list_node parked;

    list_init(&parked);
    while (pte_walk_step(&walk)) {
        struct page *page = page_of_frame(pte_frame(walk.pte));
        if (page->owner || page->flags & PAGE_RESERVED)
            continue;
        struct parked *p = heap_alloc(sizeof *p);
        if (!p) {
            list_for_each_safe(node, &parked) {
                page_put(parked_of(node)->page);
                parked_free(parked_of(node));
            }
            return -ENOMEM;
        }
        *p = (struct parked){.va = walk.va, .page = page_get(page)};
        list_push_back(&parked, &p->node);
    }
    mm_zap(vma, start, end);
    list_for_each_safe(node, &parked) {
        list_remove(node);
        mm_count_page(vma, parked_of(node)->page, 1);
        list_insert_before(place_of(mm, parked_of(node)->va), node);
    }
    return 0;
}

int mm_unpark(struct vma *vma, uint64_t start, uint64_t end)
{
    list_for_each_safe(node, &vma->mm->parked) {
        struct parked *p = parked_of(node);
        if (p->va < start || p->va >= end)
            continue;
        if (table_map(vma->mm->space, p->va | vma_perms(vma, p->page->refs == 1),
                      page_frame(p->page), 1) != 0)
            return -ENOMEM;
        parked_free(p);
    }
    return 0;
}

void mm_parked_drop(struct mm *mm, uint64_t start, uint64_t end)
{
    list_for_each_safe(node, &mm->parked) {
        struct parked *p = parked_of(node);
        if (p->va < start || p->va >= end)
            continue;
        mm_count_page(&(struct vma){.mm = mm}, p->page, -1);
        page_put(p->page);
        parked_free(p);
    }
}

void mm_parked_move(struct mm *mm, uint64_t start, uint64_t end, uint64_t to)
{
    struct list_node moved;

    list_init(&moved);
    list_for_each_safe(node, &mm->parked) {
        struct parked *p = parked_of(node);
        if (p->va < start || p->va >= end)
            continue;
        list_remove(node);
        p->va += to - start;
        list_push_back(&moved, node);
    }
    list_for_each_safe(node, &moved) {
        list_remove(node);
        list_insert_before(place_of(mm, parked_of(node)->va), node);
    }
}

int mm_parked_copy(struct mm *to, struct mm *from)
{
    list_for_each(node, &from->parked) {
        const struct parked *p = parked_of(node);
        const struct vma *vma = vma_tree_find(&to->vmas, p->va);
        if (!vma || vma->start > p->va)
            continue; /* MADV_DONTFORK */
        struct parked *copy = heap_alloc(sizeof *copy);
        if (!copy)
            return -ENOMEM;
        *copy = (struct parked){.va = p->va, .page = page_get(p->page)};
        mm_count_page(vma, p->page, 1);
        list_push_back(&to->parked, &copy->node);
    }
    return 0;
}
