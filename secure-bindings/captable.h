/* SPDX-License-Identifier: BSD-2-Clause */
/* captable.h - a domain's capabilities: what it may name besides its own frames.
 *
 * The table fills one frame that the domain's creator gave.  Slot 0 stays empty: in a
 * `dom` parameter it names the caller itself.  Who holds a frame is told by the frame
 * table; an EXO_CAP_FRAMES capability is a share: frames that stay another domain's.
 */
#pragma once

#include <exo/abi.h>
#include "lock.h"

struct domain;

constexpr uint32_t CAP_SLOTS = 128;

struct cap {
    uint8_t kind;   /* enum exo_cap_kind */
    uint8_t rights; /* EXO_READ ... of a share */
    uint16_t owner; /* share: domain number that owns the frames */
    exo_frame first;
    uint32_t count;
    uint32_t reserved;
    void *object; /* domain, space or vcpu */
};
static_assert(sizeof(struct cap) * CAP_SLOTS <= EXO_FRAME_BYTES);

/* Put a capability into the first free slot of DOM's table; 0 if the table is full. */
exo_cap cap_add(struct domain *dom, struct cap cap) REQUIRES(exo_lock);
/* The slot, if it holds a capability of this kind; else null. */
struct cap *cap_find(struct domain *dom, exo_cap index, enum exo_cap_kind kind) REQUIRES(exo_lock);
/* Remove every capability of DOM that names OBJECT. */
void cap_forget(struct domain *dom, const void *object) REQUIRES(exo_lock);
/* A share in DOM's table that covers FRAME with all of RIGHTS. */
const struct cap *cap_find_share(const struct domain *dom, exo_frame frame, uint32_t rights) REQUIRES(exo_lock);
/* The domain named by a `dom` parameter; null if there is none. */
struct domain *cap_domain(struct domain *caller, exo_cap index) REQUIRES(exo_lock);
