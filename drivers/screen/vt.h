/* SPDX-License-Identifier: BSD-2-Clause */
/* vt.h - a terminal's screen: bytes in, cells out.
 *
 * Understands what programs send with TERM=linux (console_codes(4)) and more of the VT220's and
 * xterm's sequences; text is UTF-8.  It knows nothing of pixels, ports or time: who paints compares
 * the rows marked dirty with what it painted.
 *
 * vt_parse.c takes the bytes apart, vt_csi.c, vt_modes.c and vt_sgr.c do what the sequences say, vt.c moves
 * the cells.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

constexpr uint16_t VT_COLUMNS_MAX = 512, VT_ROWS_MAX = 256;
constexpr uint16_t VT_COLUMNS_LEAST = 2, VT_ROWS_LEAST = 2;
constexpr uint16_t VT_REPLACEMENT = 0xfffd; /* for what cannot be shown */
constexpr unsigned VT_PARAMS = 16;

/* Bits of vt_cell.flags. */
constexpr uint8_t VT_UNDERLINE = 1 << 0;
constexpr uint8_t VT_CURSOR = 1 << 1; /* never in the grid: for who paints */

struct vt_cell {
    uint16_t ch;     /* code point; 0: the second half of a wide character */
    uint8_t colours; /* 0 to 15 in ANSI's order: character in the low four bits, ground above */
    uint8_t flags;
};

/* Bits of vt.modes. */
constexpr uint16_t VT_WRAP = 1 << 0;
constexpr uint16_t VT_ORIGIN = 1 << 1;
constexpr uint16_t VT_INSERT = 1 << 2;
constexpr uint16_t VT_NEWLINE = 1 << 3;
constexpr uint16_t VT_CURSOR_SHOWN = 1 << 4;
constexpr uint16_t VT_CURSOR_KEYS = 1 << 5; /* arrows send application sequences */
constexpr uint16_t VT_KEYPAD_KEYS = 1 << 6;
constexpr uint16_t VT_SWAPPED = 1 << 7; /* DECSCNM: all colours swapped */
constexpr uint16_t VT_OTHER = 1 << 8;   /* the alternate screen is shown */

struct vt_pen {
    uint8_t fg, bg; /* 0 to 15 */
    bool bold, underline, reverse;
};

/* What DECSC saves. */
struct vt_place {
    uint16_t x, y;
    struct vt_pen pen;
    bool shifted, graphics[2], origin;
};

struct vt_grid {
    struct vt_cell *cells;
    uint16_t row_of[VT_ROWS_MAX]; /* scrolling turns these round, cells stay where they are */
};

struct vt {
    uint16_t columns, rows;
    uint16_t x, y;
    bool wrap_next;       /* the last column has been written: the next character wraps first */
    uint16_t top, bottom; /* scrolling region, BOTTOM outside it */
    uint16_t modes;
    struct vt_pen pen;
    bool shifted, graphics[2]; /* SO; G0 and G1 are the line drawing set */
    struct vt_place saved, saved_main;
    struct vt_grid grid[2], *shown;
    uint8_t tabs[VT_COLUMNS_MAX / 8];
    uint8_t dirty[VT_ROWS_MAX]; /* who paints clears it */

    uint8_t state; /* of the parser */
    uint8_t private, intermediate;
    uint16_t param[VT_PARAMS];
    uint8_t params;  /* how many; at least 1 at the end of a sequence */
    uint8_t to_skip; /* bytes of a palette sequence */
    uint32_t code;   /* of a UTF-8 sequence, of which CODE_LEFT bytes are to come */
    uint8_t code_left, code_bytes;
    uint16_t last; /* character, for REP */

    /* Answers to the program, as if typed.  May be null. */
    void (*reply)(void *arg, const char *bytes, size_t n);
    void (*bell)(void *arg);
    void *arg;
};

/* Cells that vt_init wants for such a screen. */
static inline size_t vt_cells(uint16_t columns, uint16_t rows)
{
    return (size_t)2 * columns * rows;
}

/* Begin with an empty screen.  COLUMNS and ROWS lie in the bounds above; CELLS is the caller's, of
 * vt_cells() elements, and stays. */
void vt_init(struct vt *vt, uint16_t columns, uint16_t rows, struct vt_cell *cells);

/* Take N bytes, which may begin and end within a sequence or a character. */
void vt_write(struct vt *vt, const uint8_t *bytes, size_t n);

/* A row of what is shown, from 0 at the top. */
const struct vt_cell *vt_row(const struct vt *vt, uint16_t y);
