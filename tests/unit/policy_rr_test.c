/* SPDX-License-Identifier: BSD-2-Clause */
/* policy_rr_test.c - who runs next under round robin.
 * Links: libos/sched/policy_rr.c */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <linux/sched.h>
#include "sched/policy.h"
#include "sched/thread.h"

static struct thread threads[8];
static const struct sched_policy *const policy = &policy_rr;

static int setup(void **state)
{
    (void)state;
    policy->init(4);
    for (unsigned i = 0; i < 8; i++)
        threads[i] = (struct thread){.affinity = UINT64_MAX, .tid = (int32_t)i};
    return 0;
}

static void add(unsigned i, unsigned vcpu, enum enqueue_reason why)
{
    policy->enqueue(&threads[i], vcpu, why);
}

static void nothing_ready_picks_nothing(void **state)
{
    (void)state;
    assert_null(policy->pick(0));
}

static void ordinary_threads_take_turns(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 3; i++)
        add(i, 0, ENQUEUE_NEW);
    for (unsigned turn = 0; turn < 9; turn++) {
        struct thread *t = policy->pick(0);
        assert_ptr_equal(t, &threads[turn % 3]);
        policy->enqueue(t, 0, ENQUEUE_EXPIRED);
    }
    for (unsigned i = 0; i < 3; i++)
        assert_ptr_equal(policy->pick(0), &threads[i]);
    assert_null(policy->pick(0));
}

static void who_was_preempted_goes_on_first(void **state)
{
    (void)state;
    add(0, 0, ENQUEUE_NEW);
    add(1, 0, ENQUEUE_PREEMPT);
    assert_ptr_equal(policy->pick(0), &threads[1]);
}

static void real_time_goes_before_ordinary_and_by_priority(void **state)
{
    (void)state;
    threads[1].sched_class = threads[2].sched_class = threads[3].sched_class = SCHED_FIFO;
    threads[1].rt_priority = 10;
    threads[2].rt_priority = 50;
    threads[3].rt_priority = 10;
    threads[4].sched_class = SCHED_IDLE;
    add(4, 0, ENQUEUE_NEW);
    for (unsigned i = 0; i < 4; i++)
        add(i, 0, ENQUEUE_NEW);
    const unsigned expected[] = {2, 1, 3, 0, 4};
    for (unsigned i = 0; i < 5; i++)
        assert_ptr_equal(policy->pick(0), &threads[expected[i]]);
    assert_true(policy->preempts(&threads[2], &threads[1]));
    assert_false(policy->preempts(&threads[3], &threads[1]));
    assert_true(policy->preempts(&threads[0], &threads[4]));
    assert_false(policy->preempts(&threads[0], &threads[0]));
}

static void a_preempted_real_time_thread_stays_ahead_of_its_equals(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 3; i++) {
        threads[i].sched_class = SCHED_RR;
        threads[i].rt_priority = 5;
    }
    add(0, 0, ENQUEUE_NEW);
    add(1, 0, ENQUEUE_NEW);
    add(2, 0, ENQUEUE_PREEMPT);
    assert_ptr_equal(policy->pick(0), &threads[2]);
    policy->enqueue(&threads[2], 0, ENQUEUE_EXPIRED);
    assert_ptr_equal(policy->pick(0), &threads[0]);
    assert_ptr_equal(policy->pick(0), &threads[1]);
    assert_ptr_equal(policy->pick(0), &threads[2]);
}

static void an_idle_vcpu_takes_from_the_busiest_what_it_may_run(void **state)
{
    (void)state;
    threads[0].affinity = 1;
    add(0, 0, ENQUEUE_NEW);
    add(1, 0, ENQUEUE_NEW);
    add(2, 2, ENQUEUE_NEW);
    assert_ptr_equal(policy->pick(1), &threads[1]);
    assert_ptr_equal(policy->pick(0), &threads[0]);
    assert_ptr_equal(policy->pick(3), &threads[2]);
    assert_null(policy->pick(3));
}

static void a_thread_taken_out_is_not_picked(void **state)
{
    (void)state;
    add(0, 1, ENQUEUE_NEW);
    add(1, 1, ENQUEUE_NEW);
    policy->dequeue(&threads[0]);
    assert_ptr_equal(policy->pick(1), &threads[1]);
    assert_null(policy->pick(1));
}

static void nice_values_change_the_slice(void **state)
{
    (void)state;
    threads[0].nice = -20;
    threads[2].nice = 19;
    assert_true(policy->slice_ns(&threads[0]) > policy->slice_ns(&threads[1]));
    assert_true(policy->slice_ns(&threads[1]) > policy->slice_ns(&threads[2]));
    assert_true(policy->slice_ns(&threads[2]) > 0);
    threads[3].sched_class = SCHED_FIFO;
    threads[3].rt_priority = 1;
    assert_int_equal(policy->slice_ns(&threads[3]), UINT64_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(nothing_ready_picks_nothing, setup),
        cmocka_unit_test_setup(ordinary_threads_take_turns, setup),
        cmocka_unit_test_setup(who_was_preempted_goes_on_first, setup),
        cmocka_unit_test_setup(real_time_goes_before_ordinary_and_by_priority, setup),
        cmocka_unit_test_setup(a_preempted_real_time_thread_stays_ahead_of_its_equals, setup),
        cmocka_unit_test_setup(an_idle_vcpu_takes_from_the_busiest_what_it_may_run, setup),
        cmocka_unit_test_setup(a_thread_taken_out_is_not_picked, setup),
        cmocka_unit_test_setup(nice_values_change_the_slice, setup),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
