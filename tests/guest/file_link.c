/* SPDX-License-Identifier: BSD-2-Clause */
/* file_link.c - link(2), symlink(2), readlink(2), unlink(2), deleted open files. */
#include "test.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

TEST(link_is_the_same_file)
{
    struct stat st;
    file_make("a", "one");
    OK(link("a", "b"));
    file_make("b", "changed");
    file_expect("a", "changed");
    OK(unlink("a"));
    file_expect("b", "changed");
    OK(stat("b", &st));
    CHECK_EQ(st.st_nlink, 1);
}

TEST(link_errors)
{
    file_make("f", "");
    file_make("g", "");
    OK(mkdir("d", 0755));
    CHECK_ERRNO(link("missing", "x"), ENOENT);
    CHECK_ERRNO(link("f", "g"), EEXIST);
    CHECK_ERRNO(link("f", "d"), EEXIST);
    CHECK_ERRNO(link("d", "x"), EPERM);
    CHECK_ERRNO(link("f", "missing/x"), ENOENT);
    CHECK_ERRNO(link("f", "g/x"), ENOTDIR);
    CHECK_ERRNO(link("", "x"), ENOENT);
    CHECK_ERRNO(link("/dev/null", "x"), EXDEV);
    CHECK_ERRNO(linkat(AT_FDCWD, "f", AT_FDCWD, "x", 0x40000000), EINVAL);
}

TEST(link_does_not_follow_unless_asked)
{
    struct stat st;
    file_make("f", "");
    OK(symlink("f", "s"));
    OK(link("s", "hard"));
    OK(lstat("hard", &st));
    CHECK(S_ISLNK(st.st_mode));
    OK(linkat(AT_FDCWD, "s", AT_FDCWD, "followed", AT_SYMLINK_FOLLOW));
    OK(lstat("followed", &st));
    CHECK(S_ISREG(st.st_mode));
}

TEST(linkat_empty_path_links_an_fd)
{
    file_make("f", "x");
    int fd = (int)OK(open("f", O_RDONLY));
    OK(linkat(fd, "", AT_FDCWD, "g", AT_EMPTY_PATH));
    file_expect("g", "x");
    CHECK_ERRNO(linkat(fd, "", AT_FDCWD, "h", 0), ENOENT);
}

TEST(linkat_of_a_deleted_file_is_enoent)
{
    file_make("f", "x");
    int fd = (int)OK(open("f", O_RDONLY));
    OK(unlink("f"));
    CHECK_ERRNO(linkat(fd, "", AT_FDCWD, "g", AT_EMPTY_PATH), ENOENT);
}

TEST(symlink_and_readlink)
{
    char text[64];
    OK(symlink("some/where", "link"));
    CHECK_EQ(readlink("link", text, sizeof text), 10);
    CHECK(!memcmp(text, "some/where", 10));
    CHECK_EQ(readlink("link", text, 4), 4);
    CHECK(!memcmp(text, "some", 4));
}

TEST(symlink_of_4000_characters)
{
    static char target[4200], back[4200];
    memset(target, 't', 4000);
    OK(symlink(target, "link"));
    CHECK_EQ(readlink("link", back, sizeof back), 4000);
    CHECK(!memcmp(target, back, 4000));
    memset(target, 't', 4199);
    CHECK_ERRNO(symlink(target, "link2"), ENAMETOOLONG);
}

TEST(symlink_errors)
{
    file_make("f", "");
    CHECK_ERRNO(symlink("x", "f"), EEXIST);
    CHECK_ERRNO(symlink("", "new"), ENOENT);
    CHECK_ERRNO(symlink("x", ""), ENOENT);
    CHECK_ERRNO(symlink("x", "f/new"), ENOTDIR);
    CHECK_ERRNO(symlink("x", "missing/new"), ENOENT);
    CHECK_ERRNO(syscall(SYS_symlink, nullptr, "new"), EFAULT);
    CHECK_ERRNO(symlinkat("x", 999, "new"), EBADF);
}

TEST(readlink_errors)
{
    char text[8];
    file_make("f", "");
    OK(symlink("f", "link"));
    CHECK_ERRNO(readlink("f", text, sizeof text), EINVAL);
    CHECK_ERRNO(readlink("missing", text, sizeof text), ENOENT);
    CHECK_ERRNO(readlink(".", text, sizeof text), EINVAL);
    CHECK_ERRNO(syscall(SYS_readlink, "link", text, 0), EINVAL);
    CHECK_ERRNO(syscall(SYS_readlink, "link", text, -1), EINVAL);
    CHECK_ERRNO(syscall(SYS_readlink, "link", nullptr, 8), EFAULT);
    CHECK_ERRNO(readlinkat(999, "link", text, 8), EBADF);
}

TEST(symlink_in_the_middle_of_a_path)
{
    OK(mkdir("d", 0755));
    OK(mkdir("d/e", 0755));
    file_make("d/e/f", "deep");
    OK(symlink("d/e", "short"));
    file_expect("short/f", "deep");
    file_expect("short/../e/f", "deep");
    OK(symlink("../d", "d/back"));
    file_expect("d/back/back/e/f", "deep");
    OK(symlink("/proc/self/cwd", "cwd"));
    file_expect("cwd/d/e/f", "deep");
}

TEST(unlink_removes_a_name)
{
    file_make("f", "");
    OK(unlink("f"));
    CHECK_ERRNO(unlink("f"), ENOENT);
    OK(symlink("nowhere", "link"));
    OK(unlink("link"));
    CHECK(!path_exists("link"));
}

TEST(unlink_errors)
{
    file_make("f", "");
    OK(mkdir("d", 0755));
    CHECK_ERRNO(unlink("d"), EISDIR);
    CHECK_ERRNO(unlink("f/x"), ENOTDIR);
    CHECK_ERRNO(unlink("f/"), ENOTDIR);
    CHECK_ERRNO(unlink(""), ENOENT);
    CHECK_ERRNO(unlink("."), EISDIR);
    CHECK_ERRNO(syscall(SYS_unlink, 8L), EFAULT);
    CHECK_ERRNO(unlinkat(999, "f", 0), EBADF);
}

TEST(deleted_file_lives_while_open)
{
    char text[8] = {};
    struct stat st;
    file_make("f", "alive");
    int fd = (int)OK(open("f", O_RDWR));
    OK(unlink("f"));
    OK(fstat(fd, &st));
    CHECK_EQ(st.st_nlink, 0);
    CHECK_EQ(pwrite(fd, "A", 1, 0), 1);
    CHECK_EQ(read(fd, text, 8), 5);
    CHECK_STR(text, "Alive");
    OK(ftruncate(fd, 100000));
    file_make("f", "new one");
    CHECK_EQ(pread(fd, text, 5, 0), 5);
    CHECK_STR(text, "Alive");
}

TEST(deleted_directory_stays_usable_as_dirfd)
{
    struct stat st;
    OK(mkdir("d", 0755));
    int fd = (int)OK(open("d", O_RDONLY));
    OK(rmdir("d"));
    OK(fstat(fd, &st));
    CHECK_EQ(st.st_nlink, 0);
    CHECK_ERRNO(openat(fd, "x", O_CREAT | O_WRONLY, 0644), ENOENT);
    CHECK_ERRNO(openat(fd, "x", O_RDONLY), ENOENT);
}

TEST(proc_fd_link_names_a_deleted_file)
{
    char path[32], target[300] = {};
    file_make("gone", "");
    int fd = (int)OK(open("gone", O_RDWR));
    OK(unlink("gone"));
    __builtin_snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    long len = OK(readlink(path, target, sizeof target - 1));
    CHECK(len > 15);
    CHECK_STR(target + len - 15, "/gone (deleted)");
    /* The link still opens it. */
    CHECK_EQ(write(fd, "abc", 3), 3);
    file_expect(path, "abc");
}
