/* SPDX-License-Identifier: BSD-2-Clause */
/* clock.c - clocks by Linux's numbers. */
#include "sched/clock.h"

#include "base/errno.h"
#include "proc/pid_namespace.h"
#include "proc/process.h"
#include "sched/cputime.h"
#include "sched/thread.h"
#include "sched/time.h"

/* Negative numbers are CPU-time clocks: ~pid << 3 | 4 if it is a thread's | which time
 * (clock_getcpuclockid(3)).  Pid 0 is the caller. */
constexpr int32_t CPU_CLOCK_THREAD = 4;
constexpr int32_t CPU_CLOCK_KIND = 3; /* 0: user and system, 1: user, 2: exact sum, 3: none */

static int find_cpu_clock(struct clock *clock, int32_t id)
{
    int32_t pid = ~(id >> 3);
    if ((id & CPU_CLOCK_KIND) == 3)
        return -EINVAL;
    if (id & CPU_CLOCK_THREAD) {
        clock->kind = CLOCK_KIND_THREAD;
        clock->thread = pid ? thread_lookup(pid) : current;
        if (!clock->thread || clock->thread->process != current->process)
            return -EINVAL;
        return 0;
    }
    clock->kind = CLOCK_KIND_PROCESS;
    clock->process = pid ? process_lookup(pid) : current->process;
    return clock->process ? 0 : -EINVAL;
}

int clock_find(struct clock *clock, int32_t id)
{
    *clock = (struct clock){};
    if (id < 0) {
        clock->can_wait = true;
        return find_cpu_clock(clock, id);
    }
    switch (id) {
    case CLOCK_REALTIME: clock->can_wait = true; [[fallthrough]];
    case CLOCK_REALTIME_COARSE: clock->kind = CLOCK_KIND_REALTIME; break;
    case CLOCK_MONOTONIC:
    case CLOCK_BOOTTIME: clock->can_wait = true; [[fallthrough]];
    case CLOCK_MONOTONIC_RAW:
    case CLOCK_MONOTONIC_COARSE: clock->kind = CLOCK_KIND_MONOTONIC; break;
    case CLOCK_TAI:
        clock->kind = CLOCK_KIND_TAI;
        clock->can_wait = true;
        break;
    case CLOCK_PROCESS_CPUTIME_ID:
        clock->kind = CLOCK_KIND_PROCESS;
        clock->process = current->process;
        clock->can_wait = true;
        break;
    case CLOCK_THREAD_CPUTIME_ID:
        clock->kind = CLOCK_KIND_THREAD;
        clock->thread = current;
        clock->can_wait = true;
        break;
    default: return -EINVAL;
    }
    clock->coarse = id == CLOCK_REALTIME_COARSE || id == CLOCK_MONOTONIC_COARSE;
    return 0;
}

uint64_t clock_now_ns(const struct clock *clock)
{
    switch (clock->kind) {
    case CLOCK_KIND_REALTIME: return time_real_ns();
    case CLOCK_KIND_TAI: return time_tai_ns();
    case CLOCK_KIND_PROCESS: return cputime_process_ns(clock->process);
    case CLOCK_KIND_THREAD: return cputime_thread_ns(clock->thread);
    default: return time_monotonic_ns();
    }
}

uint64_t clock_resolution_ns(const struct clock *clock)
{
    return clock->coarse ? TICK_NS : 1;
}
