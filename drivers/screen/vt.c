/* SPDX-License-Identifier: BSD-2-Clause */
/* vt.c - a terminal's screen: cells, cursor, scrolling. */
#include "drivers/screen/vt_internal.h"

#include "base/bits.h"
#include "base/string.h"

static struct vt_cell *row(struct vt *vt, unsigned y)
{
    return vt->shown->cells + (size_t)vt->shown->row_of[y] * vt->columns;
}

const struct vt_cell *vt_row(const struct vt *vt, uint16_t y)
{
    return vt->shown->cells + (size_t)vt->shown->row_of[y] * vt->columns;
}

void vt_init(struct vt *vt, uint16_t columns, uint16_t rows, struct vt_cell *cells)
{
    memset(vt, 0, sizeof *vt);
    vt->columns = columns;
    vt->rows = rows;
    for (unsigned g = 0; g < 2; g++) {
        vt->grid[g].cells = cells + (size_t)g * columns * rows;
        for (unsigned y = 0; y < rows; y++)
            vt->grid[g].row_of[y] = (uint16_t)y;
    }
    vt_reset(vt);
}

void vt_reset(struct vt *vt)
{
    vt->modes = VT_WRAP | VT_CURSOR_SHOWN;
    vt->top = 0;
    vt->bottom = vt->rows;
    vt->shifted = vt->graphics[0] = vt->graphics[1] = false;
    vt->last = ' ';
    vt_pen_reset(&vt->pen);
    for (unsigned x = 0; x < sizeof vt->tabs; x++)
        vt->tabs[x] = 1;
    for (unsigned g = 2; g-- > 0;) {
        vt->shown = &vt->grid[g];
        vt_erase_rows(vt, 0, vt->rows);
    }
    vt_move(vt, 0, 0);
    vt_place_save(vt, &vt->saved);
    vt->saved_main = vt->saved;
}

void vt_all_dirty(struct vt *vt)
{
    memset(vt->dirty, 1, vt->rows);
}

void vt_erase(struct vt *vt, unsigned y, unsigned x, unsigned n)
{
    if (x >= vt->columns)
        return;
    struct vt_cell *cell = row(vt, y) + x;
    struct vt_cell blank = {.ch = ' ', .colours = (uint8_t)(vt->pen.fg | vt->pen.bg << 4)};
    for (n = MIN(n, vt->columns - x); n > 0; n--)
        *cell++ = blank;
    vt->dirty[y] = 1;
}

void vt_erase_rows(struct vt *vt, unsigned first, unsigned end)
{
    for (unsigned y = first; y < end; y++)
        vt_erase(vt, y, 0, vt->columns);
}

void vt_move(struct vt *vt, int x, int y)
{
    /* Both the place that the cursor leaves and the one it comes to are painted anew. */
    vt->dirty[vt->y] = 1;
    vt->x = (uint16_t)MIN(MAX(x, 0), vt->columns - 1);
    vt->y = (uint16_t)MIN(MAX(y, 0), vt->rows - 1);
    vt->dirty[vt->y] = 1;
    vt->wrap_next = false;
}

void vt_move_origin(struct vt *vt, int x, int y)
{
    if (vt->modes & VT_ORIGIN)
        y = MIN(y + vt->top, vt->bottom - 1);
    vt_move(vt, x, y);
}

/* Rows [TOP, END) turn round by N: the first comes where the Nth was from the end. */
static void rows_turn(struct vt *vt, unsigned top, unsigned end, unsigned n)
{
    uint16_t turned[VT_ROWS_MAX], *at = vt->shown->row_of + top;
    unsigned count = end - top;
    for (unsigned i = 0; i < count; i++)
        turned[i] = at[(i + n) % count];
    memcpy(at, turned, count * sizeof turned[0]);
    memset(vt->dirty + top, 1, count);
}

void vt_scroll_up(struct vt *vt, unsigned top, unsigned n)
{
    if (top >= vt->bottom)
        return;
    n = MIN(n, vt->bottom - top);
    rows_turn(vt, top, vt->bottom, n);
    vt_erase_rows(vt, vt->bottom - n, vt->bottom);
}

void vt_scroll_down(struct vt *vt, unsigned top, unsigned n)
{
    if (top >= vt->bottom)
        return;
    n = MIN(n, vt->bottom - top);
    rows_turn(vt, top, vt->bottom, vt->bottom - top - n);
    vt_erase_rows(vt, top, top + n);
}

void vt_line_feed(struct vt *vt)
{
    if (vt->y + 1 == vt->bottom)
        vt_scroll_up(vt, vt->top, 1);
    else
        vt_move(vt, vt->x, vt->y + 1);
    vt->wrap_next = false;
}

void vt_reverse_line_feed(struct vt *vt)
{
    if (vt->y == vt->top)
        vt_scroll_down(vt, vt->top, 1);
    else
        vt_move(vt, vt->x, vt->y - 1);
    vt->wrap_next = false;
}

void vt_cells_insert(struct vt *vt, unsigned n)
{
    struct vt_cell *at = row(vt, vt->y) + vt->x;
    unsigned behind = vt->columns - vt->x;
    n = MIN(n, behind);
    memmove(at + n, at, (behind - n) * sizeof *at);
    vt_erase(vt, vt->y, vt->x, n);
    vt->wrap_next = false;
}

void vt_cells_delete(struct vt *vt, unsigned n)
{
    struct vt_cell *at = row(vt, vt->y) + vt->x;
    unsigned behind = vt->columns - vt->x;
    n = MIN(n, behind);
    memmove(at, at + n, (behind - n) * sizeof *at);
    vt_erase(vt, vt->y, vt->columns - n, n);
    vt->wrap_next = false;
}

void vt_tab(struct vt *vt, int n)
{
    int x = vt->x, step = n < 0 ? -1 : 1;
    for (; n != 0; n -= step) {
        do
            x += step;
        while (x > 0 && x < vt->columns - 1 && !(vt->tabs[x / 8] >> x % 8 & 1));
        if (x <= 0 || x >= vt->columns - 1)
            break;
    }
    vt_move(vt, x, vt->y);
}

static void cell_set(struct vt *vt, uint16_t ch)
{
    struct vt_cell *cell = row(vt, vt->y) + vt->x;
    *cell = (struct vt_cell){.ch = ch,
                             .colours = vt_pen_colours(&vt->pen),
                             .flags = vt->pen.underline ? VT_UNDERLINE : 0};
    vt->dirty[vt->y] = 1;
    if (vt->x + 1 < vt->columns)
        vt->x++;
    else
        vt->wrap_next = vt->modes & VT_WRAP;
}

void vt_put(struct vt *vt, uint32_t code)
{
    unsigned width = vt_width(code);
    if (width == 0)
        return;
    if (vt->wrap_next || (width == 2 && vt->x + 1 == vt->columns && vt->modes & VT_WRAP)) {
        vt_move(vt, 0, vt->y);
        vt_line_feed(vt);
    }
    if (vt->modes & VT_INSERT)
        vt_cells_insert(vt, width);
    vt->last = code > 0xffff ? VT_REPLACEMENT : (uint16_t)code;
    uint16_t x = vt->x;
    cell_set(vt, vt->last);
    if (width == 2 && vt->x > x)
        cell_set(vt, 0);
}

void vt_place_save(struct vt *vt, struct vt_place *place)
{
    *place = (struct vt_place){.x = vt->x,
                               .y = vt->y,
                               .pen = vt->pen,
                               .shifted = vt->shifted,
                               .graphics = {vt->graphics[0], vt->graphics[1]},
                               .origin = vt->modes & VT_ORIGIN};
}

void vt_place_restore(struct vt *vt, const struct vt_place *place)
{
    vt_move(vt, place->x, place->y);
    vt->pen = place->pen;
    vt->shifted = place->shifted;
    vt->graphics[0] = place->graphics[0];
    vt->graphics[1] = place->graphics[1];
    vt->modes = (uint16_t)((vt->modes & ~VT_ORIGIN) | (place->origin ? VT_ORIGIN : 0));
}

void vt_show_other(struct vt *vt, bool other)
{
    vt->modes = (uint16_t)((vt->modes & ~VT_OTHER) | (other ? VT_OTHER : 0));
    vt->shown = &vt->grid[other];
    vt_all_dirty(vt);
}
