/* SPDX-License-Identifier: BSD-2-Clause */
/* log_ring.c - the latest messages of the libOS. */
#include "base/log_ring.h"

static char ring[LOG_RING_BYTES];
static uint64_t end;

void log_ring_add(const char *text, size_t n)
{
    for (size_t i = 0; i < n; i++)
        ring[end++ % LOG_RING_BYTES] = text[i];
}

uint64_t log_ring_end(void)
{
    return end;
}

uint64_t log_ring_begin(void)
{
    return end > LOG_RING_BYTES ? end - LOG_RING_BYTES : 0;
}

char log_ring_byte(uint64_t at)
{
    return ring[at % LOG_RING_BYTES];
}
