/* SPDX-License-Identifier: BSD-2-Clause */
/* event.c - dispatch of the pending word's bits. */
#include "sched/event.h"

#include <exo/abi.h>
#include <exo/vcpu.h>
#include "arch/arch.h"
#include "base/assert.h"
#include "base/errno.h"

constexpr unsigned EVENT_BITS = 64;

static struct {
    struct {
        event_fn *fn;
        void *arg;
    } handlers[EVENT_BITS];
    unsigned next_free;
} events = {.next_free = EXO_EVENT_FIRST_FREE};

void event_register(unsigned bit, event_fn *fn, void *arg)
{
    assert(bit < EVENT_BITS);
    events.handlers[bit].fn = fn;
    events.handlers[bit].arg = arg;
}

int event_alloc(void)
{
    if (events.next_free >= EVENT_LOCK)
        return -ENOSPC;
    return (int)events.next_free++;
}

bool event_dispatch(void)
{
    struct exo_vcpu_page *page = vcpu_page();
    if (__atomic_load_n(&page->pending, __ATOMIC_RELAXED) == 0)
        return false;
    /* Acquire: what the sender wrote before it set the bit is seen by the handler. */
    uint64_t bits = __atomic_exchange_n(&page->pending, 0, __ATOMIC_ACQUIRE);
    while (bits) {
        unsigned bit = (unsigned)__builtin_ctzll(bits);
        bits &= bits - 1;
        if (events.handlers[bit].fn)
            events.handlers[bit].fn(events.handlers[bit].arg);
    }
    return true;
}
