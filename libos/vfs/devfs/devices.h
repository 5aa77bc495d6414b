/* SPDX-License-Identifier: BSD-2-Clause */
/* devices.h - numbers of the devices under /dev (Linux's Documentation/admin-guide/devices.txt). */
#pragma once

#include <stdint.h>

constexpr uint32_t MAJOR_MEMORY = 1; /* null, zero, ... */
constexpr uint32_t MAJOR_SERIAL = 4;
constexpr uint32_t MAJOR_TTYAUX = 5; /* tty, console, ptmx */
constexpr uint32_t MAJOR_PTS = 136;

enum {
    MEMORY_NULL = 3,
    MEMORY_ZERO = 5,
    MEMORY_FULL = 7,
    MEMORY_RANDOM = 8,
    MEMORY_URANDOM = 9,
    MEMORY_KMSG = 11
};
enum {
    TTYAUX_TTY = 0,
    TTYAUX_CONSOLE = 1,
    TTYAUX_PTMX = 2
};
constexpr uint32_t SERIAL_FIRST = 64; /* ttyS0 */

/* A line of /proc/devices each. */
struct device_major {
    uint32_t major;
    const char *name;
};
extern const struct device_major device_majors[];
extern const unsigned device_major_count;
