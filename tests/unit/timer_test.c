/* SPDX-License-Identifier: BSD-2-Clause */
/* timer_test.c - armed timers fire once, in order, and not after they were cancelled.
 * Links: libos/sched/timer.c */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdlib.h>
#include "base/list.h"
#include "fake_vcpu.h"
#include "sched/timer.h"
#include "sched/wait.h"

constexpr unsigned COUNT = 500;

struct probe {
    struct timer timer;
    unsigned fired;
    uint64_t rearm_ns;
};

static struct probe probes[COUNT];
static uint64_t last_fired_ns;

static void fire(struct timer *t)
{
    struct probe *p = container_of(t, struct probe, timer);
    assert_true(t->deadline_ns >= last_fired_ns);
    last_fired_ns = t->deadline_ns;
    p->fired++;
    if (p->rearm_ns) {
        timer_arm(t, p->rearm_ns);
        p->rearm_ns = 0;
    }
}

static int setup(void **state)
{
    (void)state;
    fake_vcpu_init();
    last_fired_ns = 0;
    for (unsigned i = 0; i < COUNT; i++) {
        probes[i] = (struct probe){};
        timer_init(&probes[i].timer, fire);
    }
    return 0;
}

static void no_timer_means_no_deadline(void **state)
{
    (void)state;
    assert_int_equal(timers_next(), WAIT_FOREVER);
    timers_run(UINT64_MAX);
}

static void timers_fire_in_order_of_their_deadlines(void **state)
{
    (void)state;
    srand(1);
    for (unsigned i = 0; i < COUNT; i++)
        timer_arm(&probes[i].timer, (uint64_t)(rand() % 1000));
    for (uint64_t now = 0; now < 1000; now += 10) {
        timers_run(now);
        for (unsigned i = 0; i < COUNT; i++)
            assert_int_equal(probes[i].fired, probes[i].timer.deadline_ns <= now);
    }
    timers_run(1000);
    assert_int_equal(timers_next(), WAIT_FOREVER);
}

static void a_cancelled_timer_does_not_fire(void **state)
{
    (void)state;
    srand(2);
    for (unsigned i = 0; i < COUNT; i++)
        timer_arm(&probes[i].timer, (uint64_t)(rand() % 1000));
    for (unsigned i = 0; i < COUNT; i += 2)
        assert_true(timer_cancel(&probes[i].timer));
    assert_false(timer_cancel(&probes[0].timer));
    timers_run(1000);
    for (unsigned i = 0; i < COUNT; i++)
        assert_int_equal(probes[i].fired, i % 2);
}

static void arming_again_moves_the_deadline(void **state)
{
    (void)state;
    timer_arm(&probes[0].timer, 100);
    timer_arm(&probes[1].timer, 200);
    timer_arm(&probes[0].timer, 300);
    assert_int_equal(timers_next(), 200);
    timers_run(250);
    assert_int_equal(probes[0].fired, 0);
    assert_int_equal(probes[1].fired, 1);
    timers_run(300);
    assert_int_equal(probes[0].fired, 1);
}

static void a_timer_may_arm_itself_when_it_fires(void **state)
{
    (void)state;
    probes[0].rearm_ns = 70;
    timer_arm(&probes[0].timer, 50);
    timers_run(60);
    assert_int_equal(probes[0].fired, 1);
    assert_true(timer_is_armed(&probes[0].timer));
    timers_run(70);
    assert_int_equal(probes[0].fired, 2);
}

static void random_operations_agree_with_a_plain_list(void **state)
{
    (void)state;
    uint64_t deadline[COUNT] = {};
    srand(3);
    for (unsigned step = 0; step < 20000; step++) {
        unsigned i = (unsigned)rand() % COUNT;
        if (rand() % 3) {
            deadline[i] = 1 + (uint64_t)(rand() % 100000);
            timer_arm(&probes[i].timer, deadline[i]);
        } else {
            assert_int_equal(timer_cancel(&probes[i].timer), deadline[i] != 0);
            deadline[i] = 0;
        }
        uint64_t least = WAIT_FOREVER;
        for (unsigned j = 0; j < COUNT && step % 50 == 0; j++)
            if (deadline[j] && deadline[j] < least)
                least = deadline[j];
        if (step % 50 == 0)
            assert_int_equal(timers_next(), least);
    }
    timers_run(UINT64_MAX);
    for (unsigned i = 0; i < COUNT; i++)
        assert_int_equal(probes[i].fired, deadline[i] != 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(no_timer_means_no_deadline, setup),
        cmocka_unit_test_setup(timers_fire_in_order_of_their_deadlines, setup),
        cmocka_unit_test_setup(a_cancelled_timer_does_not_fire, setup),
        cmocka_unit_test_setup(arming_again_moves_the_deadline, setup),
        cmocka_unit_test_setup(a_timer_may_arm_itself_when_it_fires, setup),
        cmocka_unit_test_setup(random_operations_agree_with_a_plain_list, setup),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
