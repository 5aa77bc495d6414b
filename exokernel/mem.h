/* SPDX-License-Identifier: BSD-2-Clause */
/* mem.h - copying, clearing and comparing memory, by eight bytes where it can. */
#pragma once

#include <stddef.h>
#include <stdint.h>

/* The compiler may call these by their C names. */
void *memcpy(void *restrict to, const void *restrict from, size_t n);
void *memset(void *to, int byte, size_t n);
void *memmove(void *to, const void *from, size_t n);
int memcmp(const void *a, const void *b, size_t n);

int mem_compare(const void *a, const void *b, size_t n);
size_t mem_string_length(const char *s);
void mem_clear_frame(void *frame);
