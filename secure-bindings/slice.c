/* SPDX-License-Identifier: BSD-2-Clause */
/* slice.c - each CPU's ring of time slots. */
#include "slice.h"
#include "calls.h"
#include "cpu.h"
#include "domain.h"
#include "info.h"
#include "space.h"
#include "trace.h"
#include "vcpu.h"

static uint64_t slot_cycles(void)
{
    return arch_tsc_hz() / 1000 * SLOT_MS;
}

/* The next slot whose vcpu is ready, or runs; EXO_SLOTS if there is none.  The current slot
 * comes last. */
static uint32_t slot_next(const struct cpu *cpu) REQUIRES(exo_lock)
{
    for (uint32_t i = 1; i <= EXO_SLOTS; i++) {
        uint32_t slot = (cpu->slot + i) % EXO_SLOTS;
        const struct vcpu *vcpu = cpu->ring[slot];
        if (vcpu && (vcpu->state == VCPU_READY || vcpu == cpu->running))
            return slot;
    }
    return EXO_SLOTS;
}

static struct vcpu *ring_next(struct cpu *cpu) REQUIRES(exo_lock)
{
    uint32_t slot = slot_next(cpu);
    if (slot == EXO_SLOTS)
        return nullptr;
    cpu->slot = slot;
    return cpu->ring[slot];
}

/* The current slot is over.  If the next one is the same vcpu's they merge; else it is told. */
static void slot_end(struct cpu *cpu, uint64_t now) REQUIRES(exo_lock)
{
    uint32_t next = slot_next(cpu);
    if (next != EXO_SLOTS && cpu->ring[next] == cpu->running) {
        cpu->slot = next;
        cpu->slot_end_tsc = now + slot_cycles();
        return;
    }
    cpu->grace_end_tsc = now + arch_tsc_hz() / 1000000 * GRACE_US;
    trace(cpu, EXO_TRACE_SLICE_END, cpu->running->dom->number, cpu->running->number, 0, 0);
    vcpu_notify(cpu->running, EXO_EVENT_SLICE_END);
}

/* Is there another vcpu that wants this CPU? */
static bool is_contended(const struct cpu *cpu) REQUIRES(exo_lock)
{
    for (const struct vcpu *v = cpu->bound; v; v = v->next_bound)
        if (v != cpu->running && v->state == VCPU_READY)
            return true;
    return false;
}

static void earlier(uint64_t *deadline, uint64_t candidate)
{
    if (candidate != 0 && (*deadline == 0 || candidate < *deadline))
        *deadline = candidate;
}

void slice_arm_timer(struct cpu *cpu)
{
    uint64_t deadline = 0;
    for (const struct vcpu *vcpu = cpu->bound; vcpu; vcpu = vcpu->next_bound) {
        earlier(&deadline, vcpu->timer_tsc);
        if (vcpu->state == VCPU_WAITING)
            earlier(&deadline, vcpu->wait_tsc);
    }
    if (cpu->running && is_contended(cpu))
        earlier(&deadline, cpu->grace_end_tsc ? cpu->grace_end_tsc : cpu->slot_end_tsc);
    arch_timer_set(deadline);
}

static void vcpu_leave(struct cpu *cpu, struct trapframe *tf) REQUIRES(exo_lock)
{
    struct vcpu *vcpu = cpu->running;
    trapframe_copy(&vcpu->saved, tf);
    vcpu->tls = arch_user_tls();
    /* Saved now, since another CPU may run it next; kept in the registers too, for the
     * frequent case that it comes back here first. */
    arch_xstate_trap(false);
    arch_xstate_save(vcpu->xstate);
    vcpu->xstate_cpu = cpu;
    cpu->xstate_owner = vcpu;
    cpu->running = nullptr;
    cpu->grace_end_tsc = 0;
}

static void vcpu_enter(struct cpu *cpu, struct vcpu *vcpu, struct trapframe *tf) REQUIRES(exo_lock)
{
    trapframe_copy(tf, &vcpu->saved);
    vcpu->state = VCPU_RUNNING;
    cpu->running = vcpu;
    cpu->caller = (struct caller){.cpu = cpu, .vcpu = vcpu, .dom = vcpu->dom};
    cpu->slot_end_tsc = arch_cycles() + slot_cycles();
    trace(cpu, EXO_TRACE_RUN, vcpu->dom->number, vcpu->number, cpu->slot, 0);
    vcpu->page->cpu = cpu->number;
    arch_enter_vcpu(cpu, vcpu->page_va, vcpu->page);
    arch_set_entries(cpu, vcpu->linux_entry, vcpu->upcall_entry);
    arch_set_user_gs(vcpu->page_va);
    arch_set_user_tls(vcpu->tls);
    arch_set_vcpu_number(vcpu->number);
    space_load(vcpu->space);
    if (cpu->xstate_owner != vcpu || vcpu->xstate_cpu != cpu) {
        arch_xstate_load(vcpu->xstate);
        cpu->xstate_owner = vcpu;
        vcpu->xstate_cpu = cpu;
    }
    if (vcpu->xstate_traps)
        arch_xstate_trap(true);
    if (cpu->ports != vcpu->dom) {
        arch_set_ports(cpu, vcpu->dom->ports);
        cpu->ports = vcpu->dom;
    }
}

void slice_reschedule(struct cpu *cpu, struct trapframe *tf)
{
    struct vcpu *before = cpu->running;
    if (before)
        vcpu_leave(cpu, tf);
    if (before && before->state == VCPU_RUNNING)
        before->state = VCPU_READY;
    for (;;) {
        struct vcpu *next = cpu->next_hint;
        cpu->next_hint = nullptr;
        if (!next || next->state != VCPU_READY)
            next = ring_next(cpu);
        if (next) {
            vcpu_enter(cpu, next, tf);
            slice_arm_timer(cpu);
            return;
        }
        slice_arm_timer(cpu);
        trace(cpu, EXO_TRACE_IDLE, 0, 0, 0, 0);
        /* Interrupts handled here find the CPU idle and only mark what is ready. */
        lock_release(&exo_lock);
        arch_wait_for_interrupt();
        lock_take(&exo_lock);
    }
}

void slice_made_ready(struct vcpu *vcpu)
{
    struct cpu *cpu = vcpu->cpu;
    if (!cpu)
        return;
    if (cpu != cpu_here())
        arch_kick(cpu);
    else if (cpu->running)
        slice_arm_timer(cpu);
}

static void vcpu_clock(struct vcpu *vcpu, uint64_t now) REQUIRES(exo_lock)
{
    if (vcpu->timer_tsc != 0 && vcpu->timer_tsc <= now) {
        vcpu->timer_tsc = 0;
        vcpu_notify(vcpu, EXO_EVENT_TIMER);
    }
    if (vcpu->state == VCPU_WAITING && vcpu->wait_tsc != 0 && vcpu->wait_tsc <= now)
        vcpu->state = VCPU_READY;
}

void slice_timer(struct cpu *cpu)
{
    uint64_t now = arch_cycles();
    for (struct vcpu *vcpu = cpu->bound; vcpu; vcpu = vcpu->next_bound)
        vcpu_clock(vcpu, now);
    if (!cpu->running)
        return;
    if (cpu->grace_end_tsc != 0 && cpu->grace_end_tsc <= now) {
        cpu->running->page->forced++;
        trace(cpu, EXO_TRACE_FORCED, cpu->running->dom->number, cpu->running->number, 0, 0);
        cpu->running->state = VCPU_READY; /* the caller reschedules */
    } else if (cpu->grace_end_tsc == 0 && cpu->slot_end_tsc <= now && is_contended(cpu)) {
        slot_end(cpu, now);
    }
    slice_arm_timer(cpu);
}

void slice_bind_first(struct cpu *cpu, struct vcpu *vcpu)
{
    vcpu->cpu = cpu;
    vcpu->next_bound = cpu->bound;
    cpu->bound = vcpu;
}

void slice_unbind_all(struct vcpu *vcpu)
{
    struct cpu *cpu = vcpu->cpu;
    if (!cpu)
        return;
    for (struct vcpu **link = &cpu->bound; *link; link = &(*link)->next_bound) {
        if (*link == vcpu) {
            *link = vcpu->next_bound;
            break;
        }
    }
    for (uint32_t i = 0; i < EXO_SLOTS; i++)
        if (cpu->ring[i] == vcpu)
            cpu->ring[i] = nullptr;
    vcpu->slots = 0;
    vcpu->cpu = nullptr;
    if (cpu->running == vcpu && cpu != cpu_here())
        arch_kick(cpu);
}

void slice_return_all(uint16_t from, uint16_t to)
{
    info_change_begin();
    for (uint32_t cpu = 0; cpu < cpu_count; cpu++)
        for (uint32_t slot = 0; slot < EXO_SLOTS; slot++)
            if (info->slice_owner[cpu][slot] == from)
                info->slice_owner[cpu][slot] = to;
    info_change_end();
}

/* The slots must be the caller's, or OTHER's. */
static enum exo_status check_slots(const struct caller *c, uint32_t cpu, uint32_t first,
                                   uint32_t count, const struct domain *other)
{
    if (cpu >= cpu_count || first >= EXO_SLOTS || count == 0 || count > EXO_SLOTS - first)
        return EXO_RANGE;
    for (uint32_t i = first; i < first + count; i++)
        if (info->slice_owner[cpu][i] != c->dom->number &&
            (!other || info->slice_owner[cpu][i] != other->number))
            return EXO_OWNER;
    return EXO_OK;
}

static void slot_clear(struct cpu *cpu, uint32_t slot) REQUIRES(exo_lock)
{
    struct vcpu *vcpu = cpu->ring[slot];
    if (!vcpu)
        return;
    cpu->ring[slot] = nullptr;
    if (--vcpu->slots == 0)
        slice_unbind_all(vcpu);
}

/* VCPU 0 leaves the slots empty. */
enum exo_status call_slice_bind(struct caller *c, uint32_t cpu_no, uint32_t first, uint32_t count,
                                exo_cap cap)
{
    struct cap *found = cap ? cap_find(c->dom, cap, EXO_CAP_VCPU) : nullptr;
    if (cap && !found)
        return EXO_CAP;
    struct vcpu *vcpu = found ? found->object : nullptr;
    /* A creator may fill the slots that it granted to the vcpu's domain. */
    enum exo_status status = check_slots(c, cpu_no, first, count, vcpu ? vcpu->dom : nullptr);
    if (status != EXO_OK)
        return status;
    struct cpu *cpu = &cpus[cpu_no];
    if (vcpu && vcpu->dom->state != DOMAIN_RUNS)
        return EXO_STATE;
    /* One CPU at a time: its state is in that CPU's registers. */
    if (vcpu && vcpu->cpu != cpu && (vcpu->cpu || vcpu->state == VCPU_RUNNING))
        return EXO_INUSE;
    for (uint32_t i = first; i < first + count; i++) {
        if (cpu->ring[i] == vcpu)
            continue;
        if (vcpu && vcpu->slots++ == 0)
            slice_bind_first(cpu, vcpu);
        slot_clear(cpu, i);
        cpu->ring[i] = vcpu;
    }
    if (vcpu && vcpu->state == VCPU_READY)
        slice_made_ready(vcpu);
    c->reschedule = c->vcpu->cpu == nullptr;
    return EXO_OK;
}

enum exo_status call_slice_grant(struct caller *c, uint32_t cpu_no, uint32_t first, uint32_t count,
                                 exo_cap dom)
{
    enum exo_status status = check_slots(c, cpu_no, first, count, nullptr);
    struct domain *to = cap_domain(c->dom, dom);
    if (status != EXO_OK)
        return status;
    if (!to)
        return EXO_CAP;
    info_change_begin();
    for (uint32_t i = first; i < first + count; i++) {
        if (to != c->dom)
            slot_clear(&cpus[cpu_no], i);
        info->slice_owner[cpu_no][i] = to->number;
    }
    info_change_end();
    c->reschedule = c->vcpu->cpu == nullptr;
    return EXO_OK;
}
