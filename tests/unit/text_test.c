/* SPDX-License-Identifier: BSD-2-Clause */
/* text_test.c - text that grows.
 * Links: libos/base/text.c fake_heap_malloc.c */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <string.h>
#include "base/text.h"

static struct text text;

static int teardown(void **)
{
    text_release(&text);
    return 0;
}

static void expect(const char *what)
{
    assert_false(text.failed);
    assert_int_equal(text.length, strlen(what));
    assert_memory_equal(text.data, what, text.length);
}

static void pieces_follow_one_another(void **)
{
    text_add(&text, "%d %s", 12, "ab");
    text_add_char(&text, '\n');
    text_add_bytes(&text, "xyz", 2);
    expect("12 ab\nxy");
}

static void it_grows_past_its_first_room(void **)
{
    for (int i = 0; i < 1000; i++)
        text_add(&text, "%04d", i);
    assert_int_equal(text.length, 4000);
    assert_memory_equal(text.data + 3996, "0999", 4);
}

static void one_long_piece_fits(void **)
{
    char piece[3000];
    memset(piece, 'a', sizeof piece);
    piece[sizeof piece - 1] = '\0';
    text_add(&text, "<%s>", piece);
    assert_int_equal(text.length, sizeof piece + 1);
    assert_int_equal(text.data[text.length - 1], '>');
}

static void octal_numbers_have_a_least_width(void **)
{
    text_add_octal(&text, 022, 4);
    text_add_octal(&text, 0, 1);
    text_add_octal(&text, 01777, 3);
    expect("002201777");
}

static void special_characters_are_escaped(void **)
{
    text_add_escaped(&text, "a b\\c\n", " \n");
    expect("a\\040b\\134c\\012");
}

static void padding_counts_from_the_line_s_beginning(void **)
{
    text_add(&text, "xx");
    text_add(&text, "abc");
    text_pad(&text, 2, 6);
    text_add(&text, "|");
    expect("xxabc   |");
}

static void room_reserved_can_be_given_back(void **)
{
    char *to = text_reserve(&text, 100);
    memcpy(to, "abc", 3);
    text.length -= 97;
    text_add(&text, "d");
    expect("abcd");
}

#define TEST(name) cmocka_unit_test_teardown(name, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(pieces_follow_one_another),
        TEST(it_grows_past_its_first_room),
        TEST(one_long_piece_fits),
        TEST(octal_numbers_have_a_least_width),
        TEST(special_characters_are_escaped),
        TEST(padding_counts_from_the_line_s_beginning),
        TEST(room_reserved_can_be_given_back),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
