/* SPDX-License-Identifier: BSD-2-Clause */
/* ring.c - byte rings in shared pages. */
#include "drivers/xen/ring.h"

void xen_ring_open(struct xen_ring *ring, void *bytes, uint32_t size, uint32_t *theirs,
                   uint32_t *ours)
{
    *ring = (struct xen_ring){.bytes = bytes, .size = size, .theirs = theirs, .ours = ours};
    ring->at = __atomic_load_n(ours, __ATOMIC_RELAXED);
}

/* The distance of two indexes is at most the ring's size. */
static uint32_t checked(struct xen_ring *ring, uint32_t distance)
{
    if (distance > ring->size)
        ring->broken = true;
    return ring->broken ? 0 : distance;
}

uint32_t xen_ring_readable(struct xen_ring *ring)
{
    /* Acquire: the bytes below the index are there. */
    return checked(ring, __atomic_load_n(ring->theirs, __ATOMIC_ACQUIRE) - ring->at);
}

uint32_t xen_ring_room(struct xen_ring *ring)
{
    /* Acquire: the reader is done with the bytes below its index. */
    uint32_t used = checked(ring, ring->at - __atomic_load_n(ring->theirs, __ATOMIC_ACQUIRE));
    return ring->broken ? 0 : ring->size - used;
}

/* Release: who sees the index sees the bytes, or that they were taken. */
static void advance(struct xen_ring *ring, uint32_t n)
{
    ring->at += n;
    __atomic_store_n(ring->ours, ring->at, __ATOMIC_RELEASE);
}

void xen_ring_read(struct xen_ring *ring, void *to, uint32_t n)
{
    uint8_t *bytes = to;
    for (uint32_t i = 0; i < n; i++)
        bytes[i] =
            __atomic_load_n(&ring->bytes[(ring->at + i) & (ring->size - 1)], __ATOMIC_RELAXED);
    advance(ring, n);
}

void xen_ring_write(struct xen_ring *ring, const void *from, uint32_t n)
{
    const uint8_t *bytes = from;
    for (uint32_t i = 0; i < n; i++)
        __atomic_store_n(&ring->bytes[(ring->at + i) & (ring->size - 1)], bytes[i],
                         __ATOMIC_RELAXED);
    advance(ring, n);
}
