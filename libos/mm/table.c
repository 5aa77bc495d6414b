/* SPDX-License-Identifier: BSD-2-Clause */
/* table.c - feeding the kernel with frames, and mapping with what it got.
 *
 * A frame on its way to the kernel: taken from the small zone, out of the window
 * (space_unmap), into the pool (table_give: its type is TABLE now, for good), and back into
 * the window read-only.  The kernel puts tables that became empty back into the pool, so
 * the pool's frames serve again.
 *
 * When the small zone is used up, a chunk of the usual zone is mapped anew by 4 KiB pages.
 * That takes a page table itself, for which one frame is kept back, unmapped, at all times.
 * The window has a hole while this happens: nobody touches it without the domain lock.
 */
#include "mm/table.h"

#include <exo/stubs.h>

#include "arch/pte.h"
#include "base/assert.h"
#include "base/errno.h"
#include "base/log.h"
#include "mm/buddy.h"
#include "mm/page.h"

constexpr uint32_t REFILL_FRAMES = 16;
constexpr uint32_t MAP_MOST = 4096; /* pages that one space_map takes */

static exo_frame spare; /* unmapped, for the next chunk's table */
static bool has_spare;

static bool pool_refill(uint32_t want);
static struct page *zone_take(uint32_t want, uint32_t *got);
static bool zone_grow(void);

static uint64_t window_va(exo_frame frame)
{
    return WINDOW_BASE + ((uint64_t)frame << PAGE_SHIFT);
}

void table_init(exo_frame *root)
{
    struct exo_cap_answer answer = {0};
    struct page *page = page_alloc(PAGE_SMALL);

    if (page) {
        table_unmap(EXO_CAP_BOOT_SPACE, window_va(page_frame(page)), 1);
        page->flags |= PAGE_OBJECT;
        spare = page_frame(page);
        has_spare = true;
    }
    if (exo_cap_query(EXO_CAP_BOOT_SPACE, (exo_uaddr)&answer) != EXO_OK)
        panic("the boot space does not answer");
    *root = answer.first;
}

void table_pool_feed(exo_frame first, uint32_t count)
{
    static exo_frame frames[64];

    while (count > 0) {
        uint32_t n = MIN(count, ARRAY_COUNT(frames));
        uint64_t given = 0;
        for (uint32_t i = 0; i < n; i++)
            frames[i] = first + i;
        enum exo_status status = exo_table_give(EXO_CAP_SELF, (exo_uaddr)frames, n, &given);
        if (status != EXO_OK && status != EXO_AGAIN)
            panic("table_give: status %d for frame %#x", status, first);
        if (status == EXO_OK)
            given = n;
        first += given;
        count -= given;
    }
}

bool frame_for_object(exo_frame *frame)
{
    uint32_t got;
    struct page *page = zone_take(1, &got);

    if (!page)
        return false;
    table_unmap(EXO_CAP_BOOT_SPACE, window_va(page_frame(page)), 1);
    page->flags |= PAGE_OBJECT;
    *frame = page_frame(page);
    return true;
}

void frame_of_object_free(exo_frame frame)
{
    struct page *page = page_of_frame(frame);

    if (table_map(EXO_CAP_BOOT_SPACE, window_va(frame) | EXO_READ | EXO_WRITE, frame, 1) != 0)
        return; /* lost until the machine ends: no table for a place that had one */
    page->flags &= ~PAGE_OBJECT;
    page_put(page);
}

void table_make_readable(exo_frame frame)
{
    struct page *page = page_of_frame(frame);

    if (page->flags & PAGE_TABLE)
        return;
    page->flags |= PAGE_TABLE;
    if (table_map(EXO_CAP_BOOT_SPACE, window_va(frame) | EXO_READ, frame, 1) != 0)
        panic("frame %#x cannot be seen", frame);
}

int table_map(exo_cap space, uint64_t va_perms, exo_frame frame, uint32_t count)
{
    uint64_t unit = va_perms & EXO_LARGE ? EXO_LARGE_BYTES : PAGE_SIZE;
    uint32_t done = 0;

    while (done < count) {
        uint64_t n = 0;
        enum exo_status status = exo_space_map(space, va_perms + done * unit,
                                               frame + done * (uint32_t)(unit >> PAGE_SHIFT),
                                               MIN(count - done, MAP_MOST), &n);
        if (status != EXO_OK && status != EXO_AGAIN && status != EXO_NOTABLE)
            panic("space_map %#lx of frame %#x: status %d", va_perms, frame, status);
        done += n;
        if (status == EXO_NOTABLE && !pool_refill(1)) {
            if (done)
                table_unmap(space, va_perms & ~PAGE_MASK, done * (unit >> PAGE_SHIFT));
            return -ENOMEM;
        }
    }
    return 0;
}

int table_map_batch(exo_cap space, const struct exo_map *entries, uint32_t count, uint32_t *done)
{
    *done = 0;
    while (*done < count) {
        uint64_t n = 0;
        enum exo_status status =
            exo_space_map_batch(space, (exo_uaddr)(entries + *done), count - *done, &n);
        if (status == EXO_OK) {
            *done = count;
            return 0;
        }
        if (status != EXO_AGAIN && status != EXO_NOTABLE)
            panic("space_map_batch at %#lx: status %d", entries[*done + n].va_perms, status);
        *done += n;
        if (status == EXO_NOTABLE && !pool_refill(1))
            return -ENOMEM;
    }
    return 0;
}

void table_unmap(exo_cap space, uint64_t va, uint64_t pages)
{
    while (pages > 0) {
        uint64_t n = 0;
        enum exo_status status = exo_space_unmap(space, va, pages, &n);
        if (status == EXO_OK)
            return;
        if (status != EXO_AGAIN)
            panic("space_unmap %#lx, %lu pages: status %d", va, pages, status);
        va += n << PAGE_SHIFT;
        pages -= n;
    }
}

void table_protect(exo_cap space, uint64_t va_perms, uint64_t pages, uint32_t flags)
{
    while (pages > 0) {
        uint64_t n = 0;
        enum exo_status status = exo_space_protect(space, va_perms, pages, flags, &n);
        if (status == EXO_OK)
            return;
        if (status != EXO_AGAIN)
            panic("space_protect %#lx, %lu pages: status %d", va_perms, pages, status);
        va_perms += n << PAGE_SHIFT;
        pages -= n;
    }
}

int table_reserve(uint32_t count)
{
    return pool_refill(count) ? 0 : -ENOMEM;
}

/* Give the kernel at least one frame, up to WANT or REFILL_FRAMES if memory allows. */
static bool pool_refill(uint32_t want)
{
    uint32_t got;
    struct page *page = zone_take(MAX(want, REFILL_FRAMES), &got);

    if (!page)
        return false;
    exo_frame first = page_frame(page);
    table_unmap(EXO_CAP_BOOT_SPACE, window_va(first), got);
    table_pool_feed(first, got);
    for (uint32_t i = 0; i < got; i++)
        page[i].flags |= PAGE_TABLE;
    /* The chunk has its last-level table, so this takes none from the pool. */
    if (table_map(EXO_CAP_BOOT_SPACE, window_va(first) | EXO_READ, first, got) != 0)
        panic("no table for a page of the small zone");
    return true;
}

/* A run of frames in the small zone: WANT, or fewer if there is no such run. */
static struct page *zone_take(uint32_t want, uint32_t *got)
{
    for (;;) {
        for (*got = want; *got > 0; *got /= 2) {
            struct page *page = page_alloc_run(*got, PAGE_SMALL | PAGE_URGENT);
            if (page)
                return page;
        }
        if (!zone_grow())
            return nullptr;
    }
}

static bool zone_grow(void)
{
    exo_frame chunk;

    if (!has_spare || !buddy_chunk_choose(&chunk))
        return false;
    table_pool_feed(spare, 1);
    has_spare = false;
    page_of_frame(spare)->flags = PAGE_TABLE;
    table_unmap(EXO_CAP_BOOT_SPACE, window_va(chunk), BUDDY_CHUNK);
    if (table_map(EXO_CAP_BOOT_SPACE, window_va(chunk) | EXO_READ | EXO_WRITE, chunk,
                  BUDDY_CHUNK) != 0)
        panic("a chunk of the window is lost");
    buddy_chunk_set_small(chunk);
    if (table_map(EXO_CAP_BOOT_SPACE, window_va(spare) | EXO_READ, spare, 1) != 0)
        panic("a table of the window is lost");

    struct page *page = page_alloc(PAGE_SMALL | PAGE_URGENT);
    if (page) {
        table_unmap(EXO_CAP_BOOT_SPACE, window_va(page_frame(page)), 1);
        page->flags |= PAGE_OBJECT;
        spare = page_frame(page);
        has_spare = true;
    }
    return true;
}
