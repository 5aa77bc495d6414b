/* SPDX-License-Identifier: BSD-2-Clause */
/* device.h - ranges of frames outside RAM that a domain may hold.
 *
 * The boot code lists them (exo_info.devices); the list does not change afterwards.  A device
 * has at most one holder, whose spaces alone may map its frames:
 *
 *   free  --device_claim-->  held, maps >= 0  --domain_destroy, maps == 0-->  free
 *
 * The frames are not in the frame table, so a page-table entry that shows one carries MMU_DEVICE
 * and is counted here.  They are never zeroed: what a store means there is the device's affair.
 */
#pragma once

#include <exo/info.h>
#include "frame.h"
#include "lock.h"
#include "mmu.h"

struct boot_facts;

/* Boot only, after info_init: list DEVICE.  False, and nothing is listed, if the range is empty,
 * meets RAM, another device or what the kernel drives itself, or if the list is full. */
bool device_add(const struct boot_facts *facts, const struct exo_device *device);

/* Whether FRAME is one of the frame table's, which is what nearly all mappings are of. */
static inline bool frame_is_ram(exo_frame frame) REQUIRES(exo_lock)
{
    return frame < frame_count && frames[frame].type != EXO_FRAME_NONE;
}

/* May DOM map COUNT frames from FIRST on with PERMS?  If so *KIND tells how.
 * EXO_RANGE: they are not all of one device.  EXO_OWNER: DOM does not hold it.
 * EXO_TYPE: executable, or large pages. */
[[nodiscard]] enum exo_status device_check_map(const struct domain *dom, exo_frame first,
                                               uint32_t count, uint32_t perms,
                                               enum exo_device_kind *kind) REQUIRES(exo_lock);

/* A page-table entry of FRAME, a device's, has been made, or is gone. */
void device_mapped(exo_frame frame) REQUIRES(exo_lock);
void device_unmapped(exo_frame frame) REQUIRES(exo_lock);

/* What frame_query answers for a device's frame; EXO_RANGE: it is none. */
[[nodiscard]] enum exo_status device_query(const struct domain *dom, exo_frame frame,
                                           struct exo_frame_answer *answer) REQUIRES(exo_lock);

/* DOM, which maps nothing any more, gives up all that it holds. */
void device_return_all(const struct domain *dom) REQUIRES(exo_lock);

/* LEAF, which showed SPAN frames, has left its table. */
static inline void leaf_uncount(mmu_entry leaf, uint32_t span) REQUIRES(exo_lock)
{
    exo_frame gone = mmu_frame(leaf);
    if (leaf & MMU_DEVICE) {
        device_unmapped(gone);
        return;
    }
    for (uint32_t i = 0; i < span; i++)
        frames[gone + i].maps--;
}
