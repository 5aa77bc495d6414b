/* SPDX-License-Identifier: BSD-2-Clause */
/* loopback.h - what has gone through the interface lo, in both directions the same. */
#pragma once

#include <stdint.h>

struct lo_traffic {
    uint64_t packets, bytes;
};
extern struct lo_traffic lo_traffic;

/* BYTES of data were sent with HEADER bytes of IP and transport header on each packet. */
void lo_count(uint64_t bytes, uint32_t header);
