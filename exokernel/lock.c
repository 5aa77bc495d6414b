/* SPDX-License-Identifier: BSD-2-Clause */
/* lock.c - the kernel's one lock. */
#include "lock.h"
#include <stdatomic.h>
#include "arch.h"
#include "cpu.h"

struct kernel_lock exo_lock;

void lock_take(struct kernel_lock *lock) NO_LOCK_ANALYSIS
{
    uint32_t ticket = atomic_fetch_add_explicit(&lock->next, 1, memory_order_relaxed);
    /* Acquire pairs with the release in lock_release. */
    while (atomic_load_explicit(&lock->serving, memory_order_acquire) != ticket) {
        cpu_answer();
        arch_pause();
    }
}

void lock_release(struct kernel_lock *lock) NO_LOCK_ANALYSIS
{
    uint32_t serving = atomic_load_explicit(&lock->serving, memory_order_relaxed);
    atomic_store_explicit(&lock->serving, serving + 1, memory_order_release);
}
