/* SPDX-License-Identifier: BSD-2-Clause */
/* memory_efault.c - bad pointers given to system calls: EFAULT, and nothing half done. */
#include "test.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/select.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

constexpr long PAGE = 4096;

/* Places that no program may hand out. */
static long bad_places[6];

static void bad_places_find(void)
{
    char *none = (char *)OK(mmap(nullptr, PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
    char *gone = (char *)OK(mmap(nullptr, PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
    OK(munmap(gone, PAGE));
    long places[6] = {8,    (long)none, (long)gone, (long)0xffff800000000000, (long)0x800000000000,
                      -4096};
    memcpy(bad_places, places, sizeof places);
}

#define EACH_BAD(PLACE)                                                                            \
    bad_places_find();                                                                             \
    for (long i_ = 0, PLACE = bad_places[0]; i_ < 6; i_++, PLACE = bad_places[i_ % 6])

/* One page that may be used, and none behind it. */
static char *last_page(void)
{
    char *p = (char *)OK(
        mmap(nullptr, 2 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
    OK(munmap(p + PAGE, PAGE));
    return p;
}

TEST(efault_read_and_write)
{
    int pipes[2], file = (int)OK(open("f", O_CREAT | O_RDWR, 0644));
    CHECK_EQ(write(file, "text", 4), 4);
    OK(pipe(pipes));
    CHECK_EQ(write(pipes[1], "text", 4), 4);
    EACH_BAD(place)
    {
        CHECK_ERRNO(syscall(SYS_pread64, file, place, 4, 0), EFAULT);
        CHECK_ERRNO(syscall(SYS_pwrite64, file, place, 4, 0), EFAULT);
        CHECK_ERRNO(syscall(SYS_write, pipes[1], place, 4), EFAULT);
    }
    file_expect("f", "text");
}

TEST(efault_zero_length_never_looks_at_the_buffer)
{
    int file = (int)OK(open("f", O_CREAT | O_RDWR, 0644));
    CHECK_EQ(syscall(SYS_read, file, 8L, 0), 0);
    CHECK_EQ(syscall(SYS_write, file, 8L, 0), 0);
    CHECK_EQ(syscall(SYS_write, file, nullptr, 0), 0);
}

TEST(efault_path_calls)
{
    file_make("f", "");
    EACH_BAD(place)
    {
        CHECK_ERRNO(syscall(SYS_open, place, O_RDONLY), EFAULT);
        CHECK_ERRNO(syscall(SYS_mkdir, place, 0755), EFAULT);
        CHECK_ERRNO(syscall(SYS_rmdir, place), EFAULT);
        CHECK_ERRNO(syscall(SYS_unlink, place), EFAULT);
        CHECK_ERRNO(syscall(SYS_rename, "f", place), EFAULT);
        CHECK_ERRNO(syscall(SYS_link, place, "g"), EFAULT);
        CHECK_ERRNO(syscall(SYS_symlink, "f", place), EFAULT);
        CHECK_ERRNO(syscall(SYS_chdir, place), EFAULT);
        CHECK_ERRNO(syscall(SYS_access, place, F_OK), EFAULT);
        CHECK_ERRNO(syscall(SYS_truncate, place, 0), EFAULT);
        CHECK_ERRNO(syscall(SYS_chown, place, 0, 0), EFAULT);
    }
    CHECK(path_exists("f"));
}

TEST(efault_results)
{
    EACH_BAD(place)
    {
        CHECK_ERRNO(syscall(SYS_stat, "/", place), EFAULT);
        CHECK_ERRNO(syscall(SYS_fstat, 0, place), EFAULT);
        CHECK_ERRNO(syscall(SYS_newfstatat, AT_FDCWD, "/", place, 0), EFAULT);
        CHECK_ERRNO(syscall(SYS_getcwd, place, 4096), EFAULT);
        CHECK_ERRNO(syscall(SYS_uname, place), EFAULT);
        CHECK_ERRNO(syscall(SYS_pipe, place), EFAULT);
        CHECK_ERRNO(syscall(SYS_pipe2, place, 0), EFAULT);
        CHECK_ERRNO(syscall(SYS_sysinfo, place), EFAULT);
        CHECK_ERRNO(syscall(SYS_getrandom, place, 16, 0), EFAULT);
        CHECK_ERRNO(syscall(SYS_clock_gettime, CLOCK_MONOTONIC, place), EFAULT);
        CHECK_ERRNO(syscall(SYS_rt_sigaction, SIGUSR1, place, nullptr, 8), EFAULT);
        CHECK_ERRNO(syscall(SYS_rt_sigaction, SIGUSR1, nullptr, place, 8), EFAULT);
        CHECK_ERRNO(syscall(SYS_rt_sigprocmask, SIG_BLOCK, place, nullptr, 8), EFAULT);
        CHECK_ERRNO(syscall(SYS_rt_sigpending, place, 8), EFAULT);
        CHECK_ERRNO(syscall(SYS_sigaltstack, place, nullptr), EFAULT);
        CHECK_ERRNO(syscall(SYS_nanosleep, place, nullptr), EFAULT);
        CHECK_ERRNO(syscall(SYS_getitimer, ITIMER_REAL, place), EFAULT);
    }
}

TEST(efault_pipe_leaves_no_descriptors)
{
    int before = (int)OK(dup(0));
    CHECK_ERRNO(syscall(SYS_pipe, 8L), EFAULT);
    CHECK_EQ(dup(0), before + 1);
}

TEST(efault_poll_and_select)
{
    struct epoll_event event = {.events = EPOLLIN};
    int pipes[2], ep = (int)OK(epoll_create1(0));
    OK(pipe(pipes));
    CHECK_EQ(write(pipes[1], "x", 1), 1);
    OK(epoll_ctl(ep, EPOLL_CTL_ADD, pipes[0], &event));
    EACH_BAD(place)
    {
        CHECK_ERRNO(syscall(SYS_poll, place, 1, 0), EFAULT);
        CHECK_ERRNO(syscall(SYS_select, 10, place, nullptr, nullptr, nullptr), EFAULT);
        CHECK_ERRNO(syscall(SYS_epoll_ctl, ep, EPOLL_CTL_ADD, pipes[1], place), EFAULT);
        CHECK_ERRNO(syscall(SYS_epoll_wait, ep, place, 1, 0), EFAULT);
    }
}

TEST(efault_string_that_runs_off_the_last_page)
{
    char *p = last_page();
    memset(p, '/', PAGE);
    CHECK_ERRNO(open(p + PAGE - 100, O_RDONLY), EFAULT);
    p[PAGE - 1] = 0;
    OK(open(p + PAGE - 100, O_RDONLY));
}

TEST(efault_structure_that_straddles_the_last_page)
{
    char *p = last_page();
    OK(syscall(SYS_stat, "/", p + PAGE - (long)sizeof(struct stat)));
    CHECK_ERRNO(syscall(SYS_stat, "/", p + PAGE - (long)sizeof(struct stat) + 1), EFAULT);
    CHECK_ERRNO(syscall(SYS_pipe, p + PAGE - 4), EFAULT);
}

TEST(efault_read_stops_at_the_last_page)
{
    char *p = last_page();
    int pipes[2];
    OK(pipe(pipes));
    CHECK_EQ(write(pipes[1], "0123456789", 10), 10);
    /* Exactly what fits can be read. */
    CHECK_EQ(read(pipes[0], p + PAGE - 4, 4), 4);
    CHECK(!memcmp(p + PAGE - 4, "0123", 4));
}

TEST(efault_write_from_a_partly_mapped_buffer)
{
    char *p = last_page();
    memset(p, 'w', PAGE);
    int fd = (int)OK(open("f", O_CREAT | O_RDWR, 0644));
    long got = write(fd, p + PAGE - 6, 12);
    /* What could be read may be written; a file system may also refuse it all. */
    CHECK((got == -1 && errno == EFAULT) || got == 6);
}

TEST(efault_huge_lengths)
{
    char byte[16];
    int fd = (int)OK(open("/dev/zero", O_RDONLY));
    CHECK_ERRNO(syscall(SYS_read, fd, byte, -1L), EFAULT);
    CHECK_ERRNO(syscall(SYS_read, fd, 0x7fffffff0000L, 1L << 40), EFAULT);
    int out = (int)OK(open("/dev/null", O_WRONLY));
    /* /dev/null does not look, but the range must be in the user's half. */
    CHECK_ERRNO(syscall(SYS_write, out, byte, -1L), EFAULT);
}

TEST(efault_readonly_result)
{
    char *p = (char *)OK(mmap(nullptr, PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
    CHECK_ERRNO(syscall(SYS_uname, p), EFAULT);
    CHECK_ERRNO(syscall(SYS_stat, "/", p), EFAULT);
    CHECK_ERRNO(syscall(SYS_getcwd, p, 100), EFAULT);
}

TEST(efault_result_in_untouched_memory_is_fine)
{
    char *p = (char *)OK(
        mmap(nullptr, 4 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
    OK(syscall(SYS_stat, "/", p + PAGE - 20));
    int fd = (int)OK(open("/dev/zero", O_RDONLY));
    CHECK_EQ(read(fd, p + PAGE + 100, 2 * PAGE), 2 * PAGE);
}

TEST(efault_buffer_shared_after_fork_is_copied)
{
    static char text[16] = "before";
    int pipes[2];
    OK(pipe(pipes));
    CHECK_EQ(write(pipes[1], "after", 6), 6);
    IN_CHILD
    {
        /* The system's store must break the sharing just as a program's does. */
        CHECK_EQ(read(pipes[0], text, 6), 6);
        CHECK_STR(text, "after");
    }
    CHECK_STR(text, "before");
}
