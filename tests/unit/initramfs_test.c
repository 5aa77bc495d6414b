/* SPDX-License-Identifier: BSD-2-Clause */
/* initramfs_test.c - cpio archives, good and hostile.
 * Links: as fake_vfs.h says, and zlib. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>
#include "base/errno.h"
#include "fake_heap_malloc.h"
#include "fake_vfs.h"
#include "linux-api/abi.h"
#include "mm/page.h"
#include "vfs/cpio.h"
#include "vfs/file.h"
#include "vfs/inode.h"
#include "vfs/mount.h"
#include "vfs/vfs.h"

#define Z_SOLO
#include <zlib.h>

struct archive {
    uint8_t *data;
    size_t n, room;
};

static struct archive a;

static int setup(void **)
{
    fake_vfs_begin();
    a.room = 16 * PAGE_SIZE;
    a.data = fake_pages(16);
    a.n = 0;
    return 0;
}

static int teardown(void **)
{
    fake_vfs_end();
    return 0;
}

struct put {
    const char *name;
    uint32_t mode;
    const void *data;
    size_t bytes;
    uint32_t ino, nlink, major, minor;
    bool is_aligned; /* content on a page boundary, by padding the name */
};

static void put(struct put p)
{
    char header[111];
    size_t name_bytes = strlen(p.name) + 1;
    if (p.is_aligned) {
        size_t at = a.n + 110 + name_bytes;
        name_bytes += (PAGE_SIZE - at % PAGE_SIZE) % PAGE_SIZE;
    }
    snprintf(header, sizeof header, "070701%08X%08X%08X%08X%08X%08X%08zX%08X%08X%08X%08X%08zX%08X",
             p.ino, p.mode, 3u, 4u, p.nlink ? p.nlink : 1, 77u, p.bytes, 0u, 1u, p.major, p.minor,
             name_bytes, 0u);
    memcpy(a.data + a.n, header, 110);
    strcpy((char *)a.data + a.n + 110, p.name);
    a.n = (a.n + 110 + name_bytes + 3) & ~3ul;
    if (p.bytes)
        memcpy(a.data + a.n, p.data, p.bytes);
    a.n = (a.n + p.bytes + 3) & ~3ul;
    assert_true(a.n <= a.room);
}

static void put_trailer(void)
{
    put((struct put){.name = "TRAILER!!!"});
}

/* Unpack the first N bytes; the pages behind them are ours to give back. */
static int load(size_t n)
{
    for (size_t at = page_round_up(n); at < a.room; at += PAGE_SIZE)
        page_put(page_of_address(a.data + at));
    return initramfs_load(a.data, n);
}

static struct file *open_file(const char *name)
{
    struct file *f = fake_open(name, O_RDONLY, 0);
    assert_non_null(f);
    return f;
}

static void check_content(const char *name, const char *text)
{
    char in[64] = {};
    struct file *f = open_file(name);
    assert_int_equal(file_read_kernel(f, in, sizeof in, 0), strlen(text));
    assert_string_equal(in, text);
    file_put(f);
}

static void all_types_of_files_arrive(void **)
{
    struct path p;
    put((struct put){.name = ".", .mode = S_IFDIR | 0711});
    put((struct put){.name = "./d", .mode = S_IFDIR | 0750});
    put((struct put){.name = "d/f", .mode = S_IFREG | 0640, .data = "hello", .bytes = 5});
    put((struct put){.name = "/d/l", .mode = S_IFLNK | 0777, .data = "f", .bytes = 1});
    put((struct put){.name = "d/n", .mode = S_IFCHR | 0666, .major = 1, .minor = 3});
    put((struct put){.name = "d/p", .mode = S_IFIFO | 0600});
    put_trailer();
    assert_int_equal(load(a.n), 0);
    check_content("/d/l", "hello");
    assert_int_equal(path_inode(&root_path)->mode, S_IFDIR | 0711);
    assert_int_equal(path_lookup(AT_FDCWD, "/d/n", 0, &p), 0);
    assert_int_equal(path_inode(&p)->rdev, dev_make(1, 3));
    assert_int_equal(path_inode(&p)->uid, 3);
    assert_int_equal(path_inode(&p)->gid, 4);
    assert_int_equal(path_inode(&p)->mtime.sec, 77);
    path_put(&p);
    assert_int_equal(vfs_unlink(AT_FDCWD, "/d/f"), 0);
    assert_int_equal(vfs_unlink(AT_FDCWD, "/d/l"), 0);
    assert_int_equal(vfs_unlink(AT_FDCWD, "/d/n"), 0);
    assert_int_equal(vfs_unlink(AT_FDCWD, "/d/p"), 0);
    assert_int_equal(vfs_rmdir(AT_FDCWD, "/d"), 0);
}

static void aligned_pages_are_not_copied(void **)
{
    static uint8_t data[2 * 4096 + 100];
    memset(data, 5, sizeof data);
    put((struct put){.name = "big",
                     .mode = S_IFREG | 0644,
                     .data = data,
                     .bytes = sizeof data,
                     .is_aligned = true});
    put((struct put){.name = "small", .mode = S_IFREG | 0644, .data = "x", .bytes = 1});
    put_trailer();
    const uint8_t *first = a.data + PAGE_SIZE;
    assert_int_equal(load(a.n), 0);
    struct file *f = open_file("/big");
    assert_ptr_equal(page_address(pagecache_find(f->inode, 0)), first);
    assert_ptr_equal(page_address(pagecache_find(f->inode, 1)), first + PAGE_SIZE);
    /* The last page holds other things in the archive: it is a copy that ends in zeroes. */
    const uint8_t *last = page_address(pagecache_find(f->inode, 2));
    assert_ptr_not_equal(last, first + 2 * PAGE_SIZE);
    assert_int_equal(last[99], 5);
    assert_int_equal(last[100], 0);
    assert_int_equal(f->inode->size, sizeof data);
    file_put(f);
    assert_int_equal(vfs_unlink(AT_FDCWD, "/big"), 0);
    assert_int_equal(vfs_unlink(AT_FDCWD, "/small"), 0);
}

static void hard_links_are_one_file_wherever_the_content_is(void **)
{
    put((struct put){.name = "x", .mode = S_IFREG | 0644, .ino = 9, .nlink = 2});
    put((struct put){
        .name = "y", .mode = S_IFREG | 0644, .ino = 9, .nlink = 2, .data = "both", .bytes = 4});
    put_trailer();
    /* The same number in the next archive is another file. */
    put((struct put){
        .name = "z", .mode = S_IFREG | 0644, .ino = 9, .nlink = 2, .data = "z", .bytes = 1});
    put_trailer();
    assert_int_equal(load(a.n), 0);
    check_content("/x", "both");
    check_content("/z", "z");
    struct file *f = open_file("/x");
    assert_int_equal(f->inode->nlink, 2);
    file_put(f);
    assert_int_equal(vfs_unlink(AT_FDCWD, "/x"), 0);
    assert_int_equal(vfs_unlink(AT_FDCWD, "/y"), 0);
    assert_int_equal(vfs_unlink(AT_FDCWD, "/z"), 0);
}

static void one_number_for_two_types_is_two_files(void **)
{
    struct path p;
    put((struct put){
        .name = "x", .mode = S_IFLNK | 0777, .ino = 9, .nlink = 2, .data = "y", .bytes = 1});
    put((struct put){
        .name = "y", .mode = S_IFREG | 0644, .ino = 9, .nlink = 2, .data = "text", .bytes = 4});
    put_trailer();
    assert_int_equal(load(a.n), 0);
    check_content("/y", "text");
    assert_int_equal(path_lookup(AT_FDCWD, "/x", 0, &p), 0);
    assert_int_equal(path_inode(&p)->nlink, 1);
    assert_int_equal(path_inode(&p)->size, 1);
    path_put(&p);
    assert_int_equal(vfs_unlink(AT_FDCWD, "/x"), 0);
    assert_int_equal(vfs_unlink(AT_FDCWD, "/y"), 0);
}

static void a_later_archive_replaces_files(void **)
{
    put((struct put){.name = "x", .mode = S_IFREG | 0644, .data = "old", .bytes = 3});
    put_trailer();
    a.n += 512;
    put((struct put){.name = "x", .mode = S_IFREG | 0600, .data = "newer", .bytes = 5});
    put_trailer();
    assert_int_equal(load(a.n), 0);
    check_content("/x", "newer");
    assert_int_equal(vfs_unlink(AT_FDCWD, "/x"), 0);
}

static void *c_alloc(void *, unsigned n, unsigned size)
{
    return test_calloc(n, size);
}

static void c_free(void *, void *p)
{
    test_free(p);
}

static size_t gzip(uint8_t *to, size_t room, const uint8_t *from, size_t n)
{
    z_stream z = {.zalloc = c_alloc, .zfree = c_free};
    assert_int_equal(deflateInit2(&z, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
    z.next_in = (uint8_t *)from;
    z.avail_in = (unsigned)n;
    z.next_out = to;
    z.avail_out = (unsigned)room;
    assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
    deflateEnd(&z);
    return z.total_out;
}

static void compressed_archives_are_inflated(void **)
{
    static uint8_t packed[8192];
    put((struct put){.name = "x", .mode = S_IFREG | 0644, .data = "zip", .bytes = 3});
    put_trailer();
    size_t n = gzip(packed, sizeof packed, a.data, a.n);
    /* Two members: the size at the end is not the first one's. */
    a.n = 0;
    put((struct put){.name = "long", .mode = S_IFREG | 0644, .data = packed, .bytes = 5000});
    put_trailer();
    size_t m = gzip(packed + n, sizeof packed - n, a.data, a.n);
    memset(a.data, 0, a.room);
    memcpy(a.data, packed + n, m);
    memcpy(a.data + m, packed, n);
    assert_int_equal(load(n + m), 0);
    check_content("/x", "zip");
    struct file *f = open_file("/long");
    assert_int_equal(f->inode->size, 5000);
    file_put(f);
    assert_int_equal(vfs_unlink(AT_FDCWD, "/x"), 0);
    assert_int_equal(vfs_unlink(AT_FDCWD, "/long"), 0);
}

static void broken_compression_is_refused(void **)
{
    static uint8_t packed[8192];
    put((struct put){.name = "x", .mode = S_IFREG | 0644, .data = "zip", .bytes = 3});
    put_trailer();
    size_t n = gzip(packed, sizeof packed, a.data, a.n);
    memset(a.data, 0, a.room);
    memcpy(a.data, packed, n);
    a.data[n / 2] ^= 0x55;
    assert_true(load(n) < 0);
}

static void check_refused(const char *why)
{
    fake_last_error = "";
    assert_true(load(a.n) < 0);
    assert_non_null(strstr(fake_last_error, why));
}

static void content_beyond_the_end_is_refused(void **)
{
    put((struct put){.name = "x", .mode = S_IFREG | 0644, .data = "abcd", .bytes = 4});
    memcpy(a.data + 6 + 8 * 6, "FFFFFFFF", 8);
    check_refused("content is cut off");
}

static void a_name_beyond_the_end_is_refused(void **)
{
    put((struct put){.name = "x", .mode = S_IFREG | 0644});
    memcpy(a.data + 6 + 8 * 11, "00000FFF", 8);
    check_refused("name is cut off");
}

static void a_name_without_end_is_refused(void **)
{
    put((struct put){.name = "xyz", .mode = S_IFREG | 0644});
    a.data[110 + 3] = 'q';
    check_refused("name does not end");
}

static void a_name_that_leads_upwards_is_refused(void **)
{
    put((struct put){.name = "a/../../b", .mode = S_IFREG | 0644});
    check_refused("cannot be made");
}

static void dots_and_empty_components_are_left_out(void **)
{
    put((struct put){.name = ".//one/././/two/f", .mode = S_IFREG | 0644, .data = "x", .bytes = 1});
    put_trailer();
    assert_int_equal(load(a.n), 0);
    check_content("/one/two/f", "x");
    assert_int_equal(vfs_unlink(AT_FDCWD, "/one/two/f"), 0);
    assert_int_equal(vfs_rmdir(AT_FDCWD, "/one/two"), 0);
    assert_int_equal(vfs_rmdir(AT_FDCWD, "/one"), 0);
}

static void a_dot_at_the_end_is_the_directory(void **)
{
    struct path p;
    put((struct put){.name = "d/./.", .mode = S_IFDIR | 0700});
    put((struct put){.name = "./.", .mode = S_IFDIR | 0711});
    put_trailer();
    assert_int_equal(load(a.n), 0);
    assert_int_equal(path_inode(&root_path)->mode, S_IFDIR | 0711);
    assert_int_equal(path_lookup(AT_FDCWD, "/d", 0, &p), 0);
    assert_int_equal(path_inode(&p)->mode, S_IFDIR | 0700);
    path_put(&p);
    assert_int_equal(vfs_rmdir(AT_FDCWD, "/d"), 0);
}

static void a_file_in_place_of_a_directory_is_refused(void **)
{
    put((struct put){.name = "no", .mode = S_IFREG | 0644});
    put((struct put){.name = "no/b", .mode = S_IFREG | 0644});
    check_refused("cannot be made");
    assert_int_equal(vfs_unlink(AT_FDCWD, "/no"), 0);
}

static void missing_directories_are_made(void **)
{
    struct path p;
    put((struct put){.name = "one/two/f", .mode = S_IFREG | 0644, .data = "deep", .bytes = 4});
    put_trailer();
    assert_int_equal(load(a.n), 0);
    check_content("/one/two/f", "deep");
    assert_int_equal(path_lookup(AT_FDCWD, "/one/two", 0, &p), 0);
    assert_int_equal(path_inode(&p)->mode, S_IFDIR | 0755);
    assert_int_equal(path_inode(&p)->uid, 0);
    path_put(&p);
    assert_int_equal(vfs_unlink(AT_FDCWD, "/one/two/f"), 0);
    assert_int_equal(vfs_rmdir(AT_FDCWD, "/one/two"), 0);
    assert_int_equal(vfs_rmdir(AT_FDCWD, "/one"), 0);
}

static void a_missing_directory_with_too_long_a_name_is_refused(void **)
{
    static char name[300];
    memset(name, 'n', 256);
    strcpy(name + 256, "/f");
    put((struct put){.name = name, .mode = S_IFREG | 0644});
    put_trailer();
    check_refused("cannot be made");
}

static void garbage_is_refused(void **)
{
    memset(a.data, 'A', 300);
    a.n = 300;
    check_refused("no newc header");
}

static void every_truncation_is_refused_or_unpacked(void **)
{
    static uint8_t whole[4096];
    put((struct put){.name = "f1", .mode = S_IFREG | 0644, .data = "0123456789", .bytes = 10});
    put((struct put){.name = "l1", .mode = S_IFLNK | 0777, .data = "f1", .bytes = 2});
    put_trailer();
    size_t n = a.n;
    memcpy(whole, a.data, n);
    assert_int_equal(load(n), 0);
    for (size_t cut = 1; cut < n; cut++) {
        uint8_t *data = fake_pages(1);
        memcpy(data, whole, cut);
        int result = initramfs_load(data, cut);
        assert_true(result == 0 || result == -EINVAL);
    }
    assert_int_equal(vfs_unlink(AT_FDCWD, "/f1"), 0);
    assert_int_equal(vfs_unlink(AT_FDCWD, "/l1"), 0);
}

/* What was made before stays, and nothing else. */
static void exhausted_memory_is_an_error_of_the_load(void **)
{
    static uint8_t whole[4096];
    put((struct put){.name = "d", .mode = S_IFDIR | 0755});
    put((struct put){.name = "d/f", .mode = S_IFREG | 0644, .ino = 3, .nlink = 2});
    put((struct put){.name = "d/g", .mode = S_IFREG | 0644, .ino = 3, .nlink = 2});
    put_trailer();
    size_t n = a.n;
    memcpy(whole, a.data, n);
    int result = -ENOMEM;
    for (unsigned blocks = 0; result < 0; blocks++) {
        uint8_t *data = fake_pages(1);
        memcpy(data, whole, n);
        fake_heap_left = blocks;
        result = initramfs_load(data, n);
        fake_heap_left = FAKE_HEAP_UNLIMITED;
        assert_true(result == 0 || result == -ENOMEM);
        int last = vfs_unlink(AT_FDCWD, "/d/f");
        assert_true(last == 0 || result < 0);
        last = vfs_unlink(AT_FDCWD, "/d/g");
        assert_true(last == 0 || result < 0);
        bool is_there = path_inode(&root_path)->nlink == 3;
        assert_int_equal(vfs_rmdir(AT_FDCWD, "/d"), is_there ? 0 : -ENOENT);
        assert_int_equal(path_inode(&root_path)->nlink, 2);
    }
    a.n = 0;
    put_trailer();
    assert_int_equal(load(a.n), 0);
}

/* Any byte wrong: nothing worse than a refusal or other files may come of it. */
static void every_changed_byte_is_survived(void **)
{
    static uint8_t whole[4096];
    put((struct put){.name = "f1", .mode = S_IFREG | 0644, .data = "0123456789", .bytes = 10});
    put((struct put){.name = "f2", .mode = S_IFREG | 0644, .ino = 5, .nlink = 2});
    put_trailer();
    size_t n = a.n;
    memcpy(whole, a.data, n);
    for (size_t at = 0; at < n; at++) {
        struct cpio c = {.start = a.data, .size = n};
        struct cpio_entry e;
        a.data[at] ^= 0x31;
        for (int i = 0; i < 10 && cpio_next(&c, &e) > 0; i++) {
            assert_true(e.data + e.bytes <= a.data + n);
            assert_true(e.name[e.name_bytes] == '\0');
        }
        memcpy(a.data, whole, n);
    }
    assert_int_equal(load(n), 0);
    assert_int_equal(vfs_unlink(AT_FDCWD, "/f1"), 0);
    assert_int_equal(vfs_unlink(AT_FDCWD, "/f2"), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
        T(all_types_of_files_arrive),
        T(aligned_pages_are_not_copied),
        T(hard_links_are_one_file_wherever_the_content_is),
        T(one_number_for_two_types_is_two_files),
        T(a_later_archive_replaces_files),
        T(compressed_archives_are_inflated),
        T(broken_compression_is_refused),
        T(content_beyond_the_end_is_refused),
        T(a_name_beyond_the_end_is_refused),
        T(a_name_without_end_is_refused),
        T(a_name_that_leads_upwards_is_refused),
        T(dots_and_empty_components_are_left_out),
        T(a_dot_at_the_end_is_the_directory),
        T(a_file_in_place_of_a_directory_is_refused),
        T(missing_directories_are_made),
        T(a_missing_directory_with_too_long_a_name_is_refused),
        T(garbage_is_refused),
        T(every_truncation_is_refused_or_unpacked),
        T(every_changed_byte_is_survived),
        T(exhausted_memory_is_an_error_of_the_load),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
