/* SPDX-License-Identifier: BSD-2-Clause */
/* clock.c - clock_gettime(2) and its kin, gettimeofday(2), time(2), adjtimex(2). */
#include "sched/clock.h"

#include <linux/capability.h>
#include <linux/timex.h>
#include "base/errno.h"
#include "base/string.h"
#include "linux-api/call.h"
#include "mm/usermem.h"
#include "proc/cred.h"
#include "sched/time.h"

struct timeval_abi {
    int64_t sec, usec;
};

long sys_clock_gettime(const struct call *c)
{
    struct clock clock;
    int error = clock_find(&clock, (int32_t)c->arg[0]);
    return error ? error : time_put_user_timespec(c->arg[1], clock_now_ns(&clock));
}

long sys_clock_getres(const struct call *c)
{
    struct clock clock;
    int error = clock_find(&clock, (int32_t)c->arg[0]);
    if (error || !c->arg[1])
        return error;
    return time_put_user_timespec(c->arg[1], clock_resolution_ns(&clock));
}

static long set_real(const struct timespec64 *t)
{
    if (!timespec_is_valid(t) || t->sec >= TIME_SEC_MAX)
        return -EINVAL;
    uint64_t ns = timespec_to_ns(t);
    if (!capable(CAP_SYS_TIME))
        return -EPERM;
    /* clock_settime(2): not before CLOCK_MONOTONIC, which would make the start lie before 1970. */
    if (ns < time_monotonic_ns())
        return -EINVAL;
    time_set_real_ns(ns);
    return 0;
}

long sys_clock_settime(const struct call *c)
{
    struct clock clock;
    struct timespec64 t;
    int error = clock_find(&clock, (int32_t)c->arg[0]);
    if (error)
        return error;
    if ((int32_t)c->arg[0] != CLOCK_REALTIME)
        return clock_is_cpu(&clock) ? -EPERM : -EINVAL;
    error = time_get_user_timespec(&t, c->arg[1]);
    return error ? error : set_real(&t);
}

/* The kernel's time zone has no use; what is set is what is read back. */
static struct timezone_abi {
    int32_t minutes_west, dst_time;
} zone;

long sys_gettimeofday(const struct call *c)
{
    struct timespec64 now = time_real_now();
    struct timeval_abi tv = {now.sec, now.nsec / NSEC_PER_USEC};
    if (c->arg[0] && copy_to_user(c->arg[0], &tv, sizeof tv))
        return -EFAULT;
    if (c->arg[1] && copy_to_user(c->arg[1], &zone, sizeof zone))
        return -EFAULT;
    return 0;
}

long sys_settimeofday(const struct call *c)
{
    struct timeval_abi tv;
    struct timezone_abi tz;
    if (c->arg[0] && copy_from_user(&tv, c->arg[0], sizeof tv))
        return -EFAULT;
    if (c->arg[1] && copy_from_user(&tz, c->arg[1], sizeof tz))
        return -EFAULT;
    if (c->arg[0] && (tv.usec < 0 || tv.usec >= 1000000))
        return -EINVAL;
    if (!capable(CAP_SYS_TIME))
        return -EPERM;
    if (c->arg[1] && (tz.minutes_west > 15 * 60 || tz.minutes_west < -15 * 60))
        return -EINVAL;
    if (c->arg[1])
        zone = tz;
    if (!c->arg[0])
        return 0;
    struct timespec64 t = {tv.sec, tv.usec * NSEC_PER_USEC};
    return set_real(&t);
}

long sys_time(const struct call *c)
{
    int64_t now = time_real_now().sec;
    if (c->arg[0] && put_user_u64(c->arg[0], (uint64_t)now))
        return -EFAULT;
    return now;
}

static long step(const struct __kernel_timex *tx)
{
    int64_t unit = tx->modes & ADJ_NANO ? 1 : NSEC_PER_USEC;
    if (tx->time.tv_usec < 0 || tx->time.tv_usec >= NSEC_PER_SEC / unit ||
        tx->time.tv_sec >= TIME_SEC_MAX || tx->time.tv_sec <= -TIME_SEC_MAX)
        return -EINVAL;
    int64_t by = tx->time.tv_sec * NSEC_PER_SEC + tx->time.tv_usec * unit;
    struct timespec64 t = timespec_of_ns(time_real_ns() + (uint64_t)by);
    return set_real(&t);
}

/* The clock runs free: it can be stepped, not steered. */
static long adjust(uaddr_t at)
{
    struct __kernel_timex tx;
    if (copy_from_user(&tx, at, sizeof tx))
        return -EFAULT;
    if (tx.modes && !capable(CAP_SYS_TIME))
        return -EPERM;
    if (tx.modes & ~(unsigned)(ADJ_SETOFFSET | ADJ_NANO))
        return -EOPNOTSUPP;
    if (tx.modes & ADJ_SETOFFSET) {
        long error = step(&tx);
        if (error)
            return error;
    }
    struct timespec64 now = time_real_now();
    memset(&tx, 0, sizeof tx);
    tx.status = STA_UNSYNC | STA_NANO;
    tx.tick = 10000;
    tx.precision = 1;
    tx.tolerance = 32768000;
    tx.maxerror = tx.esterror = 16000000;
    tx.constant = 2;
    tx.time.tv_sec = now.sec;
    tx.time.tv_usec = now.nsec;
    if (copy_to_user(at, &tx, sizeof tx))
        return -EFAULT;
    return TIME_ERROR;
}

long sys_adjtimex(const struct call *c)
{
    return adjust(c->arg[0]);
}

long sys_clock_adjtime(const struct call *c)
{
    struct clock clock;
    int error = clock_find(&clock, (int32_t)c->arg[0]);
    if (error)
        return error;
    return (int32_t)c->arg[0] == CLOCK_REALTIME ? adjust(c->arg[1]) : -EOPNOTSUPP;
}
