/* SPDX-License-Identifier: BSD-2-Clause */
/* screen.h - the machine's screen as a port: a terminal with a cursor, and a keyboard beside it.
 *
 * What is sent is taken at once and changes cells; the pixels follow a little later, for many
 * bytes at a time.  What the keyboard types, and what the terminal answers to a program's
 * questions, is received.
 */
#pragma once

#include "drivers/screen/paint.h"
#include "drivers/screen/vt.h"
#include "sched/timer.h"
#include "tty/port.h"

struct exo_device;

struct screen {
    struct port port; /* first */
    struct vt vt;
    struct painter painter;
    struct vt_cell *painted; /* what the pixels show; a row after the other */
    uint64_t cost_ns;        /* of painting last time */
    struct timer paint;
};

/* Claim and map the screen that the boot loader set up, and clear it.  0; -ENODEV: there is none;
 * -EBUSY: another domain has it; -ENOMEM. */
[[nodiscard]] int screen_open(struct screen *screen);

/* Bytes from the keyboard; what finds no room is lost. */
void screen_type(struct screen *screen, const char *bytes, size_t n);
