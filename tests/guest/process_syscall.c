/* SPDX-License-Identifier: BSD-2-Clause */
/* process_syscall.c - the syscall instruction itself, at odd places and in odd states.
 *
 * A system that changes the code around it must not be caught doing so.
 */
#include "test.h"

#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <unistd.h>

constexpr long PAGE = 4096;
constexpr int ROUNDS = 200;

/* Code in memory of its own, written before it became executable. */
static unsigned char *code_at(const void *code, size_t len, long offset)
{
    unsigned char *p = (unsigned char *)OK(
        mmap(nullptr, 2 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
    memcpy(p + offset, code, len);
    OK(mprotect(p, 2 * PAGE, PROT_READ | PROT_EXEC));
    return p + offset;
}

static long call(const void *code)
{
    return ((long (*)(void))code)();
}

/* mov $39 (getpid), %eax; syscall; ret */
static const unsigned char getpid_code[] = {0xb8, 39, 0, 0, 0, 0x0f, 0x05, 0xc3};

TEST(syscall_site_entered_in_the_middle)
{
    const unsigned char *code = code_at(getpid_code, sizeof getpid_code, 0);
    for (int i = 0; i < ROUNDS; i++)
        CHECK_EQ(call(code), getpid());
    /* Straight to the syscall instruction, with another number in rax. */
    for (int i = 0; i < ROUNDS; i++) {
        long result = SYS_getppid;
        asm volatile("call *%1"
                     : "+a"(result)
                     : "r"(code + 5)
                     : "rcx", "r11", "rdx", "rsi", "rdi", "memory");
        CHECK_EQ(result, getppid());
        CHECK_EQ(call(code), getpid());
    }
}

TEST(syscall_site_across_a_page_boundary)
{
    for (long offset = PAGE - 8; offset <= PAGE; offset++) {
        const unsigned char *code = code_at(getpid_code, sizeof getpid_code, offset);
        for (int i = 0; i < ROUNDS; i++)
            CHECK_EQ(call(code), getpid());
    }
}

TEST(syscall_site_copied_elsewhere_works_there)
{
    const unsigned char *code = code_at(getpid_code, sizeof getpid_code, 0);
    for (int i = 0; i < ROUNDS; i++)
        CHECK_EQ(call(code), getpid());
    unsigned char *copy = (unsigned char *)OK(
        mmap(nullptr, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
    memcpy(copy, code, PAGE);
    OK(mprotect(copy, PAGE, PROT_READ | PROT_EXEC));
    for (int i = 0; i < ROUNDS; i++)
        CHECK_EQ(call(copy), getpid());
}

TEST(syscall_number_in_the_high_half_is_ignored)
{
    /* Only eax counts: movabs $0xdeadbeef00000027, %rax; syscall; ret */
    static const unsigned char code[] = {0x48, 0xb8, 39,   0,    0,    0,   0xef,
                                         0xbe, 0xad, 0xde, 0x0f, 0x05, 0xc3};
    const unsigned char *at = code_at(code, sizeof code, 0);
    long got = call(at);
    CHECK(got == getpid() || got == -ENOSYS);
}

TEST(syscall_without_a_stack)
{
    pid_t pid = getpid();
    for (int i = 0; i < ROUNDS; i++) {
        long result;
        asm volatile("mov %%rsp, %%r12\n\t"
                     "xor %%esp, %%esp\n\t"
                     "mov $39, %%eax\n\t"
                     "syscall\n\t"
                     "mov %%r12, %%rsp"
                     : "=a"(result)
                     :
                     : "rcx", "r11", "r12", "memory");
        CHECK_EQ(result, pid);
        asm volatile("mov %%rsp, %%r12\n\t"
                     "mov $0x7ffffffffffffff8, %%rsp\n\t"
                     "mov $39, %%eax\n\t"
                     "syscall\n\t"
                     "mov %%r12, %%rsp"
                     : "=a"(result)
                     :
                     : "rcx", "r11", "r12", "memory");
        CHECK_EQ(result, pid);
    }
}

TEST(syscall_with_the_direction_flag_set)
{
    char text[64];
    for (int i = 0; i < ROUNDS; i++) {
        long result;
        unsigned long flags;
        asm volatile("std\n\t"
                     "syscall\n\t"
                     "pushfq\n\t"
                     "cld\n\t"
                     "pop %1"
                     : "=a"(result), "=r"(flags)
                     : "a"(SYS_getcwd), "D"(text), "S"(sizeof text)
                     : "rcx", "r11", "memory");
        CHECK(result > 1);
        CHECK_EQ(text[0], '/');
        CHECK_EQ(flags & 0x400, 0x400);
    }
}

TEST(syscall_results_under_constant_signals)
{
    signal(SIGALRM, SIG_IGN);
    alarm_every_ms(1);
    pid_t pid = getpid(), parent = getppid();
    for (int i = 0; i < 50000; i++) {
        CHECK_EQ(syscall(SYS_getpid), pid);
        CHECK_EQ(syscall(SYS_getppid), parent);
    }
    alarm_every_ms(0);
}

static volatile sig_atomic_t handled;

static void handler_calls(int)
{
    handled++;
    syscall(SYS_getuid);
    syscall(SYS_lseek, 0, 0, SEEK_CUR);
}

TEST(syscall_results_under_handlers_that_make_calls)
{
    signal(SIGALRM, handler_calls);
    alarm_every_ms(1);
    pid_t pid = getpid();
    int p[2];
    char byte;
    OK(pipe(p));
    for (int i = 0; i < 20000 || handled < 10; i++) {
        CHECK_EQ(syscall(SYS_getpid), pid);
        CHECK_EQ(write(p[1], "x", 1), 1);
        CHECK_EQ(read(p[0], &byte, 1), 1);
    }
    alarm_every_ms(0);
}

TEST(syscall_six_arguments_arrive)
{
    /* mmap takes all six: length, protection, flags, descriptor and offset all matter. */
    static char page[PAGE];
    int fd = (int)OK(memfd_create("six", 0));
    for (int i = 0; i < 4; i++) {
        memset(page, '0' + i, PAGE);
        CHECK_EQ(write(fd, page, PAGE), PAGE);
    }
    for (int i = 0; i < ROUNDS; i++) {
        char *p =
            (char *)OK(syscall(SYS_mmap, nullptr, PAGE, PROT_READ, MAP_SHARED, fd, (i & 3) * PAGE));
        CHECK_EQ(p[17], '0' + (i & 3));
        OK(munmap(p, PAGE));
    }
}

TEST(syscall_in_a_child_after_the_parents_code_ran_often)
{
    const unsigned char *code = code_at(getpid_code, sizeof getpid_code, 64);
    for (int i = 0; i < ROUNDS; i++)
        CHECK_EQ(call(code), getpid());
    IN_CHILD
    {
        for (int i = 0; i < ROUNDS; i++)
            CHECK_EQ(call(code), getpid());
        IN_CHILD
        {
            CHECK_EQ(call(code), getpid());
        }
    }
    CHECK_EQ(call(code), getpid());
}
