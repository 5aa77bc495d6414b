/* SPDX-License-Identifier: BSD-2-Clause */
/* pagecache_io.c - reading and writing through the page cache.
 *
 * Bytes go straight between the caller's memory and the page's place in the window.  A fault in
 * the caller's memory may bring further pages of this file into the tree (a mapping of it), so
 * a page under way is held, and the size is read anew for each.
 */
#include "base/bits.h"
#include "base/errno.h"
#include "base/string.h"
#include "mm/page.h"
#include "vfs/context.h"
#include "vfs/fs.h"
#include "vfs/inode.h"
#include "vfs/iter.h"
#include "vfs/pagecache.h"

constexpr size_t RELAX_EVERY = 1 << 20;

ssize_t pagecache_read(struct inode *inode, struct iter *to, uint64_t pos)
{
    size_t done = 0;
    while (iter_count(to) && pos < inode->size) {
        uint64_t within = pos & PAGE_MASK;
        size_t n = MIN(MIN(PAGE_SIZE - within, inode->size - pos), iter_count(to));
        struct page *page = pagecache_find(inode, pos >> PAGE_SHIFT);
        ssize_t moved;
        if (page) {
            page_get(page);
            moved = iter_copy_to(to, (const char *)page_address(page) + within, n);
            page_put(page);
        } else {
            moved = iter_zero(to, n);
        }
        if (moved > 0) {
            done += (size_t)moved;
            pos += (uint64_t)moved;
        }
        if (moved < (ssize_t)n)
            return done ? (ssize_t)done : moved;
        /* A file's content is not cut short by a signal (signal(7)). */
        if (pos % RELAX_EVERY == 0)
            (void)context_relax();
    }
    return (ssize_t)done;
}

/* Fill the hole at INDEX with a whole page: no need to zero it first.  It comes into the tree only
 * when it is full; should the copying have brought another one there, that gets the bytes. */
static ssize_t write_new_page(struct inode *inode, struct iter *from, uint64_t index)
{
    struct page *page = page_alloc(0), *other;
    if (!page)
        return -ENOMEM;
    char *data = page_address(page);
    ssize_t moved = iter_copy_from(from, data, PAGE_SIZE);
    int err = moved < 0 ? (int)moved : 0;
    if (moved > 0 && (other = pagecache_find(inode, index)) != nullptr) {
        memcpy(page_address(other), data, (size_t)moved);
    } else if (moved > 0) {
        memset(data + moved, 0, PAGE_SIZE - (size_t)moved);
        err = super_charge(inode->super, 1);
        if (!err && (err = pagecache_insert(inode, index, page_get(page))) < 0) {
            page_put(page);
            super_uncharge(inode->super, 1);
        }
    }
    page_put(page);
    return err < 0 ? err : moved;
}

/* At most N bytes within the page in which POS lies. */
static ssize_t write_page(struct inode *inode, struct iter *from, uint64_t pos, size_t n)
{
    struct page *page;
    uint64_t index = pos >> PAGE_SHIFT;
    if (n == PAGE_SIZE && !pagecache_find(inode, index))
        return write_new_page(inode, from, index);
    int err = pagecache_get(inode, index, PAGECACHE_CREATE | PAGECACHE_ANY_END, &page);
    if (err < 0)
        return err;
    ssize_t moved = iter_copy_from(from, (char *)page_address(page) + (pos & PAGE_MASK), n);
    page_put(page);
    /* A page beyond the end that got nothing would only cost memory. */
    if (moved <= 0 && page_round_down(pos) >= inode->size)
        pagecache_drop(inode, index, 1);
    return moved;
}

ssize_t pagecache_write(struct inode *inode, struct iter *from, uint64_t pos)
{
    size_t done = 0;
    while (iter_count(from)) {
        size_t n = MIN(PAGE_SIZE - (pos & PAGE_MASK), iter_count(from));
        ssize_t moved = write_page(inode, from, pos, n);
        if (moved > 0) {
            done += (size_t)moved;
            pos += (uint64_t)moved;
            if (pos > inode->size)
                inode->size = pos;
        }
        if (moved < (ssize_t)n)
            return done ? (ssize_t)done : moved;
    }
    return (ssize_t)done;
}

void pagecache_truncate(struct inode *inode, uint64_t size)
{
    uint64_t old = inode->size;
    inode->size = size;
    if (size >= old)
        return;
    pagecache_zero(inode, size, page_round_up(size));
    uint64_t first = (size + PAGE_SIZE - 1) >> PAGE_SHIFT;
    pagecache_drop(inode, first, UINT64_MAX - first);
}
