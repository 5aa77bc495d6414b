/* SPDX-License-Identifier: BSD-2-Clause */
/* lock.h - the domain lock: one lock around all of the libOS.
 *
 * Taken at each entry from a program (system call, fault, event), released on the way back and
 * while a vcpu waits in the kernel.  It belongs to a vcpu, not to a thread: a thread switch hands
 * it over, so that the stack of the thread that left is free before anybody else can run on it.
 */
#pragma once

#include <stdint.h>

/* Wait for the lock.  The calling vcpu must not hold it. */
void domain_lock(void);

/* Once, at the start. */
void domain_lock_setup(void);

/* Release it.  The calling vcpu must hold it. */
void domain_unlock(void);

/* Does another vcpu wait for it in the kernel? */
bool domain_lock_is_wanted(void);

/* Does the calling vcpu hold it?  For assertions. */
bool domain_is_locked(void);
