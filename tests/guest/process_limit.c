/* SPDX-License-Identifier: BSD-2-Clause */
/* process_limit.c - prlimit(2), getrusage(2), times(2), prctl(2), priorities. */
#include "test.h"

#include <glob.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/times.h>
#include <sys/wait.h>
#include <unistd.h>

TEST(rlimit_lower_and_raise)
{
    struct rlimit limit = {100, 200}, got;
    OK(setrlimit(RLIMIT_NOFILE, &limit));
    OK(getrlimit(RLIMIT_NOFILE, &got));
    CHECK_EQ(got.rlim_cur, 100);
    CHECK_EQ(got.rlim_max, 200);
    IN_CHILD_AS(1000, 1000)
    {
        limit = (struct rlimit){150, 200};
        OK(setrlimit(RLIMIT_NOFILE, &limit));
        limit = (struct rlimit){150, 300};
        CHECK_ERRNO(setrlimit(RLIMIT_NOFILE, &limit), EPERM);
        limit = (struct rlimit){150, 150};
        OK(setrlimit(RLIMIT_NOFILE, &limit));
        limit = (struct rlimit){150, 200};
        CHECK_ERRNO(setrlimit(RLIMIT_NOFILE, &limit), EPERM);
    }
    OK(getrlimit(RLIMIT_NOFILE, &got));
    CHECK_EQ(got.rlim_max, 200);
}

TEST(rlimit_errors)
{
    struct rlimit limit = {200, 100};
    CHECK_ERRNO(setrlimit(RLIMIT_NOFILE, &limit), EINVAL);
    CHECK_ERRNO(getrlimit((__rlimit_resource_t)99, &limit), EINVAL);
    CHECK_ERRNO(setrlimit((__rlimit_resource_t)99, &limit), EINVAL);
    CHECK_ERRNO(syscall(SYS_getrlimit, RLIMIT_NOFILE, nullptr), EFAULT);
    CHECK_ERRNO(syscall(SYS_setrlimit, RLIMIT_NOFILE, 8L), EFAULT);
    CHECK_ERRNO(prlimit(999999, RLIMIT_NOFILE, nullptr, &limit), ESRCH);
}

TEST(prlimit_gets_and_sets_at_once)
{
    struct rlimit want = {70, 80}, old, got;
    OK(getrlimit(RLIMIT_CORE, &got));
    OK(prlimit(0, RLIMIT_CORE, &want, &old));
    CHECK_EQ(old.rlim_cur, got.rlim_cur);
    OK(prlimit(getpid(), RLIMIT_CORE, nullptr, &got));
    CHECK_EQ(got.rlim_cur, 70);
    CHECK_EQ(got.rlim_max, 80);
}

TEST(prlimit_of_a_child)
{
    struct rlimit want = {70, 80};
    struct gate gate = gate_make();
    pid_t pid = (pid_t)OK(fork());
    if (pid == 0) {
        struct rlimit got;
        gate_wait(&gate);
        OK(getrlimit(RLIMIT_NOFILE, &got));
        _exit(got.rlim_cur == 70 ? 0 : 1);
    }
    OK(prlimit(pid, RLIMIT_NOFILE, &want, nullptr));
    gate_open(&gate);
    child_wait_ok(pid);
}

TEST(rlimit_stack_has_a_default)
{
    struct rlimit got;
    OK(getrlimit(RLIMIT_STACK, &got));
    CHECK(got.rlim_cur >= 1 << 20);
}

TEST(rlimit_as_limits_mappings)
{
    struct rlimit limit = {64 << 20, 64 << 20};
    OK(setrlimit(RLIMIT_AS, &limit));
    CHECK_ERRNO(mmap(nullptr, 128 << 20, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0), ENOMEM);
    OK(mmap(nullptr, 1 << 20, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
}

TEST(rlimit_data_limits_brk)
{
    struct rlimit limit = {1 << 20, 1 << 20};
    OK(setrlimit(RLIMIT_DATA, &limit));
    CHECK_ERRNO((long)sbrk(16 << 20), ENOMEM);
}

TEST(rlimit_cpu_sends_sigxcpu)
{
    struct rlimit limit = {1, 5};
    pid_t pid = (pid_t)OK(fork());
    if (pid == 0) {
        OK(setrlimit(RLIMIT_CPU, &limit));
        for (;;)
            ;
    }
    CHECK_EQ(child_wait(pid) & 0x7f, SIGXCPU);
}

TEST(getrusage_counts_up)
{
    struct rusage before, after;
    OK(getrusage(RUSAGE_SELF, &before));
    do {
        for (volatile int i = 0; i < 100000; i++)
            ;
        OK(getrusage(RUSAGE_SELF, &after));
    } while (after.ru_utime.tv_sec == before.ru_utime.tv_sec &&
             after.ru_utime.tv_usec == before.ru_utime.tv_usec);
    OK(getrusage(RUSAGE_CHILDREN, &after));
    OK(getrusage(RUSAGE_THREAD, &after));
    CHECK_ERRNO(getrusage((__rusage_who_t)7, &after), EINVAL);
    CHECK_ERRNO(syscall(SYS_getrusage, RUSAGE_SELF, nullptr), EFAULT);
}

TEST(getrusage_children_counts_only_the_waited_for)
{
    struct rusage usage;
    pid_t pid = (pid_t)OK(fork());
    if (pid == 0) {
        do
            OK(getrusage(RUSAGE_SELF, &usage));
        while (usage.ru_utime.tv_sec == 0 && usage.ru_utime.tv_usec < 30000);
        _exit(0);
    }
    siginfo_t info;
    OK(waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT));
    OK(getrusage(RUSAGE_CHILDREN, &usage));
    CHECK(usage.ru_utime.tv_sec == 0 && usage.ru_utime.tv_usec == 0);
    child_wait_ok(pid);
    OK(getrusage(RUSAGE_CHILDREN, &usage));
    CHECK(usage.ru_utime.tv_sec > 0 || usage.ru_utime.tv_usec >= 10000);
}

TEST(times_counts_ticks)
{
    struct tms before, after;
    clock_t start = times(&before);
    CHECK(start != (clock_t)-1);
    do
        times(&after);
    while (after.tms_utime + after.tms_stime == before.tms_utime + before.tms_stime);
    CHECK(times(&after) >= start);
    CHECK_EQ(sysconf(_SC_CLK_TCK), 100);
    CHECK_ERRNO(syscall(SYS_times, 8L), EFAULT);
}

TEST(prctl_name)
{
    char name[16] = "";
    OK(prctl(PR_SET_NAME, "short"));
    OK(prctl(PR_GET_NAME, name));
    CHECK_STR(name, "short");
    OK(prctl(PR_SET_NAME, "much longer than it may be"));
    OK(prctl(PR_GET_NAME, name));
    CHECK_STR(name, "much longer tha");
    IN_CHILD
    {
        OK(prctl(PR_GET_NAME, name));
        CHECK_STR(name, "much longer tha");
    }
    CHECK_ERRNO(prctl(PR_SET_NAME, 8L), EFAULT);
}

TEST(prctl_name_shows_in_proc)
{
    char text[64];
    OK(prctl(PR_SET_NAME, "seen) outside"));
    file_read("/proc/self/comm", text, sizeof text);
    CHECK_STR(text, "seen) outside\n");
}

TEST(prctl_pdeathsig_kills_the_child)
{
    int *shared = mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    OK(prctl(PR_SET_CHILD_SUBREAPER, 1));
    IN_CHILD
    {
        struct gate gate = gate_make();
        pid_t pid = (pid_t)OK(fork());
        if (pid == 0) {
            int sig = 0;
            OK(prctl(PR_SET_PDEATHSIG, SIGUSR1));
            OK(prctl(PR_GET_PDEATHSIG, &sig));
            CHECK_EQ(sig, SIGUSR1);
            gate_open(&gate);
            for (;;)
                pause();
        }
        gate_wait(&gate);
        shared[0] = pid;
    }
    CHECK_EQ(child_wait(shared[0]), SIGUSR1);
    CHECK_ERRNO(prctl(PR_SET_PDEATHSIG, 99), EINVAL);
}

TEST(prctl_pdeathsig_is_not_inherited)
{
    int sig = -1;
    OK(prctl(PR_SET_PDEATHSIG, SIGUSR1));
    IN_CHILD
    {
        OK(prctl(PR_GET_PDEATHSIG, &sig));
        CHECK_EQ(sig, 0);
    }
}

TEST(prctl_dumpable)
{
    CHECK_EQ(prctl(PR_GET_DUMPABLE), 1);
    OK(prctl(PR_SET_DUMPABLE, 0));
    CHECK_EQ(prctl(PR_GET_DUMPABLE), 0);
    CHECK_ERRNO(prctl(PR_SET_DUMPABLE, 2), EINVAL);
    OK(prctl(PR_SET_DUMPABLE, 1));
}

TEST(prctl_no_new_privs)
{
    CHECK_EQ(prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0), 0);
    OK(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
    CHECK_EQ(prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0), 1);
    CHECK_ERRNO(prctl(PR_SET_NO_NEW_PRIVS, 0, 0, 0, 0), EINVAL);
    IN_CHILD
    {
        CHECK_EQ(prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0), 1);
    }
}

TEST(prctl_keepcaps_and_unknown)
{
    CHECK_EQ(prctl(PR_GET_KEEPCAPS), 0);
    OK(prctl(PR_SET_KEEPCAPS, 1));
    CHECK_EQ(prctl(PR_GET_KEEPCAPS), 1);
    CHECK_ERRNO(prctl(PR_SET_KEEPCAPS, 2), EINVAL);
    CHECK_ERRNO(prctl(0x7fffffff, 0, 0, 0, 0), EINVAL);
}

TEST(priority_get_and_set)
{
    CHECK_EQ(getpriority(PRIO_PROCESS, 0), 0);
    OK(setpriority(PRIO_PROCESS, 0, 5));
    CHECK_EQ(getpriority(PRIO_PROCESS, 0), 5);
    /* The raw call returns 20 - nice, so that a result is never negative. */
    CHECK_EQ(syscall(SYS_getpriority, PRIO_PROCESS, 0), 15);
    OK(setpriority(PRIO_PROCESS, 0, 100));
    CHECK_EQ(getpriority(PRIO_PROCESS, 0), 19);
    IN_CHILD_AS(1000, 1000)
    {
        CHECK_EQ(getpriority(PRIO_PROCESS, 0), 19);
        CHECK_ERRNO(setpriority(PRIO_PROCESS, 0, 0), EACCES);
    }
    errno = 0;
    CHECK_ERRNO(setpriority((__priority_which_t)9, 0, 0), EINVAL);
    CHECK_ERRNO(setpriority(PRIO_PROCESS, 999999, 0), ESRCH);
}

TEST(sched_policy_of_a_plain_process)
{
    struct sched_param param = {.sched_priority = 9};
    CHECK_EQ(sched_getscheduler(0), SCHED_OTHER);
    OK(sched_getparam(0, &param));
    CHECK_EQ(param.sched_priority, 0);
    CHECK_EQ(sched_get_priority_max(SCHED_OTHER), 0);
    CHECK_EQ(sched_get_priority_min(SCHED_FIFO), 1);
    CHECK_EQ(sched_get_priority_max(SCHED_FIFO), 99);
    CHECK_ERRNO(sched_get_priority_max(99), EINVAL);
    CHECK_ERRNO(sched_getscheduler(-1), EINVAL);
    CHECK_ERRNO(sched_getscheduler(999999), ESRCH);
}

TEST(sched_affinity_has_a_cpu)
{
    cpu_set_t set;
    CPU_ZERO(&set);
    OK(sched_getaffinity(0, sizeof set, &set));
    CHECK(CPU_COUNT(&set) >= 1);
    OK(sched_setaffinity(0, sizeof set, &set));
    CPU_ZERO(&set);
    CHECK_ERRNO(sched_setaffinity(0, sizeof set, &set), EINVAL);
    CHECK_ERRNO(sched_getaffinity(999999, sizeof set, &set), ESRCH);
    CHECK_ERRNO(syscall(SYS_sched_getaffinity, 0, 1, &set), EINVAL);
    CHECK_ERRNO(syscall(SYS_sched_getaffinity, 0, sizeof set, nullptr), EFAULT);
    CHECK(syscall(SYS_sched_getaffinity, 0, sizeof set, &set) >= 8);
    OK(sched_yield());
}

TEST(personality_and_getcpu)
{
    unsigned cpu = 9999, node = 9999;
    CHECK_EQ(syscall(SYS_personality, 0xffffffff), 0);
    OK(syscall(SYS_getcpu, &cpu, &node, nullptr));
    CHECK(cpu < 1024 && node < 64);
    OK(syscall(SYS_getcpu, nullptr, nullptr, nullptr));
    CHECK(sched_getcpu() >= 0);
}

/* Ends itself by SIGABRT with RLIMIT_CORE at LIMIT: its wait status. */
static int abort_with(rlim_t limit)
{
    pid_t pid = (pid_t)OK(fork());
    if (pid == 0) {
        struct rlimit core = {limit, limit};
        OK(setrlimit(RLIMIT_CORE, &core));
        raise(SIGABRT);
    }
    return child_wait(pid);
}

static bool has_core_file(void)
{
    glob_t found;
    bool is_found = glob("core*", 0, nullptr, &found) == 0;
    globfree(&found);
    return is_found;
}

TEST(core_is_told_of_only_when_it_was_written)
{
    char pattern[256];
    CHECK_EQ(abort_with(0), SIGABRT);
    CHECK(!has_core_file());
    file_read("/proc/sys/kernel/core_pattern", pattern, sizeof pattern);
    if (strncmp(pattern, "core", 4) != 0)
        test_skip("cores go elsewhere");
    int status = abort_with(64 << 20);
    CHECK_EQ(status & 0x7f, SIGABRT);
    CHECK_EQ(!!WCOREDUMP(status), has_core_file());
}

static volatile sig_atomic_t over_time;

static void counts_xcpu(int)
{
    over_time++;
}

TEST(rlimit_cpu_signals_each_second_until_the_hard_limit_kills)
{
    volatile int *count =
        mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    CHECK(count != MAP_FAILED);
    pid_t pid = (pid_t)OK(fork());
    if (pid == 0) {
        struct rlimit limit = {1, 3};
        signal(SIGXCPU, counts_xcpu);
        OK(setrlimit(RLIMIT_CPU, &limit));
        for (;;)
            *count = over_time;
    }
    CHECK_EQ(child_wait(pid) & 0x7f, SIGKILL);
    CHECK_EQ(*count, 2);
}
