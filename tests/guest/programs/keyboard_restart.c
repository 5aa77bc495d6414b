/* SPDX-License-Identifier: BSD-2-Clause */
/* keyboard_restart.c - process 1 that wants to be told of control, alt and delete (reboot(2)). */
#include <signal.h>
#include <stdio.h>
#include <sys/reboot.h>
#include <unistd.h>

static volatile sig_atomic_t interrupted;

static void on_interrupt(int signo)
{
    interrupted = signo;
}

int main(void)
{
    sigset_t none, blocked;
    sigemptyset(&none);
    sigemptyset(&blocked);
    sigaddset(&blocked, SIGINT);
    signal(SIGINT, on_interrupt);
    sigprocmask(SIG_BLOCK, &blocked, nullptr);
    if (reboot(RB_DISABLE_CAD) != 0)
        return 1;
    puts("waiting for the keys");
    fflush(stdout);
    while (!interrupted)
        sigsuspend(&none);
    puts("told of the keys");
    fflush(stdout);
    if (reboot(RB_ENABLE_CAD) != 0)
        return 1;
    for (;;)
        pause();
}
