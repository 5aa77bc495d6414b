/* SPDX-License-Identifier: BSD-2-Clause */
/* time_clock.c - clocks, sleeping, the vDSO. */
#include "test.h"

#include <elf.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/timex.h>
#include <time.h>
#include <unistd.h>

static int64_t ns_of(struct timespec ts)
{
    return ts.tv_sec * INT64_C(1000000000) + ts.tv_nsec;
}

TEST(clock_all_ids_work)
{
    static const clockid_t ids[] = {
        CLOCK_REALTIME,          CLOCK_MONOTONIC,     CLOCK_PROCESS_CPUTIME_ID,
        CLOCK_THREAD_CPUTIME_ID, CLOCK_MONOTONIC_RAW, CLOCK_REALTIME_COARSE,
        CLOCK_MONOTONIC_COARSE,  CLOCK_BOOTTIME,
    };
    for (size_t i = 0; i < sizeof ids / sizeof *ids; i++) {
        struct timespec ts = {-1, -1}, res = {-1, -1}, raw = {-1, -1};
        OK(clock_gettime(ids[i], &ts));
        CHECK(ts.tv_sec >= 0 && ts.tv_nsec >= 0 && ts.tv_nsec < 1000000000);
        OK(syscall(SYS_clock_gettime, ids[i], &raw));
        CHECK(ns_of(raw) >= ns_of(ts));
        OK(clock_getres(ids[i], &res));
        CHECK(ns_of(res) >= 1 && ns_of(res) <= 20000000);
    }
}

TEST(clock_errors)
{
    struct timespec ts;
    CHECK_ERRNO(clock_gettime(99, &ts), EINVAL);
    CHECK_ERRNO(clock_getres(99, &ts), EINVAL);
    CHECK_ERRNO(syscall(SYS_clock_gettime, CLOCK_REALTIME, nullptr), EFAULT);
    OK(syscall(SYS_clock_getres, CLOCK_REALTIME, nullptr));
    CHECK_ERRNO(clock_settime(CLOCK_MONOTONIC, &ts), EINVAL);
    IN_CHILD_AS(1000, 1000)
    {
        OK(clock_gettime(CLOCK_REALTIME, &ts));
        CHECK_ERRNO(clock_settime(CLOCK_REALTIME, &ts), EPERM);
    }
}

TEST(clock_monotonic_never_goes_back)
{
    int64_t last = clock_now_ns();
    for (int i = 0; i < 100000; i++) {
        int64_t now = clock_now_ns();
        CHECK(now >= last);
        last = now;
    }
}

TEST(clock_vdso_and_call_agree)
{
    struct timespec a, b, c;
    for (int i = 0; i < 1000; i++) {
        OK(clock_gettime(CLOCK_MONOTONIC, &a));
        OK(syscall(SYS_clock_gettime, CLOCK_MONOTONIC, &b));
        OK(clock_gettime(CLOCK_MONOTONIC, &c));
        CHECK(ns_of(a) <= ns_of(b) && ns_of(b) <= ns_of(c));
    }
}

TEST(clock_realtime_is_after_2024)
{
    struct timespec ts;
    struct timeval tv;
    OK(clock_gettime(CLOCK_REALTIME, &ts));
    CHECK(ts.tv_sec > 1704067200);
    OK(gettimeofday(&tv, nullptr));
    CHECK(tv.tv_sec >= ts.tv_sec && tv.tv_usec < 1000000);
    /* time(2) goes by the last tick, which may lie in the second before. */
    CHECK(time(nullptr) >= ts.tv_sec - 1);
    time_t now = 0;
    CHECK_EQ(time(&now), now);
    CHECK(syscall(SYS_time, nullptr) >= ts.tv_sec - 1);
    CHECK_ERRNO(syscall(SYS_gettimeofday, 8L, nullptr), EFAULT);
}

TEST(clock_cpu_time_runs_with_work_only)
{
    struct timespec start, after_sleep, after_work;
    OK(clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &start));
    sleep_ms(50);
    OK(clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &after_sleep));
    CHECK(ns_of(after_sleep) - ns_of(start) < 50000000);
    do
        OK(clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &after_work));
    while (ns_of(after_work) - ns_of(after_sleep) < 5000000);
    OK(clock_gettime(CLOCK_THREAD_CPUTIME_ID, &after_work));
    CHECK(clock() > 0);
}

TEST(clock_of_another_process)
{
    clockid_t id;
    struct timespec ts;
    CHECK_EQ(clock_getcpuclockid(getpid(), &id), 0);
    OK(clock_gettime(id, &ts));
    CHECK_EQ(clock_getcpuclockid(999999, &id), ESRCH);
}

TEST(nanosleep_sleeps_at_least_that_long)
{
    struct timespec req = {0, 20000000};
    int64_t start = clock_now_ns();
    OK(nanosleep(&req, nullptr));
    CHECK(clock_now_ns() - start >= 20000000);
    req = (struct timespec){};
    OK(nanosleep(&req, nullptr));
}

TEST(nanosleep_errors)
{
    struct timespec bad = {0, 1000000000}, negative = {-1, 0}, below = {0, -1};
    CHECK_ERRNO(nanosleep(&bad, nullptr), EINVAL);
    CHECK_ERRNO(nanosleep(&negative, nullptr), EINVAL);
    CHECK_ERRNO(nanosleep(&below, nullptr), EINVAL);
    CHECK_ERRNO(syscall(SYS_nanosleep, nullptr, nullptr), EFAULT);
}

TEST(clock_nanosleep_absolute)
{
    struct timespec until;
    OK(clock_gettime(CLOCK_MONOTONIC, &until));
    CHECK_EQ(clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, nullptr), 0);
    until.tv_nsec += 20000000;
    until.tv_sec += until.tv_nsec / 1000000000;
    until.tv_nsec %= 1000000000;
    CHECK_EQ(clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, nullptr), 0);
    CHECK(clock_now_ns() >= ns_of(until));
    CHECK_EQ(clock_nanosleep(99, 0, &until, nullptr), EINVAL);
    until.tv_nsec = -1;
    CHECK_EQ(clock_nanosleep(CLOCK_REALTIME, 0, &until, nullptr), EINVAL);
}

static volatile sig_atomic_t count;

static void handler_counts(int)
{
    count++;
}

TEST(clock_nanosleep_absolute_does_not_touch_the_rest)
{
    struct timespec until, left = {7, 7};
    signal(SIGALRM, handler_counts);
    OK(clock_gettime(CLOCK_MONOTONIC, &until));
    until.tv_sec += 100;
    alarm_every_ms(5);
    CHECK_EQ(clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, &left), EINTR);
    CHECK(left.tv_sec == 7 && left.tv_nsec == 7);
}

TEST(vdso_is_an_elf_image_with_the_clock_calls)
{
    const Elf64_Ehdr *image = (const Elf64_Ehdr *)getauxval(AT_SYSINFO_EHDR);
    CHECK(image);
    CHECK(!memcmp(image->e_ident, ELFMAG, SELFMAG));
    CHECK_EQ(image->e_type, ET_DYN);
    CHECK_EQ(image->e_machine, EM_X86_64);
    const Elf64_Phdr *segment = (const void *)((const char *)image + image->e_phoff);
    const Elf64_Dyn *dynamic = nullptr;
    for (int i = 0; i < image->e_phnum; i++)
        if (segment[i].p_type == PT_DYNAMIC)
            dynamic = (const void *)((const char *)image + segment[i].p_offset);
    CHECK(dynamic);
    const char *strings = nullptr;
    const Elf64_Sym *symbols = nullptr;
    for (; dynamic->d_tag; dynamic++) {
        if (dynamic->d_tag == DT_STRTAB)
            strings = (const char *)image + dynamic->d_un.d_ptr;
        if (dynamic->d_tag == DT_SYMTAB)
            symbols = (const void *)((const char *)image + dynamic->d_un.d_ptr);
    }
    CHECK(strings && symbols);
    static const char *const wanted[] = {"__vdso_clock_gettime", "__vdso_gettimeofday",
                                         "__vdso_time", "__vdso_getcpu"};
    int found = 0;
    /* The string table follows the symbol table, as linkers lay them out. */
    for (const Elf64_Sym *s = symbols + 1; (const char *)s < strings; s++)
        for (int i = 0; i < 4; i++)
            found += !strcmp(strings + s->st_name, wanted[i]);
    CHECK_EQ(found, 4);
}

TEST(file_times_follow_the_realtime_clock)
{
    struct timespec before, after;
    struct stat st;
    OK(clock_gettime(CLOCK_REALTIME_COARSE, &before));
    file_make("f", "x");
    OK(clock_gettime(CLOCK_REALTIME, &after));
    OK(stat("f", &st));
    CHECK(ns_of(st.st_mtim) >= ns_of(before));
    CHECK(ns_of(st.st_mtim) <= ns_of(after));
}

TEST(adjtimex_can_be_read)
{
    struct timex tx = {};
    CHECK(adjtimex(&tx) >= 0);
    CHECK(tx.tick > 0);
}
