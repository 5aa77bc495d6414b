/* SPDX-License-Identifier: BSD-2-Clause */
/* exo_loader_test.c - Multiboot2's information: the screen, and tags that make no sense.
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

constexpr uint64_t INFO = 0x100000; /* where the loader put its tags */

/* Tag 8: specification 2.0, 3.6.12. */
struct [[gnu::packed]] screen_tag {
    uint32_t type, bytes;
    uint64_t base;
    uint32_t pitch, width, height;
    uint8_t bits_per_pixel, kind;
    uint16_t reserved;
    uint8_t colours[6];
};

static struct boot_facts facts;
static uint32_t used;

static int setup(void **)
{
    fake_kernel_begin();
    facts = (struct boot_facts){};
    used = 8;
    return 0;
}

static void put(const void *tag, uint32_t bytes)
{
    memcpy((char *)arch_direct(INFO) + used, tag, bytes);
    used += (bytes + 7) & ~7u;
}

static void read_all(void)
{
    static const uint32_t end[2] = {0, 8};
    put(end, sizeof end);
    *(uint32_t *)arch_direct(INFO) = used;
    assert_true(boot_read(BOOT_BY_MB2, INFO, &facts));
}

static struct screen_tag good(void)
{
    return (struct screen_tag){.type = 8,
                               .bytes = 38,
                               .base = 0xfd000000,
                               .pitch = 4096,
                               .width = 1024,
                               .height = 768,
                               .bits_per_pixel = 32,
                               .kind = 1,
                               .colours = {16, 8, 8, 8, 0, 8}};
}

static void an_rgb_screen_is_taken_over(void **)
{
    struct screen_tag tag = good();
    tag.base += 0x80;
    put(&tag, sizeof tag);
    read_all();
    assert_null(facts.screen_problem);
    assert_int_equal(facts.screen.kind, EXO_DEVICE_FRAMEBUFFER);
    assert_int_equal(facts.screen.first, 0xfd000);
    assert_int_equal(facts.screen.offset, 0x80);
    assert_int_equal(facts.screen.count, 769);
    assert_int_equal(facts.screen.width, 1024);
    assert_int_equal(facts.screen.height, 768);
    assert_int_equal(facts.screen.pitch, 4096);
    assert_int_equal(facts.screen.bits_per_pixel, 32);
    assert_int_equal(facts.screen.red.shift, 16);
    assert_int_equal(facts.screen.blue.bits, 8);
}

static void a_text_screen_is_taken_over(void **)
{
    struct screen_tag tag = {.type = 8,
                             .bytes = 32,
                             .base = 0xb8000,
                             .pitch = 160,
                             .width = 80,
                             .height = 25,
                             .bits_per_pixel = 16,
                             .kind = 2};
    put(&tag, 32);
    read_all();
    assert_int_equal(facts.screen.kind, EXO_DEVICE_TEXT);
    assert_int_equal(facts.screen.first, 0xb8);
    assert_int_equal(facts.screen.count, 1);
    assert_int_equal(facts.screen.width, 80);
}

static void refused(const struct screen_tag *tag)
{
    setup(nullptr);
    put(tag, sizeof *tag);
    read_all();
    assert_int_equal(facts.screen.kind, EXO_DEVICE_NONE);
    assert_non_null(facts.screen_problem);
}

#define REFUSED(field, value)                                                                      \
    do {                                                                                           \
        struct screen_tag tag = good();                                                            \
        tag.field = (value);                                                                       \
        refused(&tag);                                                                             \
    } while (0)

static void nonsense_is_refused(void **)
{
    REFUSED(kind, 0); /* indexed */
    REFUSED(kind, 3);
    REFUSED(bits_per_pixel, 0);
    REFUSED(bits_per_pixel, 8);
    REFUSED(bits_per_pixel, 255);
    REFUSED(width, 0);
    REFUSED(width, 0x40000000); /* times four it overflows to nothing */
    REFUSED(width, UINT32_MAX);
    REFUSED(width, 1025); /* more than a line has */
    REFUSED(height, 0);
    REFUSED(height, UINT32_MAX);
    REFUSED(pitch, 0);
    REFUSED(pitch, 4095);
    REFUSED(pitch, UINT32_MAX);
    REFUSED(base, 0);
    REFUSED(base, UINT64_MAX);
    REFUSED(base, 1ull << 44);
    REFUSED(colours[1], 0);
    REFUSED(colours[0], 25);
    REFUSED(colours[3], 255);
    REFUSED(colours[4], 255);
}

static void a_tag_that_is_too_short_is_refused(void **)
{
    struct screen_tag tag = good();
    for (tag.bytes = 8; tag.bytes < 38; tag.bytes++) {
        setup(nullptr);
        put(&tag, tag.bytes);
        read_all();
        assert_int_equal(facts.screen.kind, EXO_DEVICE_NONE);
    }
}

static void no_screen_is_no_problem(void **)
{
    read_all();
    assert_int_equal(facts.screen.kind, EXO_DEVICE_NONE);
    assert_null(facts.screen_problem);
}

static void a_tag_without_length_ends_the_list(void **)
{
    for (uint32_t bytes = 0; bytes < 8; bytes++) {
        setup(nullptr);
        const uint32_t tag[2] = {77, bytes};
        put(tag, sizeof tag);
        read_all();
    }
    setup(nullptr);
    const uint32_t tag[2] = {77, UINT32_MAX - 8};
    put(tag, sizeof tag);
    read_all();
}

#define TEST(name) cmocka_unit_test_setup(name, setup)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(an_rgb_screen_is_taken_over), TEST(a_text_screen_is_taken_over),
        TEST(nonsense_is_refused),         TEST(a_tag_that_is_too_short_is_refused),
        TEST(no_screen_is_no_problem),     TEST(a_tag_without_length_ends_the_list),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
