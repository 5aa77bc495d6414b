/* SPDX-License-Identifier: BSD-2-Clause */
/* trace_args_process.c - arguments of calls about processes, memory, time and the system. */
#include <asm/mman.h>
#include <linux/futex.h>
#include <linux/mman.h>
#include <linux/resource.h>
#include <linux/sched.h>
#include <linux/sysinfo.h>
#include <linux/time.h>
#include <linux/times.h>
#include <linux/utsname.h>
#include "base/bits.h"
#include "base/string.h"
#include "linux-api/abi.h"
#include "linux-api/trace_args.h"
#include "linux-api/trace_flags.h"

/* tv_nsec and tv_usec stand at the same place. */
struct two_words {
    int64_t sec, fraction;
};

static void add_timespec(struct text *text, const struct two_words *t)
{
    text_add(text, "{tv_sec=%lld, tv_nsec=%lld}", (long long)t->sec, (long long)t->fraction);
}

static void add_timeval(struct text *text, const struct two_words *t)
{
    text_add(text, "{tv_sec=%lld, tv_usec=%lld}", (long long)t->sec, (long long)t->fraction);
}

void trace_arg_timespec(struct text *text, const struct trace_arg *arg)
{
    struct two_words t;
    if (trace_fetch(text, arg, &t, sizeof t))
        add_timespec(text, &t);
}

void trace_arg_timespec_pair(struct text *text, const struct trace_arg *arg)
{
    struct two_words t[2];
    if (!trace_fetch(text, arg, t, sizeof t))
        return;
    text_add_char(text, '[');
    for (unsigned i = 0; i < 2; i++) {
        text_add(text, i > 0 ? ", " : "");
        if (t[i].fraction == UTIME_NOW)
            text_add(text, "UTIME_NOW");
        else if (t[i].fraction == UTIME_OMIT)
            text_add(text, "UTIME_OMIT");
        else
            add_timespec(text, &t[i]);
    }
    text_add_char(text, ']');
}

void trace_arg_timeval(struct text *text, const struct trace_arg *arg)
{
    struct two_words t;
    if (trace_fetch(text, arg, &t, sizeof t))
        add_timeval(text, &t);
}

void trace_arg_itimerval(struct text *text, const struct trace_arg *arg)
{
    struct two_words t[2];
    if (!trace_fetch(text, arg, t, sizeof t))
        return;
    text_add(text, "{it_interval=");
    add_timeval(text, &t[0]);
    text_add(text, ", it_value=");
    add_timeval(text, &t[1]);
    text_add_char(text, '}');
}

void trace_arg_itimerspec(struct text *text, const struct trace_arg *arg)
{
    struct two_words t[2];
    if (!trace_fetch(text, arg, t, sizeof t))
        return;
    text_add(text, "{it_interval=");
    add_timespec(text, &t[0]);
    text_add(text, ", it_value=");
    add_timespec(text, &t[1]);
    text_add_char(text, '}');
}

void trace_arg_utsname(struct text *text, const struct trace_arg *arg)
{
    struct new_utsname uts;
    if (trace_fetch(text, arg, &uts, sizeof uts))
        text_add(text, "{sysname=\"%s\", nodename=\"%s\", ...}", uts.sysname, uts.nodename);
}

void trace_arg_sysinfo(struct text *text, const struct trace_arg *arg)
{
    struct sysinfo info;
    if (trace_fetch(text, arg, &info, sizeof info))
        text_add(text, "{uptime=%ld, loads=[%lu, %lu, %lu], totalram=%lu, freeram=%lu, ...}",
                 info.uptime, info.loads[0], info.loads[1], info.loads[2], info.totalram,
                 info.freeram);
}

void trace_arg_tms(struct text *text, const struct trace_arg *arg)
{
    struct tms t;
    if (trace_fetch(text, arg, &t, sizeof t))
        text_add(text, "{tms_utime=%ld, tms_stime=%ld, tms_cutime=%ld, tms_cstime=%ld}",
                 t.tms_utime, t.tms_stime, t.tms_cutime, t.tms_cstime);
}

void trace_arg_rusage(struct text *text, const struct trace_arg *arg)
{
    struct rusage r;
    if (trace_fetch(text, arg, &r, sizeof r))
        text_add(text,
                 "{ru_utime={tv_sec=%ld, tv_usec=%ld}, ru_stime={tv_sec=%ld, tv_usec=%ld}, ...}",
                 (long)r.ru_utime.tv_sec, (long)r.ru_utime.tv_usec, (long)r.ru_stime.tv_sec,
                 (long)r.ru_stime.tv_usec);
}

static void add_limit(struct text *text, uint64_t limit)
{
    if (limit == UINT64_MAX)
        text_add(text, "RLIM64_INFINITY");
    else if (limit > 1024 && limit % 1024 == 0)
        text_add(text, "%llu*1024", (unsigned long long)(limit / 1024));
    else
        text_add(text, "%llu", (unsigned long long)limit);
}

void trace_arg_rlimit(struct text *text, const struct trace_arg *arg)
{
    struct rlimit64 limit;
    if (!trace_fetch(text, arg, &limit, sizeof limit))
        return;
    text_add(text, "{rlim_cur=");
    add_limit(text, limit.rlim_cur);
    text_add(text, ", rlim_max=");
    add_limit(text, limit.rlim_max);
    text_add_char(text, '}');
}

void trace_arg_cpu_set(struct text *text, const struct trace_arg *arg)
{
    uint64_t set = 0;
    size_t n = MIN(arg->call->arg[1], sizeof set);
    if (!trace_fetch(text, arg, &set, n))
        return;
    const char *separator = "";
    text_add_char(text, '[');
    for (unsigned i = 0; i < 64; i++) {
        if (set >> i & 1) {
            text_add(text, "%s%u", separator, i);
            separator = " ";
        }
    }
    text_add_char(text, ']');
}

/* Flags, with the signal to the parent in the low byte. */
static void add_clone_flags(struct text *text, uint64_t flags, uint64_t signal)
{
    if (flags)
        trace_add_flags(text, &trace_flags_clone, flags);
    if (signal) {
        text_add(text, flags ? "|" : "");
        trace_add_signal(text, (int)signal);
    }
    if (!flags && !signal)
        text_add_char(text, '0');
}

void trace_arg_clone_flags(struct text *text, const struct trace_arg *arg)
{
    add_clone_flags(text, arg->value & ~(uint64_t)CSIGNAL, arg->value & CSIGNAL);
}

void trace_arg_clone_args(struct text *text, const struct trace_arg *arg)
{
    struct clone_args a;
    if (!trace_fetch(text, arg, &a, CLONE_ARGS_SIZE_VER0))
        return;
    text_add(text, "{flags=");
    add_clone_flags(text, a.flags, 0);
    text_add(text, ", exit_signal=");
    trace_add_signal(text, (int)a.exit_signal);
    text_add(text, ", stack=");
    trace_add_address(text, a.stack);
    text_add(text, ", stack_size=%#llx, tls=", (unsigned long long)a.stack_size);
    trace_add_address(text, a.tls);
    text_add_char(text, '}');
}

void trace_arg_mmap_flags(struct text *text, const struct trace_arg *arg)
{
    trace_add_choice(text, &trace_flags_mmap_type, arg->value & MAP_TYPE);
    uint32_t rest = (uint32_t)arg->value & ~(uint32_t)MAP_TYPE;
    if (rest) {
        text_add_char(text, '|');
        trace_add_flags(text, &trace_flags_mmap, rest);
    }
}

void trace_arg_futex_op(struct text *text, const struct trace_arg *arg)
{
    uint32_t op = (uint32_t)arg->value;
    trace_add_choice(text, &trace_flags_futex, op & FUTEX_CMD_MASK);
    if (op & FUTEX_PRIVATE_FLAG)
        text_add(text, "_PRIVATE");
    if (op & FUTEX_CLOCK_REALTIME)
        text_add(text, "|FUTEX_CLOCK_REALTIME");
}

/* A time-out for the calls that wait, a number for the others. */
void trace_arg_futex_timeout(struct text *text, const struct trace_arg *arg)
{
    switch (arg->call->arg[1] & FUTEX_CMD_MASK) {
    case FUTEX_WAIT:
    case FUTEX_WAIT_BITSET:
    case FUTEX_LOCK_PI:
    case FUTEX_LOCK_PI2:
    case FUTEX_WAIT_REQUEUE_PI: trace_arg_timespec(text, arg); break;
    case FUTEX_REQUEUE:
    case FUTEX_CMP_REQUEUE:
    case FUTEX_CMP_REQUEUE_PI:
    case FUTEX_WAKE_OP: trace_arg_uint(text, arg); break;
    default: trace_add_address(text, arg->value); break;
    }
}
