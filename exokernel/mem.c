/* SPDX-License-Identifier: BSD-2-Clause */
/* mem.c - copying, clearing and comparing memory. */
#include "mem.h"
#include <exo/abi.h>

void *memcpy(void *restrict to, const void *restrict from, size_t n)
{
    uint8_t *t = to;
    const uint8_t *f = from;
    for (; n >= 8; n -= 8, t += 8, f += 8)
        __builtin_memcpy_inline(t, f, 8);
    while (n--)
        *t++ = *f++;
    return to;
}

void *memmove(void *to, const void *from, size_t n)
{
    uint8_t *t = to;
    const uint8_t *f = from;
    if (t < f)
        for (size_t i = 0; i < n; i++)
            ((volatile uint8_t *)t)[i] = f[i];
    else
        while (n--)
            ((volatile uint8_t *)t)[n] = f[n];
    return to;
}

void *memset(void *to, int byte, size_t n)
{
    uint8_t *t = to;
    uint64_t word = (uint8_t)byte * 0x0101010101010101ull;
    for (; n >= 8; n -= 8, t += 8)
        __builtin_memcpy_inline(t, &word, 8);
    while (n--)
        *t++ = (uint8_t)byte;
    return to;
}

int memcmp(const void *a, const void *b, size_t n)
{
    return mem_compare(a, b, n);
}

int mem_compare(const void *a, const void *b, size_t n)
{
    const uint8_t *x = a, *y = b;
    for (size_t i = 0; i < n; i++)
        if (x[i] != y[i])
            return x[i] < y[i] ? -1 : 1;
    return 0;
}

size_t mem_string_length(const char *s)
{
    size_t n = 0;
    while (s[n])
        n++;
    return n;
}

void mem_clear_frame(void *frame)
{
    uint64_t *words = frame;
    for (uint32_t i = 0; i < EXO_FRAME_BYTES / 8; i += 4) {
        words[i] = 0;
        words[i + 1] = 0;
        words[i + 2] = 0;
        words[i + 3] = 0;
    }
}
