/* SPDX-License-Identifier: BSD-2-Clause */
/* file_open.c - open(2), openat(2), creat(2): flags, modes, errors. */
#include "test.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

TEST(open_missing_is_enoent)
{
    CHECK_ERRNO(open("missing", O_RDONLY), ENOENT);
    CHECK_ERRNO(open("missing/inner", O_RDONLY), ENOENT);
    CHECK_ERRNO(open("missing/inner", O_CREAT | O_WRONLY, 0644), ENOENT);
    CHECK_ERRNO(open("", O_RDONLY), ENOENT);
}

TEST(open_creat_makes_an_empty_file)
{
    struct stat st;
    int fd = (int)OK(open("f", O_CREAT | O_RDWR, 0640));
    OK(fstat(fd, &st));
    CHECK(S_ISREG(st.st_mode));
    CHECK_EQ(st.st_mode & 07777, 0640);
    CHECK_EQ(st.st_size, 0);
    CHECK_EQ(st.st_nlink, 1);
    CHECK_EQ(st.st_uid, 0);
}

TEST(open_creat_honours_umask)
{
    struct stat st;
    umask(027);
    OK(open("f", O_CREAT | O_WRONLY, 0777));
    OK(stat("f", &st));
    CHECK_EQ(st.st_mode & 07777, 0750);
    umask(0);
    OK(open("g", O_CREAT | O_WRONLY, 04666));
    OK(stat("g", &st));
    CHECK_EQ(st.st_mode & 07777, 04666);
}

TEST(open_creat_keeps_mode_of_existing)
{
    struct stat st;
    file_make_mode("f", "text", 0600);
    OK(open("f", O_CREAT | O_WRONLY, 0777));
    OK(stat("f", &st));
    CHECK_EQ(st.st_mode & 07777, 0600);
    CHECK_EQ(st.st_size, 4);
}

TEST(open_creat_readonly_mode_still_gives_writable_fd)
{
    OK(chmod(".", 0777));
    IN_CHILD_AS(1000, 1000)
    {
        int fd = (int)OK(open("f", O_CREAT | O_RDWR, 0));
        CHECK_EQ(write(fd, "x", 1), 1);
        CHECK_ERRNO(open("f", O_RDONLY), EACCES);
    }
}

TEST(open_excl_refuses_existing)
{
    OK(open("f", O_CREAT | O_EXCL | O_WRONLY, 0644));
    CHECK_ERRNO(open("f", O_CREAT | O_EXCL | O_WRONLY, 0644), EEXIST);
    OK(mkdir("d", 0755));
    CHECK_ERRNO(open("d", O_CREAT | O_EXCL | O_WRONLY, 0644), EEXIST);
}

TEST(open_excl_does_not_follow_a_link)
{
    OK(symlink("target", "link"));
    CHECK_ERRNO(open("link", O_CREAT | O_EXCL | O_WRONLY, 0644), EEXIST);
    CHECK(!path_exists("target"));
}

TEST(open_creat_follows_a_dangling_link)
{
    OK(symlink("target", "link"));
    OK(open("link", O_CREAT | O_WRONLY, 0644));
    CHECK(path_exists("target"));
}

TEST(open_trunc_empties)
{
    struct stat st;
    file_make("f", "0123456789");
    OK(open("f", O_WRONLY | O_TRUNC));
    OK(stat("f", &st));
    CHECK_EQ(st.st_size, 0);
    file_make("f", "0123456789");
    OK(creat("f", 0644));
    OK(stat("f", &st));
    CHECK_EQ(st.st_size, 0);
}

TEST(open_append_writes_at_end)
{
    file_make("f", "abc");
    int a = (int)OK(open("f", O_WRONLY | O_APPEND));
    int b = (int)OK(open("f", O_WRONLY | O_APPEND));
    CHECK_EQ(lseek(a, 0, SEEK_CUR), 0);
    CHECK_EQ(write(a, "d", 1), 1);
    CHECK_EQ(write(b, "e", 1), 1);
    CHECK_EQ(lseek(a, 0, SEEK_SET), 0);
    CHECK_EQ(write(a, "f", 1), 1);
    CHECK_EQ(lseek(a, 0, SEEK_CUR), 6);
    file_expect("f", "abcdef");
}

TEST(open_directory_flag)
{
    file_make("f", "");
    OK(mkdir("d", 0755));
    OK(open("d", O_RDONLY | O_DIRECTORY));
    CHECK_ERRNO(open("f", O_RDONLY | O_DIRECTORY), ENOTDIR);
    CHECK_ERRNO(open("x", O_RDONLY | O_DIRECTORY), ENOENT);
}

TEST(open_directory_for_writing_is_eisdir)
{
    OK(mkdir("d", 0755));
    CHECK_ERRNO(open("d", O_WRONLY), EISDIR);
    CHECK_ERRNO(open("d", O_RDWR), EISDIR);
    CHECK_ERRNO(open("d", O_RDONLY | O_CREAT, 0644), EISDIR);
    CHECK_ERRNO(open(".", O_WRONLY), EISDIR);
}

TEST(open_trailing_slash)
{
    file_make("f", "");
    OK(mkdir("d", 0755));
    OK(open("d/", O_RDONLY));
    OK(open("d///", O_RDONLY));
    CHECK_ERRNO(open("f/", O_RDONLY), ENOTDIR);
    CHECK_ERRNO(open("new/", O_CREAT | O_WRONLY, 0644), EISDIR);
    CHECK(!path_exists("new"));
}

TEST(open_nofollow)
{
    file_make("f", "");
    OK(symlink("f", "link"));
    CHECK_ERRNO(open("link", O_RDONLY | O_NOFOLLOW), ELOOP);
    OK(open("f", O_RDONLY | O_NOFOLLOW));
    /* Only the last component counts. */
    OK(mkdir("d", 0755));
    OK(symlink("d", "dl"));
    file_make("d/g", "");
    OK(open("dl/g", O_RDONLY | O_NOFOLLOW));
    CHECK_ERRNO(open("dl", O_RDONLY | O_NOFOLLOW | O_DIRECTORY), ENOTDIR);
}

TEST(open_cloexec_sets_the_fd_flag)
{
    int plain = (int)OK(open("/dev/null", O_RDONLY));
    int closing = (int)OK(open("/dev/null", O_RDONLY | O_CLOEXEC));
    CHECK_EQ(fcntl(plain, F_GETFD), 0);
    CHECK_EQ(fcntl(closing, F_GETFD), FD_CLOEXEC);
}

TEST(open_path_only_names)
{
    char byte;
    file_make("f", "x");
    int fd = (int)OK(open("f", O_PATH | O_RDWR));
    CHECK_ERRNO(read(fd, &byte, 1), EBADF);
    CHECK_ERRNO(write(fd, "y", 1), EBADF);
    CHECK_ERRNO(fchmod(fd, 0600), EBADF);
    CHECK_ERRNO(ftruncate(fd, 0), EBADF);
    CHECK_ERRNO(lseek(fd, 0, SEEK_SET), EBADF);
    struct stat st;
    OK(fstat(fd, &st));
    CHECK_EQ(st.st_size, 1);
    CHECK_EQ(fcntl(fd, F_GETFL) & (O_PATH | O_ACCMODE), O_PATH);
}

TEST(open_path_nofollow_names_the_link)
{
    struct stat st;
    char target[16];
    OK(symlink("nowhere", "link"));
    int fd = (int)OK(open("link", O_PATH | O_NOFOLLOW));
    OK(fstat(fd, &st));
    CHECK(S_ISLNK(st.st_mode));
    CHECK_EQ(readlinkat(fd, "", target, sizeof target), 7);
    CHECK(!memcmp(target, "nowhere", 7));
}

TEST(open_path_directory_works_as_dirfd)
{
    OK(mkdir("d", 0755));
    file_make("d/f", "x");
    int dir = (int)OK(open("d", O_PATH | O_DIRECTORY));
    OK(openat(dir, "f", O_RDONLY));
    OK(fchdir(dir));
    CHECK(path_exists("f"));
}

TEST(open_takes_the_lowest_fd)
{
    int a = (int)OK(open("/dev/null", O_RDONLY));
    int b = (int)OK(open("/dev/null", O_RDONLY));
    int c = (int)OK(open("/dev/null", O_RDONLY));
    CHECK(a < b && b < c);
    OK(close(a));
    OK(close(b));
    CHECK_EQ(open("/dev/null", O_RDONLY), a);
    CHECK_EQ(open("/dev/null", O_RDONLY), b);
}

TEST(open_access_mode_is_enforced)
{
    char byte;
    file_make("f", "x");
    int reader = (int)OK(open("f", O_RDONLY));
    int writer = (int)OK(open("f", O_WRONLY));
    CHECK_ERRNO(write(reader, "y", 1), EBADF);
    CHECK_ERRNO(read(writer, &byte, 1), EBADF);
    CHECK_EQ(fcntl(reader, F_GETFL) & O_ACCMODE, O_RDONLY);
    CHECK_EQ(fcntl(writer, F_GETFL) & O_ACCMODE, O_WRONLY);
}

TEST(open_component_not_a_directory)
{
    file_make("f", "");
    CHECK_ERRNO(open("f/x", O_RDONLY), ENOTDIR);
    CHECK_ERRNO(open("f/../f", O_RDONLY), ENOTDIR);
    CHECK_ERRNO(open("/dev/null/x", O_RDONLY), ENOTDIR);
}

TEST(open_link_loops_are_eloop)
{
    OK(symlink("b", "a"));
    OK(symlink("a", "b"));
    CHECK_ERRNO(open("a", O_RDONLY), ELOOP);
    CHECK_ERRNO(open("a/x", O_RDONLY), ELOOP);
    OK(symlink("self", "self"));
    CHECK_ERRNO(open("self", O_RDONLY | O_CREAT, 0644), ELOOP);
}

TEST(open_follows_forty_links_and_no_more)
{
    char name[16], target[16] = "end";
    file_make("end", "reached");
    for (int i = 1; i <= 41; i++) {
        name[0] = 'l';
        name[1] = (char)('0' + i / 10);
        name[2] = (char)('0' + i % 10);
        name[3] = 0;
        OK(symlink(target, name));
        strcpy(target, name);
    }
    OK(open("l40", O_RDONLY));
    CHECK_ERRNO(open("l41", O_RDONLY), ELOOP);
}

TEST(open_names_too_long)
{
    char name[300];
    memset(name, 'n', sizeof name);
    name[256] = 0;
    CHECK_ERRNO(open(name, O_CREAT | O_WRONLY, 0644), ENAMETOOLONG);
    name[255] = 0;
    OK(open(name, O_CREAT | O_WRONLY, 0644));
}

TEST(open_path_of_5000_characters)
{
    char path[5001];
    for (size_t i = 0; i < sizeof path - 1; i += 2)
        memcpy(path + i, "./", 2);
    path[5000] = 0;
    CHECK_ERRNO(open(path, O_RDONLY), ENAMETOOLONG);
    /* PATH_MAX counts the terminating zero. */
    path[4096] = 0;
    CHECK_ERRNO(open(path, O_RDONLY), ENAMETOOLONG);
    path[4094] = '.';
    path[4095] = 0;
    OK(open(path, O_RDONLY));
}

TEST(open_bad_pointers_are_efault)
{
    CHECK_ERRNO(syscall(SYS_open, nullptr, O_RDONLY), EFAULT);
    CHECK_ERRNO(syscall(SYS_openat, AT_FDCWD, 1L, O_RDONLY), EFAULT);
    CHECK_ERRNO(syscall(SYS_open, 0xffff800000000000UL, O_RDONLY), EFAULT);
    CHECK_ERRNO(syscall(SYS_open, 0x8000000000000000UL, O_RDONLY), EFAULT);
}

TEST(openat_relative_to_a_directory)
{
    OK(mkdir("d", 0755));
    file_make("d/f", "inner");
    int dir = (int)OK(open("d", O_RDONLY));
    int fd = (int)OK(openat(dir, "f", O_RDONLY));
    char text[8] = {};
    CHECK_EQ(read(fd, text, sizeof text), 5);
    CHECK_STR(text, "inner");
    OK(openat(dir, "../d/f", O_RDONLY));
    OK(openat(dir, "/dev/null", O_RDONLY));
    OK(openat(-5, "/dev/null", O_RDONLY));
}

TEST(openat_bad_directory)
{
    file_make("f", "");
    int fd = (int)OK(open("f", O_RDONLY));
    CHECK_ERRNO(openat(fd, "x", O_RDONLY), ENOTDIR);
    CHECK_ERRNO(openat(-5, "x", O_RDONLY), EBADF);
    CHECK_ERRNO(openat(999, "x", O_RDONLY), EBADF);
}

TEST(open_dotdot_stops_at_the_root)
{
    struct stat root, above;
    OK(stat("/", &root));
    OK(stat("/../../..", &above));
    CHECK_EQ(root.st_ino, above.st_ino);
    CHECK_EQ(root.st_dev, above.st_dev);
}

TEST(open_tmpfile_has_no_name)
{
    struct stat st;
    int fd = open(".", O_TMPFILE | O_RDWR, 0600);
    if (fd == -1 && errno == EOPNOTSUPP)
        test_skip("this file system has no O_TMPFILE");
    OK(fd);
    OK(fstat(fd, &st));
    CHECK_EQ(st.st_nlink, 0);
    CHECK_EQ(write(fd, "x", 1), 1);
    CHECK_ERRNO(open(".", O_TMPFILE | O_RDONLY, 0600), EINVAL);
}

TEST(open_tmpfile_can_be_linked)
{
    char path[40];
    int fd = open(".", O_TMPFILE | O_RDWR, 0600);
    if (fd == -1 && errno == EOPNOTSUPP)
        test_skip("this file system has no O_TMPFILE");
    CHECK_EQ(write(fd, "kept", 4), 4);
    sprintf(path, "/proc/self/fd/%d", fd);
    OK(linkat(AT_FDCWD, path, AT_FDCWD, "named", AT_SYMLINK_FOLLOW));
    file_expect("named", "kept");
}

TEST(open_etxtbsy_for_a_running_program)
{
    CHECK_ERRNO(open(self_path, O_WRONLY), ETXTBSY);
    CHECK_ERRNO(open(self_path, O_RDWR), ETXTBSY);
    CHECK_ERRNO(open(self_path, O_RDONLY | O_TRUNC), ETXTBSY);
    CHECK_ERRNO(open(self_path, O_ACCMODE | O_TRUNC), ETXTBSY);
    CHECK_ERRNO(truncate(self_path, 0), ETXTBSY);
}
