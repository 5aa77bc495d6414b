/* SPDX-License-Identifier: BSD-2-Clause */
/* vdso.c - clock calls that need not enter the libOS (vdso(7)).
 *
 * A shared object of its own, mapped into every program, with the clock's parameters in
 * the page before it.  Names and versions are Linux's.
 */
#include <asm/unistd_64.h>
#include <linux/time.h>
#include <linux/types.h>
#include "sched/time.h"

extern const char __ehdr_start[] __attribute__((visibility("hidden")));

constexpr uint64_t NS_PER_S = 1000000000;

static const struct time_params *params(void)
{
    return (const struct time_params *)(__ehdr_start - PAGE_SIZE);
}

static long system_call(long nr, uint64_t a0, uint64_t a1, uint64_t a2)
{
    long result = nr;
    __asm__ volatile("syscall" : "+a"(result) : "D"(a0), "S"(a1), "d"(a2) : "rcx", "r11", "memory");
    return result;
}

struct clock_reading {
    uint64_t mono_ns;
    int64_t real_offset_ns, tai_offset_ns;
};

/* The writer makes seq odd, changes, makes it even again. */
static struct clock_reading clock_read(void)
{
    const struct time_params *p = params();
    struct clock_reading r;
    uint32_t seq;
    do {
        seq = __atomic_load_n(&p->seq, __ATOMIC_ACQUIRE) & ~1u;
        uint32_t lo, hi;
        __asm__ volatile("rdtsc" : "=a"(lo), "=d"(hi));
        uint64_t cycles = ((uint64_t)hi << 32 | lo) - p->base_tsc;
        r.mono_ns = p->base_mono_ns + (uint64_t)((unsigned __int128)cycles * p->mult >> p->shift);
        r.real_offset_ns = p->real_offset_ns;
        r.tai_offset_ns = p->tai_offset_ns;
        __atomic_thread_fence(__ATOMIC_ACQUIRE);
    } while (__atomic_load_n(&p->seq, __ATOMIC_RELAXED) != seq);
    return r;
}

int __vdso_clock_gettime(int clock, struct __kernel_timespec *to);
int __vdso_clock_gettime(int clock, struct __kernel_timespec *to)
{
    struct clock_reading r;
    uint64_t ns;
    switch (clock) {
    case CLOCK_REALTIME:
        r = clock_read();
        ns = r.mono_ns + (uint64_t)r.real_offset_ns;
        break;
    case CLOCK_MONOTONIC:
    case CLOCK_MONOTONIC_RAW:
    case CLOCK_BOOTTIME: ns = clock_read().mono_ns; break;
    case CLOCK_TAI:
        r = clock_read();
        ns = r.mono_ns + (uint64_t)(r.real_offset_ns + r.tai_offset_ns);
        break;
    default: return (int)system_call(__NR_clock_gettime, (uint64_t)(int64_t)clock, (uint64_t)to, 0);
    }
    to->tv_sec = (int64_t)(ns / NS_PER_S);
    to->tv_nsec = (int64_t)(ns % NS_PER_S);
    return 0;
}

int __vdso_clock_getres(int clock, struct __kernel_timespec *to);
int __vdso_clock_getres(int clock, struct __kernel_timespec *to)
{
    return (int)system_call(__NR_clock_getres, (uint64_t)(int64_t)clock, (uint64_t)to, 0);
}

int __vdso_gettimeofday(struct timeval *to, struct timezone *zone);
int __vdso_gettimeofday(struct timeval *to, struct timezone *zone)
{
    if (to) {
        struct clock_reading r = clock_read();
        uint64_t ns = r.mono_ns + (uint64_t)r.real_offset_ns;
        to->tv_sec = (int64_t)(ns / NS_PER_S);
        to->tv_usec = (int64_t)(ns % NS_PER_S / 1000);
    }
    if (zone)
        *zone = (struct timezone){0, 0};
    return 0;
}

long __vdso_time(long *to);
long __vdso_time(long *to)
{
    struct clock_reading r = clock_read();
    long seconds = (long)((r.mono_ns + (uint64_t)r.real_offset_ns) / NS_PER_S);
    if (to)
        *to = seconds;
    return seconds;
}

/* The kernel keeps the vcpu's number in TSC_AUX (SDM vol. 2B, RDTSCP). */
long __vdso_getcpu(unsigned *cpu, unsigned *node, void *unused);
long __vdso_getcpu(unsigned *cpu, unsigned *node, void *unused)
{
    uint32_t number;
    (void)unused;
    __asm__ volatile("rdtscp" : "=c"(number) : : "rax", "rdx");
    if (cpu)
        *cpu = number;
    if (node)
        *node = 0;
    return 0;
}

int clock_gettime(int, struct __kernel_timespec *)
    __attribute__((weak, alias("__vdso_clock_gettime")));
int clock_getres(int, struct __kernel_timespec *)
    __attribute__((weak, alias("__vdso_clock_getres")));
int gettimeofday(struct timeval *, struct timezone *)
    __attribute__((weak, alias("__vdso_gettimeofday")));
long time(long *) __attribute__((weak, alias("__vdso_time")));
long getcpu(unsigned *, unsigned *, void *) __attribute__((weak, alias("__vdso_getcpu")));
