/* SPDX-License-Identifier: BSD-2-Clause */
/* types.h - small types used all over the libOS. */
#pragma once

#include <stddef.h>
#include <stdint.h>

/* The same types as a host's C library has, so that both may be seen (unit tests). */
typedef int64_t ssize_t;
typedef int64_t loff_t;

typedef uint64_t uaddr_t; /* an address in the current process, never dereferenced directly */

struct timespec64 {
    int64_t sec;
    int64_t nsec; /* 0 to 999,999,999 */
};
