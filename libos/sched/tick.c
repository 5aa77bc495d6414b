/* SPDX-License-Identifier: BSD-2-Clause */
/* tick.c - the vcpu's timer: when it rings and what happens then; load averages.
 *
 * A vcpu has one timer.  It is set for the earliest of the armed timers, the end of the running
 * thread's turn (if others wait) and the next sample of a program's CPU time.
 * Invariant: the earliest armed timer is set on at least one vcpu, since whoever arms a timer
 * sets its own vcpu's on the way out, and a vcpu whose timer rang sets it anew.
 */
#include <exo/abi.h>
#include <exo/stubs.h>
#include "base/bits.h"
#include "proc/process.h"
#include "sched/event.h"
#include "sched/itimer.h"
#include "sched/sched.h"
#include "sched/time.h"

constexpr uint64_t LOAD_INTERVAL_NS = 5000000000;
/* exp(-5 s / 60 s), exp(-5 / 300), exp(-5 / 900) in 1/65536: proc_loadavg(5). */
static const uint64_t load_decay[3] = {60296, 64453, 65173};

static struct {
    uint64_t average[3]; /* in 1/65536 */
    struct timer timer;
} load;

unsigned sched_runnable(void)
{
    unsigned n = 0;
    for (unsigned v = 0; v < vcpu_count(); v++) {
        const struct sched_vcpu *vcpu = vcpu_of(v);
        n += sched_ready(v) + (vcpu->running != &vcpu->idle);
    }
    return n;
}

void sched_loadavg(uint64_t averages[3])
{
    for (unsigned i = 0; i < 3; i++)
        averages[i] = load.average[i];
}

static void load_sample(struct timer *t)
{
    uint64_t now = (uint64_t)sched_runnable() << 16;
    for (unsigned i = 0; i < 3; i++)
        load.average[i] = (load.average[i] * load_decay[i] + now * (65536 - load_decay[i])) >> 16;
    timer_arm(t, time_deadline_after(LOAD_INTERVAL_NS));
}

/* Programs are sampled all the time: a split of their CPU time needs samples of both kinds. */
static bool wants_samples(const struct thread *t)
{
    return t->user && t->process;
}

static void sample(struct sched_vcpu *v)
{
    struct thread *t = v->running;
    if (!wants_samples(t))
        return;
    /* Events wait while the libOS works, so one that is found on the way back from a system call
     * has come during that call. */
    if (thread_regs(t)->orig_rax != UINT64_MAX)
        t->cputime.system_samples++;
    else
        t->cputime.user_samples++;
    if (process_timers_want_tick(t->process))
        process_timers_tick(t);
}

static void timer_event(void *arg)
{
    (void)arg;
    struct sched_vcpu *v = vcpu_current();
    uint64_t now = time_monotonic_ns();
    v->armed_ns = WAIT_FOREVER;
    if (v->sample_ns <= now) {
        v->sample_ns = WAIT_FOREVER;
        sample(v);
    }
    if (sched_slice_is_over(v))
        vcpu_local()->need_resched = 1;
    timers_run(now);
}

/* A sample that is due keeps its time, whichever thread runs then and however often the vcpu
 * passes through here or idles: setting the timer is a kernel call. */
static uint64_t next_sample(struct sched_vcpu *v)
{
    if (!wants_samples(v->running))
        return WAIT_FOREVER;
    if (v->sample_ns == WAIT_FOREVER)
        v->sample_ns = time_deadline_after(TICK_NS);
    return v->sample_ns;
}

void sched_program_timer(struct sched_vcpu *v)
{
    uint64_t next = next_sample(v), timer = timers_next();
    uint64_t want = MIN(next, timer);
    if (v->ready > 0 && (next == WAIT_FOREVER || !sched_slice_outlasts_sample(v)))
        want = MIN(want, sched_slice_end(v));
    if (want >= v->armed_ns)
        return;
    v->armed_ns = want;
    (void)exo_vcpu_timer(time_ns_to_cycles_deadline(want));
}

/* The slice is another vcpu's soon: go, but not while others wait for the domain lock. */
static void slice_end_event(void *arg)
{
    (void)arg;
    vcpu_current()->yield_wanted = true;
}

void sched_tick_setup(void)
{
    event_register((unsigned)__builtin_ctzll(EXO_EVENT_TIMER), timer_event, nullptr);
    event_register((unsigned)__builtin_ctzll(EXO_EVENT_SLICE_END), slice_end_event, nullptr);
    timer_init(&load.timer, load_sample);
    timer_arm(&load.timer, time_deadline_after(LOAD_INTERVAL_NS));
}

uint64_t sched_idle_ns(unsigned vcpu)
{
    const struct sched_vcpu *v = vcpu_of(vcpu);
    uint64_t cycles = v->idle.cputime.cycles;
    if (v->running == &v->idle)
        cycles += arch_cycles() - v->idle.switched_in_tsc;
    return time_cycles_to_ns(cycles);
}

uint64_t sched_switches(void)
{
    uint64_t n = 0;
    for (unsigned v = 0; v < vcpu_count(); v++)
        n += vcpu_of(v)->switches;
    return n;
}
