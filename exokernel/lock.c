/* SPDX-License-Identifier: BSD-2-Clause */
/* lock.c - the kernel's one lock. */
#include "lock.h"
#include <stdatomic.h>
#include "arch.h"
#include "cpu.h"

struct kernel_lock exo_lock;

void lock_take(struct kernel_lock *lock) NO_LOCK_ANALYSIS
{
    /* Acquire pairs with the release in lock_release. */
    while (atomic_exchange_explicit(&lock->is_taken, true, memory_order_acquire)) {
        while (atomic_load_explicit(&lock->is_taken, memory_order_relaxed)) {
            cpu_answer();
            arch_pause();
        }
    }
}

void lock_release(struct kernel_lock *lock) NO_LOCK_ANALYSIS
{
    atomic_store_explicit(&lock->is_taken, false, memory_order_release);
}
