/* SPDX-License-Identifier: BSD-2-Clause */
/* xen_ring_test.c - byte rings in a page whose other end is not trusted.
 * Links: drivers/xen/ring.c */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <string.h>
#include "drivers/xen/ring.h"

constexpr uint32_t SIZE = 16;

static struct {
    uint8_t bytes[SIZE];
    uint32_t reader, writer;
} page;
static struct xen_ring in, out;

/* Both ends of one ring, its indexes about to run over. */
static int setup(void **)
{
    memset(&page, 0, sizeof page);
    page.reader = page.writer = UINT32_MAX - 3;
    xen_ring_open(&in, page.bytes, SIZE, &page.writer, &page.reader);
    xen_ring_open(&out, page.bytes, SIZE, &page.reader, &page.writer);
    return 0;
}

static void bytes_come_out_as_they_went_in(void **)
{
    char got[SIZE + 1] = "";
    for (int round = 0; round < 10; round++) {
        assert_int_equal(xen_ring_room(&out), SIZE);
        xen_ring_write(&out, "0123456789", 10);
        assert_int_equal(xen_ring_room(&out), SIZE - 10);
        assert_int_equal(xen_ring_readable(&in), 10);
        xen_ring_read(&in, got, 10);
        assert_string_equal(got, "0123456789");
        assert_int_equal(xen_ring_readable(&in), 0);
    }
}

static void full_ring_has_no_room(void **)
{
    xen_ring_write(&out, "0123456789abcdef", SIZE);
    assert_int_equal(xen_ring_room(&out), 0);
    assert_int_equal(xen_ring_readable(&in), SIZE);
    assert_false(out.broken || in.broken);
}

static void what_was_unread_before_stays(void **)
{
    xen_ring_write(&out, "abc", 3);
    xen_ring_open(&in, page.bytes, SIZE, &page.writer, &page.reader);
    assert_int_equal(xen_ring_readable(&in), 3);
}

static void writer_that_claims_too_much_breaks_the_ring(void **)
{
    page.writer += SIZE + 1;
    assert_int_equal(xen_ring_readable(&in), 0);
    assert_true(in.broken);
    page.writer = page.reader + 1; /* for good */
    assert_int_equal(xen_ring_readable(&in), 0);
}

static void writer_that_goes_back_breaks_the_ring(void **)
{
    page.writer--;
    assert_int_equal(xen_ring_readable(&in), 0);
    assert_true(in.broken);
}

static void reader_that_is_ahead_breaks_the_ring(void **)
{
    page.reader++;
    assert_int_equal(xen_ring_room(&out), 0);
    assert_true(out.broken);
}

static void own_index_in_the_page_is_not_believed(void **)
{
    xen_ring_write(&out, "ab", 2);
    page.writer = 12345; /* by the other end */
    xen_ring_write(&out, "cd", 2);
    char got[5] = "";
    assert_int_equal(xen_ring_readable(&in), 4);
    page.reader = 99;
    xen_ring_read(&in, got, 4);
    assert_string_equal(got, "abcd");
    assert_int_equal(xen_ring_room(&out), SIZE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(bytes_come_out_as_they_went_in, setup),
        cmocka_unit_test_setup(full_ring_has_no_room, setup),
        cmocka_unit_test_setup(what_was_unread_before_stays, setup),
        cmocka_unit_test_setup(writer_that_claims_too_much_breaks_the_ring, setup),
        cmocka_unit_test_setup(writer_that_goes_back_breaks_the_ring, setup),
        cmocka_unit_test_setup(reader_that_is_ahead_breaks_the_ring, setup),
        cmocka_unit_test_setup(own_index_in_the_page_is_not_believed, setup),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
