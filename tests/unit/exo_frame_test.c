/* SPDX-License-Identifier: BSD-2-Clause */
/* exo_frame_test.c - who holds a frame, and what may be done with it by whom.
 * Links: the kernel's archive as fake_kernel.h says.
 *
 * Domain 0 is the giver, domain 1 a domain that it made, domain 2 a stranger. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <string.h>

#include "captable.h"
#include "fake_kernel.h"
#include "usercopy.h"

constexpr exo_frame OWN = 2048;    /* of domain 0, far from what the others got */
constexpr exo_frame OTHERS = 4096; /* of domain 1 */
static struct domain *zero, *one, *two;
static exo_cap cap_one, cap_two; /* domain 0's names for them */
static struct caller c;

static exo_cap name_domain(struct domain *dom)
{
    dom->creator = 0;
    return cap_add(zero, (struct cap){.kind = EXO_CAP_DOMAIN, .object = dom});
}

static int setup(void **)
{
    fake_kernel_begin();
    zero = fake_domain(0, FAKE_FIRST_FREE, 64, 32);
    one = fake_domain(1, OTHERS, 256, 64);
    two = fake_domain(2, OTHERS + 512, 256, 64);
    cap_one = name_domain(one);
    cap_two = name_domain(two);
    c = fake_caller(zero);
    return 0;
}

/* A space of DOM, in a frame of its own. */
static struct space *space_of(struct domain *dom, exo_frame object)
{
    struct space *space;
    assert_int_equal(space_create(dom, object, &space), EXO_OK);
    return space;
}

static enum exo_status map(struct space *space, uint64_t va, uint32_t perms, exo_frame frame)
{
    struct flush flush;
    uint32_t done;
    flush_begin(&flush, space);
    enum exo_status status = space_map_run(space, va | perms, frame, 1, &done, &flush);
    flush_finish(&flush);
    return status;
}

/* ------------------------------------------------------------------ ranges and checks */

static void ranges_do_not_wrap_around(void **)
{
    assert_true(frame_range_exists(0, 1));
    assert_true(frame_range_exists(0, FAKE_FRAMES));
    assert_true(frame_range_exists(FAKE_FRAMES - 1, 1));
    assert_false(frame_range_exists(0, 0));
    assert_false(frame_range_exists(0, FAKE_FRAMES + 1));
    assert_false(frame_range_exists(FAKE_FRAMES, 1));
    assert_false(frame_range_exists(FAKE_FRAMES - 1, 2));
    assert_false(frame_range_exists(UINT32_MAX, 1));
    assert_false(frame_range_exists(UINT32_MAX, 2));
    assert_false(frame_range_exists(1, UINT32_MAX));
    assert_true(range_is_user(0, EXO_USER_TOP));
    assert_true(range_is_user(EXO_USER_TOP, 0));
    assert_false(range_is_user(1, EXO_USER_TOP));
    assert_false(range_is_user(EXO_USER_TOP - 1, 2));
    assert_false(range_is_user(UINT64_MAX, 1));
    assert_false(range_is_user(4096, UINT64_MAX - 100));
}

static void who_may_map_a_frame(void **)
{
    assert_int_equal(frame_check_map(zero, OWN, EXO_RWX), EXO_OK);
    assert_int_equal(frame_check_map(one, OWN, EXO_READ), EXO_OWNER);
    assert_int_equal(frame_check_map(zero, FAKE_FRAMES, EXO_READ), EXO_RANGE);
    assert_int_equal(frame_check_map(zero, UINT32_MAX, EXO_READ), EXO_RANGE);
    assert_int_equal(frame_check_map(zero, 3, EXO_READ), EXO_OWNER); /* the kernel's */
}

static void a_table_can_be_read_by_its_holder_only(void **)
{
    exo_frame table = zero->pool;
    assert_int_equal(frame_check_map(zero, table, EXO_READ), EXO_OK);
    assert_int_equal(frame_check_map(zero, table, EXO_READ | EXO_WRITE), EXO_TYPE);
    assert_int_equal(frame_check_map(zero, table, EXO_READ | EXO_EXEC), EXO_TYPE);
    assert_int_equal(frame_check_map(one, table, EXO_READ), EXO_OWNER);
}

static void an_object_cannot_be_mapped(void **)
{
    assert_int_equal(frame_make_object(zero, OWN), EXO_OK);
    assert_int_equal(frame_check_map(zero, OWN, EXO_READ), EXO_TYPE);
    assert_int_equal(frame_check_map(one, OWN, EXO_READ), EXO_OWNER);
    frame_end_object(OWN);
    assert_int_equal(frame_check_map(zero, OWN, EXO_READ), EXO_OK);
}

static void an_object_begins_and_ends_zeroed(void **)
{
    memset(frame_ptr(OWN), 0x5a, EXO_FRAME_BYTES);
    assert_int_equal(frame_make_object(zero, OWN), EXO_OK);
    assert_int_equal(*(uint64_t *)frame_ptr(OWN), 0);
    memset(frame_ptr(OWN), 0x5a, EXO_FRAME_BYTES);
    frame_end_object(OWN);
    assert_int_equal(*(uint64_t *)frame_ptr(OWN), 0);
}

static void what_cannot_become_an_object(void **)
{
    struct space *space = space_of(zero, OWN + 9);
    assert_int_equal(frame_make_object(one, OWN), EXO_OWNER);
    assert_int_equal(frame_make_object(zero, FAKE_FRAMES), EXO_RANGE);
    assert_int_equal(frame_make_object(zero, zero->pool), EXO_TYPE);
    assert_int_equal(map(space, 0x1000, EXO_READ, OWN), EXO_OK);
    assert_int_equal(frame_make_object(zero, OWN), EXO_INUSE);
}

static void a_query_tells_strangers_no_counts(void **)
{
    struct exo_frame_answer *answer = fake_user(sizeof *answer);
    struct space *space = space_of(zero, OWN + 9);
    assert_int_equal(map(space, 0x1000, EXO_READ, OWN), EXO_OK);
    assert_int_equal(call_frame_query(&c, OWN, (uint64_t)answer), EXO_OK);
    assert_int_equal(answer->type, EXO_FRAME_PLAIN);
    assert_int_equal(answer->mine, 1);
    assert_int_equal(answer->maps, 1);
    assert_int_equal(answer->rights, EXO_RWX);
    struct caller stranger = fake_caller(two);
    assert_int_equal(call_frame_query(&stranger, OWN, (uint64_t)answer), EXO_OK);
    assert_int_equal(answer->mine + answer->maps + answer->rights, 0);
    assert_int_equal(call_frame_query(&c, OWN, 8), EXO_FAULT);
    assert_int_equal(call_frame_query(&c, OWN, EXO_USER_TOP - 4), EXO_FAULT);
    assert_int_equal(call_frame_query(&c, FAKE_FRAMES, (uint64_t)answer), EXO_RANGE);
}

/* ------------------------------------------------------------------ grant, drop, revoke */

static void a_grant_moves_frames(void **)
{
    assert_int_equal(call_frame_grant(&c, OWN, 8, cap_one, EXO_RWX), EXO_OK);
    for (exo_frame f = OWN; f < OWN + 8; f++) {
        assert_int_equal(frames[f].holder, 1);
        assert_int_equal(frames[f].giver, 0);
        assert_int_equal(frame_check_map(zero, f, EXO_READ), EXO_OWNER);
        assert_int_equal(frame_check_map(one, f, EXO_RWX), EXO_OK);
    }
    assert_int_equal(frames[OWN + 8].holder, 0);
}

static void what_a_grant_refuses(void **)
{
    struct space *space = space_of(zero, OWN + 20);
    struct frame before = frames[OWN];
    assert_int_equal(call_frame_grant(&c, OWN, 0, cap_one, EXO_RWX), EXO_RANGE);
    assert_int_equal(call_frame_grant(&c, OWN, UINT32_MAX, cap_one, EXO_RWX), EXO_RANGE);
    assert_int_equal(call_frame_grant(&c, UINT32_MAX, 2, cap_one, EXO_RWX), EXO_RANGE);
    assert_int_equal(call_frame_grant(&c, OWN, 4097, cap_one, EXO_RWX), EXO_RANGE);
    assert_int_equal(call_frame_grant(&c, OWN, 1, 99, EXO_RWX), EXO_CAP);
    assert_int_equal(call_frame_grant(&c, OWN, 1, UINT32_MAX, EXO_RWX), EXO_CAP);
    assert_int_equal(call_frame_grant(&c, OWN, 1, EXO_CAP_SELF, EXO_RWX), EXO_INVAL);
    assert_int_equal(call_frame_grant(&c, OWN, 1, cap_one, EXO_READ), EXO_INVAL);
    assert_int_equal(call_frame_grant(&c, OTHERS, 1, cap_one, EXO_RWX), EXO_OWNER);
    assert_int_equal(call_frame_grant(&c, 3, 1, cap_one, EXO_RWX), EXO_OWNER);
    assert_int_equal(call_frame_grant(&c, zero->pool, 1, cap_one, EXO_RWX), EXO_TYPE);
    assert_int_equal(map(space, 0x1000, EXO_READ, OWN + 3), EXO_OK);
    assert_int_equal(call_frame_grant(&c, OWN, 8, cap_one, EXO_RWX), EXO_INUSE);
    assert_memory_equal(&before, &frames[OWN], sizeof before);
    assert_int_equal(frames[OWN + 2].holder, 0);
}

static void what_was_granted_is_not_granted_on(void **)
{
    struct caller c_one = fake_caller(one);
    exo_cap to_two = cap_add(one, (struct cap){.kind = EXO_CAP_DOMAIN, .object = two});
    assert_int_equal(call_frame_grant(&c, OWN, 1, cap_one, EXO_RWX), EXO_OK);
    assert_int_equal(call_frame_grant(&c_one, OWN, 1, to_two, EXO_RWX), EXO_STATE);
    assert_int_equal(frames[OWN].holder, 1);
}

static void what_is_dropped_comes_back_zeroed(void **)
{
    struct caller c_one = fake_caller(one);
    assert_int_equal(call_frame_grant(&c, OWN, 4, cap_one, EXO_RWX), EXO_OK);
    memset(frame_ptr(OWN), 0x5a, 4 * EXO_FRAME_BYTES);
    assert_int_equal(call_frame_drop(&c_one, OWN, 4), EXO_OK);
    for (exo_frame f = OWN; f < OWN + 4; f++) {
        assert_int_equal(frames[f].holder, 0);
        assert_int_equal(frames[f].giver, DOMAIN_NONE);
        assert_int_equal(((uint8_t *)frame_ptr(f))[EXO_FRAME_BYTES - 1], 0);
        assert_int_equal(((uint8_t *)frame_ptr(f))[0], 0);
    }
    assert_int_equal(call_frame_drop(&c_one, OWN, 1), EXO_OWNER);
    assert_int_equal(call_frame_drop(&c, OWN, 1), EXO_STATE); /* nobody gave it */
    assert_int_equal(call_frame_drop(&c, OWN, 65), EXO_RANGE);
}

static void a_drop_is_all_or_nothing(void **)
{
    struct caller c_one = fake_caller(one);
    struct space *space = space_of(one, OTHERS + 9);
    assert_int_equal(call_frame_grant(&c, OWN, 4, cap_one, EXO_RWX), EXO_OK);
    assert_int_equal(map(space, 0x1000, EXO_READ, OWN + 2), EXO_OK);
    assert_int_equal(call_frame_drop(&c_one, OWN, 4), EXO_INUSE);
    assert_int_equal(frames[OWN].holder, 1);
    assert_int_equal(frames[OWN + 3].holder, 1);
}

static void taking_back_is_asked_first_and_forced_after(void **)
{
    struct space *space = space_of(one, OTHERS + 9);
    assert_int_equal(call_frame_grant(&c, OWN, 2, cap_one, EXO_RWX), EXO_OK);
    assert_int_equal(map(space, 0x1000, EXO_READ | EXO_WRITE, OWN + 1), EXO_OK);
    memset(frame_ptr(OWN), 0x5a, 2 * EXO_FRAME_BYTES);
    assert_int_equal(call_frame_revoke(&c, OWN, 2, cap_one, EXO_REVOKE_FORCE), EXO_STATE);
    assert_int_equal(call_frame_revoke(&c, OWN, 2, cap_one, EXO_REVOKE_ASK), EXO_OK);
    fake_tsc_hz = 1ull << 50; /* the time to answer has not passed */
    assert_int_equal(call_frame_revoke(&c, OWN, 2, cap_one, EXO_REVOKE_FORCE), EXO_STATE);
    assert_int_equal(frames[OWN].holder, 1);
    fake_tsc_hz = 0;
    assert_int_equal(call_frame_revoke(&c, OWN, 2, cap_one, EXO_REVOKE_FORCE), EXO_OK);
    for (exo_frame f = OWN; f < OWN + 2; f++) {
        assert_int_equal(frames[f].holder, 0);
        assert_int_equal(frames[f].maps, 0);
        assert_int_equal(*(uint64_t *)frame_ptr(f), 0);
    }
    bool is_large;
    assert_int_equal(space_lookup(space, 0x1000, &is_large), 0);
}

static void what_a_revocation_refuses(void **)
{
    assert_int_equal(call_frame_grant(&c, OWN, 2, cap_one, EXO_RWX), EXO_OK);
    assert_int_equal(call_frame_revoke(&c, OWN, 2, cap_two, EXO_REVOKE_ASK), EXO_OWNER);
    assert_int_equal(call_frame_revoke(&c, OWN, 3, cap_one, EXO_REVOKE_ASK), EXO_OWNER);
    assert_int_equal(call_frame_revoke(&c, OWN, 0, cap_one, EXO_REVOKE_ASK), EXO_RANGE);
    assert_int_equal(call_frame_revoke(&c, OWN, 65, cap_one, EXO_REVOKE_ASK), EXO_RANGE);
    assert_int_equal(call_frame_revoke(&c, UINT32_MAX, 1, cap_one, EXO_REVOKE_ASK), EXO_RANGE);
    assert_int_equal(call_frame_revoke(&c, OWN, 2, EXO_CAP_SELF, EXO_REVOKE_ASK), EXO_CAP);
    assert_int_equal(call_frame_revoke(&c, OWN, 2, cap_one, 7), EXO_INVAL);
    assert_int_equal(call_frame_revoke(&c, OWN, 2, cap_one, EXO_REVOKE_ASK), EXO_OK);
    fake_tsc_hz = 0;
    /* Tables and pinned frames come back with the domain only. */
    frames[OWN + 1].type = EXO_FRAME_TABLE;
    assert_int_equal(call_frame_revoke(&c, OWN, 2, cap_one, EXO_REVOKE_FORCE), EXO_TYPE);
    frames[OWN + 1].type = EXO_FRAME_PLAIN;
    frame_pin(OWN + 1);
    assert_int_equal(call_frame_revoke(&c, OWN, 2, cap_one, EXO_REVOKE_FORCE), EXO_INUSE);
    frame_unpin(OWN + 1);
    assert_int_equal(frames[OWN].holder, 1);
}

/* ------------------------------------------------------------------ shares */

static void a_share_gives_its_rights_and_no_more(void **)
{
    assert_int_equal(call_frame_share(&c, OWN, 4, cap_one, EXO_READ | EXO_EXEC), EXO_OK);
    assert_int_equal(frame_check_map(one, OWN, EXO_READ), EXO_OK);
    assert_int_equal(frame_check_map(one, OWN + 3, EXO_READ | EXO_EXEC), EXO_OK);
    assert_int_equal(frame_check_map(one, OWN, EXO_READ | EXO_WRITE), EXO_RIGHTS);
    assert_int_equal(frame_check_map(one, OWN + 4, EXO_READ), EXO_OWNER);
    assert_int_equal(frame_check_map(one, OWN - 1, EXO_READ), EXO_OWNER);
    assert_int_equal(frame_check_map(two, OWN, EXO_READ), EXO_OWNER);
    assert_int_equal(frames[OWN].holder, 0);
}

static void what_a_share_refuses(void **)
{
    assert_int_equal(call_frame_share(&c, OWN, 4, cap_one, 0), EXO_INVAL);
    assert_int_equal(call_frame_share(&c, OWN, 4, cap_one, 8), EXO_INVAL);
    assert_int_equal(call_frame_share(&c, OWN, 4, EXO_CAP_SELF, EXO_READ), EXO_INVAL);
    assert_int_equal(call_frame_share(&c, OWN, 4, 55, EXO_READ), EXO_CAP);
    assert_int_equal(call_frame_share(&c, OTHERS, 1, cap_two, EXO_READ), EXO_OWNER);
    assert_int_equal(call_frame_share(&c, zero->pool, 1, cap_one, EXO_READ), EXO_TYPE);
    assert_int_equal(call_frame_share(&c, OWN, 0, cap_one, EXO_READ), EXO_RANGE);
    assert_int_equal(call_frame_share(&c, FAKE_FRAMES - 1, 2, cap_one, EXO_READ), EXO_RANGE);
    assert_int_equal(one->shares, 0);
}

static void a_share_does_not_outlive_its_owners_holding(void **)
{
    assert_int_equal(call_frame_share(&c, OWN, 1, cap_one, EXO_READ), EXO_OK);
    assert_int_equal(call_frame_grant(&c, OWN, 1, cap_two, EXO_RWX), EXO_OK);
    assert_int_equal(frame_check_map(one, OWN, EXO_READ), EXO_OWNER);
}

static void ending_a_share_unmaps_it(void **)
{
    struct space *space = space_of(one, OTHERS + 9);
    bool is_large;
    assert_int_equal(call_frame_share(&c, OWN, 4, cap_one, EXO_READ), EXO_OK);
    assert_int_equal(map(space, 0x1000, EXO_READ, OWN), EXO_OK);
    assert_int_equal(map(space, 0x2000, EXO_READ, OWN + 3), EXO_OK);
    assert_int_equal(map(space, 0x3000, EXO_READ, OTHERS + 1), EXO_OK);
    assert_int_equal(frames[OWN].maps, 1);
    assert_int_equal(call_frame_revoke(&c, OWN + 3, 1, cap_one, EXO_REVOKE_ASK), EXO_OK);
    assert_int_equal(frames[OWN].maps, 0);
    assert_int_equal(frames[OWN + 3].maps, 0);
    assert_int_equal(space_lookup(space, 0x1000, &is_large), 0);
    assert_int_not_equal(space_lookup(space, 0x3000, &is_large), 0);
    assert_int_equal(frame_check_map(one, OWN, EXO_READ), EXO_OWNER);
}

/* ------------------------------------------------------------------ the pool of tables */

static void tables_are_given_and_taken(void **)
{
    exo_frame *list = fake_user(3 * sizeof *list);
    uint32_t before = zero->pool_count;
    memset(frame_ptr(OWN + 1), 0x5a, EXO_FRAME_BYTES);
    for (uint32_t i = 0; i < 3; i++)
        list[i] = OWN + i;
    assert_int_equal(call_table_give(&c, EXO_CAP_SELF, (uint64_t)list, 3), EXO_OK);
    assert_int_equal(c.second, 3);
    assert_int_equal(zero->pool_count, before + 3);
    assert_int_equal(frames[OWN + 1].type, EXO_FRAME_TABLE);
    assert_int_equal(*(uint64_t *)frame_ptr(OWN + 1), 0);
    assert_int_equal(call_table_take(&c, (uint64_t)list, 3), EXO_OK);
    assert_int_equal(c.second, 3);
    for (uint32_t i = 0; i < 3; i++)
        assert_int_equal(frames[list[i]].type, EXO_FRAME_PLAIN);
    assert_int_equal(zero->pool_count, before);
}

static void a_bad_table_stops_the_batch(void **)
{
    exo_frame *list = fake_user(3 * sizeof *list);
    list[0] = OWN;
    list[1] = OTHERS; /* domain 1's */
    list[2] = OWN + 2;
    assert_int_equal(call_table_give(&c, EXO_CAP_SELF, (uint64_t)list, 3), EXO_AGAIN);
    assert_int_equal(c.second, 1);
    assert_int_equal(frames[OWN].type, EXO_FRAME_TABLE);
    assert_int_equal(frames[OWN + 2].type, EXO_FRAME_PLAIN);
    assert_int_equal(call_table_give(&c, EXO_CAP_SELF, (uint64_t)(list + 1), 1), EXO_OWNER);
    list[0] = OWN + 4;
    list[1] = OWN + 4; /* twice the same */
    assert_int_equal(call_table_give(&c, EXO_CAP_SELF, (uint64_t)list, 2), EXO_AGAIN);
    assert_int_equal(call_table_give(&c, EXO_CAP_SELF, 8, 2), EXO_FAULT);
    assert_int_equal(call_table_give(&c, EXO_CAP_SELF, (uint64_t)list, 0), EXO_RANGE);
    assert_int_equal(call_table_give(&c, EXO_CAP_SELF, (uint64_t)list, 65), EXO_RANGE);
    assert_int_equal(call_table_give(&c, 99, (uint64_t)list, 1), EXO_CAP);
}

static void a_mapped_table_stays_in_the_pool(void **)
{
    struct space *space = space_of(zero, OWN + 9);
    exo_frame *list = fake_user(64 * sizeof *list), mapped;
    exo_frame window[] = {OWN, OWN + 1, OWN + 2, OWN + 3};
    memcpy(list, window, sizeof window);
    assert_int_equal(call_table_give(&c, EXO_CAP_SELF, (uint64_t)list, 4), EXO_OK);
    mapped = zero->pool;
    zero->pool = frames[mapped].next; /* so that mapping it does not use it up */
    zero->pool_count--;
    assert_int_equal(map(space, 0x1000, EXO_READ, mapped), EXO_OK);
    pool_put(zero, mapped);
    while (zero->pool_count > 1) {
        assert_int_equal(call_table_take(&c, (uint64_t)list, 64), EXO_OK);
        assert_true(c.second > 0);
    }
    assert_int_equal(zero->pool, mapped);
    assert_int_equal(call_table_take(&c, (uint64_t)list, 64), EXO_OK);
    assert_int_equal(c.second, 0);
    assert_int_equal(frames[mapped].type, EXO_FRAME_TABLE);
    assert_int_equal(call_table_take(&c, 8, 1), EXO_FAULT);
    assert_int_equal(call_table_take(&c, (uint64_t)list, 65), EXO_RANGE);
}

#define TEST(name) cmocka_unit_test_setup(name, setup)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(ranges_do_not_wrap_around),
        TEST(who_may_map_a_frame),
        TEST(a_table_can_be_read_by_its_holder_only),
        TEST(an_object_cannot_be_mapped),
        TEST(an_object_begins_and_ends_zeroed),
        TEST(what_cannot_become_an_object),
        TEST(a_query_tells_strangers_no_counts),
        TEST(a_grant_moves_frames),
        TEST(what_a_grant_refuses),
        TEST(what_was_granted_is_not_granted_on),
        TEST(what_is_dropped_comes_back_zeroed),
        TEST(a_drop_is_all_or_nothing),
        TEST(taking_back_is_asked_first_and_forced_after),
        TEST(what_a_revocation_refuses),
        TEST(a_share_gives_its_rights_and_no_more),
        TEST(what_a_share_refuses),
        TEST(a_share_does_not_outlive_its_owners_holding),
        TEST(ending_a_share_unmaps_it),
        TEST(tables_are_given_and_taken),
        TEST(a_bad_table_stops_the_batch),
        TEST(a_mapped_table_stays_in_the_pool),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
