/* SPDX-License-Identifier: BSD-2-Clause */
/* console.h - Xen's paravirtual console: one stream of bytes each way (public/io/console.h).
 *
 * Two ports may share it: with `console=framed` the bytes to the host are
 *     DLE DLE    a DLE (0x10)
 *     DLE O      what follows was written to the first port
 *     DLE R      what follows was written to the second
 *     DLE Z      the machine ends: nothing follows
 * Without it they are plain, whichever port they were written to.  Input comes on the first.
 */
#pragma once

#include "drivers/xen/ring.h"
#include "tty/port.h"

struct xen_console {
    struct port port, errors;
    struct xen_ring in, out;
    uint32_t line;
    bool framed;
    struct port *stream; /* whose bytes follow; null: the other end has not been told */
    bool ended, is_told;
};

/* 0; -ENODEV: Xen gave this guest none. */
[[nodiscard]] int xen_console_open(struct xen_console *console, bool framed);
