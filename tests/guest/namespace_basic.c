/* SPDX-License-Identifier: BSD-2-Clause */
/* namespace_basic.c - namespaces(7): names, IPC and mounts of one's own. */
#include "test.h"

#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/mount.h>
#include <sys/shm.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

static const char *host(void)
{
    static struct utsname names;
    OK(uname(&names));
    return names.nodename;
}

static void link_read(const char *path, char *to)
{
    ssize_t n = OK(readlink(path, to, 63));
    to[n] = 0;
}

TEST(namespace_links)
{
    static const char *const kinds[] = {"uts", "ipc", "mnt", "pid", "net", "user"};
    for (unsigned i = 0; i < 6; i++) {
        char path[40], text[64], want[16];
        struct stat st;
        snprintf(path, sizeof path, "/proc/self/ns/%s", kinds[i]);
        link_read(path, text);
        snprintf(want, sizeof want, "%s:[", kinds[i]);
        CHECK(strncmp(text, want, strlen(want)) == 0);
        if (i >= 3)
            continue;
        OK(stat(path, &st));
        CHECK_EQ(st.st_ino, strtoul(text + strlen(want), nullptr, 10));
    }
}

TEST(namespace_uts_unshared)
{
    char before[65];
    strcpy(before, host());
    IN_CHILD
    {
        char outside[64], inside[64];
        link_read("/proc/self/ns/uts", outside);
        OK(unshare(CLONE_NEWUTS));
        link_read("/proc/self/ns/uts", inside);
        CHECK(strcmp(outside, inside) != 0);
        CHECK_STR(host(), before);
        OK(sethostname("elsewhere", 9));
        CHECK_STR(host(), "elsewhere");
        IN_CHILD
        {
            CHECK_STR(host(), "elsewhere");
        }
    }
    CHECK_STR(host(), before);
}

TEST(namespace_uts_by_clone)
{
    pid_t pid = (pid_t)syscall(SYS_clone, CLONE_NEWUTS | 17, nullptr, nullptr, nullptr, nullptr);
    OK(pid);
    if (pid == 0) {
        OK(sethostname("cloned", 6));
        CHECK_STR(host(), "cloned");
        _exit(0);
    }
    child_wait_ok(pid);
    CHECK(strcmp(host(), "cloned") != 0);
}

TEST(namespace_setns_joins)
{
    struct gate ready = gate_make(), done = gate_make();
    char path[40];
    pid_t pid = (pid_t)OK(fork());
    if (pid == 0) {
        OK(unshare(CLONE_NEWUTS));
        OK(sethostname("joined", 6));
        gate_open(&ready);
        gate_wait(&done);
        _exit(0);
    }
    gate_wait(&ready);
    snprintf(path, sizeof path, "/proc/%d/ns/uts", pid);
    int fd = (int)OK(open(path, O_RDONLY)), mine = (int)OK(open("/proc/self/ns/uts", O_RDONLY));
    int pidfd = (int)OK(syscall(SYS_pidfd_open, pid, 0));
    CHECK_ERRNO(setns(fd, CLONE_NEWIPC), EINVAL);
    CHECK_ERRNO(setns(-1, 0), EBADF);
    CHECK_ERRNO(setns(0, 0), EINVAL);
    OK(setns(fd, CLONE_NEWUTS));
    CHECK_STR(host(), "joined");
    gate_open(&done);
    OK(setns(mine, 0));
    CHECK(strcmp(host(), "joined") != 0);
    child_wait_ok(pid);
    /* The open file keeps it. */
    OK(setns(fd, 0));
    CHECK_STR(host(), "joined");
    CHECK(setns(pidfd, CLONE_NEWUTS) == -1);
    IN_CHILD_AS(99, 99)
    {
        CHECK_ERRNO(setns(mine, 0), EPERM);
    }
    OK(setns(mine, 0));
}

TEST(namespace_ipc_is_empty)
{
    key_t key = (key_t)(0x5ed00000 | (getpid() & 0xffff));
    int id = (int)OK(shmget(key, 4096, IPC_CREAT | 0600));
    IN_CHILD
    {
        OK(unshare(CLONE_NEWIPC));
        CHECK_ERRNO(shmget(key, 4096, 0600), ENOENT);
        OK(shmget(key, 8192, IPC_CREAT | 0600));
    }
    struct shmid_ds ds;
    OK(shmctl(id, IPC_STAT, &ds));
    CHECK_EQ(ds.shm_segsz, 4096);
    OK(shmctl(id, IPC_RMID, nullptr));
}

TEST(namespace_mounts_stay_inside)
{
    char here[4096];
    OK(mkdir("point", 0755));
    CHECK(getcwd(here, sizeof here));
    IN_CHILD
    {
        OK(unshare(CLONE_NEWNS));
        char after[4096];
        CHECK(getcwd(after, sizeof after));
        CHECK_STR(after, here);
        OK(mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr));
        OK(mount("none", "point", "tmpfs", 0, nullptr));
        file_make("point/file", "inside");
        file_expect("point/file", "inside");
        char text[65536];
        file_read("/proc/self/mounts", text, sizeof text);
        CHECK(strstr(text, "/point tmpfs"));
    }
    CHECK(!path_exists("point/file"));
    char text[65536];
    file_read("/proc/self/mounts", text, sizeof text);
    CHECK(!strstr(text, "/point tmpfs"));
}

TEST(namespace_mounts_seen_by_setns)
{
    struct gate ready = gate_make(), done = gate_make();
    char path[40], file[4200], here[4096];
    OK(mkdir("point", 0755));
    CHECK(getcwd(here, sizeof here));
    pid_t pid = (pid_t)OK(fork());
    if (pid == 0) {
        OK(unshare(CLONE_NEWNS));
        OK(mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr));
        OK(mount("none", "point", "tmpfs", 0, nullptr));
        file_make("point/file", "inside");
        gate_open(&ready);
        gate_wait(&done);
        _exit(0);
    }
    gate_wait(&ready);
    snprintf(path, sizeof path, "/proc/%d/ns/mnt", pid);
    snprintf(file, sizeof file, "%s/point/file", here);
    CHECK(!path_exists(file));
    IN_CHILD
    {
        int fd = (int)OK(open(path, O_RDONLY));
        OK(setns(fd, CLONE_NEWNS));
        file_expect(file, "inside");
    }
    gate_open(&done);
    child_wait_ok(pid);
}

TEST(namespace_errors)
{
    CHECK_ERRNO(syscall(SYS_clone, CLONE_NEWNS | CLONE_FS | 17, nullptr, nullptr, nullptr, nullptr),
                EINVAL);
    IN_CHILD_AS(99, 99)
    {
        CHECK_ERRNO(unshare(CLONE_NEWUTS), EPERM);
        CHECK_ERRNO(unshare(CLONE_NEWNS), EPERM);
        CHECK_ERRNO(syscall(SYS_clone, CLONE_NEWIPC | 17, nullptr, nullptr, nullptr, nullptr),
                    EPERM);
    }
}
