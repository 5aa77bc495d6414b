/* SPDX-License-Identifier: BSD-2-Clause */
/* poll_eventfd.c - eventfd(2), timerfd(2), signalfd(2). */
#include "test.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

static int poll_one(int fd)
{
    struct pollfd one = {.fd = fd, .events = POLLIN | POLLOUT};
    OK(poll(&one, 1, 0));
    return one.revents;
}

TEST(eventfd_counts)
{
    uint64_t value = 5;
    int fd = (int)OK(eventfd(3, EFD_NONBLOCK));
    CHECK_EQ(write(fd, &value, 8), 8);
    CHECK_EQ(read(fd, &value, 8), 8);
    CHECK_EQ(value, 8);
    CHECK_ERRNO(read(fd, &value, 8), EAGAIN);
}

TEST(eventfd_semaphore)
{
    uint64_t value;
    int fd = (int)OK(eventfd(2, EFD_NONBLOCK | EFD_SEMAPHORE));
    CHECK_EQ(read(fd, &value, 8), 8);
    CHECK_EQ(value, 1);
    CHECK_EQ(read(fd, &value, 8), 8);
    CHECK_ERRNO(read(fd, &value, 8), EAGAIN);
}

TEST(eventfd_limits_and_errors)
{
    uint64_t value = UINT64_MAX;
    int fd = (int)OK(eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC));
    CHECK_EQ(fcntl(fd, F_GETFD), FD_CLOEXEC);
    CHECK_ERRNO(write(fd, &value, 8), EINVAL);
    value = UINT64_MAX - 1;
    CHECK_EQ(write(fd, &value, 8), 8);
    CHECK_EQ(poll_one(fd), POLLIN);
    value = 1;
    CHECK_ERRNO(write(fd, &value, 8), EAGAIN);
    CHECK_ERRNO(read(fd, &value, 4), EINVAL);
    CHECK_ERRNO(write(fd, &value, 7), EINVAL);
    CHECK_ERRNO(eventfd(0, 0x40), EINVAL);
    CHECK_EQ(read(fd, &value, 8), 8);
    CHECK_EQ(poll_one(fd), POLLOUT);
}

TEST(eventfd_wakes_across_processes)
{
    uint64_t value = 9;
    pid_t self = getpid();
    int fd = (int)OK(eventfd(0, 0));
    pid_t pid = (pid_t)OK(fork());
    if (pid == 0) {
        process_await_state(self, "S");
        CHECK_EQ(write(fd, &value, 8), 8);
        _exit(0);
    }
    value = 0;
    CHECK_EQ(read(fd, &value, 8), 8);
    CHECK_EQ(value, 9);
    child_wait_ok(pid);
}

TEST(timerfd_expires_once)
{
    uint64_t ticks = 0;
    struct itimerspec set = {{}, {0, 10000000}}, got;
    int fd = (int)OK(timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC));
    CHECK_EQ(fcntl(fd, F_GETFD), FD_CLOEXEC);
    int64_t start = clock_now_ns();
    OK(timerfd_settime(fd, 0, &set, nullptr));
    CHECK_EQ(read(fd, &ticks, 8), 8);
    CHECK_EQ(ticks, 1);
    CHECK(clock_now_ns() - start >= 10000000);
    OK(timerfd_gettime(fd, &got));
    CHECK_EQ(got.it_value.tv_sec, 0);
    CHECK_EQ(got.it_value.tv_nsec, 0);
}

TEST(timerfd_periodic_counts_missed_ticks)
{
    uint64_t ticks = 0;
    struct itimerspec set = {{0, 1000000}, {0, 1000000}};
    int fd = (int)OK(timerfd_create(CLOCK_MONOTONIC, 0));
    OK(timerfd_settime(fd, 0, &set, nullptr));
    sleep_ms(20);
    CHECK_EQ(read(fd, &ticks, 8), 8);
    CHECK(ticks >= 19);
    CHECK_EQ(read(fd, &ticks, 8), 8);
    CHECK(ticks >= 1);
}

TEST(timerfd_absolute_in_the_past_expires_at_once)
{
    uint64_t ticks;
    struct itimerspec set = {{}, {0, 1}};
    int fd = (int)OK(timerfd_create(CLOCK_REALTIME, TFD_NONBLOCK));
    CHECK_ERRNO(read(fd, &ticks, 8), EAGAIN);
    OK(timerfd_settime(fd, TFD_TIMER_ABSTIME, &set, nullptr));
    struct pollfd one = {.fd = fd, .events = POLLIN};
    CHECK_EQ(poll(&one, 1, -1), 1);
    CHECK_EQ(read(fd, &ticks, 8), 8);
    CHECK_EQ(ticks, 1);
}

TEST(timerfd_set_again_and_disarm)
{
    uint64_t ticks;
    struct itimerspec set = {{0, 5}, {1000, 0}}, old, zero = {};
    int fd = (int)OK(timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK));
    OK(timerfd_settime(fd, 0, &set, nullptr));
    OK(timerfd_settime(fd, 0, &zero, &old));
    CHECK(old.it_value.tv_sec >= 990 && old.it_value.tv_sec <= 1000);
    CHECK_EQ(old.it_interval.tv_nsec, 5);
    CHECK_ERRNO(read(fd, &ticks, 8), EAGAIN);
}

TEST(timerfd_errors)
{
    uint64_t ticks;
    struct itimerspec bad = {{}, {0, 1000000000}}, set = {};
    int fd = (int)OK(timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK));
    CHECK_ERRNO(timerfd_create(99, 0), EINVAL);
    CHECK_ERRNO(timerfd_create(CLOCK_MONOTONIC, 0x40), EINVAL);
    CHECK_ERRNO(timerfd_settime(fd, 0, &bad, nullptr), EINVAL);
    CHECK_ERRNO(timerfd_settime(fd, 0x40, &set, nullptr), EINVAL);
    CHECK_ERRNO(timerfd_settime(0, 0, &set, nullptr), EINVAL);
    CHECK_ERRNO(timerfd_settime(999, 0, &set, nullptr), EBADF);
    CHECK_ERRNO(read(fd, &ticks, 4), EINVAL);
    CHECK_ERRNO(syscall(SYS_timerfd_settime, fd, 0, nullptr, nullptr), EFAULT);
}

static sigset_t blocked(int sig)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, sig);
    OK(sigprocmask(SIG_BLOCK, &set, nullptr));
    return set;
}

TEST(signalfd_reads_signals)
{
    sigset_t set = blocked(SIGUSR1);
    struct signalfd_siginfo info[2];
    int fd = (int)OK(signalfd(-1, &set, SFD_NONBLOCK));
    CHECK_ERRNO(read(fd, info, sizeof info), EAGAIN);
    OK(kill(getpid(), SIGUSR1));
    CHECK_EQ(poll_one(fd), POLLIN);
    CHECK_EQ(read(fd, info, sizeof info), sizeof info[0]);
    CHECK_EQ(info[0].ssi_signo, SIGUSR1);
    CHECK_EQ(info[0].ssi_code, SI_USER);
    CHECK_EQ(info[0].ssi_pid, getpid());
    CHECK_ERRNO(read(fd, info, 100), EINVAL);
}

TEST(signalfd_queue_and_values)
{
    sigset_t set = blocked(SIGRTMIN);
    struct signalfd_siginfo info[5];
    int fd = (int)OK(signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC));
    CHECK_EQ(fcntl(fd, F_GETFD), FD_CLOEXEC);
    for (int i = 0; i < 3; i++)
        OK(sigqueue(getpid(), SIGRTMIN, (union sigval){.sival_int = i}));
    CHECK_EQ(read(fd, info, sizeof info), 3 * (long)sizeof info[0]);
    for (int i = 0; i < 3; i++)
        CHECK_EQ(info[i].ssi_int, i);
}

TEST(signalfd_child_exit)
{
    sigset_t set = blocked(SIGCHLD);
    struct signalfd_siginfo info;
    int fd = (int)OK(signalfd(-1, &set, 0));
    pid_t pid = (pid_t)OK(fork());
    if (pid == 0)
        _exit(5);
    CHECK_EQ(read(fd, &info, sizeof info), sizeof info);
    CHECK_EQ(info.ssi_signo, SIGCHLD);
    CHECK_EQ(info.ssi_pid, pid);
    CHECK_EQ(info.ssi_status, 5);
    child_wait(pid);
}

TEST(signalfd_mask_can_be_changed)
{
    sigset_t set = blocked(SIGUSR1), other = blocked(SIGUSR2);
    struct signalfd_siginfo info;
    int fd = (int)OK(signalfd(-1, &set, SFD_NONBLOCK));
    OK(raise(SIGUSR2));
    CHECK_ERRNO(read(fd, &info, sizeof info), EAGAIN);
    CHECK_EQ(signalfd(fd, &other, 0), fd);
    CHECK_EQ(read(fd, &info, sizeof info), sizeof info);
    CHECK_EQ(info.ssi_signo, SIGUSR2);
    CHECK_ERRNO(signalfd(0, &set, 0), EINVAL);
    CHECK_ERRNO(signalfd(999, &set, 0), EBADF);
    CHECK_ERRNO(signalfd(-1, &set, 0x40), EINVAL);
}
