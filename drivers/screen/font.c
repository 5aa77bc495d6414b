/* SPDX-License-Identifier: BSD-2-Clause */
/* font.c - finding a glyph. */
#include "drivers/screen/font.h"

#include "drivers/screen/vt.h"

static const struct glyph *find(uint16_t code)
{
    unsigned low = 0, high = font_count;
    while (low < high) {
        unsigned middle = (low + high) / 2;
        if (font_glyphs[middle].code < code)
            low = middle + 1;
        else
            high = middle;
    }
    return low < font_count && font_glyphs[low].code == code ? &font_glyphs[low] : nullptr;
}

const struct glyph *font_find(uint16_t code)
{
    const struct glyph *glyph = find(code == 0 ? ' ' : code);
    if (!glyph)
        glyph = find(VT_REPLACEMENT);
    return glyph ? glyph : &font_glyphs[0];
}
