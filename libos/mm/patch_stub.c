/* SPDX-License-Identifier: BSD-2-Clause */
/* patch_stub.c - stubs: where they lie, and which site each is for.
 *
 * A stub is known by its site's address and code, so programs that have the same there share it.
 * Slots of 64 bytes are taken in order, but for sites that need certain distances.
 */
#include <asm-generic/mman-common.h>
#include "arch/elf_arch.h"
#include "base/bits.h"
#include "base/hash.h"
#include "mm/heap.h"
#include "mm/mmap.h"
#include "mm/page.h"
#include "mm/patch.h"
#include "mm/patch_internal.h"
#include "mm/range.h"

constexpr uint32_t WINDOW_PAGES = ARCH_WINDOW_BYTES / PAGE_SIZE;
constexpr uint32_t PAGE_SLOTS = PAGE_SIZE / STUB_BYTES;
constexpr uint32_t CHAINS = 256;

struct stub_page {
    struct page *page; /* reserved: mapped uncounted */
    struct stub *slot[PAGE_SLOTS];
};

static struct window {
    uint64_t start;
    struct stub_page *pages[WINDOW_PAGES];
} windows[] = {{.start = ARCH_WINDOW_LOW}, {.start = ARCH_WINDOW_DYN}, {.start = ARCH_WINDOW_HIGH}};

static struct list_node chains[CHAINS];

static struct list_node *chain_of(uint64_t address)
{
    struct list_node *chain = &chains[hash_u64(address) % CHAINS];
    if (!chain->next)
        list_init(chain);
    return chain;
}

static struct window *window_of(uint64_t address)
{
    for (unsigned i = 0; i < ARRAY_COUNT(windows); i++)
        if (address - windows[i].start < ARCH_WINDOW_BYTES)
            return &windows[i];
    return nullptr;
}

static struct stub **slot_of(const struct window *w, uint64_t at)
{
    struct stub_page *p = w->pages[(at - w->start) / PAGE_SIZE];
    return p ? &p->slot[at % PAGE_SIZE / STUB_BYTES] : nullptr;
}

struct stub *stub_at(uint64_t address)
{
    const struct window *w = window_of(address);
    struct stub **slot = w ? slot_of(w, address) : nullptr;
    return slot ? *slot : nullptr;
}

static struct stub_page *page_make(struct window *w, uint64_t at)
{
    struct stub_page **place = &w->pages[(at - w->start) / PAGE_SIZE], *p;
    if (*place)
        return *place;
    p = heap_zalloc(sizeof *p);
    if (!p)
        return nullptr;
    p->page = page_alloc(PAGE_ZEROED);
    if (!p->page) {
        heap_free(p);
        return nullptr;
    }
    p->page->flags |= PAGE_RESERVED;
    return *place = p;
}

/* A free slot of W that SITE reaches; 0: none. */
static uint64_t slot_find(const struct window *w, const struct call_site *site)
{
    uint64_t end = w->start + ARCH_WINDOW_BYTES;
    for (uint64_t at = w->start; at < end; at += STUB_BYTES) {
        struct stub *const *slot = slot_of(w, at);
        if ((!slot || !*slot) && site_reaches(site, at))
            return at;
    }
    return 0;
}

static struct stub *stub_make(struct window *w, const struct call_site *site)
{
    uint64_t at = slot_find(w, site);
    struct stub_page *p = at ? page_make(w, at) : nullptr;
    struct stub *stub = p ? heap_zalloc(sizeof *stub) : nullptr;
    if (!stub)
        return nullptr;
    *stub = (struct stub){.site = *site, .at = at};
    stub_write(site, at, (uint8_t *)page_address(p->page) + at % PAGE_SIZE);
    *slot_of(w, at) = stub;
    list_push_front(chain_of(site->address), &stub->node);
    patch_counts.stubs++;
    return stub;
}

struct stub *stub_for(const struct call_site *site)
{
    list_for_each(node, chain_of(site->address)) {
        struct stub *stub = container_of(node, struct stub, node);
        if (site_is_equal(&stub->site, site))
            return stub;
    }
    for (unsigned i = 0; i < ARRAY_COUNT(windows); i++) {
        struct stub *stub = stub_make(&windows[i], site);
        if (stub)
            return stub;
    }
    return nullptr;
}

/* ------------------------------------------------------------------ in programs */

static bool window_map(struct mm *mm, uint64_t start)
{
    constexpr uint32_t flags =
        VMA_READ | VMA_EXEC | VMA_MAY_READ | VMA_MAY_EXEC | VMA_SPECIAL | VMA_STUBS | VMA_DONTDUMP;
    if (mm_place(mm, start, ARCH_WINDOW_BYTES, MAP_FIXED_NOREPLACE) != (int64_t)start)
        return false;
    struct vma *vma = vma_create(mm, start, start + ARCH_WINDOW_BYTES, flags, nullptr, 0);
    if (!vma)
        return false;
    vma_set_name(vma, "[stubs]");
    return true;
}

/* The highest window lies where mappings begin; with a large limit on the stack, in its way. */
void patch_windows_map(struct mm *mm)
{
    if (mm->unpatched)
        return;
    mm->unpatched = mm->mmap_top < ARCH_WINDOW_HIGH + ARCH_WINDOW_BYTES;
    for (unsigned i = 0; i < ARRAY_COUNT(windows) && !mm->unpatched; i++)
        mm->unpatched = !window_map(mm, windows[i].start);
    if (!mm->unpatched)
        mm->mmap_top = ARCH_WINDOW_HIGH;
}

struct page *patch_window_page(const struct vma *, uint64_t address)
{
    const struct window *w = window_of(address);
    const struct stub_page *p = w ? w->pages[(address - w->start) / PAGE_SIZE] : nullptr;
    return p ? p->page : nullptr;
}

uint64_t patch_origin(uint64_t rip)
{
    const struct stub *stub = stub_at(rip);
    return stub ? stub_origin(&stub->site, stub->at, rip) : rip;
}
