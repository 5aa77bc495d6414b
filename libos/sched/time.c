/* SPDX-License-Identifier: BSD-2-Clause */
/* time.c - the clocks, from the cycle counter. */
#include "sched/time.h"

#include <exo/info.h>
#include <linux/time_types.h>
#include "arch/arch.h"
#include "base/assert.h"
#include "base/errno.h"
#include "mm/usermem.h"
#include "sched/wait.h"

constexpr uint32_t TIME_SHIFT = 32;   /* cycles to ns: a 32-bit fraction */
constexpr uint32_t CYCLES_SHIFT = 30; /* ns to cycles; tsc_hz < 2^34 */

alignas(PAGE_SIZE) union time_params_page time_params_page;
static uint64_t cycles_mult;
struct wait_queue time_set_queue = WAIT_QUEUE_INIT(time_set_queue);

static uint64_t mul_shift(uint64_t a, uint64_t b, uint32_t shift)
{
    return (uint64_t)((unsigned __int128)a * b >> shift);
}

/* A vDSO that reads meanwhile sees an odd or a changed `seq` and reads again. */
static struct time_params *params_begin(void)
{
    struct time_params *p = &time_params_page.params;
    __atomic_store_n(&p->seq, p->seq + 1, __ATOMIC_RELAXED);
    __atomic_thread_fence(__ATOMIC_RELEASE);
    return p;
}

static void params_end(struct time_params *p)
{
    __atomic_store_n(&p->seq, p->seq + 1, __ATOMIC_RELEASE);
}

void time_init(const struct exo_info *info)
{
    assert(info->tsc_hz >= 1000000 && info->tsc_hz < 1ull << 34);
    cycles_mult = (info->tsc_hz << CYCLES_SHIFT) / (uint64_t)NSEC_PER_SEC;
    struct time_params *p = params_begin();
    p->shift = TIME_SHIFT;
    p->tsc_hz = info->tsc_hz;
    p->mult = ((uint64_t)NSEC_PER_SEC << TIME_SHIFT) / info->tsc_hz;
    p->base_tsc = info->boot_tsc;
    p->base_mono_ns = 0;
    p->real_offset_ns = (int64_t)info->boot_unix_ns;
    p->tai_offset_ns = 0;
    params_end(p);
}

uint64_t time_cycles_to_ns(uint64_t cycles)
{
    return mul_shift(cycles, time_params_page.params.mult, TIME_SHIFT);
}

uint64_t time_of_cycles(uint64_t tsc)
{
    const struct time_params *p = &time_params_page.params;
    /* Another CPU's counter may lie a little behind the one that set the base. */
    if (tsc < p->base_tsc)
        return p->base_mono_ns;
    return p->base_mono_ns + time_cycles_to_ns(tsc - p->base_tsc);
}

uint64_t time_monotonic_ns(void)
{
    return time_of_cycles(arch_cycles());
}

uint64_t time_real_ns(void)
{
    return time_monotonic_ns() + (uint64_t)time_params_page.params.real_offset_ns;
}

uint64_t time_boot_ns(void)
{
    return time_monotonic_ns();
}

uint64_t time_tai_ns(void)
{
    return time_real_ns() + (uint64_t)time_params_page.params.tai_offset_ns;
}

struct timespec64 time_real_now(void)
{
    return timespec_of_ns(time_real_ns());
}

int64_t time_boot_unix_sec(void)
{
    return time_params_page.params.real_offset_ns / NSEC_PER_SEC;
}

/* Counted from now: the rounding error of `cycles_mult` then stays below the deadline's distance
 * times 1e-9, so that a timer does not fire early again and again. */
uint64_t time_ns_to_cycles_deadline(uint64_t mono_ns)
{
    if (mono_ns == WAIT_FOREVER)
        return UINT64_MAX;
    uint64_t tsc = arch_cycles();
    uint64_t now = time_of_cycles(tsc);
    if (mono_ns <= now)
        return tsc;
    return tsc + mul_shift(mono_ns - now, cycles_mult, CYCLES_SHIFT) + 1;
}

uint64_t time_deadline_after(uint64_t ns)
{
    uint64_t now = time_monotonic_ns();
    return ns >= WAIT_FOREVER - now ? WAIT_FOREVER : now + ns;
}

uint64_t time_deadline_of_real(uint64_t real_ns)
{
    int64_t offset = time_params_page.params.real_offset_ns;
    if (real_ns >= INT64_MAX)
        return WAIT_FOREVER;
    return (int64_t)real_ns <= offset ? 0 : real_ns - (uint64_t)offset;
}

void time_set_real_ns(uint64_t real_ns)
{
    struct time_params *p = params_begin();
    p->real_offset_ns = (int64_t)(real_ns - time_monotonic_ns());
    params_end(p);
    wait_wake_all(&time_set_queue, 0);
}

int time_get_user_timespec(struct timespec64 *to, uaddr_t from)
{
    struct __kernel_timespec ts;
    if (copy_from_user(&ts, from, sizeof ts))
        return -EFAULT;
    *to = (struct timespec64){ts.tv_sec, ts.tv_nsec};
    return timespec_is_valid(to) ? 0 : -EINVAL;
}

int time_put_user_timespec(uaddr_t to, uint64_t ns)
{
    struct timespec64 t = timespec_of_ns(ns);
    struct __kernel_timespec ts = {.tv_sec = t.sec, .tv_nsec = t.nsec};
    return copy_to_user(to, &ts, sizeof ts);
}
