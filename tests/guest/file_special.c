/* SPDX-License-Identifier: BSD-2-Clause */
/* file_special.c - mknod(2), device nodes, /dev, mounts' bounds. */
#include "test.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

TEST(mknod_regular_fifo_and_devices)
{
    struct stat st;
    OK(mknod("regular", S_IFREG | 0640, 0));
    OK(stat("regular", &st));
    CHECK_EQ(st.st_mode, S_IFREG | 0640);
    OK(mknod("plain", 0600, 0));
    OK(stat("plain", &st));
    CHECK_EQ(st.st_mode, S_IFREG | 0600);
    OK(mknod("fifo", S_IFIFO | 0600, 0));
    OK(mknod("sock", S_IFSOCK | 0600, 0));
    OK(stat("sock", &st));
    CHECK(S_ISSOCK(st.st_mode));
    CHECK_ERRNO(open("sock", O_RDONLY), ENXIO);
    OK(mknod("char", S_IFCHR | 0600, makedev(1, 3)));
    OK(stat("char", &st));
    CHECK_EQ(st.st_mode, S_IFCHR | 0600);
    CHECK_EQ(st.st_rdev, makedev(1, 3));
    OK(mknod("block", S_IFBLK | 0600, makedev(250, 7)));
    OK(stat("block", &st));
    CHECK_EQ(st.st_rdev, makedev(250, 7));
}

TEST(mknod_device_is_the_device)
{
    char byte = 1;
    OK(mknod("zero", S_IFCHR | 0600, makedev(1, 5)));
    int fd = (int)OK(open("zero", O_RDWR));
    CHECK_EQ(read(fd, &byte, 1), 1);
    CHECK_EQ(byte, 0);
    OK(mknod("nothing", S_IFCHR | 0600, makedev(240, 200)));
    CHECK_ERRNO(open("nothing", O_RDONLY), ENXIO);
}

TEST(mknod_errors)
{
    file_make("f", "");
    CHECK_ERRNO(mknod("f", S_IFREG | 0600, 0), EEXIST);
    CHECK_ERRNO(mknod("d", S_IFDIR | 0600, 0), EPERM);
    CHECK_ERRNO(mknod("x", S_IFLNK | 0600, 0), EINVAL);
    CHECK_ERRNO(mknod("missing/x", S_IFREG, 0), ENOENT);
    CHECK_ERRNO(mknodat(999, "x", S_IFREG, 0), EBADF);
    OK(chmod(".", 0777));
    IN_CHILD_AS(1000, 1000)
    {
        CHECK_ERRNO(mknod("dev", S_IFCHR | 0600, makedev(1, 3)), EPERM);
        OK(mknod("own_fifo", S_IFIFO | 0600, 0));
        OK(mknod("own_file", S_IFREG | 0600, 0));
    }
}

TEST(dev_fd_links)
{
    struct stat st;
    char link[64] = {};
    OK(readlink("/dev/fd", link, sizeof link - 1));
    CHECK_STR(link, "/proc/self/fd");
    OK(readlink("/dev/stdin", link, sizeof link - 1));
    CHECK_STR(link, "/proc/self/fd/0");
    file_make("f", "text");
    int fd = (int)OK(open("f", O_RDONLY));
    OK(dup2(fd, 0));
    file_expect("/dev/stdin", "text");
    OK(stat("/dev/stdin", &st));
    CHECK_EQ(st.st_size, 4);
}

TEST(dev_shm_is_writable)
{
    char path[64];
    snprintf(path, sizeof path, "/dev/shm/guest-%d", getpid());
    file_make(path, "shared");
    file_expect(path, "shared");
    OK(unlink(path));
    struct stat st;
    OK(stat("/dev/shm", &st));
    CHECK_EQ(st.st_mode & 07777, 01777);
}

TEST(dev_lists_its_nodes)
{
    int found = 0;
    DIR *dir = opendir("/dev");
    CHECK(dir);
    for (struct dirent *entry; (entry = readdir(dir));) {
        static const char *const want[] = {"null", "zero", "full", "random", "urandom",
                                           "tty",  "ptmx", "pts",  "shm",    "console"};
        for (size_t i = 0; i < sizeof want / sizeof *want; i++)
            found += !strcmp(entry->d_name, want[i]);
    }
    CHECK_EQ(found, 10);
}

TEST(mount_points_have_device_numbers_of_their_own)
{
    struct stat tmp, proc, dev, shm, up;
    OK(stat(".", &tmp));
    OK(stat("/proc", &proc));
    OK(stat("/dev", &dev));
    OK(stat("/dev/shm", &shm));
    CHECK(proc.st_dev != tmp.st_dev);
    CHECK(proc.st_dev != dev.st_dev);
    CHECK(shm.st_dev != dev.st_dev);
    /* The dot-dot of a mount's root is the directory above its mount point. */
    OK(stat("/dev/shm/..", &up));
    CHECK(up.st_dev == dev.st_dev && up.st_ino == dev.st_ino);
}

TEST(rename_and_link_across_mounts_are_exdev)
{
    char path[64];
    struct stat here, there;
    snprintf(path, sizeof path, "/dev/shm/guest-x-%d", getpid());
    OK(stat(".", &here));
    OK(stat("/dev/shm", &there));
    if (here.st_dev == there.st_dev)
        test_skip("one file system");
    file_make("f", "");
    CHECK_ERRNO(rename("f", path), EXDEV);
    CHECK_ERRNO(link("f", path), EXDEV);
}

TEST(busy_mount_points_cannot_be_removed)
{
    CHECK_ERRNO(rmdir("/proc"), EBUSY);
    CHECK_ERRNO(rmdir("/dev/shm"), EBUSY);
    CHECK_ERRNO(rename("/dev/shm", "/dev/shm2"), EBUSY);
}

TEST(tmp_is_world_writable_and_sticky)
{
    struct stat st;
    OK(stat("/tmp", &st));
    CHECK_EQ(st.st_mode & 07777, 01777);
}
