/* SPDX-License-Identifier: BSD-2-Clause */
/* heap.c - small blocks in slabs of one page, large ones as runs of pages.
 *
 * A slab is a page cut into blocks of one size; its struct page keeps the state, so the
 * blocks fill the page.  Free blocks of a slab form a list through their first two bytes.
 * Slabs with room stand in their class's list; one that becomes empty is given back unless it is
 * the class's last.
 */
#include "mm/heap.h"

#include <stdint.h>

#include "base/assert.h"
#include "base/bits.h"
#include "base/list.h"
#include "base/string.h"
#include "mm/page.h"

/* Block sizes: at most a quarter is wasted, and powers of two are aligned to themselves. */
static const uint16_t class_bytes[] = {16,  32,  48,  64,  96,   128,  192,
                                       256, 384, 512, 768, 1024, 1360, 2048};
constexpr unsigned CLASSES = ARRAY_COUNT(class_bytes);
constexpr size_t SMALL_MOST = 2048;
constexpr uint16_t LIST_END = 0xffff;

/* What struct page.index of a slab holds. */
struct slab_state {
    uint16_t class;
    uint16_t used;
    uint16_t first_free; /* offset in the page, or LIST_END */
    uint16_t fresh;      /* from here on no block was ever used */
};
static_assert(sizeof(struct slab_state) == sizeof(uint64_t));

static struct {
    bool ready;
    struct list_node partial[CLASSES]; /* struct page.node */
    uint8_t class_of[SMALL_MOST / 16 + 1];
    size_t pages;
} heap;

static void *small_alloc(unsigned class);
static void small_free(struct page *page, void *block);
static void heap_prepare(void);

void *heap_alloc(size_t size)
{
    if (!heap.ready)
        heap_prepare();
    if (size <= SMALL_MOST)
        return small_alloc(heap.class_of[(size + 15) / 16]);

    size_t pages = size / PAGE_SIZE + (size % PAGE_SIZE != 0);
    if (pages > UINT32_MAX)
        return nullptr;
    struct page *page = page_alloc_run(pages, 0);
    if (!page)
        return nullptr;
    page->flags |= PAGE_RUN;
    page->index = pages;
    heap.pages += pages;
    return page_address(page);
}

void heap_free(void *block)
{
    if (!block)
        return;
    struct page *page = page_of_address(block);
    if (page->flags & PAGE_SLAB) {
        small_free(page, block);
        return;
    }
    assert(page->flags & PAGE_RUN && (uint64_t)block % PAGE_SIZE == 0);
    size_t pages = page->index;
    heap.pages -= pages;
    for (size_t i = 0; i < pages; i++)
        page_put(page + i);
}

size_t heap_size(const void *block)
{
    const struct page *page = page_of_address(block);
    if (page->flags & PAGE_SLAB)
        return class_bytes[((const struct slab_state *)&page->index)->class];
    return page->index * PAGE_SIZE;
}

void *heap_zalloc(size_t size)
{
    void *block = heap_alloc(size);
    if (block)
        memset(block, 0, size);
    return block;
}

void *heap_calloc(size_t count, size_t size)
{
    size_t total;
    if (__builtin_mul_overflow(count, size, &total))
        return nullptr;
    return heap_zalloc(total);
}

void *heap_realloc(void *block, size_t size)
{
    if (!block)
        return heap_alloc(size);
    size_t old = heap_size(block);
    if (size <= old && (size > old / 2 || old <= 64))
        return block;
    void *moved = heap_alloc(size);
    if (!moved)
        return size <= old ? block : nullptr;
    memcpy(moved, block, MIN(size, old));
    heap_free(block);
    return moved;
}

char *heap_strdup(const char *s)
{
    return heap_memdup(s, strlen(s) + 1);
}

void *heap_memdup(const void *data, size_t size)
{
    void *block = heap_alloc(size);
    if (block)
        memcpy(block, data, size);
    return block;
}

size_t heap_pages(void)
{
    return heap.pages;
}

static void *small_alloc(unsigned class)
{
    struct list_node *node = list_first(&heap.partial[class]);
    struct page *page;
    struct slab_state *slab;
    uint16_t offset;

    if (node) {
        page = container_of(node, struct page, node);
    } else {
        page = page_alloc(0);
        if (!page)
            return nullptr;
        page->flags |= PAGE_SLAB;
        *(struct slab_state *)&page->index =
            (struct slab_state){.class = (uint16_t)class, .first_free = LIST_END};
        list_push_front(&heap.partial[class], &page->node);
        heap.pages++;
    }
    slab = (struct slab_state *)&page->index;
    char *base = page_address(page);
    if (slab->first_free != LIST_END) {
        offset = slab->first_free;
        slab->first_free = *(uint16_t *)(base + offset);
    } else {
        offset = slab->fresh;
        slab->fresh += class_bytes[class];
    }
    slab->used++;
    if (slab->first_free == LIST_END && slab->fresh + class_bytes[class] > PAGE_SIZE)
        list_remove(&page->node);
    return base + offset;
}

static void small_free(struct page *page, void *block)
{
    struct slab_state *slab = (struct slab_state *)&page->index;
    struct list_node *partial = &heap.partial[slab->class];
    uint16_t offset = (uint64_t)block & PAGE_MASK;
    bool was_full =
        slab->first_free == LIST_END && slab->fresh + class_bytes[slab->class] > PAGE_SIZE;

    assert(offset % class_bytes[slab->class] == 0 && offset < slab->fresh && slab->used > 0);
    *(uint16_t *)block = slab->first_free;
    slab->first_free = offset;
    if (was_full)
        list_push_front(partial, &page->node);
    if (--slab->used == 0 && partial->next != partial->prev) {
        list_remove(&page->node);
        heap.pages--;
        page_put(page);
    }
}

static void heap_prepare(void)
{
    unsigned class = 0;

    for (unsigned i = 0; i < ARRAY_COUNT(heap.class_of); i++) {
        if (i * 16u > class_bytes[class])
            class ++;
        heap.class_of[i] = (uint8_t)class;
    }
    for (unsigned i = 0; i < CLASSES; i++)
        list_init(&heap.partial[i]);
    heap.ready = true;
}
