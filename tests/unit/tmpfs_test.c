/* SPDX-License-Identifier: BSD-2-Clause */
/* tmpfs_test.c - files in memory: content, holes, links, limits.
 * Links: as fake_vfs.h says. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <signal.h>
#include <cmocka.h>
#include <string.h>
#include <linux/falloc.h>
#include "base/errno.h"
#include "fake_vfs.h"
#include "linux-api/abi.h"
#include "vfs/fdtable.h"
#include "vfs/file.h"
#include "vfs/fs.h"
#include "vfs/inode.h"
#include "vfs/mount.h"
#include "vfs/vfs.h"

static int setup(void **)
{
    fake_vfs_begin();
    return 0;
}

static int teardown(void **)
{
    fake_vfs_end();
    return 0;
}

static void what_is_written_is_read_back(void **)
{
    char out[10000], in[10000];
    for (size_t i = 0; i < sizeof out; i++)
        out[i] = (char)(i * 7);
    struct file *f = fake_open("/a", O_RDWR | O_CREAT, 0644);
    assert_non_null(f);
    assert_int_equal(file_write_kernel(f, out, sizeof out, 0), sizeof out);
    assert_int_equal(f->inode->size, sizeof out);
    assert_int_equal(file_read_kernel(f, in, sizeof in, 0), sizeof in);
    assert_memory_equal(in, out, sizeof in);
    assert_int_equal(file_read_kernel(f, in, sizeof in, 9990), 10);
    assert_int_equal(file_read_kernel(f, in, sizeof in, 10000), 0);
    file_put(f);
    assert_int_equal(vfs_unlink(AT_FDCWD, "/a"), 0);
}

static void a_hole_reads_as_zero_and_costs_nothing(void **)
{
    char in[3];
    struct file *f = fake_open("/a", O_RDWR | O_CREAT, 0644);
    assert_int_equal(file_write_kernel(f, "x", 1, 1l << 40), 1);
    assert_int_equal(f->inode->pages.count, 1);
    memset(in, 1, sizeof in);
    assert_int_equal(file_read_kernel(f, in, sizeof in, 12345), 3);
    assert_memory_equal(in, "\0\0\0", 3);
    assert_int_equal(f->ops->llseek(f, 0, SEEK_DATA), 1l << 40);
    assert_int_equal(f->ops->llseek(f, 0, SEEK_HOLE), 0);
    assert_int_equal(f->ops->llseek(f, 1l << 40, SEEK_HOLE), (1l << 40) + 1);
    assert_int_equal(f->ops->llseek(f, (1l << 40) + 1, SEEK_DATA), -ENXIO);
    file_put(f);
    assert_int_equal(vfs_unlink(AT_FDCWD, "/a"), 0);
}

static void truncation_forgets_what_lay_beyond(void **)
{
    char in[8];
    struct file *f = fake_open("/a", O_RDWR | O_CREAT, 0644);
    assert_int_equal(file_write_kernel(f, "abcdefgh", 8, 0), 8);
    assert_int_equal(vfs_truncate(f->inode, 3), 0);
    assert_int_equal(vfs_truncate(f->inode, 8), 0);
    assert_int_equal(file_read_kernel(f, in, 8, 0), 8);
    assert_memory_equal(in, "abc\0\0\0\0\0", 8);
    assert_int_equal(vfs_truncate(f->inode, 0), 0);
    assert_int_equal(f->inode->pages.count, 0);
    file_put(f);
    assert_int_equal(vfs_unlink(AT_FDCWD, "/a"), 0);
}

static void a_deleted_open_file_lives_on(void **)
{
    char in[4];
    struct file *f = fake_open("/a", O_RDWR | O_CREAT, 0644);
    assert_int_equal(vfs_unlink(AT_FDCWD, "/a"), 0);
    assert_null(fake_open("/a", O_RDONLY, 0));
    assert_int_equal(fake_error, -ENOENT);
    assert_int_equal(file_write_kernel(f, "data", 4, 0), 4);
    assert_int_equal(file_read_kernel(f, in, 4, 0), 4);
    assert_int_equal(f->inode->nlink, 0);
    char buffer[64], *text;
    assert_int_equal(path_to_string(&f->path, &root_path, buffer, sizeof buffer, &text), 0);
    assert_string_equal(text, "/a (deleted)");
    file_put(f);
}

static void append_writes_at_the_end_wherever_the_position_is(void **)
{
    struct file *f = fake_open("/a", O_WRONLY | O_CREAT | O_APPEND, 0644);
    assert_int_equal(file_write_kernel(f, "abc", 3, 0), 3);
    assert_int_equal(file_write_kernel(f, "def", 3, 0), 3);
    assert_int_equal(f->inode->size, 6);
    file_put(f);
    assert_int_equal(vfs_unlink(AT_FDCWD, "/a"), 0);
}

static void a_full_file_system_says_so(void **)
{
    char data[4096];
    memset(data, 1, sizeof data);
    assert_int_equal(vfs_mkdir(AT_FDCWD, "/m", 0755), 0);
    assert_int_equal(vfs_mount("x", "/m", "tmpfs", 0, "size=8k,mode=700"), 0);
    struct file *f = fake_open("/m/f", O_RDWR | O_CREAT, 0644);
    assert_non_null(f);
    assert_int_equal(file_write_kernel(f, data, 4096, 0), 4096);
    assert_int_equal(file_write_kernel(f, data, 4096, 4096), 4096);
    assert_int_equal(file_write_kernel(f, data, 1, 8192), -ENOSPC);
    assert_int_equal(vfs_truncate(f->inode, 4096), 0);
    assert_int_equal(file_write_kernel(f, data, 1, 4096), 1);
    struct path p;
    assert_int_equal(path_lookup(AT_FDCWD, "/m", 0, &p), 0);
    assert_int_equal(path_inode(&p)->mode, S_IFDIR | 0700);
    assert_int_equal(mount_remove(&p, 0), -EBUSY);
    file_put(f);
    assert_int_equal(mount_remove(&p, 0), 0);
    path_put(&p);
    assert_int_equal(vfs_rmdir(AT_FDCWD, "/m"), 0);
}

static void exhausted_memory_is_an_error_of_the_write(void **)
{
    char data[4096] = {};
    uint64_t left = fake_pages_left;
    struct file *f = fake_open("/a", O_RDWR | O_CREAT, 0644);
    fake_pages_left = 1;
    assert_int_equal(file_write_kernel(f, data, 4096, 0), 4096);
    assert_int_equal(file_write_kernel(f, data, 4096, 4096), -ENOMEM);
    assert_int_equal(f->inode->size, 4096);
    fake_pages_left += left - 1;
    file_put(f);
    assert_int_equal(vfs_unlink(AT_FDCWD, "/a"), 0);
}

static void the_size_limit_sends_sigxfsz(void **)
{
    struct file *f = fake_open("/a", O_RDWR | O_CREAT, 0644);
    fake_limit_bytes = 5;
    assert_int_equal(file_write_kernel(f, "abcdefgh", 8, 0), 5);
    assert_int_equal(fake_last_signal, 0);
    assert_int_equal(file_write_kernel(f, "x", 1, 5), -EFBIG);
    assert_int_equal(fake_last_signal, SIGXFSZ);
    assert_int_equal(vfs_truncate(f->inode, 6), -EFBIG);
    file_put(f);
    fake_limit_bytes = UINT64_MAX;
    assert_int_equal(vfs_unlink(AT_FDCWD, "/a"), 0);
}

static void punching_frees_pages_and_zeroes_edges(void **)
{
    char data[3 * 4096], in[3 * 4096];
    memset(data, 7, sizeof data);
    struct file *f = fake_open("/a", O_RDWR | O_CREAT, 0644);
    assert_int_equal(file_write_kernel(f, data, sizeof data, 0), sizeof data);
    assert_int_equal(f->ops->fallocate(f, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 100, 8192),
                     0);
    assert_int_equal(f->inode->pages.count, 2);
    assert_int_equal(file_read_kernel(f, in, sizeof in, 0), sizeof in);
    memset(data + 100, 0, 8192);
    assert_memory_equal(in, data, sizeof data);
    assert_int_equal(f->ops->fallocate(f, FALLOC_FL_KEEP_SIZE, 0, 1 << 20), 0);
    assert_int_equal(f->inode->pages.count, 256);
    assert_int_equal(f->inode->size, sizeof data);
    assert_int_equal(f->ops->fallocate(f, 0, 0, 1 << 20), 0);
    assert_int_equal(f->inode->size, 1 << 20);
    file_put(f);
    assert_int_equal(vfs_unlink(AT_FDCWD, "/a"), 0);
}

static void links_share_the_file(void **)
{
    struct file *f = fake_open("/a", O_RDWR | O_CREAT, 0644);
    assert_int_equal(vfs_link(AT_FDCWD, "/a", AT_FDCWD, "/b", 0), 0);
    assert_int_equal(f->inode->nlink, 2);
    struct file *g = fake_open("/b", O_RDONLY, 0);
    assert_ptr_equal(f->inode, g->inode);
    assert_int_equal(vfs_link(AT_FDCWD, "/a", AT_FDCWD, "/b", 0), -EEXIST);
    assert_int_equal(vfs_unlink(AT_FDCWD, "/a"), 0);
    assert_int_equal(f->inode->nlink, 1);
    file_put(f);
    file_put(g);
    assert_int_equal(vfs_unlink(AT_FDCWD, "/b"), 0);
}

static void directories_count_their_children(void **)
{
    struct path p;
    assert_int_equal(vfs_mkdir(AT_FDCWD, "/d", 0777), 0);
    assert_int_equal(path_lookup(AT_FDCWD, "/d", 0, &p), 0);
    assert_int_equal(path_inode(&p)->nlink, 2);
    assert_int_equal(vfs_mkdir(AT_FDCWD, "/d/e", 0777), 0);
    assert_int_equal(path_inode(&p)->nlink, 3);
    assert_int_equal(vfs_rmdir(AT_FDCWD, "/d"), -ENOTEMPTY);
    assert_int_equal(vfs_rmdir(AT_FDCWD, "/d/e"), 0);
    assert_int_equal(path_inode(&p)->nlink, 2);
    assert_int_equal(vfs_rmdir(AT_FDCWD, "/d"), 0);
    assert_int_equal(path_inode(&p)->nlink, 0);
    path_put(&p);
}

struct names {
    struct dir_sink sink;
    char text[256];
    unsigned room;
};

static bool note(struct dir_sink *sink, const char *name, size_t n, uint64_t, unsigned)
{
    struct names *names = container_of(sink, struct names, sink);
    if (!names->room)
        return false;
    names->room--;
    strncat(names->text, name, n);
    strcat(names->text, " ");
    return true;
}

static void a_directory_can_be_read_in_pieces_while_it_changes(void **)
{
    assert_int_equal(vfs_mkdir(AT_FDCWD, "/d", 0777), 0);
    for (const char *name = "abcde"; *name; name++)
        assert_int_equal(vfs_mknod(AT_FDCWD, (char[]){'/', 'd', '/', *name, 0}, S_IFREG, 0), 0);
    struct file *f = fake_open("/d", O_RDONLY | O_DIRECTORY, 0);
    struct names names = {.sink = {0, note}, .room = 4};
    assert_int_equal(f->ops->iterate(f, &names.sink), 0);
    assert_string_equal(names.text, ". .. a b ");
    assert_int_equal(vfs_unlink(AT_FDCWD, "/d/c"), 0);
    assert_int_equal(vfs_unlink(AT_FDCWD, "/d/a"), 0);
    names.room = 1;
    assert_int_equal(f->ops->iterate(f, &names.sink), 0);
    names.room = 10;
    assert_int_equal(f->ops->iterate(f, &names.sink), 0);
    assert_string_equal(names.text, ". .. a b d e ");
    file_put(f);
    for (const char *name = "bde"; *name; name++)
        assert_int_equal(vfs_unlink(AT_FDCWD, (char[]){'/', 'd', '/', *name, 0}), 0);
    assert_int_equal(vfs_rmdir(AT_FDCWD, "/d"), 0);
}

static void an_unnamed_file_can_get_a_name(void **)
{
    struct file *f = fake_open("/", O_RDWR | O_TMPFILE, 0600);
    assert_non_null(f);
    assert_int_equal(f->inode->nlink, 0);
    assert_int_equal(file_write_kernel(f, "hi", 2, 0), 2);
    int fd = fd_open(file_get(f), 0);
    assert_int_equal(vfs_link(fd, "", AT_FDCWD, "/n", AT_EMPTY_PATH), 0);
    assert_int_equal(f->inode->nlink, 1);
    assert_int_equal(fd_close(fd), 0);
    file_put(f);
    assert_int_equal(vfs_unlink(AT_FDCWD, "/n"), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
        T(what_is_written_is_read_back),
        T(a_hole_reads_as_zero_and_costs_nothing),
        T(truncation_forgets_what_lay_beyond),
        T(a_deleted_open_file_lives_on),
        T(append_writes_at_the_end_wherever_the_position_is),
        T(a_full_file_system_says_so),
        T(exhausted_memory_is_an_error_of_the_write),
        T(the_size_limit_sends_sigxfsz),
        T(punching_frees_pages_and_zeroes_edges),
        T(links_share_the_file),
        T(directories_count_their_children),
        T(a_directory_can_be_read_in_pieces_while_it_changes),
        T(an_unnamed_file_can_get_a_name),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
