/* SPDX-License-Identifier: BSD-2-Clause */
/* file_attr.c - chmod(2), chown(2), utimensat(2), umask(2), times and xattrs of files. */
#include "test.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/xattr.h>
#include <unistd.h>
#include <utime.h>

static struct stat stat_of(const char *path)
{
    struct stat st;
    OK(lstat(path, &st));
    return st;
}

TEST(chmod_sets_all_twelve_bits)
{
    file_make("f", "");
    OK(chmod("f", 07777));
    CHECK_EQ(stat_of("f").st_mode, S_IFREG | 07777);
    OK(chmod("f", 0));
    CHECK_EQ(stat_of("f").st_mode, S_IFREG);
    int fd = (int)OK(open("f", O_RDONLY));
    OK(fchmod(fd, 0123));
    CHECK_EQ(stat_of("f").st_mode & 07777, 0123);
    OK(fchmodat(AT_FDCWD, "f", 0600, 0));
    CHECK_EQ(stat_of("f").st_mode & 07777, 0600);
    /* Bits beyond the permission bits are ignored. */
    OK(syscall(SYS_chmod, "f", 0170644));
    CHECK_EQ(stat_of("f").st_mode, S_IFREG | 0644);
}

TEST(chmod_follows_links)
{
    file_make("f", "");
    OK(symlink("f", "link"));
    OK(chmod("link", 0600));
    CHECK_EQ(stat_of("f").st_mode & 07777, 0600);
    CHECK_EQ(stat_of("link").st_mode & 07777, 0777);
}

TEST(chmod_errors)
{
    file_make("f", "");
    CHECK_ERRNO(chmod("missing", 0600), ENOENT);
    CHECK_ERRNO(chmod("f/x", 0600), ENOTDIR);
    CHECK_ERRNO(fchmod(999, 0600), EBADF);
    CHECK_ERRNO(syscall(SYS_chmod, nullptr, 0600), EFAULT);
    IN_CHILD_AS(1000, 1000)
    {
        CHECK_ERRNO(chmod("f", 0600), EPERM);
    }
}

TEST(chmod_by_owner_outside_the_group_drops_setgid)
{
    file_make("f", "");
    OK(chown("f", 1000, 2000));
    IN_CHILD_AS(1000, 1000)
    {
        OK(chmod("f", 02755));
        CHECK_EQ(stat_of("f").st_mode & 07777, 0755);
    }
}

TEST(chown_changes_owner_and_group)
{
    file_make("f", "");
    OK(chown("f", 12, 34));
    CHECK_EQ(stat_of("f").st_uid, 12);
    CHECK_EQ(stat_of("f").st_gid, 34);
    OK(chown("f", (uid_t)-1, 56));
    CHECK_EQ(stat_of("f").st_uid, 12);
    CHECK_EQ(stat_of("f").st_gid, 56);
    OK(chown("f", 78, (gid_t)-1));
    CHECK_EQ(stat_of("f").st_uid, 78);
    CHECK_EQ(stat_of("f").st_gid, 56);
}

TEST(chown_links)
{
    file_make("f", "");
    OK(symlink("f", "link"));
    OK(lchown("link", 5, 6));
    CHECK_EQ(stat_of("link").st_uid, 5);
    CHECK_EQ(stat_of("f").st_uid, 0);
    OK(chown("link", 7, 8));
    CHECK_EQ(stat_of("f").st_uid, 7);
    OK(fchownat(AT_FDCWD, "link", 9, 10, AT_SYMLINK_NOFOLLOW));
    CHECK_EQ(stat_of("link").st_uid, 9);
    int fd = (int)OK(open("f", O_RDONLY));
    OK(fchownat(fd, "", 11, 12, AT_EMPTY_PATH));
    CHECK_EQ(stat_of("f").st_gid, 12);
}

TEST(chown_clears_set_id_bits)
{
    file_make("f", "");
    OK(chmod("f", 06755));
    OK(chown("f", 1, 1));
    CHECK_EQ(stat_of("f").st_mode & 07777, 0755);
    /* Without group execution S_ISGID once meant mandatory locking and stays. */
    OK(chmod("f", 02745));
    OK(chown("f", 2, 2));
    CHECK_EQ(stat_of("f").st_mode & 07777, 02745);
}

TEST(chown_errors)
{
    file_make("f", "");
    OK(chown("f", 1000, 1000));
    CHECK_ERRNO(chown("missing", 0, 0), ENOENT);
    CHECK_ERRNO(fchown(999, 0, 0), EBADF);
    CHECK_ERRNO(fchownat(AT_FDCWD, "f", 0, 0, 0x40000000), EINVAL);
    IN_CHILD_AS(1000, 1000)
    {
        CHECK_ERRNO(chown("f", 1001, (gid_t)-1), EPERM);
        CHECK_ERRNO(chown("f", (uid_t)-1, 2000), EPERM);
        OK(chown("f", 1000, 1000));
    }
}

TEST(utimensat_sets_times_to_the_nanosecond)
{
    file_make("f", "");
    struct timespec times[2] = {{1000000000, 123456789}, {1500000000, 987654321}};
    OK(utimensat(AT_FDCWD, "f", times, 0));
    struct stat st = stat_of("f");
    CHECK_EQ(st.st_atim.tv_sec, 1000000000);
    CHECK_EQ(st.st_atim.tv_nsec, 123456789);
    CHECK_EQ(st.st_mtim.tv_sec, 1500000000);
    CHECK_EQ(st.st_mtim.tv_nsec, 987654321);
}

TEST(utimensat_now_and_omit)
{
    file_make("f", "");
    struct timespec old[2] = {{1000, 1}, {2000, 2}};
    OK(utimensat(AT_FDCWD, "f", old, 0));
    struct timespec times[2] = {{0, UTIME_OMIT}, {0, UTIME_NOW}};
    OK(utimensat(AT_FDCWD, "f", times, 0));
    struct stat st = stat_of("f");
    CHECK_EQ(st.st_atim.tv_sec, 1000);
    CHECK(st.st_mtim.tv_sec > 2000);
    OK(utimensat(AT_FDCWD, "f", nullptr, 0));
    CHECK(stat_of("f").st_atim.tv_sec > 1000);
}

TEST(utimensat_links_and_fds)
{
    file_make("f", "");
    OK(symlink("f", "link"));
    struct timespec times[2] = {{11, 0}, {22, 0}};
    OK(utimensat(AT_FDCWD, "link", times, AT_SYMLINK_NOFOLLOW));
    CHECK_EQ(stat_of("link").st_mtim.tv_sec, 22);
    CHECK(stat_of("f").st_mtim.tv_sec != 22);
    int fd = (int)OK(open("f", O_RDONLY));
    OK(futimens(fd, times));
    CHECK_EQ(stat_of("f").st_mtim.tv_sec, 22);
}

TEST(utimensat_errors)
{
    file_make("f", "");
    struct timespec bad[2] = {{0, 1000000000}, {0, 0}};
    CHECK_ERRNO(utimensat(AT_FDCWD, "f", bad, 0), EINVAL);
    CHECK_ERRNO(utimensat(AT_FDCWD, "missing", nullptr, 0), ENOENT);
    CHECK_ERRNO(utimensat(AT_FDCWD, "f", nullptr, 0x40000000), EINVAL);
    CHECK_ERRNO(syscall(SYS_utimensat, 999, nullptr, nullptr, 0), EBADF);
    IN_CHILD_AS(1000, 1000)
    {
        struct timespec times[2] = {{1, 0}, {1, 0}};
        CHECK_ERRNO(utimensat(AT_FDCWD, "f", times, 0), EPERM);
        CHECK_ERRNO(utimensat(AT_FDCWD, "f", nullptr, 0), EACCES);
    }
}

TEST(utime_and_utimes)
{
    file_make("f", "");
    struct utimbuf old = {100, 200};
    OK(utime("f", &old));
    CHECK_EQ(stat_of("f").st_atim.tv_sec, 100);
    CHECK_EQ(stat_of("f").st_mtim.tv_sec, 200);
    struct timeval times[2] = {{300, 5}, {400, 6}};
    OK(utimes("f", times));
    CHECK_EQ(stat_of("f").st_mtim.tv_nsec, 6000);
    times[0].tv_usec = 1000000;
    CHECK_ERRNO(syscall(SYS_utimes, "f", times), EINVAL);
}

/* Set all times of PATH into the past, so that any update is seen without a clock. */
static void times_age(const char *path)
{
    struct timespec old[2] = {{1000, 0}, {1000, 0}};
    OK(utimensat(AT_FDCWD, path, old, 0));
}

TEST(write_updates_mtime)
{
    file_make("f", "abc");
    times_age("f");
    int fd = (int)OK(open("f", O_RDWR));
    CHECK_EQ(stat_of("f").st_mtim.tv_sec, 1000);
    CHECK_EQ(write(fd, "x", 1), 1);
    CHECK(stat_of("f").st_mtim.tv_sec > 1000);
    times_age("f");
    OK(ftruncate(fd, 1));
    CHECK(stat_of("f").st_mtim.tv_sec > 1000);
    times_age("f");
    OK(open("f", O_WRONLY | O_TRUNC));
    CHECK(stat_of("f").st_mtim.tv_sec > 1000);
}

TEST(directory_changes_update_its_mtime)
{
    OK(mkdir("d", 0755));
    times_age("d");
    file_make("d/f", "");
    CHECK(stat_of("d").st_mtim.tv_sec > 1000);
    times_age("d");
    OK(rename("d/f", "d/g"));
    CHECK(stat_of("d").st_mtim.tv_sec > 1000);
    times_age("d");
    OK(unlink("d/g"));
    CHECK(stat_of("d").st_mtim.tv_sec > 1000);
    times_age("d");
    OK(mkdir("d/e", 0755));
    CHECK(stat_of("d").st_mtim.tv_sec > 1000);
}

TEST(chmod_updates_ctime_not_mtime)
{
    file_make("f", "");
    times_age("f");
    OK(chmod("f", 0600));
    struct stat st = stat_of("f");
    CHECK_EQ(st.st_mtim.tv_sec, 1000);
    CHECK(st.st_ctim.tv_sec > 1000);
}

TEST(umask_returns_the_old_one)
{
    umask(022);
    CHECK_EQ(umask(077), 022);
    CHECK_EQ(umask(01777), 077);
    CHECK_EQ(umask(0), 0777);
    umask(0123);
    IN_CHILD
    {
        CHECK_EQ(umask(0), 0123);
    }
    CHECK_EQ(umask(022), 0123);
}

TEST(xattr_is_kept_or_refused)
{
    char value[8];
    file_make("f", "");
    if (setxattr("f", "user.colour", "red", 3, 0) == -1) {
        CHECK_EQ(errno, EOPNOTSUPP);
        CHECK_ERRNO(getxattr("f", "user.colour", value, sizeof value), EOPNOTSUPP);
        return;
    }
    CHECK_EQ(getxattr("f", "user.colour", value, sizeof value), 3);
    CHECK(!memcmp(value, "red", 3));
    CHECK_ERRNO(getxattr("f", "user.none", value, sizeof value), ENODATA);
    OK(removexattr("f", "user.colour"));
}
