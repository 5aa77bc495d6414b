/* SPDX-License-Identifier: BSD-2-Clause */
/* posix_timer.c - the timers of timer_create(2). */
#include "sched/posix_timer.h"

#include "base/bits.h"
#include "base/errno.h"
#include "base/string.h"
#include "mm/heap.h"
#include "proc/pid_namespace.h"
#include "proc/process.h"
#include "sched/thread.h"
#include "sched/time.h"
#include "signal/queue.h"

struct posix_timer {
    struct list_node node; /* in owner->posix */
    struct process_timers *owner;
    int32_t id;
    struct clock clock;    /* its thread: one reference */
    int notify;            /* SIGEV_* */
    struct thread *thread; /* SIGEV_THREAD_ID: one reference */
    struct signal_entry entry;
    struct timer timer; /* clocks that are no CPU time */
    bool armed;         /* or waiting for its signal to be taken */
    bool on_realtime;   /* expires at a point of CLOCK_REALTIME: moves when that is set */
    uint64_t expiry_ns; /* of its clock, or of CLOCK_MONOTONIC if !on_realtime */
    uint64_t interval_ns;
    int overrun;             /* of the last signal taken */
    struct waiter clock_set; /* on_realtime: on time_set_queue */
};

static struct posix_timer *timer_of_entry(struct signal_entry *e)
{
    return container_of(e, struct posix_timer, entry);
}

/* Now, as `expiry_ns` counts. */
static uint64_t now_for(const struct posix_timer *t)
{
    if (t->on_realtime)
        return time_real_ns();
    return clock_is_cpu(&t->clock) ? clock_now_ns(&t->clock) : time_monotonic_ns();
}

/* SIGEV_NONE: nobody is told, so that nothing needs to happen when it expires. */
static void start(struct posix_timer *t)
{
    if (t->notify == SIGEV_NONE)
        return;
    if (clock_is_cpu(&t->clock))
        t->owner->posix_cpu_armed++;
    else
        timer_arm(&t->timer, t->on_realtime ? time_deadline_of_real(t->expiry_ns) : t->expiry_ns);
}

static void stop(struct posix_timer *t)
{
    bool counted = t->armed && t->notify != SIGEV_NONE && clock_is_cpu(&t->clock);
    if (counted && !t->entry.backlog)
        t->owner->posix_cpu_armed--;
    timer_cancel(&t->timer);
}

/* Move the expiry beyond NOW.  How many were skipped. */
static uint64_t forward(struct posix_timer *t, uint64_t now)
{
    if (now < t->expiry_ns)
        return 0;
    uint64_t skipped = (now - t->expiry_ns) / t->interval_ns;
    t->expiry_ns += (skipped + 1) * t->interval_ns;
    return skipped;
}

static void entry_taken(struct signal_entry *e)
{
    struct posix_timer *t = timer_of_entry(e);
    t->overrun = 0;
    if (t->interval_ns && t->armed) {
        uint64_t skipped = forward(t, now_for(t));
        t->overrun = (int)MIN(skipped, (uint64_t)INT32_MAX);
        start(t);
    } else {
        t->armed = false;
    }
    e->info.si_overrun = t->overrun;
}

static void expire(struct posix_timer *t)
{
    (void)signal_send_entry(&t->entry, t->owner->process, t->thread);
    if (t->entry.backlog)
        return;
    /* Nobody will take it: the signal is ignored, or one like it is pending. */
    if (!t->interval_ns) {
        t->armed = false;
        return;
    }
    uint64_t now = now_for(t);
    (void)forward(t, now);
    t->expiry_ns = MAX(t->expiry_ns, now + TICK_NS);
    start(t);
}

static void timer_fire(struct timer *timer)
{
    expire(container_of(timer, struct posix_timer, timer));
}

static void clock_was_set(struct waiter *w, uint32_t key)
{
    (void)key;
    struct posix_timer *t = container_of(w, struct posix_timer, clock_set);
    if (t->timer.armed)
        timer_arm(&t->timer, time_deadline_of_real(t->expiry_ns));
}

void posix_timers_tick(struct process_timers *owner)
{
    list_for_each_safe(node, &owner->posix) {
        struct posix_timer *t = container_of(node, struct posix_timer, node);
        if (!t->armed || t->entry.backlog || t->notify == SIGEV_NONE || !clock_is_cpu(&t->clock) ||
            now_for(t) < t->expiry_ns)
            continue;
        owner->posix_cpu_armed--;
        expire(t);
    }
}

/* ------------------------------------------------------------------ life */

static int set_event(struct posix_timer *t, const struct sigevent *event)
{
    struct siginfo *info = &t->entry.info;
    info->si_signo = event ? event->sigev_signo : SIGALRM;
    info->si_code = SI_TIMER;
    info->si_tid = t->id;
    t->notify = event ? event->sigev_notify : SIGEV_SIGNAL;
    if (event)
        info->si_value = event->sigev_value;
    else
        info->si_int = t->id;
    switch (t->notify) {
    case SIGEV_NONE: return 0;
    case SIGEV_SIGNAL | SIGEV_THREAD_ID:
        t->thread = thread_lookup(event->sigev_notify_thread_id);
        if (!t->thread || t->thread->process != t->owner->process) {
            t->thread = nullptr;
            return -EINVAL;
        }
        thread_get(t->thread);
        [[fallthrough]];
    case SIGEV_SIGNAL:
    case SIGEV_THREAD: return signal_is_valid(info->si_signo) ? 0 : -EINVAL;
    default: return -EINVAL;
    }
}

static int32_t free_id(struct process_timers *owner)
{
    while (posix_timer_find(owner, owner->posix_next_id))
        owner->posix_next_id = owner->posix_next_id == INT32_MAX ? 0 : owner->posix_next_id + 1;
    return owner->posix_next_id;
}

static void release(struct posix_timer *t)
{
    thread_put(t->thread);
    thread_put(t->clock.thread);
    heap_free(t);
}

int posix_timer_create(struct process_timers *owner, const struct clock *clock,
                       const struct sigevent *event, int32_t *id)
{
    struct posix_timer *t = heap_zalloc(sizeof *t);
    if (!t)
        return -EAGAIN;
    t->owner = owner;
    t->id = free_id(owner);
    t->clock = *clock;
    if (t->clock.thread)
        thread_get(t->clock.thread);
    list_init(&t->node);
    list_init(&t->entry.node);
    t->entry.owned = true;
    t->entry.taken = entry_taken;
    timer_init(&t->timer, timer_fire);
    waiter_init_callback(&t->clock_set, clock_was_set);
    int error = set_event(t, event);
    if (error) {
        release(t);
        return error;
    }
    owner->posix_next_id = t->id == INT32_MAX ? 0 : t->id + 1;
    list_push_back(&owner->posix, &t->node);
    *id = t->id;
    return 0;
}

struct posix_timer *posix_timer_find(struct process_timers *owner, int32_t id)
{
    list_for_each(node, &owner->posix) {
        struct posix_timer *t = container_of(node, struct posix_timer, node);
        if (t->id == id)
            return t;
    }
    return nullptr;
}

static void disarm(struct posix_timer *t)
{
    stop(t);
    backlog_remove_entry(&t->entry);
    waiter_remove(&t->clock_set);
    t->armed = false;
}

void posix_timer_delete(struct posix_timer *t)
{
    disarm(t);
    list_remove(&t->node);
    release(t);
}

void posix_timers_delete_all(struct process_timers *owner)
{
    list_for_each_safe(node, &owner->posix)
        posix_timer_delete(container_of(node, struct posix_timer, node));
}

/* ------------------------------------------------------------------ setting */

struct posix_timer_setting posix_timer_get(struct posix_timer *t)
{
    struct posix_timer_setting s = {.interval_ns = t->interval_ns};
    if (!t->armed)
        return s;
    uint64_t now = now_for(t), expiry = t->expiry_ns;
    if (now >= expiry && t->interval_ns)
        expiry += ((now - expiry) / t->interval_ns + 1) * t->interval_ns;
    if (expiry > now)
        s.left_ns = expiry - now;
    else if (t->notify != SIGEV_NONE)
        s.left_ns = 1; /* expired just now: 0 would say that it is off */
    return s;
}

void posix_timer_set(struct posix_timer *t, const struct posix_timer_setting *setting,
                     bool absolute)
{
    disarm(t);
    t->interval_ns = setting->interval_ns;
    t->overrun = 0;
    if (!setting->left_ns)
        return;
    t->on_realtime = absolute && t->clock.kind == CLOCK_KIND_REALTIME;
    t->expiry_ns = setting->left_ns;
    if (!absolute) {
        t->expiry_ns += now_for(t);
    } else if (t->clock.kind == CLOCK_KIND_TAI) {
        uint64_t ahead = time_tai_ns() - time_monotonic_ns();
        t->expiry_ns = t->expiry_ns > ahead ? t->expiry_ns - ahead : 0;
    }
    t->armed = true;
    if (t->on_realtime)
        waiter_add(&time_set_queue, &t->clock_set);
    start(t);
}

int posix_timer_overrun(const struct posix_timer *t)
{
    return t->overrun;
}
