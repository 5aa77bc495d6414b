/* SPDX-License-Identifier: BSD-2-Clause */
/* ring.h - one direction of a byte ring in a page that another guest writes to as well
 * (Xen's public/io/console.h, xs_wire.h).
 *
 * Two free-running indexes lie in the page: the writer's and the reader's.  Only the other end's
 * is ever read from there; ours is kept here and stored there.  An index that cannot be is taken
 * as the end of the connection: nothing is read or written any more.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

struct xen_ring {
    uint8_t *bytes;   /* in the shared page */
    uint32_t size;    /* of them; a power of two */
    uint32_t *theirs; /* in the shared page */
    uint32_t *ours;
    uint32_t at; /* our index */
    bool broken;
};

/* Take the ring over as it is: what an earlier user of the page left unread stays. */
void xen_ring_open(struct xen_ring *ring, void *bytes, uint32_t size, uint32_t *theirs,
                   uint32_t *ours);

/* Bytes that the other end has put there. */
uint32_t xen_ring_readable(struct xen_ring *ring);
/* Bytes that can be put there; SIZE: the other end has taken all. */
uint32_t xen_ring_room(struct xen_ring *ring);

/* No more than xen_ring_readable; and the room is the other end's again. */
void xen_ring_read(struct xen_ring *ring, void *to, uint32_t n);
/* No more than xen_ring_room; the other end sees them at once, but is not told. */
void xen_ring_write(struct xen_ring *ring, const void *from, uint32_t n);
