/* SPDX-License-Identifier: BSD-2-Clause */
/* thread_futex.c - futex(2) by itself: every operation and its errors. */
#include "test.h"

#include <fcntl.h>
#include <linux/futex.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static long futex(void *word, int op, unsigned value, void *timeout, void *word2, unsigned value3)
{
    return syscall(SYS_futex, word, op, value, timeout, word2, value3);
}

static atomic_uint word, other;
static atomic_int awake;

struct waiter {
    atomic_uint *word;
    int op;
    unsigned bitset;
    pid_t tid;
};

static void *waits(void *argument)
{
    struct waiter *waiter = argument;
    __atomic_store_n(&waiter->tid, gettid(), __ATOMIC_SEQ_CST);
    if (futex(waiter->word, waiter->op, 0, nullptr, nullptr, waiter->bitset) == -1 &&
        errno != EAGAIN)
        FAIL("futex wait: errno %d", errno);
    atomic_fetch_add(&awake, 1);
    return nullptr;
}

/* Start COUNT threads that wait, and return when all of them are asleep. */
static void waiters_start(pthread_t *threads, struct waiter *waiters, int count)
{
    for (int i = 0; i < count; i++) {
        CHECK_EQ(pthread_create(&threads[i], nullptr, waits, &waiters[i]), 0);
        while (!__atomic_load_n(&waiters[i].tid, __ATOMIC_SEQ_CST))
            sched_yield();
        process_await_state(waiters[i].tid, "S");
    }
}

static void awake_await(int count)
{
    while (atomic_load(&awake) < count)
        sched_yield();
}

TEST(futex_wait_with_another_value_is_eagain)
{
    atomic_store(&word, 5);
    CHECK_ERRNO(futex(&word, FUTEX_WAIT, 4, nullptr, nullptr, 0), EAGAIN);
    CHECK_ERRNO(futex(&word, FUTEX_WAIT_PRIVATE, 4, nullptr, nullptr, 0), EAGAIN);
    CHECK_ERRNO(futex(&word, FUTEX_WAIT_BITSET, 4, nullptr, nullptr, 1), EAGAIN);
}

TEST(futex_wait_times_out)
{
    struct timespec zero = {}, some = {0, 15000000};
    CHECK_ERRNO(futex(&word, FUTEX_WAIT, 0, &zero, nullptr, 0), ETIMEDOUT);
    int64_t start = clock_now_ns();
    CHECK_ERRNO(futex(&word, FUTEX_WAIT_PRIVATE, 0, &some, nullptr, 0), ETIMEDOUT);
    CHECK(clock_now_ns() - start >= 15000000);
}

TEST(futex_wait_bitset_takes_an_absolute_time)
{
    struct timespec now;
    OK(clock_gettime(CLOCK_MONOTONIC, &now));
    CHECK_ERRNO(futex(&word, FUTEX_WAIT_BITSET, 0, &now, nullptr, ~0u), ETIMEDOUT);
    OK(clock_gettime(CLOCK_REALTIME, &now));
    CHECK_ERRNO(futex(&word, FUTEX_WAIT_BITSET | FUTEX_CLOCK_REALTIME, 0, &now, nullptr, ~0u),
                ETIMEDOUT);
}

TEST(futex_errors)
{
    struct timespec bad = {0, 1000000000}, negative = {-1, 0};
    CHECK_ERRNO(futex((char *)&word + 1, FUTEX_WAIT, 0, nullptr, nullptr, 0), EINVAL);
    CHECK_ERRNO(futex((char *)&word + 2, FUTEX_WAKE, 1, nullptr, nullptr, 0), EINVAL);
    CHECK_ERRNO(futex(&word, FUTEX_WAIT, 0, &bad, nullptr, 0), EINVAL);
    CHECK_ERRNO(futex(&word, FUTEX_WAIT, 0, &negative, nullptr, 0), EINVAL);
    CHECK_ERRNO(futex(&word, FUTEX_WAIT, 0, (void *)8, nullptr, 0), EFAULT);
    CHECK_ERRNO(futex((void *)8, FUTEX_WAIT, 0, nullptr, nullptr, 0), EFAULT);
    CHECK_ERRNO(futex((void *)0xffff800000000000, FUTEX_WAIT, 0, nullptr, nullptr, 0), EFAULT);
    CHECK_ERRNO(futex(&word, 99, 0, nullptr, nullptr, 0), ENOSYS);
    CHECK_ERRNO(futex(&word, FUTEX_WAIT_BITSET, 0, nullptr, nullptr, 0), EINVAL);
    CHECK_ERRNO(futex(&word, FUTEX_WAKE_BITSET, 1, nullptr, nullptr, 0), EINVAL);
    CHECK_ERRNO(futex(&word, FUTEX_FD, 0, nullptr, nullptr, 0), ENOSYS);
}

TEST(futex_wake_of_nobody_is_zero)
{
    CHECK_EQ(futex(&word, FUTEX_WAKE, 1, nullptr, nullptr, 0), 0);
    CHECK_EQ(futex(&word, FUTEX_WAKE_PRIVATE, 100, nullptr, nullptr, 0), 0);
}

TEST(futex_wake_wakes_as_many_as_said)
{
    pthread_t threads[5];
    struct waiter waiters[5] = {};
    for (int i = 0; i < 5; i++)
        waiters[i] = (struct waiter){&word, FUTEX_WAIT_PRIVATE, 0, 0};
    waiters_start(threads, waiters, 5);
    CHECK_EQ(futex(&word, FUTEX_WAKE_PRIVATE, 2, nullptr, nullptr, 0), 2);
    awake_await(2);
    CHECK_EQ(futex(&word, FUTEX_WAKE_PRIVATE, 100, nullptr, nullptr, 0), 3);
    awake_await(5);
}

TEST(futex_wake_bitset_selects)
{
    pthread_t threads[2];
    struct waiter waiters[2] = {{&word, FUTEX_WAIT_BITSET_PRIVATE, 1, 0},
                                {&word, FUTEX_WAIT_BITSET_PRIVATE, 2, 0}};
    waiters_start(threads, waiters, 2);
    CHECK_EQ(futex(&word, FUTEX_WAKE_BITSET_PRIVATE, 9, nullptr, nullptr, 4), 0);
    CHECK_EQ(futex(&word, FUTEX_WAKE_BITSET_PRIVATE, 9, nullptr, nullptr, 2), 1);
    CHECK_EQ(pthread_join(threads[1], nullptr), 0);
    CHECK_EQ(futex(&word, FUTEX_WAKE_BITSET_PRIVATE, 9, nullptr, nullptr, 3), 1);
    CHECK_EQ(pthread_join(threads[0], nullptr), 0);
}

TEST(futex_requeue_moves_waiters)
{
    pthread_t threads[4];
    struct waiter waiters[4] = {};
    for (int i = 0; i < 4; i++)
        waiters[i] = (struct waiter){&word, FUTEX_WAIT_PRIVATE, 0, 0};
    waiters_start(threads, waiters, 4);
    /* The fourth argument is a count here: wake 1, move 2. */
    CHECK_EQ(futex(&word, FUTEX_REQUEUE_PRIVATE, 1, (void *)2, &other, 0), 3);
    awake_await(1);
    CHECK_EQ(futex(&other, FUTEX_WAKE_PRIVATE, 9, nullptr, nullptr, 0), 2);
    CHECK_EQ(futex(&word, FUTEX_WAKE_PRIVATE, 9, nullptr, nullptr, 0), 1);
    awake_await(4);
}

TEST(futex_cmp_requeue_checks_the_value)
{
    pthread_t threads[3];
    struct waiter waiters[3] = {};
    for (int i = 0; i < 3; i++)
        waiters[i] = (struct waiter){&word, FUTEX_WAIT_PRIVATE, 0, 0};
    waiters_start(threads, waiters, 3);
    CHECK_ERRNO(futex(&word, FUTEX_CMP_REQUEUE_PRIVATE, 1, (void *)9, &other, 7), EAGAIN);
    CHECK_EQ(futex(&word, FUTEX_CMP_REQUEUE_PRIVATE, 1, (void *)9, &other, 0), 3);
    CHECK_EQ(futex(&other, FUTEX_WAKE_PRIVATE, 9, nullptr, nullptr, 0), 2);
    awake_await(3);
}

TEST(futex_wake_op)
{
    pthread_t threads[2];
    struct waiter waiters[2] = {{&word, FUTEX_WAIT_PRIVATE, 0, 0},
                                {&other, FUTEX_WAIT_PRIVATE, 0, 0}};
    waiters_start(threads, waiters, 2);
    /* other += 5; wake one on word, and one on other if it was 0. */
    CHECK_EQ(futex(&word, FUTEX_WAKE_OP_PRIVATE, 1, (void *)1, &other,
                   FUTEX_OP(FUTEX_OP_ADD, 5, FUTEX_OP_CMP_EQ, 0)),
             2);
    awake_await(2);
    CHECK_EQ(atomic_load(&other), 5);
    CHECK_EQ(futex(&word, FUTEX_WAKE_OP_PRIVATE, 1, (void *)1, &other,
                   FUTEX_OP(FUTEX_OP_SET, 9, FUTEX_OP_CMP_GT, 100)),
             0);
    CHECK_EQ(atomic_load(&other), 9);
    CHECK_ERRNO(futex(&word, FUTEX_WAKE_OP_PRIVATE, 1, (void *)1, (void *)8, 0), EFAULT);
}

TEST(futex_shared_between_processes)
{
    atomic_uint *shared =
        mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    pid_t pid = (pid_t)OK(fork());
    if (pid == 0) {
        while (futex(shared, FUTEX_WAIT, 0, nullptr, nullptr, 0) == -1 && errno == EINTR)
            ;
        _exit(0);
    }
    process_await_state(pid, "S");
    atomic_store(shared, 1);
    CHECK_EQ(futex(shared, FUTEX_WAKE, 1, nullptr, nullptr, 0), 1);
    child_wait_ok(pid);
}

TEST(futex_shared_through_two_mappings_of_a_file)
{
    file_make("f", "\0\0\0\0");
    OK(truncate("f", 4096));
    int fd = (int)OK(open("f", O_RDWR));
    atomic_uint *a = mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    pid_t pid = (pid_t)OK(fork());
    if (pid == 0) {
        atomic_uint *b = mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
        while (atomic_load(b) == 0)
            futex(b, FUTEX_WAIT, 0, nullptr, nullptr, 0);
        _exit(0);
    }
    process_await_state(pid, "S");
    atomic_store(a, 1);
    CHECK_EQ(futex(a, FUTEX_WAKE, 1, nullptr, nullptr, 0), 1);
    child_wait_ok(pid);
}

TEST(futex_private_words_of_two_processes_are_different)
{
    struct timespec some = {0, 30000000};
    pid_t pid = (pid_t)OK(fork());
    if (pid == 0) {
        /* Same address, other memory: the parent's wake must not reach it. */
        _exit(futex(&word, FUTEX_WAIT, 0, &some, nullptr, 0) == -1 && errno == ETIMEDOUT ? 0 : 1);
    }
    process_await_state(pid, "SZ");
    CHECK_EQ(futex(&word, FUTEX_WAKE, 9, nullptr, nullptr, 0), 0);
    child_wait_ok(pid);
}

static int ends_at_once(void *)
{
    return 0;
}

TEST(futex_child_cleartid_is_woken_at_exit)
{
    static char stack[65536] __attribute__((aligned(16)));
    static atomic_uint tid;
    int id = (int)OK(clone(ends_at_once, stack + sizeof stack,
                           CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD |
                               CLONE_SYSVSEM | CLONE_PARENT_SETTID | CLONE_CHILD_CLEARTID,
                           nullptr, &tid, nullptr, &tid));
    for (unsigned now; (now = atomic_load(&tid)) != 0;) {
        CHECK_EQ(now, id);
        futex(&tid, FUTEX_WAIT, now, nullptr, nullptr, 0);
    }
}

TEST(set_tid_address_returns_the_tid)
{
    static int word_of_mine;
    CHECK_EQ(syscall(SYS_set_tid_address, &word_of_mine), gettid());
}

TEST(robust_list_marks_a_dead_owners_word)
{
    struct {
        struct robust_list_head head;
        struct robust_list entry;
        atomic_uint word;
    } *shared = mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    CHECK(shared != MAP_FAILED);
    IN_CHILD
    {
        shared->head.list.next = &shared->entry;
        shared->entry.next = &shared->head.list;
        shared->head.futex_offset = (char *)&shared->word - (char *)&shared->entry;
        OK(syscall(SYS_set_robust_list, &shared->head, sizeof shared->head));
        atomic_store(&shared->word, (unsigned)gettid() | FUTEX_WAITERS);
    }
    CHECK_EQ(atomic_load(&shared->word), FUTEX_OWNER_DIED | FUTEX_WAITERS);
    CHECK_ERRNO(syscall(SYS_set_robust_list, &shared->head, 3), EINVAL);
}

TEST(get_robust_list)
{
    static struct robust_list_head head;
    struct robust_list_head *got;
    size_t len;
    OK(syscall(SYS_set_robust_list, &head, sizeof head));
    OK(syscall(SYS_get_robust_list, 0, &got, &len));
    CHECK(got == &head);
    CHECK_EQ(len, sizeof head);
    CHECK_ERRNO(syscall(SYS_get_robust_list, 999999, &got, &len), ESRCH);
}

TEST(futex_pi_lock_and_unlock)
{
    static atomic_uint pi;
    long r = futex(&pi, FUTEX_LOCK_PI, 0, nullptr, nullptr, 0);
    if (r == -1 && errno == ENOSYS)
        test_skip("no priority inheritance");
    OK(r);
    CHECK_EQ(atomic_load(&pi), gettid());
    CHECK_ERRNO(futex(&pi, FUTEX_LOCK_PI, 0, nullptr, nullptr, 0), EDEADLK);
    OK(futex(&pi, FUTEX_UNLOCK_PI, 0, nullptr, nullptr, 0));
    CHECK_EQ(atomic_load(&pi), 0);
    CHECK_ERRNO(futex(&pi, FUTEX_UNLOCK_PI, 0, nullptr, nullptr, 0), EPERM);
    OK(futex(&pi, FUTEX_TRYLOCK_PI, 0, nullptr, nullptr, 0));
}
