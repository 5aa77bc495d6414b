/* SPDX-License-Identifier: BSD-2-Clause */
/* fuzz.h - what the fuzz targets share: reading decisions from the input, and complaining.
 *
 * A target is one NAME_fuzz.c with LLVMFuzzerTestOneInput (libFuzzer, of LLVM's documentation).
 * It leaves no state behind, so that an input does the same whatever ran before it.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* An input, read from its start; behind its end are zeroes. */
struct bytes {
    const uint8_t *at;
    size_t left;
};

static inline uint8_t bytes_u8(struct bytes *b)
{
    if (b->left == 0)
        return 0;
    b->left--;
    return *b->at++;
}

static inline uint32_t bytes_u16(struct bytes *b)
{
    uint32_t low = bytes_u8(b);
    return low | (uint32_t)bytes_u8(b) << 8;
}

static inline uint32_t bytes_u32(struct bytes *b)
{
    uint32_t low = bytes_u16(b);
    return low | bytes_u16(b) << 16;
}

/* Fill N bytes at TO. */
static inline void bytes_copy(struct bytes *b, void *to, size_t n)
{
    size_t some = n < b->left ? n : b->left;
    memset(to, 0, n);
    if (some)
        memcpy(to, b->at, some);
    b->at += some;
    b->left -= some;
}

/* COND must hold whatever the input is. */
#define MUST(cond) ((cond) ? (void)0 : fuzz_fail(__FILE__, __LINE__, #cond))
[[noreturn]] static inline void fuzz_fail(const char *file, int line, const char *what)
{
    fprintf(stderr, "%s:%d: does not hold: %s\n", file, line, what);
    abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);
