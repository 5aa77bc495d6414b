/* SPDX-License-Identifier: BSD-2-Clause */
/* vt_width.c - how many columns a character takes, as programs count (wcwidth(3)), and the line
 * drawing set of the VT100.
 */
#include "drivers/screen/vt_internal.h"

struct span {
    uint32_t first, last;
};

/* Ascending.  After Unicode's EastAsianWidth.txt (W and F) and general categories Mn and Cf, in
 * whole blocks. */
static const struct span wide[] = {
    {0x1100, 0x115f},   {0x2e80, 0x303e},   {0x3041, 0xa4cf},   {0xa960, 0xa97c},
    {0xac00, 0xd7a3},   {0xf900, 0xfaff},   {0xfe30, 0xfe6f},   {0xff01, 0xff60},
    {0xffe0, 0xffe6},   {0x1f300, 0x1f64f}, {0x1f680, 0x1f6ff}, {0x1f900, 0x1f9ff},
    {0x20000, 0x3fffd},
};
static const struct span none[] = {
    {0x0300, 0x036f}, {0x0483, 0x0489}, {0x0591, 0x05bd}, {0x0610, 0x061a}, {0x064b, 0x065f},
    {0x1ab0, 0x1aff}, {0x1dc0, 0x1dff}, {0x200b, 0x200f}, {0x202a, 0x202e}, {0x2060, 0x2064},
    {0x20d0, 0x20ff}, {0xfe00, 0xfe0f}, {0xfe20, 0xfe2f}, {0xfeff, 0xfeff}, {0xe0100, 0xe01ef},
};

static bool is_in(const struct span *spans, unsigned count, uint32_t code)
{
    while (count > 0 && spans[count - 1].first > code)
        count--;
    return count > 0 && code <= spans[count - 1].last;
}

unsigned vt_width(uint32_t code)
{
    if (code < 0x300)
        return code >= 0x80 && code < 0xa0 ? 0 : 1; /* C1 controls show nothing */
    if (is_in(none, sizeof none / sizeof none[0], code))
        return 0;
    return is_in(wide, sizeof wide / sizeof wide[0], code) ? 2 : 1;
}

uint16_t vt_drawing(uint8_t byte)
{
    /* ` to ~ (VT100 user guide, table 3-9); what stands below is as in ASCII. */
    static const uint16_t set[] = {
        0x25c6, 0x2592, 0x2409, 0x240c, 0x240d, 0x240a, 0x00b0, 0x00b1, 0x2424, 0x240b, 0x2518,
        0x2510, 0x250c, 0x2514, 0x253c, 0x23ba, 0x23bb, 0x2500, 0x23bc, 0x23bd, 0x251c, 0x2524,
        0x2534, 0x252c, 0x2502, 0x2264, 0x2265, 0x03c0, 0x2260, 0x00a3, 0x00b7,
    };
    return byte >= 0x60 && byte - 0x60u < sizeof set / sizeof set[0] ? set[byte - 0x60] : byte;
}
