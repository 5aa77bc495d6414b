/* SPDX-License-Identifier: BSD-2-Clause */
/* epoll.h - sets of files whose readiness is kept track of (epoll(7)). */
#pragma once

#include <linux/eventpoll.h>
#include <stdint.h>

struct file;

/* epoll_create1(2): a new, empty set.  0 or -ENOMEM. */
[[nodiscard]] int epoll_create_file(struct file **file);
bool file_is_epoll(const struct file *file);

/* epoll_ctl(2) on the set EPOLL for the number FD that means FILE now. */
[[nodiscard]] int epoll_change(struct file *epoll, int op, int fd, struct file *file,
                               const struct epoll_event *event);

/* epoll_wait(2): up to MOST events given to TAKE, at least one unless DEADLINE_NS passes.  Their
 * number, -EINTR, or TAKE's negative result if there was none before. */
long epoll_wait_events(struct file *epoll, int most, uint64_t deadline_ns,
                       int (*take)(void *arg, const struct epoll_event *event), void *arg);

/* FILE is closed for good: it leaves all sets. */
void epoll_file_closed(struct file *file);
