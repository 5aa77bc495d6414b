/* SPDX-License-Identifier: BSD-2-Clause */
/* ps2.h - the keyboard controller of a PC and the keyboard behind it. */
#pragma once

#include <stddef.h>
#include <stdint.h>
#include "drivers/ps2/keys.h"

/* Who gets what is typed.  All are called under the domain lock and do not sleep. */
struct ps2_ops {
    void (*typed)(const char *bytes, size_t n);
    unsigned (*modes)(void); /* of the terminal: KEYS_... */
    void (*reboot)(void);    /* control, alt and delete */
};

/* Claim the controller and its interrupt, and set it up for a keyboard with MAP.  0; -ENODEV: there
 * is none, or no keyboard answers; -EBUSY: somebody else has it; -ENOSPC. */
[[nodiscard]] int ps2_open(const struct keymap *map, const struct ps2_ops *ops);
