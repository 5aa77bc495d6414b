/* SPDX-License-Identifier: BSD-2-Clause */
/* text.h - text that grows as it is written.
 *
 * Once memory is exhausted everything further is dropped and `failed` says so: the writer need not
 * check each call.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

struct text {
    char *data; /* not ended by NUL */
    size_t length, room;
    bool failed;
};

[[gnu::format(printf, 2, 3)]] void text_add(struct text *text, const char *format, ...);
void text_add_bytes(struct text *text, const void *bytes, size_t n);
void text_add_char(struct text *text, char c);
/* At least WIDTH digits. */
void text_add_octal(struct text *text, uint64_t number, unsigned width);
/* S with each character of SPECIAL, and \, as \ooo (proc(5): names in maps and mounts). */
void text_add_escaped(struct text *text, const char *s, const char *special);
/* Blanks until the line, which began at FROM, has WIDTH characters. */
void text_pad(struct text *text, size_t from, size_t width);
/* N bytes more, to be filled in by the caller, who may then lower `length`; null: no memory. */
char *text_reserve(struct text *text, size_t n);
void text_release(struct text *text);
