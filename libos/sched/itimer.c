/* SPDX-License-Identifier: BSD-2-Clause */
/* itimer.c - interval timers, and what is checked at each tick. */
#include "sched/itimer.h"

#include <linux/time.h>
#include <asm/signal.h>
#include "base/bits.h"
#include "proc/process.h"
#include "sched/cputime.h"
#include "sched/posix_timer.h"
#include "sched/thread.h"
#include "sched/time.h"
#include "signal/signal.h"

/* SIGALRM merges while pending: more often than this nobody can tell the difference, and a
 * process that sets 1 us must not keep the vcpu busy. */
constexpr uint64_t REAL_INTERVAL_MIN_NS = 50000;

static void real_fire(struct timer *timer)
{
    struct process_timers *t = container_of(timer, struct process_timers, real);
    (void)signal_send_process(t->process, SIGALRM, SIGNAL_FROM_KERNEL);
    if (!t->real_interval_ns)
        return;
    uint64_t now = time_monotonic_ns();
    uint64_t passed = (now - timer->deadline_ns) / t->real_interval_ns;
    uint64_t next = timer->deadline_ns + (passed + 1) * t->real_interval_ns;
    timer_arm(timer, MAX(next, now + REAL_INTERVAL_MIN_NS));
}

void process_timers_init(struct process_timers *t, struct process *p)
{
    *t = (struct process_timers){.process = p};
    timer_init(&t->real, real_fire);
    list_init(&t->posix);
}

void process_timers_exec(struct process_timers *t)
{
    posix_timers_delete_all(t);
}

void process_timers_release(struct process_timers *t)
{
    timer_cancel(&t->real);
    t->virtual.due_ns = t->prof.due_ns = 0;
    posix_timers_delete_all(t);
}

/* The CPU time that WHICH counts. */
static uint64_t cpu_now(const struct process *p, int which)
{
    struct cputime_split used = cputime_process(p);
    return which == ITIMER_VIRTUAL ? used.user_ns : used.user_ns + used.system_ns;
}

static struct cpu_itimer *cpu_itimer_of(struct process_timers *t, int which)
{
    return which == ITIMER_VIRTUAL ? &t->virtual : &t->prof;
}

/* An armed timer never says 0, which would mean that it is off. */
static uint64_t left_until(uint64_t due_ns, uint64_t now_ns)
{
    return due_ns > now_ns ? due_ns - now_ns : (uint64_t)NSEC_PER_USEC;
}

struct itimer_setting itimer_get(const struct process_timers *t, int which)
{
    struct itimer_setting s = {};
    if (which == ITIMER_REAL) {
        s.interval_ns = t->real_interval_ns;
        if (timer_is_armed(&t->real))
            s.left_ns = left_until(t->real.deadline_ns, time_monotonic_ns());
        return s;
    }
    const struct cpu_itimer *c = which == ITIMER_VIRTUAL ? &t->virtual : &t->prof;
    s.interval_ns = c->interval_ns;
    if (c->due_ns)
        s.left_ns = left_until(c->due_ns, cpu_now(t->process, which));
    return s;
}

void itimer_set(struct process_timers *t, int which, const struct itimer_setting *setting)
{
    if (which == ITIMER_REAL) {
        timer_cancel(&t->real);
        t->real_interval_ns = setting->left_ns ? setting->interval_ns : 0;
        if (setting->left_ns)
            timer_arm(&t->real, time_deadline_after(setting->left_ns));
        return;
    }
    struct cpu_itimer *c = cpu_itimer_of(t, which);
    c->interval_ns = setting->interval_ns;
    c->due_ns = setting->left_ns ? cpu_now(t->process, which) + setting->left_ns : 0;
}

static void cpu_itimer_check(struct process *p, int which, int sig)
{
    struct cpu_itimer *c = cpu_itimer_of(&p->signal.timers, which);
    if (!c->due_ns)
        return;
    uint64_t now = cpu_now(p, which);
    if (now < c->due_ns)
        return;
    (void)signal_send_process(p, sig, SIGNAL_FROM_KERNEL);
    if (c->interval_ns)
        c->due_ns += ((now - c->due_ns) / c->interval_ns + 1) * c->interval_ns;
    else
        c->due_ns = 0;
}

/* getrlimit(2), RLIMIT_CPU: SIGXCPU each second from the soft limit on, SIGKILL at the hard one. */
static void cpu_limit_check(struct process *p)
{
    struct process_rlimit *limit = &p->limits[RLIMIT_CPU];
    if (limit->soft == RLIM_INFINITY)
        return;
    uint64_t seconds = cputime_process_ns(p) / (uint64_t)NSEC_PER_SEC;
    if (seconds >= limit->hard) {
        (void)signal_send_process(p, SIGKILL, SIGNAL_FROM_KERNEL);
    } else if (seconds >= limit->soft) {
        (void)signal_send_process(p, SIGXCPU, SIGNAL_FROM_KERNEL);
        limit->soft++;
    }
}

/* getrlimit(2), RLIMIT_RTTIME: what a real-time thread has used, in microseconds, since it slept. */
static void rt_limit_check(struct thread *t)
{
    struct process_rlimit *limit = &t->process->limits[RLIMIT_RTTIME];
    if (!t->rt_priority || limit->soft == RLIM_INFINITY)
        return;
    uint64_t used = (cputime_thread_ns(t) - t->rt_from_ns) / 1000;
    if (used >= limit->hard) {
        (void)signal_send_process(t->process, SIGKILL, SIGNAL_FROM_KERNEL);
    } else if (used >= limit->soft) {
        limit->soft += NSEC_PER_SEC / 1000;
        (void)signal_send_process(t->process, SIGXCPU, SIGNAL_FROM_KERNEL);
    }
}

void process_timers_tick(struct thread *t)
{
    struct process *p = t->process;
    cpu_itimer_check(p, ITIMER_VIRTUAL, SIGVTALRM);
    cpu_itimer_check(p, ITIMER_PROF, SIGPROF);
    cpu_limit_check(p);
    rt_limit_check(t);
    if (p->signal.timers.posix_cpu_armed)
        posix_timers_tick(&p->signal.timers);
}

bool process_timers_want_tick(const struct process *p)
{
    const struct process_timers *t = &p->signal.timers;
    return t->virtual.due_ns || t->prof.due_ns || t->posix_cpu_armed ||
           p->limits[RLIMIT_CPU].soft != RLIM_INFINITY ||
           p->limits[RLIMIT_RTTIME].soft != RLIM_INFINITY;
}
