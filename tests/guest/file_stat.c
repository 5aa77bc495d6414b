/* SPDX-License-Identifier: BSD-2-Clause */
/* file_stat.c - stat(2) and its kin, statx(2), statfs(2), access(2). */
#include "test.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>
#include <unistd.h>

TEST(stat_regular_file)
{
    struct stat st;
    file_make_mode("f", "12345", 0604);
    OK(stat("f", &st));
    CHECK(S_ISREG(st.st_mode));
    CHECK_EQ(st.st_mode & 07777, 0604);
    CHECK_EQ(st.st_size, 5);
    CHECK_EQ(st.st_nlink, 1);
    CHECK_EQ(st.st_uid, 0);
    CHECK_EQ(st.st_gid, 0);
    CHECK(st.st_blksize >= 512);
    CHECK(st.st_ino != 0);
}

TEST(stat_directory_link_counts)
{
    struct stat st;
    OK(mkdir("d", 0755));
    OK(stat("d", &st));
    CHECK(S_ISDIR(st.st_mode));
    CHECK_EQ(st.st_nlink, 2);
    OK(mkdir("d/inner", 0755));
    file_make("d/file", "");
    OK(stat("d", &st));
    CHECK_EQ(st.st_nlink, 3);
    OK(rmdir("d/inner"));
    OK(stat("d", &st));
    CHECK_EQ(st.st_nlink, 2);
}

TEST(lstat_sees_the_link_stat_its_target)
{
    struct stat st;
    file_make("f", "12345");
    OK(symlink("f", "link"));
    OK(lstat("link", &st));
    CHECK(S_ISLNK(st.st_mode));
    CHECK_EQ(st.st_size, 1);
    OK(stat("link", &st));
    CHECK(S_ISREG(st.st_mode));
    CHECK_EQ(st.st_size, 5);
}

TEST(stat_devices)
{
    struct stat st;
    OK(stat("/dev/null", &st));
    CHECK(S_ISCHR(st.st_mode));
    CHECK_EQ(major(st.st_rdev), 1);
    CHECK_EQ(minor(st.st_rdev), 3);
    OK(stat("/dev/zero", &st));
    CHECK_EQ(minor(st.st_rdev), 5);
    OK(stat("/dev/full", &st));
    CHECK_EQ(minor(st.st_rdev), 7);
    OK(stat("/dev/random", &st));
    CHECK_EQ(minor(st.st_rdev), 8);
    OK(stat("/dev/urandom", &st));
    CHECK_EQ(minor(st.st_rdev), 9);
    OK(stat("/dev/tty", &st));
    CHECK_EQ(major(st.st_rdev), 5);
    CHECK_EQ(minor(st.st_rdev), 0);
}

TEST(stat_pipe)
{
    struct stat st;
    int pipes[2];
    OK(pipe(pipes));
    OK(fstat(pipes[0], &st));
    CHECK(S_ISFIFO(st.st_mode));
    CHECK_EQ(st.st_mode & 07777, 0600);
}

TEST(stat_errors)
{
    struct stat st;
    file_make("f", "");
    CHECK_ERRNO(stat("missing", &st), ENOENT);
    CHECK_ERRNO(stat("f/x", &st), ENOTDIR);
    CHECK_ERRNO(stat("", &st), ENOENT);
    CHECK_ERRNO(stat("f/", &st), ENOTDIR);
    CHECK_ERRNO(lstat("f/", &st), ENOTDIR);
    CHECK_ERRNO(syscall(SYS_stat, nullptr, &st), EFAULT);
    CHECK_ERRNO(syscall(SYS_stat, "f", nullptr), EFAULT);
    CHECK_ERRNO(syscall(SYS_fstat, 0, 8L), EFAULT);
    CHECK_ERRNO(fstat(999, &st), EBADF);
}

TEST(fstatat_flags)
{
    struct stat st;
    file_make("f", "123");
    OK(symlink("f", "link"));
    int dir = (int)OK(open(".", O_RDONLY));
    OK(fstatat(dir, "link", &st, 0));
    CHECK(S_ISREG(st.st_mode));
    OK(fstatat(dir, "link", &st, AT_SYMLINK_NOFOLLOW));
    CHECK(S_ISLNK(st.st_mode));
    OK(fstatat(dir, "", &st, AT_EMPTY_PATH));
    CHECK(S_ISDIR(st.st_mode));
    CHECK_ERRNO(fstatat(dir, "", &st, 0), ENOENT);
    CHECK_ERRNO(fstatat(dir, "f", &st, 0x40000000), EINVAL);
    CHECK_ERRNO(fstatat(999, "f", &st, 0), EBADF);
}

TEST(stat_inode_is_shared_by_hard_links)
{
    struct stat a, b;
    file_make("a", "x");
    OK(link("a", "b"));
    OK(stat("a", &a));
    OK(stat("b", &b));
    CHECK_EQ(a.st_ino, b.st_ino);
    CHECK_EQ(a.st_nlink, 2);
    file_make("c", "x");
    OK(stat("c", &b));
    CHECK(a.st_ino != b.st_ino);
    CHECK_EQ(a.st_dev, b.st_dev);
}

TEST(stat_blocks_follow_the_data)
{
    static char data[65536];
    struct stat st;
    memset(data, 'd', sizeof data);
    int fd = (int)OK(open("f", O_CREAT | O_RDWR, 0644));
    OK(fstat(fd, &st));
    CHECK_EQ(st.st_blocks, 0);
    CHECK_EQ(write(fd, data, sizeof data), sizeof data);
    OK(fsync(fd));
    OK(fstat(fd, &st));
    CHECK(st.st_blocks >= 128);
}

TEST(statx_fills_the_basics)
{
    struct statx sx;
    struct stat st;
    file_make_mode("f", "12345", 0640);
    OK(statx(AT_FDCWD, "f", 0, STATX_BASIC_STATS, &sx));
    OK(stat("f", &st));
    CHECK_EQ(sx.stx_mask & STATX_BASIC_STATS, STATX_BASIC_STATS);
    CHECK_EQ(sx.stx_mode, st.st_mode);
    CHECK_EQ(sx.stx_size, 5);
    CHECK_EQ(sx.stx_ino, st.st_ino);
    CHECK_EQ(sx.stx_nlink, 1);
    CHECK_EQ(sx.stx_mtime.tv_sec, st.st_mtim.tv_sec);
    CHECK_EQ(sx.stx_mtime.tv_nsec, st.st_mtim.tv_nsec);
    CHECK_EQ(makedev(sx.stx_dev_major, sx.stx_dev_minor), st.st_dev);
}

TEST(statx_errors)
{
    struct statx sx;
    CHECK_ERRNO(statx(AT_FDCWD, "missing", 0, STATX_ALL, &sx), ENOENT);
    CHECK_ERRNO(statx(AT_FDCWD, ".", 0x40000000, STATX_ALL, &sx), EINVAL);
    CHECK_ERRNO(statx(AT_FDCWD, ".", 0, 0x80000000u, &sx), EINVAL);
    CHECK_ERRNO(statx(999, "x", 0, STATX_ALL, &sx), EBADF);
    CHECK_ERRNO(syscall(SYS_statx, AT_FDCWD, ".", 0, STATX_ALL, nullptr), EFAULT);
    CHECK_ERRNO(statx(AT_FDCWD, ".", AT_STATX_FORCE_SYNC | AT_STATX_DONT_SYNC, STATX_ALL, &sx),
                EINVAL);
}

TEST(statx_empty_path_is_the_fd)
{
    struct statx sx;
    file_make("f", "123");
    int fd = (int)OK(open("f", O_RDONLY));
    OK(statx(fd, "", AT_EMPTY_PATH, STATX_SIZE, &sx));
    CHECK_EQ(sx.stx_size, 3);
    CHECK_ERRNO(statx(fd, "", 0, STATX_SIZE, &sx), ENOENT);
}

TEST(statfs_of_tmp_and_proc)
{
    struct statfs fs;
    OK(statfs(".", &fs));
    CHECK(fs.f_bsize > 0);
    CHECK_EQ(fs.f_namelen, 255);
    CHECK(fs.f_bfree <= fs.f_blocks);
    OK(statfs("/proc", &fs));
    CHECK_EQ(fs.f_type, 0x9fa0);
    int fd = (int)OK(open(".", O_RDONLY));
    OK(fstatfs(fd, &fs));
    CHECK_ERRNO(statfs("missing", &fs), ENOENT);
    CHECK_ERRNO(fstatfs(999, &fs), EBADF);
    CHECK_ERRNO(syscall(SYS_statfs, ".", nullptr), EFAULT);
}

TEST(statfs_of_dev_shm_is_tmpfs)
{
    struct statfs fs;
    OK(statfs("/dev/shm", &fs));
    CHECK_EQ(fs.f_type, 0x01021994);
}

TEST(access_as_root)
{
    file_make_mode("f", "", 0);
    OK(access("f", F_OK));
    OK(access("f", R_OK | W_OK));
    /* Root may execute only what somebody may. */
    CHECK_ERRNO(access("f", X_OK), EACCES);
    OK(chmod("f", 0100));
    OK(access("f", X_OK));
    CHECK_ERRNO(access("missing", F_OK), ENOENT);
    CHECK_ERRNO(access("f/x", F_OK), ENOTDIR);
    CHECK_ERRNO(access("f", 8), EINVAL);
}

TEST(access_judges_by_the_real_id)
{
    file_make_mode("f", "", 0600);
    IN_CHILD
    {
        OK(setresuid(1000, 0, 0));
        CHECK_ERRNO(access("f", R_OK), EACCES);
        OK(faccessat(AT_FDCWD, "f", R_OK, AT_EACCESS));
        OK(open("f", O_RDONLY));
    }
}

TEST(faccessat_flags)
{
    OK(symlink("missing", "link"));
    CHECK_ERRNO(faccessat(AT_FDCWD, "link", F_OK, 0), ENOENT);
    OK(faccessat(AT_FDCWD, "link", F_OK, AT_SYMLINK_NOFOLLOW));
    int dir = (int)OK(open(".", O_RDONLY));
    OK(faccessat(dir, "link", F_OK, AT_SYMLINK_NOFOLLOW));
    CHECK_ERRNO(syscall(439, dir, "link", F_OK, 0x40000000), EINVAL);
    OK(syscall(439, dir, "", F_OK, AT_EMPTY_PATH));
}

TEST(access_search_permission_on_the_way)
{
    OK(mkdir("d", 0700));
    file_make("d/f", "");
    IN_CHILD_AS(1000, 1000)
    {
        CHECK_ERRNO(access("d/f", F_OK), EACCES);
        OK(access("d", F_OK));
        CHECK_ERRNO(access("d", R_OK), EACCES);
    }
}
