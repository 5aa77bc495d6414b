/* SPDX-License-Identifier: BSD-2-Clause */
/* process_stress.c - many processes and threads at once: nobody is lost, nobody is forgotten. */
#include "test.h"

#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

TEST(busy_loops_do_not_starve_others)
{
    pid_t pids[5];
    for (int i = 0; i < 5; i++) {
        pids[i] = (pid_t)OK(fork());
        if (pids[i] == 0)
            for (volatile unsigned long n = 0;; n++)
                ;
    }
    for (int i = 0; i < 5; i++)
        sleep_ms(5);
    for (int i = 0; i < 5; i++) {
        OK(kill(pids[i], SIGTERM));
        CHECK_EQ(child_wait(pids[i]), SIGTERM);
    }
}

TEST(busy_processes_all_make_progress)
{
    atomic_ulong *progress =
        mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    pid_t pids[4];
    for (int i = 0; i < 4; i++) {
        pids[i] = (pid_t)OK(fork());
        if (pids[i] == 0)
            for (;;)
                atomic_fetch_add(&progress[i * 8], 1);
    }
    /* Each goes on after each of the others was seen to have gone on. */
    for (int round = 0; round < 3; round++)
        for (int i = 0; i < 4; i++)
            for (unsigned long before = atomic_load(&progress[i * 8]);
                 atomic_load(&progress[i * 8]) == before;)
                sched_yield();
    for (int i = 0; i < 4; i++) {
        OK(kill(pids[i], SIGKILL));
        child_wait(pids[i]);
    }
}

static atomic_ulong turns[4];

static void *turns_forever(void *argument)
{
    for (;;)
        atomic_fetch_add(&turns[(long)argument], 1);
}

TEST(busy_threads_all_make_progress)
{
    pthread_t thread;
    for (long i = 0; i < 4; i++)
        CHECK_EQ(pthread_create(&thread, nullptr, turns_forever, (void *)i), 0);
    for (int round = 0; round < 3; round++)
        for (int i = 0; i < 4; i++)
            for (unsigned long before = atomic_load(&turns[i]); atomic_load(&turns[i]) == before;)
                sched_yield();
}

TEST(ring_of_processes_passes_a_token)
{
    constexpr int MEMBERS = 20, ROUNDS = 50;
    int pipes[MEMBERS][2];
    pid_t pids[MEMBERS];
    for (int i = 0; i < MEMBERS; i++)
        OK(pipe(pipes[i]));
    for (int i = 0; i < MEMBERS; i++) {
        pids[i] = (pid_t)OK(fork());
        if (pids[i])
            continue;
        for (int round = 0; round < ROUNDS; round++) {
            int token;
            CHECK_EQ(read(pipes[i][0], &token, sizeof token), sizeof token);
            token++;
            CHECK_EQ(write(pipes[(i + 1) % MEMBERS][1], &token, sizeof token), sizeof token);
        }
        _exit(0);
    }
    int token = 0;
    CHECK_EQ(write(pipes[0][1], &token, sizeof token), sizeof token);
    for (int i = 0; i < MEMBERS; i++)
        child_wait_ok(pids[i]);
    CHECK_EQ(read(pipes[0][0], &token, sizeof token), sizeof token);
    CHECK_EQ(token, MEMBERS * ROUNDS);
}

TEST(pipeline_of_thirty_processes)
{
    int in = -1, first[2];
    pid_t pids[30];
    OK(pipe(first));
    in = first[0];
    for (int i = 0; i < 30; i++) {
        int p[2];
        OK(pipe(p));
        pids[i] = (pid_t)OK(fork());
        if (pids[i] == 0) {
            char block[1000];
            close(first[1]);
            close(p[0]);
            for (ssize_t got; (got = read(in, block, sizeof block)) > 0;)
                CHECK_EQ(write(p[1], block, (size_t)got), got);
            _exit(0);
        }
        OK(close(in));
        OK(close(p[1]));
        in = p[0];
    }
    char out[20000], back[20000];
    memset(out, 'p', sizeof out);
    CHECK_EQ(write(first[1], out, sizeof out), sizeof out);
    OK(close(first[1]));
    size_t have = 0;
    for (ssize_t got; (got = read(in, back + have, sizeof back - have)) > 0;)
        have += (size_t)got;
    CHECK_EQ(have, sizeof out);
    CHECK(!memcmp(out, back, sizeof out));
    for (int i = 0; i < 30; i++)
        child_wait_ok(pids[i]);
}

static void *sleeps_then_counts(void *argument)
{
    struct timespec nap = {0, (long)argument * 100000};
    int64_t start = clock_now_ns();
    OK(nanosleep(&nap, nullptr));
    CHECK(clock_now_ns() - start >= nap.tv_nsec);
    return nullptr;
}

TEST(two_hundred_sleepers_of_different_lengths)
{
    pthread_t threads[200];
    for (long i = 0; i < 200; i++)
        CHECK_EQ(pthread_create(&threads[i], nullptr, sleeps_then_counts, (void *)(i * 7 % 200)),
                 0);
    for (int i = 0; i < 200; i++)
        CHECK_EQ(pthread_join(threads[i], nullptr), 0);
}

TEST(children_killed_at_any_moment)
{
    /* They fork, map, write and wait; they are killed wherever they are. */
    for (int i = 0; i < 60; i++) {
        pid_t pid = (pid_t)OK(fork());
        if (pid == 0) {
            setpgid(0, 0);
            for (;;) {
                pid_t inner = fork();
                if (inner == 0)
                    _exit(0);
                char *p = mmap(nullptr, 65536, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
                               -1, 0);
                memset(p, 1, 65536);
                munmap(p, 65536);
                close(open("scratch", O_CREAT | O_RDWR, 0644));
                waitpid(inner, nullptr, 0);
            }
        }
        for (int n = i * 5; n > 0; n--)
            sched_yield();
        OK(kill(pid, SIGKILL));
        CHECK_EQ(child_wait(pid), SIGKILL);
    }
}

TEST(exec_fifty_times_in_one_process)
{
    char *argv[] = {"t", "--helper=exec_again", "50", nullptr};
    pid_t pid = (pid_t)OK(fork());
    if (pid == 0) {
        execv(self_path, argv);
        _exit(126);
    }
    CHECK_EQ(child_wait(pid), 17 << 8);
}

HELPER(exec_again)
{
    int left = 0;
    sscanf(argv[2], "%d", &left);
    if (left == 0)
        return 17;
    char text[16];
    snprintf(text, sizeof text, "%d", left - 1);
    char *next[] = {"t", "--helper=exec_again", text, nullptr};
    execv(self_path, next);
    return 126;
}

TEST(hundred_ends_at_once_lose_no_child)
{
    int ended = 0, status;
    for (int i = 0; i < 100; i++) {
        pid_t pid = (pid_t)OK(fork());
        if (pid == 0)
            _exit(i);
    }
    bool seen[256] = {};
    while (ended < 100) {
        pid_t pid = waitpid(-1, &status, 0);
        CHECK(pid > 0 && WIFEXITED(status));
        CHECK(!seen[WEXITSTATUS(status)]);
        seen[WEXITSTATUS(status)] = true;
        ended++;
    }
    CHECK_ERRNO(waitpid(-1, &status, 0), ECHILD);
}

static void *makes_and_ends_children(void *)
{
    for (int i = 0; i < 20; i++) {
        pid_t pid = (pid_t)OK(fork());
        if (pid == 0)
            _exit(5);
        CHECK_EQ(child_wait(pid), 5 << 8);
    }
    return nullptr;
}

TEST(threads_fork_in_parallel)
{
    pthread_t threads[5];
    for (int i = 0; i < 5; i++)
        CHECK_EQ(pthread_create(&threads[i], nullptr, makes_and_ends_children, nullptr), 0);
    for (int i = 0; i < 5; i++)
        CHECK_EQ(pthread_join(threads[i], nullptr), 0);
}

TEST(files_made_and_removed_by_many_at_once)
{
    pid_t pids[8];
    for (int i = 0; i < 8; i++) {
        pids[i] = (pid_t)OK(fork());
        if (pids[i])
            continue;
        char name[32], other[32];
        for (int n = 0; n < 100; n++) {
            snprintf(name, sizeof name, "f%d.%d", i, n);
            snprintf(other, sizeof other, "shared%d", n % 5);
            file_make(name, "x");
            OK(rename(name, other));
            if (unlink(other) == -1)
                CHECK_EQ(errno, ENOENT);
        }
        _exit(0);
    }
    for (int i = 0; i < 8; i++)
        child_wait_ok(pids[i]);
}

TEST(exclusive_creation_has_one_winner)
{
    for (int round = 0; round < 20; round++) {
        int winners = 0;
        pid_t pids[6];
        for (int i = 0; i < 6; i++) {
            pids[i] = (pid_t)OK(fork());
            if (pids[i] == 0)
                _exit(open("lock", O_CREAT | O_EXCL | O_WRONLY, 0644) >= 0);
        }
        for (int i = 0; i < 6; i++)
            winners += child_wait(pids[i]) != 0;
        CHECK_EQ(winners, 1);
        OK(unlink("lock"));
    }
}

TEST(appends_of_many_do_not_overwrite)
{
    pid_t pids[6];
    for (int i = 0; i < 6; i++) {
        pids[i] = (pid_t)OK(fork());
        if (pids[i])
            continue;
        int fd = (int)OK(open("log", O_CREAT | O_WRONLY | O_APPEND, 0644));
        char line[9] = "line   \n";
        line[5] = (char)('a' + i);
        for (int n = 0; n < 100; n++)
            CHECK_EQ(write(fd, line, 8), 8);
        _exit(0);
    }
    for (int i = 0; i < 6; i++)
        child_wait_ok(pids[i]);
    static char text[8192];
    CHECK_EQ(file_read("log", text, sizeof text), 4800);
    int counts[6] = {};
    for (int at = 0; at < 4800; at += 8) {
        CHECK(!memcmp(text + at, "line ", 5));
        counts[text[at + 5] - 'a']++;
    }
    for (int i = 0; i < 6; i++)
        CHECK_EQ(counts[i], 100);
}

/* A call that has a lot to do comes to an end when a signal does. */
TEST(a_long_sendfile_can_be_killed)
{
    struct timespec soon = {.tv_nsec = 50000000};
    pid_t pid = (pid_t)OK(fork());
    if (pid == 0) {
        int zero = (int)OK(open("/dev/zero", O_RDONLY));
        int terminal = (int)OK(open("/dev/ptmx", O_RDWR | O_NOCTTY));
        for (;;)
            sendfile(terminal, zero, nullptr, 1 << 30);
    }
    OK(nanosleep(&soon, nullptr));
    OK(kill(pid, SIGKILL));
    int status;
    CHECK_EQ(waitpid(pid, &status, 0), pid);
    CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
}

/* Others get their turns meanwhile, even on one CPU. */
TEST(others_run_during_a_long_read)
{
    constexpr size_t SIZE = 64 << 20;
    int volatile *turns =
        mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    char *buffer = mmap(nullptr, SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    CHECK(turns != MAP_FAILED && buffer != MAP_FAILED);
    pid_t pid = (pid_t)OK(fork());
    if (pid == 0)
        for (;;) {
            ++*turns;
            sched_yield();
        }
    int zero = (int)OK(open("/dev/zero", O_RDONLY));
    int before = *turns;
    for (int i = 0; i < 20 && *turns == before; i++)
        CHECK_EQ(read(zero, buffer, SIZE), SIZE);
    CHECK(*turns != before);
    OK(kill(pid, SIGKILL));
    OK(waitpid(pid, nullptr, 0));
}
