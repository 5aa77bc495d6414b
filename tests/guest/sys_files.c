/* SPDX-License-Identifier: BSD-2-Clause */
/* sys_files.c - /sys: CPUs, their topology, the loopback interface. */
#include "test.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <linux/magic.h>

TEST(sysfs_is_mounted_on_sys)
{
    struct statfs fs;
    OK(statfs("/sys/kernel", &fs));
    CHECK_EQ(fs.f_type, SYSFS_MAGIC);
}

/* "0", "0-3" or "0-1,3": how many numbers that are. */
static long list_count(const char *list)
{
    long n = 0;
    while (*list >= '0') {
        char *end;
        long first = strtol(list, &end, 10), last = first;
        if (*end == '-')
            last = strtol(end + 1, &end, 10);
        n += last - first + 1;
        list = *end == ',' ? end + 1 : end;
    }
    return n;
}

TEST(sysfs_lists_the_cpus)
{
    char text[256];
    file_read("/sys/devices/system/cpu/online", text, sizeof text);
    CHECK_EQ(list_count(text), sysconf(_SC_NPROCESSORS_ONLN));
    file_read("/sys/devices/system/cpu/possible", text, sizeof text);
    CHECK(list_count(text) >= sysconf(_SC_NPROCESSORS_CONF));
    for (long i = 0; i < sysconf(_SC_NPROCESSORS_CONF); i++) {
        char path[64];
        struct stat st;
        snprintf(path, sizeof path, "/sys/devices/system/cpu/cpu%ld", i);
        OK(stat(path, &st));
        CHECK(S_ISDIR(st.st_mode));
    }
    CHECK_ERRNO(open("/sys/devices/system/cpu/cpu99999", O_RDONLY), ENOENT);
    CHECK_ERRNO(open("/sys/devices/system/cpu/cpu", O_RDONLY), ENOENT);
}

TEST(sysfs_topology_names_the_cpu_itself)
{
    char text[256];
    file_read("/sys/devices/system/cpu/cpu0/topology/thread_siblings_list", text, sizeof text);
    CHECK(text[0] == '0');
    file_read("/sys/devices/system/cpu/cpu0/topology/core_siblings_list", text, sizeof text);
    CHECK(list_count(text) >= 1);
}

TEST(sysfs_directories_differ_by_inode)
{
    struct stat a, b;
    OK(stat("/sys/devices/system/cpu", &a));
    OK(stat("/sys/devices/system/cpu/cpu0", &b));
    CHECK(a.st_ino != b.st_ino);
    CHECK_EQ(a.st_dev, b.st_dev);
}

TEST(sysfs_shows_the_loopback_interface)
{
    char text[256];
    ssize_t n = OK(readlink("/sys/class/net/lo", text, sizeof text - 1));
    text[n] = '\0';
    CHECK_STR(text, "../../devices/virtual/net/lo");
    file_read("/sys/class/net/lo/mtu", text, sizeof text);
    CHECK(atoi(text) >= 16384);
    file_read("/sys/class/net/lo/address", text, sizeof text);
    CHECK_STR(text, "00:00:00:00:00:00\n");
    file_read("/sys/class/net/lo/type", text, sizeof text);
    CHECK_STR(text, "772\n");
}

TEST(sysfs_cannot_be_changed)
{
    CHECK(mkdir("/sys/new", 0755) < 0);
    CHECK(unlink("/sys/class/net/lo/mtu") < 0);
    CHECK(open("/sys/new", O_CREAT | O_WRONLY, 0644) < 0);
}
