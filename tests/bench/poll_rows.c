/* SPDX-License-Identifier: BSD-2-Clause */
/* poll_rows.c - which of many descriptors is ready: lmbench's lat_select.
 *
 * The descriptors are event counters, the last of which is readable; no call waits.
 */
#include <poll.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/select.h>
#include <unistd.h>

#include "bench.h"

constexpr int FDS_MOST = 500;

static int fds[FDS_MOST], last, epoll;
static struct pollfd polled[FDS_MOST];
static fd_set selected;

static void fds_setup(const struct row *row)
{
    FD_ZERO(&selected);
    for (int i = 0; i < row->arg; i++) {
        bool is_last = i == row->arg - 1;
        fds[i] = last = OK(eventfd(is_last ? 1 : 0, EFD_NONBLOCK));
        polled[i] = (struct pollfd){.fd = fds[i], .events = POLLIN};
        FD_SET(fds[i], &selected);
    }
}

static void epoll_setup(const struct row *row)
{
    fds_setup(row);
    epoll = OK(epoll_create1(0));
    for (int i = 0; i < row->arg; i++) {
        struct epoll_event event = {.events = EPOLLIN, .data.fd = fds[i]};
        OK(epoll_ctl(epoll, EPOLL_CTL_ADD, fds[i], &event));
    }
}

static void select_run(const struct row *, long count)
{
    while (count--) {
        fd_set set = selected;
        struct timeval no_time = {};
        if (select(last + 1, &set, nullptr, nullptr, &no_time) != 1)
            fail("select");
    }
}

static void poll_run(const struct row *row, long count)
{
    while (count--)
        if (poll(polled, (nfds_t)row->arg, 0) != 1)
            fail("poll");
}

static void epoll_run(const struct row *, long count)
{
    struct epoll_event events[16];
    while (count--)
        if (epoll_wait(epoll, events, 16, 0) != 1)
            fail("epoll_wait");
}

static const struct row poll_rows[] = {
    {"select_10", "select on 10 descriptors", fds_setup, select_run, 10, 0},
    {"select_100", "select on 100 descriptors", fds_setup, select_run, 100, 0},
    {"select_500", "select on 500 descriptors", fds_setup, select_run, 500, 0},
    {"poll_10", "poll on 10 descriptors", fds_setup, poll_run, 10, 0},
    {"poll_100", "poll on 100 descriptors", fds_setup, poll_run, 100, 0},
    {"poll_500", "poll on 500 descriptors", fds_setup, poll_run, 500, 0},
    {"epoll_10", "epoll_wait on 10 descriptors", epoll_setup, epoll_run, 10, 0},
    {"epoll_100", "epoll_wait on 100 descriptors", epoll_setup, epoll_run, 100, 0},
    {"epoll_500", "epoll_wait on 500 descriptors", epoll_setup, epoll_run, 500, 0},
};

GROUP("poll", poll_rows);
