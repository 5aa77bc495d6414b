/* SPDX-License-Identifier: BSD-2-Clause */
/* exo_space_test.c - page tables of a domain: mapping, unmapping, rights, counts, stale
 * translations, demand-zero regions.
 * Links: the kernel's archive as fake_kernel.h says. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "fake_kernel.h"
#include "vcpu.h"

constexpr uint32_t TABLES = 96;
constexpr exo_frame OWN = FAKE_FIRST_FREE + 1024; /* plain frames of domain 0, 2 MiB aligned */
constexpr uint64_t PAGE = EXO_FRAME_BYTES;
constexpr uint32_t RW = EXO_READ | EXO_WRITE;

static struct domain *dom, *other;
static struct caller c;
static exo_cap cap[2];
static struct space *space[2];

static int setup(void **)
{
    static_assert(OWN % EXO_LARGE_FRAMES == 0);
    fake_kernel_begin();
    dom = fake_domain(0, FAKE_FIRST_FREE, 512, TABLES);
    other = fake_domain(1, 12288, 256, 16);
    c = fake_caller(dom);
    for (uint32_t i = 0; i < 2; i++) {
        assert_int_equal(call_space_create(&c, EXO_CAP_SELF, FAKE_FIRST_FREE + i), EXO_OK);
        cap[i] = (exo_cap)c.second;
        space[i] = cap_find(dom, cap[i], EXO_CAP_SPACE)->object;
    }
    return 0;
}

static uint64_t lookup(uint32_t s, uint64_t va)
{
    bool is_large;
    return space_lookup(space[s], va, &is_large);
}

static exo_frame frame_at(uint32_t s, uint64_t va)
{
    bool is_large;
    uint64_t entry = space_lookup(space[s], va, &is_large);
    return entry == 0 ? 0 : mmu_frame(entry) + (is_large ? mmu_index(va, 1) : 0);
}

static void run_in(uint32_t cpu, uint32_t s)
{
    fake_cpu_run(cpu);
    space_load(space[s]);
}

/* ------------------------------------------------------------------ single calls */

static void a_page_is_mapped_counted_and_unmapped(void **)
{
    uint32_t pool = dom->pool_count;
    assert_int_equal(call_space_map(&c, cap[0], 0x400000 | RW, OWN, 3), EXO_OK);
    assert_int_equal(c.second, 3);
    assert_int_equal(dom->pool_count, pool - 3);
    for (uint32_t i = 0; i < 3; i++) {
        assert_int_equal(frame_at(0, 0x400000 + i * PAGE), OWN + i);
        assert_int_equal(frames[OWN + i].maps, 1);
    }
    uint64_t leaf = lookup(0, 0x400000);
    assert_true(leaf & MMU_USER && leaf & MMU_WRITE && leaf & MMU_NO_EXEC);
    assert_int_equal(lookup(1, 0x400000), 0);
    assert_int_equal(call_space_unmap(&c, cap[0], 0x400000, 3), EXO_OK);
    assert_int_equal(c.second, 3);
    assert_int_equal(frames[OWN + 2].maps, 0);
    assert_int_equal(dom->pool_count, pool); /* empty tables came back */
}

static void rights_become_entry_bits(void **)
{
    assert_int_equal(call_space_map(&c, cap[0], 0x1000 | EXO_READ, OWN, 1), EXO_OK);
    assert_int_equal(call_space_map(&c, cap[0], 0x2000 | EXO_READ | EXO_EXEC, OWN, 1), EXO_OK);
    assert_int_equal(call_space_map(&c, cap[0], 0x3000 | EXO_RWX | EXO_WX, OWN, 1), EXO_OK);
    assert_int_equal(mmu_leaf_perms(lookup(0, 0x1000)), EXO_READ);
    assert_int_equal(mmu_leaf_perms(lookup(0, 0x2000)), EXO_READ | EXO_EXEC);
    assert_int_equal(mmu_leaf_perms(lookup(0, 0x3000)), EXO_RWX);
    assert_int_equal(frames[OWN].maps, 3);
}

static void what_a_mapping_refuses(void **)
{
    constexpr uint64_t LAST = EXO_USER_TOP - PAGE;
    uint32_t pool = dom->pool_count;
    assert_int_equal(call_space_map(&c, 99, 0x1000 | RW, OWN, 1), EXO_CAP);
    assert_int_equal(call_space_map(&c, cap[0], 0x1000 | RW, OWN, 0), EXO_RANGE);
    assert_int_equal(call_space_map(&c, cap[0], 0x1000 | RW, OWN, 4097), EXO_RANGE);
    assert_int_equal(call_space_map(&c, cap[0], 0x1000 | RW, OWN, UINT32_MAX), EXO_RANGE);
    assert_int_equal(call_space_map(&c, cap[0], LAST | RW, OWN, 2), EXO_RANGE);
    assert_int_equal(call_space_map(&c, cap[0], EXO_USER_TOP | RW, OWN, 1), EXO_RANGE);
    assert_int_equal(call_space_map(&c, cap[0], 0xffff800000000000 | RW, OWN, 1), EXO_RANGE);
    assert_int_equal(call_space_map(&c, cap[0], (UINT64_MAX << 12) | RW, OWN, 2), EXO_RANGE);
    assert_int_equal(call_space_map(&c, cap[0], 0x1000 | EXO_WRITE, OWN, 1), EXO_INVAL);
    assert_int_equal(call_space_map(&c, cap[0], 0x1000, OWN, 1), EXO_INVAL);
    assert_int_equal(call_space_map(&c, cap[0], 0x1000 | EXO_RWX, OWN, 1), EXO_INVAL);
    assert_int_equal(call_space_map(&c, cap[0], 0x1000 | RW | 0x20, OWN, 1), EXO_INVAL);
    assert_int_equal(call_space_map(&c, cap[0], 0x1000 | RW, 3, 1), EXO_OWNER);
    assert_int_equal(call_space_map(&c, cap[0], 0x1000 | RW, 12289, 1), EXO_OWNER);
    assert_int_equal(call_space_map(&c, cap[0], 0x1000 | RW, FAKE_FIRST_FREE, 1), EXO_TYPE);
    assert_int_equal(call_space_map(&c, cap[0], 0x1000 | RW, space[0]->root, 1), EXO_TYPE);
    assert_int_equal(call_space_map(&c, cap[0], 0x1000 | RW, UINT32_MAX, 1), EXO_RANGE);
    assert_int_equal(call_space_map(&c, cap[0], 0x201000 | RW | EXO_LARGE, OWN, 1), EXO_ALIGN);
    assert_int_equal(call_space_map(&c, cap[0], 0x200000 | RW | EXO_LARGE, OWN + 1, 1), EXO_ALIGN);
    assert_int_equal(dom->pool_count, pool);
    assert_int_equal(frames[OWN].maps, 0);
}

/* A page beside the last one takes a shorter way: it must refuse what the others refuse. */
static void what_a_neighbour_refuses(void **)
{
    assert_int_equal(call_space_map(&c, cap[0], 0x1000 | RW, OWN, 1), EXO_OK);
    uint32_t pool = dom->pool_count;
    assert_int_equal(call_space_map(&c, cap[0], 0x2000 | EXO_WRITE, OWN, 1), EXO_INVAL);
    assert_int_equal(call_space_map(&c, cap[0], 0x2000, OWN, 1), EXO_INVAL);
    assert_int_equal(call_space_map(&c, cap[0], 0x2000 | EXO_RWX, OWN, 1), EXO_INVAL);
    assert_int_equal(call_space_map(&c, cap[0], 0x2000 | RW | 0x20, OWN, 1), EXO_INVAL);
    assert_int_equal(call_space_map(&c, cap[0], 0x2000 | RW, 3, 1), EXO_OWNER);
    assert_int_equal(call_space_map(&c, cap[0], 0x2000 | RW, 12289, 1), EXO_OWNER);
    assert_int_equal(call_space_map(&c, cap[0], 0x2000 | RW, space[0]->root, 1), EXO_TYPE);
    assert_int_equal(call_space_map(&c, cap[0], 0x2000 | RW, UINT32_MAX, 1), EXO_RANGE);
    assert_int_equal(lookup(0, 0x2000), 0);
    assert_int_equal(dom->pool_count, pool);
    assert_int_equal(call_space_map(&c, cap[0], 0x2000 | EXO_READ, OWN + 1, 1), EXO_OK);
    assert_int_equal(c.second, 1);
    assert_int_equal(mmu_leaf_perms(lookup(0, 0x2000)), EXO_READ);
    assert_int_equal(call_space_map(&c, cap[0], 0x2000 | RW, OWN + 2, 1), EXO_OK);
    assert_int_equal(frame_at(0, 0x2000), OWN + 2);
    assert_int_equal(frames[OWN + 1].maps, 0);
}

/* The stretch that holds the last page of user memory goes on beyond it. */
static void no_neighbour_lies_beyond_user_memory(void **)
{
    constexpr uint64_t LAST = EXO_USER_TOP - PAGE;
    assert_int_equal(call_space_map(&c, cap[0], LAST | RW, OWN, 1), EXO_OK);
    assert_int_equal(call_space_map(&c, cap[0], EXO_USER_TOP | RW, OWN, 1), EXO_RANGE);
    assert_int_equal(call_space_map(&c, cap[0], (EXO_USER_TOP + PAGE) | RW, OWN, 1), EXO_RANGE);
    assert_int_equal(lookup(0, EXO_USER_TOP), 0);
}

static void a_neighbour_of_a_table_that_is_gone_gets_a_new_one(void **)
{
    assert_int_equal(call_space_map(&c, cap[0], 0x1000 | RW, OWN, 1), EXO_OK);
    uint32_t pool = dom->pool_count;
    assert_int_equal(call_space_unmap(&c, cap[0], 0x1000, 1), EXO_OK);
    assert_true(dom->pool_count > pool);
    assert_int_equal(call_space_map(&c, cap[0], 0x2000 | RW, OWN, 1), EXO_OK);
    assert_int_equal(dom->pool_count, pool);
    assert_int_equal(frame_at(0, 0x2000), OWN);
    /* The same in the region, whose tables another space may let go. */
    assert_int_equal(call_space_map(&c, cap[0], EXO_REGION_BASE | RW, OWN + 1, 1), EXO_OK);
    assert_int_equal(call_space_unmap(&c, cap[1], EXO_REGION_BASE, 1), EXO_OK);
    assert_int_equal(call_space_map(&c, cap[0], (EXO_REGION_BASE + PAGE) | RW, OWN + 2, 1), EXO_OK);
    assert_int_equal(frame_at(1, EXO_REGION_BASE + PAGE), OWN + 2);
}

static void a_bad_frame_in_the_middle_stops_the_run(void **)
{
    frames[OWN + 2].holder = 1;
    assert_int_equal(call_space_map(&c, cap[0], 0x1000 | RW, OWN, 4), EXO_AGAIN);
    assert_int_equal(c.second, 2);
    assert_int_equal(frame_at(0, 0x2000), OWN + 1);
    assert_int_equal(lookup(0, 0x3000), 0);
    /* A large page is all of its frames or nothing. */
    assert_int_equal(call_space_map(&c, cap[0], 0x200000 | RW | EXO_LARGE, OWN, 1), EXO_OWNER);
    assert_int_equal(frames[OWN + 1].maps, 1);
}

static void an_empty_pool_is_told_and_changes_nothing_more(void **)
{
    exo_frame *list = fake_user(64 * sizeof *list);
    while (dom->pool_count > 2)
        assert_int_equal(call_table_take(&c, (uint64_t)list, 1), EXO_OK);
    assert_int_equal(call_space_map(&c, cap[0], 0x1000 | RW, OWN, 1), EXO_NOTABLE);
    assert_int_equal(c.second, 0);
    assert_int_equal(frames[OWN].maps, 0);
    assert_int_equal(call_space_map(&c, cap[0], 0x1000 | RW, OWN, 1), EXO_NOTABLE);
    list[0] = OWN + 100;
    assert_int_equal(call_table_give(&c, EXO_CAP_SELF, (uint64_t)list, 1), EXO_OK);
    assert_int_equal(call_space_map(&c, cap[0], 0x1000 | RW, OWN, 1), EXO_OK);
    assert_int_equal(dom->pool_count, 0);
    /* 2 MiB further on another table is needed. */
    assert_int_equal(call_space_map(&c, cap[0], 0x1ff000 | RW, OWN, 2), EXO_NOTABLE);
    assert_int_equal(c.second, 1);
}

static void large_pages_map_and_unmap_as_a_whole(void **)
{
    assert_int_equal(call_space_map(&c, cap[0], 0x200000 | RW | EXO_LARGE, OWN, 2), EXO_OK);
    assert_int_equal(frames[OWN].maps + frames[OWN + 1023].maps, 2);
    assert_int_equal(frame_at(0, 0x2ff000), OWN + 255);
    assert_int_equal(call_space_map(&c, cap[0], 0x201000 | RW, OWN, 1), EXO_INUSE);
    assert_int_equal(call_space_unmap(&c, cap[0], 0x201000, 1), EXO_ALIGN);
    assert_int_equal(call_space_unmap(&c, cap[0], 0x200000, 513), EXO_AGAIN);
    assert_int_equal(c.second, 512);
    assert_int_equal(frames[OWN].maps, 0);
    assert_int_equal(frames[OWN + 512].maps, 1);
    assert_int_equal(call_space_protect(&c, cap[0], 0x400000 | EXO_READ, 1, 0), EXO_ALIGN);
    assert_int_equal(call_space_protect(&c, cap[0], 0x400000 | EXO_READ, 512, 0), EXO_OK);
    assert_int_equal(mmu_leaf_perms(lookup(0, 0x400000)), EXO_READ);
}

static void the_region_is_in_every_space(void **)
{
    uint64_t va = EXO_REGION_BASE + 0x123000;
    assert_int_equal(call_space_map(&c, cap[0], va | RW, OWN, 1), EXO_OK);
    assert_int_equal(frame_at(1, va), OWN);
    assert_int_equal(frames[OWN].maps, 1);
    run_in(1, 1);
    assert_int_equal(fake_touch(va), OWN);
    run_in(0, 0);
    assert_int_equal(call_space_unmap(&c, cap[0], va, 1), EXO_OK);
    assert_true(fake_tlb_is_sane());
    assert_int_equal(fake_shootdowns, 1);
    assert_int_equal(lookup(1, va), 0);
}

static void a_change_reaches_the_other_cpus_caches(void **)
{
    assert_int_equal(call_space_map(&c, cap[0], 0x1000 | RW, OWN, 2), EXO_OK);
    for (uint32_t cpu = 0; cpu < 2; cpu++) {
        run_in(cpu, 0);
        assert_int_equal(fake_touch(0x1000), OWN);
    }
    fake_cpu_run(0);
    assert_int_equal(call_space_protect(&c, cap[0], 0x1000 | EXO_READ, 1, 0), EXO_OK);
    assert_true(fake_tlb_is_sane());
    assert_int_equal(call_space_map(&c, cap[0], 0x1000 | EXO_READ, OWN + 5, 1), EXO_OK);
    assert_true(fake_tlb_is_sane());
    assert_int_equal(fake_shootdowns, 2);
    /* A CPU that walks other tables is left in peace. */
    run_in(1, 1);
    fake_cpu_run(0);
    assert_int_equal(call_space_unmap(&c, cap[0], 0x1000, 1), EXO_OK);
    assert_int_equal(fake_shootdowns, 2);
}

static void rights_can_be_widened_only_as_far_as_the_frame_allows(void **)
{
    cap_add(
        dom,
        (struct cap){
            .kind = EXO_CAP_FRAMES, .rights = EXO_READ, .owner = 1, .first = 12300, .count = 1});
    assert_int_equal(call_space_map(&c, cap[0], 0x1000 | EXO_READ, 12300, 1), EXO_OK);
    assert_int_equal(call_space_protect(&c, cap[0], 0x1000 | RW, 1, 0), EXO_RIGHTS);
    assert_int_equal(mmu_leaf_perms(lookup(0, 0x1000)), EXO_READ);
    assert_int_equal(call_space_map(&c, cap[0], 0x2000 | EXO_READ, space[0]->root, 1), EXO_OK);
    assert_int_equal(call_space_protect(&c, cap[0], 0x2000 | RW, 1, 0), EXO_TYPE);
    assert_int_equal(call_space_protect(&c, cap[0], 0x1000 | EXO_WRITE, 1, 0), EXO_INVAL);
    assert_int_equal(call_space_protect(&c, cap[0], 0x1000 | EXO_READ, 1, 8), EXO_INVAL);
    assert_int_equal(call_space_protect(&c, cap[0], 0x1000 | EXO_READ, 0, 0), EXO_RANGE);
    assert_int_equal(call_space_protect(&c, cap[0], 0x1000 | EXO_READ, UINT64_MAX, 0), EXO_RANGE);
    assert_int_equal(call_space_protect(&c, 0, 0x1000 | EXO_READ, 1, 0), EXO_CAP);
}

static void a_walk_over_nothing_is_bounded(void **)
{
    uint64_t va = 0, rest = EXO_REGION_BASE / PAGE;
    uint32_t calls = 0;
    while (rest > 0) {
        enum exo_status status = call_space_unmap(&c, cap[0], va, rest);
        assert_true(status == EXO_OK || status == EXO_AGAIN);
        assert_true(c.second > 0);
        va += c.second * PAGE;
        rest -= c.second;
        assert_true(++calls < 100);
    }
    assert_int_equal(call_space_unmap(&c, cap[0], 0x1001, 1), EXO_ALIGN);
    assert_int_equal(call_space_unmap(&c, cap[0], 0x1000, 0), EXO_RANGE);
    assert_int_equal(call_space_unmap(&c, cap[0], 0x1000, UINT64_MAX / PAGE), EXO_RANGE);
    assert_int_equal(call_space_unmap(&c, cap[0], EXO_USER_TOP, 1), EXO_RANGE);
}

static void accessed_and_dirty_are_told_once(void **)
{
    uint8_t *bits = fake_user(8);
    assert_int_equal(call_space_map(&c, cap[0], 0x1000 | RW, OWN, 2), EXO_OK);
    assert_int_equal(lookup(0, 0x2000) & (MMU_ACCESSED | MMU_DIRTY), 0);
    mmu_entry *entry = nullptr;
    exo_frame table = space[0]->root;
    for (uint32_t level = MMU_LEVELS; level > 0; level--) {
        entry = (mmu_entry *)frame_ptr(table) + mmu_index(0x2000, level);
        table = mmu_frame(*entry);
    }
    *entry |= MMU_ACCESSED | MMU_DIRTY; /* as the processor does */
    assert_int_equal(call_space_read_ad(&c, cap[0], 0x1000, 3, (uint64_t)bits), EXO_OK);
    assert_int_equal(bits[0], 1);
    assert_int_equal(bits[1], 1 | 2 | 4);
    assert_int_equal(bits[2], 0);
    assert_int_equal(call_space_read_ad(&c, cap[0], 0x1000, 3, (uint64_t)bits), EXO_OK);
    assert_int_equal(bits[1], 1);
    *entry |= MMU_ACCESSED;
    assert_int_equal(call_space_read_ad(&c, cap[0], 0x1000, 3, 8), EXO_FAULT);
    assert_true(*entry & MMU_ACCESSED);
    assert_int_equal(call_space_read_ad(&c, cap[0], 0x1000, 513, (uint64_t)bits), EXO_RANGE);
    assert_int_equal(call_space_read_ad(&c, cap[0], 0x1001, 1, (uint64_t)bits), EXO_ALIGN);
}

static void a_batch_tells_how_far_it_came(void **)
{
    struct exo_map *batch = fake_user(40 * sizeof *batch);
    for (uint32_t i = 0; i < 40; i++)
        batch[i] = (struct exo_map){0x1000 + i * 0x10000 + RW, OWN + i, 2};
    assert_int_equal(call_space_map_batch(&c, cap[0], (uint64_t)batch, 40), EXO_OK);
    assert_int_equal(c.second, 40);
    assert_int_equal(frame_at(0, 0x2000 + 39 * 0x10000), OWN + 40);
    batch[35].frame = 12289; /* another domain's */
    assert_int_equal(call_space_map_batch(&c, cap[0], (uint64_t)batch, 40), EXO_AGAIN);
    assert_int_equal(c.second, 35);
    assert_int_equal(call_space_map_batch(&c, cap[0], (uint64_t)&batch[35], 1), EXO_OWNER);
    assert_int_equal(call_space_map_batch(&c, cap[0], 8, 1), EXO_FAULT);
    assert_int_equal(call_space_map_batch(&c, cap[0], (uint64_t)batch, 0), EXO_RANGE);
    assert_int_equal(call_space_map_batch(&c, cap[0], (uint64_t)batch, 1025), EXO_RANGE);
}

static void a_destroyed_space_gives_everything_back(void **)
{
    uint32_t pool = dom->pool_count;
    assert_int_equal(call_space_map(&c, cap[1], 0x1000 | RW, OWN, 20), EXO_OK);
    assert_int_equal(call_space_map(&c, cap[1], 0x7f0000000000 | RW, OWN, 5), EXO_OK);
    assert_int_equal(call_space_map(&c, cap[1], 0x200000 | RW | EXO_LARGE, OWN, 1), EXO_OK);
    space[1]->vcpus = 1;
    assert_int_equal(call_space_destroy(&c, cap[1]), EXO_INUSE);
    space[1]->vcpus = 0;
    run_in(1, 1);
    assert_int_equal(fake_touch(0x1000), OWN);
    fake_cpu_run(0);
    enum exo_status status;
    while ((status = call_space_destroy(&c, cap[1])) == EXO_AGAIN)
        ;
    assert_int_equal(status, EXO_OK);
    assert_int_equal(dom->pool_count, pool + 1); /* its root too */
    for (uint32_t i = 0; i < 20; i++)
        assert_int_equal(frames[OWN + i].maps, 0);
    assert_int_equal(frames[FAKE_FIRST_FREE + 1].type, EXO_FRAME_PLAIN);
    assert_null(cpus[1].loaded); /* it walks the kernel's own tables now */
    assert_true(fake_tlb_is_sane());
    assert_int_equal(call_space_destroy(&c, cap[1]), EXO_CAP);
    assert_int_equal(call_space_destroy(&c, cap[0]), EXO_STATE); /* the last one */
}

static void frames_are_unmapped_wherever_they_are(void **)
{
    uint64_t region = EXO_REGION_BASE + 0x5000;
    assert_int_equal(call_space_map(&c, cap[0], 0x1000 | RW, OWN, 4), EXO_OK);
    assert_int_equal(call_space_map(&c, cap[1], 0x7f0000000000 | RW, OWN, 4), EXO_OK);
    assert_int_equal(call_space_map(&c, cap[1], region | RW, OWN + 1, 1), EXO_OK);
    assert_int_equal(call_space_map(&c, cap[1], 0x40000000 | RW | EXO_LARGE, OWN, 1), EXO_OK);
    space_unmap_frames(dom, OWN + 1, 2);
    assert_int_equal(frames[OWN + 1].maps + frames[OWN + 2].maps, 0);
    assert_int_equal(lookup(1, 0x40000000), 0); /* large, so it went as a whole */
    assert_int_equal(lookup(0, region), 0);
    assert_int_equal(frame_at(0, 0x1000), OWN);
    assert_int_equal(frame_at(1, 0x7f0000003000), OWN + 3);
    assert_int_equal(frames[OWN].maps, 2);
}

/* ------------------------------------------------------------------ a long random history */

/* Places: stretches of 2 MiB; the last two lie in the region, which both spaces share. */
constexpr uint32_t PLACES = 7, PAGES = 512, FRAMES_USED = 2048;
static const uint64_t place_va[PLACES] = {0,
                                          0x200000,
                                          0x40000000,
                                          0x7f8000000000,
                                          0x7fffffc00000,
                                          EXO_REGION_BASE,
                                          EXO_REGION_BASE + 0x40200000};
struct model_page {
    exo_frame frame; /* 0: nothing */
    uint32_t perms;
};
static struct model {
    struct model_page page[PAGES];
    bool is_large;
} model[2][PLACES];

static struct model *model_of(uint32_t s, uint32_t place)
{
    return &model[place >= 5 ? 0 : s][place];
}

static bool has_pages(const struct model *m)
{
    for (uint32_t i = 0; i < PAGES; i++)
        if (m->page[i].frame)
            return true;
    return false;
}

static uint32_t random_perms(void)
{
    static const uint32_t some[] = {EXO_READ, RW, EXO_READ | EXO_EXEC, EXO_RWX | EXO_WX};
    return some[rand() % 4];
}

static void step_map(uint32_t s, uint32_t place)
{
    struct model *m = model_of(s, place);
    uint32_t first = (uint32_t)rand() % PAGES, count = 1 + (uint32_t)rand() % 20, done = 0;
    uint32_t perms = random_perms();
    exo_frame frame = OWN + (exo_frame)rand() % (FRAMES_USED - 20);
    if (count > PAGES - first)
        count = PAGES - first;
    for (uint32_t i = 0; i < count && !m->is_large; i++, done++)
        m->page[first + i] = (struct model_page){frame + i, perms & EXO_RWX};
    enum exo_status status =
        call_space_map(&c, cap[s], (place_va[place] + first * PAGE) | perms, frame, count);
    assert_int_equal(status, done == count ? EXO_OK : EXO_INUSE);
    assert_int_equal(c.second, done);
}

static void step_map_large(uint32_t s, uint32_t place)
{
    struct model *m = model_of(s, place);
    uint32_t perms = random_perms();
    exo_frame frame = OWN + (exo_frame)(rand() % 4) * EXO_LARGE_FRAMES;
    bool is_free = m->is_large || !has_pages(m);
    enum exo_status status =
        call_space_map(&c, cap[s], place_va[place] | perms | EXO_LARGE, frame, 1);
    assert_int_equal(status, is_free ? EXO_OK : EXO_INUSE);
    if (!is_free)
        return;
    m->is_large = true;
    for (uint32_t i = 0; i < PAGES; i++)
        m->page[i] = (struct model_page){frame + i, perms & EXO_RWX};
}

static void step_unmap(uint32_t s, uint32_t place)
{
    struct model *m = model_of(s, place);
    bool is_all = rand() % 4 == 0;
    uint32_t first = is_all ? 0 : (uint32_t)rand() % PAGES;
    uint32_t count = is_all ? PAGES : 1 + (uint32_t)rand() % (PAGES - first);
    bool is_refused = m->is_large && count != PAGES;
    enum exo_status status = call_space_unmap(&c, cap[s], place_va[place] + first * PAGE, count);
    assert_int_equal(status, is_refused ? EXO_ALIGN : EXO_OK);
    if (is_refused)
        return;
    m->is_large = false;
    memset(&m->page[first], 0, count * sizeof m->page[0]);
}

static void step_protect(uint32_t s, uint32_t place)
{
    struct model *m = model_of(s, place);
    bool is_all = rand() % 2;
    uint32_t first = is_all ? 0 : (uint32_t)rand() % PAGES;
    uint32_t count = is_all ? PAGES : 1 + (uint32_t)rand() % (PAGES - first);
    uint32_t perms = random_perms();
    bool is_refused = m->is_large && count != PAGES;
    enum exo_status status =
        call_space_protect(&c, cap[s], (place_va[place] + first * PAGE) | perms, count, 0);
    assert_int_equal(status, is_refused ? EXO_ALIGN : EXO_OK);
    for (uint32_t i = first; !is_refused && i < first + count; i++)
        m->page[i].perms = perms & EXO_RWX;
}

static void step_touch(void)
{
    uint32_t cpu = (uint32_t)rand() % 2;
    fake_cpu_run(cpu);
    if (rand() % 8 == 0)
        space_load(space[rand() % 2]);
    for (uint32_t i = 0; i < 40; i++)
        fake_touch(place_va[rand() % PLACES] + (uint64_t)(rand() % PAGES) * PAGE);
}

static uint32_t table_check(exo_frame table, uint32_t level, uint32_t *tables)
{
    uint32_t used = 0;
    const mmu_entry *entries = frame_ptr(table);
    ++*tables;
    for (uint32_t i = 0; i < (level == MMU_LEVELS ? MMU_USER_ENTRIES : MMU_ENTRIES); i++) {
        if (!(entries[i] & MMU_PRESENT))
            continue;
        if (level == MMU_LEVELS && i == mmu_index(EXO_REGION_BASE, MMU_LEVELS))
            continue; /* shared: looked at once, and not counted in the root */
        used++;
        if (!mmu_is_leaf(entries[i], level))
            assert_true(table_check(mmu_frame(entries[i]), level - 1, tables) > 0);
    }
    assert_int_equal(frames[table].used, used);
    assert_int_equal(frames[table].type, EXO_FRAME_TABLE);
    return used;
}

static void check_against_model(void)
{
    static uint32_t maps[FRAMES_USED];
    uint32_t tables = 0;
    memset(maps, 0, sizeof maps);
    for (uint32_t s = 0; s < 2; s++) {
        for (uint32_t place = 0; place < PLACES; place++) {
            const struct model *m = model_of(s, place);
            for (uint32_t i = 0; i < PAGES; i++) {
                uint64_t va = place_va[place] + i * PAGE, leaf = lookup(s, va);
                assert_int_equal(frame_at(s, va), m->page[i].frame);
                if (!m->page[i].frame)
                    continue;
                assert_int_equal(mmu_leaf_perms(leaf), m->page[i].perms);
                maps[m->page[i].frame - OWN] += s == 0 || place < 5;
            }
        }
        table_check(space[s]->root, MMU_LEVELS, &tables);
    }
    table_check(dom->region, MMU_LEVELS - 1, &tables);
    for (uint32_t i = 0; i < FRAMES_USED; i++)
        assert_int_equal(frames[OWN + i].maps, maps[i]);
    assert_int_equal(dom->pool_count + tables, TABLES);
}

static void a_random_history_matches_the_model(void **)
{
    memset(model, 0, sizeof model);
    for (unsigned seed = 1; seed <= 4; seed++) {
        srand(seed);
        for (int step = 0; step < 3000; step++) {
            uint32_t s = (uint32_t)rand() % 2, place = (uint32_t)rand() % PLACES;
            step_touch();
            switch (rand() % 8) {
            case 0: step_map_large(s, place); break;
            case 1:
            case 2: step_unmap(s, place); break;
            case 3: step_protect(s, place); break;
            default: step_map(s, place); break;
            }
            assert_true(fake_tlb_is_sane());
            if (step % 50 == 0)
                check_against_model();
        }
    }
    check_against_model();
}

/* ------------------------------------------------------------------ demand-zero regions */

constexpr uint64_t RING_VA = EXO_REGION_BASE + 0x9000;
constexpr exo_frame RING = OWN + 900;

static struct exo_zero_ring *ring_make(void)
{
    assert_int_equal(call_space_map(&c, cap[0], RING_VA | RW, RING, 1), EXO_OK);
    struct exo_zero_ring *ring = frame_ptr(RING);
    memset(ring, 0, sizeof *ring);
    return ring;
}

static enum exo_status bind(uint64_t va, uint64_t pages, uint64_t ring)
{
    return call_space_bind_zero(&c, cap[0], va | RW, pages, ring);
}

static void a_first_touch_takes_a_frame_from_the_ring(void **)
{
    struct exo_zero_ring *ring = ring_make();
    ring->frames[0] = OWN + 1;
    ring->frames[1] = OWN + 2;
    ring->given = 2;
    assert_int_equal(bind(0x10000, 16, RING_VA), EXO_OK);
    assert_true(space_serve_zero(space[0], 0x13456, 6));
    assert_int_equal(frame_at(0, 0x13000), OWN + 1);
    assert_int_equal(ring->taken, 1);
    assert_int_equal(frames[OWN + 1].maps, 1);
    assert_true(space_serve_zero(space[0], 0x13456, 6)); /* another CPU's touch of the same page */
    assert_int_equal(ring->taken, 1);
    assert_false(space_serve_zero(space[0], 0x13456, 7)); /* a fault of rights */
    assert_false(space_serve_zero(space[0], 0xffff, 6));
    assert_false(space_serve_zero(space[0], 0x20000, 6));
    assert_false(space_serve_zero(space[1], 0x13456, 6));
    assert_true(space_serve_zero(space[0], 0x1ffff, 4));
    assert_false(space_serve_zero(space[0], 0x11000, 6)); /* the ring is empty */
}

static void a_ring_of_lies_harms_nobody(void **)
{
    struct exo_zero_ring *ring = ring_make();
    static const exo_frame lies[] = {3, 12289, 12300, UINT32_MAX, FAKE_FRAMES, FAKE_FIRST_FREE};
    cap_add(dom, (struct cap){.kind = EXO_CAP_FRAMES,
                              .rights = RW,
                              .owner = 1,
                              .first = 12300,
                              .count = 1}); /* may be mapped, but is not its own to give */
    assert_int_equal(bind(0x10000, 16, RING_VA), EXO_OK);
    for (uint32_t i = 0; i < sizeof lies / sizeof lies[0]; i++) {
        ring->frames[0] = lies[i];
        ring->given = 1;
        assert_false(space_serve_zero(space[0], 0x10000, 6));
        assert_int_equal(ring->taken, 0);
    }
    ring->frames[0] = dom->pool; /* a page table, to write to */
    assert_false(space_serve_zero(space[0], 0x10000, 6));
    ring->taken = UINT32_MAX;
    ring->given = 5;
    ring->frames[UINT32_MAX % (EXO_RING_SLOTS - 24)] = OWN;
    assert_true(space_serve_zero(space[0], 0x10000, 6));
    assert_int_equal(ring->taken, 0);
}

static void regions_are_cut_and_replaced(void **)
{
    ring_make();
    assert_int_equal(bind(0x10000, 16, RING_VA), EXO_OK);
    assert_int_equal(frames[RING].maps, 2);
    assert_int_equal(bind(0x14000, 2, 0), EXO_OK); /* a hole: two regions */
    assert_int_equal(space[0]->zero_count, 2);
    assert_int_equal(frames[RING].maps, 3);
    assert_int_equal(space[0]->zero[0].first_va, 0x10000);
    assert_int_equal(space[0]->zero[0].pages, 4);
    assert_int_equal(space[0]->zero[1].first_va, 0x16000);
    assert_int_equal(space[0]->zero[1].pages, 10);
    assert_int_equal(bind(0x12000, 6, RING_VA), EXO_OK);
    assert_int_equal(space[0]->zero_count, 3);
    assert_int_equal(space[0]->zero[0].pages, 2);
    assert_int_equal(space[0]->zero[1].first_va, 0x12000);
    assert_int_equal(space[0]->zero[2].first_va, 0x18000);
    assert_int_equal(space[0]->zero[2].pages, 8);
    assert_int_equal(bind(0, 0x100, 0), EXO_OK);
    assert_int_equal(space[0]->zero_count, 0);
    assert_int_equal(frames[RING].maps, 1);
    assert_int_equal(frames[RING].used, 0);
}

static void a_full_list_of_regions_is_refused(void **)
{
    ring_make();
    for (uint32_t i = 0; i < ZERO_BINDINGS; i++)
        assert_int_equal(bind(0x100000 + i * 0x10000, 4, RING_VA), EXO_OK);
    assert_int_equal(bind(0x80000000, 1, RING_VA), EXO_NOSLOT);
    assert_int_equal(bind(0x101000, 1, 0), EXO_NOSLOT); /* a hole would make one more */
    assert_int_equal(space[0]->zero_count, ZERO_BINDINGS);
    assert_int_equal(bind(0x100000, 4, 0), EXO_OK);
    assert_int_equal(bind(0x80000000, 1, RING_VA), EXO_OK);
}

static void what_a_binding_refuses(void **)
{
    ring_make();
    assert_int_equal(call_space_bind_zero(&c, 99, 0x1000 | RW, 1, RING_VA), EXO_CAP);
    assert_int_equal(bind(0x1000, 0, RING_VA), EXO_RANGE);
    assert_int_equal(bind(0x1000, UINT64_MAX, RING_VA), EXO_RANGE);
    assert_int_equal(bind(EXO_USER_TOP - PAGE, 2, RING_VA), EXO_RANGE);
    assert_int_equal(bind(0xffff800000000000, 1, RING_VA), EXO_RANGE);
    assert_int_equal(call_space_bind_zero(&c, cap[0], 0x1000 | EXO_READ, 1, RING_VA), EXO_INVAL);
    assert_int_equal(call_space_bind_zero(&c, cap[0], 0x1000 | EXO_RWX, 1, RING_VA), EXO_INVAL);
    assert_int_equal(bind(0x1000, 1, RING_VA + 8), EXO_ALIGN);
    assert_int_equal(bind(0x1000, 1, RING_VA + PAGE), EXO_FAULT);
    assert_int_equal(call_space_protect(&c, cap[0], RING_VA | EXO_READ, 1, 0), EXO_OK);
    assert_int_equal(bind(0x1000, 1, RING_VA), EXO_FAULT); /* the kernel would write to it */
    assert_int_equal(space[0]->zero_count, 0);
}

static void random_cuts_match_a_map_of_pages(void **)
{
    static bool bound[256];
    struct exo_zero_ring *ring = ring_make();
    memset(bound, 0, sizeof bound);
    srand(7);
    for (int step = 0; step < 4000; step++) {
        uint32_t first = (uint32_t)rand() % 256, count = 1 + (uint32_t)rand() % 40;
        bool is_bind = rand() % 2;
        if (count > 256 - first)
            count = 256 - first;
        assert_int_equal(bind(0x100000 + first * PAGE, count, is_bind ? RING_VA : 0), EXO_OK);
        memset(&bound[first], is_bind, count);
        assert_int_equal(frames[RING].used, space[0]->zero_count);
        for (uint32_t i = 0; i < 256; i++) {
            ring->given = ring->taken; /* empty: a look-up that changes nothing */
            uint32_t hits = 0;
            for (uint32_t z = 0; z < space[0]->zero_count; z++)
                hits += 0x100000 + i * PAGE - space[0]->zero[z].first_va <
                        space[0]->zero[z].pages * PAGE;
            assert_int_equal(hits, bound[i]);
        }
    }
}

#define TEST(name) cmocka_unit_test_setup(name, setup)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_page_is_mapped_counted_and_unmapped),
        TEST(rights_become_entry_bits),
        TEST(what_a_mapping_refuses),
        TEST(what_a_neighbour_refuses),
        TEST(no_neighbour_lies_beyond_user_memory),
        TEST(a_neighbour_of_a_table_that_is_gone_gets_a_new_one),
        TEST(a_bad_frame_in_the_middle_stops_the_run),
        TEST(an_empty_pool_is_told_and_changes_nothing_more),
        TEST(large_pages_map_and_unmap_as_a_whole),
        TEST(the_region_is_in_every_space),
        TEST(a_change_reaches_the_other_cpus_caches),
        TEST(rights_can_be_widened_only_as_far_as_the_frame_allows),
        TEST(a_walk_over_nothing_is_bounded),
        TEST(accessed_and_dirty_are_told_once),
        TEST(a_batch_tells_how_far_it_came),
        TEST(a_destroyed_space_gives_everything_back),
        TEST(frames_are_unmapped_wherever_they_are),
        TEST(a_random_history_matches_the_model),
        TEST(a_first_touch_takes_a_frame_from_the_ring),
        TEST(a_ring_of_lies_harms_nobody),
        TEST(regions_are_cut_and_replaced),
        TEST(a_full_list_of_regions_is_refused),
        TEST(what_a_binding_refuses),
        TEST(random_cuts_match_a_map_of_pages),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
