/* SPDX-License-Identifier: BSD-2-Clause */
/* paint.c - cells onto a screen's memory: pixels of 2, 3 or 4 bytes, or a PC's text cells. */
#include "drivers/screen/paint.h"

#include "base/bits.h"
#include "base/string.h"
#include "drivers/screen/font.h"

constexpr unsigned UNDERLINE_ROW = 14;
constexpr uint8_t NO_SUCH_TEXT = 0xfe; /* a small square, on a text screen */

/* What Linux's console shows: the PC's colours, in ANSI's order. */
static const uint32_t rgb[16] = {
    0x000000, 0xaa0000, 0x00aa00, 0xaa5500, 0x0000aa, 0xaa00aa, 0x00aaaa, 0xaaaaaa,
    0x555555, 0xff5555, 0x55ff55, 0xffff55, 0x5555ff, 0xff55ff, 0x55ffff, 0xffffff,
};

/* Eight bits of a colour, as many as it has, in their place. */
static uint32_t part(uint32_t value, struct exo_colour place)
{
    uint32_t wide = value * 0x101; /* sixteen bits of the same brightness */
    return wide >> (16 - place.bits) << place.shift;
}

void painter_init(struct painter *painter, void *base, const struct exo_device *device)
{
    bool is_text = device->kind == EXO_DEVICE_TEXT;
    *painter = (struct painter){
        .base = base,
        .pitch = device->pitch,
        .width = device->width,
        .height = device->height,
        .pixel_bytes = is_text ? 0 : (uint8_t)((device->bits_per_pixel + 7) / 8),
    };
    for (unsigned i = 0; i < 16; i++) {
        /* A text screen counts blue as 1 and red as 4. */
        uint32_t text = (i & 10) | (i & 1) << 2 | (i & 4) >> 2;
        painter->colour[i] = is_text ? text
                                     : part(rgb[i] >> 16, device->red) |
                                           part(rgb[i] >> 8 & 0xff, device->green) |
                                           part(rgb[i] & 0xff, device->blue);
    }
}

uint16_t painter_columns(const struct painter *painter)
{
    uint32_t n = painter->pixel_bytes ? painter->width / FONT_WIDTH : painter->width;
    return (uint16_t)MIN(n, VT_COLUMNS_MAX);
}

uint16_t painter_rows(const struct painter *painter)
{
    uint32_t n = painter->pixel_bytes ? painter->height / FONT_HEIGHT : painter->height;
    return (uint16_t)MIN(n, VT_ROWS_MAX);
}

void painter_clear(const struct painter *painter)
{
    for (uint32_t y = 0; y < painter->height; y++)
        memset(painter->base + (size_t)y * painter->pitch, 0,
               painter->width * (painter->pixel_bytes ? painter->pixel_bytes : 2u));
}

static void pixels_2(uint8_t *at, uint8_t bits, uint32_t fg, uint32_t bg)
{
    volatile uint16_t *pixel = (volatile uint16_t *)at;
    for (unsigned mask = 0x80; mask; mask >>= 1)
        *pixel++ = (uint16_t)(bits & mask ? fg : bg);
}

static void pixels_3(uint8_t *at, uint8_t bits, uint32_t fg, uint32_t bg)
{
    volatile uint8_t *byte = at;
    for (unsigned mask = 0x80; mask; mask >>= 1) {
        uint32_t colour = bits & mask ? fg : bg;
        *byte++ = (uint8_t)colour;
        *byte++ = (uint8_t)(colour >> 8);
        *byte++ = (uint8_t)(colour >> 16);
    }
}

static void pixels_4(uint8_t *at, uint8_t bits, uint32_t fg, uint32_t bg)
{
    volatile uint32_t *pixel = (volatile uint32_t *)at;
    for (unsigned mask = 0x80; mask; mask >>= 1)
        *pixel++ = bits & mask ? fg : bg;
}

static void glyph_paint(const struct painter *painter, unsigned x, unsigned y,
                        const struct glyph *glyph, bool underline, uint32_t fg, uint32_t bg)
{
    uint8_t *at = painter->base + (size_t)y * FONT_HEIGHT * painter->pitch +
                  (size_t)x * FONT_WIDTH * painter->pixel_bytes;
    for (unsigned row = 0; row < FONT_HEIGHT; row++, at += painter->pitch) {
        uint8_t bits = underline && row == UNDERLINE_ROW ? 0xff : glyph->rows[row];
        if (painter->pixel_bytes == 4)
            pixels_4(at, bits, fg, bg);
        else if (painter->pixel_bytes == 2)
            pixels_2(at, bits, fg, bg);
        else
            pixels_3(at, bits, fg, bg);
    }
}

void painter_cell(const struct painter *painter, unsigned x, unsigned y, struct vt_cell cell)
{
    const struct glyph *glyph = font_find(cell.ch);
    uint8_t fg = cell.colours & 15, bg = cell.colours >> 4;
    if (cell.flags & VT_CURSOR) {
        uint8_t swap = fg;
        fg = bg;
        bg = swap == bg ? swap ^ 7 : swap; /* to be seen on a ground of the character's colour */
    }
    if (painter->pixel_bytes) {
        glyph_paint(painter, x, y, glyph, cell.flags & VT_UNDERLINE, painter->colour[fg],
                    painter->colour[bg]);
        return;
    }
    volatile uint16_t *text = (volatile uint16_t *)(painter->base + (size_t)y * painter->pitch) + x;
    uint32_t colours = painter->colour[fg] | (painter->colour[bg] & 7) << 4;
    *text = (uint16_t)((glyph->cp437 ? glyph->cp437 : NO_SUCH_TEXT) | colours << 8);
}
