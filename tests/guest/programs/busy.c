/* SPDX-License-Identifier: BSD-2-Clause */
/* busy.c - spends its time in one function, in two threads: for profiles and traces. */
#include <pthread.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <unistd.h>

constexpr unsigned long TURNS = 20'000'000;

static volatile unsigned long sink;

[[gnu::noinline]] static void busy_function(void)
{
    for (unsigned long i = 0; i < TURNS; i++)
        sink = i;
}

static void *work(void *arg)
{
    prctl(PR_SET_NAME, "worker");
    busy_function();
    close(12345);
    return arg;
}

int main(void)
{
    pthread_t thread;
    if (pthread_create(&thread, nullptr, work, nullptr) != 0)
        return 1;
    busy_function();
    pthread_join(thread, nullptr);
    return puts("busy no more") < 0;
}
