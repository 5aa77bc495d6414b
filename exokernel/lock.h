/* SPDX-License-Identifier: BSD-2-Clause */
/* lock.h - the kernel's one lock, and Clang's annotations for it.
 *
 * Kernel calls are short and never sleep, so one lock serves all state that more
 * than one CPU can reach: frames, capabilities, spaces, vcpus, slices, routes.  The
 * paths that must be fastest take no lock: a reflected call and an upcall touch the
 * running vcpu only.
 *
 * A CPU that waits for the lock has interrupts off.  It answers TLB shootdowns while
 * it waits (cpu_answer), because the holder may be waiting for just that.
 */
#pragma once

#include <stdint.h>

#define CAPABILITY(name) __attribute__((capability(name)))
#define REQUIRES(...)    __attribute__((requires_capability(__VA_ARGS__)))
#define EXCLUDES(...)    __attribute__((locks_excluded(__VA_ARGS__)))
#define ACQUIRES(...)    __attribute__((acquire_capability(__VA_ARGS__)))
#define RELEASES(...)    __attribute__((release_capability(__VA_ARGS__)))
#define GUARDED_BY(x)    __attribute__((guarded_by(x)))
#define NO_LOCK_ANALYSIS __attribute__((no_thread_safety_analysis))

/* Whoever finds it free takes it.  Not first come, first served: under a hypervisor the next in
 * line may not be running, and all others would wait for it.  But a CPU that held it last stands
 * back for a while when others wait. */
struct CAPABILITY("lock") kernel_lock {
    _Atomic(bool) is_taken;
    bool is_shared;            /* there are other CPUs: set once, before the first of them starts */
    _Atomic(uint32_t) waiting; /* CPUs that found it taken */
    _Atomic(uint32_t) last;    /* CPU number of the last holder */
};

extern struct kernel_lock exo_lock;

void lock_take(struct kernel_lock *lock) ACQUIRES(*lock);
void lock_release(struct kernel_lock *lock) RELEASES(*lock);

/* Another CPU is about to start.  Nobody holds the lock. */
void lock_share(struct kernel_lock *lock);
