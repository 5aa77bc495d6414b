/* SPDX-License-Identifier: BSD-2-Clause */
/* mm_test.c - address spaces: mapping, copy on write, moving, and giving all pages back.
 * Links: libos/mm/{fault,fork,heap,lock,mm,mmap,page,parked,protect,ranges,reclaim,remap,table,
 * vma,vma_tree,vmarea,window,zap}.c fake_exo.c fake_mm.c fake_vcpu.c
 * Include path: tests/unit/exo first.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <asm/signal.h>
#include <cmocka.h>
#include <linux/mman.h>
#include <stdlib.h>
#include <string.h>

#include "base/errno.h"
#include "fake_exo.h"
#include "fake_mm.h"
#include "mm/heap.h"
#include "mm/mm.h"
#include "mm/mmap.h"
#include "mm/page.h"
#include "mm/range.h"
#include "mm/table.h"
#include "mm/vmarea.h"
#include "vfs/file.h"
#include "vfs/inode.h"

constexpr uint64_t BASE = 0x10000000;
constexpr int RW = PROT_READ | PROT_WRITE;
constexpr int ANON = MAP_PRIVATE | MAP_ANONYMOUS;
constexpr uint32_t FRAMES = 6144; /* 24 MiB */

static uint64_t held_before;
static uint32_t spaces_before;

/* One machine for all tests: as in the domain, what the libOS keeps outlives each program. */
static int group_setup(void **)
{
    fake_mm_begin(FRAMES);
    return 0;
}

static int group_teardown(void **)
{
    fake_mm_end();
    return 0;
}

static int setup(void **)
{
    fake_mm_reset();
    held_before = fake_pages_held();
    spaces_before = fake_exo_spaces;
    return 0;
}

/* Every test must give back all pages and spaces. */
static int teardown(void **)
{
    mm_activate(nullptr);
    assert_int_equal(fake_pages_held(), held_before);
    assert_int_equal(fake_exo_spaces, spaces_before);
    struct mm_totals totals;
    mm_totals_read(&totals);
    assert_int_equal(totals.anonymous, 0);
    assert_int_equal(totals.shared, 0);
    assert_int_equal(totals.committed, 0);
    return 0;
}

static struct mm *program(void)
{
    struct mm *mm = mm_create();
    assert_non_null(mm);
    mm->mmap_top = 0x7ff000000000;
    return mm;
}

static uint8_t load(struct mm *mm, uint64_t address)
{
    uint8_t byte = 0;
    int signal = 0;
    if (!fake_load(mm, address, &byte, &signal))
        fail_msg("load at %#lx: signal %d", address, signal);
    return byte;
}

static void store(struct mm *mm, uint64_t address, uint8_t byte)
{
    int signal = 0;
    if (!fake_store(mm, address, byte, &signal))
        fail_msg("store at %#lx: signal %d", address, signal);
}

static int signal_of_load(struct mm *mm, uint64_t address)
{
    uint8_t byte;
    int signal = 0;
    return fake_load(mm, address, &byte, &signal) ? 0 : signal;
}

static int signal_of_store(struct mm *mm, uint64_t address)
{
    int signal = 0;
    return fake_store(mm, address, 1, &signal) ? 0 : signal;
}

static void map(struct mm *mm, uint64_t at, uint64_t pages, int prot)
{
    assert_int_equal(mm_map(mm, at, pages * PAGE_SIZE, prot, ANON | MAP_FIXED, nullptr, 0), at);
}

static void pages_are_described_and_allocated(void **)
{
    uint64_t free = page_free_count();
    struct page *run = page_alloc_run(7, PAGE_ZEROED), *one = page_alloc(0);
    assert_int_equal(page_free_count(), free - 8);
    for (int i = 0; i < 7; i++) {
        assert_int_equal(*(char *)page_address(run + i), 0);
        assert_ptr_equal(page_of_address((char *)page_address(run + i) + 5), run + i);
        page_put(run + i);
    }
    page_put(one);
    assert_int_equal(page_free_count(), free);
}

static void long_runs_span_chunks(void **)
{
    struct page *run = page_alloc_run(1200, 0);
    assert_non_null(run);
    memset(page_address(run), 1, 1200 * PAGE_SIZE);
    for (int i = 0; i < 1200; i++)
        page_put(run + i);
}

static void exhaustion_is_refused_and_heals(void **)
{
    uint64_t free = page_free_count(), n = 0;
    struct page *list = nullptr, *page;
    while ((page = page_alloc(0))) {
        page->index = list ? page_frame(list) : 0;
        list = page;
        n++;
    }
    assert_true(n > free - 65 && n <= free);
    assert_null(page_alloc_run(4, 0));
    assert_non_null(page = page_alloc(PAGE_URGENT));
    page_put(page);
    while (n--) {
        page = list;
        list = page_of_frame((exo_frame)page->index);
        page_put(page);
    }
    assert_int_equal(page_free_count(), free);
}

/* Blocks of all sizes, filled, moved and freed in any order, never touch one another. */
static void heap_blocks_keep_to_themselves(void **)
{
    static struct {
        uint8_t *block;
        size_t size;
        uint8_t mark;
    } blocks[300];
    srand(3);
    for (int step = 0; step < 40000; step++) {
        unsigned i = (unsigned)rand() % 300;
        size_t size = (size_t)1 << rand() % 14;
        size += (size_t)rand() % size;
        for (size_t n = 0; n < blocks[i].size; n++)
            if (blocks[i].block[n] != blocks[i].mark)
                fail_msg("block of %zu bytes was overwritten at %zu", blocks[i].size, n);
        if (blocks[i].block && rand() % 3 == 0) {
            uint8_t *moved = heap_realloc(blocks[i].block, size);
            assert_non_null(moved);
            for (size_t n = 0; n < size && n < blocks[i].size; n++)
                assert_int_equal(moved[n], blocks[i].mark);
            blocks[i].block = moved;
        } else {
            heap_free(blocks[i].block);
            blocks[i].block = heap_alloc(size);
            assert_non_null(blocks[i].block);
        }
        assert_true((uint64_t)blocks[i].block % 16 == 0);
        assert_true(heap_size(blocks[i].block) >= size);
        blocks[i].size = size;
        blocks[i].mark = (uint8_t)rand();
        memset(blocks[i].block, blocks[i].mark, size);
    }
    for (unsigned i = 0; i < 300; i++)
        heap_free(blocks[i].block);
    assert_true(heap_pages() < 40); /* one slab of each size may stay */
    assert_null(heap_alloc(1ull << 40));
    assert_null(heap_calloc(1ull << 33, 1ull << 33));
}

static void objects_come_out_of_the_zone(void **)
{
    exo_frame frame[600];
    for (int i = 0; i < 600; i++)
        assert_true(frame_for_object(&frame[i]));
    for (int i = 0; i < 600; i++)
        frame_of_object_free(frame[i]);
}

static void areas_have_guard_pages(void **)
{
    char *a = vmarea_map(3), *b = vmarea_map(3);
    memset(a, 1, 3 * PAGE_SIZE);
    memset(b, 2, 3 * PAGE_SIZE);
    assert_true(b - a >= (long)(4 * PAGE_SIZE));
    vmarea_unmap(a, 3);
    char *again = vmarea_map(3);
    assert_ptr_equal(again, a);
    assert_int_equal(again[0], 0);
    vmarea_unmap(again, 3);
    vmarea_unmap(b, 3);
    void *stacks[20];
    for (int i = 0; i < 20; i++)
        assert_non_null(stacks[i] = stack_alloc());
    for (int i = 0; i < 20; i++)
        stack_free(stacks[i]);
    held_before += 8 * 4; /* a few are kept */
}

static void fresh_memory_is_zero_and_private(void **)
{
    struct mm *mm = program();
    map(mm, BASE, 16, RW);
    assert_int_equal(load(mm, BASE + 5), 0);
    assert_int_equal(mm->anonymous, 0); /* the zero page is nobody's */
    store(mm, BASE + 5, 7);
    assert_int_equal(load(mm, BASE + 5), 7);
    assert_int_equal(load(mm, BASE + PAGE_SIZE), 0);
    assert_true(mm->anonymous >= 1);
    assert_int_equal(signal_of_load(mm, BASE - 1), SIGSEGV);
    assert_int_equal(signal_of_store(mm, BASE + 16 * PAGE_SIZE), SIGSEGV);
    mm_put(mm);
}

static void fork_shares_until_written(void **)
{
    struct mm *parent = program();
    map(parent, BASE, 300, RW);
    for (int i = 0; i < 300; i++)
        store(parent, BASE + (uint64_t)i * PAGE_SIZE, (uint8_t)i);
    uint64_t free = page_free_count();
    uint32_t calls = fake_exo_calls;
    struct mm *child = mm_fork(parent);
    assert_non_null(child);
    assert_true(fake_exo_calls - calls < 12); /* not one for each page */
    assert_true(free - page_free_count() < 30);
    store(child, BASE, 100);
    store(parent, BASE + PAGE_SIZE, 101);
    assert_int_equal(load(parent, BASE), 0);
    assert_int_equal(load(child, BASE), 100);
    assert_int_equal(load(child, BASE + PAGE_SIZE), 1);
    assert_int_equal(load(parent, BASE + PAGE_SIZE), 101);
    mm_put(parent);
    for (int i = 2; i < 300; i++)
        assert_int_equal(load(child, BASE + (uint64_t)i * PAGE_SIZE), (uint8_t)i);
    free = page_free_count();
    store(child, BASE + 5 * PAGE_SIZE, 9); /* the last reference: no copy */
    assert_int_equal(page_free_count(), free);
    mm_put(child);
}

static void shared_memory_stays_shared(void **)
{
    struct mm *parent = program();
    int64_t at = mm_map(parent, 0, 8 * PAGE_SIZE, RW, MAP_SHARED | MAP_ANONYMOUS, nullptr, 0);
    assert_true(at > 0);
    struct mm *child = mm_fork(parent);
    store(child, (uint64_t)at + 3 * PAGE_SIZE, 42);
    assert_int_equal(load(parent, (uint64_t)at + 3 * PAGE_SIZE), 42);
    mm_put(parent);
    assert_int_equal(load(child, (uint64_t)at + 3 * PAGE_SIZE), 42);
    mm_put(child);
}

static void private_files_are_copied_on_write(void **)
{
    struct file *file = fake_file_create(5 * PAGE_SIZE);
    struct mm *mm = program(), *other = program();
    int64_t at = mm_map(mm, 0, 8 * PAGE_SIZE, RW, MAP_PRIVATE, file, 1);
    int64_t there = mm_map(other, 0, 4 * PAGE_SIZE, RW, MAP_SHARED, file, 1);
    assert_true(at > 0 && there > 0);
    assert_int_equal(load(mm, (uint64_t)at), 'b');
    store(mm, (uint64_t)at, 'X');
    assert_int_equal(load(other, (uint64_t)there), 'b');
    store(other, (uint64_t)there + PAGE_SIZE, 'Y');
    assert_int_equal(load(mm, (uint64_t)at + PAGE_SIZE), 'Y');
    assert_int_equal(load(mm, (uint64_t)at), 'X');
    assert_int_equal(signal_of_load(mm, (uint64_t)at + 4 * PAGE_SIZE), SIGBUS);
    mm_unmap_file(file->inode, 0, UINT64_MAX);
    assert_int_equal(mm_resident(mm), 0);
    assert_int_equal(load(mm, (uint64_t)at), 'b'); /* truncation takes the copies too */
    mm_put(mm);
    mm_put(other);
    file_put(file);
}

static void rights_are_kept(void **)
{
    struct mm *mm = program();
    map(mm, BASE, 4, RW);
    store(mm, BASE, 1);
    store(mm, BASE + PAGE_SIZE, 2);
    assert_int_equal(mm_protect(mm, BASE, PAGE_SIZE, PROT_READ), 0);
    assert_int_equal(signal_of_store(mm, BASE), SIGSEGV);
    assert_int_equal(load(mm, BASE), 1);
    assert_int_equal(mm_protect(mm, BASE, 2 * PAGE_SIZE, PROT_NONE), 0);
    assert_int_equal(signal_of_load(mm, BASE), SIGSEGV);
    assert_int_equal(mm_protect(mm, BASE, 4 * PAGE_SIZE, RW), 0);
    assert_int_equal(load(mm, BASE), 1);
    assert_int_equal(load(mm, BASE + PAGE_SIZE), 2);
    store(mm, BASE, 3);
    assert_int_equal(mm->vmas.count, 1); /* joined again */
    assert_int_equal(mm_protect(mm, BASE, 5 * PAGE_SIZE, PROT_READ), -ENOMEM);
    assert_int_equal(mm_protect(mm, BASE + 1, PAGE_SIZE, PROT_READ), -EINVAL);
    mm_put(mm);
}

static void forbidden_places_are_refused(void **)
{
    struct mm *mm = program();
    int fixed = ANON | MAP_FIXED;
    assert_int_equal(mm_map(mm, EXO_REGION_BASE, PAGE_SIZE, RW, fixed, nullptr, 0), -ENOMEM);
    assert_int_equal(mm_map(mm, EXO_REGION_BASE - PAGE_SIZE, 2 * PAGE_SIZE, RW, fixed, nullptr, 0),
                     -ENOMEM);
    assert_int_equal(mm_map(mm, 0x7ffffffff000, PAGE_SIZE, RW, fixed, nullptr, 0), -ENOMEM);
    assert_int_equal(mm_map(mm, 4096, PAGE_SIZE, RW, fixed, nullptr, 0), -EPERM);
    assert_int_equal(mm_map(mm, BASE + 1, PAGE_SIZE, RW, fixed, nullptr, 0), -EINVAL);
    assert_int_equal(mm_map(mm, 0, 0, RW, ANON, nullptr, 0), -EINVAL);
    assert_int_equal(mm_map(mm, 0, UINT64_MAX, RW, ANON, nullptr, 0), -ENOMEM);
    assert_int_equal(mm_map(mm, 0, 1ull << 40, RW, ANON, nullptr, 0), -ENOMEM);
    assert_true(mm_map(mm, 0, 1ull << 40, PROT_NONE, ANON, nullptr, 0) > 0);
    map(mm, BASE, 2, RW);
    assert_int_equal(mm_map(mm, BASE, PAGE_SIZE, RW, ANON | MAP_FIXED_NOREPLACE, nullptr, 0),
                     -EEXIST);
    assert_int_equal(mm_unmap(mm, BASE, 0), -EINVAL);
    assert_int_equal(mm_unmap(mm, BASE + 1, 1), -EINVAL);
    assert_int_equal(mm_unmap(mm, BASE + 100 * PAGE_SIZE, PAGE_SIZE), 0);
    mm_put(mm);
}

static void places_go_down_and_around_the_region(void **)
{
    struct mm *mm = program();
    int64_t a = mm_map(mm, 0, PAGE_SIZE, RW, ANON, nullptr, 0);
    int64_t b = mm_map(mm, 0, 3 * PAGE_SIZE, RW, ANON, nullptr, 0);
    assert_int_equal(a, 0x7ff000000000 - PAGE_SIZE);
    assert_int_equal(b, a - 3 * (int64_t)PAGE_SIZE);
    int64_t huge = mm_map(mm, 0, 60ull << 40, PROT_NONE, ANON, nullptr, 0);
    assert_true(huge > 0 && (uint64_t)huge + (60ull << 40) <= EXO_REGION_BASE);
    mm_put(mm);
}

static void heap_grows_and_shrinks(void **)
{
    struct mm *mm = program();
    mm->brk_start = mm->brk = BASE;
    assert_int_equal(mm_brk(mm, 0), BASE);
    assert_int_equal(mm_brk(mm, BASE + 10000), BASE + 10000);
    store(mm, BASE + 9999, 5);
    assert_int_equal(mm_brk(mm, BASE + 20000), BASE + 20000);
    assert_int_equal(mm->vmas.count, 1);
    assert_int_equal(load(mm, BASE + 9999), 5);
    assert_int_equal(mm_brk(mm, BASE + 100), BASE + 100);
    assert_int_equal(signal_of_load(mm, BASE + 9999), SIGSEGV);
    map(mm, BASE + 4 * PAGE_SIZE, 1, RW);
    assert_int_equal(mm_brk(mm, BASE + 10 * PAGE_SIZE), BASE + 100);
    mm_put(mm);
}

static void stacks_grow_down_to_their_limit(void **)
{
    struct mm *mm = program();
    fake_process.limits[RLIMIT_STACK].soft = 64 * PAGE_SIZE;
    uint64_t top = 0x7ffffff00000;
    assert_int_equal(mm_map(mm, top - 4 * PAGE_SIZE, 4 * PAGE_SIZE, RW,
                            ANON | MAP_FIXED | MAP_GROWSDOWN, nullptr, 0),
                     top - 4 * PAGE_SIZE);
    store(mm, top - 20 * PAGE_SIZE, 1);
    store(mm, top - 64 * PAGE_SIZE, 1);
    assert_int_equal(signal_of_store(mm, top - 65 * PAGE_SIZE), SIGSEGV);
    assert_int_equal(load(mm, top - 10 * PAGE_SIZE), 0);
    mm_put(mm);
}

static void ranges_move_with_their_pages(void **)
{
    struct mm *mm = program();
    map(mm, BASE, 10, RW);
    for (uint64_t i = 0; i < 10; i++)
        store(mm, BASE + i * PAGE_SIZE, (uint8_t)(i + 1));
    uint64_t to = BASE + 1000 * PAGE_SIZE;
    assert_int_equal(mm_remap(mm, BASE + 2 * PAGE_SIZE, 4 * PAGE_SIZE, 8 * PAGE_SIZE,
                              MREMAP_MAYMOVE | MREMAP_FIXED, to),
                     to);
    assert_int_equal(load(mm, to), 3);
    assert_int_equal(load(mm, to + 3 * PAGE_SIZE), 6);
    assert_int_equal(load(mm, to + 4 * PAGE_SIZE), 0);
    assert_int_equal(signal_of_load(mm, BASE + 2 * PAGE_SIZE), SIGSEGV);
    assert_int_equal(load(mm, BASE + 6 * PAGE_SIZE), 7);
    assert_int_equal(mm_remap(mm, to, 8 * PAGE_SIZE, 2 * PAGE_SIZE, 0, 0), to);
    assert_int_equal(signal_of_load(mm, to + 2 * PAGE_SIZE), SIGSEGV);
    assert_int_equal(mm_remap(mm, to, 2 * PAGE_SIZE, 20 * PAGE_SIZE, 0, 0), to);
    assert_int_equal(load(mm, to + PAGE_SIZE), 4);
    map(mm, to + 20 * PAGE_SIZE, 1, PROT_READ);
    assert_int_equal(mm_remap(mm, to, 20 * PAGE_SIZE, 40 * PAGE_SIZE, 0, 0), -ENOMEM);
    int64_t moved = mm_remap(mm, to, 20 * PAGE_SIZE, 40 * PAGE_SIZE, MREMAP_MAYMOVE, 0);
    assert_true(moved > 0 && (uint64_t)moved != to);
    assert_int_equal(load(mm, (uint64_t)moved + PAGE_SIZE), 4);
    assert_int_equal(mm_remap(mm, BASE + 500 * PAGE_SIZE, PAGE_SIZE, PAGE_SIZE * 2, 0, 0), -EFAULT);
    assert_int_equal(mm_remap(mm, BASE, PAGE_SIZE, 0, 0, 0), -EINVAL);
    mm_put(mm);
}

static void others_can_look_in(void **)
{
    struct mm *mm = program();
    char buffer[10000];
    memset(buffer, 'q', sizeof buffer);
    map(mm, BASE, 4, RW);
    assert_int_equal(mm_protect(mm, BASE, 4 * PAGE_SIZE, PROT_READ), 0);
    assert_int_equal(mm_copy(mm, BASE + 100, buffer, 10, true), 0);
    assert_int_equal(mm_write(mm, BASE + 100, buffer, sizeof buffer), sizeof buffer);
    memset(buffer, 0, sizeof buffer);
    assert_int_equal(mm_read(mm, BASE + 100, buffer, sizeof buffer), sizeof buffer);
    assert_int_equal(buffer[9999], 'q');
    assert_int_equal(mm_read(mm, BASE + 3 * PAGE_SIZE, buffer, sizeof buffer), PAGE_SIZE);
    assert_int_equal(signal_of_store(mm, BASE), SIGSEGV);
    mm_put(mm);
}

static void stale_spaces_wait_for_their_vcpu(void **)
{
    struct mm *mm = program();
    map(mm, BASE, 4, RW);
    store(mm, BASE, 1);
    mm_activate(mm);
    mm_put(mm); /* leaves it first */
    assert_int_equal(fake_exo_spaces, spaces_before);
}

/* Many programs come and go: the frames of their page tables are memory again, and nothing
 * that still runs loses its tables. */
static void unused_page_tables_come_back(void **)
{
    struct mm *mm[40];
    struct mm *stays = program();
    for (uint64_t i = 0; i < 30; i++) {
        map(stays, BASE + (i << 24), 1, RW);
        store(stays, BASE + (i << 24), (uint8_t)i);
    }
    for (unsigned n = 0; n < 40; n++) {
        mm[n] = program();
        for (uint64_t i = 0; i < 10; i++) {
            map(mm[n], BASE + (i << 30), 1, RW);
            store(mm[n], BASE + (i << 30), 1);
        }
    }
    for (unsigned n = 0; n < 40; n++)
        mm_put(mm[n]);
    uint64_t free = page_free_count();
    uint32_t got = table_reclaim();
    assert_true(got > 700);
    assert_int_equal(page_free_count(), free + got);
    for (uint64_t i = 0; i < 30; i++) {
        assert_int_equal(load(stays, BASE + (i << 24)), (uint8_t)i);
        map(stays, BASE + (i << 32), 1, RW);
        store(stays, BASE + (i << 32), (uint8_t)i);
    }
    assert_true(table_reclaim() < 32);
    mm_put(stays);
}

static void out_of_memory_is_a_kill_not_a_crash(void **)
{
    struct mm *mm = program();
    int signal = 0;
    assert_int_equal(
        mm_map(mm, BASE, FRAMES * PAGE_SIZE, RW, ANON | MAP_FIXED | MAP_NORESERVE, nullptr, 0),
        BASE);
    uint64_t i = 0;
    while (fake_store(mm, BASE + i * PAGE_SIZE, 1, &signal))
        i++;
    assert_int_equal(signal, SIGKILL);
    assert_true(fake_oom_kills > 0);
    assert_null(mm_fork(mm));
    mm_put(mm);
}

/* ------------------------------------------------------------------ against a model */

constexpr unsigned PAGES = 96;
constexpr unsigned WORLDS = 4;

struct world {
    struct mm *mm;
    uint8_t value[PAGES];
    int prot[PAGES]; /* -1: not mapped */
};

static struct world worlds[WORLDS];

static uint64_t address(unsigned page)
{
    return BASE + page * PAGE_SIZE;
}

static void page_check(const struct world *w, unsigned page)
{
    int want = w->prot[page] > 0 ? 0 : SIGSEGV;
    uint8_t byte = 0;
    int signal = 0;
    if (!fake_load(w->mm, address(page) + 9, &byte, &signal))
        assert_int_equal(signal, want);
    else
        assert_int_equal(want, 0);
    if (!want)
        assert_int_equal(byte, w->value[page]);
}

static void step_map(struct world *w, unsigned from, unsigned count, int prot)
{
    map(w->mm, address(from), count, prot);
    for (unsigned i = from; i < from + count; i++) {
        w->value[i] = 0;
        w->prot[i] = prot;
    }
}

static void step_unmap(struct world *w, unsigned from, unsigned count)
{
    assert_int_equal(mm_unmap(w->mm, address(from), count * PAGE_SIZE), 0);
    for (unsigned i = from; i < from + count; i++)
        w->prot[i] = -1;
}

static void step_protect(struct world *w, unsigned from, unsigned count, int prot)
{
    int expected = 0;
    int result = mm_protect(w->mm, address(from), count * PAGE_SIZE, prot);
    for (unsigned i = from; i < from + count && expected == 0; i++) {
        if (w->prot[i] < 0)
            expected = -ENOMEM;
        else
            w->prot[i] = prot;
    }
    assert_int_equal(result, expected);
}

static void step_write(struct world *w, unsigned page, uint8_t value)
{
    int signal = 0;
    bool ok = fake_store(w->mm, address(page) + 9, value, &signal);
    assert_int_equal(ok, w->prot[page] > 0 && w->prot[page] & PROT_WRITE);
    if (ok)
        w->value[page] = value;
}

static void step_drop(struct world *w, unsigned from, unsigned count)
{
    (void)mm_advise(w->mm, address(from), count * PAGE_SIZE, MADV_DONTNEED);
    for (unsigned i = from; i < from + count; i++)
        w->value[i] = 0;
}

static void step_move(struct world *w, unsigned from, unsigned count, unsigned to)
{
    if (from < to + count && to < from + count)
        return;
    if (mm_remap(w->mm, address(from), count * PAGE_SIZE, count * PAGE_SIZE,
                 MREMAP_MAYMOVE | MREMAP_FIXED, address(to)) < 0)
        return;
    memcpy(w->value + to, w->value + from, count);
    memcpy(w->prot + to, w->prot + from, count * sizeof w->prot[0]);
    for (unsigned i = from; i < from + count; i++)
        w->prot[i] = -1;
}

static void step_fork(struct world *from, struct world *to)
{
    if (from == to)
        return;
    mm_put(to->mm);
    *to = *from;
    to->mm = mm_fork(from->mm);
    assert_non_null(to->mm);
}

static void step_random(void)
{
    static const int prots[] = {
        RW, RW, RW, PROT_READ, PROT_NONE, PROT_READ | PROT_EXEC, RW | PROT_EXEC};
    struct world *w = &worlds[rand() % WORLDS];
    unsigned from = (unsigned)rand() % PAGES;
    unsigned count = 1 + (unsigned)rand() % 12;
    int prot = prots[rand() % 7];
    if (from + count > PAGES)
        count = PAGES - from;
    switch (rand() % 16) {
    case 0:
    case 1: step_map(w, from, count, prot); break;
    case 2: step_unmap(w, from, count); break;
    case 3:
    case 4: step_protect(w, from, count, prot); break;
    case 5: step_drop(w, from, count); break;
    case 6: step_move(w, from, count, (unsigned)rand() % (PAGES - 12)); break;
    case 7:
        if (rand() % 4 == 0)
            step_fork(w, &worlds[rand() % WORLDS]);
        break;
    case 8:
    case 9: page_check(w, from); break;
    default: step_write(w, from, (uint8_t)rand()); break;
    }
}

static void worlds_check(void)
{
    for (unsigned i = 0; i < WORLDS; i++) {
        uint64_t mapped = 0;
        assert_true(vma_tree_is_sane(&worlds[i].mm->vmas));
        for (unsigned p = 0; p < PAGES; p++) {
            page_check(&worlds[i], p);
            mapped += worlds[i].prot[p] >= 0;
        }
        assert_int_equal(worlds[i].mm->total, mapped);
        assert_true(worlds[i].mm->anonymous <= mapped);
    }
}

static void random_steps_agree_with_the_model(void **)
{
    for (unsigned seed = 1; seed <= 12; seed++) {
        srand(seed);
        fake_exo_batch_most = seed % 3 == 0 ? 3 : 0;
        for (unsigned i = 0; i < WORLDS; i++) {
            worlds[i].mm = program();
            memset(worlds[i].prot, 0xff, sizeof worlds[i].prot);
        }
        for (int i = 0; i < 3000; i++) {
            step_random();
            if (i % 100 == 0)
                worlds_check();
        }
        worlds_check();
        for (unsigned i = 0; i < WORLDS; i++)
            mm_put(worlds[i].mm);
        assert_int_equal(fake_pages_held(), held_before);
    }
}

static void without_overcommit_no_more_is_promised_than_there_is(void **)
{
    constexpr int prot = PROT_READ | PROT_WRITE;
    constexpr uint64_t at = 0x100000000, other = 0x200000000;
    struct mm *mm = program();
    mm_overcommit_mode.value = OVERCOMMIT_NEVER;
    uint64_t most = mm_commit_limit() * PAGE_SIZE;
    assert_int_equal(
        mm_map(mm, at, most + PAGE_SIZE, prot, ANON | MAP_FIXED | MAP_NORESERVE, nullptr, 0),
        -ENOMEM);
    map(mm, at, mm_commit_limit() - 1, prot);
    assert_null(mm_fork(mm));
    map(mm, other, 2, PROT_READ); /* nothing to be kept ready */
    assert_int_equal(mm_protect(mm, other, 2 * PAGE_SIZE, prot), -ENOMEM);
    assert_int_equal(mm_protect(mm, other, PAGE_SIZE, prot), 0);
    mm_overcommit_mode.value = OVERCOMMIT_GUESS;
    mm_put(mm);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(pages_are_described_and_allocated),
        TEST(long_runs_span_chunks),
        TEST(exhaustion_is_refused_and_heals),
        TEST(heap_blocks_keep_to_themselves),
        TEST(objects_come_out_of_the_zone),
        TEST(areas_have_guard_pages),
        TEST(fresh_memory_is_zero_and_private),
        TEST(fork_shares_until_written),
        TEST(without_overcommit_no_more_is_promised_than_there_is),
        TEST(shared_memory_stays_shared),
        TEST(private_files_are_copied_on_write),
        TEST(rights_are_kept),
        TEST(forbidden_places_are_refused),
        TEST(places_go_down_and_around_the_region),
        TEST(heap_grows_and_shrinks),
        TEST(stacks_grow_down_to_their_limit),
        TEST(ranges_move_with_their_pages),
        TEST(others_can_look_in),
        TEST(stale_spaces_wait_for_their_vcpu),
        TEST(unused_page_tables_come_back),
        TEST(out_of_memory_is_a_kill_not_a_crash),
        TEST(random_steps_agree_with_the_model),
    };
    return cmocka_run_group_tests(tests, group_setup, group_teardown);
}
