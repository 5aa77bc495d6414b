/* SPDX-License-Identifier: BSD-2-Clause */
/* captable.h - a domain's capabilities: what it may name besides its own frames.
 *
 * The table fills frames in a row that the domain's creator gave.  Slot 0 stays empty: in a
 * `dom` parameter it names the caller itself.  Who holds a frame is told by the frame
 * table; an EXO_CAP_FRAMES capability is a share: frames that stay another domain's.
 */
#pragma once

#include <exo/abi.h>
#include "lock.h"

struct domain;

constexpr uint32_t CAP_TABLE_FRAMES_MAX = 64;

struct cap {
    uint8_t kind;   /* enum exo_cap_kind */
    uint8_t rights; /* EXO_READ ... of a share */
    uint16_t owner; /* share: domain number that owns the frames */
    exo_frame first;
    uint32_t count;
    uint32_t reserved;
    void *object; /* domain, space or vcpu */
};
constexpr uint32_t CAP_BYTES = 24;
static_assert(sizeof(struct cap) == CAP_BYTES);

/* Where the one capability that names an object stands.  Names are not copied. */
struct cap_place {
    uint16_t holder; /* domain number */
    exo_cap index;   /* 0: it has no name */
};

/* Put a capability into a free slot of DOM's table; 0 if the table is full. */
exo_cap cap_add(struct domain *dom, struct cap cap) REQUIRES(exo_lock);
/* The slot, if it holds a capability of this kind; else null. */
struct cap *cap_find(struct domain *dom, exo_cap index, enum exo_cap_kind kind) REQUIRES(exo_lock);
/* The object that a capability of this kind names; null: it is none. */
static inline void *cap_object(struct domain *dom, exo_cap index, enum exo_cap_kind kind)
    REQUIRES(exo_lock)
{
    const struct cap *cap = cap_find(dom, index, kind);
    if (!cap)
        return nullptr;
    __builtin_assume(cap->object != nullptr);
    return cap->object;
}
/* Empty a slot of DOM's table. */
void cap_remove(struct domain *dom, exo_cap index) REQUIRES(exo_lock);
/* OBJECT goes away: its name, if it still has it, goes too. */
void cap_forget(struct cap_place place, const void *object) REQUIRES(exo_lock);
/* A share in DOM's table that covers FRAME with all of RIGHTS. */
const struct cap *cap_find_share(const struct domain *dom, exo_frame frame, uint32_t rights)
    REQUIRES(exo_lock);
/* The domain named by a `dom` parameter; null if there is none. */
struct domain *cap_domain(struct domain *caller, exo_cap index) REQUIRES(exo_lock);
