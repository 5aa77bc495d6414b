/* SPDX-License-Identifier: BSD-2-Clause */
/* lock.c - the kernel's one lock. */
#include "lock.h"
#include <stdatomic.h>
#include "arch.h"
#include "cpu.h"

struct kernel_lock exo_lock;

constexpr uint32_t STAND_BACK = 500; /* pauses */

static bool try_take(struct kernel_lock *lock)
{
    /* Acquire pairs with the release in lock_release. */
    return !atomic_load_explicit(&lock->is_taken, memory_order_relaxed) &&
           !atomic_exchange_explicit(&lock->is_taken, true, memory_order_acquire);
}

static void pause_here(void)
{
    cpu_answer();
    arch_pause();
}

/* Let those who wait have their turn, if this CPU had the last one. */
static void stand_back(struct kernel_lock *lock, uint32_t here)
{
    for (uint32_t i = 0; i < STAND_BACK; i++) {
        if (atomic_load_explicit(&lock->waiting, memory_order_relaxed) == 0 ||
            atomic_load_explicit(&lock->last, memory_order_relaxed) != here)
            return;
        pause_here();
    }
}

static void take(struct kernel_lock *lock)
{
    uint32_t here = cpu_here()->number;
    stand_back(lock, here);
    if (!try_take(lock)) {
        atomic_fetch_add_explicit(&lock->waiting, 1, memory_order_relaxed);
        while (!try_take(lock))
            pause_here();
        atomic_fetch_sub_explicit(&lock->waiting, 1, memory_order_relaxed);
    }
    atomic_store_explicit(&lock->last, here, memory_order_relaxed);
}

/* A CPU that is alone has the lock as long as it is in the kernel, for interrupts are off there. */
void lock_take(struct kernel_lock *lock) NO_LOCK_ANALYSIS
{
    if (lock->is_shared)
        take(lock);
}

void lock_release(struct kernel_lock *lock) NO_LOCK_ANALYSIS
{
    if (lock->is_shared)
        atomic_store_explicit(&lock->is_taken, false, memory_order_release);
}

void lock_share(struct kernel_lock *lock)
{
    lock->is_shared = true;
}
