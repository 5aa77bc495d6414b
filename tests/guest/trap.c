/* SPDX-License-Identifier: BSD-2-Clause */
/* trap.c - see trap.h.  The handler leaves by siglongjmp, on a stack of its own. */
#include "trap.h"

#include "test.h"

#include <setjmp.h>
#include <signal.h>

static sigjmp_buf way_out;
static volatile struct trap caught;

static void handler(int signal, siginfo_t *info, void *)
{
    caught.signal = signal;
    caught.code = info->si_code;
    caught.address = info->si_addr;
    siglongjmp(way_out, 1);
}

static void handlers_install(void)
{
    static char space[65536];
    stack_t stack = {.ss_sp = space, .ss_size = sizeof space};
    OK(sigaltstack(&stack, nullptr));
    struct sigaction action = {.sa_sigaction = handler, .sa_flags = SA_SIGINFO | SA_ONSTACK};
    OK(sigaction(SIGSEGV, &action, nullptr));
    OK(sigaction(SIGBUS, &action, nullptr));
    OK(sigaction(SIGILL, &action, nullptr));
    caught.signal = caught.code = 0;
    caught.address = nullptr;
}

static struct trap result(void)
{
    return (struct trap){caught.signal, caught.code, caught.address};
}

struct trap trap_read(const volatile void *address)
{
    handlers_install();
    if (sigsetjmp(way_out, 1) == 0)
        (void)*(const volatile char *)address;
    return result();
}

struct trap trap_write(volatile void *address)
{
    handlers_install();
    if (sigsetjmp(way_out, 1) == 0)
        *(volatile char *)address = 1;
    return result();
}

struct trap trap_call(void *address)
{
    handlers_install();
    if (sigsetjmp(way_out, 1) == 0)
        ((void (*)(void))address)();
    return result();
}
