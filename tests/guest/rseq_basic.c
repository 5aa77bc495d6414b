/* SPDX-License-Identifier: BSD-2-Clause */
/* rseq_basic.c - restartable sequences: registration, the vcpu number, aborts. */
#include "test.h"

#include <linux/rseq.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/rseq.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

constexpr unsigned SIGNATURE = 0x53053053;

static struct rseq area __attribute__((aligned(32)));

static long rseq_call(void *at, unsigned bytes, int flags, unsigned signature)
{
    return syscall(SYS_rseq, at, bytes, flags, signature);
}

/* Take the C library's registration away, and register ours. */
static void register_own(void)
{
    if (__rseq_size > 0) {
        char *theirs = (char *)__builtin_thread_pointer() + __rseq_offset;
        OK(rseq_call(theirs, 32, RSEQ_FLAG_UNREGISTER, RSEQ_SIG));
    }
    area.cpu_id = (unsigned)RSEQ_CPU_ID_UNINITIALIZED;
    OK(rseq_call(&area, 32, 0, SIGNATURE));
}

TEST(rseq_registration_rules)
{
    static struct rseq other __attribute__((aligned(32)));
    register_own();
    CHECK_ERRNO(rseq_call(&area, 32, 0, SIGNATURE), EBUSY);
    CHECK_ERRNO(rseq_call(&area, 32, 0, 1), EPERM);
    CHECK_ERRNO(rseq_call(&other, 32, 0, SIGNATURE), EINVAL);
    CHECK_ERRNO(rseq_call(&area, 32, 8, SIGNATURE), EINVAL);
    CHECK_ERRNO(rseq_call(&area, 32, RSEQ_FLAG_UNREGISTER, 1), EPERM);
    CHECK_ERRNO(rseq_call(&other, 32, RSEQ_FLAG_UNREGISTER, SIGNATURE), EINVAL);
    OK(rseq_call(&area, 32, RSEQ_FLAG_UNREGISTER, SIGNATURE));
    CHECK_EQ(area.cpu_id, (unsigned)RSEQ_CPU_ID_UNINITIALIZED);
    CHECK_ERRNO(rseq_call(&area, 32, RSEQ_FLAG_UNREGISTER, SIGNATURE), EINVAL);
    CHECK_ERRNO(rseq_call((char *)&area + 4, 32, 0, SIGNATURE), EINVAL);
    CHECK_ERRNO(rseq_call(&area, 16, 0, SIGNATURE), EINVAL);
}

TEST(rseq_tells_the_cpu)
{
    register_own();
    cpu_set_t only;
    CPU_ZERO(&only);
    CPU_SET(sched_getcpu(), &only);
    OK(sched_setaffinity(0, sizeof only, &only));
    sleep_ms(2);
    CHECK_EQ(area.cpu_id, sched_getcpu());
    CHECK_EQ(area.cpu_id_start, sched_getcpu());
}

TEST(rseq_survives_fork)
{
    register_own();
    IN_CHILD
    {
        area.cpu_id = 12345;
        sleep_ms(2);
        CHECK(area.cpu_id != 12345);
        CHECK_ERRNO(rseq_call(&area, 32, 0, SIGNATURE), EBUSY);
    }
}

/* Loops inside a critical section until it is aborted. */
static int section_run(struct rseq_cs *cs)
{
    int aborted;
    __asm__ volatile("leaq 1f(%%rip), %%rax\n\t"
                     "movq %%rax, 8(%[cs])\n\t"
                     "leaq 2f(%%rip), %%rcx\n\t"
                     "subq %%rax, %%rcx\n\t"
                     "movq %%rcx, 16(%[cs])\n\t"
                     "leaq 3f(%%rip), %%rax\n\t"
                     "movq %%rax, 24(%[cs])\n\t"
                     "xorl %[aborted], %[aborted]\n\t"
                     "movq %[cs], %[pointer]\n\t"
                     "1: pause\n\t"
                     "jmp 1b\n\t"
                     "2: jmp 4f\n\t"
                     ".byte 0x0f, 0xb9, 0x3d\n\t"
                     ".long 0x53053053\n\t"
                     "3: movl $1, %[aborted]\n\t"
                     "4:"
                     : [aborted] "=&r"(aborted), [pointer] "=m"(area.rseq_cs)
                     : [cs] "r"(cs)
                     : "rax", "rcx", "memory", "cc");
    return aborted;
}

static volatile sig_atomic_t handled;

static void on_alarm(int)
{
    handled++;
}

TEST(rseq_signal_aborts_the_section)
{
    static struct rseq_cs cs __attribute__((aligned(32)));
    register_own();
    struct sigaction action = {.sa_handler = on_alarm};
    OK(sigaction(SIGALRM, &action, nullptr));
    alarm_every_ms(20);
    CHECK_EQ(section_run(&cs), 1);
    alarm_every_ms(0);
    CHECK_EQ(area.rseq_cs, 0);
}

TEST(rseq_preemption_aborts_the_section)
{
    static struct rseq_cs cs __attribute__((aligned(32)));
    register_own();
    cpu_set_t only;
    CPU_ZERO(&only);
    CPU_SET(sched_getcpu(), &only);
    OK(sched_setaffinity(0, sizeof only, &only));
    pid_t pid = (pid_t)OK(fork());
    if (pid == 0)
        for (;;)
            ;
    CHECK_EQ(section_run(&cs), 1);
    OK(kill(pid, SIGKILL));
    child_wait(pid);
}

TEST(rseq_bad_signature_is_fatal)
{
    static struct rseq_cs cs __attribute__((aligned(32)));
    pid_t pid = (pid_t)OK(fork());
    if (pid == 0) {
        if (__rseq_size > 0)
            OK(rseq_call((char *)__builtin_thread_pointer() + __rseq_offset, 32,
                         RSEQ_FLAG_UNREGISTER, RSEQ_SIG));
        OK(rseq_call(&area, 32, 0, 0x1234));
        struct sigaction action = {.sa_handler = on_alarm};
        OK(sigaction(SIGALRM, &action, nullptr));
        alarm_every_ms(10);
        section_run(&cs);
        _exit(0);
    }
    int status = child_wait(pid);
    CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGSEGV);
}
