/* SPDX-License-Identifier: BSD-2-Clause */
/* posix_timer_test.c - interval timers and POSIX timers against a clock that the test moves.
 * Links: libos/sched/{timer,itimer,posix_timer,wait}.c libos/signal/queue.c
 * fake_heap_malloc.c fake_vcpu.c */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <linux/time.h>
#include <string.h>
#include "base/errno.h"
#include "fake_vcpu.h"
#include "proc/process.h"
#include "sched/posix_timer.h"
#include "sched/thread.h"
#include "sched/time.h"
#include "signal/queue.h"

static struct process process;
static struct thread thread;
static uint64_t now_ns, cpu_ns;
static unsigned sent[SIGNAL_COUNT + 1];
static bool is_ignored;

struct wait_queue time_set_queue = WAIT_QUEUE_INIT(time_set_queue);

uint64_t time_monotonic_ns(void)
{
    return now_ns;
}

uint64_t time_real_ns(void)
{
    return now_ns;
}

uint64_t time_tai_ns(void)
{
    return now_ns;
}

uint64_t time_deadline_of_real(uint64_t ns)
{
    return ns;
}

uint64_t time_deadline_after(uint64_t ns)
{
    return now_ns + ns;
}

uint64_t clock_now_ns(const struct clock *clock)
{
    return clock_is_cpu(clock) ? cpu_ns : now_ns;
}

struct cputime_split cputime_process(const struct process *p)
{
    (void)p;
    return (struct cputime_split){.user_ns = cpu_ns};
}

uint64_t cputime_thread_ns(const struct thread *t)
{
    (void)t;
    return cpu_ns;
}

uint64_t cputime_process_ns(const struct process *p)
{
    (void)p;
    return cpu_ns;
}

int signal_send_process(struct process *p, int sig, const struct siginfo *info)
{
    (void)p, (void)info;
    sent[sig]++;
    return 0;
}

bool signal_send_entry(struct signal_entry *e, struct process *p, struct thread *to_thread)
{
    struct signal_backlog *b = to_thread ? &to_thread->signal.pending : &p->signal.pending;
    if (e->backlog)
        return false;
    sent[e->info.si_signo]++;
    if (!is_ignored)
        backlog_add_entry(b, e);
    return true;
}

struct thread *thread_find(int32_t tid)
{
    return tid == thread.tid ? &thread : nullptr;
}

void thread_put(struct thread *t)
{
    if (t)
        t->refs--;
}

void thread_wake(struct thread *t)
{
    (void)t;
}

int thread_sleep(uint64_t deadline_ns, enum sleep_mode mode)
{
    (void)deadline_ns, (void)mode;
    return 0;
}

static struct process_timers *timers(void)
{
    return &process.signal.timers;
}

static int setup(void **state)
{
    (void)state;
    fake_vcpu_init();
    fake_vcpu_run(&thread);
    memset(&process, 0, sizeof process);
    memset(sent, 0, sizeof sent);
    thread = (struct thread){.tid = 5, .process = &process, .refs = 1};
    backlog_init(&process.signal.pending);
    backlog_init(&thread.signal.pending);
    process.limits[RLIMIT_CPU] = (struct process_rlimit){RLIM_INFINITY, RLIM_INFINITY};
    process.limits[RLIMIT_RTTIME] = process.limits[RLIMIT_CPU];
    process_timers_init(timers(), &process);
    now_ns = 1000;
    cpu_ns = 0;
    is_ignored = false;
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    process_timers_release(timers());
    assert_int_equal(thread.refs, 1);
    assert_int_equal(timers_next(), WAIT_FOREVER);
    assert_int_equal(process.signal.pending.set, 0);
    return 0;
}

static void run_to(uint64_t ns)
{
    now_ns = ns;
    timers_run(now_ns);
}

static const struct clock monotonic = {.kind = CLOCK_KIND_MONOTONIC, .can_wait = true};

static struct posix_timer *create(const struct clock *clock, int notify, int sig)
{
    struct sigevent event = {.sigev_signo = sig, .sigev_notify = notify};
    event.sigev_notify_thread_id = 5;
    int32_t id;
    assert_int_equal(posix_timer_create(timers(), clock, &event, &id), 0);
    return posix_timer_find(timers(), id);
}

static void set(struct posix_timer *t, uint64_t left, uint64_t interval)
{
    struct posix_timer_setting s = {left, interval};
    posix_timer_set(t, &s, false);
}

static void an_alarm_rings_once(void **state)
{
    (void)state;
    struct itimer_setting s = {.left_ns = 5000};
    itimer_set(timers(), ITIMER_REAL, &s);
    run_to(3000);
    assert_int_equal(itimer_get(timers(), ITIMER_REAL).left_ns, 3000);
    run_to(6000);
    run_to(100000);
    assert_int_equal(sent[SIGALRM], 1);
    assert_int_equal(itimer_get(timers(), ITIMER_REAL).left_ns, 0);
}

static void an_interval_timer_goes_on(void **state)
{
    (void)state;
    struct itimer_setting s = {.left_ns = 1000000, .interval_ns = 1000000};
    itimer_set(timers(), ITIMER_REAL, &s);
    for (uint64_t i = 1; i <= 5; i++)
        run_to(1000 + i * 1000000);
    assert_int_equal(sent[SIGALRM], 5);
}

static void cpu_timers_follow_cpu_time(void **state)
{
    (void)state;
    struct itimer_setting s = {.left_ns = 100, .interval_ns = 50};
    itimer_set(timers(), ITIMER_PROF, &s);
    assert_true(process_timers_want_tick(&process));
    cpu_ns = 99;
    process_timers_tick(&thread);
    assert_int_equal(sent[SIGPROF], 0);
    cpu_ns = 160;
    process_timers_tick(&thread);
    assert_int_equal(sent[SIGPROF], 1);
    assert_int_equal(timers()->prof.due_ns, 200);
}

static void the_cpu_limit_warns_each_second_and_then_kills(void **state)
{
    (void)state;
    process.limits[RLIMIT_CPU] = (struct process_rlimit){.soft = 1, .hard = 3};
    for (cpu_ns = 0; cpu_ns <= 3000000000; cpu_ns += 100000000)
        process_timers_tick(&thread);
    assert_int_equal(sent[SIGXCPU], 2);
    assert_int_equal(sent[SIGKILL], 1);
}

static void overruns_are_counted_until_the_signal_is_taken(void **state)
{
    (void)state;
    struct siginfo info;
    struct posix_timer *t = create(&monotonic, SIGEV_SIGNAL, 40);
    set(t, 1000, 1000);
    run_to(2000);
    run_to(5500);
    assert_int_equal(sent[40], 1);
    backlog_take(&process.signal.pending, 40, &info);
    assert_int_equal(info.si_overrun, 3);
    assert_int_equal(info.si_code, SI_TIMER);
    assert_int_equal(posix_timer_overrun(t), 3);
    assert_int_equal(posix_timer_get(t).left_ns, 500);
    run_to(6000);
    assert_int_equal(sent[40], 2);
    backlog_take(&process.signal.pending, 40, &info);
    assert_int_equal(info.si_overrun, 0);
}

static void a_thread_can_be_the_receiver(void **state)
{
    (void)state;
    struct siginfo info;
    struct posix_timer *t = create(&monotonic, SIGEV_SIGNAL | SIGEV_THREAD_ID, SIGUSR1);
    set(t, 10, 0);
    run_to(1010);
    assert_int_equal(thread.signal.pending.set, signal_bit(SIGUSR1));
    backlog_take(&thread.signal.pending, SIGUSR1, &info);
    assert_int_equal(posix_timer_get(t).left_ns, 0);
}

static void deleting_a_timer_takes_its_signal_back(void **state)
{
    (void)state;
    struct posix_timer *t = create(&monotonic, SIGEV_SIGNAL, 40);
    set(t, 10, 10);
    run_to(1010);
    assert_int_equal(process.signal.pending.set, signal_bit(40));
    posix_timer_delete(t);
    assert_int_equal(process.signal.pending.set, 0);
}

static void an_ignored_signal_does_not_stop_or_speed_up_the_timer(void **state)
{
    (void)state;
    struct posix_timer *t = create(&monotonic, SIGEV_SIGNAL, SIGUSR1);
    is_ignored = true;
    set(t, 10, 1);
    run_to(1010);
    assert_int_equal(sent[SIGUSR1], 1);
    assert_int_equal(timers_next(), 1010 + TICK_NS);
    run_to(1010 + TICK_NS);
    assert_int_equal(sent[SIGUSR1], 2);
}

static void a_silent_timer_only_counts(void **state)
{
    (void)state;
    struct posix_timer *t = create(&monotonic, SIGEV_NONE, 0);
    set(t, 100, 0);
    assert_int_equal(timers_next(), WAIT_FOREVER);
    now_ns += 40;
    assert_int_equal(posix_timer_get(t).left_ns, 60);
    now_ns += 100;
    assert_int_equal(posix_timer_get(t).left_ns, 0);
    set(t, 100, 30);
    now_ns += 110;
    assert_int_equal(posix_timer_get(t).left_ns, 20);
}

static void a_timer_of_cpu_time_rings_at_a_tick(void **state)
{
    (void)state;
    const struct clock cpu = {.kind = CLOCK_KIND_PROCESS, .process = &process, .can_wait = true};
    struct siginfo info;
    struct posix_timer *t = create(&cpu, SIGEV_SIGNAL, 40);
    set(t, 100, 100);
    assert_true(process_timers_want_tick(&process));
    cpu_ns = 250;
    process_timers_tick(&thread);
    process_timers_tick(&thread);
    assert_int_equal(sent[40], 1);
    assert_false(process_timers_want_tick(&process));
    backlog_take(&process.signal.pending, 40, &info);
    assert_int_equal(info.si_overrun, 1);
    assert_true(process_timers_want_tick(&process));
    set(t, 0, 0);
    assert_false(process_timers_want_tick(&process));
}

static void bad_events_are_refused(void **state)
{
    (void)state;
    int32_t id;
    struct sigevent event = {.sigev_signo = 65, .sigev_notify = SIGEV_SIGNAL};
    assert_int_equal(posix_timer_create(timers(), &monotonic, &event, &id), -EINVAL);
    event = (struct sigevent){.sigev_signo = 10, .sigev_notify = 77};
    assert_int_equal(posix_timer_create(timers(), &monotonic, &event, &id), -EINVAL);
    event.sigev_notify = SIGEV_SIGNAL | SIGEV_THREAD_ID;
    event.sigev_notify_thread_id = 6;
    assert_int_equal(posix_timer_create(timers(), &monotonic, &event, &id), -EINVAL);
    assert_null(posix_timer_find(timers(), 0));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(an_alarm_rings_once),
        TEST(an_interval_timer_goes_on),
        TEST(cpu_timers_follow_cpu_time),
        TEST(the_cpu_limit_warns_each_second_and_then_kills),
        TEST(overruns_are_counted_until_the_signal_is_taken),
        TEST(a_thread_can_be_the_receiver),
        TEST(deleting_a_timer_takes_its_signal_back),
        TEST(an_ignored_signal_does_not_stop_or_speed_up_the_timer),
        TEST(a_silent_timer_only_counts),
        TEST(a_timer_of_cpu_time_rings_at_a_tick),
        TEST(bad_events_are_refused),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
