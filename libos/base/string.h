/* SPDX-License-Identifier: BSD-2-Clause */
/* string.h - the memory and string functions of C that the libOS uses.
 *
 * No string instructions: emulators run them one element at a time.  On the host
 * (unit tests) the C library's own serve.
 */
#pragma once

#ifdef LIBOS
#    include <stddef.h>
void *memcpy(void *restrict to, const void *restrict from, size_t n);
void *memmove(void *to, const void *from, size_t n);
void *memset(void *to, int byte, size_t n);
int memcmp(const void *a, const void *b, size_t n);
void *memchr(const void *in, int byte, size_t n);
size_t strlen(const char *s);
size_t strnlen(const char *s, size_t n);
int strcmp(const char *a, const char *b);
int strncmp(const char *a, const char *b, size_t n);
char *strchr(const char *s, int c);
char *strrchr(const char *s, int c);
char *strstr(const char *s, const char *part);
#else
#    include <string.h>
#endif

#include <stddef.h>
/* Copy FROM into TO of SIZE bytes, cut if need be, always ended by NUL.  Returns strlen(FROM). */
size_t string_copy(char *to, const char *from, size_t size);
