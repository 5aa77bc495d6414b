/* SPDX-License-Identifier: BSD-2-Clause */
/* record_test.c - the libOS's records of what happens: where they lie and what they hold.
 * Links: libos/trace/record.c mm.a fake_patch.c
 * Include path: tests/unit/exo first.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/errno.h"
#include "base/log.h"
#include "fake_mm.h"
#include "linux-api/call.h"
#include "mm/mm.h"
#include "mm/page.h"
#include "mm/vma.h"
#include "trace/record.h"
#include "vfs/file.h"
#include "vfs/mount.h"
#include "vfs/path.h"

constexpr uint32_t FRAMES = 6144; /* 24 MiB */

static char said[128];
static const char *path;
struct path root_path;

void log_write(const char *text, size_t n)
{
    memcpy(said, text, n < sizeof said ? n : sizeof said - 1);
}

char *path_buffer_get(void)
{
    return malloc(4096);
}
void path_buffer_put(char *buffer)
{
    free(buffer);
}

int path_to_string(const struct path *, const struct path *, char *buffer, size_t size, char **text)
{
    snprintf(buffer, size, "%s", path);
    *text = buffer;
    return path ? 0 : -ENOENT;
}

static struct record_head *head;

static const struct record *at(uint64_t n)
{
    const struct record *ring = (const struct record *)((char *)head + PAGE_SIZE);
    return &ring[n & (head->room - 1)];
}

static int group_setup(void **)
{
    fake_mm_begin(FRAMES);
    record_start(RECORD_EVENTS, 1000);
    uint64_t frame = 0;
    assert_int_equal(sscanf(said, "seam: record %lu\n", &frame), 1);
    head = page_address(page_of_frame((exo_frame)frame));
    return 0;
}

static int group_teardown(void **)
{
    fake_mm_end();
    return 0;
}

static void the_log_tells_where_the_ring_is(void **)
{
    assert_int_equal(head->magic, RECORD_MAGIC);
    assert_int_equal(head->cycles_hz, 1000);
    assert_int_equal(head->room & (head->room - 1), 0);
    /* A small machine keeps its memory. */
    assert_true(head->room * sizeof(struct record) <= FRAMES * PAGE_SIZE / 32);
    assert_int_equal(record_level, RECORD_EVENTS);
}

static void the_newest_replace_the_oldest(void **)
{
    uint64_t first = head->end;
    for (uint64_t i = 0; i < head->room + 5; i++)
        record_add(RECORD_WAKE, 7, 3, i, 0, 0);
    assert_int_equal(head->end, first + head->room + 5);
    assert_int_equal(at(head->end - 1)->arg[0], head->room + 4);
    assert_int_equal(at(head->end)->arg[0], 5); /* the oldest that is left */
    assert_int_equal(at(head->end)->number, 7);
    assert_int_equal(at(head->end)->tid, 3);
}

static void a_map_is_followed_by_its_path(void **)
{
    static char name[] = "/a/path/that/does/not/fit/into/the/arguments/of/a/record";
    static_assert(sizeof name > 48 && sizeof name < 96);
    struct mm mm = {.root = 99};
    struct file file = {};
    struct vma vma = {.start = 0x1000, .end = 0x3000, .mm = &mm, .file = &file, .page_offset = 2};
    path = name;
    uint64_t first = head->end;
    record_add_map(&vma);
    assert_int_equal(head->end, first + 3);
    const struct record *map = at(first);
    assert_int_equal(map->kind, RECORD_MAP);
    assert_int_equal(map->number, 2);
    assert_int_equal(map->arg[0], 99);
    assert_int_equal(map->arg[1], 0x1000);
    assert_int_equal(map->arg[2], 0x3000);
    assert_int_equal(map->arg[3], 2 * PAGE_SIZE);
    char text[97] = {};
    memcpy(text, at(first + 1)->arg, 48);
    memcpy(text + 48, at(first + 2)->arg, 48);
    assert_string_equal(text, name);
    assert_int_equal(at(first + 1)->kind, RECORD_TEXT);
}

static void memory_without_a_file_has_its_name_or_none(void **)
{
    struct mm mm = {};
    struct vma vma = {.mm = &mm, .name = "[vdso]"};
    uint64_t first = head->end;
    record_add_map(&vma);
    assert_int_equal(at(first)->number, 1);
    assert_string_equal((const char *)at(first + 1)->arg, "[vdso]");
    vma.name = nullptr;
    record_add_map(&vma);
    assert_int_equal(head->end, first + 3);
    assert_int_equal(at(first + 2)->number, 0);
}

static void a_call_has_its_arguments(void **)
{
    struct call call = {.nr = 257, .arg = {1, 2, 3, 4, 5, 6}};
    uint64_t first = head->end;
    record_add_call(&call);
    assert_int_equal(at(first)->kind, RECORD_CALL);
    assert_int_equal(at(first)->number, 257);
    for (uint64_t i = 0; i < 6; i++)
        assert_int_equal(at(first)->arg[i], i + 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_log_tells_where_the_ring_is),
        cmocka_unit_test(the_newest_replace_the_oldest),
        cmocka_unit_test(a_map_is_followed_by_its_path),
        cmocka_unit_test(memory_without_a_file_has_its_name_or_none),
        cmocka_unit_test(a_call_has_its_arguments),
    };
    return cmocka_run_group_tests(tests, group_setup, group_teardown);
}
