/* SPDX-License-Identifier: BSD-2-Clause */
/* signal_queue_test.c - pending signals: once or queued, in order, within the limit.
 * Links: libos/signal/queue.c fake_heap_malloc.c */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <string.h>
#include "base/errno.h"
#include "signal/queue.h"

static struct signal_backlog backlog;

static struct siginfo info_of(int sig, int code, int value)
{
    struct siginfo info = {};
    info.si_signo = sig;
    info.si_code = code;
    info.si_int = value;
    return info;
}

static int add(int sig, int code, int value, uint64_t limit)
{
    struct siginfo info = info_of(sig, code, value);
    return backlog_add(&backlog, sig, &info, 1000, limit, false);
}

static int setup(void **state)
{
    (void)state;
    backlog_init(&backlog);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    backlog_drop(&backlog, UINT64_MAX);
    assert_int_equal(backlog.set, 0);
    assert_true(list_is_empty(&backlog.entries));
    assert_int_equal(signal_pending_of_user(1000), 0);
    return 0;
}

static void an_ordinary_signal_is_pending_once(void **state)
{
    (void)state;
    struct siginfo info;
    assert_int_equal(add(SIGUSR1, SI_QUEUE, 1, 100), 0);
    assert_int_equal(add(SIGUSR1, SI_QUEUE, 2, 100), 0);
    assert_int_equal(signal_pending_of_user(1000), 1);
    backlog_take(&backlog, SIGUSR1, &info);
    assert_int_equal(info.si_int, 1);
    assert_int_equal(backlog.set, 0);
}

static void real_time_signals_queue_in_order(void **state)
{
    (void)state;
    struct siginfo info;
    for (int i = 0; i < 5; i++) {
        assert_int_equal(add(40, SI_QUEUE, i, 100), 0);
        assert_int_equal(add(41, SI_QUEUE, 10 + i, 100), 0);
    }
    for (int i = 0; i < 5; i++) {
        assert_true(backlog.set & signal_bit(40));
        backlog_take(&backlog, 40, &info);
        assert_int_equal(info.si_int, i);
    }
    assert_int_equal(backlog.set, signal_bit(41));
}

static void past_the_limit_a_queued_value_is_refused_but_kill_gets_through(void **state)
{
    (void)state;
    struct siginfo info;
    assert_int_equal(add(40, SI_QUEUE, 1, 1), 0);
    assert_int_equal(add(41, SI_QUEUE, 1, 1), -EAGAIN);
    assert_false(backlog.set & signal_bit(41));
    assert_int_equal(add(42, SI_USER, 0, 1), 0);
    backlog_take(&backlog, 42, &info);
    assert_int_equal(info.si_signo, 42);
    assert_int_equal(info.si_code, SI_USER);
}

static void faults_go_before_lower_numbers(void **state)
{
    (void)state;
    signal_set set = signal_bit(SIGHUP) | signal_bit(SIGSEGV) | signal_bit(40);
    assert_int_equal(signal_set_first(set), SIGSEGV);
    assert_int_equal(signal_set_first(set & ~signal_bit(SIGSEGV)), SIGHUP);
    assert_int_equal(signal_set_first(signal_bit(64)), 64);
    assert_int_equal(signal_set_first(0), 0);
}

static void dropping_a_set_leaves_the_others(void **state)
{
    (void)state;
    add(SIGTSTP, SI_QUEUE, 1, 100);
    add(SIGTTIN, SI_QUEUE, 1, 100);
    add(40, SI_QUEUE, 1, 100);
    add(40, SI_QUEUE, 2, 100);
    backlog_drop(&backlog, signal_bit(SIGTSTP) | signal_bit(40));
    assert_int_equal(backlog.set, signal_bit(SIGTTIN));
    assert_int_equal(signal_pending_of_user(1000), 1);
}

static unsigned taken;

static void count_taken(struct signal_entry *e)
{
    taken++;
    e->info.si_overrun = 7;
}

static void an_owned_entry_can_be_taken_back_and_is_never_freed(void **state)
{
    (void)state;
    struct siginfo info;
    struct signal_entry e = {.owned = true, .taken = count_taken};
    list_init(&e.node);
    e.info = info_of(40, SI_TIMER, 0);
    backlog_add_entry(&backlog, &e);
    add(40, SI_QUEUE, 5, 100);
    backlog_remove_entry(&e);
    assert_null(e.backlog);
    assert_int_equal(backlog.set, signal_bit(40));
    backlog_add_entry(&backlog, &e);
    backlog_take(&backlog, 40, &info);
    assert_int_equal(info.si_int, 5);
    taken = 0;
    backlog_take(&backlog, 40, &info);
    assert_int_equal(taken, 1);
    assert_int_equal(info.si_overrun, 7);
    assert_null(e.backlog);
    backlog_remove_entry(&e);
    assert_int_equal(backlog.set, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(an_ordinary_signal_is_pending_once, setup, teardown),
        cmocka_unit_test_setup_teardown(real_time_signals_queue_in_order, setup, teardown),
        cmocka_unit_test_setup_teardown(
            past_the_limit_a_queued_value_is_refused_but_kill_gets_through, setup, teardown),
        cmocka_unit_test_setup_teardown(faults_go_before_lower_numbers, setup, teardown),
        cmocka_unit_test_setup_teardown(dropping_a_set_leaves_the_others, setup, teardown),
        cmocka_unit_test_setup_teardown(an_owned_entry_can_be_taken_back_and_is_never_freed, setup,
                                        teardown),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
