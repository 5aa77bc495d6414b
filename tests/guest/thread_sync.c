/* SPDX-License-Identifier: BSD-2-Clause */
/* thread_sync.c - pthread's locks under contention. */
#include "test.h"

#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

constexpr int THREADS = 8;

static void threads_run(void *(*run)(void *))
{
    pthread_t threads[THREADS];
    for (long i = 0; i < THREADS; i++)
        CHECK_EQ(pthread_create(&threads[i], nullptr, run, (void *)i), 0);
    for (int i = 0; i < THREADS; i++)
        CHECK_EQ(pthread_join(threads[i], nullptr), 0);
}

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t condition = PTHREAD_COND_INITIALIZER;
static long total;

static void *adds_under_mutex(void *)
{
    for (int i = 0; i < 5000; i++) {
        CHECK_EQ(pthread_mutex_lock(&mutex), 0);
        long now = total;
        if (i % 64 == 0)
            sched_yield();
        total = now + 1;
        CHECK_EQ(pthread_mutex_unlock(&mutex), 0);
    }
    return nullptr;
}

TEST(mutex_contention)
{
    threads_run(adds_under_mutex);
    CHECK_EQ(total, THREADS * 5000);
}

TEST(mutex_kinds)
{
    pthread_mutexattr_t attr;
    pthread_mutex_t m;
    pthread_mutexattr_init(&attr);
    pthread_mutexattr_settype(&attr, PTHREAD_MUTEX_ERRORCHECK);
    pthread_mutex_init(&m, &attr);
    CHECK_EQ(pthread_mutex_lock(&m), 0);
    CHECK_EQ(pthread_mutex_lock(&m), EDEADLK);
    CHECK_EQ(pthread_mutex_trylock(&m), EBUSY);
    CHECK_EQ(pthread_mutex_unlock(&m), 0);
    CHECK_EQ(pthread_mutex_unlock(&m), EPERM);
    pthread_mutexattr_settype(&attr, PTHREAD_MUTEX_RECURSIVE);
    pthread_mutex_init(&m, &attr);
    CHECK_EQ(pthread_mutex_lock(&m), 0);
    CHECK_EQ(pthread_mutex_lock(&m), 0);
    CHECK_EQ(pthread_mutex_unlock(&m), 0);
    CHECK_EQ(pthread_mutex_unlock(&m), 0);
}

static void *times_out_on_mutex(void *)
{
    struct timespec until;
    OK(clock_gettime(CLOCK_REALTIME, &until));
    until.tv_nsec += 10000000;
    until.tv_sec += until.tv_nsec / 1000000000;
    until.tv_nsec %= 1000000000;
    CHECK_EQ(pthread_mutex_timedlock(&mutex, &until), ETIMEDOUT);
    return nullptr;
}

TEST(mutex_timedlock_times_out)
{
    CHECK_EQ(pthread_mutex_lock(&mutex), 0);
    threads_run(times_out_on_mutex);
}

static long produced, consumed, queue_length;
static bool is_closed;

static void *produces_or_consumes(void *argument)
{
    bool is_producer = (long)argument < THREADS / 2;
    for (int i = 0; !is_producer || i < 1000; i++) {
        pthread_mutex_lock(&mutex);
        while (is_producer ? queue_length == 10 : queue_length == 0 && !is_closed)
            pthread_cond_wait(&condition, &mutex);
        bool is_done = !is_producer && queue_length == 0;
        if (is_producer) {
            queue_length++;
            is_closed = ++produced == THREADS / 2 * 1000;
        } else if (!is_done) {
            queue_length--;
            consumed++;
        }
        pthread_cond_broadcast(&condition);
        pthread_mutex_unlock(&mutex);
        if (is_done)
            break;
    }
    return nullptr;
}

TEST(cond_producers_and_consumers)
{
    threads_run(produces_or_consumes);
    CHECK_EQ(produced, THREADS / 2 * 1000);
    CHECK_EQ(consumed, produced);
}

TEST(cond_timedwait_times_out_and_relocks)
{
    struct timespec until;
    OK(clock_gettime(CLOCK_REALTIME, &until));
    pthread_mutex_lock(&mutex);
    CHECK_EQ(pthread_cond_timedwait(&condition, &mutex, &until), ETIMEDOUT);
    CHECK_EQ(pthread_mutex_trylock(&mutex), EBUSY);
}

static pthread_barrier_t barrier;
static atomic_int phase_count[20], serial_count;

static void *meets(void *)
{
    for (int phase = 0; phase < 20; phase++) {
        atomic_fetch_add(&phase_count[phase], 1);
        if (pthread_barrier_wait(&barrier) == PTHREAD_BARRIER_SERIAL_THREAD)
            atomic_fetch_add(&serial_count, 1);
        /* Past the barrier everybody has counted. */
        CHECK_EQ(atomic_load(&phase_count[phase]), THREADS);
    }
    return nullptr;
}

TEST(barrier_phases)
{
    CHECK_EQ(pthread_barrier_init(&barrier, nullptr, THREADS), 0);
    threads_run(meets);
    CHECK_EQ(atomic_load(&serial_count), 20);
}

static pthread_rwlock_t rwlock = PTHREAD_RWLOCK_INITIALIZER;
static volatile long left, right;

static void *reads_or_writes(void *argument)
{
    for (int i = 0; i < 2000; i++) {
        if ((long)argument < 2) {
            CHECK_EQ(pthread_rwlock_wrlock(&rwlock), 0);
            left++;
            if (i % 100 == 0)
                sched_yield();
            right++;
        } else {
            CHECK_EQ(pthread_rwlock_rdlock(&rwlock), 0);
            CHECK_EQ(left, right);
        }
        CHECK_EQ(pthread_rwlock_unlock(&rwlock), 0);
    }
    return nullptr;
}

TEST(rwlock_readers_never_see_half)
{
    threads_run(reads_or_writes);
    CHECK_EQ(left, 4000);
}

static sem_t semaphore;

static void *passes_semaphore(void *)
{
    for (int i = 0; i < 500; i++) {
        while (sem_wait(&semaphore) == -1)
            CHECK_EQ(errno, EINTR);
        total++;
        sem_post(&semaphore);
    }
    return nullptr;
}

TEST(semaphore_as_a_lock)
{
    OK(sem_init(&semaphore, 0, 1));
    threads_run(passes_semaphore);
    CHECK_EQ(total, THREADS * 500);
    CHECK_ERRNO((sem_wait(&semaphore), sem_trywait(&semaphore)), EAGAIN);
}

static pthread_once_t once = PTHREAD_ONCE_INIT;
static atomic_int once_count;

static void happens_once(void)
{
    sched_yield();
    atomic_fetch_add(&once_count, 1);
}

static void *runs_once(void *)
{
    pthread_once(&once, happens_once);
    CHECK_EQ(atomic_load(&once_count), 1);
    return nullptr;
}

TEST(once_runs_once)
{
    threads_run(runs_once);
}

struct shared_locks {
    pthread_mutex_t mutex;
    sem_t semaphore;
    long total;
};

static struct shared_locks *shared_locks_make(void)
{
    struct shared_locks *shared =
        mmap(nullptr, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    pthread_mutexattr_t attr;
    CHECK(shared != MAP_FAILED);
    pthread_mutexattr_init(&attr);
    pthread_mutexattr_setpshared(&attr, PTHREAD_PROCESS_SHARED);
    pthread_mutexattr_setrobust(&attr, PTHREAD_MUTEX_ROBUST);
    CHECK_EQ(pthread_mutex_init(&shared->mutex, &attr), 0);
    OK(sem_init(&shared->semaphore, 1, 0));
    return shared;
}

TEST(mutex_between_processes)
{
    struct shared_locks *shared = shared_locks_make();
    pid_t pids[4];
    for (int p = 0; p < 4; p++) {
        pids[p] = (pid_t)OK(fork());
        if (pids[p])
            continue;
        for (int i = 0; i < 500; i++) {
            CHECK_EQ(pthread_mutex_lock(&shared->mutex), 0);
            long now = shared->total;
            if (i % 16 == 0)
                sched_yield();
            shared->total = now + 1;
            CHECK_EQ(pthread_mutex_unlock(&shared->mutex), 0);
        }
        _exit(0);
    }
    for (int p = 0; p < 4; p++)
        child_wait_ok(pids[p]);
    CHECK_EQ(shared->total, 2000);
}

TEST(semaphore_between_processes)
{
    struct shared_locks *shared = shared_locks_make();
    pid_t pid = (pid_t)OK(fork());
    if (pid == 0) {
        for (int i = 0; i < 100; i++)
            OK(sem_wait(&shared->semaphore));
        _exit(0);
    }
    for (int i = 0; i < 100; i++)
        OK(sem_post(&shared->semaphore));
    child_wait_ok(pid);
}

TEST(robust_mutex_of_a_dead_process)
{
    struct shared_locks *shared = shared_locks_make();
    IN_CHILD
    {
        CHECK_EQ(pthread_mutex_lock(&shared->mutex), 0);
    }
    CHECK_EQ(pthread_mutex_lock(&shared->mutex), EOWNERDEAD);
    CHECK_EQ(pthread_mutex_consistent(&shared->mutex), 0);
    CHECK_EQ(pthread_mutex_unlock(&shared->mutex), 0);
    CHECK_EQ(pthread_mutex_lock(&shared->mutex), 0);
}

static pthread_mutex_t robust;

static void *dies_with_lock(void *)
{
    pthread_mutex_lock(&robust);
    return nullptr;
}

TEST(robust_mutex_of_a_dead_thread)
{
    pthread_mutexattr_t attr;
    pthread_t thread;
    pthread_mutexattr_init(&attr);
    pthread_mutexattr_setrobust(&attr, PTHREAD_MUTEX_ROBUST);
    pthread_mutex_init(&robust, &attr);
    CHECK_EQ(pthread_create(&thread, nullptr, dies_with_lock, nullptr), 0);
    CHECK_EQ(pthread_join(thread, nullptr), 0);
    CHECK_EQ(pthread_mutex_lock(&robust), EOWNERDEAD);
}
