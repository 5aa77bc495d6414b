/* SPDX-License-Identifier: BSD-2-Clause */
/* thread_rows.c - threads: made, waited for, and handing over to each other. */
#include <errno.h>
#include <linux/futex.h>
#include <pthread.h>
#include <sched.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "bench.h"
#include "partner.h"

static uint32_t turn;
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;

static void futex(int op, uint32_t value)
{
    syscall(SYS_futex, &turn, op, value, nullptr, nullptr, 0);
}

/* Wait until the turn is MINE, pass it on. */
static void take_turn(uint32_t mine)
{
    while (__atomic_load_n(&turn, __ATOMIC_ACQUIRE) != mine)
        futex(FUTEX_WAIT_PRIVATE, 1 - mine);
    __atomic_store_n(&turn, 1 - mine, __ATOMIC_RELEASE);
    futex(FUTEX_WAKE_PRIVATE, 1);
}

static void other_turns(void)
{
    for (;;)
        take_turn(1);
}

static void futex_setup(const struct row *)
{
    partner_start(THREAD, other_turns);
}

static void futex_run(const struct row *, long count)
{
    while (count--)
        take_turn(0);
    /* The last turn of the other thread's belongs to it. */
    while (__atomic_load_n(&turn, __ATOMIC_ACQUIRE) != 0)
        futex(FUTEX_WAIT_PRIVATE, 1);
}

/* The holder gives up the CPU, so that on one CPU too the other thread finds the mutex taken. */
static void mutex_pass(void)
{
    pthread_mutex_lock(&mutex);
    sched_yield();
    pthread_mutex_unlock(&mutex);
}

static void other_locks(void)
{
    for (;;)
        mutex_pass();
}

static void mutex_setup(const struct row *)
{
    partner_start(THREAD, other_locks);
}

static void mutex_run(const struct row *, long count)
{
    while (count--)
        mutex_pass();
}

static void other_yields(void)
{
    for (;;)
        sched_yield();
}

static void yield_setup(const struct row *row)
{
    partner_start((enum partner)row->arg, other_yields);
}

static void yield_run(const struct row *, long count)
{
    while (count--)
        sched_yield();
}

static void *thread_main(void *nothing)
{
    return nothing;
}

static void create_run(const struct row *, long count)
{
    while (count--) {
        pthread_t thread;
        errno = pthread_create(&thread, nullptr, thread_main, nullptr);
        if (errno)
            fail("pthread_create");
        pthread_join(thread, nullptr);
    }
}

static const struct row thread_rows[] = {
    {"futex_handover", "two threads take turns by futex, there and back", futex_setup, futex_run, 0,
     0},
    {"mutex_contended", "lock and unlock a mutex that another thread wants too", mutex_setup,
     mutex_run, 0, 0},
    {"yield_threads", "sched_yield with another thread that yields", yield_setup, yield_run, THREAD,
     0},
    {"yield_processes", "sched_yield with another process that yields", yield_setup, yield_run,
     PROCESS, 0},
    {"thread_create_join", "create a thread, wait for its end", nullptr, create_run, 0, 0},
};

GROUP("thread", thread_rows);
