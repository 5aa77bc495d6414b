/* SPDX-License-Identifier: BSD-2-Clause */
/* vt_csi.c - what the sequences do (console_codes(4), ECMA-48, the VT220's manual). */
#include "drivers/screen/vt_internal.h"

#include "base/bits.h"
#include "base/string.h"

void vt_reply(struct vt *vt, const char *text)
{
    if (vt->reply)
        vt->reply(vt->arg, text, strlen(text));
}

static void insert_cells(struct vt *vt)
{
    vt_cells_insert(vt, vt_param(vt, 0, 1));
}

static void delete_cells(struct vt *vt)
{
    vt_cells_delete(vt, vt_param(vt, 0, 1));
}

static void erase_cells(struct vt *vt)
{
    vt_erase(vt, vt->y, vt->x, vt_param(vt, 0, 1));
    vt->wrap_next = false;
}

/* Up and down stop at the scrolling region's ends if they begin within it. */
static void cursor_up(struct vt *vt)
{
    int stop = vt->y >= vt->top ? vt->top : 0;
    vt_move(vt, vt->x, MAX(vt->y - (int)vt_param(vt, 0, 1), stop));
}

static void cursor_down(struct vt *vt)
{
    int stop = vt->y < vt->bottom ? vt->bottom - 1 : vt->rows - 1;
    vt_move(vt, vt->x, MIN(vt->y + (int)vt_param(vt, 0, 1), stop));
}

static void cursor_right(struct vt *vt)
{
    vt_move(vt, vt->x + (int)vt_param(vt, 0, 1), vt->y);
}

static void cursor_left(struct vt *vt)
{
    vt_move(vt, vt->x - (int)vt_param(vt, 0, 1), vt->y);
}

static void lines_down(struct vt *vt)
{
    cursor_down(vt);
    vt_move(vt, 0, vt->y);
}

static void lines_up(struct vt *vt)
{
    cursor_up(vt);
    vt_move(vt, 0, vt->y);
}

static void column(struct vt *vt)
{
    vt_move(vt, (int)vt_param(vt, 0, 1) - 1, vt->y);
}

static void line(struct vt *vt)
{
    vt_move_origin(vt, vt->x, (int)vt_param(vt, 0, 1) - 1);
}

static void position(struct vt *vt)
{
    vt_move_origin(vt, (int)vt_param(vt, 1, 1) - 1, (int)vt_param(vt, 0, 1) - 1);
}

static void tabs_forward(struct vt *vt)
{
    vt_tab(vt, (int)vt_param(vt, 0, 1));
}

static void tabs_backward(struct vt *vt)
{
    vt_tab(vt, -(int)vt_param(vt, 0, 1));
}

static void erase_line(struct vt *vt)
{
    switch (vt_param(vt, 0, 0)) {
    case 0: vt_erase(vt, vt->y, vt->x, vt->columns); break;
    case 1: vt_erase(vt, vt->y, 0, vt->x + 1u); break;
    case 2: vt_erase(vt, vt->y, 0, vt->columns); break;
    default: break;
    }
    vt->wrap_next = false;
}

static void erase_screen(struct vt *vt)
{
    switch (vt_param(vt, 0, 0)) {
    case 0:
        vt_erase(vt, vt->y, vt->x, vt->columns);
        vt_erase_rows(vt, vt->y + 1u, vt->rows);
        break;
    case 1:
        vt_erase_rows(vt, 0, vt->y);
        vt_erase(vt, vt->y, 0, vt->x + 1u);
        break;
    case 2:
    case 3: vt_erase_rows(vt, 0, vt->rows); break;
    default: break;
    }
    vt->wrap_next = false;
}

static void insert_lines(struct vt *vt)
{
    if (vt->y >= vt->top)
        vt_scroll_down(vt, vt->y, vt_param(vt, 0, 1));
    vt->wrap_next = false;
}

static void delete_lines(struct vt *vt)
{
    if (vt->y >= vt->top)
        vt_scroll_up(vt, vt->y, vt_param(vt, 0, 1));
    vt->wrap_next = false;
}

static void scroll_up(struct vt *vt)
{
    vt_scroll_up(vt, vt->top, vt_param(vt, 0, 1));
}

static void scroll_down(struct vt *vt)
{
    vt_scroll_down(vt, vt->top, vt_param(vt, 0, 1));
}

static void repeat(struct vt *vt)
{
    unsigned most = (unsigned)vt->columns * vt->rows;
    for (unsigned n = MIN(vt_param(vt, 0, 1), most); n > 0; n--)
        vt_put(vt, vt->last);
}

static void attributes(struct vt *vt)
{
    if (vt_param(vt, 0, 0) == 0)
        vt_reply(vt, "\033[?6c"); /* a VT102, as Linux says */
}

static void clear_tabs(struct vt *vt)
{
    if (vt_param(vt, 0, 0) == 0)
        vt->tabs[vt->x / 8] &= (uint8_t)~(1 << vt->x % 8);
    else if (vt_param(vt, 0, 0) == 3)
        memset(vt->tabs, 0, sizeof vt->tabs);
}

static char *number_put(char *to, unsigned n)
{
    char digits[8];
    unsigned count = 0;
    do
        digits[count++] = (char)('0' + n % 10);
    while (n /= 10);
    while (count > 0)
        *to++ = digits[--count];
    return to;
}

static void status(struct vt *vt)
{
    if (vt_param(vt, 0, 0) == 5)
        vt_reply(vt, "\033[0n");
    if (vt_param(vt, 0, 0) != 6)
        return;
    char text[24] = "\033[", *to = text + 2;
    to = number_put(to, vt->y + 1u - (vt->modes & VT_ORIGIN ? vt->top : 0));
    *to++ = ';';
    to = number_put(to, vt->x + 1u);
    *to++ = 'R';
    *to = 0;
    vt_reply(vt, text);
}

static void region(struct vt *vt)
{
    unsigned top = vt_param(vt, 0, 1), bottom = MIN(vt_param(vt, 1, vt->rows), vt->rows);
    if (top >= bottom)
        return;
    vt->top = (uint16_t)(top - 1);
    vt->bottom = (uint16_t)bottom;
    vt_move_origin(vt, 0, 0);
}

static void save(struct vt *vt)
{
    vt_place_save(vt, &vt->saved);
}

static void restore(struct vt *vt)
{
    vt_place_restore(vt, &vt->saved);
}

typedef void csi_fn(struct vt *vt);

static csi_fn *const by_final[0x80] = {
    ['@'] = insert_cells,   ['A'] = cursor_up,    ['B'] = cursor_down,   ['C'] = cursor_right,
    ['D'] = cursor_left,    ['E'] = lines_down,   ['F'] = lines_up,      ['G'] = column,
    ['H'] = position,       ['I'] = tabs_forward, ['J'] = erase_screen,  ['K'] = erase_line,
    ['L'] = insert_lines,   ['M'] = delete_lines, ['P'] = delete_cells,  ['S'] = scroll_up,
    ['T'] = scroll_down,    ['X'] = erase_cells,  ['Z'] = tabs_backward, ['`'] = column,
    ['a'] = cursor_right,   ['b'] = repeat,       ['c'] = attributes,    ['d'] = line,
    ['e'] = cursor_down,    ['f'] = position,     ['g'] = clear_tabs,    ['h'] = vt_modes_set,
    ['l'] = vt_modes_reset, ['m'] = vt_sgr,       ['n'] = status,        ['r'] = region,
    ['s'] = save,           ['u'] = restore,
};

void vt_csi(struct vt *vt, uint8_t final)
{
    bool is_mode = final == 'h' || final == 'l';
    if (vt->params == 0)
        vt->params = 1;
    if (vt->intermediate || (vt->private && !(vt->private == '?' && is_mode)))
        return; /* none that we know: cursor shapes, other terminals' questions */
    if (by_final[final])
        by_final[final](vt);
}
