/* SPDX-License-Identifier: BSD-2-Clause */
/* hash.h - hashing of names and numbers for tables. */
#pragma once

#include <stddef.h>
#include <stdint.h>

/* Mix N so that its high bits are good table indices (Knuth's multiplicative method). */
static inline uint64_t hash_u64(uint64_t n)
{
    n *= 0x9e3779b97f4a7c15;
    return n ^ (n >> 32);
}

/* FNV-1a. */
static inline uint64_t hash_bytes(const void *data, size_t n)
{
    const uint8_t *p = data;
    uint64_t h = 0xcbf29ce484222325;
    for (size_t i = 0; i < n; i++)
        h = (h ^ p[i]) * 0x100000001b3;
    return hash_u64(h);
}
