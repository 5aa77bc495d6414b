/* SPDX-License-Identifier: BSD-2-Clause */
/* exo_xen_test.c - what Xen shares with the kernel: grants, clocks, the memory map.
 * Links: the kernel's archive as fake_kernel.h says. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <string.h>

#include "boot.h"
#include "fake_kernel.h"
#include "layout.h"
#include "xen/shared.h"
#include "xen/xen.h"

constexpr uint16_t GUEST = 7;
constexpr exo_frame FRAME = FAKE_FIRST_FREE + 5;
constexpr uint16_t PERMIT = 1, READ_ONLY = 4, READING = 8, WRITING = 16;

union xen_shared_frame xen_shared_frame;

/* The page that Xen's grant table would appear in: grant_table.h, struct grant_entry_v1. */
static struct {
    uint16_t flags, guest;
    uint32_t frame;
} *entries;
static bool is_refused;

bool xen_memory_add(uint32_t space, uint64_t index, const void *image_page)
{
    assert_int_equal(space, XEN_SPACE_GRANTS);
    assert_int_equal(index, 0);
    entries = (void *)image_page;
    return !is_refused;
}

static int setup(void **)
{
    fake_kernel_begin();
    fake_xen = false;
    is_refused = false;
    if (entries)
        memset(entries, 0, EXO_FRAME_BYTES);
    memset(&xen_shared_frame, 0, sizeof xen_shared_frame);
    assert_true(xen_grants_init());
    return 0;
}

static void grant_names_the_guest_and_the_frame(void **)
{
    uint32_t grant = xen_grant(GUEST, FRAME, EXO_READ | EXO_WRITE);
    assert_in_range(grant, 8, 511); /* those below are the toolstack's */
    assert_int_equal(entries[grant].flags, PERMIT);
    assert_int_equal(entries[grant].guest, GUEST);
    assert_int_equal(entries[grant].frame, FRAME);
    grant = xen_grant(GUEST, FRAME, EXO_READ);
    assert_int_equal(entries[grant].flags, PERMIT | READ_ONLY);
}

static void granted_frame_keeps_holder_and_type(void **)
{
    struct domain *dom = fake_domain(0, FAKE_FIRST_FREE, 64, 0);
    struct caller c = fake_caller(dom);
    uint32_t grant = xen_grant(GUEST, FRAME, EXO_READ);
    assert_int_equal(call_frame_drop(&c, FRAME, 1), EXO_INUSE);
    assert_int_equal(frame_make_object(dom, FRAME), EXO_INUSE);
    assert_true(xen_grant_end(grant));
    assert_int_equal(frames[FRAME].maps, 0);
    assert_int_equal(frame_make_object(dom, FRAME), EXO_OK);
}

static void grant_in_use_does_not_end(void **)
{
    uint32_t grant = xen_grant(GUEST, FRAME, EXO_READ | EXO_WRITE);
    entries[grant].flags |= READING;
    assert_false(xen_grant_end(grant));
    entries[grant].flags = PERMIT | WRITING;
    assert_false(xen_grant_end(grant));
    assert_int_equal(frames[FRAME].maps, 1);
    entries[grant].flags = PERMIT;
    assert_true(xen_grant_end(grant));
    assert_int_equal(entries[grant].flags, 0);
}

static void full_table_says_so_and_takes_again_what_ended(void **)
{
    uint32_t last = 0, count = 0;
    for (uint32_t grant; (grant = xen_grant(GUEST, FRAME, EXO_READ)) != XEN_GRANT_NONE; count++)
        last = grant;
    assert_int_equal(count, 512 - 8);
    assert_true(xen_grant_end(last));
    assert_int_equal(xen_grant(GUEST, FRAME + 1, EXO_READ), last);
    assert_int_equal(entries[last].frame, FRAME + 1);
}

static void table_that_is_refused_grants_nothing(void **)
{
    is_refused = true;
    assert_false(xen_grants_init());
    assert_int_equal(xen_grant(GUEST, FRAME, EXO_READ), XEN_GRANT_NONE);
}

static void counter_rate_from_factor_and_shift(void **)
{
    struct xen_time *time = &xen_shared_frame.info.vcpus[0].time;
    *time = (struct xen_time){.mul = 0x80000000, .shift = 0}; /* half a nanosecond a cycle */
    assert_int_equal(xen_tsc_hz(), 2000000000);
    *time = (struct xen_time){.mul = 0x80000000, .shift = 1};
    assert_int_equal(xen_tsc_hz(), 1000000000);
    *time = (struct xen_time){.mul = 0xaaaaaaab, .shift = -1};
    assert_in_range(xen_tsc_hz(), 2999999990, 3000000010);
    *time = (struct xen_time){};
    assert_int_equal(xen_tsc_hz(), 0);
}

static void wall_clock_adds_the_time_since_xen_began(void **)
{
    struct xen_shared *shared = &xen_shared_frame.info;
    shared->wall_s = 5;
    shared->wall_s_high = 1;
    shared->wall_ns = 7;
    shared->vcpus[0].time = (struct xen_time){.system_ns = 1000};
    assert_int_equal(xen_wall_clock_ns(), ((1ull << 32) + 5) * 1000000000 + 1007);
}

/* Xen's public/arch-x86/hvm/start_info.h; version 0 ends after rsdp. */
struct start_info {
    uint32_t magic, version, flags, module_count;
    uint64_t modules, cmdline, rsdp, memmap;
    uint32_t memmap_entries, reserved;
};
constexpr uint64_t INFO = 0x100000;

static struct start_info *start_info_put(void)
{
    struct start_info *start = arch_direct(INFO);
    *start = (struct start_info){.magic = 0x336ec578, .memmap = 1, .memmap_entries = UINT32_MAX};
    return start;
}

static void table_without_a_memory_map_is_xens(void **)
{
    struct boot_facts facts = {};
    start_info_put();
    fake_xen = true;
    assert_true(boot_read(BOOT_BY_PVH, INFO, &facts));
    assert_int_equal(facts.ram_count, 1);
    assert_int_equal(facts.ram[0].base, FAKE_XEN_RAM);
    assert_int_equal(facts.module_bytes, 0);
    assert_string_equal(facts.cmdline, "");
}

static void table_without_a_memory_map_is_refused_elsewhere(void **)
{
    struct boot_facts facts = {};
    start_info_put();
    assert_false(boot_read(BOOT_BY_PVH, INFO, &facts));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(grant_names_the_guest_and_the_frame, setup),
        cmocka_unit_test_setup(granted_frame_keeps_holder_and_type, setup),
        cmocka_unit_test_setup(grant_in_use_does_not_end, setup),
        cmocka_unit_test_setup(full_table_says_so_and_takes_again_what_ended, setup),
        cmocka_unit_test_setup(table_that_is_refused_grants_nothing, setup),
        cmocka_unit_test_setup(counter_rate_from_factor_and_shift, setup),
        cmocka_unit_test_setup(wall_clock_adds_the_time_since_xen_began, setup),
        cmocka_unit_test_setup(table_without_a_memory_map_is_xens, setup),
        cmocka_unit_test_setup(table_without_a_memory_map_is_refused_elsewhere, setup),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
