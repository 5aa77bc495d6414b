/* SPDX-License-Identifier: BSD-2-Clause */
/* memory_protect.c - mprotect(2), faults and their addresses, stack growth. */
#include "test.h"
#include "trap.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

constexpr long PAGE = 4096;

static char *anonymous(long pages, int prot)
{
    return (char *)OK(
        mmap(nullptr, (size_t)(pages * PAGE), prot, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
}

TEST(fault_on_nothing_is_maperr)
{
    struct trap trap = trap_read((void *)0x123);
    CHECK_EQ(trap.signal, SIGSEGV);
    CHECK_EQ(trap.code, SEGV_MAPERR);
    CHECK_EQ(trap.address, 0x123);
    char *p = anonymous(1, PROT_READ);
    OK(munmap(p, PAGE));
    trap = trap_write(p + 77);
    CHECK_EQ(trap.code, SEGV_MAPERR);
    CHECK(trap.address == p + 77);
}

TEST(fault_on_protection_is_accerr)
{
    char *p = anonymous(2, PROT_READ);
    struct trap trap = trap_write(p + PAGE + 9);
    CHECK_EQ(trap.signal, SIGSEGV);
    CHECK_EQ(trap.code, SEGV_ACCERR);
    CHECK(trap.address == p + PAGE + 9);
    CHECK_EQ(trap_read(p).signal, 0);
    OK(mprotect(p, PAGE, PROT_NONE));
    trap = trap_read(p + 5);
    CHECK_EQ(trap.code, SEGV_ACCERR);
    CHECK(trap.address == p + 5);
}

TEST(fault_on_kernel_addresses)
{
    struct trap trap = trap_read((void *)0xffffffff80000000);
    CHECK_EQ(trap.signal, SIGSEGV);
    CHECK_EQ(trap.address, 0xffffffff80000000);
    trap = trap_write((void *)0xffff800000000000);
    CHECK_EQ(trap.signal, SIGSEGV);
    /* No canonical address: a general protection fault, which names no address. */
    trap = trap_read((void *)0x8000000000000000);
    CHECK_EQ(trap.signal, SIGSEGV);
    CHECK_EQ(trap.code, SI_KERNEL);
    CHECK(trap.address == nullptr);
}

TEST(fault_executing_data)
{
    char *p = anonymous(1, PROT_READ | PROT_WRITE);
    p[0] = (char)0xc3;
    struct trap trap = trap_call(p);
    CHECK_EQ(trap.signal, SIGSEGV);
    CHECK_EQ(trap.code, SEGV_ACCERR);
    CHECK(trap.address == p);
    OK(mprotect(p, PAGE, PROT_READ | PROT_EXEC));
    CHECK_EQ(trap_call(p).signal, 0);
}

TEST(mprotect_splits_and_joins)
{
    char *p = anonymous(5, PROT_READ | PROT_WRITE);
    memset(p, 's', 5 * PAGE);
    OK(mprotect(p + PAGE, 3 * PAGE, PROT_READ));
    CHECK_EQ(trap_write(p).signal, 0);
    CHECK_EQ(trap_write(p + PAGE).signal, SIGSEGV);
    CHECK_EQ(trap_write(p + 3 * PAGE).signal, SIGSEGV);
    CHECK_EQ(trap_write(p + 4 * PAGE).signal, 0);
    OK(mprotect(p + 2 * PAGE, PAGE, PROT_NONE));
    CHECK_EQ(trap_read(p + 2 * PAGE).signal, SIGSEGV);
    OK(mprotect(p, 5 * PAGE, PROT_READ | PROT_WRITE));
    for (int i = 0; i < 5; i++)
        CHECK_EQ(trap_write(p + i * PAGE + 1).signal, 0);
    CHECK_EQ(p[2 * PAGE], 's');
}

TEST(mprotect_errors)
{
    char *p = anonymous(3, PROT_READ);
    CHECK_ERRNO(mprotect(p + 1, PAGE, PROT_READ), EINVAL);
    CHECK_ERRNO(mprotect(p, PAGE, 0x100), EINVAL);
    OK(mprotect(p, 0, PROT_READ));
    OK(munmap(p + PAGE, PAGE));
    CHECK_ERRNO(mprotect(p, 3 * PAGE, PROT_READ | PROT_WRITE), ENOMEM);
    CHECK_ERRNO(mprotect(p + PAGE, PAGE, PROT_READ), ENOMEM);
    CHECK_ERRNO(mprotect((void *)0xffff800000000000, PAGE, PROT_READ), ENOMEM);
    CHECK_ERRNO(mprotect(p, ~0UL - PAGE, PROT_READ), ENOMEM);
}

TEST(mprotect_none_keeps_the_contents)
{
    char *p = anonymous(1, PROT_READ | PROT_WRITE);
    strcpy(p, "kept");
    OK(mprotect(p, PAGE, PROT_NONE));
    OK(mprotect(p, PAGE, PROT_READ));
    CHECK_STR(p, "kept");
}

TEST(mprotect_program_text_is_readonly)
{
    struct trap trap = trap_write((void *)anonymous);
    CHECK_EQ(trap.signal, SIGSEGV);
    CHECK_EQ(trap.code, SEGV_ACCERR);
    CHECK(trap.address == (void *)anonymous);
}

static volatile char *guarded_page;

static void handler_unprotects(int, siginfo_t *info, void *)
{
    if (info->si_addr == guarded_page + 3)
        mprotect((void *)guarded_page, PAGE, PROT_READ | PROT_WRITE);
    else
        _exit(3);
}

TEST(fault_handler_that_repairs_and_returns)
{
    struct sigaction action = {.sa_sigaction = handler_unprotects, .sa_flags = SA_SIGINFO};
    OK(sigaction(SIGSEGV, &action, nullptr));
    guarded_page = anonymous(1, PROT_NONE);
    guarded_page[3] = 'r';
    CHECK_EQ(guarded_page[3], 'r');
    OK(mprotect((void *)guarded_page, PAGE, PROT_NONE));
    CHECK_EQ(guarded_page[3], 'r');
}

static int recurse(int depth)
{
    volatile char frame[1024];
    frame[0] = (char)depth;
    frame[1023] = 1;
    return depth ? recurse(depth - 1) + frame[1023] : frame[0];
}

TEST(stack_grows_to_its_limit)
{
    /* 8 MiB by default; 6 MiB of it in frames of a little over 1 KiB. */
    struct rlimit limit;
    OK(getrlimit(RLIMIT_STACK, &limit));
    if (limit.rlim_cur < 8 << 20)
        test_skip("less than 8 MiB of stack");
    CHECK_EQ(recurse(6000), 6000);
}

static volatile bool has_enough;

static int recurse_forever(int depth)
{
    volatile char frame[4096];
    frame[0] = (char)depth;
    return has_enough ? depth : recurse_forever(depth + 1) + frame[0];
}

TEST(stack_overflow_is_sigsegv)
{
    pid_t pid = (pid_t)OK(fork());
    if (pid == 0) {
        recurse_forever(0);
        _exit(0);
    }
    CHECK_EQ(child_wait(pid) & 0x7f, SIGSEGV);
}

static void handler_exits(int)
{
    _exit(44);
}

TEST(stack_overflow_handled_on_the_alternate_stack)
{
    static char space[65536];
    pid_t pid = (pid_t)OK(fork());
    if (pid == 0) {
        stack_t stack = {.ss_sp = space, .ss_size = sizeof space};
        struct sigaction action = {.sa_handler = handler_exits, .sa_flags = SA_ONSTACK};
        OK(sigaltstack(&stack, nullptr));
        OK(sigaction(SIGSEGV, &action, nullptr));
        recurse_forever(0);
    }
    CHECK_EQ(child_wait(pid), 44 << 8);
}

TEST(stack_overflow_without_room_for_the_handler_kills)
{
    pid_t pid = (pid_t)OK(fork());
    if (pid == 0) {
        signal(SIGSEGV, handler_exits);
        recurse_forever(0);
    }
    CHECK_EQ(child_wait(pid) & 0x7f, SIGSEGV);
}

TEST(blocked_fault_kills)
{
    sigset_t set;
    pid_t pid = (pid_t)OK(fork());
    if (pid == 0) {
        signal(SIGSEGV, handler_exits);
        sigemptyset(&set);
        sigaddset(&set, SIGSEGV);
        OK(sigprocmask(SIG_BLOCK, &set, nullptr));
        *(volatile int *)8 = 1;
        _exit(0);
    }
    CHECK_EQ(child_wait(pid) & 0x7f, SIGSEGV);
}

TEST(ignored_fault_kills)
{
    pid_t pid = (pid_t)OK(fork());
    if (pid == 0) {
        signal(SIGSEGV, SIG_IGN);
        *(volatile int *)8 = 1;
        _exit(0);
    }
    CHECK_EQ(child_wait(pid) & 0x7f, SIGSEGV);
}

TEST(readonly_page_of_all_zeros_can_become_writable)
{
    char *p = anonymous(4, PROT_READ);
    CHECK_EQ(p[PAGE], 0);
    OK(mprotect(p, 4 * PAGE, PROT_READ | PROT_WRITE));
    p[PAGE] = 1;
    CHECK_EQ(p[2 * PAGE], 0);
    char *q = anonymous(1, PROT_READ);
    CHECK_EQ(q[0], 0);
}
