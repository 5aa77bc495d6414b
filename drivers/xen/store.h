/* SPDX-License-Identifier: BSD-2-Clause */
/* store.h - a client of Xen's store (public/io/xs_wire.h), as far as a guest's end needs one.
 *
 * It watches control/shutdown.  What the toolstack writes there is taken and acknowledged by
 * writing it empty again: poweroff, reboot and halt.  What is not supported (suspend) stays
 * as it is, which the toolstack takes for a refusal after a while.
 */
#pragma once

#include <stdint.h>

struct exo_info;

/* Connect, and call WISH when the toolstack wants the guest to end: to restart, or to power off.
 * 0; -ENODEV: Xen gave this guest no store. */
[[nodiscard]] int xen_store_open(const struct exo_info *info, void (*wish)(bool restart));
