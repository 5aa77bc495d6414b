/* SPDX-License-Identifier: BSD-2-Clause */
/* sleep.c - nanosleep(2), clock_nanosleep(2). */
#include "base/bits.h"
#include "base/errno.h"
#include "linux-api/call.h"
#include "mm/usermem.h"
#include "proc/process.h"
#include "sched/clock.h"
#include "sched/thread.h"
#include "sched/time.h"

/* Until CLOCK_MONOTONIC shows DEADLINE.  0 or -EINTR. */
static int sleep_until(uint64_t deadline_ns)
{
    int error = 0;
    while (error == 0)
        error = thread_sleep(deadline_ns, SLEEP_INTERRUPTIBLE);
    return error == -ETIMEDOUT ? 0 : error;
}

/* Until the wall clock shows REAL_NS, however it is set meanwhile. */
static int sleep_until_real(uint64_t real_ns)
{
    struct waiter clock_set;
    waiter_init(&clock_set);
    waiter_add(&time_set_queue, &clock_set);
    int error = 0;
    while (error == 0)
        error = thread_sleep(time_deadline_of_real(real_ns), SLEEP_INTERRUPTIBLE);
    waiter_remove(&clock_set);
    return error == -ETIMEDOUT ? 0 : error;
}

/* Until the process's threads have used CPU_NS: the earliest moment is when all of them run. */
static int sleep_until_cpu(const struct clock *clock, uint64_t cpu_ns)
{
    for (;;) {
        uint64_t now = clock_now_ns(clock);
        if (now >= cpu_ns)
            return 0;
        uint64_t threads = MAX(clock->process->thread_count, 1u);
        uint64_t wait = MAX((cpu_ns - now) / threads, TICK_NS);
        int error = thread_sleep(time_deadline_after(wait), SLEEP_INTERRUPTIBLE);
        if (error == -EINTR)
            return error;
    }
}

static long put_remaining(uaddr_t at, uint64_t deadline_ns)
{
    uint64_t now = time_monotonic_ns();
    if (!at)
        return 0;
    return time_put_user_timespec(at, deadline_ns > now ? deadline_ns - now : 0);
}

static long sleep_again(struct thread *t);

static long sleep_relative(uint64_t deadline_ns, uaddr_t remaining_at)
{
    if (sleep_until(deadline_ns) == 0)
        return 0;
    if (put_remaining(remaining_at, deadline_ns))
        return -EFAULT;
    current->restart = (struct restart_block){
        .run = sleep_again, .deadline_ns = deadline_ns, .arg = {remaining_at}};
    return -ERESTART_RESTARTBLOCK;
}

static long sleep_again(struct thread *t)
{
    return sleep_relative(t->restart.deadline_ns, t->restart.arg[0]);
}

long sys_nanosleep(const struct call *c)
{
    struct timespec64 t;
    int error = time_get_user_timespec(&t, c->arg[0]);
    if (error)
        return error;
    return sleep_relative(time_deadline_after(timespec_to_ns(&t)), c->arg[1]);
}

static long sleep_absolute(const struct clock *clock, uint64_t ns)
{
    int error;
    switch (clock->kind) {
    case CLOCK_KIND_REALTIME: error = sleep_until_real(ns); break;
    case CLOCK_KIND_TAI: error = sleep_until_real(ns - (time_tai_ns() - time_real_ns())); break;
    case CLOCK_KIND_PROCESS: error = sleep_until_cpu(clock, ns); break;
    default: error = sleep_until(ns); break;
    }
    return error ? -ERESTARTNOHAND : 0;
}

long sys_clock_nanosleep(const struct call *c)
{
    bool absolute = (int)c->arg[1] & TIMER_ABSTIME;
    struct clock clock;
    struct timespec64 t;
    int error = clock_find(&clock, (int32_t)c->arg[0]);
    if (error)
        return error;
    if (!clock.can_wait)
        return -EOPNOTSUPP;
    error = time_get_user_timespec(&t, c->arg[2]);
    if (error)
        return error;
    if (clock.kind == CLOCK_KIND_THREAD)
        return -EINVAL;
    uint64_t ns = timespec_to_ns(&t);
    if (clock.kind == CLOCK_KIND_PROCESS)
        return sleep_absolute(&clock, absolute ? ns : clock_now_ns(&clock) + ns);
    if (absolute)
        return sleep_absolute(&clock, ns);
    return sleep_relative(time_deadline_after(ns), c->arg[3]);
}
