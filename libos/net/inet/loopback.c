/* SPDX-License-Identifier: BSD-2-Clause */
/* loopback.c - counters of the interface lo. */
#include "net/inet/loopback.h"

#include "base/bits.h"
#include "net/inet/ifreq.h"

struct lo_traffic lo_traffic;

/* Nothing is cut into packets here; these are as many as a wire of this MTU would see. */
void lo_count(uint64_t bytes, uint32_t header)
{
    uint64_t room = LO_MTU - header;
    uint64_t packets = MAX((bytes + room - 1) / room, UINT64_C(1));
    lo_traffic.packets += packets;
    lo_traffic.bytes += bytes + packets * header;
}
