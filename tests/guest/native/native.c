/* SPDX-License-Identifier: BSD-2-Clause */
/* native.c - what native test programs share. */
#include "native.h"
#include <stdarg.h>

static uint32_t passed, failed;
static exo_frame next_frame;
static const struct exo_info *facts = (const struct exo_info *)EXO_INFO_VA;

static uint32_t put_number(char *to, uint64_t value, uint32_t base)
{
    char digits[20];
    uint32_t n = 0, length;
    do {
        digits[n++] = "0123456789abcdef"[value % base];
        value /= base;
    } while (value);
    for (length = 0; n > 0; length++)
        to[length] = digits[--n];
    return length;
}

void native_log(const char *format, ...)
{
    char line[256];
    uint32_t n = 0;
    uint64_t out;
    va_list args;
    va_start(args, format);
    for (; *format && n < 200; format++) {
        if (*format != '%') {
            line[n++] = *format;
            continue;
        }
        format++;
        bool is_long = *format == 'l';
        format += is_long;
        if (*format == 's') {
            for (const char *s = va_arg(args, const char *); *s && n < 200; s++)
                line[n++] = *s;
        } else {
            uint64_t value = is_long ? va_arg(args, uint64_t) : va_arg(args, uint32_t);
            n += put_number(line + n, value, *format == 'u' ? 10 : 16);
        }
    }
    va_end(args);
    line[n++] = '\n';
    exo_log_write((exo_uaddr)line, n, &out);
}

void native_check(bool good, const char *name, uint64_t got, uint64_t want)
{
    if (good) {
        passed++;
        native_log("ok %s", name);
    } else {
        failed++;
        native_log("not ok %s (got %lx, wanted %lx)", name, got, want);
    }
}

void native_done(void)
{
    native_log("%u passed, %u failed", passed, failed);
    exo_power(EXO_POWER_OFF, failed != 0);
    for (;;)
        ;
}

exo_frame native_frames(uint32_t count)
{
    /* The largest range, from its start upwards. */
    const struct exo_range *best = &facts->ranges[0];
    for (uint32_t i = 1; i < facts->range_count; i++)
        if (facts->ranges[i].count > best->count)
            best = &facts->ranges[i];
    if (next_frame == 0)
        next_frame = best->first;
    next_frame += count;
    return next_frame - count;
}

exo_frame native_frame(void)
{
    return native_frames(1);
}

uint64_t native_va(uint32_t count)
{
    static uint64_t next = EXO_REGION_BASE + (1ull << 30);
    next += count * EXO_FRAME_BYTES;
    return next - count * EXO_FRAME_BYTES;
}

void *native_map(exo_frame frame)
{
    uint64_t va = native_va(1), count;
    enum exo_status status =
        exo_space_map(EXO_CAP_BOOT_SPACE, va | EXO_READ | EXO_WRITE, frame, 1, &count);
    if (status == EXO_NOTABLE) {
        exo_frame tables[8];
        for (uint32_t i = 0; i < 8; i++)
            tables[i] = native_frame();
        exo_table_give(EXO_CAP_SELF, (exo_uaddr)tables, 8, &count);
        status = exo_space_map(EXO_CAP_BOOT_SPACE, va | EXO_READ | EXO_WRITE, frame, 1, &count);
    }
    if (status != EXO_OK) {
        native_log("cannot map frame %x: status %u", frame, (uint32_t)status);
        exo_power(EXO_POWER_FAIL, 0);
    }
    return (void *)va;
}

uint64_t native_cycles(void)
{
    uint32_t lo, hi;
    __asm__ volatile("rdtsc" : "=a"(lo), "=d"(hi));
    return (uint64_t)hi << 32 | lo;
}

/* The compiler may call these. */
void *memset(void *to, int byte, size_t n);
void *memset(void *to, int byte, size_t n)
{
    for (size_t i = 0; i < n; i++)
        ((volatile uint8_t *)to)[i] = (uint8_t)byte;
    return to;
}

void *memcpy(void *restrict to, const void *restrict from, size_t n);
void *memcpy(void *restrict to, const void *restrict from, size_t n)
{
    for (size_t i = 0; i < n; i++)
        ((volatile uint8_t *)to)[i] = ((const uint8_t *)from)[i];
    return to;
}
