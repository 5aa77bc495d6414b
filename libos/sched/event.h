/* SPDX-License-Identifier: BSD-2-Clause */
/* event.h - the bits of the vcpu's pending word, and who handles them.
 *
 * Handlers run under the domain lock, on whatever thread's stack the event found, before the way
 * back to the program and in the idle loop.  They must not sleep.
 */
#pragma once

#include <stdint.h>

typedef void event_fn(void *arg);

/* The doorbell that makes a vcpu look at its run queue. */
constexpr unsigned EVENT_RESCHED = 63;
/* The doorbell that makes a vcpu pass through the libOS: membarrier(2). */
constexpr unsigned EVENT_BARRIER = 62;
/* The doorbell of a vcpu that waits for the domain lock (lock.c). */
constexpr unsigned EVENT_LOCK = 61;

/* Let FN(ARG) handle event bit BIT. */
void event_register(unsigned bit, event_fn *fn, void *arg);

/* A bit for exo_irq_bind of interrupt IRQ, whose device is called NAME; or -ENOSPC. */
[[nodiscard]] int event_alloc(unsigned irq, const char *name);

/* How often a vcpu has handled event bit BIT. */
uint64_t event_count(unsigned vcpu, unsigned bit);
/* The device of the Nth event_alloc: its bit and *IRQ and *NAME; -1: there are fewer. */
int event_device(unsigned n, unsigned *irq, const char **name);

/* Clear this vcpu's pending bits and run their handlers.  Returns whether there were any. */
bool event_dispatch(void);
