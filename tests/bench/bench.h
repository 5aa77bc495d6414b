/* SPDX-License-Identifier: BSD-2-Clause */
/* bench.h - the rows of the benchmark: what each measures, and what they share.
 *
 * A row is one operation of a system.  Each runs in a process and an empty directory of its own:
 * `setup` once, then `run` many times; what is left over (processes, files) goes with the row's
 * process group and directory.  A row that the system cannot do calls fail() and ends there.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

struct row {
    const char *name;
    const char *what; /* one line for people */
    void (*setup)(const struct row *row);
    void (*run)(const struct row *row, long count); /* do it COUNT times */
    long arg;                                       /* a size or number for setup and run */
    size_t bytes;                                   /* moved by one operation: a bandwidth, or 0 */
};

struct group {
    const char *name;
    const struct row *rows;
    size_t count;
};

#define GROUP(group_name, table)                                                                   \
    const struct group table##_group = {group_name, table, sizeof(table) / sizeof((table)[0])}

extern const struct group call_rows_group, context_rows_group, file_rows_group, memory_rows_group,
    poll_rows_group, process_rows_group, signal_rows_group, stream_rows_group, thread_rows_group,
    whole_rows_group;

/* The directory that this program lies in; its helpers are beside it. */
extern char bench_directory[];

/* End the row: WHAT did not work, for the reason in errno (if any). */
[[noreturn]] void fail(const char *what);

/* The result of a call that must not fail. */
#define OK(call)                                                                                   \
    ({                                                                                             \
        auto ok_ = (call);                                                                         \
        if (ok_ == (typeof(ok_))-1)                                                                \
            fail(#call);                                                                           \
        ok_;                                                                                       \
    })

/* The cycle counter.  Under QEMU's -icount it counts instructions. */
static inline uint64_t cycles_now(void)
{
    return __builtin_ia32_rdtsc();
}

/* What `run` does between these two is not part of the operation. */
void timer_stop(void);
void timer_start(void);
