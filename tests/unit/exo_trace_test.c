/* SPDX-License-Identifier: BSD-2-Clause */
/* exo_trace_test.c - the kernel's trace rings: what is in them, and that they are not there unasked.
 * Links: the kernel's archive as fake_kernel.h says. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <string.h>

#include "boot.h"
#include "fake_kernel.h"
#include "slice.h"
#include "trace.h"

constexpr uint64_t ROOM = EXO_FRAME_BYTES / sizeof(struct exo_trace);

static struct {
    struct exo_trace_head head;
    char rest[EXO_FRAME_BYTES - sizeof(struct exo_trace_head)];
    struct exo_trace ring[ROOM];
} memory;

static int setup(void **)
{
    fake_kernel_begin();
    memset(&memory, 0, sizeof memory);
    memory.head.room = ROOM;
    return 0;
}

static void nothing_is_written_unless_it_is_on(void **)
{
    struct boot_facts facts = {.cmdline = "log=com2 trace verbose"};
    trace_init(&facts);
    assert_null(cpus[0].trace);
    trace(&cpus[0], EXO_TRACE_RUN, 1, 2, 3, 4);
    assert_int_equal(memory.head.end, 0);
}

static void a_record_holds_what_it_was_told(void **)
{
    cpus[0].trace = &memory.head;
    trace(&cpus[0], EXO_TRACE_UPCALL, 5, 6, 14, 0x1234);
    const struct exo_trace *r = &memory.ring[0];
    assert_int_equal(memory.head.end, 1);
    assert_int_equal(r->kind, EXO_TRACE_UPCALL);
    assert_int_equal(r->domain, 5);
    assert_int_equal(r->number, 6);
    assert_int_equal(r->arg[0], 14);
    assert_int_equal(r->arg[1], 0x1234);
    assert_int_not_equal(r->cycles, 0);
}

static void the_newest_replace_the_oldest(void **)
{
    cpus[0].trace = &memory.head;
    for (uint32_t i = 0; i < ROOM + 3; i++)
        trace(&cpus[0], EXO_TRACE_INTERRUPT, 0, i, 0, 0);
    assert_int_equal(memory.head.end, ROOM + 3);
    assert_int_equal(memory.ring[2].number, ROOM + 2);
    assert_int_equal(memory.ring[3].number, 3);
    for (uint32_t i = 1; i < ROOM; i++)
        if (i != 3)
            assert_true(memory.ring[i].cycles >= memory.ring[i - 1].cycles);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(nothing_is_written_unless_it_is_on, setup),
        cmocka_unit_test_setup(a_record_holds_what_it_was_told, setup),
        cmocka_unit_test_setup(the_newest_replace_the_oldest, setup),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
