/* SPDX-License-Identifier: BSD-2-Clause */
/* entropy.h - the processor's random numbers (SDM vol. 1, 7.3.17). */
#pragma once

#include <stdint.h>

enum {
    ENTROPY_RDSEED = 1,
    ENTROPY_RDRAND = 2
};

/* Which instructions there are. */
static inline unsigned arch_entropy_sources(void)
{
    unsigned sources = 0;
    uint32_t a = 1, b, c = 0, d;
    __asm__ volatile("cpuid" : "+a"(a), "=b"(b), "+c"(c), "=d"(d));
    if (c >> 30 & 1)
        sources |= ENTROPY_RDRAND;
    a = 0, c = 0;
    __asm__ volatile("cpuid" : "+a"(a), "=b"(b), "+c"(c), "=d"(d));
    if (a < 7)
        return sources;
    a = 7, c = 0;
    __asm__ volatile("cpuid" : "+a"(a), "=b"(b), "+c"(c), "=d"(d));
    if (b >> 18 & 1)
        sources |= ENTROPY_RDSEED;
    return sources;
}

/* A number from the best of SOURCES; false: none is ready. */
static inline bool arch_entropy(unsigned sources, uint64_t *number)
{
    bool ok = false;
    /* Either may be out of numbers for a moment. */
    for (int tries = 0; tries < 10 && !ok && (sources & ENTROPY_RDSEED); tries++)
        __asm__ volatile("rdseed %0" : "=r"(*number), "=@ccc"(ok));
    for (int tries = 0; tries < 10 && !ok && (sources & ENTROPY_RDRAND); tries++)
        __asm__ volatile("rdrand %0" : "=r"(*number), "=@ccc"(ok));
    return ok;
}
