/* SPDX-License-Identifier: BSD-2-Clause */
/* paths.c - what a program pays for the core paths, on whatever system runs it.
 *
 * Prints `cost NAME NANOSECONDS CYCLES` per row: the least of several runs.  The same
 * static binary runs on Seam and on Linux.
 */
#include <linux/futex.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <x86intrin.h>

constexpr int RUNS = 15;

static double cycles_per_ns;
static char *self;

static uint64_t now_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static void calibrate(void)
{
    uint64_t ns = now_ns(), tsc = __rdtsc();
    while (now_ns() - ns < 50000000)
        ;
    cycles_per_ns = (double)(__rdtsc() - tsc) / (double)(now_ns() - ns);
}

/* FN(COUNT) does COUNT times what NAME says. */
static void row(const char *name, void (*fn)(int), int count)
{
    uint64_t least = UINT64_MAX;
    fn(1);
    for (int i = 0; i < RUNS; i++) {
        uint64_t start = __rdtsc();
        fn(count);
        uint64_t cycles = (__rdtsc() - start) / (unsigned)count;
        if (cycles < least)
            least = cycles;
    }
    printf("cost %s %.0f %lu\n", name, (double)least / cycles_per_ns, least);
    fflush(stdout);
}

static void getppid_call(int n)
{
    while (n--)
        syscall(SYS_getppid);
}

static void clock_vdso(int n)
{
    struct timespec t;
    while (n--)
        clock_gettime(CLOCK_MONOTONIC, &t);
}

static uint32_t turn;

static void futex(int op, uint32_t value)
{
    syscall(SYS_futex, &turn, op, value, nullptr, nullptr, 0);
}

/* Take TURNS turns: wait until `turn` is MINE, pass it on. */
static void take_turns(uint32_t mine, int turns)
{
    while (turns--) {
        while (__atomic_load_n(&turn, __ATOMIC_ACQUIRE) != mine)
            futex(FUTEX_WAIT_PRIVATE, 1 - mine);
        __atomic_store_n(&turn, 1 - mine, __ATOMIC_RELEASE);
        futex(FUTEX_WAKE_PRIVATE, 1);
    }
}

static void *other_thread(void *turns)
{
    take_turns(1, (int)(intptr_t)turns);
    return nullptr;
}

/* Two switches a turn. */
static void thread_switch(int n)
{
    pthread_t other;
    turn = 0;
    pthread_create(&other, nullptr, other_thread, (void *)(intptr_t)(n / 2 + 1));
    take_turns(0, n / 2 + 1);
    pthread_join(other, nullptr);
}

static void process_switch(int n)
{
    int there[2], back[2];
    char byte = 0;
    if (pipe(there) || pipe(back))
        exit(1);
    pid_t pid = fork();
    if (pid == 0) {
        for (int i = 0; i < n / 2 + 1; i++)
            if (read(there[0], &byte, 1) != 1 || write(back[1], &byte, 1) != 1)
                _exit(1);
        _exit(0);
    }
    for (int i = 0; i < n / 2 + 1; i++)
        if (write(there[1], &byte, 1) != 1 || read(back[0], &byte, 1) != 1)
            exit(1);
    waitpid(pid, nullptr, 0);
    for (int i = 0; i < 2; i++) {
        close(there[i]);
        close(back[i]);
    }
}

static void fault(int n)
{
    size_t bytes = (size_t)n * 4096;
    char *page = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    /* From the end, so that no read-ahead of neighbours helps. */
    for (int i = n - 1; i >= 0; i--)
        page[(size_t)i * 4096] = 1;
    munmap(page, bytes);
}

static void fork_exit(int n)
{
    while (n--) {
        pid_t pid = fork();
        if (pid == 0)
            _exit(0);
        waitpid(pid, nullptr, 0);
    }
}

static void fork_exec(int n)
{
    while (n--) {
        pid_t pid = fork();
        if (pid == 0) {
            execl(self, self, "--exit", nullptr);
            _exit(127);
        }
        waitpid(pid, nullptr, 0);
    }
}

static void vfork_exec(int n)
{
    while (n--) {
        pid_t pid = vfork();
        if (pid == 0) {
            execl(self, self, "--exit", nullptr);
            _exit(127);
        }
        waitpid(pid, nullptr, 0);
    }
}

int main(int argc, char **argv)
{
    if (argc > 1 && strcmp(argv[1], "--exit") == 0)
        return 0;
    if (argc > 1 && strcmp(argv[1], "--first") == 0) {
        if (write(1, "x", 1) != 1)
            return 1;
        return 0;
    }
    self = argv[0];
    calibrate();
    row("getppid", getppid_call, 2000);
    row("clock_gettime", clock_vdso, 2000);
    row("thread-switch", thread_switch, 1000);
    row("process-switch", process_switch, 400);
    row("fault-anonymous", fault, 200);
    row("fork+exit", fork_exit, 10);
    row("fork+exec", fork_exec, 10);
    row("vfork+exec", vfork_exec, 10);
    return 0;
}
