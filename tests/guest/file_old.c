/* SPDX-License-Identifier: BSD-2-Clause */
/* file_old.c - calls that the C library no longer makes: by number, as old programs make them. */
#include "test.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <unistd.h>
#include <utime.h>

TEST(old_lstat_is_of_the_link)
{
    struct stat by_number, by_library;
    OK(symlink("nowhere", "link"));
    OK(syscall(SYS_lstat, "link", &by_number));
    OK(fstatat(AT_FDCWD, "link", &by_library, AT_SYMLINK_NOFOLLOW));
    CHECK(S_ISLNK(by_number.st_mode));
    CHECK_EQ(by_number.st_size, 7);
    CHECK_EQ(by_number.st_ino, by_library.st_ino);
    CHECK_ERRNO(syscall(SYS_stat, "link", &by_number), ENOENT);
    CHECK_ERRNO(syscall(SYS_lstat, "missing", &by_number), ENOENT);
    CHECK_ERRNO(syscall(SYS_lstat, "", &by_number), ENOENT);
    CHECK_ERRNO(syscall(SYS_lstat, "link/below", &by_number), ENOENT);
    CHECK_ERRNO(syscall(SYS_lstat, "link", nullptr), EFAULT);
    CHECK_ERRNO(syscall(SYS_lstat, nullptr, &by_number), EFAULT);
}

/* getdents(2), "NOTES": the type stands in the record's last byte. */
struct old_dirent {
    unsigned long ino, offset;
    unsigned short bytes;
    char name[];
};

static unsigned entries_read(int fd, unsigned char type_of_sub[1])
{
    char buffer[512] __attribute__((aligned(8)));
    unsigned count = 0;
    for (long n; (n = OK(syscall(SYS_getdents, fd, buffer, sizeof buffer))) > 0;) {
        for (long at = 0; at < n;) {
            const struct old_dirent *entry = (const void *)(buffer + at);
            CHECK(entry->ino != 0);
            if (strcmp(entry->name, "sub") == 0)
                type_of_sub[0] = (unsigned char)buffer[at + entry->bytes - 1];
            at += entry->bytes;
            count++;
        }
    }
    return count;
}

TEST(old_getdents)
{
    unsigned char type = 0;
    char buffer[512];
    OK(mkdir("dir", 0755));
    OK(mkdir("dir/sub", 0755));
    file_make("dir/file", "");
    int fd = (int)OK(open("dir", O_RDONLY | O_DIRECTORY));
    CHECK_EQ(entries_read(fd, &type), 4);
    CHECK_EQ(type, 4); /* DT_DIR */
    OK(lseek(fd, 0, SEEK_SET));
    CHECK_ERRNO(syscall(SYS_getdents, fd, buffer, 8), EINVAL);
    CHECK_ERRNO(syscall(SYS_getdents, fd, nullptr, 512), EFAULT);
    CHECK_ERRNO(syscall(SYS_getdents, -1, buffer, 512), EBADF);
    int file = (int)OK(open("dir/file", O_RDONLY));
    CHECK_ERRNO(syscall(SYS_getdents, file, buffer, 512), ENOTDIR);
}

TEST(old_utime)
{
    struct utimbuf times = {.actime = 1000, .modtime = 2000};
    struct stat st;
    file_make_mode("file", "", 0600);
    OK(syscall(SYS_utime, "file", &times));
    OK(stat("file", &st));
    CHECK_EQ(st.st_atim.tv_sec, 1000);
    CHECK_EQ(st.st_mtim.tv_sec, 2000);
    CHECK_EQ(st.st_mtim.tv_nsec, 0);
    OK(syscall(SYS_utime, "file", nullptr));
    OK(stat("file", &st));
    CHECK(st.st_mtim.tv_sec > 2000);
    CHECK_ERRNO(syscall(SYS_utime, "missing", &times), ENOENT);
    CHECK_ERRNO(syscall(SYS_utime, "file", (void *)8), EFAULT);
    OK(chmod(".", 0777));
    IN_CHILD_AS(99, 99)
    {
        CHECK_ERRNO(syscall(SYS_utime, "file", &times), EPERM);
        CHECK_ERRNO(syscall(SYS_utime, "file", nullptr), EACCES);
    }
}

TEST(old_futimesat)
{
    struct timeval times[2] = {{1000, 5}, {2000, 6}};
    struct stat st;
    OK(mkdir("dir", 0755));
    file_make("dir/file", "");
    int dir = (int)OK(open("dir", O_RDONLY));
    OK(syscall(SYS_futimesat, dir, "file", times));
    OK(stat("dir/file", &st));
    CHECK_EQ(st.st_atim.tv_nsec, 5000);
    CHECK_EQ(st.st_mtim.tv_sec, 2000);
    OK(syscall(SYS_futimesat, dir, nullptr, times));
    OK(stat("dir", &st));
    CHECK_EQ(st.st_mtim.tv_sec, 2000);
    times[1].tv_usec = 1000000;
    CHECK_ERRNO(syscall(SYS_futimesat, dir, "file", times), EINVAL);
    CHECK_ERRNO(syscall(SYS_futimesat, dir, "missing", nullptr), ENOENT);
    CHECK_ERRNO(syscall(SYS_futimesat, -1, "file", nullptr), EBADF);
}

TEST(old_eventfd)
{
    uint64_t value = 0;
    int fd = (int)OK(syscall(SYS_eventfd, 7));
    CHECK_EQ(OK(read(fd, &value, sizeof value)), 8);
    CHECK_EQ(value, 7);
    CHECK_EQ(OK(fcntl(fd, F_GETFL)) & O_NONBLOCK, 0);
    CHECK_EQ(OK(fcntl(fd, F_GETFD)), 0);
    value = 3;
    OK(write(fd, &value, sizeof value));
    struct pollfd p = {.fd = fd, .events = POLLIN};
    CHECK_EQ(OK(poll(&p, 1, 0)), 1);
}

TEST(old_signalfd)
{
    uint64_t set = 1ull << (SIGUSR1 - 1);
    struct signalfd_siginfo info;
    sigset_t blocked;
    sigemptyset(&blocked);
    sigaddset(&blocked, SIGUSR1);
    OK(sigprocmask(SIG_BLOCK, &blocked, nullptr));
    int fd = (int)OK(syscall(SYS_signalfd, -1, &set, sizeof set));
    OK(kill(getpid(), SIGUSR1));
    CHECK_EQ(OK(read(fd, &info, sizeof info)), sizeof info);
    CHECK_EQ(info.ssi_signo, SIGUSR1);
    CHECK_ERRNO(syscall(SYS_signalfd, -1, &set, 4), EINVAL);
    CHECK_ERRNO(syscall(SYS_signalfd, -1, nullptr, 8), EFAULT);
    CHECK_ERRNO(syscall(SYS_signalfd, 999, &set, 8), EBADF);
    CHECK_ERRNO(syscall(SYS_signalfd, 0, &set, 8), EINVAL);
}

TEST(old_inotify_init)
{
    int fd = (int)OK(syscall(SYS_inotify_init));
    CHECK_EQ(OK(fcntl(fd, F_GETFL)) & O_NONBLOCK, 0);
    CHECK_EQ(OK(fcntl(fd, F_GETFD)), 0);
    CHECK(OK(inotify_add_watch(fd, ".", IN_CREATE)) > 0);
    file_make("new", "");
    struct pollfd p = {.fd = fd, .events = POLLIN};
    CHECK_EQ(OK(poll(&p, 1, 0)), 1);
}

TEST(old_fork)
{
    pid_t parent = getpid(), pid = (pid_t)OK(syscall(SYS_fork));
    if (pid == 0) {
        CHECK_EQ(syscall(SYS_getppid), parent);
        syscall(SYS_exit_group, 0);
    }
    child_wait_ok(pid);
}
