/* SPDX-License-Identifier: BSD-2-Clause */
/* time.h - the clocks.
 *
 * All time comes from the cycle counter, whose rate and start the kernel tells (exo/info.h).
 * CLOCK_MONOTONIC counts from the machine's start; the wall clock is that plus an offset.
 */
#pragma once

#include <stdint.h>
#include "base/bits.h"
#include "base/types.h"

constexpr int64_t NSEC_PER_SEC = 1000000000;
constexpr int64_t NSEC_PER_USEC = 1000;
constexpr uint64_t TICK_NS = 10000000; /* the coarse clocks' resolution: USER_HZ is 100 */
constexpr int64_t TIME_SEC_MAX = INT64_MAX / NSEC_PER_SEC;

/* What is needed to turn the cycle counter into time; the vDSO reads it through a read-only
 * mapping of its page.  A reader takes `seq` before and after, and tries again if it is odd or
 * has changed (time_params_begin pairs with it). */
struct time_params {
    uint32_t seq;
    uint32_t shift;
    uint64_t tsc_hz;
    uint64_t mult;     /* ns = (cycles * mult) >> shift, in 128 bits */
    uint64_t base_tsc; /* cycle counter at base_mono_ns */
    uint64_t base_mono_ns;
    int64_t real_offset_ns; /* CLOCK_REALTIME - CLOCK_MONOTONIC */
    int64_t tai_offset_ns;  /* CLOCK_TAI - CLOCK_REALTIME */
};

/* Alone in its page, so that nothing else shows through the mapping. */
union time_params_page {
    struct time_params params;
    uint8_t page[PAGE_SIZE];
};
extern union time_params_page time_params_page;

struct exo_info;
struct wait_queue;
void time_init(const struct exo_info *info);

uint64_t time_monotonic_ns(void);
uint64_t time_real_ns(void);
uint64_t time_boot_ns(void); /* as CLOCK_MONOTONIC: the machine does not suspend */
uint64_t time_tai_ns(void);

/* Wall clock with the resolution that Linux's file times have. */
struct timespec64 time_real_now(void);

/* The cycle counter at a CLOCK_MONOTONIC time; UINT64_MAX for WAIT_FOREVER. */
uint64_t time_ns_to_cycles_deadline(uint64_t mono_ns);
uint64_t time_cycles_to_ns(uint64_t cycles); /* a length of time */
uint64_t time_of_cycles(uint64_t tsc);       /* CLOCK_MONOTONIC when the counter showed TSC */

/* The CLOCK_MONOTONIC time at which the wall clock, as it is set now, shows REAL_NS. */
uint64_t time_deadline_of_real(uint64_t real_ns);

/* Set the wall clock.  Whoever waits for an absolute time of it enlists on time_set_queue too, and
 * computes its deadline anew when woken. */
void time_set_real_ns(uint64_t real_ns);
extern struct wait_queue time_set_queue;

/* Seconds since 1970 at which CLOCK_MONOTONIC was 0 (btime of /proc/stat). */
int64_t time_boot_unix_sec(void);

static inline struct timespec64 timespec_of_ns(uint64_t ns)
{
    return (struct timespec64){(int64_t)(ns / NSEC_PER_SEC), (int64_t)(ns % NSEC_PER_SEC)};
}

static inline bool timespec_is_valid(const struct timespec64 *t)
{
    return t->sec >= 0 && t->nsec >= 0 && t->nsec < NSEC_PER_SEC;
}

/* Saturates: a time beyond the range is WAIT_FOREVER's neighbour, not an earlier time. */
static inline uint64_t timespec_to_ns(const struct timespec64 *t)
{
    if (t->sec >= TIME_SEC_MAX)
        return INT64_MAX;
    return (uint64_t)(t->sec * NSEC_PER_SEC + t->nsec);
}

/* now + NS of CLOCK_MONOTONIC, saturating. */
uint64_t time_deadline_after(uint64_t ns);

/* Copy in a timespec of a program and turn it into ns.  -EFAULT, or -EINVAL if it is no valid
 * time.  For the time-outs of poll, futex and the like. */
[[nodiscard]] int time_get_user_timespec(struct timespec64 *to, uaddr_t from);
[[nodiscard]] int time_put_user_timespec(uaddr_t to, uint64_t ns);
