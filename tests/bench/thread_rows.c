/* SPDX-License-Identifier: BSD-2-Clause */
/* thread_rows.c - threads: made, waited for, and handing over to each other. */
#include <errno.h>
#include <linux/futex.h>
#include <pthread.h>
#include <sched.h>
#include <sys/mman.h>
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

static int mutex_last; /* who had it last; guarded by the mutex */

/* Have the mutex once after the other thread had it.  The holder gives up the CPU, so that on one
 * CPU too the other finds it taken, and gives it up again when it has unlocked, as it could else
 * take it back for ever.  A scheduler may let the same thread go on all the same, which then does
 * not count as a pass. */
static void mutex_pass(int self)
{
    bool is_passed;
    do {
        pthread_mutex_lock(&mutex);
        is_passed = mutex_last != self;
        mutex_last = self;
        sched_yield();
        pthread_mutex_unlock(&mutex);
        sched_yield();
    } while (!is_passed);
}

static void other_locks(void)
{
    for (;;)
        mutex_pass(1);
}

static void mutex_setup(const struct row *)
{
    partner_start(THREAD, other_locks);
}

static void mutex_run(const struct row *, long count)
{
    while (count--)
        mutex_pass(0);
}

static uint32_t *yield_turn; /* shared with another process */

/* Yield until the turn is MINE, pass it on: a yield that comes back at once has passed nothing. */
static void yield_pass(uint32_t mine)
{
    while (__atomic_load_n(yield_turn, __ATOMIC_ACQUIRE) != mine)
        sched_yield();
    __atomic_store_n(yield_turn, 1 - mine, __ATOMIC_RELEASE);
}

static void other_yields(void)
{
    for (;;)
        yield_pass(1);
}

static void yield_setup(const struct row *row)
{
    yield_turn = OK(mmap(nullptr, sizeof(*yield_turn), PROT_READ | PROT_WRITE,
                         MAP_SHARED | MAP_ANONYMOUS, -1, 0));
    partner_start((enum partner)row->arg, other_yields);
}

static void yield_run(const struct row *, long count)
{
    while (count--)
        yield_pass(0);
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
    {"mutex_contended", "a mutex goes from one thread to another and back", mutex_setup, mutex_run,
     0, 0},
    {"yield_threads", "a turn to another thread and back by sched_yield", yield_setup, yield_run,
     THREAD, 0},
    {"yield_processes", "a turn to another process and back by sched_yield", yield_setup, yield_run,
     PROCESS, 0},
    {"thread_create_join", "create a thread, wait for its end", nullptr, create_run, 0, 0},
};

GROUP("thread", thread_rows);
