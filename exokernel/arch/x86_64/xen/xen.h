/* SPDX-License-Identifier: BSD-2-Clause */
/* xen.h - the kernel as a guest of Xen.
 *
 * All hypercalls are made here, in the kernel: a domain sees no more than interrupt lines, which
 * stand for event channels, and the frames that it shares with Xen's backends (exo_info.xen).
 */
#pragma once

#include <exo/abi.h>
#include <exo/info.h>
#include "arch.h"
#include "lock.h"

struct boot_facts;

/* Find out whether Xen is there, and map what it shares with every guest.  First of all. */
void xen_init(void);
bool xen_is_here(void);

/* The RAM that Xen gave; for a loader's table that has none. */
void xen_memory_read(struct boot_facts *facts);
/* Tell on the information page where console and store are, and let a domain claim their frames. */
void xen_describe(const struct boot_facts *facts);

/* Event channels.  Each that the kernel knows is an interrupt line of its own. */
constexpr uint32_t XEN_LINE_FIRST = 64;
constexpr uint32_t XEN_LINE_COUNT = 8;
static_assert(XEN_LINE_FIRST + XEN_LINE_COUNT <= ARCH_LINES_MAX);
void xen_events_init(void);
bool xen_line_exists(uint32_t line);
void xen_line_enable(uint32_t line);
void xen_line_disable(uint32_t line);
/* Raise the event of the other end. */
void xen_line_signal(uint32_t line);
/* VECTOR_XEN has come: raise the lines whose events are pending. */
void xen_events_take(void) REQUIRES(exo_lock);

uint64_t xen_tsc_hz(void);
uint64_t xen_wall_clock_ns(void);

/* False: this guest may not write to Xen's console. */
bool xen_console_write(const char *text, size_t n);

enum xen_reason {
    XEN_POWEROFF = 0, /* SHUTDOWN_* */
    XEN_REBOOT = 1,
    XEN_CRASH = 3,
};
/* Returns only if Xen refuses. */
void xen_shutdown(enum xen_reason reason);

/* Grants: frames that another guest, named by its number, may map. */
constexpr uint32_t XEN_GRANT_NONE = 0;
/* Frames that Xen holds the table in; false: it cannot be had. */
bool xen_grants_init(void);
/* Let GUEST map FRAME, which must stay what it is until xen_grant_end has said true.
 * XEN_GRANT_NONE: the table is full. */
uint32_t xen_grant(uint16_t guest, exo_frame frame, uint32_t perms) REQUIRES(exo_lock);
/* False: GUEST still maps it; the grant stays. */
bool xen_grant_end(uint32_t grant) REQUIRES(exo_lock);
