/* SPDX-License-Identifier: BSD-2-Clause */
/* event.c - dispatch of the pending word's bits. */
#include "sched/event.h"

#include <exo/abi.h>
#include <exo/vcpu.h>
#include "arch/arch.h"
#include "base/assert.h"
#include "base/errno.h"
#include "sched/policy.h"
#include "sched/sched.h"
#include "trace/record.h"

constexpr unsigned EVENT_BITS = 64;

static struct {
    struct {
        event_fn *fn;
        void *arg;
        unsigned irq; /* of event_alloc */
        const char *name;
        uint64_t count[SCHED_VCPUS_MAX];
    } handlers[EVENT_BITS];
    unsigned next_free;
} events = {.next_free = EXO_EVENT_FIRST_FREE};

void event_register(unsigned bit, event_fn *fn, void *arg)
{
    assert(bit < EVENT_BITS);
    events.handlers[bit].fn = fn;
    events.handlers[bit].arg = arg;
}

int event_alloc(unsigned irq, const char *name)
{
    if (events.next_free >= EVENT_LOCK)
        return -ENOSPC;
    events.handlers[events.next_free].irq = irq;
    events.handlers[events.next_free].name = name;
    return (int)events.next_free++;
}

uint64_t event_count(unsigned vcpu, unsigned bit)
{
    return events.handlers[bit].count[vcpu];
}

int event_device(unsigned n, unsigned *irq, const char **name)
{
    unsigned bit = EXO_EVENT_FIRST_FREE + n;
    if (bit >= events.next_free)
        return -1;
    *irq = events.handlers[bit].irq;
    *name = events.handlers[bit].name;
    return (int)bit;
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
        events.handlers[bit].count[vcpu_local()->number]++;
        if (record_events())
            record_add(RECORD_EVENT, bit, current->tid, events.handlers[bit].irq, 0, 0);
        if (events.handlers[bit].fn)
            events.handlers[bit].fn(events.handlers[bit].arg);
    }
    return true;
}
