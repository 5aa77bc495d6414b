/* SPDX-License-Identifier: BSD-2-Clause */
/* thread_signal.c - signals in a process of several threads. */
#include "test.h"

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static atomic_int handled_by, handled_count;

static void handler_notes(int)
{
    atomic_store(&handled_by, gettid());
    atomic_fetch_add(&handled_count, 1);
}

static void catch_with(int sig, void (*handler)(int), int flags)
{
    struct sigaction action = {.sa_handler = handler, .sa_flags = flags};
    OK(sigaction(sig, &action, nullptr));
}

static void mask_change(int how, int sig)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, sig);
    CHECK_EQ(pthread_sigmask(how, &set, nullptr), 0);
}

struct sleeper {
    atomic_int tid;
    atomic_bool is_over;
};

static void *sleeper_run(void *argument)
{
    struct sleeper *sleeper = argument;
    atomic_store(&sleeper->tid, gettid());
    while (!atomic_load(&sleeper->is_over))
        sleep_ms(1);
    return nullptr;
}

static pthread_t sleeper_start(struct sleeper *sleeper)
{
    pthread_t thread;
    CHECK_EQ(pthread_create(&thread, nullptr, sleeper_run, sleeper), 0);
    while (!atomic_load(&sleeper->tid))
        sched_yield();
    return thread;
}

static void handled_await(int count)
{
    while (atomic_load(&handled_count) < count)
        sched_yield();
}

TEST(pthread_kill_reaches_that_thread)
{
    struct sleeper sleepers[3] = {};
    catch_with(SIGUSR1, handler_notes, SA_RESTART);
    pthread_t threads[3];
    for (int i = 0; i < 3; i++)
        threads[i] = sleeper_start(&sleepers[i]);
    for (int i = 0; i < 3; i++) {
        CHECK_EQ(pthread_kill(threads[i], SIGUSR1), 0);
        handled_await(i + 1);
        CHECK_EQ(atomic_load(&handled_by), atomic_load(&sleepers[i].tid));
    }
}

TEST(process_signal_goes_to_a_thread_that_takes_it)
{
    struct sleeper sleeper = {};
    catch_with(SIGUSR1, handler_notes, SA_RESTART);
    sleeper_start(&sleeper);
    mask_change(SIG_BLOCK, SIGUSR1);
    for (int i = 1; i <= 20; i++) {
        OK(kill(getpid(), SIGUSR1));
        handled_await(i);
        CHECK_EQ(atomic_load(&handled_by), atomic_load(&sleeper.tid));
    }
}

TEST(process_signal_blocked_by_all_stays_pending)
{
    struct sleeper sleeper = {};
    sigset_t pending;
    catch_with(SIGUSR1, handler_notes, SA_RESTART);
    mask_change(SIG_BLOCK, SIGUSR1);
    sleeper_start(&sleeper);
    OK(kill(getpid(), SIGUSR1));
    OK(sigpending(&pending));
    CHECK(sigismember(&pending, SIGUSR1));
    CHECK_EQ(atomic_load(&handled_count), 0);
    mask_change(SIG_UNBLOCK, SIGUSR1);
    CHECK_EQ(atomic_load(&handled_count), 1);
    CHECK_EQ(atomic_load(&handled_by), gettid());
}

static void *tells_mask(void *)
{
    sigset_t now;
    pthread_sigmask(SIG_BLOCK, nullptr, &now);
    bool was_blocked = sigismember(&now, SIGUSR2);
    mask_change(SIG_UNBLOCK, SIGUSR2);
    return (void *)was_blocked;
}

TEST(thread_mask_is_inherited_and_own)
{
    pthread_t thread;
    void *was_blocked;
    sigset_t now;
    mask_change(SIG_BLOCK, SIGUSR2);
    CHECK_EQ(pthread_create(&thread, nullptr, tells_mask, nullptr), 0);
    CHECK_EQ(pthread_join(thread, &was_blocked), 0);
    CHECK(was_blocked);
    pthread_sigmask(SIG_BLOCK, nullptr, &now);
    CHECK(sigismember(&now, SIGUSR2));
}

static void *waits_for_signal(void *argument)
{
    sigset_t set;
    int sig;
    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    atomic_store((atomic_int *)argument, gettid());
    CHECK_EQ(sigwait(&set, &sig), 0);
    return (void *)(long)sig;
}

TEST(sigwait_in_a_thread_takes_the_process_signal)
{
    atomic_int tid = 0;
    pthread_t thread;
    void *sig;
    mask_change(SIG_BLOCK, SIGUSR1);
    CHECK_EQ(pthread_create(&thread, nullptr, waits_for_signal, &tid), 0);
    while (!atomic_load(&tid))
        sched_yield();
    process_await_state(atomic_load(&tid), "S");
    OK(kill(getpid(), SIGUSR1));
    CHECK_EQ(pthread_join(thread, &sig), 0);
    CHECK_EQ(sig, SIGUSR1);
}

TEST(fatal_signal_to_one_thread_ends_all)
{
    pid_t pid = (pid_t)OK(fork());
    if (pid == 0) {
        struct sleeper sleepers[4] = {};
        for (int i = 0; i < 4; i++)
            sleeper_start(&sleepers[i]);
        syscall(SYS_tgkill, getpid(), atomic_load(&sleepers[2].tid), SIGTERM);
        for (;;)
            pause();
    }
    CHECK_EQ(child_wait(pid), SIGTERM);
}

TEST(stop_stops_all_threads)
{
    int status;
    pid_t pid = (pid_t)OK(fork());
    if (pid == 0) {
        struct sleeper sleepers[3] = {};
        for (int i = 0; i < 3; i++)
            sleeper_start(&sleepers[i]);
        kill(getpid(), SIGSTOP);
        _exit(0);
    }
    CHECK_EQ(waitpid(pid, &status, WUNTRACED), pid);
    CHECK(WIFSTOPPED(status));
    CHECK_EQ(process_state(pid), 'T');
    OK(kill(pid, SIGCONT));
    child_wait_ok(pid);
}

static void *catches(void *)
{
    catch_with(SIGUSR1, handler_notes, 0);
    return nullptr;
}

TEST(dispositions_are_shared)
{
    struct sigaction got;
    pthread_t thread;
    CHECK_EQ(pthread_create(&thread, nullptr, catches, nullptr), 0);
    CHECK_EQ(pthread_join(thread, nullptr), 0);
    OK(sigaction(SIGUSR1, nullptr, &got));
    CHECK(got.sa_handler == handler_notes);
}

static void *faults(void *)
{
    *(volatile char *)16 = 1;
    return nullptr;
}

static void handler_ends_thread(int)
{
    handler_notes(0);
    pthread_exit((void *)5);
}

TEST(fault_is_handled_by_the_thread_that_faults)
{
    pthread_t thread;
    void *result;
    catch_with(SIGSEGV, handler_ends_thread, 0);
    CHECK_EQ(pthread_create(&thread, nullptr, faults, nullptr), 0);
    CHECK_EQ(pthread_join(thread, &result), 0);
    CHECK_EQ(result, 5);
    CHECK(atomic_load(&handled_by) != gettid());
}

static void *raises_often(void *)
{
    for (int i = 0; i < 2000; i++)
        raise(SIGUSR1);
    return nullptr;
}

TEST(threads_raise_in_parallel)
{
    pthread_t threads[4];
    catch_with(SIGUSR1, handler_notes, 0);
    for (int i = 0; i < 4; i++)
        CHECK_EQ(pthread_create(&threads[i], nullptr, raises_often, nullptr), 0);
    for (int i = 0; i < 4; i++)
        CHECK_EQ(pthread_join(threads[i], nullptr), 0);
    CHECK_EQ(atomic_load(&handled_count), 8000);
}
