/* SPDX-License-Identifier: BSD-2-Clause */
/* futex_test.c - futex queues, operations, locks with owners, robust lists.
 * Links: libos/sched/{futex,futex_pi,futex_robust,wait}.c fake_vcpu.c
 *
 * The sleeping thread's place is taken by `meanwhile`, which does what others would do. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <linux/futex.h>
#include <string.h>
#include "base/errno.h"
#include "fake_vcpu.h"
#include "mm/usermem.h"
#include "proc/process.h"
#include "sched/futex.h"
#include "sched/futex_queue.h"
#include "sched/thread.h"
#include "sched/time.h"

static struct mm mm = {.refs = 2};
static struct process process = {.mm = &mm};
static struct thread threads[6];
static uint32_t word, other_word;
static int (*meanwhile)(void);
static unsigned woken[6];
static const struct futex_timeout forever = {.ns = WAIT_FOREVER};

struct wait_queue time_set_queue = WAIT_QUEUE_INIT(time_set_queue);

uint64_t time_deadline_of_real(uint64_t real_ns)
{
    return real_ns;
}

int mm_futex_key(struct mm *space, uaddr_t address, bool shared, struct mm_futex_key *key)
{
    (void)shared;
    *key = (struct mm_futex_key){.object = space, .offset = address};
    return address ? 0 : -EFAULT;
}

size_t mm_write(struct mm *space, uaddr_t address, const void *from, size_t n)
{
    (void)space;
    memcpy((void *)address, from, n);
    return n;
}

int copy_from_user(void *to, uaddr_t from, size_t n)
{
    if (from < 4096)
        return -EFAULT;
    memcpy(to, (const void *)from, n);
    return 0;
}

int copy_to_user(uaddr_t to, const void *from, size_t n)
{
    if (to < 4096)
        return -EFAULT;
    memcpy((void *)to, from, n);
    return 0;
}

int cmpxchg_user_u32(uaddr_t address, uint32_t expected, uint32_t desired, uint32_t *seen)
{
    uint32_t *at = (uint32_t *)address;
    if (address < 4096)
        return -EFAULT;
    *seen = *at;
    if (*at == expected)
        *at = desired;
    return 0;
}

struct thread *thread_find(int32_t tid)
{
    return tid >= 0 && tid < 6 ? &threads[tid] : nullptr;
}

void thread_wake(struct thread *t)
{
    woken[t - threads]++;
}

int thread_sleep(uint64_t deadline_ns, enum sleep_mode mode)
{
    (void)deadline_ns, (void)mode;
    return meanwhile ? meanwhile() : -ETIMEDOUT;
}

static int setup(void **state)
{
    (void)state;
    fake_vcpu_init();
    memset(threads, 0, sizeof threads);
    memset(woken, 0, sizeof woken);
    for (int i = 0; i < 6; i++) {
        threads[i].tid = i;
        threads[i].process = &process;
    }
    word = other_word = 0;
    meanwhile = nullptr;
    fake_vcpu_run(&threads[1]);
    return 0;
}

static uaddr_t at(uint32_t *w)
{
    return (uaddr_t)w;
}

/* Enlist threads 1 .. N on the word, in this order. */
static void enlist(struct futex_waiter *w, unsigned n, uint32_t *on)
{
    struct mm_futex_key key;
    assert_int_equal(futex_key_get(at(on), false, &key), 0);
    for (unsigned i = 0; i < n; i++) {
        w[i] = (struct futex_waiter){};
        fake_vcpu_run(&threads[i + 1]);
        futex_enlist(&w[i], &key, 1u << i);
    }
    fake_vcpu_run(&threads[0]);
}

static void a_changed_word_does_not_wait(void **state)
{
    (void)state;
    word = 5;
    assert_int_equal(futex_wait(at(&word), false, 4, ~0u, &forever), -EAGAIN);
    assert_int_equal(futex_wait(at(&word) + 1, false, 5, ~0u, &forever), -EINVAL);
    assert_int_equal(futex_wait(at(&word), false, 5, 0, &forever), -EINVAL);
    assert_int_equal(futex_wait(0, false, 5, ~0u, &forever), -EFAULT);
}

static int wake_one(void)
{
    return (int)futex_wake(at(&word), false, 1, ~0u) == 1 ? 0 : -ETIMEDOUT;
}

static void a_waiter_is_woken(void **state)
{
    (void)state;
    meanwhile = wake_one;
    assert_int_equal(futex_wait(at(&word), false, 0, ~0u, &forever), 0);
    assert_int_equal(woken[1], 1);
    assert_int_equal(futex_wake(at(&word), false, 1, ~0u), 0);
}

static int interrupt(void)
{
    return -EINTR;
}

static void timeouts_and_signals_leave_the_queue_empty(void **state)
{
    (void)state;
    const struct futex_timeout soon = {.ns = 1000};
    assert_int_equal(futex_wait(at(&word), false, 0, ~0u, &soon), -ETIMEDOUT);
    meanwhile = interrupt;
    assert_int_equal(futex_wait(at(&word), false, 0, ~0u, &forever), -ERESTARTSYS);
    assert_int_equal(futex_wait(at(&word), false, 0, ~0u, &soon), -ERESTART_RESTARTBLOCK);
    assert_int_equal(futex_wake(at(&word), false, 10, ~0u), 0);
    meanwhile = nullptr;
    assert_int_equal(threads[1].restart.run(&threads[1]), -ETIMEDOUT);
}

static void waiters_are_woken_in_order_and_by_their_bits(void **state)
{
    (void)state;
    struct futex_waiter w[4];
    enlist(w, 4, &word);
    assert_int_equal(futex_wake(at(&word), false, 2, ~0u), 2);
    assert_true(w[0].woken && w[1].woken && !w[2].woken && !w[3].woken);
    assert_int_equal(futex_wake(at(&word), false, 10, 1u << 3), 1);
    assert_true(!w[2].woken && w[3].woken);
    assert_int_equal(futex_wake(at(&other_word), false, 10, ~0u), 0);
    assert_int_equal(futex_wake(at(&word), false, 10, ~0u), 1);
}

static void requeue_moves_those_it_does_not_wake(void **state)
{
    (void)state;
    struct futex_waiter w[5];
    const struct futex_pair pair = {at(&word), at(&other_word)};
    uint32_t expected = 1;
    enlist(w, 5, &word);
    assert_int_equal(futex_requeue(&pair, false, 1, 2, &expected), -EAGAIN);
    expected = 0;
    assert_int_equal(futex_requeue(&pair, false, 1, 2, &expected), 3);
    assert_true(w[0].woken && !w[1].woken);
    assert_int_equal(futex_wake(at(&word), false, 10, ~0u), 2);
    assert_int_equal(futex_wake(at(&other_word), false, 10, ~0u), 2);
    assert_true(w[1].woken && w[2].woken && w[3].woken && w[4].woken);
}

/* FUTEX_OP of <linux/futex.h> shifts into the sign bit. */
static uint32_t encode(uint32_t op, int arg, uint32_t compare, int compare_arg)
{
    return op << 28 | compare << 24 | ((uint32_t)arg & 0xfff) << 12 |
           ((uint32_t)compare_arg & 0xfff);
}

static void wake_op_changes_the_second_word_and_wakes_by_its_old_value(void **state)
{
    (void)state;
    struct futex_waiter w[2], v[2];
    const struct futex_pair pair = {at(&word), at(&other_word)};
    enlist(w, 1, &word);
    enlist(v, 2, &other_word);
    other_word = 7;
    /* += 3, and wake there if it was > 9: it was not. */
    uint32_t op = encode(FUTEX_OP_ADD, 3, FUTEX_OP_CMP_GT, 9);
    assert_int_equal(futex_wake_op(&pair, false, 1, 1, op), 1);
    assert_int_equal(other_word, 10);
    assert_int_equal(futex_wake_op(&pair, false, 1, 1, op), 1);
    assert_int_equal(other_word, 13);
    assert_true(v[0].woken && !v[1].woken);
    op = encode(FUTEX_OP_ANDN | FUTEX_OP_OPARG_SHIFT, 0, FUTEX_OP_CMP_EQ, 13);
    assert_int_equal(futex_wake_op(&pair, false, 1, 5, op), 1);
    assert_int_equal(other_word, 12);
    op = encode(FUTEX_OP_ADD, -1, FUTEX_OP_CMP_LT, 0);
    assert_int_equal(futex_wake_op(&pair, false, 1, 5, op), 0);
    assert_int_equal(other_word, 11);
    assert_int_equal(futex_wake_op(&pair, false, 1, 5, 0x70000000), -ENOSYS);
}

static int owner_unlocks(void)
{
    fake_vcpu_run(&threads[2]);
    assert_int_equal(word, 2 | FUTEX_WAITERS);
    assert_int_equal(futex_unlock_pi(at(&word), false), 0);
    fake_vcpu_run(&threads[1]);
    return 0;
}

static void a_lock_is_handed_over_by_its_owner(void **state)
{
    (void)state;
    assert_int_equal(futex_lock_pi(at(&word), false, &forever), 0);
    assert_int_equal(word, 1);
    assert_int_equal(futex_lock_pi(at(&word), false, &forever), -EDEADLK);
    fake_vcpu_run(&threads[2]);
    assert_int_equal(futex_unlock_pi(at(&word), false), -EPERM);
    assert_int_equal(futex_trylock_pi(at(&word), false), -EAGAIN);
    fake_vcpu_run(&threads[1]);
    assert_int_equal(futex_unlock_pi(at(&word), false), 0);
    assert_int_equal(word, 0);

    word = 2;
    meanwhile = owner_unlocks;
    assert_int_equal(futex_lock_pi(at(&word), false, &forever), 0);
    assert_int_equal(word, 1);
    word = 99;
    assert_int_equal(futex_lock_pi(at(&word), false, &forever), -ESRCH);
}

static int owner_dies(void)
{
    futex_pi_release(&threads[2]);
    return 0;
}

static void a_lock_passes_on_when_its_owner_dies(void **state)
{
    (void)state;
    word = 2;
    meanwhile = owner_dies;
    assert_int_equal(futex_lock_pi(at(&word), false, &forever), 0);
    assert_int_equal(word, 1 | FUTEX_OWNER_DIED);
}

struct robust_lock {
    struct robust_list list;
    uint32_t word;
};

static void robust_locks_are_marked_and_circles_end(void **state)
{
    (void)state;
    struct robust_lock a = {.word = 1 | FUTEX_WAITERS}, b = {.word = 2}, pending = {.word = 1};
    struct robust_list_head head = {
        .list.next = &a.list,
        .futex_offset = offsetof(struct robust_lock, word),
        .list_op_pending = &pending.list,
    };
    a.list.next = &b.list;
    b.list.next = &a.list; /* never back to the head */
    threads[1].robust_list = (uaddr_t)&head;
    uint32_t tid_word = 77;
    threads[1].clear_child_tid = at(&tid_word);
    futex_thread_release(&threads[1]);
    assert_int_equal(a.word, FUTEX_WAITERS | FUTEX_OWNER_DIED);
    assert_int_equal(b.word, 2);
    assert_int_equal(pending.word, FUTEX_OWNER_DIED);
    assert_int_equal(tid_word, 0);
    assert_int_equal(threads[1].robust_list, 0);
    threads[1].robust_list = 16; /* bad memory */
    futex_thread_release(&threads[1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(a_changed_word_does_not_wait, setup),
        cmocka_unit_test_setup(a_waiter_is_woken, setup),
        cmocka_unit_test_setup(timeouts_and_signals_leave_the_queue_empty, setup),
        cmocka_unit_test_setup(waiters_are_woken_in_order_and_by_their_bits, setup),
        cmocka_unit_test_setup(requeue_moves_those_it_does_not_wake, setup),
        cmocka_unit_test_setup(wake_op_changes_the_second_word_and_wakes_by_its_old_value, setup),
        cmocka_unit_test_setup(a_lock_is_handed_over_by_its_owner, setup),
        cmocka_unit_test_setup(a_lock_passes_on_when_its_owner_dies, setup),
        cmocka_unit_test_setup(robust_locks_are_marked_and_circles_end, setup),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
