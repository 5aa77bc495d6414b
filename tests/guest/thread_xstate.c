/* SPDX-License-Identifier: BSD-2-Clause */
/* thread_xstate.c - the extended registers (x87, SSE, AVX) are each thread's own, whenever others use
 * them: over switches, signals, fork and exec. */
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include "test.h"

/* The 16 vector registers, and the x87 unit's control word and stack. */
struct state {
    uint64_t vector[16][4]; /* without AVX the upper halves are not looked at */
    uint32_t mxcsr;
    uint16_t control;
    double top[8];
};

static bool has_avx(void)
{
    return __builtin_cpu_supports("avx");
}

static void state_fill(struct state *s, uint64_t seed)
{
    memset(s, 0, sizeof(*s));
    for (unsigned i = 0; i < 16; i++)
        for (unsigned j = 0; j < (has_avx() ? 4 : 2); j++)
            s->vector[i][j] = seed * 1000003 + i * 4 + j;
    s->mxcsr = 0x1f80 | (uint32_t)(seed % 4) << 13; /* rounding */
    s->control = (uint16_t)(0x37f & ~0xc00) | (uint16_t)(seed % 4 << 10);
    for (unsigned i = 0; i < 8; i++)
        s->top[i] = (double)(seed * 8 + i);
}

#define VECTORS(op, width, direction)                                                              \
    direction(op, width, 0) direction(op, width, 1) direction(op, width, 2)                        \
        direction(op, width, 3) direction(op, width, 4) direction(op, width, 5)                    \
            direction(op, width, 6) direction(op, width, 7) direction(op, width, 8)                \
                direction(op, width, 9) direction(op, width, 10) direction(op, width, 11)          \
                    direction(op, width, 12) direction(op, width, 13) direction(op, width, 14)     \
                        direction(op, width, 15)
#define LOAD(op, width, n)  #op " 32*" #n "(%1), %%" #width #n "\n\t"
#define STORE(op, width, n) #op " %%" #width #n ", 32*" #n "(%1)\n\t"
#define CLOBBERS                                                                                   \
    "memory", "xmm0", "xmm1", "xmm2", "xmm3", "xmm4", "xmm5", "xmm6", "xmm7", "xmm8", "xmm9",      \
        "xmm10", "xmm11", "xmm12", "xmm13", "xmm14", "xmm15", "st", "st(1)", "st(2)", "st(3)",     \
        "st(4)", "st(5)", "st(6)", "st(7)"

/* Load all of S, make the call NUMBER with the argument A, and store what is there then.  Nothing else
 * happens in between. */
static long state_through(const struct state *s, struct state *after, long number, long a)
{
    long result = number;
    *after = *s;
    __asm__ volatile("fninit\n\tfldcw %0" : : "m"(after->control) : CLOBBERS);
    for (int i = 7; i >= 0; i--)
        __asm__ volatile("fldl %0" : : "m"(after->top[i]));
    __asm__ volatile("ldmxcsr %0" : : "m"(after->mxcsr));
    if (has_avx()) {
        __asm__ volatile(
            VECTORS(vmovdqu, ymm, LOAD) "syscall\n\t" VECTORS(vmovdqu, ymm, STORE) "vzeroupper"
            : "+a"(result)
            : "r"(after), "D"(a)
            : "rcx", "r11", CLOBBERS);
    } else {
        __asm__ volatile(VECTORS(movdqu, xmm, LOAD) "syscall\n\t" VECTORS(movdqu, xmm, STORE)
                         : "+a"(result)
                         : "r"(after), "D"(a)
                         : "rcx", "r11", CLOBBERS);
    }
    __asm__ volatile("stmxcsr %0\n\tfnstcw %1" : "=m"(after->mxcsr), "=m"(after->control));
    for (int i = 0; i < 8; i++)
        __asm__ volatile("fstpl %0" : "=m"(after->top[i]));
    uint32_t plain = 0x1f80;
    __asm__ volatile("fninit\n\tldmxcsr %0" : : "m"(plain));
    return result;
}

static void state_check(const struct state *s, const struct state *after)
{
    CHECK(memcmp(s->vector, after->vector, sizeof(s->vector)) == 0);
    CHECK_EQ(after->mxcsr & ~0x3f, s->mxcsr); /* exceptions seen are no matter */
    CHECK_EQ(after->control, s->control);
    CHECK(memcmp(s->top, after->top, sizeof(s->top)) == 0);
}

constexpr unsigned TURNS = 300, THREADS = 6;
static atomic_uint running;

/* Every second thread uses the registers in each turn, the others once in a while. */
static void *user_main(void *arg)
{
    uint64_t seed = (uintptr_t)arg;
    struct state s, after;
    for (unsigned i = 0; i < TURNS; i++) {
        if (seed % 2 == 0 || i % 17 == seed) {
            state_fill(&s, seed * TURNS + i);
            OK(state_through(&s, &after, SYS_sched_yield, 0));
            state_check(&s, &after);
        } else {
            sched_yield();
        }
    }
    running--;
    return nullptr;
}

TEST(thread_xstate_is_each_thread_s_own)
{
    pthread_t thread[THREADS];
    running = THREADS;
    for (uintptr_t i = 0; i < THREADS; i++)
        CHECK_EQ(pthread_create(&thread[i], nullptr, user_main, (void *)i), 0);
    for (unsigned i = 0; i < THREADS; i++)
        CHECK_EQ(pthread_join(thread[i], nullptr), 0);
    CHECK_EQ(running, 0);
}

TEST(thread_xstate_is_each_process_s_own)
{
    pid_t child[THREADS];
    for (uintptr_t i = 0; i < THREADS; i++) {
        child[i] = OK(fork());
        if (child[i] == 0) {
            user_main((void *)i);
            _exit(0);
        }
    }
    for (unsigned i = 0; i < THREADS; i++) {
        int status;
        OK(waitpid(child[i], &status, 0));
        CHECK_EQ(status, 0);
    }
}

static void handler_uses(int sig)
{
    struct state s, after;
    state_fill(&s, (uint64_t)sig);
    OK(state_through(&s, &after, SYS_getppid, 0));
    state_check(&s, &after);
}

static void handler_does_not(int sig)
{
    (void)sig;
}

/* Registers that are loaded, and others' that were not touched for a while. */
static void signals_pass(void (*handler)(int))
{
    struct state s, after;
    CHECK(signal(SIGUSR1, handler) != SIG_ERR);
    for (unsigned i = 0; i < 20; i++) {
        state_fill(&s, i);
        CHECK_EQ(state_through(&s, &after, SYS_alarm, 0), 0);
        OK(raise(SIGUSR1));
        state_check(&s, &after);
        sigset_t set;
        sigemptyset(&set);
        sigaddset(&set, SIGUSR1);
        OK(sigprocmask(SIG_BLOCK, &set, nullptr));
        OK(raise(SIGUSR1));
        /* The signal comes at the end of this call. */
        sigset_t none;
        sigemptyset(&none);
        state_fill(&s, i + 100);
        CHECK_EQ(state_through(&s, &after, SYS_sched_yield, 0), 0);
        state_check(&s, &after);
        OK(sigprocmask(SIG_SETMASK, &none, nullptr));
    }
}

TEST(thread_xstate_survives_a_handler_that_uses_it)
{
    signals_pass(handler_uses);
}

TEST(thread_xstate_survives_a_handler_that_does_not)
{
    signals_pass(handler_does_not);
}

TEST(thread_xstate_goes_to_both_sides_of_fork)
{
    struct state s, after;
    for (unsigned i = 0; i < 10; i++) {
        state_fill(&s, 77 + i);
        pid_t child = (pid_t)OK(state_through(&s, &after, SYS_fork, 0));
        state_check(&s, &after);
        if (child == 0)
            _exit(0);
        int status;
        OK(waitpid(child, &status, 0));
        CHECK_EQ(status, 0);
    }
}

HELPER(xstate_fresh)
{
    uint32_t mxcsr;
    uint16_t control;
    __asm__ volatile("stmxcsr %0\n\tfnstcw %1" : "=m"(mxcsr), "=m"(control));
    return mxcsr == 0x1f80 && control == 0x37f ? 0 : 1;
}

TEST(thread_xstate_is_fresh_after_exec)
{
    IN_CHILD
    {
        uint32_t mxcsr = 0x7f80;
        uint16_t control = 0xf7f;
        __asm__ volatile("ldmxcsr %0\n\tfldcw %1" : : "m"(mxcsr), "m"(control));
        execl(self_path, self_path, "--helper=xstate_fresh", nullptr);
        FAIL("execl returned");
    }
}
