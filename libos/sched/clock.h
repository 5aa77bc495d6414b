/* SPDX-License-Identifier: BSD-2-Clause */
/* clock.h - clocks by Linux's numbers: clock_gettime(2). */
#pragma once

#include <linux/time.h>
#include <stdint.h>

struct process;
struct thread;

/* What a number names. */
struct clock {
    enum clock_kind : uint8_t {
        CLOCK_KIND_MONOTONIC, /* CLOCK_BOOTTIME and CLOCK_MONOTONIC_RAW too */
        CLOCK_KIND_REALTIME,
        CLOCK_KIND_TAI,
        CLOCK_KIND_PROCESS, /* CPU time */
        CLOCK_KIND_THREAD,
    } kind;
    bool coarse;
    bool can_wait; /* for sleeping and timers */
    struct process *process;
    struct thread *thread;
};

/* 0, or -EINVAL: there is no such clock, or no such thread.  A process or thread is not
 * referenced. */
[[nodiscard]] int clock_find(struct clock *clock, int32_t id);

uint64_t clock_now_ns(const struct clock *clock);
uint64_t clock_resolution_ns(const struct clock *clock);

static inline bool clock_is_cpu(const struct clock *clock)
{
    return clock->kind >= CLOCK_KIND_PROCESS;
}
