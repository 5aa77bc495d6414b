/* SPDX-License-Identifier: BSD-2-Clause */
/* timerfd.c - a timer as a file (timerfd_create(2)).
 *
 * An absolute time of the wall clock is turned into one of CLOCK_MONOTONIC when it is set, and
 * again whenever the clock is set.
 */
#include "vfs/timerfd.h"

#include <linux/fcntl.h>
#include <linux/time.h>
#include <linux/timerfd.h>
#include "base/errno.h"
#include "base/format.h"
#include "base/list.h"
#include "mm/heap.h"
#include "mm/usermem.h"
#include "sched/time.h"
#include "sched/timer.h"
#include "sched/wait.h"
#include "vfs/file.h"

struct timerfd {
    struct timer timer;
    int clock;
    unsigned flags;       /* of the last setting */
    uint64_t due_real_ns; /* if that is an absolute time of the wall clock */
    uint64_t interval_ns;
    uint64_t ticks;    /* not yet read */
    bool is_cancelled; /* the clock was set: the next read says so */
    struct wait_queue wait;
    struct waiter clock_set; /* on time_set_queue while it matters */
};

static bool follows_wall_clock(const struct timerfd *t)
{
    return t->clock == CLOCK_REALTIME && t->flags & TFD_TIMER_ABSTIME;
}

static void fire(struct timer *timer)
{
    struct timerfd *t = container_of(timer, struct timerfd, timer);
    t->ticks++;
    if (t->interval_ns) {
        uint64_t late = time_monotonic_ns() - timer->deadline_ns;
        uint64_t missed = late / t->interval_ns;
        t->ticks += missed;
        t->due_real_ns += (missed + 1) * t->interval_ns;
        timer_arm(timer, timer->deadline_ns + (missed + 1) * t->interval_ns);
    }
    wait_wake_all(&t->wait, EPOLLIN);
}

static void clock_was_set(struct waiter *w, uint32_t)
{
    struct timerfd *t = container_of(w, struct timerfd, clock_set);
    if (timer_is_armed(&t->timer))
        timer_arm(&t->timer, time_deadline_of_real(t->due_real_ns));
    if (t->flags & TFD_TIMER_CANCEL_ON_SET) {
        t->is_cancelled = true;
        wait_wake_all(&t->wait, EPOLLIN);
    }
}

static ssize_t read(struct file *file, struct iter *to, loff_t *)
{
    struct timerfd *t = file->private;
    if (iter_count(to) < sizeof t->ticks)
        return -EINVAL;
    while (!t->ticks && !t->is_cancelled) {
        if (file->flags & O_NONBLOCK)
            return -EAGAIN;
        if (wait_on(&t->wait, WAIT_FOREVER, SLEEP_INTERRUPTIBLE) < 0)
            return -ERESTARTSYS;
    }
    if (t->is_cancelled) {
        t->is_cancelled = false;
        t->ticks = 0;
        return -ECANCELED;
    }
    uint64_t ticks = t->ticks;
    t->ticks = 0;
    return iter_copy_to(to, &ticks, sizeof ticks) == sizeof ticks ? (ssize_t)sizeof ticks : -EFAULT;
}

static uint32_t poll(struct file *file, struct poll_table *table)
{
    struct timerfd *t = file->private;
    poll_wait(file, &t->wait, table);
    return t->ticks || t->is_cancelled ? EPOLLIN : 0;
}

static long ioctl(struct file *file, unsigned cmd, uaddr_t arg)
{
    struct timerfd *t = file->private;
    uint64_t ticks;
    if (cmd != TFD_IOC_SET_TICKS)
        return -ENOTTY;
    if (get_user_u64(&ticks, arg) < 0)
        return -EFAULT;
    if (!ticks)
        return -EINVAL;
    t->ticks = ticks;
    wait_wake_all(&t->wait, EPOLLIN);
    return 0;
}

static void release(struct file *file)
{
    struct timerfd *t = file->private;
    timer_cancel(&t->timer);
    waiter_remove(&t->clock_set);
    heap_free(t);
}

static int show_fdinfo(struct file *file, char *to, size_t size)
{
    const struct timerfd *t = file->private;
    struct timerfd_setting s;
    timerfd_get(file, &s);
    return snprintf(to, size,
                    "clockid: %d\nticks: %llu\nsettime flags: 0%o\n"
                    "it_value: (%llu, %llu)\nit_interval: (%llu, %llu)\n",
                    t->clock, (unsigned long long)t->ticks, t->flags,
                    (unsigned long long)s.left_ns / NSEC_PER_SEC,
                    (unsigned long long)s.left_ns % NSEC_PER_SEC,
                    (unsigned long long)s.interval_ns / NSEC_PER_SEC,
                    (unsigned long long)s.interval_ns % NSEC_PER_SEC);
}

static const struct file_ops ops = {
    .flags = FOP_STREAM,
    .read = read,
    .poll = poll,
    .ioctl = ioctl,
    .release = release,
    .llseek = file_seek_none,
    .show_fdinfo = show_fdinfo,
};

int timerfd_create_file(int clock, uint32_t flags, struct file **file)
{
    struct timerfd *t = heap_zalloc(sizeof *t);
    if (!t)
        return -ENOMEM;
    t->clock = clock;
    timer_init(&t->timer, fire);
    wait_queue_init(&t->wait);
    waiter_init_callback(&t->clock_set, clock_was_set);
    int err =
        file_create_anon("anon_inode:[timerfd]", &ops, t, O_RDWR | (flags & O_NONBLOCK), file);
    if (err < 0)
        heap_free(t);
    return err;
}

bool file_is_timerfd(const struct file *file)
{
    return file->ops == &ops;
}

static uint64_t deadline_of(const struct timerfd *t, uint64_t ns)
{
    if (!(t->flags & TFD_TIMER_ABSTIME))
        return time_deadline_after(ns);
    return t->clock == CLOCK_REALTIME ? time_deadline_of_real(ns) : ns;
}

void timerfd_set(struct file *file, unsigned flags, const struct timerfd_setting *s)
{
    struct timerfd *t = file->private;
    timer_cancel(&t->timer);
    waiter_remove(&t->clock_set);
    t->flags = flags;
    t->ticks = 0;
    t->is_cancelled = false;
    t->interval_ns = s->interval_ns;
    t->due_real_ns = s->left_ns;
    if (!s->left_ns)
        return;
    timer_arm(&t->timer, deadline_of(t, s->left_ns));
    if (follows_wall_clock(t))
        waiter_add(&time_set_queue, &t->clock_set);
}

void timerfd_get(const struct file *file, struct timerfd_setting *s)
{
    const struct timerfd *t = file->private;
    uint64_t now = time_monotonic_ns();
    s->interval_ns = t->interval_ns;
    s->left_ns = 0;
    if (timer_is_armed(&t->timer)) /* due but not yet fired: the least time that is not "off" */
        s->left_ns = t->timer.deadline_ns > now ? t->timer.deadline_ns - now : 1;
}
