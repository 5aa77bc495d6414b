/* SPDX-License-Identifier: BSD-2-Clause */
/* log_ring.h - the latest messages of the libOS, for syslog(2). */
#pragma once

#include <stddef.h>
#include <stdint.h>

constexpr size_t LOG_RING_BYTES = 16384;

void log_ring_add(const char *text, size_t n);
/* How many bytes have ever been added; the oldest that is still there. */
uint64_t log_ring_end(void);
uint64_t log_ring_begin(void);
/* The byte at position AT, begin <= AT < end. */
char log_ring_byte(uint64_t at);
