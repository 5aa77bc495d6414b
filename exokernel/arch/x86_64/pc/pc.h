/* SPDX-License-Identifier: BSD-2-Clause */
/* pc.h - the clocks of a PC. */
#pragma once

#include <stdint.h>

/* The cycle counter's rate, measured for some 10 ms beside the interval timer. */
uint64_t pc_tsc_hz(void);
/* Nanoseconds since 1970, by the CMOS clock. */
uint64_t pc_wall_clock_ns(void);
