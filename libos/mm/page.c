/* SPDX-License-Identifier: BSD-2-Clause */
/* page.c - free pages: a buddy allocator in two zones.
 *
 * A free block has 2^order pages and is aligned to its size in frame numbers; its first
 * page stands in the list of its order.  No block crosses a chunk of 512 frames, which the
 * window maps either by one 2 MiB page (the usual zone) or by 4 KiB pages (the small zone,
 * out of which table.c feeds the kernel).  Single pages of the usual zone rest on a short
 * list before they are merged, since most pages that are freed are wanted again soon.
 */
#include "mm/page.h"

#include "base/assert.h"
#include "base/log.h"
#include "base/string.h"
#include "mm/buddy.h"

constexpr unsigned HOT_MOST = 64;

static struct {
    struct list_node blocks[BUDDY_ZONES][BUDDY_ORDERS];
    struct list_node hot;
    unsigned hot_count;
    uint64_t free, free_least, total;
    uint64_t urgent;                   /* pages that only PAGE_URGENT may take */
    uint64_t small[BUDDY_CHUNKS / 64]; /* chunks of the small zone */
} buddy;

struct page *page_zero;

static struct page *block_take(unsigned zone, unsigned order);
static void block_give(struct page *page, unsigned order);
static void hot_flush(void);
static void page_prepare(struct page *page, unsigned flags);

void buddy_init(void)
{
    memset(&buddy, 0, sizeof buddy);
    list_init(&buddy.hot);
    for (unsigned z = 0; z < BUDDY_ZONES; z++)
        for (unsigned o = 0; o < BUDDY_ORDERS; o++)
            list_init(&buddy.blocks[z][o]);
}

void buddy_add(exo_frame first, uint32_t count)
{
    for (exo_frame f = first; f != first + count; f++) {
        struct page *page = page_of_frame(f);
        *page = (struct page){};
        block_give(page, 0);
    }
    buddy.free += count;
    buddy.total += count;
    buddy.free_least = buddy.free;
    buddy.urgent = MIN(buddy.total / 256, 64);
}

void buddy_account(uint32_t count)
{
    buddy.total += count;
}

bool buddy_chunk_is_small(exo_frame frame)
{
    uint32_t chunk = frame / BUDDY_CHUNK;
    return buddy.small[chunk / 64] >> chunk % 64 & 1;
}

void buddy_chunk_mark_small(exo_frame frame)
{
    uint32_t chunk = frame / BUDDY_CHUNK;
    buddy.small[chunk / 64] |= 1ull << chunk % 64;
}

void buddy_chunk_set_small(exo_frame frame)
{
    exo_frame first = frame & ~(BUDDY_CHUNK - 1);

    hot_flush();
    buddy_chunk_mark_small(frame);
    for (exo_frame f = first; f < first + BUDDY_CHUNK;) {
        struct page *page = page_of_frame(f);
        if (page->flags & PAGE_FREE) {
            list_remove(&page->node);
            list_push_back(&buddy.blocks[BUDDY_SMALL][page->order], &page->node);
            f += 1u << page->order;
        } else {
            f++;
        }
    }
}

bool buddy_chunk_choose(exo_frame *frame)
{
    hot_flush();
    for (unsigned order = BUDDY_ORDERS; order-- > 0;) {
        struct list_node *node = list_first(&buddy.blocks[BUDDY_USUAL][order]);
        if (node) {
            *frame = page_frame(container_of(node, struct page, node)) & ~(BUDDY_CHUNK - 1);
            return true;
        }
    }
    return false;
}

struct page *page_alloc(unsigned flags)
{
    struct page *page = nullptr;

    if (buddy.free <= buddy.urgent && !(flags & PAGE_URGENT))
        return nullptr;
    if (!(flags & PAGE_SMALL)) {
        if (buddy.hot_count) {
            page = container_of(list_pop_front(&buddy.hot), struct page, node);
            buddy.hot_count--;
        } else {
            page = block_take(BUDDY_USUAL, 0);
        }
    }
    if (!page)
        page = block_take(BUDDY_SMALL, 0);
    if (!page)
        return nullptr;
    buddy.free--;
    buddy.free_least = MIN(buddy.free_least, buddy.free);
    page_prepare(page, flags);
    return page;
}

struct page *page_alloc_run(size_t count, unsigned flags)
{
    unsigned order = 0;
    struct page *page = nullptr;

    if (count == 1)
        return page_alloc(flags);
    while (order < BUDDY_ORDERS && (1u << order) < count)
        order++;
    if (count == 0 || order == BUDDY_ORDERS)
        return buddy_alloc_long_run(count, flags);
    if (buddy.free < buddy.urgent + count && !(flags & PAGE_URGENT))
        return nullptr;
    if (!(flags & PAGE_SMALL)) {
        page = block_take(BUDDY_USUAL, order);
        if (!page && buddy.hot_count) {
            hot_flush();
            page = block_take(BUDDY_USUAL, order);
        }
    }
    if (!page)
        page = block_take(BUDDY_SMALL, order);
    if (!page)
        return nullptr;
    for (size_t i = 0; i < 1u << order; i++)
        if (i < count)
            page_prepare(page + i, flags);
        else
            block_give(page + i, 0);
    buddy.free -= count;
    buddy.free_least = MIN(buddy.free_least, buddy.free);
    return page;
}

/* More than a chunk: neighbouring chunks that are wholly free. */
struct page *buddy_alloc_long_run(size_t count, unsigned flags)
{
    size_t chunks = (count + BUDDY_CHUNK - 1) / BUDDY_CHUNK;

    if (count == 0 || count > buddy.free || buddy.free - count < buddy.urgent)
        return nullptr;
    hot_flush();
    list_for_each(node, &buddy.blocks[BUDDY_USUAL][BUDDY_ORDERS - 1]) {
        struct page *first = container_of(node, struct page, node);
        size_t n = 1;
        exo_frame frame = page_frame(first);
        while (n < chunks && frame + n * BUDDY_CHUNK < BUDDY_CHUNKS * BUDDY_CHUNK &&
               buddy_chunk_is_free(frame + (exo_frame)(n * BUDDY_CHUNK)))
            n++;
        if (n < chunks)
            continue;
        for (size_t i = 0; i < chunks; i++)
            list_remove(&first[i * BUDDY_CHUNK].node);
        for (size_t i = 0; i < chunks * BUDDY_CHUNK; i++) {
            first[i].flags = 0;
            if (i < count)
                page_prepare(first + i, flags);
            else
                block_give(first + i, 0);
        }
        buddy.free -= count;
        buddy.free_least = MIN(buddy.free_least, buddy.free);
        return first;
    }
    return nullptr;
}

/* FIRST begins a chunk; the page array need not describe it. */
bool buddy_chunk_is_free(exo_frame first)
{
    list_for_each(node, &buddy.blocks[BUDDY_USUAL][BUDDY_ORDERS - 1])
        if (page_frame(container_of(node, struct page, node)) == first)
            return true;
    return false;
}

void page_release(struct page *page)
{
    assert(!(page->flags & (PAGE_FREE | PAGE_RESERVED | PAGE_TABLE)));
    page->flags = 0;
    page->refs = 0;
    buddy.free++;
    if (buddy.hot_count == HOT_MOST || buddy_chunk_is_small(page_frame(page))) {
        block_give(page, 0);
        return;
    }
    list_push_front(&buddy.hot, &page->node);
    buddy.hot_count++;
}

uint64_t page_free_count(void)
{
    return buddy.free;
}

uint64_t page_free_least(void)
{
    return buddy.free_least;
}

uint64_t page_total(void)
{
    return buddy.total;
}

static void page_prepare(struct page *page, unsigned flags)
{
    page->refs = 1;
    page->flags = 0;
    page->order = 0;
    page->node = (struct list_node){}; /* OWNER is NULL with it */
    page->index = 0;
    if (flags & PAGE_ZEROED)
        memset(page_address(page), 0, PAGE_SIZE);
}

/* Merge the block with its free neighbours and list it. */
static void block_give(struct page *page, unsigned order)
{
    exo_frame frame = page_frame(page);
    unsigned zone = buddy_chunk_is_small(frame) ? BUDDY_SMALL : BUDDY_USUAL;

    while (order < BUDDY_ORDERS - 1) {
        struct page *other = page_of_frame(frame ^ (1u << order));
        if (!(other->flags & PAGE_FREE) || other->order != order)
            break;
        list_remove(&other->node);
        other->flags = 0;
        frame &= ~(1u << order);
        order++;
    }
    page = page_of_frame(frame);
    page->flags = PAGE_FREE;
    page->order = (uint16_t)order;
    page->refs = 0;
    list_push_front(&buddy.blocks[zone][order], &page->node);
}

/* A block of exactly 2^ORDER pages, out of a larger one if need be. */
static struct page *block_take(unsigned zone, unsigned order)
{
    unsigned o = order;
    struct page *page;

    while (o < BUDDY_ORDERS && list_is_empty(&buddy.blocks[zone][o]))
        o++;
    if (o == BUDDY_ORDERS)
        return nullptr;
    page = container_of(list_pop_front(&buddy.blocks[zone][o]), struct page, node);
    page->flags = 0;
    while (o > order) {
        struct page *upper = page + (1u << --o);
        upper->flags = PAGE_FREE;
        upper->order = (uint16_t)o;
        list_push_front(&buddy.blocks[zone][o], &upper->node);
    }
    return page;
}

static void hot_flush(void)
{
    while (buddy.hot_count) {
        buddy.hot_count--;
        block_give(container_of(list_pop_front(&buddy.hot), struct page, node), 0);
    }
}
