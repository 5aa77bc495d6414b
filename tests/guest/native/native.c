/* SPDX-License-Identifier: BSD-2-Clause */
/* native.c - what native test programs share. */
#include "native.h"
#include <stdarg.h>

uint64_t native_last;
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
