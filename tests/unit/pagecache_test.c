/* SPDX-License-Identifier: BSD-2-Clause */
/* pagecache_test.c - the radix tree of pages, against a plain array.
 * Links: as fake_vfs.h says. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <string.h>
#include "base/errno.h"
#include "fake_vfs.h"
#include "linux-api/abi.h"
#include "mm/page.h"
#include "vfs/file.h"
#include "vfs/inode.h"
#include "vfs/vfs.h"

static struct file *file;
static struct inode *inode;

static int setup(void **)
{
    fake_vfs_begin();
    assert_int_equal(tmpfs_create_unlinked("x", UINT64_MAX / 2, &file), 0);
    inode = file->inode;
    return 0;
}

static int teardown(void **)
{
    file_put(file);
    fake_vfs_end();
    return 0;
}

static struct page *make(uint64_t index)
{
    struct page *page;
    assert_int_equal(pagecache_get(inode, index, PAGECACHE_CREATE | PAGECACHE_ANY_END, &page), 0);
    page_put(page);
    return page;
}

static void pages_are_found_where_they_were_put(void **)
{
    static const uint64_t at[] = {0, 1, 63, 64, 4095, 4096, 1 << 18, 1ull << 40, (1ull << 51) - 1};
    struct page *page[9];
    for (int i = 8; i >= 0; i--)
        page[i] = make(at[i]);
    for (int i = 0; i < 9; i++) {
        assert_ptr_equal(pagecache_find(inode, at[i]), page[i]);
        assert_int_equal(page[i]->index, at[i]);
        assert_ptr_equal(page[i]->owner, inode);
        assert_int_equal(pagecache_next(inode, i ? at[i - 1] + 1 : 0), at[i]);
    }
    assert_int_equal(pagecache_next(inode, at[8] + 1), UINT64_MAX);
    assert_null(pagecache_find(inode, 2));
    assert_null(pagecache_find(inode, UINT64_MAX));
    for (uint64_t from = 0; from < 200; from++) {
        struct page *run[130];
        pagecache_find_run(inode, from, 130, run);
        for (uint64_t k = 0; k < 130; k++)
            assert_ptr_equal(run[k], pagecache_find(inode, from + k));
    }
    assert_int_equal(inode->pages.count, 9);
    pagecache_drop(inode, 1, 4095);
    assert_int_equal(inode->pages.count, 5);
    assert_non_null(pagecache_find(inode, 0));
    assert_null(pagecache_find(inode, 4095));
    assert_non_null(pagecache_find(inode, 4096));
}

static void a_random_history_matches_an_array(void **)
{
    constexpr unsigned range = 9000;
    static bool has[range];
    uint32_t random = 12345;
    memset(has, 0, sizeof has);
    for (int step = 0; step < 4000; step++) {
        random = random * 1103515245 + 12345;
        uint32_t index = (random >> 8) % range, n = (random >> 4) % 200;
        if (random & 0x10000000 || step < 1000) {
            make(index);
            has[index] = true;
        } else {
            pagecache_drop(inode, index, n);
            for (uint32_t i = index; i < index + n && i < range; i++)
                has[i] = false;
        }
    }
    uint64_t next = 0, count = 0;
    for (unsigned i = 0; i < range; i++) {
        assert_int_equal(pagecache_find(inode, i) != nullptr, has[i]);
        if (has[i]) {
            assert_int_equal(pagecache_next(inode, next), i);
            next = i + 1;
            count++;
        }
    }
    assert_int_equal(inode->pages.count, count);
    pagecache_drop(inode, 0, UINT64_MAX);
    assert_null(inode->pages.root);
    assert_int_equal(inode->pages.height, 0);
}

static void beyond_the_end_there_is_nothing_to_map(void **)
{
    struct page *page;
    inode->size = 4097;
    assert_int_equal(pagecache_get(inode, 1, 0, &page), -ENOENT);
    assert_int_equal(pagecache_get(inode, 1, PAGECACHE_CREATE, &page), 0);
    page_put(page);
    assert_int_equal(pagecache_get(inode, 2, PAGECACHE_CREATE, &page), -ENXIO);
    inode->size = 0;
    assert_int_equal(pagecache_get(inode, 0, PAGECACHE_CREATE, &page), -ENXIO);
}

static void no_memory_leaves_the_tree_as_it_was(void **)
{
    struct page *page;
    uint64_t left = fake_pages_left;
    make(5);
    fake_pages_left = 0;
    assert_int_equal(pagecache_get(inode, 1 << 20, PAGECACHE_CREATE | PAGECACHE_ANY_END, &page),
                     -ENOMEM);
    assert_non_null(pagecache_find(inode, 5));
    assert_int_equal(inode->pages.count, 1);
    fake_pages_left = left - 1;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
        T(pages_are_found_where_they_were_put),
        T(a_random_history_matches_an_array),
        T(beyond_the_end_there_is_nothing_to_map),
        T(no_memory_leaves_the_tree_as_it_was),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
