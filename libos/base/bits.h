/* SPDX-License-Identifier: BSD-2-Clause */
/* bits.h - rounding, minima and overflow-checked arithmetic. */
#pragma once

#include <stdint.h>

#define MIN(a, b)      ((a) < (b) ? (a) : (b))
#define MAX(a, b)      ((a) > (b) ? (a) : (b))
#define ARRAY_COUNT(a) (sizeof(a) / sizeof((a)[0]))

constexpr uint64_t PAGE_SHIFT = 12;
constexpr uint64_t PAGE_SIZE = 1ull << PAGE_SHIFT;
constexpr uint64_t PAGE_MASK = PAGE_SIZE - 1;

static inline uint64_t page_round_down(uint64_t n)
{
    return n & ~PAGE_MASK;
}

/* N must not lie in the last page of the number range. */
static inline uint64_t page_round_up(uint64_t n)
{
    return (n + PAGE_MASK) & ~PAGE_MASK;
}
