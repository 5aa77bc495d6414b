/* SPDX-License-Identifier: BSD-2-Clause */
/* vcpu.c - the domain's vcpus: how they start, and what they do when there is nothing to do. */
#include <exo/info.h>
#include <exo/stubs.h>
#include "base/log.h"
#include "base/string.h"
#include "mm/heap.h"
#include "mm/table.h"
#include "mm/vmarea.h"
#include "proc/cred.h"
#include "sched/event.h"
#include "sched/lock.h"
#include "sched/sched.h"
#include "sched/time.h"

static struct sched_vcpu boot_vcpu;

/* PAGE and LOCAL are filled in as far as the vcpu itself needs them: LOCAL's idle_stack. */
static void vcpu_setup(struct sched_vcpu *v, unsigned number, exo_cap cap,
                       struct exo_vcpu_page *page)
{
    v->number = number;
    v->cap = cap;
    v->page = page;
    page->masked = 1; /* the libOS looks for events when it suits it */
    v->running = &v->idle;
    v->armed_ns = v->sample_ns = WAIT_FOREVER;
    v->idle.refs = 1;
    v->idle.state = THREAD_RUNNING;
    v->idle.vcpu = number;
    v->idle.switched_in_tsc = arch_cycles();
    v->idle.arch.xstate_vcpu = -1;
    v->idle.cred = &cred_root; /* what is done at start-up is done by the system */
    string_copy(v->idle.comm, "idle", sizeof v->idle.comm);
    signal_thread_init(&v->idle.signal);
    struct vcpu_local *local = (struct vcpu_local *)page->libos;
    v->idle.arch.stack_top = local->idle_stack;
    local->number = number;
    local->running = &v->idle;
    local->sched = v;
    local->xstate_owner = nullptr;
    local->need_resched = 0;
}

void sched_init(void)
{
    sched_setup();
    vcpu_setup(&boot_vcpu, 0, EXO_CAP_BOOT_VCPU, vcpu_page());
    domain_lock();
    sched_vcpu_add(&boot_vcpu);
    sched_tick_setup();
}

static void yield_if_wanted(struct sched_vcpu *v)
{
    if (v->yield_wanted) {
        v->yield_wanted = false;
        (void)exo_vcpu_yield(EXO_CAP_SELF);
    }
}

/* Nothing is ready.  A doorbell that rings after the lock is free has set a pending bit before
 * the kernel looks: vcpu_wait returns at once then. */
static void idle_wait(struct sched_vcpu *v)
{
    sched_program_timer(v);
    domain_unlock();
    yield_if_wanted(v);
    (void)exo_vcpu_wait(0); /* without a deadline: the vcpu's timer is set */
    domain_lock();
}

[[noreturn]] void sched_run(void)
{
    struct sched_vcpu *v = vcpu_current();
    for (;;) {
        event_dispatch();
        schedule(); /* comes back when nothing is ready any more */
        if (!vcpu_page()->pending)
            idle_wait(v);
    }
}

[[noreturn]] void vcpu_main(void)
{
    domain_lock();
    sched_run();
}

/* What a vcpu is made of. */
struct vcpu_parts {
    struct sched_vcpu *sched;
    void *stack, *page;
    exo_frame page_frame, object;
};

static bool parts_alloc(struct vcpu_parts *p)
{
    p->sched = heap_zalloc(sizeof *p->sched);
    if (!p->sched)
        return false;
    p->stack = stack_alloc();
    if (!p->stack)
        goto free_sched;
    if (vcpu_page_alloc(&p->page, &p->page_frame) && frame_for_object(&p->object))
        return true;
    stack_free(p->stack);
free_sched:
    heap_free(p->sched);
    return false;
}

/* A vcpu in frames of its own, bound to all slots of CPU that are ours. */
static bool vcpu_boot(unsigned number, unsigned cpu)
{
    struct vcpu_parts p;
    if (!parts_alloc(&p)) {
        log_warn("no memory for vcpu %u", number);
        return false;
    }
    uint64_t stack_top = (uint64_t)p.stack + ARCH_STACK_BYTES;
    uint64_t cap;
    enum exo_status status = exo_vcpu_create(EXO_CAP_SELF, p.object, p.page_frame, (uint64_t)p.page,
                                             EXO_CAP_BOOT_SPACE, &cap);
    if (status != EXO_OK)
        panic("vcpu %u cannot be created: status %d", number, (int)status);
    struct vcpu_local *local = (struct vcpu_local *)((struct exo_vcpu_page *)p.page)->libos;
    local->idle_stack = stack_top;
    local->space = EXO_CAP_BOOT_SPACE;
    vcpu_setup(p.sched, number, (exo_cap)cap, p.page);
    sched_vcpu_add(p.sched);
    status = exo_slice_bind(cpu, 0, EXO_SLOTS, (exo_cap)cap);
    if (status == EXO_OK)
        status = arch_vcpu_start((exo_cap)cap, stack_top);
    if (status != EXO_OK)
        panic("vcpu %u cannot be started: status %d", number, (int)status);
    return true;
}

void vcpu_boot_others(unsigned count)
{
    for (unsigned cpu = 1; cpu < count && vcpu_count() < SCHED_VCPUS_MAX; cpu++)
        if (!vcpu_boot(vcpu_count(), cpu))
            break;
}
