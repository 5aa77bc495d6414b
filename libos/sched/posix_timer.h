/* SPDX-License-Identifier: BSD-2-Clause */
/* posix_timer.h - the timers of timer_create(2).
 *
 * Life: created disarmed; armed by setting a time; when it expires it sends its signal and, if it
 * has an interval, waits until that signal is taken before it is armed again: what passed
 * meanwhile is the overrun.  So a short interval costs no more than the program can handle.
 */
#pragma once

#include <linux/time.h>
#include <asm-generic/siginfo.h>
#include "sched/clock.h"
#include "sched/itimer.h"

struct posix_timer; /* opaque */

struct posix_timer_setting {
    uint64_t left_ns; /* or a point in time */
    uint64_t interval_ns;
};

/* -EINVAL: a bad event.  -EAGAIN: no memory.  CLOCK's process, if any, is the owner's.  EVENT
 * null: SIGALRM. */
[[nodiscard]] int posix_timer_create(struct process_timers *owner, const struct clock *clock,
                                     const struct sigevent *event, int32_t *id);
struct posix_timer *posix_timer_find(struct process_timers *owner, int32_t id);
void posix_timer_delete(struct posix_timer *t);

struct posix_timer_setting posix_timer_get(struct posix_timer *t);
void posix_timer_set(struct posix_timer *t, const struct posix_timer_setting *setting,
                     bool absolute);
int posix_timer_overrun(const struct posix_timer *t);

void posix_timers_delete_all(struct process_timers *owner);
void posix_timers_tick(struct process_timers *owner);
