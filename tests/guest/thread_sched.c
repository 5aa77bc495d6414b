/* SPDX-License-Identifier: BSD-2-Clause */
/* thread_sched.c - sched_setscheduler(2), sched_setparam(2), sched_setattr(2). */
#include "test.h"

#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

struct attributes { /* struct sched_attr of <linux/sched/types.h> */
    uint32_t size, policy;
    uint64_t flags;
    int32_t nice;
    uint32_t priority;
    uint64_t runtime, deadline, period;
    uint32_t util_min, util_max;
};

TEST(sched_setscheduler_classes)
{
    struct sched_param rt = {.sched_priority = 7}, none = {}, now;
    OK(sched_setscheduler(0, SCHED_RR, &rt));
    CHECK_EQ(OK(sched_getscheduler(0)), SCHED_RR);
    OK(sched_getparam(0, &now));
    CHECK_EQ(now.sched_priority, 7);
    IN_CHILD
    {
        CHECK_EQ(OK(sched_getscheduler(0)), SCHED_RR);
    }
    OK(sched_setscheduler(0, SCHED_FIFO | SCHED_RESET_ON_FORK, &rt));
    IN_CHILD
    {
        CHECK_EQ(OK(sched_getscheduler(0)), SCHED_OTHER);
    }
    CHECK_EQ(OK(sched_getscheduler(0)), SCHED_FIFO | SCHED_RESET_ON_FORK);
    OK(sched_setscheduler(0, SCHED_BATCH, &none));
    CHECK_EQ(OK(sched_getscheduler(0)), SCHED_BATCH);
    OK(sched_setscheduler(0, SCHED_IDLE, &none));
    OK(sched_setscheduler(0, SCHED_OTHER, &none));
}

TEST(sched_setscheduler_errors)
{
    struct sched_param rt = {.sched_priority = 7}, none = {}, high = {.sched_priority = 100};
    CHECK_ERRNO(sched_setscheduler(0, SCHED_FIFO, &none), EINVAL);
    CHECK_ERRNO(sched_setscheduler(0, SCHED_FIFO, &high), EINVAL);
    CHECK_ERRNO(sched_setscheduler(0, SCHED_OTHER, &rt), EINVAL);
    CHECK_ERRNO(sched_setscheduler(0, 77, &none), EINVAL);
    CHECK_ERRNO(sched_setscheduler(-1, SCHED_OTHER, &none), EINVAL);
    CHECK_ERRNO(sched_setscheduler(1 << 29, SCHED_OTHER, &none), ESRCH);
    CHECK_ERRNO(syscall(SYS_sched_setscheduler, 0, SCHED_OTHER, nullptr), EINVAL);
    IN_CHILD_AS(99, 99)
    {
        CHECK_ERRNO(sched_setscheduler(0, SCHED_FIFO, &rt), EPERM);
        CHECK_ERRNO(sched_setscheduler(getppid(), SCHED_OTHER, &none), EPERM);
        OK(sched_setscheduler(0, SCHED_IDLE, &none));
    }
}

TEST(sched_setparam_keeps_the_class)
{
    struct sched_param rt = {.sched_priority = 7}, now, none = {};
    OK(sched_setparam(0, &none));
    CHECK_ERRNO(sched_setparam(0, &rt), EINVAL);
    OK(sched_setscheduler(0, SCHED_RR, &(struct sched_param){.sched_priority = 3}));
    OK(sched_setparam(0, &rt));
    OK(sched_getparam(0, &now));
    CHECK_EQ(now.sched_priority, 7);
    CHECK_EQ(OK(sched_getscheduler(0)), SCHED_RR);
    CHECK_ERRNO(sched_setparam(0, &none), EINVAL);
    CHECK_ERRNO(sched_setparam(1 << 29, &rt), ESRCH);
    CHECK_ERRNO(syscall(SYS_sched_setparam, 0, nullptr), EINVAL);
    IN_CHILD
    {
        OK(setresuid(99, 99, 99));
        CHECK_ERRNO(sched_setparam(0, &(struct sched_param){.sched_priority = 8}), EPERM);
        OK(sched_setparam(0, &(struct sched_param){.sched_priority = 5})); /* lower is free */
    }
}

TEST(sched_rr_get_interval_of_classes)
{
    struct timespec t = {-1, -1};
    OK(sched_rr_get_interval(0, &t));
    CHECK(t.tv_sec >= 0 && t.tv_nsec >= 0);
    OK(sched_setscheduler(0, SCHED_RR, &(struct sched_param){.sched_priority = 3}));
    OK(sched_rr_get_interval(0, &t));
    CHECK(t.tv_sec > 0 || t.tv_nsec > 0);
    OK(sched_setscheduler(0, SCHED_FIFO, &(struct sched_param){.sched_priority = 3}));
    OK(sched_rr_get_interval(0, &t));
    CHECK_EQ(t.tv_sec + t.tv_nsec, 0);
    CHECK_ERRNO(sched_rr_get_interval(-1, &t), EINVAL);
    CHECK_ERRNO(sched_rr_get_interval(1 << 29, &t), ESRCH);
    CHECK_ERRNO(sched_rr_get_interval(0, (void *)8), EFAULT);
}

static long setattr(struct attributes *a, unsigned flags)
{
    return syscall(SYS_sched_setattr, 0, a, flags);
}

static struct attributes getattr(unsigned size)
{
    struct attributes a;
    memset(&a, 0xee, sizeof a);
    OK(syscall(SYS_sched_getattr, 0, &a, size, 0));
    return a;
}

TEST(sched_setattr_and_getattr)
{
    struct attributes a = {.size = 48, .policy = SCHED_OTHER, .nice = 5}, now;
    OK(setattr(&a, 0));
    CHECK_EQ(OK(getpriority(PRIO_PROCESS, 0)), 5);
    now = getattr(48);
    CHECK_EQ(now.policy, SCHED_OTHER);
    CHECK_EQ(now.nice, 5);
    CHECK_EQ(now.priority, 0);
    a = (struct attributes){.size = 48, .policy = SCHED_FIFO, .priority = 9, .flags = 1};
    OK(setattr(&a, 0));
    now = getattr(sizeof now);
    CHECK_EQ(now.policy, SCHED_FIFO);
    CHECK_EQ(now.priority, 9);
    CHECK_EQ(now.flags & 1, 1); /* SCHED_FLAG_RESET_ON_FORK */
    CHECK_EQ(now.runtime, 0);
}

TEST(sched_setattr_errors)
{
    struct attributes a = {.size = 48, .policy = 77};
    CHECK_ERRNO(setattr(&a, 0), EINVAL);
    a = (struct attributes){.size = 48, .policy = SCHED_OTHER};
    CHECK_ERRNO(setattr(&a, 1), EINVAL);
    a.flags = 1ull << 40;
    CHECK_ERRNO(setattr(&a, 0), EINVAL);
    a = (struct attributes){.size = 8, .policy = SCHED_OTHER};
    CHECK_ERRNO(setattr(&a, 0), E2BIG);
    CHECK(a.size >= 48); /* what the kernel knows */
    a = (struct attributes){.size = 48, .policy = SCHED_FIFO};
    CHECK_ERRNO(setattr(&a, 0), EINVAL);
    CHECK_ERRNO(setattr(nullptr, 0), EINVAL);
    CHECK_ERRNO(syscall(SYS_sched_getattr, 0, &a, 8, 0), EINVAL);
    CHECK_ERRNO(syscall(SYS_sched_getattr, 0, &a, 48, 1), EINVAL);
    CHECK_ERRNO(syscall(SYS_sched_getattr, 1 << 29, &a, 48, 0), ESRCH);
    CHECK_ERRNO(syscall(SYS_sched_getattr, 0, nullptr, 48, 0), EINVAL);
}

static volatile sig_atomic_t xcpu_count;

static void count_xcpu(int)
{
    xcpu_count++;
}

/* Use MS milliseconds of the processor at most, and stop when a SIGXCPU comes. */
static void spin(int ms)
{
    struct timespec t;
    int64_t end = 0;
    do {
        OK(clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t));
        int64_t now = t.tv_sec * 1000000000 + t.tv_nsec;
        end = end ? end : now + ms * INT64_C(1000000);
        if (now >= end)
            return;
    } while (!xcpu_count);
}

static void real_time_begin(rlim_t soft_us, rlim_t hard_us)
{
    struct sched_param rt = {.sched_priority = 1};
    struct rlimit limit = {soft_us, hard_us};
    OK(setrlimit(RLIMIT_RTTIME, &limit));
    if (sched_setscheduler(0, SCHED_FIFO, &rt) < 0)
        test_skip("no real-time scheduling here");
}

TEST(rlimit_rttime_warns_and_goes_on)
{
    struct rlimit limit;
    signal(SIGXCPU, count_xcpu);
    real_time_begin(100000, 20000000);
    spin(5000);
    CHECK_EQ(xcpu_count, 1);
    OK(getrlimit(RLIMIT_RTTIME, &limit));
    CHECK_EQ(limit.rlim_cur, 1100000);
    CHECK_EQ(limit.rlim_max, 20000000);
}

TEST(rlimit_rttime_counts_from_the_last_sleep)
{
    signal(SIGXCPU, count_xcpu);
    real_time_begin(400000, 20000000);
    for (int i = 0; i < 8; i++) {
        spin(100);
        sleep_ms(1);
    }
    CHECK_EQ(xcpu_count, 0);
}

TEST(rlimit_rttime_kills_at_the_hard_limit)
{
    int status;
    pid_t pid = (pid_t)OK(fork());
    if (pid == 0) {
        signal(SIGXCPU, SIG_IGN);
        real_time_begin(50000, 150000);
        spin(10000);
        _exit(1);
    }
    status = child_wait(pid);
    if (WIFEXITED(status) && WEXITSTATUS(status) != 1)
        test_skip("no real-time scheduling here");
    CHECK(WIFSIGNALED(status));
    CHECK_EQ(WTERMSIG(status), SIGKILL);
}

/* The time of a plain thread does not count. */
TEST(rlimit_rttime_is_for_real_time_threads_only)
{
    struct rlimit limit = {50000, 50000};
    signal(SIGXCPU, count_xcpu);
    OK(setrlimit(RLIMIT_RTTIME, &limit));
    spin(200);
    CHECK_EQ(xcpu_count, 0);
}
