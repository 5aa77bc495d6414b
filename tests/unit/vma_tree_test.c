/* SPDX-License-Identifier: BSD-2-Clause */
/* vma_tree_test.c - the tree of ranges against a plain search.
 * Links: libos/mm/vma_tree.c
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "mm/vma.h"

constexpr unsigned SLOTS = 400;
constexpr uint64_t SLOT = 0x1000;

static struct vma vmas[SLOTS];
static bool present[SLOTS];
static struct vma_tree tree;

static int setup(void **)
{
    memset(present, 0, sizeof present);
    vma_tree_init(&tree);
    srand(1);
    return 0;
}

/* Slot I may hold a range of one to three quarters of its size at its start. */
static void toggle(unsigned i)
{
    if (present[i]) {
        vma_tree_remove(&tree, &vmas[i]);
    } else {
        vmas[i] = (struct vma){.start = i * SLOT,
                               .end = i * SLOT + SLOT / 4 * (1 + (uint64_t)rand() % 3)};
        vma_tree_insert(&tree, &vmas[i]);
    }
    present[i] = !present[i];
}

static const struct vma *find_plain(uint64_t address)
{
    for (unsigned i = 0; i < SLOTS; i++)
        if (present[i] && address < vmas[i].end)
            return &vmas[i];
    return nullptr;
}

static bool gap_plain(uint64_t length, uint64_t low, uint64_t high, uint64_t *start)
{
    uint64_t end = UINT64_MAX;
    for (unsigned i = SLOTS + 1; i-- > 0;) {
        uint64_t from;
        if (i > 0 && !present[i - 1])
            continue;
        from = i > 0 ? vmas[i - 1].end : 0;
        uint64_t a = from > low ? from : low, b = end < high ? end : high;
        if (b >= a && b - a >= length) {
            *start = b - length;
            return true;
        }
        if (i > 0)
            end = vmas[i - 1].start;
    }
    return false;
}

static void ranges_are_found_and_the_tree_stays_balanced(void **)
{
    for (int step = 0; step < 20000; step++) {
        toggle((unsigned)rand() % SLOTS);
        uint64_t address = (uint64_t)rand() % (SLOTS * SLOT);
        assert_ptr_equal(vma_tree_find(&tree, address), find_plain(address));
        if (step % 97 == 0)
            assert_true(vma_tree_is_sane(&tree));
    }
    for (unsigned i = 0; i < SLOTS; i++)
        if (present[i])
            toggle(i);
    assert_null(tree.root);
}

static void the_highest_gap_is_found(void **)
{
    for (int step = 0; step < 20000; step++) {
        toggle((unsigned)rand() % SLOTS);
        uint64_t low = (uint64_t)rand() % (SLOTS * SLOT), high = (uint64_t)rand() % (SLOTS * SLOT);
        uint64_t length = 1 + (uint64_t)rand() % (5 * SLOT), a = 1, b = 1;
        bool found = vma_tree_find_gap(&tree, length, low, high, &a);
        assert_int_equal(found, gap_plain(length, low, high, &b));
        if (found)
            assert_int_equal(a, b);
    }
}

static void ranges_in_order_stay_cheap_to_find(void **)
{
    for (unsigned i = 0; i < SLOTS; i++)
        toggle(i);
    assert_true(tree.root->height <= 10);
    for (unsigned i = 0; i < SLOTS; i++) {
        vmas[i].end = vmas[i].start + SLOT / 8;
        vma_tree_changed(&tree, &vmas[i]);
    }
    assert_true(vma_tree_is_sane(&tree));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(ranges_are_found_and_the_tree_stays_balanced, setup),
        cmocka_unit_test_setup(the_highest_gap_is_found, setup),
        cmocka_unit_test_setup(ranges_in_order_stay_cheap_to_find, setup),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
