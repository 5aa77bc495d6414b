/* SPDX-License-Identifier: BSD-2-Clause */
/* vt_modes.c - modes, character sets, and the sequences without parameters. */
#include "drivers/screen/vt_internal.h"

static void mode_set(struct vt *vt, uint16_t bit, bool on)
{
    vt->modes = (uint16_t)(on ? vt->modes | bit : vt->modes & ~bit);
}

/* 47 and 1047 show the alternate screen; 1049 also saves the cursor, and empties that screen. */
static void other_screen(struct vt *vt, unsigned how, bool on)
{
    if (on == !!(vt->modes & VT_OTHER))
        return;
    if (on && how == 1049)
        vt_place_save(vt, &vt->saved_main);
    if (!on && how == 1047)
        vt_erase_rows(vt, 0, vt->rows);
    vt_show_other(vt, on);
    if (on && how == 1049)
        vt_erase_rows(vt, 0, vt->rows);
    if (!on && how == 1049)
        vt_place_restore(vt, &vt->saved_main);
}

static void private_mode(struct vt *vt, unsigned mode, bool on)
{
    switch (mode) {
    case 1: mode_set(vt, VT_CURSOR_KEYS, on); break;
    case 5:
        mode_set(vt, VT_SWAPPED, on);
        vt_all_dirty(vt);
        break;
    case 6:
        mode_set(vt, VT_ORIGIN, on);
        vt_move_origin(vt, 0, 0);
        break;
    case 7:
        mode_set(vt, VT_WRAP, on);
        vt->wrap_next = false;
        break;
    case 25:
        mode_set(vt, VT_CURSOR_SHOWN, on);
        vt->dirty[vt->y] = 1;
        break;
    case 47:
    case 1047:
    case 1049: other_screen(vt, mode, on); break;
    case 66: mode_set(vt, VT_KEYPAD_KEYS, on); break;
    case 1048:
        if (on)
            vt_place_save(vt, &vt->saved);
        else
            vt_place_restore(vt, &vt->saved);
        break;
    default: break;
    }
}

static void modes(struct vt *vt, bool on)
{
    for (unsigned i = 0; i < vt->params; i++) {
        if (vt->private == '?')
            private_mode(vt, vt->param[i], on);
        else if (vt->param[i] == 4)
            mode_set(vt, VT_INSERT, on);
        else if (vt->param[i] == 20)
            mode_set(vt, VT_NEWLINE, on);
    }
}

void vt_modes_set(struct vt *vt)
{
    modes(vt, true);
}

void vt_modes_reset(struct vt *vt)
{
    modes(vt, false);
}

static void align_test(struct vt *vt)
{
    vt_erase_rows(vt, 0, vt->rows);
    for (unsigned y = 0; y < vt->rows; y++) {
        vt_move(vt, 0, (int)y);
        for (unsigned x = 0; x < vt->columns; x++)
            vt_put(vt, 'E');
    }
    vt_move(vt, 0, 0);
}

void vt_escape(struct vt *vt, uint8_t final)
{
    if (vt->intermediate == '(' || vt->intermediate == ')') {
        vt->graphics[vt->intermediate == ')'] = final == '0';
        return;
    }
    if (vt->intermediate == '#' && final == '8')
        align_test(vt);
    if (vt->intermediate)
        return;
    switch (final) {
    case '7': vt_place_save(vt, &vt->saved); break;
    case '8': vt_place_restore(vt, &vt->saved); break;
    case '=': mode_set(vt, VT_KEYPAD_KEYS, true); break;
    case '>': mode_set(vt, VT_KEYPAD_KEYS, false); break;
    case 'D': vt_line_feed(vt); break;
    case 'E':
        vt_line_feed(vt);
        vt_move(vt, 0, vt->y);
        break;
    case 'H': vt->tabs[vt->x / 8] |= (uint8_t)(1 << vt->x % 8); break;
    case 'M': vt_reverse_line_feed(vt); break;
    case 'Z': vt_reply(vt, "\033[?6c"); break;
    case 'c': vt_reset(vt); break;
    default: break;
    }
}
