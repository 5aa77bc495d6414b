/* SPDX-License-Identifier: BSD-2-Clause */
/* poll_epoll.c - epoll(7): level, edge, one shot, nesting, errors. */
#include "test.h"

#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/syscall.h>
#include <unistd.h>

static int epoll_made(void)
{
    return (int)OK(epoll_create1(0));
}

static void watch(int ep, int fd, uint32_t events)
{
    struct epoll_event event = {.events = events, .data.fd = fd};
    OK(epoll_ctl(ep, EPOLL_CTL_ADD, fd, &event));
}

/* The number of events that are there now; the first in EVENT. */
static int ready(int ep, struct epoll_event *event)
{
    struct epoll_event events[8];
    int n = (int)OK(epoll_wait(ep, events, 8, 0));
    if (event && n)
        *event = events[0];
    return n;
}

TEST(epoll_level_triggered_tells_again)
{
    int p[2], ep = epoll_made();
    struct epoll_event event;
    char byte;
    OK(pipe(p));
    watch(ep, p[0], EPOLLIN);
    CHECK_EQ(ready(ep, nullptr), 0);
    CHECK_EQ(write(p[1], "ab", 2), 2);
    for (int i = 0; i < 3; i++) {
        CHECK_EQ(ready(ep, &event), 1);
        CHECK_EQ(event.events, EPOLLIN);
        CHECK_EQ(event.data.fd, p[0]);
    }
    CHECK_EQ(read(p[0], &byte, 1), 1);
    CHECK_EQ(ready(ep, nullptr), 1);
    CHECK_EQ(read(p[0], &byte, 1), 1);
    CHECK_EQ(ready(ep, nullptr), 0);
}

TEST(epoll_edge_triggered_tells_once)
{
    int p[2], ep = epoll_made();
    OK(pipe(p));
    watch(ep, p[0], EPOLLIN | EPOLLET);
    CHECK_EQ(write(p[1], "a", 1), 1);
    CHECK_EQ(ready(ep, nullptr), 1);
    CHECK_EQ(ready(ep, nullptr), 0);
    CHECK_EQ(write(p[1], "b", 1), 1);
    CHECK_EQ(ready(ep, nullptr), 1);
    CHECK_EQ(ready(ep, nullptr), 0);
}

TEST(epoll_one_shot_until_armed_again)
{
    int p[2], ep = epoll_made();
    OK(pipe(p));
    CHECK_EQ(write(p[1], "a", 1), 1);
    watch(ep, p[0], EPOLLIN | EPOLLONESHOT);
    CHECK_EQ(ready(ep, nullptr), 1);
    CHECK_EQ(ready(ep, nullptr), 0);
    struct epoll_event event = {.events = EPOLLIN | EPOLLONESHOT, .data.u64 = 99};
    OK(epoll_ctl(ep, EPOLL_CTL_MOD, p[0], &event));
    CHECK_EQ(ready(ep, &event), 1);
    CHECK_EQ(event.data.u64, 99);
}

TEST(epoll_hangup_and_error_need_no_asking)
{
    int p[2], ep = epoll_made();
    struct epoll_event event;
    OK(pipe(p));
    watch(ep, p[0], 0);
    OK(close(p[1]));
    CHECK_EQ(ready(ep, &event), 1);
    CHECK_EQ(event.events, EPOLLHUP);
    OK(pipe(p));
    int other = epoll_made();
    watch(other, p[1], EPOLLOUT);
    OK(close(p[0]));
    CHECK_EQ(ready(other, &event), 1);
    CHECK_EQ(event.events, EPOLLOUT | EPOLLERR);
}

TEST(epoll_ctl_errors)
{
    int p[2], ep = epoll_made();
    struct epoll_event event = {.events = EPOLLIN};
    OK(pipe(p));
    CHECK_ERRNO(epoll_ctl(ep, EPOLL_CTL_MOD, p[0], &event), ENOENT);
    CHECK_ERRNO(epoll_ctl(ep, EPOLL_CTL_DEL, p[0], nullptr), ENOENT);
    OK(epoll_ctl(ep, EPOLL_CTL_ADD, p[0], &event));
    CHECK_ERRNO(epoll_ctl(ep, EPOLL_CTL_ADD, p[0], &event), EEXIST);
    CHECK_ERRNO(epoll_ctl(ep, EPOLL_CTL_ADD, ep, &event), EINVAL);
    CHECK_ERRNO(epoll_ctl(ep, 99, p[0], &event), EINVAL);
    CHECK_ERRNO(epoll_ctl(ep, EPOLL_CTL_ADD, 999, &event), EBADF);
    CHECK_ERRNO(epoll_ctl(999, EPOLL_CTL_ADD, p[0], &event), EBADF);
    CHECK_ERRNO(epoll_ctl(p[0], EPOLL_CTL_ADD, p[1], &event), EINVAL);
    file_make("f", "");
    int file = (int)OK(open("f", O_RDONLY));
    CHECK_ERRNO(epoll_ctl(ep, EPOLL_CTL_ADD, file, &event), EPERM);
    CHECK_ERRNO(syscall(SYS_epoll_ctl, ep, EPOLL_CTL_ADD, p[1], nullptr), EFAULT);
}

TEST(epoll_wait_errors)
{
    struct epoll_event event;
    int ep = epoll_made();
    CHECK_ERRNO(epoll_wait(ep, &event, 0, 0), EINVAL);
    CHECK_ERRNO(epoll_wait(ep, &event, -1, 0), EINVAL);
    CHECK_ERRNO(epoll_wait(0, &event, 1, 0), EINVAL);
    CHECK_ERRNO(epoll_wait(999, &event, 1, 0), EBADF);
    CHECK_ERRNO(epoll_create(0), EINVAL);
    CHECK_ERRNO(epoll_create1(0x40), EINVAL);
    CHECK_EQ(fcntl((int)OK(epoll_create1(EPOLL_CLOEXEC)), F_GETFD), FD_CLOEXEC);
    OK(epoll_create(5));
}

TEST(epoll_removes_a_closed_file)
{
    int p[2], ep = epoll_made();
    OK(pipe(p));
    CHECK_EQ(write(p[1], "x", 1), 1);
    watch(ep, p[0], EPOLLIN);
    OK(close(p[0]));
    CHECK_EQ(ready(ep, nullptr), 0);
}

TEST(epoll_watches_the_description_not_the_number)
{
    int p[2], ep = epoll_made();
    struct epoll_event event;
    OK(pipe(p));
    CHECK_EQ(write(p[1], "x", 1), 1);
    watch(ep, p[0], EPOLLIN);
    int copy = (int)OK(dup(p[0]));
    OK(close(p[0]));
    /* The description lives on through its copy. */
    CHECK_EQ(ready(ep, &event), 1);
    CHECK_EQ(event.data.fd, p[0]);
    watch(ep, copy, EPOLLIN);
    CHECK_EQ(ready(ep, nullptr), 2);
    OK(close(copy));
    CHECK_EQ(ready(ep, nullptr), 0);
}

TEST(epoll_nested)
{
    int p[2], inner = epoll_made(), outer = epoll_made();
    struct epoll_event event;
    OK(pipe(p));
    watch(inner, p[0], EPOLLIN);
    watch(outer, inner, EPOLLIN);
    CHECK_EQ(ready(outer, nullptr), 0);
    CHECK_EQ(write(p[1], "x", 1), 1);
    CHECK_EQ(ready(outer, &event), 1);
    CHECK_EQ(event.data.fd, inner);
    CHECK_EQ(ready(inner, &event), 1);
    CHECK_EQ(event.data.fd, p[0]);
    event.events = EPOLLIN;
    CHECK_ERRNO(epoll_ctl(inner, EPOLL_CTL_ADD, outer, &event), ELOOP);
}

TEST(epoll_wakes_a_sleeper)
{
    int p[2], ep = epoll_made();
    struct epoll_event event;
    pid_t self = getpid();
    OK(pipe(p));
    watch(ep, p[0], EPOLLIN);
    pid_t pid = (pid_t)OK(fork());
    if (pid == 0) {
        process_await_state(self, "S");
        CHECK_EQ(write(p[1], "x", 1), 1);
        _exit(0);
    }
    CHECK_EQ(epoll_wait(ep, &event, 1, -1), 1);
    CHECK_EQ(event.data.fd, p[0]);
    child_wait_ok(pid);
}

TEST(epoll_gives_at_most_maxevents_and_the_rest_next)
{
    int fds[10], ep = epoll_made();
    bool seen[1000] = {};
    struct epoll_event events[4];
    int total = 0;
    for (int i = 0; i < 10; i++) {
        fds[i] = (int)OK(eventfd(1, 0));
        watch(ep, fds[i], EPOLLIN | EPOLLET);
    }
    for (int n; (n = (int)OK(epoll_wait(ep, events, 4, 0))) > 0;) {
        CHECK(n <= 4);
        for (int i = 0; i < n; i++) {
            CHECK(!seen[events[i].data.fd]);
            seen[events[i].data.fd] = true;
        }
        total += n;
    }
    CHECK_EQ(total, 10);
}

TEST(epoll_delete_and_timeout)
{
    int p[2], ep = epoll_made();
    struct epoll_event event;
    OK(pipe(p));
    CHECK_EQ(write(p[1], "x", 1), 1);
    watch(ep, p[0], EPOLLIN);
    OK(epoll_ctl(ep, EPOLL_CTL_DEL, p[0], nullptr));
    int64_t start = clock_now_ns();
    CHECK_EQ(epoll_wait(ep, &event, 1, 15), 0);
    CHECK(clock_now_ns() - start >= 14000000);
}

static volatile sig_atomic_t count;

static void handler_counts(int)
{
    count++;
}

TEST(epoll_pwait_swaps_the_mask)
{
    int ep = epoll_made();
    struct epoll_event event;
    sigset_t set, none;
    signal(SIGUSR1, handler_counts);
    sigemptyset(&none);
    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    OK(sigprocmask(SIG_BLOCK, &set, nullptr));
    OK(raise(SIGUSR1));
    CHECK_ERRNO(epoll_pwait(ep, &event, 1, -1, &none), EINTR);
    CHECK_EQ(count, 1);
}

TEST(epoll_of_both_pipe_ends)
{
    int p[2], ep = epoll_made();
    struct epoll_event event;
    OK(pipe(p));
    watch(ep, p[0], EPOLLIN);
    watch(ep, p[1], EPOLLOUT);
    CHECK_EQ(ready(ep, &event), 1);
    CHECK_EQ(event.data.fd, p[1]);
    CHECK_EQ(write(p[1], "x", 1), 1);
    CHECK_EQ(ready(ep, nullptr), 2);
}
