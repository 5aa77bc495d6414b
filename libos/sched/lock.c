/* SPDX-License-Identifier: BSD-2-Clause */
/* lock.c - the domain lock: a ticket lock over vcpus. */
#include "sched/lock.h"

#include "arch/arch.h"
#include "base/assert.h"

/* A vcpu draws `next` and enters when `serving` reaches its number: first come, first served. */
static struct {
    _Atomic uint32_t next;
    _Atomic uint32_t serving;
    _Atomic uint64_t owner; /* the holder's vcpu page; 0: nobody */
} lock;

static uint64_t self(void)
{
    return (uint64_t)vcpu_page();
}

void domain_lock(void)
{
    assert(!domain_is_locked());
    uint32_t ticket = __c11_atomic_fetch_add(&lock.next, 1, __ATOMIC_RELAXED);
    /* Acquire: pairs with the release in domain_unlock. */
    while (__c11_atomic_load(&lock.serving, __ATOMIC_ACQUIRE) != ticket)
        arch_pause();
    __c11_atomic_store(&lock.owner, self(), __ATOMIC_RELAXED);
}

void domain_unlock(void)
{
    assert(domain_is_locked());
    __c11_atomic_store(&lock.owner, 0, __ATOMIC_RELAXED);
    uint32_t now = __c11_atomic_load(&lock.serving, __ATOMIC_RELAXED);
    __c11_atomic_store(&lock.serving, now + 1, __ATOMIC_RELEASE);
}

bool domain_is_locked(void)
{
    /* Only this vcpu writes its own page's address there, so the answer cannot change meanwhile. */
    return __c11_atomic_load(&lock.owner, __ATOMIC_RELAXED) == self();
}
