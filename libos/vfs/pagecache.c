/* SPDX-License-Identifier: BSD-2-Clause */
/* pagecache.c - a radix tree of pages for each inode.
 *
 * A tree of height H covers the indices below 64^H; height 0 is one slot for index 0.  A
 * node is exactly 512 bytes; it goes as soon as it is empty, the height stays until the
 * tree is empty.
 */
#include "vfs/pagecache.h"

#include "base/assert.h"
#include "base/bits.h"
#include "base/errno.h"
#include "base/string.h"
#include "mm/heap.h"
#include "mm/mm.h"
#include "mm/page.h"
#include "mm/patch.h"
#include "vfs/fs.h"
#include "vfs/inode.h"

constexpr unsigned FANOUT_BITS = 6;
constexpr unsigned FANOUT = 1u << FANOUT_BITS;
constexpr unsigned HEIGHT_MOST = 9; /* 2^54 pages: more than a loff_t can name */

struct node {
    void *slot[FANOUT];
};

/* Is INDEX outside of what a tree of HEIGHT covers? */
static bool is_outside(uint64_t index, unsigned height)
{
    return index >> (FANOUT_BITS * height) != 0;
}

static unsigned slot_of(uint64_t index, unsigned level)
{
    return index >> (FANOUT_BITS * (level - 1)) & (FANOUT - 1);
}

/* What is at INDEX, LEVEL levels above the pages. */
static void *at_level(const struct pagecache *cache, uint64_t index, unsigned level)
{
    void *at = cache->root;
    if (is_outside(index, cache->height))
        return nullptr;
    for (unsigned above = cache->height; above > level && at; above--)
        at = ((struct node *)at)->slot[slot_of(index, above)];
    return at;
}

struct page *pagecache_find(const struct inode *inode, uint64_t index)
{
    return at_level(&inode->pages, index, 0);
}

void pagecache_find_run(const struct inode *inode, uint64_t index, uint32_t count,
                        struct page *pages[])
{
    const struct pagecache *cache = &inode->pages;
    const struct node *node = nullptr;
    for (uint32_t i = 0; i < count; i++, index++) {
        if (cache->height == 0) {
            pages[i] = at_level(cache, index, 0);
            continue;
        }
        if (i == 0 || slot_of(index, 1) == 0)
            node = at_level(cache, index, 1);
        pages[i] = node ? node->slot[slot_of(index, 1)] : nullptr;
    }
}

uint64_t pagecache_next(const struct inode *inode, uint64_t from)
{
    const struct pagecache *cache = &inode->pages;
    while (!is_outside(from, cache->height)) {
        void *at = cache->root;
        unsigned level = cache->height;
        while (level && at) {
            at = ((struct node *)at)->slot[slot_of(from, level)];
            level--;
        }
        if (at)
            return from;
        /* Nothing below this slot: on to its right neighbour. */
        unsigned shift = FANOUT_BITS * level;
        from = ((from >> shift) + 1) << shift;
    }
    return UINT64_MAX;
}

/* Make the tree high enough for INDEX. */
static int grow(struct pagecache *cache, uint64_t index)
{
    while (is_outside(index, cache->height)) {
        if (cache->root) {
            struct node *node = heap_zalloc(sizeof *node);
            if (!node)
                return -ENOMEM;
            node->slot[0] = cache->root;
            cache->root = node;
        }
        cache->height++;
    }
    return 0;
}

static bool node_is_empty(const struct node *node)
{
    for (unsigned i = 0; i < FANOUT; i++)
        if (node->slot[i])
            return false;
    return true;
}

/* Free the nodes on the way to INDEX that have nothing below them. */
static void prune(struct pagecache *cache, uint64_t index)
{
    void **path[HEIGHT_MOST];
    unsigned depth = 0;
    void **at = &cache->root;
    for (unsigned level = cache->height; level && *at; level--) {
        path[depth++] = at;
        at = &((struct node *)*at)->slot[slot_of(index, level)];
    }
    while (depth && node_is_empty(*path[depth - 1])) {
        heap_free(*path[--depth]);
        *path[depth] = nullptr;
    }
    if (!cache->root)
        cache->height = 0;
}

int pagecache_insert(struct inode *inode, uint64_t index, struct page *page)
{
    struct pagecache *cache = &inode->pages;
    if (is_outside(index, HEIGHT_MOST))
        return -EFBIG;
    if (grow(cache, index) < 0)
        return -ENOMEM;
    void **at = &cache->root;
    for (unsigned level = cache->height; level; level--) {
        if (!*at && !(*at = heap_zalloc(sizeof(struct node)))) {
            prune(cache, index);
            return -ENOMEM;
        }
        at = &((struct node *)*at)->slot[slot_of(index, level)];
    }
    assert(!*at);
    *at = page;
    cache->count++;
    page->owner = inode;
    page->index = index;
    page->flags |= PAGE_CACHE;
    return 0;
}

int pagecache_get(struct inode *inode, uint64_t index, unsigned flags, struct page **out)
{
    if (!(flags & PAGECACHE_ANY_END) && index >= (inode->size + PAGE_SIZE - 1) >> PAGE_SHIFT)
        return -ENXIO;
    struct page *page = pagecache_find(inode, index);
    if (!page) {
        if (!(flags & PAGECACHE_CREATE))
            return -ENOENT;
        if (super_charge(inode->super, 1) < 0)
            return -ENOSPC;
        page = page_alloc(PAGE_ZEROED);
        int err = page ? pagecache_insert(inode, index, page) : -ENOMEM;
        if (err < 0) {
            if (page)
                page_put(page);
            super_uncharge(inode->super, 1);
            return err;
        }
    }
    *out = page_get(page);
    return 0;
}

static void forget(struct page *page)
{
    page->owner = nullptr;
    page->flags &= ~PAGE_CACHE;
    page_put(page);
}

/* Clear the slots of the leaf in which FIRST lies, as far as they lie before END, and free the
 * nodes that this empties.  The index after the leaf. */
static uint64_t drop_leaf(struct pagecache *cache, uint64_t first, uint64_t end)
{
    void **at = &cache->root;
    for (unsigned level = cache->height; level; level--)
        at = &((struct node *)*at)->slot[slot_of(first, level)];
    uint64_t index = first;
    do {
        if (*at) {
            forget(*at);
            *at = nullptr;
            cache->count--;
        }
        at++;
        index++;
    } while (cache->height && index < end && index % FANOUT != 0);
    prune(cache, first);
    return index;
}

void pagecache_drop(struct inode *inode, uint64_t first, uint64_t count)
{
    struct pagecache *cache = &inode->pages;
    uint64_t end = first + count < first ? UINT64_MAX : first + count;
    uint64_t before = cache->count;
    patch_file_changes(inode);
    if (!list_is_empty(&inode->mappings))
        mm_unmap_file(inode, first, end - first);
    while ((first = pagecache_next(inode, first)) < end)
        first = drop_leaf(cache, first, end);
    super_uncharge(inode->super, before - cache->count);
}

void pagecache_zero(struct inode *inode, uint64_t from, uint64_t to)
{
    while (from < to) {
        uint64_t n = MIN(PAGE_SIZE - (from & PAGE_MASK), to - from);
        struct page *page = pagecache_find(inode, from >> PAGE_SHIFT);
        if (page)
            memset((char *)page_address(page) + (from & PAGE_MASK), 0, n);
        from += n;
    }
}
