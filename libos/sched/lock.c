/* SPDX-License-Identifier: BSD-2-Clause */
/* lock.c - the domain lock over vcpus: spins for a while, then waits in the kernel.
 *
 * There may be fewer real processors than vcpus, so the holder may not be running: a vcpu that
 * has spun in vain sets its bit in `sleepers` and waits for a doorbell.  Who unlocks rings one of
 * them.  The lock goes to whoever takes it first, not to the longest waiter: handing it to a
 * vcpu that does not run at the moment would make all others wait for that too.  But a vcpu that
 * was rung several times and found the lock taken again is `starving`: then only such may take
 * it, and they are rung first.
 */
#include "sched/lock.h"

#include <exo/stubs.h>

#include "arch/arch.h"
#include "base/assert.h"
#include "base/format.h"
#include "base/log.h"
#include "sched/event.h"
#include "sched/sched.h"
#include "sched/time.h"

constexpr uint32_t SPINS = 200;
constexpr uint32_t PATIENCE = 2;                 /* vain wake-ups before a vcpu starves */
constexpr uint64_t WATCH_NS = 10 * NSEC_PER_SEC; /* far longer than any call works */
constexpr uint64_t LOCK_RUNG = 1ull << EVENT_LOCK;

struct domain_lock domain_lock_word;

static uint64_t self(void)
{
    return (uint64_t)vcpu_page();
}

static uint64_t own_bit(void)
{
    return 1ull << vcpu_local()->number;
}

static bool try_lock(void)
{
    uint64_t nobody = 0;
    uint64_t others = __c11_atomic_load(&domain_lock_word.starving, __ATOMIC_RELAXED);
    if (others && !(others & own_bit()))
        return false;
    /* Acquire: pairs with the release in domain_unlock. */
    return __c11_atomic_load(&domain_lock_word.owner, __ATOMIC_RELAXED) == 0 &&
           __c11_atomic_compare_exchange_strong(&domain_lock_word.owner, &nobody, self(),
                                                __ATOMIC_ACQUIRE, __ATOMIC_RELAXED);
}

static bool spin_lock(void)
{
    for (uint32_t i = 0; i < SPINS; i++) {
        if (try_lock())
            return true;
        arch_pause();
    }
    return false;
}

/* Free, and kept for nobody else. */
static bool may_take(void)
{
    uint64_t starving = __c11_atomic_load(&domain_lock_word.starving, __ATOMIC_SEQ_CST);
    return __c11_atomic_load(&domain_lock_word.owner, __ATOMIC_SEQ_CST) == 0 &&
           (starving == 0 || starving & own_bit());
}

/* Nobody keeps the lock so long: a loop that does not end, or a doorbell that was not rung. */
static void tell_of_holder(uint64_t seconds)
{
    char text[200];
    uint64_t owner = __c11_atomic_load(&domain_lock_word.owner, __ATOMIC_SEQ_CST);
    for (unsigned v = 0; v < vcpu_count(); v++) {
        if ((uint64_t)vcpu_of(v)->page != owner)
            continue;
        /* The thread lives for as long as its vcpu holds the lock. */
        const struct thread *t = vcpu_of(v)->running;
        int n = snprintf(text, sizeof text,
                         "libos: warning: vcpu %u waits for the domain lock for %llu s; vcpu %u "
                         "holds it: %d %s, call %lld\n",
                         vcpu_local()->number, (unsigned long long)seconds, v, t->tid, t->comm,
                         t->user ? (long long)thread_regs(t)->orig_rax : -1);
        /* Not the ring of messages: that belongs to the holder of the lock. */
        log_write(text, (size_t)n);
    }
}

static void sleep_until_rung(void)
{
    uint64_t bit = own_bit();
    uint64_t late_ns = time_deadline_after(WATCH_NS);
    /* Sequentially consistent, as the look in domain_unlock: either we see the lock free here,
     * or who frees it sees the bit, and then vcpu_wait finds the doorbell rung. */
    __c11_atomic_fetch_or(&domain_lock_word.sleepers, bit, __ATOMIC_SEQ_CST);
    if (!may_take())
        (void)exo_vcpu_wait(time_ns_to_cycles_deadline(late_ns));
    if (time_monotonic_ns() >= late_ns)
        tell_of_holder(WATCH_NS / NSEC_PER_SEC);
    __c11_atomic_fetch_and(&domain_lock_word.sleepers, ~bit, __ATOMIC_RELAXED);
    __atomic_fetch_and(&vcpu_page()->pending, ~LOCK_RUNG, __ATOMIC_RELAXED);
}

void domain_lock(void)
{
    assert(!domain_is_locked());
    if (spin_lock())
        return;
    for (uint32_t vain = 0; !spin_lock(); vain++) {
        if (vain == PATIENCE)
            __c11_atomic_fetch_or(&domain_lock_word.starving, own_bit(), __ATOMIC_SEQ_CST);
        sleep_until_rung();
    }
    __c11_atomic_fetch_and(&domain_lock_word.starving, ~own_bit(), __ATOMIC_SEQ_CST);
}

static void ring_one(uint64_t sleepers)
{
    /* The next one after this vcpu's number, so that all have their turn. */
    unsigned number = vcpu_local()->number;
    uint64_t first = sleepers & __c11_atomic_load(&domain_lock_word.starving, __ATOMIC_SEQ_CST);
    sleepers = first ? first : sleepers;
    uint64_t after = sleepers & ~((2ull << number) - 1);
    unsigned chosen = (unsigned)__builtin_ctzll(after ? after : sleepers);
    __c11_atomic_fetch_and(&domain_lock_word.sleepers, ~(1ull << chosen), __ATOMIC_RELAXED);
    (void)exo_vcpu_notify(vcpu_of(chosen)->cap, LOCK_RUNG);
}

void domain_unlock(void)
{
    assert(domain_is_locked());
    domain_unlock_quick();
}

void domain_ring(void)
{
    uint64_t sleepers = __c11_atomic_load(&domain_lock_word.sleepers, __ATOMIC_SEQ_CST);
    if (sleepers)
        ring_one(sleepers);
}

bool domain_lock_is_wanted(void)
{
    return __c11_atomic_load(&domain_lock_word.sleepers, __ATOMIC_RELAXED) != 0;
}

bool domain_is_locked(void)
{
    /* Only this vcpu writes its own page's address there, so the answer cannot change meanwhile. */
    return __c11_atomic_load(&domain_lock_word.owner, __ATOMIC_RELAXED) == self();
}

static void already_served(void *arg)
{
    (void)arg;
}

void domain_lock_setup(void)
{
    /* A doorbell may come after the spinning has succeeded. */
    event_register(EVENT_LOCK, already_served, nullptr);
}
