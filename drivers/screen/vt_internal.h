/* SPDX-License-Identifier: BSD-2-Clause */
/* vt_internal.h - what the parts of the terminal's screen call in each other. */
#pragma once

#include "drivers/screen/vt.h"

/* vt.c: cells and cursor.  Positions are clamped to the screen. */
void vt_reset(struct vt *vt);
void vt_put(struct vt *vt, uint32_t code);
void vt_move(struct vt *vt, int x, int y);
/* The same, Y counted from the region's top if DECOM says so. */
void vt_move_origin(struct vt *vt, int x, int y);
void vt_line_feed(struct vt *vt);
void vt_reverse_line_feed(struct vt *vt);
void vt_scroll_up(struct vt *vt, unsigned top, unsigned n); /* from row TOP to the region's end */
void vt_scroll_down(struct vt *vt, unsigned top, unsigned n);
void vt_erase(struct vt *vt, unsigned y, unsigned x, unsigned n);
void vt_erase_rows(struct vt *vt, unsigned first, unsigned end);
void vt_cells_insert(struct vt *vt, unsigned n);
void vt_cells_delete(struct vt *vt, unsigned n);
void vt_tab(struct vt *vt, int n); /* forward, or backward if negative */
void vt_place_save(struct vt *vt, struct vt_place *place);
void vt_place_restore(struct vt *vt, const struct vt_place *place);
void vt_show_other(struct vt *vt, bool other);
void vt_all_dirty(struct vt *vt);

/* vt_csi.c, vt_modes.c: a whole sequence has come, its parts are in VT. */
void vt_csi(struct vt *vt, uint8_t final);
void vt_escape(struct vt *vt, uint8_t final);
void vt_modes_set(struct vt *vt);
void vt_modes_reset(struct vt *vt);
void vt_reply(struct vt *vt, const char *text);
/* Parameter I, WHEN_ABSENT if it is absent or 0. */
static inline unsigned vt_param(const struct vt *vt, unsigned i, unsigned when_absent)
{
    return i < vt->params && vt->param[i] ? vt->param[i] : when_absent;
}

/* vt_sgr.c: colours and weight. */
void vt_sgr(struct vt *vt);
void vt_pen_reset(struct vt_pen *pen);
uint8_t vt_pen_colours(const struct vt_pen *pen);

/* vt_width.c: columns that a character takes: 0, 1 or 2. */
unsigned vt_width(uint32_t code);
/* What the line drawing set shows for an ASCII character. */
uint16_t vt_drawing(uint8_t byte);
