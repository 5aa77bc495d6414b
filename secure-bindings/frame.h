/* SPDX-License-Identifier: BSD-2-Clause */
/* frame.h - who holds each physical page, and as what.
 *
 * A frame has one holder and one type.  Both are checked when a binding is made;
 * later use (a page-table walk) is not checked again.
 *
 *   PLAIN  --table_give-->  TABLE  --table_take-->  PLAIN      (same holder)
 *   PLAIN  --space/vcpu/domain_create-->  OBJECT  --destroy-->  PLAIN
 *
 * `maps` counts page-table entries that show the frame to user mode, and pins.  A
 * frame changes its type or its holder only at maps == 0; a TABLE frame can be
 * mapped read-only by its holder, an OBJECT frame not at all.  So no page table and
 * no object is ever writable by a domain.
 */
#pragma once

#include <exo/abi.h>
#include "arch.h"
#include "lock.h"
#include "log.h"

struct domain;

constexpr uint16_t DOMAIN_NONE = 0xffff;

struct frame {
    uint32_t maps;
    uint16_t holder; /* domain number */
    uint16_t giver;  /* who may take it back; DOMAIN_NONE: nobody */
    uint8_t type;    /* enum exo_frame_type */
    bool is_asked;   /* its giver asked for it (visible revocation) */
    uint16_t used;   /* TABLE: entries in use; PLAIN: pins, which maps counts too */
    exo_frame next;  /* TABLE in the pool: the next one */
};
static_assert(sizeof(struct frame) == 16);

extern struct frame *frames GUARDED_BY(exo_lock);
extern exo_frame frame_count; /* one past the highest frame of RAM; fixed at boot */

/* first + count without overflow, and inside the table. */
static inline bool frame_range_exists(exo_frame first, uint32_t count)
{
    return count != 0 && first < frame_count && count <= frame_count - first;
}

/* Take room for the table; all frames are EXO_FRAME_NONE.  Boot only. */
void frame_table_init(exo_frame end);
/* Boot only: COUNT frames from FIRST on become TYPE of domain HOLDER. */
void frame_set_range(exo_frame first, uint32_t count, enum exo_frame_type type, uint16_t holder);

/* A plain frame of DOM's own, which it may map as it likes. */
bool frame_is_own(const struct domain *dom, exo_frame frame) REQUIRES(exo_lock);

/* May DOM map this frame with PERMS (EXO_READ ...)?  EXO_OK, EXO_RANGE, EXO_OWNER, EXO_RIGHTS, EXO_TYPE. */
[[nodiscard]] enum exo_status frame_check_map(const struct domain *dom, exo_frame frame,
                                              uint32_t perms) REQUIRES(exo_lock);

/* Make a plain, unmapped frame of DOM an object's home: zeroed, type OBJECT. */
[[nodiscard]] enum exo_status frame_make_object(struct domain *dom, exo_frame frame)
    REQUIRES(exo_lock);
/* The object is gone: zeroed and plain again. */
void frame_end_object(exo_frame frame) REQUIRES(exo_lock);

/* The kernel reads or writes a plain frame by itself (a vcpu page, a ring): it stays. */
static inline void frame_pin(exo_frame frame) REQUIRES(exo_lock)
{
    frames[frame].maps++;
    frames[frame].used++;
}

static inline void frame_unpin(exo_frame frame) REQUIRES(exo_lock)
{
    frames[frame].maps--;
    frames[frame].used--;
}

static inline void *frame_ptr(exo_frame frame)
{
    return arch_frame_ptr(frame);
}
