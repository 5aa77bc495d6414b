/* SPDX-License-Identifier: BSD-2-Clause */
/* file_rename.c - rename(2) and renameat2(2) with their rules. */
#include "test.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

TEST(rename_moves_a_file)
{
    struct stat before, after;
    file_make("a", "text");
    OK(stat("a", &before));
    OK(rename("a", "b"));
    OK(stat("b", &after));
    CHECK_EQ(before.st_ino, after.st_ino);
    CHECK(!path_exists("a"));
    file_expect("b", "text");
}

TEST(rename_replaces_a_file)
{
    struct stat st;
    file_make("a", "new");
    file_make("b", "old");
    int old = (int)OK(open("b", O_RDONLY));
    OK(rename("a", "b"));
    file_expect("b", "new");
    CHECK(!path_exists("a"));
    OK(fstat(old, &st));
    CHECK_EQ(st.st_nlink, 0);
}

TEST(rename_between_directories)
{
    struct stat st;
    OK(mkdir("d", 0755));
    OK(mkdir("e", 0755));
    OK(mkdir("d/moved", 0755));
    file_make("d/moved/f", "in");
    OK(rename("d/moved", "e/here"));
    file_expect("e/here/f", "in");
    OK(stat("d", &st));
    CHECK_EQ(st.st_nlink, 2);
    OK(stat("e", &st));
    CHECK_EQ(st.st_nlink, 3);
    struct stat parent, e;
    OK(stat("e/here/..", &parent));
    OK(stat("e", &e));
    CHECK_EQ(parent.st_ino, e.st_ino);
}

TEST(rename_to_itself_does_nothing)
{
    file_make("a", "x");
    OK(rename("a", "a"));
    file_expect("a", "x");
    OK(mkdir("d", 0755));
    OK(rename("d", "d"));
}

TEST(rename_between_links_of_one_file_keeps_both)
{
    file_make("a", "x");
    OK(link("a", "b"));
    OK(rename("a", "b"));
    CHECK(path_exists("a"));
    CHECK(path_exists("b"));
}

TEST(rename_file_and_directory_mismatch)
{
    file_make("f", "");
    OK(mkdir("d", 0755));
    CHECK_ERRNO(rename("f", "d"), EISDIR);
    CHECK_ERRNO(rename("d", "f"), ENOTDIR);
    CHECK_ERRNO(rename("f", "new/"), ENOTDIR);
    OK(rename("d", "e/"));
}

TEST(rename_over_a_directory)
{
    OK(mkdir("a", 0755));
    OK(mkdir("empty", 0755));
    OK(mkdir("full", 0755));
    file_make("a/mark", "");
    file_make("full/f", "");
    CHECK_ERRNO(rename("a", "full"), ENOTEMPTY);
    OK(rename("a", "empty"));
    CHECK(path_exists("empty/mark"));
    CHECK(!path_exists("a"));
}

TEST(rename_directory_into_itself_is_einval)
{
    OK(mkdir("d", 0755));
    OK(mkdir("d/e", 0755));
    CHECK_ERRNO(rename("d", "d/e/x"), EINVAL);
    CHECK_ERRNO(rename("d", "d/x"), EINVAL);
    CHECK_ERRNO(rename("d/e", "d"), ENOTEMPTY);
}

TEST(rename_errors)
{
    file_make("f", "");
    CHECK_ERRNO(rename("missing", "x"), ENOENT);
    CHECK_ERRNO(rename("f", "missing/x"), ENOENT);
    CHECK_ERRNO(rename("f", "f/x"), ENOTDIR);
    CHECK_ERRNO(rename("f/x", "y"), ENOTDIR);
    CHECK_ERRNO(rename("", "x"), ENOENT);
    CHECK_ERRNO(rename("f", ""), ENOENT);
    CHECK_ERRNO(rename(".", "x"), EBUSY);
    CHECK_ERRNO(rename("f", ".."), EBUSY);
    CHECK_ERRNO(rename("f", "/dev/renamed"), EXDEV);
    CHECK_ERRNO(syscall(SYS_rename, nullptr, "x"), EFAULT);
}

TEST(rename_name_too_long)
{
    char name[300];
    memset(name, 'n', sizeof name);
    name[256] = 0;
    file_make("f", "");
    CHECK_ERRNO(rename("f", name), ENAMETOOLONG);
    name[255] = 0;
    OK(rename("f", name));
}

TEST(rename_moves_the_link_not_its_target)
{
    char text[8];
    file_make("f", "x");
    OK(symlink("f", "link"));
    OK(rename("link", "moved"));
    CHECK_EQ(readlink("moved", text, sizeof text), 1);
    CHECK(path_exists("f"));
    OK(rename("f", "moved"));
    CHECK_ERRNO(readlink("moved", text, sizeof text), EINVAL);
}

TEST(rename_noreplace)
{
    file_make("a", "a");
    file_make("b", "b");
    CHECK_ERRNO(renameat2(AT_FDCWD, "a", AT_FDCWD, "b", RENAME_NOREPLACE), EEXIST);
    file_expect("b", "b");
    OK(renameat2(AT_FDCWD, "a", AT_FDCWD, "c", RENAME_NOREPLACE));
    file_expect("c", "a");
}

TEST(rename_exchange)
{
    file_make("a", "was a");
    OK(mkdir("d", 0755));
    file_make("d/f", "in d");
    OK(renameat2(AT_FDCWD, "a", AT_FDCWD, "d", RENAME_EXCHANGE));
    file_expect("d", "was a");
    file_expect("a/f", "in d");
    CHECK_ERRNO(renameat2(AT_FDCWD, "a", AT_FDCWD, "none", RENAME_EXCHANGE), ENOENT);
}

TEST(rename_exchange_between_directories_fixes_link_counts)
{
    struct stat st;
    OK(mkdir("d", 0755));
    OK(mkdir("e", 0755));
    OK(mkdir("d/sub", 0755));
    file_make("e/f", "f");
    OK(renameat2(AT_FDCWD, "d/sub", AT_FDCWD, "e/f", RENAME_EXCHANGE));
    OK(stat("d", &st));
    CHECK_EQ(st.st_nlink, 2);
    OK(stat("e", &st));
    CHECK_EQ(st.st_nlink, 3);
    file_expect("d/sub", "f");
}

TEST(rename_bad_flags)
{
    file_make("a", "");
    file_make("b", "");
    CHECK_ERRNO(renameat2(AT_FDCWD, "a", AT_FDCWD, "b", 0x80), EINVAL);
    CHECK_ERRNO(renameat2(AT_FDCWD, "a", AT_FDCWD, "b", RENAME_NOREPLACE | RENAME_EXCHANGE),
                EINVAL);
    CHECK_ERRNO(renameat(999, "a", AT_FDCWD, "c"), EBADF);
}

TEST(rename_dirfd_relative)
{
    OK(mkdir("d", 0755));
    OK(mkdir("e", 0755));
    file_make("d/f", "moved");
    int d = (int)OK(open("d", O_RDONLY));
    int e = (int)OK(open("e", O_RDONLY));
    OK(renameat(d, "f", e, "g"));
    file_expect("e/g", "moved");
}

TEST(rename_updates_open_directory_listing)
{
    OK(mkdir("d", 0755));
    file_make("d/f", "x");
    int dir = (int)OK(open("d", O_RDONLY));
    OK(rename("d", "e"));
    OK(openat(dir, "f", O_RDONLY));
    CHECK(!path_exists("d/f"));
}

TEST(rename_many_times_over_one_name)
{
    char text[16];
    for (int i = 0; i < 200; i++) {
        snprintf(text, sizeof text, "turn %d", i);
        file_make("tmp", text);
        OK(rename("tmp", "final"));
        file_expect("final", text);
    }
}
