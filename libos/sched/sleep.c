/* SPDX-License-Identifier: BSD-2-Clause */
/* sleep.c - threads stop running of their own will, and are made to run again. */
#include "base/assert.h"
#include "base/errno.h"
#include "sched/sched.h"
#include "sched/time.h"
#include "sched/work.h"

void thread_wake(struct thread *t)
{
    if (t->state == THREAD_DEAD || t->state == THREAD_NEW)
        return;
    t->woken = true;
    if (t->state == THREAD_SLEEPING)
        sched_make_ready(t, ENQUEUE_WAKE);
}

void thread_interrupt(struct thread *t, bool fatal)
{
    switch (t->state) {
    case THREAD_SLEEPING:
        if (t->sleep_mode == SLEEP_INTERRUPTIBLE || (t->sleep_mode == SLEEP_KILLABLE && fatal))
            sched_make_ready(t, ENQUEUE_WAKE);
        break;
    case THREAD_STOPPED:
        if (fatal)
            sched_make_ready(t, ENQUEUE_WAKE);
        break;
    case THREAD_RUNNING:
        /* It may be in its program, on another vcpu. */
        if (t != current)
            vcpu_kick(t->vcpu);
        break;
    default: break;
    }
}

void thread_stop(void)
{
    current->state = THREAD_STOPPED;
    schedule();
}

void thread_continue(struct thread *t)
{
    if (t->state == THREAD_STOPPED)
        sched_make_ready(t, ENQUEUE_WAKE);
}

struct sleep_timer {
    struct timer timer;
    struct thread *thread;
    bool fired;
};

static void sleep_timer_fire(struct timer *timer)
{
    struct sleep_timer *s = container_of(timer, struct sleep_timer, timer);
    s->fired = true;
    if (s->thread->state == THREAD_SLEEPING)
        sched_make_ready(s->thread, ENQUEUE_WAKE);
}

static bool is_interrupted(const struct thread *t, enum sleep_mode mode)
{
    if (mode == SLEEP_UNINTERRUPTIBLE)
        return false;
    return mode == SLEEP_INTERRUPTIBLE ? signal_pending(t) : signal_fatal_pending(t);
}

static bool take_wake(struct thread *t)
{
    bool woken = t->woken;
    t->woken = false;
    return woken;
}

static void sleep(struct thread *t, uint64_t deadline_ns, enum sleep_mode mode)
{
    t->state = THREAD_SLEEPING;
    t->sleep_mode = mode;
    t->sleep_deadline_ns = deadline_ns;
    t->slice_left_ns = 0;
    t->switches_voluntary++;
    schedule();
}

/* False: it has passed already. */
static bool sleep_until(struct thread *t, uint64_t deadline_ns, enum sleep_mode mode, bool *fired)
{
    struct sleep_timer s = {.thread = t};
    timer_init(&s.timer, sleep_timer_fire);
    if (deadline_ns <= time_monotonic_ns())
        return false;
    timer_arm(&s.timer, deadline_ns);
    sleep(t, deadline_ns, mode);
    timer_cancel(&s.timer);
    *fired = s.fired;
    return true;
}

int thread_sleep(uint64_t deadline_ns, enum sleep_mode mode)
{
    struct thread *t = current;
    assert(t->user);
    if (take_wake(t))
        return 0;
    if (is_interrupted(t, mode))
        return -EINTR;
    /* Others' work may have made what the caller waits for, or swallowed its wake. */
    if (mode == SLEEP_INTERRUPTIBLE && thread_work_pending(t) && thread_work_run())
        return 0;
    bool fired = false;
    if (deadline_ns == WAIT_FOREVER)
        sleep(t, deadline_ns, mode);
    else if (!sleep_until(t, deadline_ns, mode, &fired))
        return -ETIMEDOUT;
    if (mode == SLEEP_INTERRUPTIBLE && thread_work_pending(t) && thread_work_run())
        t->woken = true;
    if (take_wake(t))
        return 0;
    if (is_interrupted(t, mode))
        return -EINTR;
    return fired ? -ETIMEDOUT : 0;
}
