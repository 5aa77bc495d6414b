/* SPDX-License-Identifier: BSD-2-Clause */
/* reclaim.c - page-table frames come back when memory is short.
 *
 * The kernel's pool keeps the tables of processes that ended, and tells of no frame whether it is
 * in use.  So: mark all tables that some space walks through, take those that are not marked out
 * of the window (the kernel gives no frame back that is mapped), and ask for them.
 */
#include <exo/stubs.h>

#include "arch/pte.h"
#include "base/log.h"
#include "mm/buddy.h"
#include "mm/mm.h"
#include "mm/page.h"
#include "mm/table.h"

constexpr uint32_t TAKE_BATCH = 64; /* frames that one table_take gives */
constexpr uint32_t POOL_LEAST = 16; /* left in the pool: the next mapping needs some */
constexpr unsigned TOP_LEVEL = 4;
constexpr unsigned USER_ENTRIES = PTE_TABLE_ENTRIES / 2; /* of a top table */
constexpr unsigned REGION_ENTRY = EXO_REGION_BASE >> 39;

static uint32_t unused_count;

static uint64_t window_va(const struct page *page)
{
    return WINDOW_BASE + ((uint64_t)page_frame(page) << PAGE_SHIFT);
}

/* TABLE and all tables below it are in use.  As deep as there are levels. */
static void tables_mark(exo_frame table, unsigned level)
{
    if (page_is_described(table))
        page_of_frame(table)->flags |= PAGE_WALKED;
    for (unsigned i = 0; level > 1 && i < PTE_TABLE_ENTRIES; i++) {
        uint64_t entry = pte_table(table)[i];
        /* The upper half of a top table is the kernel's; the region is marked once for all. */
        if (level == TOP_LEVEL && (i >= USER_ENTRIES || i == REGION_ENTRY))
            continue;
        if (entry & PTE_PRESENT && !(entry & PTE_LARGE))
            tables_mark(pte_frame(entry), level - 1);
    }
}

static void space_mark(const struct mm *mm)
{
    tables_mark(mm->root, TOP_LEVEL);
}

static void unused_hide(struct page *page)
{
    if ((page->flags & (PAGE_TABLE | PAGE_WALKED)) != PAGE_TABLE)
        return;
    table_unmap(EXO_CAP_BOOT_SPACE, window_va(page), 1);
    unused_count++;
}

/* What stayed in the pool is to be seen again, for it will be a table one day. */
static void unused_show(struct page *page)
{
    bool is_hidden = (page->flags & (PAGE_TABLE | PAGE_WALKED)) == PAGE_TABLE;

    if (is_hidden &&
        table_map(EXO_CAP_BOOT_SPACE, window_va(page) | EXO_READ, page_frame(page), 1) != 0)
        panic("no table for a page of the small zone");
    page->flags &= (uint16_t)~PAGE_WALKED;
}

static void page_regain(struct page *page)
{
    page->flags = 0;
    if (table_map(EXO_CAP_BOOT_SPACE, window_va(page) | EXO_READ | EXO_WRITE, page_frame(page), 1))
        panic("no table for a page of the small zone");
    page_release(page);
}

uint32_t table_reclaim(void)
{
    static exo_frame frames[TAKE_BATCH];
    uint32_t regained = 0;
    uint64_t region = pte_table(page_boot_root())[REGION_ENTRY];

    unused_count = 0;
    tables_mark(page_boot_root(), TOP_LEVEL);
    tables_mark(pte_frame(region), TOP_LEVEL - 1);
    mm_for_each(space_mark);
    page_for_each(unused_hide);
    while (unused_count > POOL_LEAST) {
        uint32_t want =
            unused_count - POOL_LEAST < TAKE_BATCH ? unused_count - POOL_LEAST : TAKE_BATCH;
        uint64_t got = 0;
        if (exo_table_take((exo_uaddr)frames, want, &got) != EXO_OK || got == 0)
            break;
        for (uint64_t i = 0; i < got; i++)
            page_regain(page_of_frame(frames[i]));
        unused_count -= (uint32_t)got;
        regained += (uint32_t)got;
    }
    page_for_each(unused_show);
    return regained;
}
