/* SPDX-License-Identifier: BSD-2-Clause */
/* exo_boot_test.c - what the loader told: memory, words, and the frames that the kernel keeps.
 * Links: the kernel's archive as fake_kernel.h says. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <string.h>

#include "boot.h"
#include "boot_frames.h"
#include "fake_kernel.h"

constexpr uint64_t LIMIT = 4ull << 30;

static struct boot_facts facts;

static int setup(void **)
{
    facts = (struct boot_facts){};
    return 0;
}

static void ram_is_cut_to_whole_pages(void **)
{
    boot_add_ram(&facts, 0x1001, 0x2fff);
    assert_int_equal(facts.ram_count, 1);
    assert_int_equal(facts.ram[0].base, 0x2000);
    assert_int_equal(facts.ram[0].bytes, 0x2000);
    boot_add_ram(&facts, 0x10001, 0xffe); /* not one whole page */
    boot_add_ram(&facts, 0x20000, 0);
    assert_int_equal(facts.ram_count, 1);
}

static void ram_is_sorted(void **)
{
    static const uint64_t order[] = {5, 1, 9, 3, 7, 2};
    for (unsigned i = 0; i < 6; i++)
        boot_add_ram(&facts, order[i] << 20, 4096);
    assert_int_equal(facts.ram_count, 6);
    for (unsigned i = 1; i < 6; i++)
        assert_true(facts.ram[i - 1].base < facts.ram[i].base);
}

static void ram_beyond_the_last_address_is_left_out(void **)
{
    boot_add_ram(&facts, UINT64_MAX - 0xfff, 0x1000);
    boot_add_ram(&facts, UINT64_MAX - 0x800, 0x2000);
    boot_add_ram(&facts, 0x1000, UINT64_MAX);
    for (unsigned i = 0; i < facts.ram_count; i++)
        assert_true(facts.ram[i].base + facts.ram[i].bytes > facts.ram[i].base);
}

static void more_ranges_than_there_is_room_for_are_left_out(void **)
{
    for (uint64_t i = 0; i < BOOT_MAX_RAM + 5; i++)
        boot_add_ram(&facts, i << 20, 4096);
    assert_int_equal(facts.ram_count, BOOT_MAX_RAM);
}

static void the_command_line_is_copied_and_cut(void **)
{
    static char longest[BOOT_CMDLINE_BYTES + 100];
    char text[] = "log=com2";
    boot_set_cmdline(&facts, text);
    text[0] = 'x';
    assert_string_equal(facts.cmdline, "log=com2");
    memset(longest, 'a', sizeof longest - 1);
    boot_set_cmdline(&facts, longest);
    assert_int_equal(strlen(facts.cmdline), BOOT_CMDLINE_BYTES - 1);
    boot_set_cmdline(&facts, nullptr);
    assert_string_equal(facts.cmdline, "");
}

static void check_option(const char *cmdline, const char *value)
{
    uint32_t length = 77;
    const char *found = boot_option(cmdline, "log", &length);
    if (!value) {
        assert_null(found);
        assert_int_equal(length, 0);
        return;
    }
    assert_non_null(found);
    assert_int_equal(length, strlen(value));
    assert_memory_equal(found, value, length);
}

static void options_are_whole_words(void **)
{
    check_option("log=com2", "com2");
    check_option("a=b log=com1 c", "com1");
    check_option("  log=x  ", "x");
    check_option("log=", "");
    check_option("log=a log=b", "a");
    check_option("log=a=b", "a=b");
    check_option("", nullptr);
    check_option("log", nullptr);
    check_option("logs=1", nullptr);
    check_option("xlog=1", nullptr);
    check_option("arg=log=1", nullptr);
    check_option("lo", nullptr);
}

static void kernel_frames_leave_the_modules_alone(void **)
{
    boot_add_ram(&facts, 0x100000, 0x100000);
    facts.module_base = 0x103000;
    facts.module_bytes = 0x1800; /* ends within a page */
    facts.image0_base = 0x106000;
    facts.image0_bytes = 0x1000;
    boot_frames_begin(&facts, 0x100800, LIMIT);
    assert_int_equal(boot_frames_take(1), 0x101);
    assert_int_equal(boot_frames_take(1), 0x102);
    assert_int_equal(boot_frames_take(1), 0x105);
    assert_int_equal(boot_frames_take(2), 0x107);
    assert_int_equal(boot_frames_end(), 0x109);
}

static void a_run_does_not_end_in_a_module(void **)
{
    boot_add_ram(&facts, 0x100000, 0x100000);
    facts.module_base = 0x103000;
    facts.module_bytes = 0x1000;
    facts.image0_base = 0x105000;
    facts.image0_bytes = 0x1000;
    boot_frames_begin(&facts, 0x100000, LIMIT);
    assert_int_equal(boot_frames_take(4), 0x106);
}

static void the_largest_piece_of_ram_is_taken(void **)
{
    boot_add_ram(&facts, 0x100000, 0x700000);
    boot_add_ram(&facts, 0x900000, 0x3000000);
    boot_add_ram(&facts, LIMIT, 0x8000000); /* out of reach */
    boot_frames_begin(&facts, 0x300000, LIMIT);
    assert_int_equal(boot_frames_take(2), 0x900);
    assert_int_equal(boot_frames_first(), 0x900);
    assert_int_equal(boot_frames_end(), 0x902);
}

static void take_a_frame(void *count)
{
    boot_frames_take(*(uint32_t *)count);
}

static void too_little_memory_is_a_panic(void **)
{
    uint32_t count = 17;
    boot_add_ram(&facts, 0x100000, 0x10000);
    boot_frames_begin(&facts, 0x100000, LIMIT);
    fake_expect_panic(take_a_frame, &count);
    assert_non_null(strstr(fake_last_line, "not enough memory"));
}

#define TEST(name) cmocka_unit_test_setup(name, setup)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(ram_is_cut_to_whole_pages),
        TEST(ram_is_sorted),
        TEST(ram_beyond_the_last_address_is_left_out),
        TEST(more_ranges_than_there_is_room_for_are_left_out),
        TEST(the_command_line_is_copied_and_cut),
        TEST(options_are_whole_words),
        TEST(kernel_frames_leave_the_modules_alone),
        TEST(a_run_does_not_end_in_a_module),
        TEST(the_largest_piece_of_ram_is_taken),
        TEST(too_little_memory_is_a_panic),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
