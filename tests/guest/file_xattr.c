/* SPDX-License-Identifier: BSD-2-Clause */
/* file_xattr.c - setxattr(2), getxattr(2), listxattr(2), removexattr(2); xattr(7). */
#include "test.h"

#include <fcntl.h>
#include <linux/capability.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

TEST(xattr_values_are_kept)
{
    char value[16] = "";
    file_make("file", "");
    OK(setxattr("file", "user.colour", "green", 5, 0));
    CHECK_EQ(OK(getxattr("file", "user.colour", nullptr, 0)), 5);
    CHECK_EQ(OK(getxattr("file", "user.colour", value, sizeof value)), 5);
    CHECK_STR(value, "green");
    CHECK_ERRNO(getxattr("file", "user.colour", value, 4), ERANGE);
    OK(setxattr("file", "user.colour", "red", 3, 0));
    CHECK_EQ(OK(getxattr("file", "user.colour", value, sizeof value)), 3);
    OK(setxattr("file", "user.empty", "", 0, 0));
    CHECK_EQ(OK(getxattr("file", "user.empty", value, sizeof value)), 0);
    OK(rename("file", "other"));
    CHECK_EQ(OK(getxattr("other", "user.colour", value, sizeof value)), 3);
    OK(removexattr("other", "user.colour"));
    CHECK_ERRNO(getxattr("other", "user.colour", value, sizeof value), ENODATA);
    CHECK_ERRNO(removexattr("other", "user.colour"), ENODATA);
}

TEST(xattr_create_and_replace)
{
    file_make("file", "");
    CHECK_ERRNO(setxattr("file", "user.a", "x", 1, XATTR_REPLACE), ENODATA);
    OK(setxattr("file", "user.a", "x", 1, XATTR_CREATE));
    CHECK_ERRNO(setxattr("file", "user.a", "y", 1, XATTR_CREATE), EEXIST);
    OK(setxattr("file", "user.a", "yy", 2, XATTR_REPLACE));
    CHECK_EQ(OK(getxattr("file", "user.a", nullptr, 0)), 2);
    CHECK_ERRNO(setxattr("file", "user.a", "y", 1, 4), EINVAL);
}

static bool has_name(const char *list, ssize_t n, const char *name)
{
    for (const char *at = list; at < list + n; at += strlen(at) + 1)
        if (strcmp(at, name) == 0)
            return true;
    return false;
}

TEST(xattr_lists)
{
    char list[256];
    file_make("file", "");
    ssize_t before = OK(listxattr("file", list, sizeof list));
    OK(setxattr("file", "user.one", "1", 1, 0));
    OK(setxattr("file", "user.three", "3", 1, 0));
    ssize_t n = OK(listxattr("file", list, sizeof list));
    CHECK_EQ(n - before, sizeof "user.one" + sizeof "user.three");
    CHECK(has_name(list, n, "user.one"));
    CHECK(has_name(list, n, "user.three"));
    CHECK(!has_name(list, n, "user.two"));
    CHECK_EQ(OK(listxattr("file", nullptr, 0)), n);
    CHECK_ERRNO(listxattr("file", list, (size_t)n - 1), ERANGE);
    CHECK_ERRNO(listxattr("file", (char *)8, 256), EFAULT);
    CHECK_ERRNO(listxattr("missing", list, sizeof list), ENOENT);
}

TEST(xattr_by_descriptor)
{
    char value[16] = "", list[256];
    int fd = (int)OK(open("file", O_CREAT | O_RDONLY, 0644));
    OK(fsetxattr(fd, "user.a", "value", 5, 0));
    CHECK_EQ(OK(getxattr("file", "user.a", value, sizeof value)), 5);
    CHECK_EQ(OK(fgetxattr(fd, "user.a", value, sizeof value)), 5);
    CHECK_STR(value, "value");
    CHECK(has_name(list, OK(flistxattr(fd, list, sizeof list)), "user.a"));
    OK(fremovexattr(fd, "user.a"));
    CHECK_ERRNO(fgetxattr(fd, "user.a", value, sizeof value), ENODATA);
    int place = (int)OK(open("file", O_PATH));
    CHECK_ERRNO(fgetxattr(place, "user.a", value, sizeof value), EBADF);
    CHECK_ERRNO(fsetxattr(place, "user.a", "x", 1, 0), EBADF);
    CHECK_ERRNO(flistxattr(-1, list, sizeof list), EBADF);
    CHECK_ERRNO(fremovexattr(-1, "user.a"), EBADF);
}

TEST(xattr_of_links)
{
    char value[16] = "", list[256];
    file_make("file", "");
    OK(symlink("file", "link"));
    OK(setxattr("link", "user.a", "x", 1, 0));
    CHECK_EQ(OK(getxattr("file", "user.a", value, 16)), 1);
    CHECK_ERRNO(lsetxattr("link", "user.a", "x", 1, 0), EPERM);
    CHECK_ERRNO(lgetxattr("link", "user.a", value, 16), ENODATA);
    CHECK_ERRNO(lremovexattr("link", "user.a"), EPERM);
    OK(lsetxattr("link", "trusted.a", "of link", 7, 0));
    CHECK_EQ(OK(lgetxattr("link", "trusted.a", value, 16)), 7);
    CHECK(has_name(list, OK(llistxattr("link", list, sizeof list)), "trusted.a"));
    CHECK(!has_name(list, OK(listxattr("link", list, sizeof list)), "trusted.a"));
    OK(lremovexattr("link", "trusted.a"));
    CHECK_ERRNO(lgetxattr("link", "trusted.a", value, 16), ENODATA);
}

TEST(xattr_classes_and_names)
{
    char name[300], value[16];
    file_make("file", "");
    CHECK_ERRNO(setxattr("file", "nothing", "x", 1, 0), EOPNOTSUPP);
    CHECK_ERRNO(setxattr("file", "other.a", "x", 1, 0), EOPNOTSUPP);
    CHECK_ERRNO(getxattr("file", "other.a", value, 16), EOPNOTSUPP);
    CHECK_ERRNO(setxattr("file", "user.", "x", 1, 0), EINVAL);
    CHECK_ERRNO(setxattr("file", "", "x", 1, 0), ERANGE);
    memset(name, 'n', sizeof name);
    memcpy(name, "user.", 5);
    name[256] = 0;
    CHECK_ERRNO(setxattr("file", name, "x", 1, 0), ERANGE);
    name[255] = 0;
    OK(setxattr("file", name, "x", 1, 0));
    CHECK_ERRNO(setxattr("file", "user.a", name, 65537, 0), E2BIG);
    CHECK_ERRNO(setxattr("file", "user.a", (void *)8, 5, 0), EFAULT);
    CHECK_ERRNO(setxattr("file", (char *)8, "x", 1, 0), EFAULT);
    CHECK_ERRNO(setxattr("missing", "user.a", "x", 1, 0), ENOENT);
    CHECK_ERRNO(setxattr("/proc/self/stat", "user.a", "x", 1, 0), EOPNOTSUPP);
    CHECK_ERRNO(getxattr("/proc/self/stat", "user.a", value, 16), EOPNOTSUPP);
    OK(mkfifo("fifo", 0600));
    CHECK_ERRNO(setxattr("fifo", "user.a", "x", 1, 0), EPERM);
    CHECK_ERRNO(getxattr("fifo", "user.a", value, 16), ENODATA);
}

TEST(xattr_rights)
{
    char value[16], list[256];
    file_make_mode("file", "", 0644);
    file_make_mode("secret", "", 0600);
    OK(chmod(".", 0755));
    OK(setxattr("file", "user.a", "x", 1, 0));
    OK(setxattr("secret", "user.a", "x", 1, 0));
    OK(setxattr("file", "trusted.a", "x", 1, 0));
    IN_CHILD_AS(99, 99)
    {
        CHECK_EQ(OK(getxattr("file", "user.a", value, 16)), 1);
        CHECK_ERRNO(getxattr("secret", "user.a", value, 16), EACCES);
        CHECK_ERRNO(setxattr("file", "user.a", "y", 1, 0), EACCES);
        CHECK_ERRNO(removexattr("file", "user.a"), EACCES);
        CHECK_ERRNO(getxattr("file", "trusted.a", value, 16), ENODATA);
        CHECK_ERRNO(setxattr("file", "trusted.a", "y", 1, 0), EPERM);
        CHECK_ERRNO(setxattr("file", "security.a", "y", 1, 0), EPERM);
        CHECK(!has_name(list, OK(listxattr("file", list, sizeof list)), "trusted.a"));
    }
    OK(mkdir("sticky", 01777));
    OK(chmod("sticky", 01777));
    IN_CHILD_AS(99, 99)
    {
        CHECK_ERRNO(setxattr("sticky", "user.a", "y", 1, 0), EPERM);
    }
}

TEST(xattr_change_is_a_change)
{
    struct stat before, after;
    file_make("file", "");
    OK(stat("file", &before));
    sleep_ms(20);
    OK(setxattr("file", "user.a", "x", 1, 0));
    OK(stat("file", &after));
    CHECK(after.st_ctim.tv_sec != before.st_ctim.tv_sec ||
          after.st_ctim.tv_nsec != before.st_ctim.tv_nsec);
    CHECK_EQ(after.st_mtim.tv_nsec, before.st_mtim.tv_nsec);
}

static struct vfs_cap_data capability_of(int number)
{
    struct vfs_cap_data caps = {.magic_etc = VFS_CAP_REVISION_2 | VFS_CAP_FLAGS_EFFECTIVE};
    caps.data[0].permitted = 1u << number;
    return caps;
}

HELPER(owner_change)
{
    return chown("victim", 7, 7) == 0 ? 0 : 33;
}

static void copy_self(const char *to)
{
    char buffer[65536];
    int from = (int)OK(open(self_path, O_RDONLY)), fd = (int)OK(open(to, O_CREAT | O_WRONLY, 0755));
    for (ssize_t n; (n = OK(read(from, buffer, sizeof buffer))) > 0;)
        CHECK_EQ(OK(write(fd, buffer, (size_t)n)), n);
    OK(close(fd));
}

/* What a file of his own lets user 99 do: change an owner, or not. */
static int run_as_user(void)
{
    pid_t pid = (pid_t)OK(fork());
    if (pid == 0) {
        OK(setresgid(99, 99, 99));
        OK(setresuid(99, 99, 99));
        execl("./program", "program", "--helper=owner_change", nullptr);
        _exit(errno == EPERM ? 44 : 55);
    }
    return child_wait(pid) >> 8;
}

TEST(xattr_capabilities_of_a_file)
{
    struct vfs_cap_data caps = capability_of(CAP_CHOWN), bad = caps;
    OK(chmod(".", 0777));
    file_make("victim", "");
    copy_self("program");
    CHECK_EQ(run_as_user(), 33);
    OK(setxattr("program", "security.capability", &caps, sizeof caps, 0));
    CHECK_EQ(run_as_user(), 0);
    int fd = (int)OK(open("program", O_WRONLY | O_APPEND));
    OK(write(fd, "x", 1)); /* no longer the program that was trusted */
    OK(close(fd));
    CHECK_ERRNO(getxattr("program", "security.capability", nullptr, 0), ENODATA);
    CHECK_EQ(run_as_user(), 33);
    bad.magic_etc = 0x7f000000;
    CHECK_ERRNO(setxattr("program", "security.capability", &bad, sizeof bad, 0), EINVAL);
    CHECK_ERRNO(setxattr("program", "security.capability", &caps, 7, 0), EINVAL);
    OK(setxattr("program", "security.capability", &caps, sizeof caps, 0));
    OK(chown("program", 99, 99));
    CHECK_ERRNO(getxattr("program", "security.capability", nullptr, 0), ENODATA);
    IN_CHILD_AS(99, 99)
    {
        CHECK_ERRNO(setxattr("program", "security.capability", &caps, sizeof caps, 0), EPERM);
    }
}
