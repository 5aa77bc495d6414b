/* SPDX-License-Identifier: BSD-2-Clause */
/* font.h - the screen's font, which tools/gen/font.py makes at build time. */
#pragma once

#include <stdint.h>

constexpr unsigned FONT_WIDTH = 8, FONT_HEIGHT = 16;

struct glyph {
    uint16_t code;             /* Unicode */
    uint8_t cp437;             /* the same on a text screen of a PC; 0: it has none */
    uint8_t rows[FONT_HEIGHT]; /* the leftmost pixel is the highest bit */
};

extern const struct glyph font_glyphs[]; /* ascending by code */
extern const unsigned font_count;

/* CODE's glyph, or the replacement's; never null. */
const struct glyph *font_find(uint16_t code);
