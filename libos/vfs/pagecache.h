/* SPDX-License-Identifier: BSD-2-Clause */
/* pagecache.h - the pages of a file, by index.
 *
 * A radix tree of 64-way nodes, as high as the largest index needs; a file of one page
 * has no node at all.  The tree holds one reference on each page, and page->owner and
 * page->index say where a page belongs.  Reads, writes and mappings all use these pages,
 * so they are coherent without any copying.  A missing page is a hole and reads as zero.
 */
#pragma once

#include <stdint.h>
#include "base/types.h"

struct inode;
struct iter;
struct page;

struct pagecache {
    void *root;      /* height 0: the page with index 0; else the top node */
    uint32_t height; /* levels of nodes */
    uint64_t count;  /* pages in the tree */
};

enum pagecache_flags {
    PAGECACHE_CREATE = 1,  /* put a zeroed page into a hole */
    PAGECACHE_ANY_END = 2, /* do not check INDEX against the file's size */
};

/* The page INDEX of INODE, with a reference for the caller.  -ENXIO: beyond the end of the file (a
 * mapping's SIGBUS); -ENOENT: a hole, and CREATE is not set; -ENOMEM; -ENOSPC: the file system is
 * full. */
[[nodiscard]] int pagecache_get(struct inode *inode, uint64_t index, unsigned flags,
                                struct page **page);

/* The page itself without a reference, or NULL at a hole: valid until the next sleep. */
struct page *pagecache_find(const struct inode *inode, uint64_t index);

/* The same for COUNT pages from INDEX on, into PAGES. */
void pagecache_find_run(const struct inode *inode, uint64_t index, uint32_t count,
                        struct page *pages[]);

/* The first index >= FROM that has a page; UINT64_MAX if none. */
uint64_t pagecache_next(const struct inode *inode, uint64_t from);

/* Make PAGE, whose reference passes to the tree, the page INDEX, which is a hole.  -ENOMEM. */
[[nodiscard]] int pagecache_insert(struct inode *inode, uint64_t index, struct page *page);

/* Drop the pages FIRST .. FIRST+COUNT-1, out of every mapping too. */
void pagecache_drop(struct inode *inode, uint64_t first, uint64_t count);

/* Zero the bytes [FROM, TO) of the file where pages exist. */
void pagecache_zero(struct inode *inode, uint64_t from, uint64_t to);

/* Copy from or to the file at POS: the bytes moved, up to the end of the file for reading; writing
 * makes it longer.  A negative errno only if nothing was moved. */
ssize_t pagecache_read(struct inode *inode, struct iter *to, uint64_t pos);
ssize_t pagecache_write(struct inode *inode, struct iter *from, uint64_t pos);

/* Make the file SIZE bytes long.  What lay beyond reads as zero if it grows again. */
void pagecache_truncate(struct inode *inode, uint64_t size);
