/* SPDX-License-Identifier: BSD-2-Clause */
/* random.h - random numbers for programs and for the libOS (random(4), random(7)).
 *
 * One generator for the domain: ChaCha20 whose key is replaced by its own output with every
 * request, so that what was handed out cannot be computed from a later state.  Seeded at the start
 * from RDSEED or RDRAND, if the processor has them, and from the jitter of the cycle counter; mixed
 * again with both as time goes by.  It is ready from the start and never blocks.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

void random_init(void);
void random_bytes(void *to, size_t n);
/* Stir DATA in; the state gets no worse whatever it is. */
void random_mix(const void *data, size_t n);

static inline uint64_t random_u64(void)
{
    uint64_t number;
    random_bytes(&number, sizeof number);
    return number;
}

/* 16 random bytes as a version 4 UUID (RFC 9562, 5.4) in text, 36 characters and NUL. */
void random_uuid(char text[37]);
