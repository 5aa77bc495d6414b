/* SPDX-License-Identifier: BSD-2-Clause */
/* text.c - text that grows as it is written. */
#include "base/text.h"

#include <stdarg.h>
#include "base/bits.h"
#include "base/format.h"
#include "base/string.h"
#include "mm/heap.h"

constexpr size_t FIRST_ROOM = 512;

/* Room for N bytes more. */
static bool make_room(struct text *text, size_t n)
{
    if (text->failed)
        return false;
    if (n <= text->room - text->length)
        return true;
    size_t room = MAX(text->room * 2, FIRST_ROOM);
    while (room - text->length < n)
        room *= 2;
    char *data = heap_realloc(text->data, room);
    if (!data) {
        text->failed = true;
        return false;
    }
    text->data = data;
    text->room = room;
    return true;
}

void text_add(struct text *text, const char *format, ...)
{
    if (!text->data && !make_room(text, 1))
        return;
    for (;;) {
        size_t room = text->room - text->length;
        va_list args;
        va_start(args, format);
        int n = vsnprintf(text->data + text->length, room, format, args);
        va_end(args);
        if (n >= 0 && (size_t)n < room) {
            text->length += (size_t)n;
            return;
        }
        if (n < 0 || !make_room(text, (size_t)n + 1))
            return;
    }
}

void text_add_bytes(struct text *text, const void *bytes, size_t n)
{
    if (n == 0 || !make_room(text, n))
        return;
    memcpy(text->data + text->length, bytes, n);
    text->length += n;
}

void text_add_char(struct text *text, char c)
{
    text_add_bytes(text, &c, 1);
}

void text_add_octal(struct text *text, uint64_t number, unsigned width)
{
    char digits[22];
    unsigned n = 0;
    while (number > 0 || n < MAX(width, 1u)) {
        digits[sizeof digits - ++n] = (char)('0' + number % 8);
        number /= 8;
    }
    text_add_bytes(text, digits + sizeof digits - n, n);
}

void text_add_escaped(struct text *text, const char *s, const char *special)
{
    for (; *s; s++) {
        if (*s == '\\' || strchr(special, *s)) {
            text_add_char(text, '\\');
            text_add_octal(text, (uint8_t)*s, 3);
        } else {
            text_add_char(text, *s);
        }
    }
}

void text_pad(struct text *text, size_t from, size_t width)
{
    while (!text->failed && text->length - from < width)
        text_add_char(text, ' ');
}

char *text_reserve(struct text *text, size_t n)
{
    if (!make_room(text, n))
        return nullptr;
    text->length += n;
    return text->data + text->length - n;
}

void text_release(struct text *text)
{
    heap_free(text->data);
    *text = (struct text){};
}
