/* SPDX-License-Identifier: BSD-2-Clause */
/* share.h - a page that is shared with another guest of Xen, and the event channel beside it. */
#pragma once

#include <exo/abi.h>
#include "sched/event.h"

/* Claim FRAME, map it for good, and let FN(ARG) handle the events of LINE, called NAME in
 * /proc/interrupts.  The page, or null. */
[[nodiscard]] void *xen_share_open(exo_frame frame, uint32_t line, const char *name, event_fn *fn,
                                   void *arg);
/* Tell the other end to look at the page. */
void xen_share_signal(uint32_t line);
