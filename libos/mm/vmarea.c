/* SPDX-License-Identifier: BSD-2-Clause */
/* vmarea.c - pages of the libOS at addresses outside the window.
 *
 * An area keeps its place for good: when it is unmapped its record goes to a free list by
 * size, to serve the next of that size.  A few stacks of threads that ended keep their pages
 * as well.
 */
#include "mm/vmarea.h"

#include "arch/arch.h"
#include "base/assert.h"
#include "base/bits.h"
#include "base/hash.h"
#include "base/list.h"
#include "mm/heap.h"
#include "mm/page.h"
#include "mm/table.h"

constexpr unsigned STACKS_KEPT = 8;
constexpr size_t STACK_PAGES = ARCH_STACK_BYTES / PAGE_SIZE;
constexpr unsigned CHAINS = 64;
/* The first stacks lie where their pages differ in the low bits of the number from those of what
 * else is used most (the image's data, the first pages of the heap, the vcpu page): a direct-mapped
 * translation cache, as an emulator has, would hold only one of two that are alike. */
constexpr uint64_t FIRST_PAGE = 31;

struct area {
    struct list_node node; /* in its hash chain, or in the free list */
    uint64_t va;
    size_t count;
    struct page *pages[];
};

static struct {
    bool ready;
    uint64_t end; /* the lowest address that no area ever had */
    struct list_node chains[CHAINS];
    struct list_node free;
    void *stacks[STACKS_KEPT];
    unsigned stack_count;
} state;

static struct area *area_take(size_t pages);
static struct area *area_find(uint64_t va);
static bool area_fill(struct area *a, unsigned flags);
static void area_empty(struct area *a, size_t mapped);

static void *area_map(size_t pages, unsigned flags)
{
    struct area *a = area_take(pages);

    if (!a)
        return nullptr;
    if (!area_fill(a, flags)) {
        list_push_front(&state.free, &a->node);
        return nullptr;
    }
    list_push_front(&state.chains[hash_u64(a->va >> PAGE_SHIFT) % CHAINS], &a->node);
    return (void *)a->va;
}

void *vmarea_map(size_t pages)
{
    return area_map(pages, PAGE_ZEROED);
}

void vmarea_unmap(void *va, size_t pages)
{
    struct area *a = area_find((uint64_t)va);

    assert(a && a->count == pages);
    list_remove(&a->node);
    area_empty(a, a->count);
    list_push_front(&state.free, &a->node);
}

void *stack_alloc(void)
{
    if (state.stack_count)
        return state.stacks[--state.stack_count];
    return area_map(STACK_PAGES, 0);
}

void stack_free(void *stack)
{
    if (!stack)
        return;
    if (state.stack_count < STACKS_KEPT)
        state.stacks[state.stack_count++] = stack;
    else
        vmarea_unmap(stack, STACK_PAGES);
}

bool vcpu_page_alloc(void **va, exo_frame *frame)
{
    *va = vmarea_map(1);
    if (!*va)
        return false;
    *frame = page_frame(area_find((uint64_t)*va)->pages[0]);
    return true;
}

static void state_prepare(void)
{
    for (unsigned i = 0; i < CHAINS; i++)
        list_init(&state.chains[i]);
    list_init(&state.free);
    state.end = VMAREA_BASE + FIRST_PAGE * PAGE_SIZE;
    state.ready = true;
}

/* A record with a place of PAGES pages, none of them there yet. */
static struct area *area_take(size_t pages)
{
    if (!state.ready)
        state_prepare();
    list_for_each(node, &state.free) {
        struct area *a = container_of(node, struct area, node);
        if (a->count == pages) {
            list_remove(node);
            return a;
        }
    }
    struct area *a = heap_alloc(sizeof *a + pages * sizeof a->pages[0]);
    if (!a)
        return nullptr;
    list_init(&a->node);
    a->va = state.end + PAGE_SIZE; /* below it the guard page */
    a->count = pages;
    state.end = a->va + pages * PAGE_SIZE;
    return a;
}

static struct area *area_find(uint64_t va)
{
    list_for_each(node, &state.chains[hash_u64(va >> PAGE_SHIFT) % CHAINS]) {
        struct area *a = container_of(node, struct area, node);
        if (a->va == va)
            return a;
    }
    return nullptr;
}

/* All spaces show what the boot space maps in the libOS region. */
static bool area_fill(struct area *a, unsigned flags)
{
    for (size_t i = 0; i < a->count; i++) {
        uint64_t va_perms = (a->va + i * PAGE_SIZE) | EXO_READ | EXO_WRITE;
        struct page *page = page_alloc(flags);
        if (page && table_map(EXO_CAP_BOOT_SPACE, va_perms, page_frame(page), 1) == 0) {
            a->pages[i] = page;
            continue;
        }
        if (page)
            page_put(page);
        area_empty(a, i);
        return false;
    }
    return true;
}

static void area_empty(struct area *a, size_t mapped)
{
    if (mapped == 0)
        return;
    table_unmap(EXO_CAP_BOOT_SPACE, a->va, mapped);
    for (size_t i = 0; i < mapped; i++)
        page_put(a->pages[i]);
}
