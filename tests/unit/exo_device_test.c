/* SPDX-License-Identifier: BSD-2-Clause */
/* exo_device_test.c - frames outside RAM: the list, holders, mappings and their count.
 * Links: the kernel's archive as fake_kernel.h says. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "boot.h"
#include "device.h"
#include "fake_kernel.h"
#include "info.h"

constexpr uint64_t PAGE = EXO_FRAME_BYTES, VA = 0x400000;
constexpr uint32_t RW = EXO_READ | EXO_WRITE;
constexpr exo_frame SCREEN = 0xfd000, TEXT = 0xb8, RING = 0xfefff;
constexpr exo_frame OWN = FAKE_FIRST_FREE + 600;

static struct boot_facts facts;
static struct domain *dom, *other;
static struct caller c, theirs;
static exo_cap space, their_space;

static bool add(exo_frame first, uint32_t count, enum exo_device_kind kind)
{
    struct exo_device device = {.first = first, .count = count, .kind = kind};
    return device_add(&facts, &device);
}

static int setup(void **)
{
    fake_kernel_begin();
    facts = (struct boot_facts){};
    boot_add_ram(&facts, 1 << 20, ((uint64_t)FAKE_FRAMES << EXO_FRAME_SHIFT) - (1 << 20));
    frame_set_range(TEXT, 8, EXO_FRAME_NONE, DOMAIN_NONE); /* a hole in RAM */
    dom = fake_domain(0, FAKE_FIRST_FREE, 512, 64);
    other = fake_domain(1, 12288, 256, 16);
    c = fake_caller(dom);
    theirs = fake_caller(other);
    assert_int_equal(call_space_create(&c, EXO_CAP_SELF, FAKE_FIRST_FREE), EXO_OK);
    space = (exo_cap)c.second;
    assert_int_equal(call_space_create(&theirs, EXO_CAP_SELF, 12289), EXO_OK);
    their_space = (exo_cap)theirs.second;
    assert_true(add(SCREEN, 768, EXO_DEVICE_FRAMEBUFFER));
    assert_true(add(TEXT, 8, EXO_DEVICE_TEXT));
    assert_true(add(RING, 1, EXO_DEVICE_SHARED));
    assert_true(add(0xfeb00, 4, EXO_DEVICE_REGISTERS));
    return 0;
}

static uint64_t leaf(uint64_t va)
{
    bool is_large;
    return space_lookup(cap_find(dom, space, EXO_CAP_SPACE)->object, va, &is_large);
}

static uint32_t maps(exo_frame frame)
{
    struct exo_frame_answer answer = {};
    assert_int_equal(device_query(dom, frame, &answer), EXO_OK);
    assert_int_equal(answer.type, EXO_FRAME_DEVICE);
    return answer.maps;
}

static void what_is_no_device_is_not_listed(void **)
{
    assert_false(add(0x1000, 4, EXO_DEVICE_FRAMEBUFFER));          /* RAM */
    assert_false(add(FAKE_FRAMES - 1, 2, EXO_DEVICE_FRAMEBUFFER)); /* its last frame */
    assert_false(add(SCREEN + 767, 2, EXO_DEVICE_FRAMEBUFFER));    /* another device */
    assert_false(add(SCREEN - 1, 2, EXO_DEVICE_FRAMEBUFFER));
    assert_false(add(FAKE_KERNELS_OWN - 2, 4, EXO_DEVICE_REGISTERS)); /* the kernel's */
    assert_false(add(0xf0000, 0, EXO_DEVICE_FRAMEBUFFER));
    assert_false(add(UINT32_MAX - 1, 3, EXO_DEVICE_FRAMEBUFFER));
    assert_false(add(0xf0000, 1, EXO_DEVICE_NONE));
    assert_false(add(0xf0000, 1, EXO_DEVICE_KINDS));
    assert_int_equal(info->device_count, 4);
    while (info->device_count < EXO_MAX_DEVICES)
        assert_true(add(0x200000 + info->device_count, 1, EXO_DEVICE_REGISTERS));
    assert_false(add(0x300000, 1, EXO_DEVICE_REGISTERS));
}

static void a_device_is_claimed_as_a_whole_and_by_one(void **)
{
    assert_int_equal(call_device_claim(&c, SCREEN, 767), EXO_RANGE);
    assert_int_equal(call_device_claim(&c, SCREEN + 1, 767), EXO_RANGE);
    assert_int_equal(call_device_claim(&c, SCREEN, 769), EXO_RANGE);
    assert_int_equal(call_device_claim(&c, 0xf0000, 1), EXO_RANGE);
    assert_int_equal(call_device_claim(&c, UINT32_MAX, UINT32_MAX), EXO_RANGE);
    assert_int_equal(call_device_claim(&c, SCREEN, 768), EXO_OK);
    assert_int_equal(call_device_claim(&c, SCREEN, 768), EXO_OK);
    assert_int_equal(call_device_claim(&theirs, SCREEN, 768), EXO_INUSE);
    assert_int_equal(call_device_claim(&theirs, TEXT, 8), EXO_OK);
    device_return_all(dom);
    assert_int_equal(call_device_claim(&theirs, SCREEN, 768), EXO_OK);
    assert_int_equal(call_device_claim(&c, SCREEN, 768), EXO_INUSE);
}

static void only_its_holder_maps_it(void **)
{
    assert_int_equal(call_space_map(&c, space, VA | RW, SCREEN, 1), EXO_OWNER);
    assert_int_equal(call_space_map(&c, space, VA | RW, TEXT, 1), EXO_OWNER);
    assert_int_equal(call_device_claim(&c, SCREEN, 768), EXO_OK);
    assert_int_equal(call_device_claim(&c, TEXT, 8), EXO_OK);
    assert_int_equal(call_space_map(&theirs, their_space, VA | RW, SCREEN, 1), EXO_OWNER);
    assert_int_equal(call_space_map(&theirs, their_space, VA | EXO_READ, TEXT, 1), EXO_OWNER);
    assert_int_equal(call_space_map(&c, space, VA | RW, SCREEN + 767, 2), EXO_RANGE);
    assert_int_equal(call_space_map(&c, space, VA | RW, SCREEN - 1, 1), EXO_RANGE);
    assert_int_equal(call_space_map(&c, space, VA | EXO_READ | EXO_EXEC, SCREEN, 1), EXO_TYPE);
    assert_int_equal(call_space_map(&c, space, VA | EXO_RWX | EXO_WX, SCREEN, 1), EXO_TYPE);
    assert_int_equal(call_space_map(&c, space, VA | RW | EXO_LARGE, SCREEN / 512 * 512, 1),
                     EXO_TYPE);
    /* From RAM on into what is no RAM. */
    assert_int_equal(call_space_map(&c, space, VA | RW, FAKE_FRAMES, 1), EXO_RANGE);
    assert_int_equal(leaf(VA), 0);
    assert_int_equal(maps(SCREEN), 0);
}

static void each_kind_has_its_cache_attribute(void **)
{
    static const struct {
        exo_frame first;
        uint32_t count;
        mmu_entry want;
    } cases[] = {{SCREEN, 768, MMU_COMBINING},
                 {TEXT, 8, MMU_COMBINING},
                 {RING, 1, 0},
                 {0xfeb00, 4, MMU_UNCACHED}};
    for (uint32_t i = 0; i < 4; i++) {
        assert_int_equal(call_device_claim(&c, cases[i].first, cases[i].count), EXO_OK);
        assert_int_equal(call_space_map(&c, space, VA | RW, cases[i].first, 1), EXO_OK);
        uint64_t entry = leaf(VA);
        assert_int_equal(mmu_frame(entry), cases[i].first);
        assert_int_equal(entry & (MMU_COMBINING | MMU_UNCACHED), cases[i].want);
        assert_true(entry & MMU_NO_EXEC && entry & MMU_WRITE && entry & MMU_USER);
    }
}

static void mappings_are_counted(void **)
{
    uint32_t pool = dom->pool_count;
    assert_int_equal(call_device_claim(&c, SCREEN, 768), EXO_OK);
    assert_int_equal(call_device_claim(&c, TEXT, 8), EXO_OK);
    assert_int_equal(call_space_map(&c, space, VA | RW, SCREEN, 768), EXO_OK);
    assert_int_equal(c.second, 768);
    assert_int_equal(maps(SCREEN + 5), 768);
    /* A device's page replaces RAM's and another device's, and RAM's replaces a device's. */
    assert_int_equal(call_space_map(&c, space, (VA + PAGE) | RW, TEXT + 7, 1), EXO_OK);
    assert_int_equal(maps(SCREEN), 767);
    assert_int_equal(maps(TEXT), 1);
    assert_int_equal(call_space_map(&c, space, (VA + PAGE) | RW, OWN, 1), EXO_OK);
    assert_int_equal(maps(TEXT), 0);
    assert_int_equal(frames[OWN].maps, 1);
    assert_int_equal(call_space_map(&c, space, (VA + PAGE) | RW, TEXT, 1), EXO_OK);
    assert_int_equal(frames[OWN].maps, 0);
    assert_int_equal(call_space_unmap(&c, space, VA, 768), EXO_OK);
    assert_int_equal(maps(SCREEN), 0);
    assert_int_equal(maps(TEXT), 0);
    assert_int_equal(dom->pool_count, pool);
}

static void rights_change_but_never_to_executable(void **)
{
    assert_int_equal(call_device_claim(&c, SCREEN, 768), EXO_OK);
    assert_int_equal(call_space_map(&c, space, VA | EXO_READ, SCREEN, 2), EXO_OK);
    assert_false(leaf(VA) & MMU_WRITE);
    assert_int_equal(call_space_protect(&c, space, VA | RW, 2, 0), EXO_OK);
    uint64_t entry = leaf(VA + PAGE);
    assert_true(entry & MMU_WRITE && entry & MMU_NO_EXEC);
    assert_int_equal(entry & MMU_DEVICE_KEPT, MMU_DEVICE | MMU_COMBINING);
    assert_int_not_equal(call_space_protect(&c, space, VA | EXO_READ | EXO_EXEC, 2, 0), EXO_OK);
    assert_true(leaf(VA) & MMU_NO_EXEC);
    assert_int_equal(maps(SCREEN), 2);
}

static void device_frames_serve_for_nothing_else(void **)
{
    assert_int_equal(call_device_claim(&c, SCREEN, 768), EXO_OK);
    assert_int_equal(call_device_claim(&c, TEXT, 8), EXO_OK);
    assert_int_equal(call_space_map(&c, space, VA | RW, SCREEN, 1), EXO_OK);
    assert_int_equal(call_space_map(&c, space, (VA + PAGE) | RW, TEXT, 1), EXO_OK);
    assert_int_equal(call_space_bind_zero(&c, space, 0x800000 | RW, 8, VA), EXO_TYPE);
    assert_int_equal(call_space_bind_zero(&c, space, 0x800000 | RW, 8, VA + PAGE), EXO_TYPE);
    assert_int_equal(call_space_create(&c, EXO_CAP_SELF, SCREEN), EXO_RANGE);
    assert_int_equal(call_space_create(&c, EXO_CAP_SELF, TEXT), EXO_OWNER);
    assert_int_equal(call_frame_drop(&c, TEXT, 1), EXO_OWNER);
    exo_frame *list = fake_user(sizeof *list);
    *list = TEXT;
    assert_int_equal(call_table_give(&c, EXO_CAP_SELF, (exo_uaddr)list, 1), EXO_OWNER);
    *list = SCREEN;
    assert_int_equal(call_table_give(&c, EXO_CAP_SELF, (exo_uaddr)list, 1), EXO_RANGE);
}

static void a_query_tells_the_holder_alone_of_maps(void **)
{
    struct exo_frame_answer *answer = fake_user(sizeof *answer);
    assert_int_equal(call_device_claim(&c, TEXT, 8), EXO_OK);
    assert_int_equal(call_space_map(&c, space, VA | RW, TEXT, 2), EXO_OK);
    assert_int_equal(call_frame_query(&c, TEXT + 7, (exo_uaddr)answer), EXO_OK);
    assert_int_equal(answer->mine, 1);
    assert_int_equal(answer->maps, 2);
    assert_int_equal(answer->rights, RW);
    assert_int_equal(call_frame_query(&theirs, TEXT, (exo_uaddr)answer), EXO_OK);
    assert_int_equal(answer->type, EXO_FRAME_DEVICE);
    assert_int_equal(answer->mine, 0);
    assert_int_equal(answer->maps, 0);
    assert_int_equal(call_frame_query(&c, 0xf0000, (exo_uaddr)answer), EXO_RANGE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(what_is_no_device_is_not_listed, setup),
        cmocka_unit_test_setup(a_device_is_claimed_as_a_whole_and_by_one, setup),
        cmocka_unit_test_setup(only_its_holder_maps_it, setup),
        cmocka_unit_test_setup(each_kind_has_its_cache_attribute, setup),
        cmocka_unit_test_setup(mappings_are_counted, setup),
        cmocka_unit_test_setup(rights_change_but_never_to_executable, setup),
        cmocka_unit_test_setup(device_frames_serve_for_nothing_else, setup),
        cmocka_unit_test_setup(a_query_tells_the_holder_alone_of_maps, setup),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
