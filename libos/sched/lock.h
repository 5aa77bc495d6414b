/* SPDX-License-Identifier: BSD-2-Clause */
/* lock.h - the domain lock: one lock around all of the libOS.
 *
 * Taken at each entry from a program (system call, fault, event), released on the way back and
 * while a vcpu waits in the kernel.  It belongs to a vcpu, not to a thread: a thread switch hands
 * it over, so that the stack of the thread that left is free before anybody else can run on it.
 */
#pragma once

#include <stdint.h>
#include "arch/arch.h"

struct domain_lock {
    _Atomic uint64_t owner;    /* the holder's vcpu page; 0: nobody */
    _Atomic uint64_t sleepers; /* bit per vcpu that waits in the kernel */
    _Atomic uint64_t starving; /* bit per vcpu that goes first */
};
extern struct domain_lock domain_lock_word;

/* Wait for the lock.  The calling vcpu must not hold it. */
void domain_lock(void);

/* The same two for the shortest of calls. */
static inline void domain_lock_quick(void)
{
    uint64_t nobody = 0, self = (uint64_t)vcpu_page();
    if (__c11_atomic_load(&domain_lock_word.starving, __ATOMIC_RELAXED) ||
        !__c11_atomic_compare_exchange_strong(&domain_lock_word.owner, &nobody, self,
                                              __ATOMIC_ACQUIRE, __ATOMIC_RELAXED))
        domain_lock();
}

/* Once, at the start. */
void domain_lock_setup(void);

/* Release it.  The calling vcpu must hold it. */
void domain_unlock(void);
/* Somebody may sleep, though the lock is free: wake one. */
void domain_ring(void);

static inline void domain_unlock_quick(void)
{
    /* Sequentially consistent: as in domain_unlock. */
    __c11_atomic_store(&domain_lock_word.owner, 0, __ATOMIC_SEQ_CST);
    if (__c11_atomic_load(&domain_lock_word.sleepers, __ATOMIC_SEQ_CST))
        domain_ring();
}

/* Does another vcpu wait for it in the kernel? */
bool domain_lock_is_wanted(void);

/* Does the calling vcpu hold it?  For assertions. */
bool domain_is_locked(void);
