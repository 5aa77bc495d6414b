/* SPDX-License-Identifier: BSD-2-Clause */
/* thread_basic.c - threads as pthread makes them: life, thread-local storage, identity. */
#include "test.h"

#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static pthread_t thread_start(void *(*run)(void *), void *argument)
{
    pthread_t thread;
    CHECK_EQ(pthread_create(&thread, nullptr, run, argument), 0);
    return thread;
}

static void *thread_join(pthread_t thread)
{
    void *result;
    CHECK_EQ(pthread_join(thread, &result), 0);
    return result;
}

static void *doubles(void *argument)
{
    return (void *)((long)argument * 2);
}

TEST(thread_returns_a_value)
{
    CHECK_EQ(thread_join(thread_start(doubles, (void *)21)), 42);
}

TEST(thread_hundred_at_once)
{
    pthread_t threads[100];
    for (long i = 0; i < 100; i++)
        threads[i] = thread_start(doubles, (void *)i);
    for (long i = 0; i < 100; i++)
        CHECK_EQ(thread_join(threads[i]), i * 2);
}

TEST(thread_thousand_one_after_the_other)
{
    for (long i = 0; i < 1000; i++)
        CHECK_EQ(thread_join(thread_start(doubles, (void *)i)), i * 2);
}

static void *tells_ids(void *argument)
{
    pid_t *ids = argument;
    ids[0] = getpid();
    ids[1] = gettid();
    ids[2] = getppid();
    ids[3] = getpgrp();
    return nullptr;
}

TEST(thread_ids)
{
    pid_t ids[4];
    CHECK_EQ(gettid(), getpid());
    thread_join(thread_start(tells_ids, ids));
    CHECK_EQ(ids[0], getpid());
    CHECK(ids[1] != getpid());
    CHECK_EQ(ids[2], getppid());
    CHECK_EQ(ids[3], getpgrp());
}

static _Thread_local int per_thread = 7;
static _Thread_local char big_per_thread[5000];

static void *uses_tls(void *argument)
{
    CHECK_EQ(per_thread, 7);
    CHECK_EQ(big_per_thread[4999], 0);
    per_thread = (int)(long)argument;
    memset(big_per_thread, per_thread, sizeof big_per_thread);
    for (int i = 0; i < 50; i++) {
        sched_yield();
        CHECK_EQ(per_thread, (long)argument);
        CHECK_EQ(big_per_thread[4999], (char)(long)argument);
    }
    return nullptr;
}

TEST(thread_local_storage_is_separate)
{
    pthread_t threads[8];
    for (long i = 0; i < 8; i++)
        threads[i] = thread_start(uses_tls, (void *)(i + 100));
    for (int i = 0; i < 8; i++)
        thread_join(threads[i]);
    CHECK_EQ(per_thread, 7);
}

static void *sets_errno(void *)
{
    errno = EDOM;
    close(-1);
    CHECK_EQ(errno, EBADF);
    return nullptr;
}

TEST(thread_errno_is_separate)
{
    errno = ERANGE;
    thread_join(thread_start(sets_errno, nullptr));
    CHECK_EQ(errno, ERANGE);
}

static void *opens_and_moves(void *)
{
    OK(chdir("/"));
    umask(0123);
    return (void *)OK(open("/dev/null", O_RDONLY));
}

TEST(thread_shares_files_cwd_and_umask)
{
    char here[100];
    int fd = (int)(long)thread_join(thread_start(opens_and_moves, nullptr));
    OK(fcntl(fd, F_GETFD));
    CHECK(getcwd(here, sizeof here));
    CHECK_STR(here, "/");
    CHECK_EQ(umask(0), 0123);
}

static void *detached_opens_gate(void *argument)
{
    gate_open(argument);
    return nullptr;
}

TEST(thread_detached)
{
    struct gate gate = gate_make();
    for (int i = 0; i < 50; i++) {
        pthread_t thread = thread_start(detached_opens_gate, &gate);
        CHECK_EQ(pthread_detach(thread), 0);
    }
    for (int i = 0; i < 50; i++)
        gate_wait(&gate);
}

static void *exits_process(void *)
{
    exit(9);
}

TEST(thread_exit_call_ends_the_process)
{
    pid_t pid = (pid_t)OK(fork());
    if (pid == 0) {
        thread_start(exits_process, nullptr);
        for (;;)
            pause();
    }
    CHECK_EQ(child_wait(pid), 9 << 8);
}

static void *leader_gone_then_exits(void *argument)
{
    struct gate *gate = argument;
    gate_wait(gate);
    _exit(13);
}

TEST(thread_leader_may_end_first)
{
    struct gate gate = gate_make();
    pid_t pid = (pid_t)OK(fork());
    if (pid == 0) {
        thread_start(leader_gone_then_exits, &gate);
        pthread_exit(nullptr);
    }
    /* The leader stays as a zombie that nobody may reap while threads run. */
    process_await_state(pid, "Z");
    int status;
    CHECK_EQ(waitpid(pid, &status, WNOHANG), 0);
    gate_open(&gate);
    CHECK_EQ(child_wait(pid), 13 << 8);
}

static void *only_ends(void *)
{
    return nullptr;
}

TEST(thread_last_to_end_gives_status_zero)
{
    pid_t pid = (pid_t)OK(fork());
    if (pid == 0) {
        thread_start(only_ends, nullptr);
        pthread_exit(nullptr);
    }
    CHECK_EQ(child_wait(pid), 0);
}

static void *executes(void *)
{
    char *argv[] = {"t", "--helper=single_thread", nullptr};
    execv(self_path, argv);
    _exit(126);
}

static void *sleeps_forever(void *)
{
    for (;;)
        pause();
}

HELPER(single_thread)
{
    char text[4096];
    file_read("/proc/self/status", text, sizeof text);
    return getpid() == gettid() && strstr(text, "\nThreads:\t1\n") ? 23 : 1;
}

TEST(thread_exec_replaces_all_of_them_and_keeps_the_pid)
{
    pid_t pid = (pid_t)OK(fork());
    if (pid == 0) {
        for (int i = 0; i < 5; i++)
            thread_start(sleeps_forever, nullptr);
        thread_start(executes, nullptr);
        for (;;)
            pause();
    }
    CHECK_EQ(child_wait(pid), 23 << 8);
}

static void *forks(void *)
{
    pid_t pid = (pid_t)OK(fork());
    if (pid == 0)
        _exit(gettid() == getpid() ? 0 : 1);
    child_wait_ok(pid);
    return nullptr;
}

TEST(thread_fork_copies_only_the_caller)
{
    thread_start(sleeps_forever, nullptr);
    thread_join(thread_start(forks, nullptr));
    pid_t pid = (pid_t)OK(fork());
    if (pid == 0) {
        char text[4096];
        file_read("/proc/self/status", text, sizeof text);
        _exit(strstr(text, "\nThreads:\t1\n") ? 0 : 1);
    }
    child_wait_ok(pid);
}

static void *crashes(void *)
{
    *(volatile int *)8 = 1;
    return nullptr;
}

TEST(thread_crash_ends_the_process)
{
    pid_t pid = (pid_t)OK(fork());
    if (pid == 0) {
        thread_start(crashes, nullptr);
        for (;;)
            pause();
    }
    CHECK_EQ(child_wait(pid) & 0x7f, SIGSEGV);
}

static void *waits_for(void *argument)
{
    return (void *)(long)child_wait(*(pid_t *)argument);
}

TEST(thread_waits_for_a_child_of_another_thread)
{
    pid_t pid = (pid_t)OK(fork());
    if (pid == 0)
        _exit(3);
    CHECK_EQ(thread_join(thread_start(waits_for, &pid)), 3 << 8);
}

static pthread_key_t key;
static atomic_int destroyed;

static void destroys(void *value)
{
    atomic_fetch_add(&destroyed, (int)(long)value);
}

static void *sets_key(void *argument)
{
    pthread_setspecific(key, argument);
    return nullptr;
}

TEST(thread_key_destructors_run)
{
    CHECK_EQ(pthread_key_create(&key, destroys), 0);
    thread_join(thread_start(sets_key, (void *)3));
    thread_join(thread_start(sets_key, (void *)4));
    CHECK_EQ(atomic_load(&destroyed), 7);
}

static void *cancelled_in_read(void *argument)
{
    char byte;
    long got = read(*(int *)argument, &byte, 1);
    return (void *)got;
}

TEST(thread_cancel_leaves_a_blocking_read)
{
    int pipes[2];
    OK(pipe(pipes));
    pthread_t thread = thread_start(cancelled_in_read, &pipes[0]);
    CHECK_EQ(pthread_cancel(thread), 0);
    CHECK(thread_join(thread) == PTHREAD_CANCELED);
}

TEST(thread_stack_attributes)
{
    pthread_attr_t attr;
    pthread_t thread;
    char *stack =
        mmap(nullptr, 1 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    CHECK(stack != MAP_FAILED);
    pthread_attr_init(&attr);
    CHECK_EQ(pthread_attr_setstack(&attr, stack, 1 << 20), 0);
    CHECK_EQ(pthread_create(&thread, &attr, doubles, (void *)4), 0);
    CHECK_EQ(thread_join(thread), 8);
}

static void *limit_of_process(void *)
{
    struct rlimit limit = {77, 88};
    OK(setrlimit(RLIMIT_NOFILE, &limit));
    OK(setuid(1000));
    return nullptr;
}

TEST(thread_setuid_and_limits_hold_for_all)
{
    struct rlimit limit;
    pthread_t other = thread_start(limit_of_process, nullptr);
    thread_join(other);
    OK(getrlimit(RLIMIT_NOFILE, &limit));
    CHECK_EQ(limit.rlim_cur, 77);
    /* glibc carries setuid to every thread by a signal of its own. */
    CHECK_EQ(getuid(), 1000);
}

static void *raw_setuid(void *)
{
    OK(syscall(SYS_setuid, 1000));
    return (void *)(long)syscall(SYS_getuid);
}

TEST(thread_raw_setuid_is_for_one_thread)
{
    CHECK_EQ(thread_join(thread_start(raw_setuid, nullptr)), 1000);
    CHECK_EQ(getuid(), 0);
}
