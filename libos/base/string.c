/* SPDX-License-Identifier: BSD-2-Clause */
/* string.c - the memory and string functions of C that the libOS uses. */
#include "base/string.h"
#include <stdint.h>

#ifdef LIBOS
void *memcpy(void *restrict to, const void *restrict from, size_t n)
{
    uint8_t *t = to;
    const uint8_t *f = from;
    for (; n >= 32; n -= 32, t += 32, f += 32) {
        uint64_t a, b, c, d;
        __builtin_memcpy_inline(&a, f, 8);
        __builtin_memcpy_inline(&b, f + 8, 8);
        __builtin_memcpy_inline(&c, f + 16, 8);
        __builtin_memcpy_inline(&d, f + 24, 8);
        __builtin_memcpy_inline(t, &a, 8);
        __builtin_memcpy_inline(t + 8, &b, 8);
        __builtin_memcpy_inline(t + 16, &c, 8);
        __builtin_memcpy_inline(t + 24, &d, 8);
    }
    for (; n >= 8; n -= 8, t += 8, f += 8)
        __builtin_memcpy_inline(t, f, 8);
    while (n--)
        *(volatile uint8_t *)t++ = *f++;
    return to;
}

void *memmove(void *to, const void *from, size_t n)
{
    uint8_t *t = to;
    const uint8_t *f = from;
    if (t <= f || t >= f + n)
        return t == f ? to : memcpy(to, from, n); /* forward is safe */
    for (; n >= 8; n -= 8) {
        uint64_t word;
        __builtin_memcpy_inline(&word, f + n - 8, 8);
        __builtin_memcpy_inline(t + n - 8, &word, 8);
    }
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
        *(volatile uint8_t *)t++ = (uint8_t)byte;
    return to;
}

int memcmp(const void *a, const void *b, size_t n)
{
    const uint8_t *x = a, *y = b;
    for (; n > 0; n--, x++, y++)
        if (*x != *y)
            return *x - *y;
    return 0;
}

void *memchr(const void *in, int byte, size_t n)
{
    for (const uint8_t *p = in; n > 0; n--, p++)
        if (*p == (uint8_t)byte)
            return (void *)p;
    return nullptr;
}

size_t strlen(const char *s)
{
    const char *end = s;
    while (*(const volatile char *)end)
        end++;
    return (size_t)(end - s);
}

size_t strnlen(const char *s, size_t n)
{
    size_t i = 0;
    while (i < n && s[i])
        i++;
    return i;
}

int strcmp(const char *a, const char *b)
{
    while (*a && *a == *b) {
        a++;
        b++;
    }
    return (uint8_t)*a - (uint8_t)*b;
}

int strncmp(const char *a, const char *b, size_t n)
{
    for (; n > 0; n--, a++, b++)
        if (*a != *b || !*a)
            return (uint8_t)*a - (uint8_t)*b;
    return 0;
}

char *strchr(const char *s, int c)
{
    for (;; s++) {
        if (*s == (char)c)
            return (char *)s;
        if (!*s)
            return nullptr;
    }
}

char *strrchr(const char *s, int c)
{
    const char *last = nullptr;
    for (;; s++) {
        if (*s == (char)c)
            last = s;
        if (!*s)
            return (char *)last;
    }
}

char *strstr(const char *s, const char *part)
{
    size_t n = strlen(part);
    for (;; s++) {
        if (strncmp(s, part, n) == 0)
            return (char *)s;
        if (!*s)
            return nullptr;
    }
}
#endif

size_t string_copy(char *to, const char *from, size_t size)
{
    size_t n = strlen(from);
    if (size > 0) {
        size_t kept = n < size ? n : size - 1;
        memcpy(to, from, kept);
        to[kept] = 0;
    }
    return n;
}
