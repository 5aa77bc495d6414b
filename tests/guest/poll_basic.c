/* SPDX-License-Identifier: BSD-2-Clause */
/* poll_basic.c - poll(2), ppoll(2), select(2), pselect(2). */
#include "test.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/select.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static int poll_one(int fd, short events)
{
    struct pollfd one = {.fd = fd, .events = events};
    int n = (int)OK(poll(&one, 1, 0));
    CHECK_EQ(n, one.revents != 0);
    return one.revents;
}

TEST(poll_pipe_states)
{
    int p[2];
    static char page[65536];
    char byte;
    OK(pipe(p));
    CHECK_EQ(poll_one(p[0], POLLIN), 0);
    CHECK_EQ(poll_one(p[1], POLLOUT), POLLOUT);
    CHECK_EQ(write(p[1], page, sizeof page), sizeof page);
    CHECK_EQ(poll_one(p[0], POLLIN | POLLRDNORM), POLLIN | POLLRDNORM);
    CHECK_EQ(poll_one(p[1], POLLOUT), 0);
    CHECK_EQ(read(p[0], page, sizeof page), sizeof page);
    CHECK_EQ(write(p[1], "x", 1), 1);
    OK(close(p[1]));
    CHECK_EQ(poll_one(p[0], POLLIN), POLLIN | POLLHUP);
    CHECK_EQ(read(p[0], &byte, 1), 1);
    CHECK_EQ(poll_one(p[0], POLLIN), POLLHUP);
    CHECK_EQ(poll_one(p[0], 0), POLLHUP);
}

TEST(poll_pipe_without_readers)
{
    int p[2];
    OK(pipe(p));
    OK(close(p[0]));
    CHECK_EQ(poll_one(p[1], POLLOUT), POLLOUT | POLLERR);
    CHECK_EQ(poll_one(p[1], 0), POLLERR);
}

TEST(poll_files_are_always_ready)
{
    file_make("f", "");
    int fd = (int)OK(open("f", O_RDWR));
    CHECK_EQ(poll_one(fd, POLLIN | POLLOUT), POLLIN | POLLOUT);
    fd = (int)OK(open("/dev/null", O_RDWR));
    CHECK_EQ(poll_one(fd, POLLIN | POLLOUT), POLLIN | POLLOUT);
}

TEST(poll_bad_and_negative_fds)
{
    struct pollfd fds[3] = {{-1, POLLIN, 77}, {999, POLLIN, 77}, {-7, POLLOUT, 77}};
    CHECK_EQ(poll(fds, 3, 0), 1);
    CHECK_EQ(fds[0].revents, 0);
    CHECK_EQ(fds[1].revents, POLLNVAL);
    CHECK_EQ(fds[2].revents, 0);
}

TEST(poll_timeout_waits)
{
    int64_t start = clock_now_ns();
    CHECK_EQ(poll(nullptr, 0, 20), 0);
    CHECK(clock_now_ns() - start >= 20000000);
}

TEST(poll_is_woken_by_a_writer)
{
    int p[2];
    pid_t self = getpid();
    OK(pipe(p));
    pid_t pid = (pid_t)OK(fork());
    if (pid == 0) {
        process_await_state(self, "S");
        CHECK_EQ(write(p[1], "x", 1), 1);
        _exit(0);
    }
    struct pollfd one = {.fd = p[0], .events = POLLIN};
    CHECK_EQ(poll(&one, 1, -1), 1);
    CHECK_EQ(one.revents, POLLIN);
    child_wait_ok(pid);
}

TEST(poll_is_woken_by_a_close)
{
    int p[2];
    pid_t self = getpid();
    OK(pipe(p));
    pid_t pid = (pid_t)OK(fork());
    if (pid == 0) {
        process_await_state(self, "S");
        _exit(0);
    }
    OK(close(p[1]));
    struct pollfd one = {.fd = p[0], .events = POLLIN};
    CHECK_EQ(poll(&one, 1, -1), 1);
    CHECK_EQ(one.revents, POLLHUP);
    child_wait_ok(pid);
}

TEST(poll_errors)
{
    struct rlimit limit = {30, 30};
    static struct pollfd many[40];
    CHECK_ERRNO(syscall(SYS_poll, 8L, 1, 0), EFAULT);
    OK(setrlimit(RLIMIT_NOFILE, &limit));
    CHECK_ERRNO(poll(many, 31, 0), EINVAL);
}

TEST(poll_two_hundred_fds)
{
    struct pollfd fds[200];
    int pipes[100][2];
    for (int i = 0; i < 100; i++) {
        OK(pipe(pipes[i]));
        fds[i] = (struct pollfd){pipes[i][0], POLLIN, 0};
        fds[i + 100] = (struct pollfd){pipes[i][1], POLLIN, 0};
    }
    CHECK_EQ(poll(fds, 200, 0), 0);
    for (int i = 0; i < 100; i += 10)
        CHECK_EQ(write(pipes[i][1], "x", 1), 1);
    CHECK_EQ(poll(fds, 200, -1), 10);
    for (int i = 0; i < 100; i++)
        CHECK_EQ(fds[i].revents, i % 10 ? 0 : POLLIN);
}

static volatile sig_atomic_t count;

static void handler_counts(int)
{
    count++;
}

TEST(ppoll_swaps_the_mask)
{
    sigset_t set, none;
    struct timespec long_time = {100, 0};
    signal(SIGUSR1, handler_counts);
    sigemptyset(&none);
    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    OK(sigprocmask(SIG_BLOCK, &set, nullptr));
    OK(raise(SIGUSR1));
    CHECK_ERRNO(ppoll(nullptr, 0, &long_time, &none), EINTR);
    CHECK_EQ(count, 1);
    OK(raise(SIGUSR1));
    struct timespec zero = {};
    CHECK_EQ(ppoll(nullptr, 0, &zero, nullptr), 0);
    CHECK_EQ(count, 1);
    struct timespec bad = {0, 1000000000};
    CHECK_ERRNO(ppoll(nullptr, 0, &bad, nullptr), EINVAL);
}

TEST(select_sets)
{
    int p[2];
    fd_set in, out, ex;
    OK(pipe(p));
    FD_ZERO(&in);
    FD_ZERO(&out);
    FD_ZERO(&ex);
    FD_SET(p[0], &in);
    FD_SET(p[1], &out);
    FD_SET(p[0], &ex);
    struct timeval zero = {};
    CHECK_EQ(select(p[1] + 1, &in, &out, &ex, &zero), 1);
    CHECK(!FD_ISSET(p[0], &in) && FD_ISSET(p[1], &out) && !FD_ISSET(p[0], &ex));
    CHECK_EQ(write(p[1], "x", 1), 1);
    FD_SET(p[0], &in);
    CHECK_EQ(select(p[1] + 1, &in, &out, nullptr, nullptr), 2);
    CHECK(FD_ISSET(p[0], &in));
}

TEST(select_counts_a_hangup_as_readable)
{
    int p[2];
    fd_set in;
    OK(pipe(p));
    OK(close(p[1]));
    FD_ZERO(&in);
    FD_SET(p[0], &in);
    CHECK_EQ(select(p[0] + 1, &in, nullptr, nullptr, nullptr), 1);
    CHECK(FD_ISSET(p[0], &in));
}

TEST(select_timeout_shows_what_is_left)
{
    struct timeval wait = {0, 15000};
    int64_t start = clock_now_ns();
    CHECK_EQ(select(0, nullptr, nullptr, nullptr, &wait), 0);
    CHECK(clock_now_ns() - start >= 15000000);
    CHECK_EQ(wait.tv_sec, 0);
    CHECK_EQ(wait.tv_usec, 0);
    int null = (int)OK(open("/dev/null", O_RDONLY));
    fd_set in;
    FD_ZERO(&in);
    FD_SET(null, &in);
    wait = (struct timeval){50, 0};
    CHECK_EQ(select(null + 1, &in, nullptr, nullptr, &wait), 1);
    CHECK(wait.tv_sec >= 40);
}

TEST(select_errors)
{
    fd_set in;
    struct timeval negative = {-1, 0};
    FD_ZERO(&in);
    int gone = (int)OK(dup(0));
    OK(close(gone));
    FD_SET(gone, &in);
    CHECK_ERRNO(select(gone + 1, &in, nullptr, nullptr, nullptr), EBADF);
    CHECK_ERRNO(select(-1, nullptr, nullptr, nullptr, nullptr), EINVAL);
    FD_ZERO(&in);
    CHECK_ERRNO(select(1, &in, nullptr, nullptr, &negative), EINVAL);
    CHECK_ERRNO(syscall(SYS_select, 1, 8L, nullptr, nullptr, nullptr), EFAULT);
}

TEST(pselect_swaps_the_mask)
{
    sigset_t set, none;
    signal(SIGUSR1, handler_counts);
    sigemptyset(&none);
    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    OK(sigprocmask(SIG_BLOCK, &set, nullptr));
    OK(raise(SIGUSR1));
    CHECK_ERRNO(pselect(0, nullptr, nullptr, nullptr, nullptr, &none), EINTR);
    CHECK_EQ(count, 1);
    OK(sigprocmask(SIG_BLOCK, nullptr, &none));
    CHECK(sigismember(&none, SIGUSR1));
}
