/* SPDX-License-Identifier: BSD-2-Clause */
/* window.c - at the start: the domain's frames get their places and become free pages.
 *
 * Nothing is mapped yet but the image, and the kernel's pool of page tables is empty.  So
 * the first frames of the largest range feed the pool, the next hold the page array; then
 * the window can be mapped, and what is left is free.  Chunks of which some frames are not
 * ours or feed the pool are mapped by 4 KiB pages, all others by one large page each.
 */
#include <exo/info.h>
#include <exo/stubs.h>

#include "arch/pte.h"
#include "base/assert.h"
#include "base/log.h"
#include "base/string.h"
#include "mm/buddy.h"
#include "mm/page.h"
#include "mm/ranges.h"
#include "mm/table.h"

constexpr exo_frame FRAMES_END = BUDDY_CHUNKS * BUDDY_CHUNK;
constexpr uint32_t CHUNK_PAGES = BUDDY_CHUNK * sizeof(struct page) / PAGE_SIZE; /* of the array */

static struct {
    struct range_set free;    /* free RAM */
    struct range_set ours;    /* that and the boot module */
    struct exo_range objects; /* what the kernel made at boot: our image, and tables, which may
                               * come to the pool */
    struct exo_range tables;  /* the pool's first frames */
    struct exo_range array;   /* the page array's frames */
    exo_frame root;           /* the boot space's */
} boot;

static void ranges_collect(const struct exo_info *info);
static struct exo_range frames_take(uint32_t count);
static uint32_t tables_needed(void);
static void zone_mark(uint32_t chunks);
static uint32_t chunks_touched(bool map);
static void window_map(struct exo_range range);
static void pages_describe(const struct exo_info *info);
static void window_show(struct exo_range range);

void page_init(const struct exo_info *info)
{
    buddy_init();
    ranges_collect(info);
    boot.tables = frames_take(tables_needed());
    table_pool_feed(boot.tables.first, boot.tables.count);
    zone_mark((uint32_t)(ranges_frames(&boot.free) / 64 / BUDDY_CHUNK));
    boot.array = frames_take(chunks_touched(false) * CHUNK_PAGES);
    chunks_touched(true);
    for (uint32_t i = 0; i < boot.ours.count; i++)
        window_map(boot.ours.range[i]);
    pages_describe(info);
    table_init(&boot.root);
    page_zero = page_alloc(PAGE_ZEROED);
    if (!page_zero)
        panic("no memory for a page");
    page_zero->flags |= PAGE_RESERVED;
}

struct page *page_of_image(const void *address)
{
    uint64_t pte = pte_read(boot.root, (uint64_t)address);
    return pte & PTE_PRESENT ? page_of_frame(pte_frame(pte)) : nullptr;
}

void page_for_each(void (*fn)(struct page *page))
{
    for (uint32_t i = 0; i < boot.ours.count; i++)
        for (uint32_t n = 0; n < boot.ours.range[i].count; n++)
            fn(page_of_frame(boot.ours.range[i].first + n));
}

bool page_is_described(exo_frame frame)
{
    return ranges_contain(&boot.ours, frame, 1);
}

exo_frame page_boot_root(void)
{
    return boot.root;
}

static void ranges_collect(const struct exo_info *info)
{
    for (uint32_t i = 0; i < info->range_count; i++)
        ranges_add(&boot.free, info->ranges[i]);
    ranges_subtract(&boot.free, info->boot_objects);
    ranges_subtract(&boot.free, info->module);
    ranges_subtract(&boot.free, (struct exo_range){FRAMES_END, UINT32_MAX - FRAMES_END});
    boot.ours = boot.free;
    ranges_add(&boot.ours, info->module);
    boot.objects = info->boot_objects;
}

/* COUNT frames from the start of the largest range; they stay in `ours`. */
static struct exo_range frames_take(uint32_t count)
{
    struct exo_range taken = ranges_largest(&boot.free);

    if (taken.count <= count)
        panic("too little memory: %u frames in a row are needed", count);
    taken.count = count;
    ranges_subtract(&boot.free, taken);
    return taken;
}

/* A table per 512 entries of each level in the window, the array and the first vm areas. */
static uint32_t tables_needed(void)
{
    const struct exo_range *last = &boot.ours.range[boot.ours.count - 1];
    uint32_t chunks = (last->first + last->count) / BUDDY_CHUNK + 1;
    uint32_t small = 2 * boot.ours.count + 3 + chunks / 64;
    uint32_t array = chunks / (BUDDY_CHUNK / CHUNK_PAGES) + 2;

    return chunks / BUDDY_CHUNK + 1 + small + array + 32;
}

/* The chunks of the pool's frames, and CHUNKS more, are the small zone. */
static void zone_mark(uint32_t chunks)
{
    exo_frame first = boot.tables.first & ~(BUDDY_CHUNK - 1);
    exo_frame end = boot.tables.first + boot.tables.count;

    for (exo_frame f = first; f < end + chunks * BUDDY_CHUNK; f += BUDDY_CHUNK)
        buddy_chunk_mark_small(f);
    for (uint32_t i = 0; i < boot.ours.count; i++) {
        const struct exo_range *r = &boot.ours.range[i];
        if (r->first % BUDDY_CHUNK)
            buddy_chunk_mark_small(r->first);
        if ((r->first + r->count) % BUDDY_CHUNK)
            buddy_chunk_mark_small(r->first + r->count);
    }
}

/* How many chunks hold frames of ours or of the boot's objects.  MAP: give them their part of the
 * page array, zeroed. */
static uint32_t chunks_touched(bool map)
{
    struct range_set all = boot.ours;
    uint32_t n = 0, next = 0;

    ranges_add(&all, boot.objects);
    for (uint32_t i = 0; i < all.count; i++) {
        uint32_t chunk = all.range[i].first / BUDDY_CHUNK;
        uint32_t end = (all.range[i].first + all.range[i].count - 1) / BUDDY_CHUNK + 1;
        chunk = MAX(chunk, next);
        if (end <= chunk)
            continue;
        if (map) {
            uint64_t va = PAGE_ARRAY_BASE + (uint64_t)chunk * CHUNK_PAGES * PAGE_SIZE;
            uint32_t pages = (end - chunk) * CHUNK_PAGES;
            if (table_map(EXO_CAP_BOOT_SPACE, va | EXO_READ | EXO_WRITE,
                          boot.array.first + n * CHUNK_PAGES, pages) != 0)
                panic("no page tables for the page array");
            memset((void *)va, 0, pages * PAGE_SIZE);
        }
        n += end - chunk;
        next = end;
    }
    return n;
}

/* Frames from F on, up to END, that are mapped alike; at most to the next chunk unless large. */
static uint32_t run_length(exo_frame f, exo_frame end, uint64_t *perms)
{
    exo_frame stop = MIN(end, (f | (BUDDY_CHUNK - 1)) + 1);
    exo_frame tables_end = boot.tables.first + boot.tables.count;

    *perms = EXO_READ | EXO_WRITE;
    if (f >= boot.tables.first && f < tables_end) {
        *perms = EXO_READ;
        return MIN(stop, tables_end) - f;
    }
    if (f < boot.tables.first && boot.tables.first < stop)
        return boot.tables.first - f;
    if (f % BUDDY_CHUNK != 0 || buddy_chunk_is_small(f))
        return stop - f;
    *perms |= EXO_LARGE;
    while (stop + BUDDY_CHUNK <= end && !buddy_chunk_is_small(stop))
        stop += BUDDY_CHUNK;
    return stop - f;
}

static void window_map(struct exo_range range)
{
    exo_frame f = range.first, end = range.first + range.count;

    while (f < end) {
        uint64_t perms, va = WINDOW_BASE + ((uint64_t)f << PAGE_SHIFT);
        uint32_t n = run_length(f, end, &perms);
        if (table_map(EXO_CAP_BOOT_SPACE, va | perms, f, perms & EXO_LARGE ? n / BUDDY_CHUNK : n) !=
            0)
            panic("no page tables for the window");
        f += n;
    }
}

static void frames_describe(struct exo_range range, uint16_t flags)
{
    for (uint32_t i = 0; i < range.count; i++)
        *page_of_frame(range.first + i) = (struct page){.refs = 1, .flags = flags};
}

static void pages_describe(const struct exo_info *info)
{
    for (uint32_t i = 0; i < boot.ours.count; i++)
        frames_describe(boot.ours.range[i], 0); /* the module's stay so */
    frames_describe(boot.tables, PAGE_TABLE);
    frames_describe(boot.array, PAGE_RESERVED);
    /* Programs map parts of the image (the vDSO): never to be freed by the last of them.  Tables of
     * these that the pool takes over lose the mark with reclaim. */
    frames_describe(boot.objects, PAGE_RESERVED);
    for (uint32_t i = 0; i < boot.free.count; i++)
        buddy_add(boot.free.range[i].first, boot.free.range[i].count);
    buddy_account(boot.tables.count + boot.array.count + info->module.count);
    window_show(info->boot_objects);
}

/* Let RANGE be read, as far as the kernel allows it: page tables of the start, our own image. */
static void window_show(struct exo_range range)
{
    uint64_t done;

    for (exo_frame f = range.first; f < range.first + range.count; f++)
        (void)exo_space_map(EXO_CAP_BOOT_SPACE,
                            (WINDOW_BASE + ((uint64_t)f << PAGE_SHIFT)) | EXO_READ, f, 1, &done);
}
