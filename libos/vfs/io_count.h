/* SPDX-License-Identifier: BSD-2-Clause */
/* io_count.h - what a thread, or a process's ended threads, read and wrote (proc_pid_io(5)). */
#pragma once

#include <stdint.h>
#include "base/types.h"

struct io_count {
    uint64_t read_bytes, written_bytes;
    uint64_t reads, writes; /* calls, failed ones included */
};

/* One call has ended with RESULT, a number of bytes or a negative errno. */
static inline void io_count_add(struct io_count *io, bool is_write, ssize_t result)
{
    uint64_t bytes = result > 0 ? (uint64_t)result : 0;
    if (is_write) {
        io->writes++;
        io->written_bytes += bytes;
    } else {
        io->reads++;
        io->read_bytes += bytes;
    }
}

static inline void io_count_sum(struct io_count *sum, const struct io_count *io)
{
    sum->read_bytes += io->read_bytes;
    sum->written_bytes += io->written_bytes;
    sum->reads += io->reads;
    sum->writes += io->writes;
}
