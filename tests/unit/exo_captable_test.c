/* SPDX-License-Identifier: BSD-2-Clause */
/* exo_captable_test.c - a domain's capability table.
 * Links: the kernel's archive as fake_kernel.h says. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdlib.h>

#include "captable.h"
#include "fake_kernel.h"

static struct domain *zero, *one;
static struct caller c;
static int things[8];

static int setup(void **)
{
    fake_kernel_begin();
    zero = fake_domain(0, FAKE_FIRST_FREE, 64, 32);
    one = fake_domain(1, 4096, 256, 64);
    c = fake_caller(zero);
    return 0;
}

static struct cap named(enum exo_cap_kind kind, void *object)
{
    return (struct cap){.kind = kind, .object = object};
}

static void the_lowest_free_slot_is_taken(void **)
{
    assert_int_equal(cap_add(zero, named(EXO_CAP_SPACE, &things[0])), 1);
    assert_int_equal(cap_add(zero, named(EXO_CAP_SPACE, &things[1])), 2);
    assert_int_equal(cap_add(zero, named(EXO_CAP_SPACE, &things[2])), 3);
    cap_remove(zero, 2);
    assert_int_equal(cap_add(zero, named(EXO_CAP_VCPU, &things[3])), 2);
    assert_int_equal(cap_add(zero, named(EXO_CAP_VCPU, &things[4])), 4);
}

static void a_full_table_says_so_and_heals(void **)
{
    for (uint32_t i = 1; i < zero->cap_slots; i++)
        assert_int_equal(cap_add(zero, named(EXO_CAP_SPACE, &things[0])), i);
    assert_int_equal(cap_add(zero, named(EXO_CAP_SPACE, &things[0])), 0);
    assert_int_equal(cap_add(zero, named(EXO_CAP_SPACE, &things[0])), 0);
    cap_remove(zero, 100);
    assert_int_equal(cap_add(zero, named(EXO_CAP_SPACE, &things[0])), 100);
    assert_int_equal(cap_add(zero, named(EXO_CAP_SPACE, &things[0])), 0);
}

static void a_name_is_found_by_its_kind_only(void **)
{
    exo_cap cap = cap_add(zero, named(EXO_CAP_SPACE, &things[0]));
    assert_ptr_equal(cap_find(zero, cap, EXO_CAP_SPACE)->object, &things[0]);
    assert_null(cap_find(zero, cap, EXO_CAP_VCPU));
    assert_null(cap_find(zero, cap, EXO_CAP_DOMAIN));
    assert_null(cap_find(one, cap, EXO_CAP_SPACE));
    assert_null(cap_find(zero, 0, EXO_CAP_NONE));
    assert_null(cap_find(zero, 0, EXO_CAP_SPACE));
    assert_null(cap_find(zero, zero->cap_slots, EXO_CAP_SPACE));
    assert_null(cap_find(zero, UINT32_MAX, EXO_CAP_SPACE));
}

static void a_forgotten_object_has_no_name(void **)
{
    exo_cap cap = cap_add(zero, named(EXO_CAP_SPACE, &things[0]));
    struct cap_place place = {.holder = 0, .index = cap};
    cap_forget(place, &things[1]); /* the slot names another by now */
    assert_non_null(cap_find(zero, cap, EXO_CAP_SPACE));
    cap_forget(place, &things[0]);
    assert_null(cap_find(zero, cap, EXO_CAP_SPACE));
    cap_forget(place, &things[0]);
    cap_forget((struct cap_place){.holder = 5, .index = 1}, &things[0]);
    cap_forget((struct cap_place){.holder = 0, .index = 0}, nullptr);
}

static void self_needs_no_slot(void **)
{
    exo_cap cap = cap_add(zero, named(EXO_CAP_DOMAIN, one));
    assert_ptr_equal(cap_domain(zero, EXO_CAP_SELF), zero);
    assert_ptr_equal(cap_domain(zero, cap), one);
    assert_null(cap_domain(zero, cap + 1));
    assert_null(cap_domain(one, cap));
}

static void shares_cover_their_range(void **)
{
    struct cap share = {
        .kind = EXO_CAP_FRAMES, .rights = EXO_READ, .owner = 1, .first = 4100, .count = 10};
    exo_cap cap = cap_add(zero, share);
    assert_non_null(cap_find_share(zero, 4100, EXO_READ));
    assert_non_null(cap_find_share(zero, 4109, 0));
    assert_null(cap_find_share(zero, 4099, 0));
    assert_null(cap_find_share(zero, 4110, 0));
    assert_null(cap_find_share(zero, 4100, EXO_READ | EXO_WRITE));
    frames[4103].holder = 0; /* no longer the owner's */
    assert_null(cap_find_share(zero, 4103, EXO_READ));
    cap_remove(zero, cap);
    assert_int_equal(zero->shares, 0);
    assert_null(cap_find_share(zero, 4100, EXO_READ));
}

static void shares_are_found_among_many_names(void **)
{
    for (uint32_t i = 1; i < zero->cap_slots; i++) {
        bool is_share = i % 7 == 0;
        struct cap share = {
            .kind = EXO_CAP_FRAMES, .rights = EXO_READ, .owner = 1, .first = 4097 + i, .count = 1};
        cap_add(zero, is_share ? share : named(EXO_CAP_SPACE, &things[0]));
    }
    for (uint32_t i = 1; i < zero->cap_slots; i++)
        assert_int_equal(cap_find_share(zero, 4097 + i, EXO_READ) != nullptr, i % 7 == 0);
}

static void a_query_tells_what_a_name_is(void **)
{
    struct exo_cap_answer *answer = fake_user(sizeof *answer);
    exo_cap cap = cap_add(zero, named(EXO_CAP_DOMAIN, one));
    assert_int_equal(call_cap_query(&c, cap, (uint64_t)answer), EXO_OK);
    assert_int_equal(answer->kind, EXO_CAP_DOMAIN);
    assert_int_equal(answer->first, 1);
    assert_int_equal(call_cap_query(&c, cap, 8), EXO_FAULT);
    assert_int_equal(call_cap_query(&c, 0, (uint64_t)answer), EXO_CAP);
    assert_int_equal(call_cap_query(&c, cap + 1, (uint64_t)answer), EXO_CAP);
    assert_int_equal(call_cap_query(&c, UINT32_MAX, (uint64_t)answer), EXO_CAP);
}

static void a_name_can_be_dropped(void **)
{
    exo_cap cap = cap_add(zero, named(EXO_CAP_DOMAIN, one));
    assert_int_equal(call_cap_drop(&c, cap), EXO_OK);
    assert_int_equal(call_cap_drop(&c, cap), EXO_CAP);
    assert_int_equal(call_cap_drop(&c, 0), EXO_CAP);
    assert_int_equal(call_cap_drop(&c, zero->cap_slots), EXO_CAP);
    assert_ptr_equal(domains[1], one);
}

static void a_random_history_matches_an_array(void **)
{
    constexpr uint32_t SLOTS = EXO_FRAME_BYTES / CAP_BYTES;
    uint8_t kinds[SLOTS] = {};
    uint32_t shares = 0;
    srand(1);
    for (int step = 0; step < 20000; step++) {
        exo_cap at = (exo_cap)rand() % SLOTS;
        if (at != 0 && kinds[at] != EXO_CAP_NONE && rand() % 2) {
            shares -= kinds[at] == EXO_CAP_FRAMES;
            kinds[at] = EXO_CAP_NONE;
            cap_remove(zero, at);
        } else {
            uint8_t kind = (uint8_t)(EXO_CAP_FRAMES + rand() % 4);
            exo_cap lowest = 1;
            while (lowest < SLOTS && kinds[lowest] != EXO_CAP_NONE)
                lowest++;
            exo_cap got = cap_add(zero, named(kind, &things[0]));
            assert_int_equal(got, lowest < SLOTS ? lowest : 0);
            if (got != 0) {
                kinds[got] = kind;
                shares += kind == EXO_CAP_FRAMES;
            }
        }
        assert_int_equal(zero->shares, shares);
    }
    for (exo_cap i = 0; i < SLOTS; i++)
        assert_int_equal(zero->caps[i].kind, kinds[i]);
}

#define TEST(name) cmocka_unit_test_setup(name, setup)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_lowest_free_slot_is_taken),
        TEST(a_full_table_says_so_and_heals),
        TEST(a_name_is_found_by_its_kind_only),
        TEST(a_forgotten_object_has_no_name),
        TEST(self_needs_no_slot),
        TEST(shares_cover_their_range),
        TEST(shares_are_found_among_many_names),
        TEST(a_query_tells_what_a_name_is),
        TEST(a_name_can_be_dropped),
        TEST(a_random_history_matches_an_array),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
