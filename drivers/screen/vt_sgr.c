/* SPDX-License-Identifier: BSD-2-Clause */
/* vt_sgr.c - colours and weight (ECMA-48, 8.3.117; console_codes(4)).
 *
 * There are sixteen colours.  What the 256 of xterm or 24 bits ask for becomes the nearest.
 */
#include "drivers/screen/vt_internal.h"

#include "base/bits.h"

constexpr uint8_t DEFAULT_FG = 7, DEFAULT_BG = 0;
constexpr uint8_t BRIGHT = 8;

void vt_pen_reset(struct vt_pen *pen)
{
    *pen = (struct vt_pen){.fg = DEFAULT_FG, .bg = DEFAULT_BG};
}

uint8_t vt_pen_colours(const struct vt_pen *pen)
{
    /* As Linux does it: bold brightens what is the character's colour in the end. */
    uint8_t fg = pen->reverse ? pen->bg & 7 : pen->fg, bg = pen->reverse ? pen->fg & 7 : pen->bg;
    return (uint8_t)(fg | (pen->bold ? BRIGHT : 0) | bg << 4);
}

/* A colour is what of red, green and blue is strong in it; bright, if that is very strong. */
static uint8_t nearest(unsigned r, unsigned g, unsigned b)
{
    unsigned most = MAX(r, MAX(g, b)), least = MIN(r, MIN(g, b));
    if (most < 48)
        return 0;
    if (most - least < 32) /* a grey: black, dark, light, white */
        return most < 128 ? BRIGHT : most < 213 ? 7 : 15;
    unsigned limit = most / 2 + least / 4;
    uint8_t colour = (uint8_t)((r > limit ? 1 : 0) | (g > limit ? 2 : 0) | (b > limit ? 4 : 0));
    return most > 191 ? colour | BRIGHT : colour;
}

static uint8_t of_256(unsigned n)
{
    static const uint8_t level[6] = {0, 95, 135, 175, 215, 255};
    if (n < 16)
        return (uint8_t)n;
    if (n >= 232) {
        unsigned grey = MIN(8 + 10 * (n - 232), 255);
        return nearest(grey, grey, grey);
    }
    n -= 16;
    return nearest(level[n / 36], level[n / 6 % 6], level[n % 6]);
}

/* 38 or 48 at parameter I: the colour it names, or -1; moves *I to the last one used. */
static int extended(const struct vt *vt, unsigned *i)
{
    unsigned left = vt->params - *i - 1;
    const uint16_t *p = vt->param + *i + 1;
    if (left >= 2 && p[0] == 5) {
        *i += 2;
        return p[1] > 255 ? -1 : of_256(p[1]);
    }
    if (left >= 4 && p[0] == 2) {
        *i += 4;
        return nearest(MIN(p[1], 255), MIN(p[2], 255), MIN(p[3], 255));
    }
    *i += left; /* not understood: the rest would be misread */
    return -1;
}

static void set(uint8_t *colour, int value)
{
    if (value >= 0)
        *colour = (uint8_t)value;
}

static void one(struct vt_pen *pen, unsigned p)
{
    switch (p) {
    case 0: vt_pen_reset(pen); break;
    case 1: pen->bold = true; break;
    case 4:
    case 21: pen->underline = true; break;
    case 7: pen->reverse = true; break;
    case 22: pen->bold = false; break;
    case 24: pen->underline = false; break;
    case 27: pen->reverse = false; break;
    case 39: pen->fg = DEFAULT_FG; break;
    case 49: pen->bg = DEFAULT_BG; break;
    default:
        if (p >= 30 && p <= 37)
            pen->fg = (uint8_t)(p - 30);
        else if (p >= 40 && p <= 47)
            pen->bg = (uint8_t)(p - 40);
        else if (p >= 90 && p <= 97)
            pen->fg = (uint8_t)(p - 90 + BRIGHT);
        else if (p >= 100 && p <= 107)
            pen->bg = (uint8_t)(p - 100 + BRIGHT);
    }
}

void vt_sgr(struct vt *vt)
{
    for (unsigned i = 0; i < vt->params; i++) {
        if (vt->param[i] == 38)
            set(&vt->pen.fg, extended(vt, &i));
        else if (vt->param[i] == 48)
            set(&vt->pen.bg, extended(vt, &i));
        else
            one(&vt->pen, vt->param[i]);
    }
}
