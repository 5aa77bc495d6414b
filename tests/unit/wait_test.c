/* SPDX-License-Identifier: BSD-2-Clause */
/* wait_test.c - who is woken by what.
 * Links: libos/sched/wait.c fake_vcpu.c */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <string.h>
#include "base/errno.h"
#include "fake_vcpu.h"
#include "sched/thread.h"
#include "sched/wait.h"

static struct thread threads[4];
static struct wait_queue queue;
static unsigned woken[4];
static uint32_t last_key;

void thread_wake(struct thread *t)
{
    woken[t - threads]++;
}

int thread_sleep(uint64_t deadline_ns, enum sleep_mode mode)
{
    (void)mode;
    assert_ptr_equal(current->waiting_on, &queue);
    if (deadline_ns != WAIT_FOREVER)
        return -ETIMEDOUT;
    wait_wake(&queue, 1);
    return 0;
}

static int setup(void **state)
{
    (void)state;
    fake_vcpu_init();
    memset(threads, 0, sizeof threads);
    memset(woken, 0, sizeof woken);
    wait_queue_init(&queue);
    last_key = 0;
    return 0;
}

static void enlist(struct waiter *w, unsigned thread, bool exclusive)
{
    fake_vcpu_run(&threads[thread]);
    waiter_init(w);
    w->exclusive = exclusive;
    waiter_add(&queue, w);
}

static void a_wake_reaches_all_but_one_exclusive_waiter_at_a_time(void **state)
{
    (void)state;
    struct waiter w[4];
    enlist(&w[0], 0, true);
    enlist(&w[1], 1, false);
    enlist(&w[2], 2, true);
    enlist(&w[3], 3, false);
    wait_wake(&queue, 1);
    assert_true(woken[0] == 1 && woken[1] == 1 && woken[2] == 0 && woken[3] == 1);
    /* The first has not run yet: the second event is for the other exclusive waiter. */
    wait_wake(&queue, 1);
    assert_true(woken[0] == 1 && woken[2] == 1);
    for (unsigned i = 0; i < 4; i++)
        waiter_remove(&w[i]);
    assert_true(wait_queue_is_empty(&queue));
}

static void waking_all_reaches_every_exclusive_waiter(void **state)
{
    (void)state;
    struct waiter w[3];
    for (unsigned i = 0; i < 3; i++)
        enlist(&w[i], i, true);
    wait_wake_all(&queue, 1);
    for (unsigned i = 0; i < 3; i++)
        assert_int_equal(woken[i], 1);
    for (unsigned i = 0; i < 3; i++)
        waiter_remove(&w[i]);
}

static void wait_on_leaves_the_queue(void **state)
{
    (void)state;
    fake_vcpu_run(&threads[0]);
    assert_int_equal(wait_on(&queue, WAIT_FOREVER, SLEEP_INTERRUPTIBLE), 0);
    assert_int_equal(woken[0], 1);
    assert_true(wait_queue_is_empty(&queue));
    assert_null(threads[0].waiting_on);
    assert_int_equal(wait_on_exclusive(&queue, 5, SLEEP_INTERRUPTIBLE), -ETIMEDOUT);
    assert_true(wait_queue_is_empty(&queue));
    wait_wake_all(&queue, 1);
    assert_int_equal(woken[0], 1);
}

static void note_key(struct waiter *w, uint32_t key)
{
    last_key = key;
    waiter_remove(w);
}

static void a_callback_gets_the_key_and_may_delist_itself(void **state)
{
    (void)state;
    struct waiter w, other;
    fake_vcpu_run(&threads[0]);
    waiter_init_callback(&w, note_key);
    waiter_add(&queue, &w);
    enlist(&other, 1, false);
    wait_wake(&queue, 42);
    assert_int_equal(last_key, 42);
    assert_int_equal(woken[1], 1);
    wait_wake(&queue, 43);
    assert_int_equal(last_key, 42);
    waiter_remove(&other);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(a_wake_reaches_all_but_one_exclusive_waiter_at_a_time, setup),
        cmocka_unit_test_setup(waking_all_reaches_every_exclusive_waiter, setup),
        cmocka_unit_test_setup(wait_on_leaves_the_queue, setup),
        cmocka_unit_test_setup(a_callback_gets_the_key_and_may_delist_itself, setup),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
