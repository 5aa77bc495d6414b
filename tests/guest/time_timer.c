/* SPDX-License-Identifier: BSD-2-Clause */
/* time_timer.c - alarm(2), setitimer(2), POSIX timers. */
#include "test.h"

#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static volatile sig_atomic_t count;
static siginfo_t seen;

static void handler_keeps(int, siginfo_t *info, void *)
{
    seen = *info;
    count++;
}

static void catch_info(int sig)
{
    struct sigaction action = {.sa_sigaction = handler_keeps, .sa_flags = SA_SIGINFO | SA_RESTART};
    OK(sigaction(sig, &action, nullptr));
}

static void await_count(int want)
{
    while (count < want)
        sleep_ms(1);
}

TEST(alarm_returns_what_was_left)
{
    CHECK_EQ(alarm(100), 0);
    unsigned left = alarm(50);
    CHECK(left >= 99 && left <= 100);
    left = alarm(0);
    CHECK(left >= 49 && left <= 50);
    CHECK_EQ(alarm(0), 0);
}

TEST(alarm_kills_by_default)
{
    pid_t pid = (pid_t)OK(fork());
    if (pid == 0) {
        struct itimerval soon = {{}, {0, 1000}};
        OK(setitimer(ITIMER_REAL, &soon, nullptr));
        for (;;)
            pause();
    }
    CHECK_EQ(child_wait(pid), SIGALRM);
}

TEST(alarm_kills_a_busy_loop)
{
    pid_t pid = (pid_t)OK(fork());
    if (pid == 0) {
        struct itimerval soon = {{}, {0, 5000}};
        OK(setitimer(ITIMER_REAL, &soon, nullptr));
        for (volatile int i = 0;; i++)
            ;
    }
    CHECK_EQ(child_wait(pid), SIGALRM);
}

TEST(itimer_real_repeats)
{
    catch_info(SIGALRM);
    alarm_every_ms(3);
    await_count(5);
    CHECK_EQ(seen.si_signo, SIGALRM);
    CHECK_EQ(seen.si_code, SI_KERNEL);
}

TEST(itimer_get_and_replace)
{
    struct itimerval set = {{1, 2000}, {300, 0}}, got;
    OK(setitimer(ITIMER_REAL, &set, nullptr));
    OK(getitimer(ITIMER_REAL, &got));
    CHECK_EQ(got.it_interval.tv_sec, 1);
    CHECK_EQ(got.it_interval.tv_usec, 2000);
    CHECK(got.it_value.tv_sec >= 290 && got.it_value.tv_sec <= 300);
    struct itimerval zero = {};
    OK(setitimer(ITIMER_REAL, &zero, &got));
    CHECK(got.it_value.tv_sec >= 290);
    OK(getitimer(ITIMER_REAL, &got));
    CHECK_EQ(got.it_value.tv_sec, 0);
    CHECK_EQ(alarm(0), 0);
}

TEST(itimer_virtual_and_prof_count_cpu_time)
{
    struct itimerval soon = {{}, {0, 10000}};
    catch_info(SIGVTALRM);
    catch_info(SIGPROF);
    OK(setitimer(ITIMER_VIRTUAL, &soon, nullptr));
    sleep_ms(30);
    CHECK_EQ(count, 0);
    while (count == 0)
        ;
    CHECK_EQ(seen.si_signo, SIGVTALRM);
    OK(setitimer(ITIMER_PROF, &soon, nullptr));
    while (count == 1)
        ;
    CHECK_EQ(seen.si_signo, SIGPROF);
}

TEST(itimer_errors)
{
    struct itimerval bad = {{0, 0}, {0, 1000000}}, got;
    CHECK_ERRNO(setitimer(ITIMER_REAL, &bad, nullptr), EINVAL);
    CHECK_ERRNO(setitimer((__itimer_which_t)9, &got, nullptr), EINVAL);
    CHECK_ERRNO(getitimer((__itimer_which_t)9, &got), EINVAL);
    CHECK_ERRNO(syscall(SYS_setitimer, ITIMER_REAL, 8L, nullptr), EFAULT);
}

static timer_t timer_made(clockid_t clock, int sig, int value)
{
    struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = sig};
    timer_t timer;
    event.sigev_value.sival_int = value;
    OK(timer_create(clock, &event, &timer));
    return timer;
}

TEST(timer_sends_its_signal_and_value)
{
    catch_info(SIGUSR1);
    timer_t timer = timer_made(CLOCK_MONOTONIC, SIGUSR1, 4711);
    struct itimerspec soon = {{}, {0, 2000000}}, got;
    OK(timer_settime(timer, 0, &soon, nullptr));
    await_count(1);
    CHECK_EQ(seen.si_code, SI_TIMER);
    CHECK_EQ(seen.si_value.sival_int, 4711);
    OK(timer_gettime(timer, &got));
    CHECK(got.it_value.tv_sec == 0 && got.it_value.tv_nsec == 0);
    OK(timer_delete(timer));
    CHECK_ERRNO(timer_gettime(timer, &got), EINVAL);
}

TEST(timer_default_event_is_sigalrm)
{
    timer_t timer;
    catch_info(SIGALRM);
    OK(timer_create(CLOCK_REALTIME, nullptr, &timer));
    struct itimerspec soon = {{}, {0, 1000000}};
    OK(timer_settime(timer, 0, &soon, nullptr));
    await_count(1);
    CHECK_EQ(seen.si_code, SI_TIMER);
}

TEST(timer_periodic_and_overrun)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    catch_info(SIGUSR1);
    OK(sigprocmask(SIG_BLOCK, &set, nullptr));
    timer_t timer = timer_made(CLOCK_MONOTONIC, SIGUSR1, 0);
    struct itimerspec often = {{0, 1000000}, {0, 1000000}};
    OK(timer_settime(timer, 0, &often, nullptr));
    sleep_ms(30);
    /* One signal for all of them; the rest is counted. */
    siginfo_t info;
    CHECK_EQ(sigwaitinfo(&set, &info), SIGUSR1);
    CHECK(info.si_overrun >= 20);
    CHECK_EQ(timer_getoverrun(timer), info.si_overrun);
}

TEST(timer_absolute_and_disarm)
{
    catch_info(SIGUSR1);
    timer_t timer = timer_made(CLOCK_MONOTONIC, SIGUSR1, 1);
    struct itimerspec past = {{}, {0, 1}}, later = {{}, {1000, 0}}, zero = {}, old;
    OK(timer_settime(timer, TIMER_ABSTIME, &past, nullptr));
    await_count(1);
    OK(timer_settime(timer, 0, &later, nullptr));
    OK(timer_settime(timer, 0, &zero, &old));
    CHECK(old.it_value.tv_sec >= 990);
    CHECK_EQ(count, 1);
}

TEST(timer_none_can_only_be_asked)
{
    struct sigevent event = {.sigev_notify = SIGEV_NONE};
    struct itimerspec later = {{}, {1000, 0}}, got;
    timer_t timer;
    OK(timer_create(CLOCK_MONOTONIC, &event, &timer));
    OK(timer_settime(timer, 0, &later, nullptr));
    OK(timer_gettime(timer, &got));
    CHECK(got.it_value.tv_sec >= 990);
}

static volatile pid_t handled_by;

static void handler_notes_thread(int)
{
    handled_by = gettid();
    count++;
}

static void *waits_for_count(void *argument)
{
    *(volatile pid_t *)argument = gettid();
    while (!count)
        sleep_ms(1);
    return nullptr;
}

TEST(timer_signals_a_chosen_thread)
{
    pthread_t thread;
    volatile pid_t tid = 0;
    signal(SIGUSR1, handler_notes_thread);
    CHECK_EQ(pthread_create(&thread, nullptr, waits_for_count, (void *)&tid), 0);
    while (!tid)
        sleep_ms(1);
    struct sigevent event = {.sigev_notify = SIGEV_THREAD_ID, .sigev_signo = SIGUSR1};
    event._sigev_un._tid = tid;
    timer_t timer;
    OK(timer_create(CLOCK_MONOTONIC, &event, &timer));
    struct itimerspec soon = {{}, {0, 1000000}};
    OK(timer_settime(timer, 0, &soon, nullptr));
    CHECK_EQ(pthread_join(thread, nullptr), 0);
    CHECK_EQ(handled_by, tid);
}

TEST(timer_errors)
{
    struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = 99};
    struct itimerspec bad = {{}, {0, 1000000000}};
    timer_t timer;
    CHECK_ERRNO(timer_create(CLOCK_MONOTONIC, &event, &timer), EINVAL);
    event = (struct sigevent){.sigev_notify = 77, .sigev_signo = SIGUSR1};
    CHECK_ERRNO(timer_create(CLOCK_MONOTONIC, &event, &timer), EINVAL);
    CHECK_ERRNO(timer_create(99, nullptr, &timer), EINVAL);
    timer = timer_made(CLOCK_MONOTONIC, SIGUSR1, 0);
    CHECK_ERRNO(timer_settime(timer, 0, &bad, nullptr), EINVAL);
    CHECK_ERRNO(syscall(SYS_timer_delete, 12345), EINVAL);
    CHECK_ERRNO(syscall(SYS_timer_settime, 12345, 0, &bad, nullptr), EINVAL);
}

TEST(timer_is_not_inherited_by_fork)
{
    timer_t timer = timer_made(CLOCK_MONOTONIC, SIGUSR1, 0);
    struct itimerspec got;
    IN_CHILD
    {
        CHECK_ERRNO(timer_gettime(timer, &got), EINVAL);
    }
    OK(timer_gettime(timer, &got));
}

TEST(timer_hundred_at_once)
{
    catch_info(SIGRTMIN);
    for (int i = 0; i < 100; i++) {
        timer_t timer = timer_made(CLOCK_MONOTONIC, SIGRTMIN, i);
        struct itimerspec soon = {{}, {0, 1000000 + (100 - i) * 10000}};
        OK(timer_settime(timer, 0, &soon, nullptr));
    }
    await_count(100);
}
