/* SPDX-License-Identifier: BSD-2-Clause */
/* clock.h - the rate of the cycle counter, short delays, and the wall clock. */
#pragma once

#include <stdint.h>

/* Run for some milliseconds, and learn the cycle counter's rate. */
void clock_measure_tsc(void);
void clock_delay_us(uint32_t us);
