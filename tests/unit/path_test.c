/* SPDX-License-Identifier: BSD-2-Clause */
/* path_test.c - path walks, names, permissions, rename, mounts.
 * Links: as fake_vfs.h says. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>
#include <linux/fs.h>
#include <linux/mount.h>
#include "base/errno.h"
#include "fake_vfs.h"
#include "linux-api/abi.h"
#include "vfs/context.h"
#include "vfs/dentry.h"
#include "vfs/fdtable.h"
#include "vfs/file.h"
#include "vfs/fs.h"
#include "vfs/fs_context.h"
#include "vfs/inode.h"
#include "vfs/mount.h"
#include "vfs/vfs.h"

#define OK(call)         assert_int_equal(call, 0)
#define FAILS(err, call) assert_int_equal(call, -(err))

static void remove_tree(const char *name)
{
    static const char *const below[] = {"f", "l", "d/f", "d/g", "d/l",  "d/e/f", "d/e",
                                        "d", "e", "g",   "up",  "loop", "b"};
    char text[64];
    for (size_t i = 0; i < sizeof below / sizeof *below; i++) {
        snprintf(text, sizeof text, "%s/%s", name, below[i]);
        if (vfs_unlink(AT_FDCWD, text) == -EISDIR)
            (void)!vfs_rmdir(AT_FDCWD, text);
    }
    OK(vfs_rmdir(AT_FDCWD, name));
}

static int setup(void **)
{
    fake_vfs_begin();
    OK(vfs_mkdir(AT_FDCWD, "/t", 0777));
    OK(vfs_mkdir(AT_FDCWD, "/t/d", 0755));
    OK(vfs_mknod(AT_FDCWD, "/t/d/f", S_IFREG | 0644, 0));
    OK(vfs_symlink("d", AT_FDCWD, "/t/l"));
    return 0;
}

static int teardown(void **)
{
    fake_be(0, 0);
    remove_tree("/t");
    fake_vfs_end();
    return 0;
}

static int lookup(const char *name, unsigned flags, char *where)
{
    struct path p;
    char buffer[256], *text;
    int err = path_lookup(AT_FDCWD, name, flags, &p);
    if (err < 0)
        return err;
    OK(path_to_string(&p, &root_path, buffer, sizeof buffer, &text));
    strcpy(where, text);
    path_put(&p);
    return 0;
}

static void check(const char *name, const char *expected)
{
    char where[256];
    OK(lookup(name, LOOKUP_FOLLOW, where));
    assert_string_equal(where, expected);
}

static void dots_slashes_and_links_lead_where_they_should(void **)
{
    check("/", "/");
    check("///", "/");
    check("/..", "/");
    check("/t/../t//./d/", "/t/d");
    check("/t/l/f", "/t/d/f");
    check("/t/l/..", "/t");
    check("/t/l", "/t/d");
    char where[256];
    OK(lookup("/t/l", 0, where));
    assert_string_equal(where, "/t/l");
    OK(lookup("/t/l/", 0, where)); /* a trailing slash follows */
    assert_string_equal(where, "/t/d");
    OK(vfs_symlink("/t/l/../l", AT_FDCWD, "/t/up"));
    check("/t/up/f", "/t/d/f");
}

static void what_is_no_directory_has_nothing_below(void **)
{
    char where[256];
    FAILS(ENOTDIR, lookup("/t/d/f/x", 0, where));
    FAILS(ENOTDIR, lookup("/t/d/f/", 0, where));
    FAILS(ENOTDIR, lookup("/t/d/f/.", 0, where));
    FAILS(ENOENT, lookup("/t/x/y", 0, where));
    FAILS(ENOENT, lookup("", 0, where));
}

static void long_names_are_refused(void **)
{
    char where[256], name[300];
    memset(name, 'n', sizeof name);
    name[255] = '\0';
    FAILS(ENOENT, lookup(name, 0, where));
    name[255] = 'n';
    name[256] = '\0';
    FAILS(ENAMETOOLONG, lookup(name, 0, where));
    FAILS(ENAMETOOLONG, vfs_mkdir(AT_FDCWD, name, 0755));
    name[255] = '\0';
    OK(vfs_mkdir(AT_FDCWD, name, 0755));
    OK(vfs_rmdir(AT_FDCWD, name));
}

static void circles_of_links_end(void **)
{
    char where[256], from[32], to[32];
    OK(vfs_symlink("loop", AT_FDCWD, "/t/loop"));
    FAILS(ELOOP, lookup("/t/loop", LOOKUP_FOLLOW, where));
    assert_null(fake_open("/t/loop", O_RDONLY, 0));
    assert_int_equal(fake_error, -ELOOP);
    /* Forty links in a row are fine, one more is not. */
    OK(vfs_mkdir(AT_FDCWD, "/c", 0755));
    OK(vfs_mknod(AT_FDCWD, "/c/0", S_IFREG, 0));
    for (int i = 1; i <= 41; i++) {
        snprintf(from, sizeof from, "/c/%d", i);
        snprintf(to, sizeof to, "%d", i - 1);
        OK(vfs_symlink(to, AT_FDCWD, from));
    }
    OK(lookup("/c/40", LOOKUP_FOLLOW, where));
    assert_string_equal(where, "/c/0");
    FAILS(ELOOP, lookup("/c/41", LOOKUP_FOLLOW, where));
    for (int i = 0; i <= 41; i++) {
        snprintf(from, sizeof from, "/c/%d", i);
        OK(vfs_unlink(AT_FDCWD, from));
    }
    OK(vfs_rmdir(AT_FDCWD, "/c"));
}

static void opening_creates_through_dangling_links_unless_exclusive(void **)
{
    OK(vfs_unlink(AT_FDCWD, "/t/l"));
    OK(vfs_symlink("d/g", AT_FDCWD, "/t/l"));
    assert_null(fake_open("/t/l", O_RDWR | O_CREAT | O_EXCL, 0600));
    assert_int_equal(fake_error, -EEXIST);
    struct file *f = fake_open("/t/l", O_RDWR | O_CREAT, 0600);
    assert_non_null(f);
    file_put(f);
    check("/t/d/g", "/t/d/g");
    assert_null(fake_open("/t/l", O_RDONLY | O_NOFOLLOW, 0));
    assert_int_equal(fake_error, -ELOOP);
    f = fake_open("/t/l", O_PATH | O_NOFOLLOW, 0);
    assert_true(S_ISLNK(f->inode->mode));
    file_put(f);
}

static void open_flags_are_checked_against_types(void **)
{
    static const struct {
        const char *name;
        uint32_t flags;
        int err;
    } cases[] = {
        {"/t/d", O_WRONLY, EISDIR},
        {"/t/d", O_RDONLY | O_CREAT, EISDIR},
        {"/t/d/new/", O_WRONLY | O_CREAT, EISDIR},
        {"/t/d/f", O_RDONLY | O_DIRECTORY, ENOTDIR},
        {"/t/d/f/", O_RDONLY, ENOTDIR},
        {"/t/d/f", O_RDONLY | O_CREAT | O_EXCL, EEXIST},
        {"/t/none", O_RDONLY, ENOENT},
        {"/t/none/x", O_RDWR | O_CREAT, ENOENT},
        {"/t/d/f/x", O_RDWR | O_CREAT, ENOTDIR},
        {"/t", O_RDONLY | O_TMPFILE, EINVAL},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_null(fake_open(cases[i].name, cases[i].flags, 0600));
        assert_int_equal(fake_error, -cases[i].err);
    }
}

static void the_walk_stays_within_the_root(void **)
{
    struct path d, p;
    OK(path_lookup(AT_FDCWD, "/t/d", 0, &d));
    fs_context_set_root(context_fs(), &d);
    OK(vfs_symlink("/../../f", AT_FDCWD, "/l"));
    OK(path_lookup(AT_FDCWD, "/../..", 0, &p));
    assert_true(path_is_same(&p, &d));
    path_put(&p);
    OK(path_lookup(AT_FDCWD, "/l", LOOKUP_FOLLOW, &p));
    assert_string_equal(p.dentry->name, "f");
    path_put(&p);
    fs_context_set_root(context_fs(), &root_path);
    path_put(&d);
}

static void a_walk_that_must_stay_beneath_does(void **)
{
    struct file *dir = fake_open("/t/d", O_RDONLY | O_DIRECTORY, 0);
    int fd = fd_open(dir, 0);
    struct path p;
    OK(path_lookup(fd, "f", LOOKUP_BENEATH, &p));
    path_put(&p);
    FAILS(EXDEV, path_lookup(fd, "../d/f", LOOKUP_BENEATH, &p));
    FAILS(EXDEV, path_lookup(fd, "/t/d/f", LOOKUP_BENEATH, &p));
    OK(path_lookup(fd, "/../f", LOOKUP_IN_ROOT, &p));
    path_put(&p);
    FAILS(ELOOP, path_lookup(AT_FDCWD, "/t/l/f", LOOKUP_NO_SYMLINKS, &p));
    FAILS(EBADF, path_lookup(99, "f", 0, &p));
    OK(fd_close(fd));
}

static void permissions_go_by_owner_group_and_others(void **)
{
    struct path p;
    OK(path_lookup(AT_FDCWD, "/t/d/f", 0, &p));
    OK(vfs_chown(&p, 10, 20));
    OK(vfs_chmod(&p, 0640));
    fake_be(10, 1);
    OK(inode_permission(path_inode(&p), MAY_READ | MAY_WRITE));
    FAILS(EACCES, inode_permission(path_inode(&p), MAY_EXEC));
    fake_be(11, 20);
    OK(inode_permission(path_inode(&p), MAY_READ));
    FAILS(EACCES, inode_permission(path_inode(&p), MAY_WRITE));
    FAILS(EPERM, vfs_chmod(&p, 0666));
    fake_be(11, 21);
    FAILS(EACCES, inode_permission(path_inode(&p), MAY_READ));
    assert_null(fake_open("/t/d/f", O_RDONLY, 0));
    assert_int_equal(fake_error, -EACCES);
    FAILS(EACCES, vfs_unlink(AT_FDCWD, "/t/d/f"));
    fake_be(0, 0);
    OK(inode_permission(path_inode(&p), MAY_READ | MAY_WRITE));
    FAILS(EACCES, inode_permission(path_inode(&p), MAY_EXEC)); /* no x bit: not even root */
    path_put(&p);
}

static void a_directory_without_x_is_closed(void **)
{
    struct path p;
    char where[256];
    OK(path_lookup(AT_FDCWD, "/t/d", 0, &p));
    OK(vfs_chmod(&p, 0644));
    fake_be(5, 5);
    FAILS(EACCES, lookup("/t/d/f", 0, where));
    FAILS(EACCES, lookup("/t/d/.", 0, where));
    path_put(&p);
}

static void sticky_directories_protect_others_files(void **)
{
    struct path p;
    OK(path_lookup(AT_FDCWD, "/t", 0, &p));
    OK(vfs_chmod(&p, 01777));
    path_put(&p);
    fake_be(5, 5);
    OK(vfs_mknod(AT_FDCWD, "/t/f", S_IFREG | 0666, 0));
    fake_be(6, 6);
    FAILS(EPERM, vfs_unlink(AT_FDCWD, "/t/f"));
    FAILS(EPERM, vfs_rename(AT_FDCWD, "/t/f", AT_FDCWD, "/t/g", 0));
    fake_be(5, 5);
    OK(vfs_unlink(AT_FDCWD, "/t/f"));
}

static void setgid_directories_hand_down_their_group(void **)
{
    struct path p;
    OK(path_lookup(AT_FDCWD, "/t", 0, &p));
    OK(vfs_chown(&p, 0, 33));
    OK(vfs_chmod(&p, 02777));
    path_put(&p);
    fake_be(5, 5);
    OK(vfs_mkdir(AT_FDCWD, "/t/e", 0755));
    OK(vfs_mknod(AT_FDCWD, "/t/f", S_IFREG | 0644, 0));
    OK(path_lookup(AT_FDCWD, "/t/e", 0, &p));
    assert_int_equal(path_inode(&p)->gid, 33);
    assert_int_equal(path_inode(&p)->mode, S_IFDIR | 02755);
    path_put(&p);
    OK(path_lookup(AT_FDCWD, "/t/f", 0, &p));
    assert_int_equal(path_inode(&p)->gid, 33);
    assert_int_equal(path_inode(&p)->uid, 5);
    path_put(&p);
}

static void writing_and_chown_take_the_setid_bits(void **)
{
    struct path p;
    OK(path_lookup(AT_FDCWD, "/t/d/f", 0, &p));
    OK(vfs_chmod(&p, 06777));
    fake_be(5, 5);
    struct file *f = fake_open("/t/d/f", O_WRONLY, 0);
    assert_int_equal(file_write_kernel(f, "x", 1, 0), 1);
    assert_int_equal(path_inode(&p)->mode & 07777, 0777);
    file_put(f);
    fake_be(0, 0);
    OK(vfs_chmod(&p, 06777));
    OK(vfs_chown(&p, 1, UINT32_MAX));
    assert_int_equal(path_inode(&p)->mode & 07777, 0777);
    path_put(&p);
}

static void the_umask_applies(void **)
{
    struct path p;
    context_fs()->umask = 027;
    OK(vfs_mkdir(AT_FDCWD, "/t/e", 0777));
    OK(path_lookup(AT_FDCWD, "/t/e", 0, &p));
    assert_int_equal(path_inode(&p)->mode, S_IFDIR | 0750);
    path_put(&p);
}

static void making_and_removing_have_their_errors(void **)
{
    FAILS(EEXIST, vfs_mkdir(AT_FDCWD, "/", 0755));
    FAILS(EEXIST, vfs_mkdir(AT_FDCWD, "/t/l", 0755));
    FAILS(ENOENT, vfs_mkdir(AT_FDCWD, "/x/y", 0755));
    FAILS(ENOTDIR, vfs_mkdir(AT_FDCWD, "/t/d/f/y", 0755));
    OK(vfs_mkdir(AT_FDCWD, "/t/e/", 0755));
    FAILS(EISDIR, vfs_unlink(AT_FDCWD, "/t/e"));
    FAILS(ENOTDIR, vfs_rmdir(AT_FDCWD, "/t/d/f"));
    FAILS(ENOTDIR, vfs_unlink(AT_FDCWD, "/t/d/f/"));
    FAILS(ENOENT, vfs_unlink(AT_FDCWD, "/t/none"));
    FAILS(EINVAL, vfs_rmdir(AT_FDCWD, "/t/e/."));
    FAILS(ENOTEMPTY, vfs_rmdir(AT_FDCWD, "/t/e/.."));
    FAILS(EBUSY, vfs_rmdir(AT_FDCWD, "/"));
    FAILS(ENOTDIR, vfs_rmdir(AT_FDCWD, "/t/l"));
    FAILS(EPERM, vfs_link(AT_FDCWD, "/t/d", AT_FDCWD, "/t/g", 0));
    FAILS(ENOENT, vfs_symlink("", AT_FDCWD, "/t/g"));
    FAILS(ENOENT, vfs_mknod(AT_FDCWD, "/t/g/", S_IFREG, 0));
}

static void rename_moves_and_replaces(void **)
{
    char where[256];
    OK(vfs_mkdir(AT_FDCWD, "/t/e", 0755));
    OK(vfs_rename(AT_FDCWD, "/t/d/f", AT_FDCWD, "/t/e/x", 0));
    FAILS(ENOENT, lookup("/t/d/f", 0, where));
    check("/t/e/x", "/t/e/x");
    OK(vfs_rename(AT_FDCWD, "/t/e/x", AT_FDCWD, "/t/d/f", 0));
    OK(vfs_rename(AT_FDCWD, "/t/e", AT_FDCWD, "/t/d/e", 0));
    check("/t/d/e", "/t/d/e");
    FAILS(EINVAL, vfs_rename(AT_FDCWD, "/t/d", AT_FDCWD, "/t/d/e/x", 0));
    FAILS(ENOTEMPTY, vfs_rename(AT_FDCWD, "/t/d/e", AT_FDCWD, "/t/d", 0));
    FAILS(EISDIR, vfs_rename(AT_FDCWD, "/t/d/f", AT_FDCWD, "/t/d/e", 0));
    FAILS(ENOTDIR, vfs_rename(AT_FDCWD, "/t/d/e", AT_FDCWD, "/t/d/f", 0));
    FAILS(ENOENT, vfs_rename(AT_FDCWD, "/t/none", AT_FDCWD, "/t/x", 0));
    FAILS(EBUSY, vfs_rename(AT_FDCWD, "/t/d/.", AT_FDCWD, "/t/x", 0));
    FAILS(ENOTDIR, vfs_rename(AT_FDCWD, "/t/d/f", AT_FDCWD, "/t/x/", 0));
    FAILS(EEXIST, vfs_rename(AT_FDCWD, "/t/d/f", AT_FDCWD, "/t/l", RENAME_NOREPLACE));
    FAILS(EINVAL, vfs_rename(AT_FDCWD, "/t/d/f", AT_FDCWD, "/t/l", 64));
    /* Two names of one file: nothing happens. */
    OK(vfs_link(AT_FDCWD, "/t/d/f", AT_FDCWD, "/t/f", 0));
    OK(vfs_rename(AT_FDCWD, "/t/f", AT_FDCWD, "/t/d/f", 0));
    check("/t/f", "/t/f");
    /* An empty directory is replaced by another. */
    OK(vfs_mkdir(AT_FDCWD, "/t/e", 0755));
    OK(vfs_rename(AT_FDCWD, "/t/d/e", AT_FDCWD, "/t/e", 0));
    FAILS(ENOENT, lookup("/t/d/e", 0, where));
}

static void exchange_swaps_whatever_the_types(void **)
{
    struct path p;
    OK(vfs_rename(AT_FDCWD, "/t/d", AT_FDCWD, "/t/l", RENAME_EXCHANGE));
    OK(path_lookup(AT_FDCWD, "/t/l/f", 0, &p));
    path_put(&p);
    OK(path_lookup(AT_FDCWD, "/t/d", 0, &p));
    assert_true(S_ISLNK(path_inode(&p)->mode));
    path_put(&p);
    OK(vfs_rename(AT_FDCWD, "/t/d", AT_FDCWD, "/t/l", RENAME_EXCHANGE));
    FAILS(ENOENT, vfs_rename(AT_FDCWD, "/t/d", AT_FDCWD, "/t/none", RENAME_EXCHANGE));
}

static void a_deleted_directory_takes_nothing_new(void **)
{
    struct path p;
    OK(vfs_mkdir(AT_FDCWD, "/t/e", 0755));
    OK(path_lookup(AT_FDCWD, "/t/e", 0, &p));
    fs_context_set_cwd(context_fs(), &p);
    path_put(&p);
    OK(vfs_rmdir(AT_FDCWD, "/t/e"));
    FAILS(ENOENT, vfs_mkdir(AT_FDCWD, "x", 0755));
    assert_null(fake_open("x", O_CREAT | O_RDWR, 0600));
    assert_int_equal(fake_error, -ENOENT);
    OK(path_lookup(AT_FDCWD, "..", 0, &p));
    path_put(&p);
    fs_context_set_cwd(context_fs(), &root_path);
}

static void mounts_cover_and_uncover(void **)
{
    struct path p, on;
    char where[256];
    OK(path_lookup(AT_FDCWD, "/t/d", 0, &on));
    OK(vfs_mount("none", "/t/d", "tmpfs", 0, nullptr));
    FAILS(ENOENT, lookup("/t/d/f", 0, where));
    OK(vfs_mknod(AT_FDCWD, "/t/d/g", S_IFREG | 0644, 0));
    check("/t/d/g", "/t/d/g");
    check("/t/d/..", "/t");
    FAILS(EBUSY, vfs_rmdir(AT_FDCWD, "/t/d"));
    FAILS(EXDEV, vfs_rename(AT_FDCWD, "/t/d/g", AT_FDCWD, "/t/g", 0));
    FAILS(EXDEV, vfs_link(AT_FDCWD, "/t/d/g", AT_FDCWD, "/t/g", 0));
    OK(path_lookup(AT_FDCWD, "/t/d", 0, &p));
    OK(mount_remount(&p, MS_RDONLY | MS_BIND, nullptr));
    FAILS(EROFS, vfs_mknod(AT_FDCWD, "/t/d/h", S_IFREG, 0));
    FAILS(EROFS, vfs_unlink(AT_FDCWD, "/t/d/g"));
    assert_null(fake_open("/t/d/g", O_WRONLY, 0));
    assert_int_equal(fake_error, -EROFS);
    char line[128];
    assert_true(mount_line(p.mount, &root_path, line, sizeof line));
    assert_non_null(strstr(line, "none /t/d tmpfs ro,relatime"));
    OK(mount_remove(&p, 0));
    path_put(&p);
    check("/t/d/f", "/t/d/f");
    path_put(&on);
}

static void a_bind_shows_a_tree_in_two_places(void **)
{
    struct path from, on;
    OK(vfs_mkdir(AT_FDCWD, "/t/b", 0755));
    OK(vfs_mkdir(AT_FDCWD, "/t/d/e", 0755));
    OK(vfs_mount("none", "/t/d/e", "tmpfs", 0, nullptr));
    OK(path_lookup(AT_FDCWD, "/t/d", 0, &from));
    OK(path_lookup(AT_FDCWD, "/t/b", 0, &on));
    OK(mount_bind(&from, &on, true));
    path_put(&on);
    path_put(&from);
    check("/t/b/f", "/t/b/f");
    OK(vfs_mknod(AT_FDCWD, "/t/d/e/f", S_IFREG, 0));
    check("/t/b/e/f", "/t/b/e/f");
    OK(path_lookup(AT_FDCWD, "/t/b", 0, &on));
    FAILS(EBUSY, mount_remove(&on, 0));
    OK(mount_remove(&on, MNT_DETACH));
    path_put(&on);
    OK(path_lookup(AT_FDCWD, "/t/d/e", 0, &on));
    OK(mount_remove(&on, 0));
    path_put(&on);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
        T(dots_slashes_and_links_lead_where_they_should),
        T(what_is_no_directory_has_nothing_below),
        T(long_names_are_refused),
        T(circles_of_links_end),
        T(opening_creates_through_dangling_links_unless_exclusive),
        T(open_flags_are_checked_against_types),
        T(the_walk_stays_within_the_root),
        T(a_walk_that_must_stay_beneath_does),
        T(permissions_go_by_owner_group_and_others),
        T(a_directory_without_x_is_closed),
        T(sticky_directories_protect_others_files),
        T(setgid_directories_hand_down_their_group),
        T(writing_and_chown_take_the_setid_bits),
        T(the_umask_applies),
        T(making_and_removing_have_their_errors),
        T(rename_moves_and_replaces),
        T(exchange_swaps_whatever_the_types),
        T(a_deleted_directory_takes_nothing_new),
        T(mounts_cover_and_uncover),
        T(a_bind_shows_a_tree_in_two_places),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
