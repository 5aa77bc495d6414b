/* SPDX-License-Identifier: BSD-2-Clause */
/* file_lock.c - flock(2), fcntl(2) record locks and open-file-description locks. */
#include "test.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <unistd.h>

static int opened(void)
{
    return (int)OK(open("f", O_CREAT | O_RDWR, 0644));
}

static int lock(int fd, int command, short type, long start, long len)
{
    struct flock lock = {.l_type = type, .l_whence = SEEK_SET, .l_start = start, .l_len = len};
    return fcntl(fd, command, &lock);
}

/* Who would refuse a lock of TYPE on that range. */
static struct flock lock_asked(int fd, int command, short type, long start, long len)
{
    struct flock lock = {.l_type = type, .l_whence = SEEK_SET, .l_start = start, .l_len = len};
    OK(fcntl(fd, command, &lock));
    return lock;
}

TEST(flock_exclusive_and_shared)
{
    int a = opened(), b = opened();
    OK(flock(a, LOCK_SH));
    OK(flock(b, LOCK_SH | LOCK_NB));
    CHECK_ERRNO(flock(b, LOCK_EX | LOCK_NB), EAGAIN);
    OK(flock(a, LOCK_UN));
    OK(flock(b, LOCK_EX | LOCK_NB));
    CHECK_ERRNO(flock(a, LOCK_SH | LOCK_NB), EAGAIN);
    OK(close(b));
    OK(flock(a, LOCK_EX | LOCK_NB));
}

TEST(flock_belongs_to_the_description)
{
    int a = opened(), other = opened();
    int same = (int)OK(dup(a));
    OK(flock(a, LOCK_EX));
    OK(flock(same, LOCK_EX | LOCK_NB));
    OK(close(a));
    CHECK_ERRNO(flock(other, LOCK_EX | LOCK_NB), EAGAIN);
    IN_CHILD
    {
        OK(flock(same, LOCK_UN));
    }
    OK(flock(other, LOCK_EX | LOCK_NB));
}

TEST(flock_is_kept_by_a_child)
{
    int a = opened(), b = opened();
    struct gate gate = gate_make();
    OK(flock(a, LOCK_EX));
    pid_t pid = (pid_t)OK(fork());
    if (pid == 0) {
        gate_wait(&gate);
        _exit(0);
    }
    OK(close(a));
    CHECK_ERRNO(flock(b, LOCK_EX | LOCK_NB), EAGAIN);
    gate_open(&gate);
    child_wait_ok(pid);
    OK(flock(b, LOCK_EX | LOCK_NB));
}

TEST(flock_blocks_until_free)
{
    int a = opened();
    pid_t self = getpid();
    OK(flock(a, LOCK_EX));
    struct gate ready = gate_make();
    pid_t pid = (pid_t)OK(fork());
    if (pid == 0) {
        int mine = opened();
        gate_open(&ready);
        OK(flock(mine, LOCK_EX));
        _exit(getppid() == self ? 0 : 1);
    }
    gate_wait(&ready);
    process_await_state(pid, "SD");
    OK(flock(a, LOCK_UN));
    child_wait_ok(pid);
}

TEST(flock_errors)
{
    int a = opened();
    CHECK_ERRNO(flock(999, LOCK_EX), EBADF);
    CHECK_ERRNO(flock(a, 16), EINVAL);
    CHECK_ERRNO(flock(a, 0), EINVAL);
    OK(flock(a, LOCK_UN));
}

TEST(record_locks_conflict_between_processes)
{
    int fd = opened();
    OK(lock(fd, F_SETLK, F_WRLCK, 10, 10));
    pid_t holder = getpid();
    IN_CHILD
    {
        CHECK_ERRNO(lock(fd, F_SETLK, F_WRLCK, 15, 1), EAGAIN);
        CHECK_ERRNO(lock(fd, F_SETLK, F_RDLCK, 0, 0), EAGAIN);
        OK(lock(fd, F_SETLK, F_WRLCK, 0, 10));
        OK(lock(fd, F_SETLK, F_WRLCK, 20, 0));
        struct flock found = lock_asked(fd, F_GETLK, F_WRLCK, 0, 0);
        CHECK_EQ(found.l_type, F_WRLCK);
        CHECK_EQ(found.l_start, 10);
        CHECK_EQ(found.l_len, 10);
        CHECK_EQ(found.l_pid, holder);
    }
    /* A child's locks are gone with it, and it inherited none. */
    CHECK_EQ(lock_asked(fd, F_GETLK, F_WRLCK, 0, 0).l_type, F_UNLCK);
}

TEST(record_locks_never_conflict_with_oneself)
{
    int fd = opened(), other = opened();
    OK(lock(fd, F_SETLK, F_WRLCK, 0, 0));
    OK(lock(other, F_SETLK, F_RDLCK, 0, 0));
    CHECK_EQ(lock_asked(fd, F_GETLK, F_WRLCK, 0, 0).l_type, F_UNLCK);
}

TEST(record_locks_split_and_merge)
{
    int fd = opened();
    OK(lock(fd, F_SETLK, F_WRLCK, 0, 100));
    OK(lock(fd, F_SETLK, F_UNLCK, 40, 20));
    IN_CHILD
    {
        struct flock found = lock_asked(fd, F_GETLK, F_WRLCK, 0, 100);
        CHECK(found.l_start == 0 && found.l_len == 40);
        found = lock_asked(fd, F_GETLK, F_WRLCK, 50, 100);
        CHECK(found.l_start == 60 && found.l_len == 40);
        OK(lock(fd, F_SETLK, F_WRLCK, 40, 20));
    }
    OK(lock(fd, F_SETLK, F_WRLCK, 30, 40));
    IN_CHILD
    {
        struct flock found = lock_asked(fd, F_GETLK, F_WRLCK, 0, 0);
        CHECK(found.l_start == 0 && found.l_len == 100);
    }
    OK(lock(fd, F_SETLK, F_RDLCK, 0, 50));
    IN_CHILD
    {
        OK(lock(fd, F_SETLK, F_RDLCK, 0, 50));
        CHECK_ERRNO(lock(fd, F_SETLK, F_RDLCK, 0, 51), EAGAIN);
    }
}

TEST(record_locks_vanish_at_any_close)
{
    int fd = opened();
    OK(lock(fd, F_SETLK, F_WRLCK, 0, 0));
    OK(close(opened()));
    IN_CHILD
    {
        OK(lock(fd, F_SETLK, F_WRLCK, 0, 0));
    }
}

TEST(record_lock_waits)
{
    int fd = opened();
    struct gate ready = gate_make();
    OK(lock(fd, F_SETLK, F_WRLCK, 0, 10));
    pid_t pid = (pid_t)OK(fork());
    if (pid == 0) {
        gate_open(&ready);
        OK(lock(fd, F_SETLKW, F_WRLCK, 5, 1));
        _exit(0);
    }
    gate_wait(&ready);
    process_await_state(pid, "SD");
    OK(lock(fd, F_SETLK, F_UNLCK, 0, 10));
    child_wait_ok(pid);
}

TEST(record_locks_deadlock_is_found)
{
    int fd = opened();
    struct gate ready = gate_make();
    OK(lock(fd, F_SETLK, F_WRLCK, 0, 1));
    pid_t pid = (pid_t)OK(fork());
    if (pid == 0) {
        OK(lock(fd, F_SETLK, F_WRLCK, 1, 1));
        gate_open(&ready);
        OK(lock(fd, F_SETLKW, F_WRLCK, 0, 1));
        _exit(0);
    }
    gate_wait(&ready);
    process_await_state(pid, "SD");
    CHECK_ERRNO(lock(fd, F_SETLKW, F_WRLCK, 1, 1), EDEADLK);
    OK(lock(fd, F_SETLK, F_UNLCK, 0, 1));
    child_wait_ok(pid);
}

TEST(record_lock_errors)
{
    int fd = opened();
    int reader = (int)OK(open("f", O_RDONLY)), writer = (int)OK(open("f", O_WRONLY));
    CHECK_ERRNO(lock(reader, F_SETLK, F_WRLCK, 0, 1), EBADF);
    CHECK_ERRNO(lock(writer, F_SETLK, F_RDLCK, 0, 1), EBADF);
    CHECK_ERRNO(lock(fd, F_SETLK, 99, 0, 1), EINVAL);
    CHECK_ERRNO(lock(fd, F_SETLK, F_RDLCK, -1, 1), EINVAL);
    CHECK_ERRNO(lock(fd, F_SETLK, F_RDLCK, 5, -6), EINVAL);
    OK(lock(fd, F_SETLK, F_RDLCK, 5, -5));
    CHECK_ERRNO(fcntl(fd, F_SETLK, (struct flock *)8), EFAULT);
    CHECK_ERRNO(lock(999, F_SETLK, F_RDLCK, 0, 1), EBADF);
}

TEST(record_lock_whence)
{
    int fd = opened();
    CHECK_EQ(write(fd, "0123456789", 10), 10);
    CHECK_EQ(lseek(fd, 4, SEEK_SET), 4);
    struct flock l = {.l_type = F_WRLCK, .l_whence = SEEK_CUR, .l_start = 1, .l_len = 2};
    OK(fcntl(fd, F_SETLK, &l));
    l = (struct flock){.l_type = F_WRLCK, .l_whence = SEEK_END, .l_start = -1, .l_len = 1};
    OK(fcntl(fd, F_SETLK, &l));
    IN_CHILD
    {
        struct flock found = lock_asked(fd, F_GETLK, F_WRLCK, 0, 0);
        CHECK(found.l_start == 5 && found.l_len == 2);
        found = lock_asked(fd, F_GETLK, F_WRLCK, 8, 0);
        CHECK(found.l_start == 9 && found.l_len == 1);
    }
}

TEST(description_locks)
{
    int a = opened(), b = opened();
    OK(lock(a, F_OFD_SETLK, F_WRLCK, 0, 10));
    CHECK_ERRNO(lock(b, F_OFD_SETLK, F_WRLCK, 5, 1), EAGAIN);
    struct flock found = lock_asked(b, F_OFD_GETLK, F_WRLCK, 0, 0);
    CHECK_EQ(found.l_type, F_WRLCK);
    CHECK_EQ(found.l_pid, -1);
    OK(close(a));
    OK(lock(b, F_OFD_SETLK, F_WRLCK, 5, 1));
}

/* Is a line of /proc/locks, behind its number, BEFORE, FD's inode and AFTER? */
static bool lock_is_shown(int fd, const char *before, const char *after)
{
    static char text[65536];
    char line[256];
    struct stat st;
    OK(fstat(fd, &st));
    snprintf(line, sizeof line, ": %s %02x:%02x:%lu %s\n", before, major(st.st_dev),
             minor(st.st_dev), (unsigned long)st.st_ino, after);
    file_read("/proc/locks", text, sizeof text);
    return strstr(text, line);
}

/* A file in memory: what stat(2) says of others need not be what their locks show. */
TEST(proc_locks_shows_who_holds_what)
{
    char before[64];
    struct flock f = {.l_type = F_WRLCK, .l_start = 10, .l_len = 10};
    int fd = (int)OK(memfd_create("locked", 0));
    OK(fcntl(fd, F_SETLK, &f));
    snprintf(before, sizeof before, "POSIX  ADVISORY  WRITE %d", getpid());
    CHECK(lock_is_shown(fd, before, "10 19"));
    f = (struct flock){.l_type = F_RDLCK, .l_start = 100};
    OK(fcntl(fd, F_OFD_SETLK, &f));
    CHECK(lock_is_shown(fd, "OFDLCK ADVISORY  READ -1", "100 EOF"));
    OK(flock(fd, LOCK_SH));
    snprintf(before, sizeof before, "FLOCK  ADVISORY  READ %d", getpid());
    CHECK(lock_is_shown(fd, before, "0 EOF"));
    OK(flock(fd, LOCK_UN));
    CHECK(!lock_is_shown(fd, before, "0 EOF"));
}

TEST(proc_locks_shows_who_waits)
{
    char before[64];
    struct flock f = {.l_type = F_WRLCK, .l_len = 5};
    int fd = (int)OK(memfd_create("locked", 0));
    OK(fcntl(fd, F_SETLK, &f));
    pid_t pid = (pid_t)OK(fork());
    if (pid == 0) {
        f.l_type = F_RDLCK;
        _exit(fcntl(fd, F_SETLKW, &f) != 0);
    }
    snprintf(before, sizeof before, "-> POSIX  ADVISORY  READ %d", pid);
    while (!lock_is_shown(fd, before, "0 4"))
        sleep_ms(1);
    f.l_type = F_UNLCK;
    OK(fcntl(fd, F_SETLK, &f));
    child_wait_ok(pid);
    CHECK(!lock_is_shown(fd, before, "0 4"));
}
