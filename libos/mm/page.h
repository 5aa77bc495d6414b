/* SPDX-License-Identifier: BSD-2-Clause */
/* page.h - the domain's frames: who uses each, and where free ones come from.
 *
 * Every frame of the domain is readable and writable at its place in the window, so
 * a page's content is reached without mapping anything.  Exceptions: frames that the
 * kernel uses as page tables (readable only) and as objects (not mapped).
 *
 * A page lives as long as somebody counts on it: each page-table entry that maps it,
 * the page cache, and whoever works with it holds one reference.
 */
#pragma once

#include <exo/abi.h>
#include <stddef.h>
#include <stdint.h>
#include "base/bits.h"
#include "base/list.h"

struct exo_info;
struct inode;

/* Fixed places in the libOS region; the image lies at its start. */
constexpr uint64_t DEVICE_BASE = EXO_REGION_BASE + (16ull << 30);
constexpr uint64_t PAGE_ARRAY_BASE = EXO_REGION_BASE + (32ull << 30);
constexpr uint64_t WINDOW_BASE = EXO_REGION_BASE + (64ull << 30);
constexpr uint64_t VMAREA_BASE = EXO_REGION_BASE + (384ull << 30);

/* What a page is now (struct page.flags). */
constexpr uint16_t PAGE_FREE = 1 << 0;     /* first page of a free block of 2^order pages */
constexpr uint16_t PAGE_SLAB = 1 << 1;     /* the heap's; index is the slab's state */
constexpr uint16_t PAGE_RUN = 1 << 2;      /* first page of a heap run; index is its length */
constexpr uint16_t PAGE_TABLE = 1 << 3;    /* given to the kernel for page tables, for good */
constexpr uint16_t PAGE_RESERVED = 1 << 4; /* never freed and not counted: the zero page */
constexpr uint16_t PAGE_CACHE = 1 << 5;    /* in OWNER's page cache at INDEX; the VFS's */
constexpr uint16_t PAGE_DIRTY = 1 << 6;    /* the VFS's */
constexpr uint16_t PAGE_BUSY = 1 << 7;     /* the VFS's */
constexpr uint16_t PAGE_OBJECT = 1 << 8;   /* lent to the kernel for an object */
constexpr uint16_t PAGE_WALKED = 1 << 9;   /* a page table in use: reclaim.c, while it runs */
constexpr uint16_t PAGE_TWIN = 1 << 10;    /* of page INDEX of OWNER, with patched calls: patch.h */

struct page {
    uint32_t refs;
    uint16_t flags;
    uint16_t order; /* of a free block */
    union {
        struct inode *owner;
        struct list_node node;
    };
    uint64_t index;
};
static_assert(sizeof(struct page) == 32);

/* How to allocate. */
constexpr unsigned PAGE_ZEROED = 1 << 0;
constexpr unsigned PAGE_URGENT = 1 << 1; /* may use the last pages: frees others */
constexpr unsigned PAGE_SMALL = 1 << 2;  /* only from chunks mapped by 4 KiB pages */

#ifdef LIBOS
/* Indexed by frame number.  Only the parts that describe frames of the domain are mapped. */
#    define page_array  ((struct page *)PAGE_ARRAY_BASE)
#    define page_window WINDOW_BASE
#else
extern struct page *page_array; /* the tests' */
extern uint64_t page_window;
#endif

/* Take the domain's free frames as INFO tells them: window, page array, page-table pool. */
void page_init(const struct exo_info *info);

/* One page with one reference; NULL when memory is exhausted. */
[[nodiscard]] struct page *page_alloc(unsigned flags);

/* COUNT pages that follow one another, each with one reference; each is put on its own. */
[[nodiscard]] struct page *page_alloc_run(size_t count, unsigned flags);

/* Give PAGE to the free list, whatever its count said: for page_put. */
void page_release(struct page *page);

uint64_t page_free_count(void);
uint64_t page_total(void);

/* The fewest free pages there have ever been. */
uint64_t page_free_least(void);

/* Read as zeroes by everybody, never written; mapped without being counted. */
extern struct page *page_zero;

static inline exo_frame page_frame(const struct page *page)
{
    return (exo_frame)(page - page_array);
}

static inline struct page *page_of_frame(exo_frame frame)
{
    return &page_array[frame];
}

static inline void *page_address(const struct page *page)
{
    return (void *)(page_window + ((uint64_t)page_frame(page) << PAGE_SHIFT));
}

/* The page that ADDRESS, in the window, lies in. */
static inline struct page *page_of_address(const void *address)
{
    return page_of_frame((exo_frame)(((uint64_t)address - page_window) >> PAGE_SHIFT));
}

/* The page that ADDRESS in the libOS's own image lies in (a reserved page: mapped uncounted). */
struct page *page_of_image(const void *address);

static inline struct page *page_get(struct page *page)
{
    page->refs++;
    return page;
}

static inline void page_put(struct page *page)
{
    if (--page->refs == 0)
        page_release(page);
}
