/* SPDX-License-Identifier: BSD-2-Clause */
/* paint.h - cells onto a screen's memory, which is only ever written: reading it is slow. */
#pragma once

#include <exo/info.h>
#include "drivers/screen/vt.h"

struct painter {
    uint8_t *base; /* of the first line */
    uint32_t pitch, width, height;
    uint8_t pixel_bytes; /* 2, 3 or 4; 0: a text screen */
    uint32_t colour[16]; /* as a pixel, or a text screen's number */
};

/* Paint on DEVICE, whose first byte is at BASE. */
void painter_init(struct painter *painter, void *base, const struct exo_device *device);

/* Cells that have room on it, at most what a struct vt can have. */
uint16_t painter_columns(const struct painter *painter);
uint16_t painter_rows(const struct painter *painter);

/* Everything black. */
void painter_clear(const struct painter *painter);

/* CELL at column X of row Y, both on the screen. */
void painter_cell(const struct painter *painter, unsigned x, unsigned y, struct vt_cell cell);
