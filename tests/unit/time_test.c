/* SPDX-License-Identifier: BSD-2-Clause */
/* time_test.c - the clocks, and turning times into cycles and back.
 * Links: libos/sched/time.c libos/sched/wait.c fake_vcpu.c */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <exo/info.h>
#include <string.h>
#include "base/errno.h"
#include "fake_vcpu.h"
#include "mm/usermem.h"
#include "sched/thread.h"
#include "sched/time.h"

constexpr uint64_t BOOT_UNIX_NS = 1700000000000000000;
static struct thread thread;
static unsigned wakes;

int copy_from_user(void *to, uaddr_t from, size_t n)
{
    if (!from)
        return -EFAULT;
    memcpy(to, (const void *)from, n);
    return 0;
}

int copy_to_user(uaddr_t to, const void *from, size_t n)
{
    memcpy((void *)to, from, n);
    return 0;
}

void thread_wake(struct thread *t)
{
    (void)t;
    wakes++;
}

int thread_sleep(uint64_t deadline_ns, enum sleep_mode mode)
{
    (void)deadline_ns, (void)mode;
    return 0;
}

static void start(uint64_t hz)
{
    struct exo_info info = {.tsc_hz = hz, .boot_tsc = arch_cycles(), .boot_unix_ns = BOOT_UNIX_NS};
    time_init(&info);
}

static void cycles_become_nanoseconds_at_any_rate(void **state)
{
    (void)state;
    static const uint64_t rates[] = {1000000, 999999999, 1000000000, 2494140625, 5000000000};
    for (unsigned i = 0; i < sizeof rates / sizeof rates[0]; i++) {
        start(rates[i]);
        uint64_t day = time_cycles_to_ns(rates[i] * 86400);
        int64_t error = (int64_t)(day - 86400ull * 1000000000);
        assert_true(error <= 0 && error > -1000000); /* less than 1 ms a day */
    }
}

static void the_clocks_run_and_agree(void **state)
{
    (void)state;
    start(2000000000);
    uint64_t a = time_monotonic_ns();
    uint64_t b = time_monotonic_ns();
    assert_true(b >= a && b < 60000000000);
    assert_true(time_real_ns() - BOOT_UNIX_NS < 60000000000);
    assert_int_equal(time_boot_unix_sec(), BOOT_UNIX_NS / 1000000000);
    assert_int_equal(time_of_cycles(0), 0); /* a counter that lags behind */
}

static void deadlines_are_never_early(void **state)
{
    (void)state;
    start(2494140625);
    static const uint64_t distances[] = {1, 999, 1000000, 1000000000, 86400000000000};
    for (unsigned i = 0; i < sizeof distances / sizeof distances[0]; i++) {
        uint64_t at = time_monotonic_ns() + distances[i];
        uint64_t tsc = time_ns_to_cycles_deadline(at);
        /* Short distances must be exact, long ones to a part in 10^8. */
        assert_true(time_of_cycles(tsc) + 1 + distances[i] / 100000000 >= at);
    }
    assert_int_equal(time_ns_to_cycles_deadline(WAIT_FOREVER), UINT64_MAX);
    assert_int_equal(time_deadline_after(UINT64_MAX), WAIT_FOREVER);
}

static void setting_the_wall_clock_tells_who_waits_for_it(void **state)
{
    (void)state;
    start(2000000000);
    fake_vcpu_init();
    fake_vcpu_run(&thread);
    struct waiter w;
    waiter_init(&w);
    waiter_add(&time_set_queue, &w);
    wakes = 0;
    time_set_real_ns(1000000000000000000);
    waiter_remove(&w);
    assert_int_equal(wakes, 1);
    assert_true(time_real_ns() - 1000000000000000000 < 60000000000);
    assert_int_equal(time_params_page.params.seq % 2, 0);
    assert_int_equal(time_deadline_of_real(1), 0);
    uint64_t deadline = time_deadline_of_real(time_real_ns() + 5000000000);
    assert_true(deadline - time_monotonic_ns() <= 5000000000);
}

static void bad_times_are_refused(void **state)
{
    (void)state;
    struct timespec64 out;
    int64_t good[2] = {1, 999999999}, negative[2] = {-1, 0}, over[2] = {0, 1000000000};
    assert_int_equal(time_get_user_timespec(&out, (uaddr_t)good), 0);
    assert_int_equal(timespec_to_ns(&out), 1999999999);
    assert_int_equal(time_get_user_timespec(&out, (uaddr_t)negative), -EINVAL);
    assert_int_equal(time_get_user_timespec(&out, (uaddr_t)over), -EINVAL);
    assert_int_equal(time_get_user_timespec(&out, 0), -EFAULT);
    struct timespec64 far = {INT64_MAX, 0};
    assert_int_equal(timespec_to_ns(&far), INT64_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cycles_become_nanoseconds_at_any_rate),
        cmocka_unit_test(the_clocks_run_and_agree),
        cmocka_unit_test(deadlines_are_never_early),
        cmocka_unit_test(setting_the_wall_clock_tells_who_waits_for_it),
        cmocka_unit_test(bad_times_are_refused),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
