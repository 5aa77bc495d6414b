/* SPDX-License-Identifier: BSD-2-Clause */
/* timerfd.h - a timer as a file (timerfd_create(2)). */
#pragma once

#include <stdint.h>

struct file;

struct timerfd_setting {
    uint64_t left_ns, interval_ns; /* left_ns: a time if it is absolute; 0: off */
};

/* CLOCK: CLOCK_REALTIME, CLOCK_MONOTONIC or CLOCK_BOOTTIME.  FLAGS: TFD_NONBLOCK. */
[[nodiscard]] int timerfd_create_file(int clock, uint32_t flags, struct file **file);
bool file_is_timerfd(const struct file *file);
/* FLAGS: TFD_TIMER_ABSTIME, TFD_TIMER_CANCEL_ON_SET. */
void timerfd_set(struct file *file, unsigned flags, const struct timerfd_setting *setting);
/* What is left. */
void timerfd_get(const struct file *file, struct timerfd_setting *setting);
