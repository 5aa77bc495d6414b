/* SPDX-License-Identifier: BSD-2-Clause */
/* setting.h - a number that a file below /proc/sys shows, and that root may change (proc(5)). */
#pragma once

#include <stdint.h>

struct setting {
    uint64_t value;
    uint64_t least, most; /* what may be written */
};
