/* SPDX-License-Identifier: BSD-2-Clause */
/* signal_rows.c - signals to oneself, by a call and by a fault: lmbench's lat_sig. */
#include <signal.h>
#include <sys/mman.h>
#include <ucontext.h>
#include <unistd.h>

#include "bench.h"

static char *page;

static void handler(int) {}

static void deliver_setup(const struct row *)
{
    struct sigaction action = {.sa_handler = handler};
    OK(sigaction(SIGUSR1, &action, nullptr));
}

static void deliver_run(const struct row *, long count)
{
    pid_t self = getpid();
    while (count--)
        OK(kill(self, SIGUSR1));
}

static void page_map(void)
{
    page = OK(mmap(nullptr, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
}

/* The instruction in fault_run takes two bytes: go on behind it. */
static void skip(int, siginfo_t *, void *context)
{
    ((ucontext_t *)context)->uc_mcontext.gregs[REG_RIP] += 2;
}

static void fault_setup(const struct row *)
{
    struct sigaction action = {.sa_sigaction = skip, .sa_flags = SA_SIGINFO};
    OK(sigaction(SIGSEGV, &action, nullptr));
    page_map();
}

static void fault_run(const struct row *, long count)
{
    while (count--)
        __asm__ volatile(".byte 0x88, 0x07" : : "D"(page) : "memory"); /* mov %al,(%rdi) */
}

static void allow(int, siginfo_t *, void *)
{
    OK(mprotect(page, 4096, PROT_READ | PROT_WRITE));
}

static void repair_setup(const struct row *)
{
    struct sigaction action = {.sa_sigaction = allow, .sa_flags = SA_SIGINFO};
    OK(sigaction(SIGSEGV, &action, nullptr));
    page_map();
}

static void repair_run(const struct row *, long count)
{
    while (count--) {
        *(volatile char *)page = 1;
        OK(mprotect(page, 4096, PROT_READ));
    }
}

static const struct row signal_rows[] = {
    {"signal_deliver", "kill oneself, a handler runs and returns", deliver_setup, deliver_run, 0,
     0},
    {"segv_handler", "a write to a read-only page, SIGSEGV's handler skips it", fault_setup,
     fault_run, 0, 0},
    {"segv_repair", "the same, but the handler allows it by mprotect; forbidden again after that",
     repair_setup, repair_run, 0, 0},
};

GROUP("signal", signal_rows);
