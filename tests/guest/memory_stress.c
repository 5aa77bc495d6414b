/* SPDX-License-Identifier: BSD-2-Clause */
/* memory_stress.c - threads and processes that change mappings under each other's feet. */
#include "test.h"

#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

constexpr long PAGE = 4096;

static atomic_int turn;
static char *volatile shared_page;
static _Thread_local sigjmp_buf way_out;

static void handler_jumps(int)
{
    siglongjmp(way_out, 1);
}

/* Takes every odd turn: looks at the page, and hands back what it saw, or -1 for a fault. */
static void *watches(void *result)
{
    for (;;) {
        while (atomic_load(&turn) % 2 == 0)
            sched_yield();
        if (!shared_page)
            return nullptr;
        if (sigsetjmp(way_out, 1) == 0)
            *(volatile int *)result = *(volatile char *)shared_page;
        else
            *(volatile int *)result = -1;
        atomic_fetch_add(&turn, 1);
    }
}

/* Let the watcher look once. */
static int watcher_sees(volatile int *result)
{
    atomic_fetch_add(&turn, 1);
    while (atomic_load(&turn) % 2 != 0)
        sched_yield();
    return *result;
}

TEST(unmapping_is_seen_by_other_threads_at_once)
{
    static volatile int seen;
    pthread_t thread;
    struct sigaction action = {.sa_handler = handler_jumps};
    OK(sigaction(SIGSEGV, &action, nullptr));
    CHECK_EQ(pthread_create(&thread, nullptr, watches, (void *)&seen), 0);
    char *p =
        (char *)OK(mmap(nullptr, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
    shared_page = p;
    for (int i = 1; i <= 100; i++) {
        *p = (char)i;
        CHECK_EQ(watcher_sees(&seen), (char)i);
        OK(mprotect(p, PAGE, PROT_NONE));
        CHECK_EQ(watcher_sees(&seen), -1);
        OK(mprotect(p, PAGE, PROT_READ | PROT_WRITE));
        CHECK_EQ(watcher_sees(&seen), (char)i);
        OK(munmap(p, PAGE));
        CHECK_EQ(watcher_sees(&seen), -1);
        /* New memory at the old place is new for everybody. */
        CHECK(mmap(p, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1,
                   0) == p);
        CHECK_EQ(watcher_sees(&seen), 0);
    }
    shared_page = nullptr;
    atomic_fetch_add(&turn, 1);
    CHECK_EQ(pthread_join(thread, nullptr), 0);
}

static void *maps_and_unmaps(void *argument)
{
    char mark = (char)(long)argument;
    for (int i = 0; i < 300; i++) {
        size_t len = (size_t)(1 + i % 7) * PAGE;
        char *p = mmap(nullptr, len, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        CHECK(p != MAP_FAILED);
        for (size_t at = 0; at < len; at += PAGE) {
            CHECK_EQ(p[at], 0);
            p[at] = mark;
        }
        sched_yield();
        for (size_t at = 0; at < len; at += PAGE)
            CHECK_EQ(p[at], mark);
        if (i % 3 == 0)
            OK(mprotect(p, PAGE, PROT_READ));
        OK(munmap(p, len));
    }
    return nullptr;
}

TEST(threads_map_and_unmap_in_parallel)
{
    pthread_t threads[6];
    for (long i = 0; i < 6; i++)
        CHECK_EQ(pthread_create(&threads[i], nullptr, maps_and_unmaps, (void *)(i + 1)), 0);
    for (int i = 0; i < 6; i++)
        CHECK_EQ(pthread_join(threads[i], nullptr), 0);
}

static void *faults_one_page(void *argument)
{
    volatile char *p = argument;
    for (long i = 0; i < 256; i++)
        __atomic_fetch_add(&p[i * PAGE], 1, __ATOMIC_SEQ_CST);
    return nullptr;
}

TEST(threads_touch_the_same_new_pages)
{
    pthread_t threads[4];
    for (int round = 0; round < 4; round++) {
        char *p = (char *)OK(
            mmap(nullptr, 256 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
        for (int i = 0; i < 4; i++)
            CHECK_EQ(pthread_create(&threads[i], nullptr, faults_one_page, p), 0);
        for (int i = 0; i < 4; i++)
            CHECK_EQ(pthread_join(threads[i], nullptr), 0);
        for (long i = 0; i < 256; i++)
            CHECK_EQ(p[i * PAGE], 4);
        OK(munmap(p, 256 * PAGE));
    }
}

static atomic_bool is_over;

static void *writes_always(void *argument)
{
    volatile unsigned long *words = argument;
    /* Two words of different pages that always move together, the first before the second. */
    for (unsigned long n = 1; !atomic_load(&is_over); n++) {
        words[0] = n;
        atomic_thread_fence(memory_order_seq_cst);
        words[PAGE / 8] = n;
        if (n % 64 == 0)
            sched_yield();
    }
    return nullptr;
}

TEST(fork_while_another_thread_writes)
{
    pthread_t thread;
    unsigned long *words = (unsigned long *)OK(
        mmap(nullptr, 2 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
    CHECK_EQ(pthread_create(&thread, nullptr, writes_always, words), 0);
    for (int i = 0; i < 50; i++)
        IN_CHILD
        {
            /* Nobody writes here any more: the copy stands still, even if it is not of one moment. */
            unsigned long first = words[0], second = words[PAGE / 8];
            sched_yield();
            CHECK_EQ(*(volatile unsigned long *)&words[0], first);
            CHECK_EQ(*(volatile unsigned long *)&words[PAGE / 8], second);
            words[0] = 0;
        }
    atomic_store(&is_over, true);
    CHECK_EQ(pthread_join(thread, nullptr), 0);
    CHECK(words[0] == words[PAGE / 8] && words[0] > 0);
}

TEST(generations_of_forks_keep_their_own_copies)
{
    char *p = (char *)OK(
        mmap(nullptr, 32 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
    for (int i = 0; i < 32; i++)
        p[i * PAGE] = (char)i;
    for (int depth = 0; depth < 6; depth++) {
        pid_t pid = (pid_t)OK(fork());
        if (pid != 0) {
            child_wait_ok(pid);
            for (int i = 0; i < 32; i++)
                CHECK_EQ(p[i * PAGE], i < depth ? 100 + i : i);
            if (depth == 0)
                return;
            _exit(0);
        }
        p[depth * PAGE] = (char)(100 + depth);
    }
    _exit(0);
}

TEST(many_processes_share_one_file_mapping)
{
    int fd = (int)OK(open("counter", O_CREAT | O_RDWR, 0644));
    OK(ftruncate(fd, PAGE));
    atomic_int *counter = mmap(nullptr, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    CHECK(counter != MAP_FAILED);
    pid_t pids[10];
    for (int i = 0; i < 10; i++) {
        pids[i] = (pid_t)OK(fork());
        if (pids[i])
            continue;
        for (int n = 0; n < 1000; n++)
            atomic_fetch_add(counter, 1);
        _exit(0);
    }
    for (int i = 0; i < 10; i++)
        child_wait_ok(pids[i]);
    int value = 0;
    CHECK_EQ(pread(fd, &value, sizeof value, 0), sizeof value);
    CHECK_EQ(value, 10000);
}

TEST(read_and_mapping_of_a_file_agree)
{
    static char block[3 * PAGE], got[3 * PAGE];
    int fd = (int)OK(open("f", O_CREAT | O_RDWR, 0644));
    OK(ftruncate(fd, 64 * PAGE));
    char *p = mmap(nullptr, 64 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    CHECK(p != MAP_FAILED);
    unsigned seed = 99;
    for (int i = 0; i < 300; i++) {
        seed = seed * 1103515245 + 12345;
        long at = (seed >> 8) % (60 * PAGE), len = 1 + (seed >> 4) % (2 * PAGE);
        memset(block, i, sizeof block);
        if (i % 2)
            memcpy(p + at, block, (size_t)len);
        else
            CHECK_EQ(pwrite(fd, block, (size_t)len, at), len);
        CHECK_EQ(pread(fd, got, (size_t)len, at), len);
        CHECK(!memcmp(got, p + at, (size_t)len));
        CHECK(!memcmp(got, block, (size_t)len));
    }
}

TEST(touching_and_freeing_64_mib_ten_times)
{
    for (int round = 0; round < 10; round++) {
        char *p = (char *)OK(
            mmap(nullptr, 64 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
        for (long at = 0; at < 64 << 20; at += 8 * PAGE)
            p[at] = 1;
        OK(munmap(p, 64 << 20));
    }
}
