/* SPDX-License-Identifier: BSD-2-Clause */
/* pagecache_io.c - reading and writing through the page cache.
 *
 * Bytes go straight between the caller's memory and the page's place in the window.  A fault in
 * the caller's memory may bring further pages of this file into the tree (a mapping of it), so
 * a page under way is held, and the size is read anew for each.
 */
#include "base/bits.h"
#include "base/errno.h"
#include "mm/page.h"
#include "vfs/inode.h"
#include "vfs/iter.h"
#include "vfs/pagecache.h"

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
    }
    return (ssize_t)done;
}

ssize_t pagecache_write(struct inode *inode, struct iter *from, uint64_t pos)
{
    size_t done = 0;
    while (iter_count(from)) {
        uint64_t within = pos & PAGE_MASK;
        size_t n = MIN(PAGE_SIZE - within, iter_count(from));
        struct page *page;
        int err =
            pagecache_get(inode, pos >> PAGE_SHIFT, PAGECACHE_CREATE | PAGECACHE_ANY_END, &page);
        if (err < 0)
            return done ? (ssize_t)done : err;
        ssize_t moved = iter_copy_from(from, (char *)page_address(page) + within, n);
        page_put(page);
        if (moved > 0) {
            done += (size_t)moved;
            pos += (uint64_t)moved;
            if (pos > inode->size)
                inode->size = pos;
        }
        if (moved < (ssize_t)n) {
            /* A page beyond the end that got nothing would only cost memory. */
            if (page_round_down(pos) >= inode->size)
                pagecache_drop(inode, pos >> PAGE_SHIFT, 1);
            return done ? (ssize_t)done : moved;
        }
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
