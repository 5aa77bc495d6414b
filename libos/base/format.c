/* SPDX-License-Identifier: BSD-2-Clause */
/* format.c - formatted output into memory (C23 7.23.6, integers and strings only). */
#include "base/format.h"
#include <stdint.h>
#include "base/string.h"

struct output {
    char *to;
    size_t size, n; /* n counts what would have been written */
};

struct spec {
    bool left, zero, plus, space, alternate;
    int width, precision; /* precision -1: none */
    int length;           /* bytes of the integer */
    char kind;
};

static void put(struct output *out, char c)
{
    if (out->n + 1 < out->size)
        out->to[out->n] = c;
    out->n++;
}

static void put_padded(struct output *out, const struct spec *spec, const char *text, size_t n)
{
    size_t pad = spec->width > 0 && (size_t)spec->width > n ? (size_t)spec->width - n : 0;
    for (size_t i = 0; !spec->left && i < pad; i++)
        put(out, ' ');
    for (size_t i = 0; i < n; i++)
        put(out, text[i]);
    for (size_t i = 0; spec->left && i < pad; i++)
        put(out, ' ');
}

static const char *parse_number(const char *f, int *number, va_list *args)
{
    if (*f == '*') {
        *number = va_arg(*args, int);
        return f + 1;
    }
    for (*number = 0; *f >= '0' && *f <= '9'; f++)
        *number = *number * 10 + (*f - '0');
    return f;
}

static const char *parse_length(const char *f, struct spec *spec)
{
    spec->length = sizeof(int);
    if (f[0] == 'h')
        return f[1] == 'h' ? (spec->length = 1, f + 2) : (spec->length = 2, f + 1);
    if (f[0] == 'l' || f[0] == 'z' || f[0] == 'j' || f[0] == 't') {
        spec->length = 8;
        return f[0] == 'l' && f[1] == 'l' ? f + 2 : f + 1;
    }
    return f;
}

static const char *parse(const char *f, struct spec *spec, va_list *args)
{
    *spec = (struct spec){.precision = -1};
    for (;; f++) {
        if (*f == '-')
            spec->left = true;
        else if (*f == '0')
            spec->zero = true;
        else if (*f == '+')
            spec->plus = true;
        else if (*f == ' ')
            spec->space = true;
        else if (*f == '#')
            spec->alternate = true;
        else
            break;
    }
    f = parse_number(f, &spec->width, args);
    if (spec->width < 0) {
        spec->left = true;
        spec->width = -spec->width;
    }
    if (*f == '.')
        f = parse_number(f + 1, &spec->precision, args);
    f = parse_length(f, spec);
    spec->kind = *f;
    return f;
}

static void put_integer(struct output *out, const struct spec *spec, uint64_t value,
                        bool is_negative)
{
    char text[72];
    size_t at = sizeof text;
    uint32_t base = spec->kind == 'x' || spec->kind == 'X' || spec->kind == 'p' ? 16
                    : spec->kind == 'o'                                         ? 8
                                                                                : 10;
    const char *digits = spec->kind == 'X' ? "0123456789ABCDEF" : "0123456789abcdef";
    bool has_prefix = base == 16 && (spec->kind == 'p' || (spec->alternate && value != 0));
    char sign = is_negative ? '-' : spec->plus ? '+' : spec->space ? ' ' : 0;
    int least = spec->precision >= 0 ? spec->precision : 1;
    if (spec->precision < 0 && spec->zero && !spec->left)
        least = spec->width - (sign != 0) - 2 * has_prefix;
    int count = 0;
    for (; (value != 0 || count < least) && count < 64; count++, value /= base)
        text[--at] = digits[value % base];
    if (base == 8 && spec->alternate && text[at] != '0')
        text[--at] = '0';
    if (has_prefix) {
        text[--at] = spec->kind == 'X' ? 'X' : 'x';
        text[--at] = '0';
    }
    if (sign)
        text[--at] = sign;
    put_padded(out, spec, text + at, sizeof text - at);
}

static uint64_t signed_argument(const struct spec *spec, va_list *args, bool *is_negative)
{
    int64_t value = spec->length == 8 ? va_arg(*args, int64_t) : va_arg(*args, int);
    if (spec->length == 1)
        value = (int8_t)value;
    if (spec->length == 2)
        value = (int16_t)value;
    *is_negative = value < 0;
    return value < 0 ? -(uint64_t)value : (uint64_t)value;
}

static uint64_t unsigned_argument(const struct spec *spec, va_list *args)
{
    uint64_t value = spec->length == 8 ? va_arg(*args, uint64_t) : va_arg(*args, unsigned);
    return spec->length == 1 ? (uint8_t)value : spec->length == 2 ? (uint16_t)value : value;
}

static void put_argument(struct output *out, const struct spec *spec, va_list *args)
{
    bool is_negative = false;
    switch (spec->kind) {
    case 'd':
    case 'i': {
        uint64_t value = signed_argument(spec, args, &is_negative);
        put_integer(out, spec, value, is_negative);
        break;
    }
    case 'u':
    case 'x':
    case 'X':
    case 'o': put_integer(out, spec, unsigned_argument(spec, args), false); break;
    case 'p': put_integer(out, spec, (uintptr_t)va_arg(*args, void *), false); break;
    case 'c': put_padded(out, spec, &(char){(char)va_arg(*args, int)}, 1); break;
    case 's': {
        const char *s = va_arg(*args, const char *);
        if (!s)
            s = "(null)";
        put_padded(out, spec, s,
                   spec->precision >= 0 ? strnlen(s, (size_t)spec->precision) : strlen(s));
        break;
    }
    case '%': put(out, '%'); break;
    default:
        put(out, '%');
        put(out, spec->kind);
        break;
    }
}

int vsnprintf(char *to, size_t size, const char *format, va_list args)
{
    struct output out = {.to = to, .size = size};
    va_list rest;
    va_copy(rest, args);
    for (; *format; format++) {
        struct spec spec;
        if (*format != '%') {
            put(&out, *format);
            continue;
        }
        format = parse(format + 1, &spec, &rest);
        put_argument(&out, &spec, &rest);
        if (!*format)
            break;
    }
    va_end(rest);
    if (size > 0)
        to[out.n < size ? out.n : size - 1] = 0;
    return (int)out.n;
}

int snprintf(char *to, size_t size, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    int n = vsnprintf(to, size, format, args);
    va_end(args);
    return n;
}
