/* SPDX-License-Identifier: BSD-2-Clause */
/* vcpu.c - dispatchable contexts: life, events, upcalls. */
#include "vcpu.h"
#include "calls.h"
#include "cpu.h"
#include "domain.h"
#include "irq.h"
#include "mem.h"
#include "slice.h"
#include "space.h"
#include "trace.h"
#include "usercopy.h"

enum exo_status vcpu_create(struct domain *dom, exo_frame object, exo_frame page, uint64_t page_va,
                            struct space *space, struct vcpu **out)
{
    uint32_t number = 0;
    while (number < DOMAIN_VCPUS && dom->vcpus[number])
        number++;
    if (number == DOMAIN_VCPUS)
        return EXO_NOSLOT;
    if (page_va % EXO_FRAME_BYTES)
        return EXO_ALIGN;
    if (page_va - EXO_REGION_BASE >= EXO_REGION_BYTES)
        return EXO_RANGE;
    if (page == object)
        return EXO_INVAL;
    enum exo_status status = frame_check_map(dom, page, EXO_READ | EXO_WRITE);
    if (status != EXO_OK)
        return status;
    if (frames[page].holder != dom->number)
        return EXO_OWNER;
    status = frame_make_object(dom, object);
    if (status != EXO_OK)
        return status;
    struct vcpu *vcpu = frame_ptr(object);
    vcpu->dom = dom;
    vcpu->number = number;
    vcpu->object = object;
    vcpu->page_frame = page;
    vcpu->page = frame_ptr(page);
    vcpu->page_va = page_va;
    vcpu->space = space;
    arch_xstate_init(vcpu->xstate);
    frame_pin(page); /* the kernel writes to it */
    space->vcpus++;
    mem_clear_frame(vcpu->page);
    vcpu->page->self = page_va;
    vcpu->page->number = number;
    vcpu->page->masked = 1;
    dom->vcpus[number] = vcpu;
    *out = vcpu;
    return EXO_OK;
}

void vcpu_free(struct vcpu *vcpu)
{
    assert(vcpu->state != VCPU_RUNNING);
    slice_unbind_all(vcpu);
    irq_unbind_vcpu(vcpu);
    for (uint32_t i = 0; i < cpu_count; i++)
        if (cpus[i].xstate_owner == vcpu)
            cpus[i].xstate_owner = nullptr;
    cap_forget(vcpu->name, vcpu);
    vcpu->space->vcpus--;
    frame_unpin(vcpu->page_frame);
    vcpu->dom->vcpus[vcpu->number] = nullptr;
    frame_end_object(vcpu->object);
}

void vcpu_notify(struct vcpu *vcpu, uint64_t events)
{
    __atomic_fetch_or(&vcpu->page->pending, events, __ATOMIC_RELAXED);
    if (vcpu->state == VCPU_WAITING) {
        vcpu->state = VCPU_READY;
        slice_made_ready(vcpu);
    } else if (vcpu->state == VCPU_RUNNING && vcpu->cpu && vcpu->cpu != cpu_here()) {
        /* With no CPU its slots have been taken: it was told to leave already. */
        arch_kick(vcpu->cpu);
    }
}

static uint64_t upcall_stack(const struct vcpu *vcpu, const struct trapframe *tf)
{
    /* In the region already: the frame nests below what runs, as an interrupt's would. */
    bool is_nested = trapframe_stack(tf) - EXO_REGION_BASE < EXO_REGION_BYTES;
    return (is_nested ? trapframe_stack(tf) : vcpu->page->stack) & ~15ull;
}

bool vcpu_push_upcall(struct vcpu *vcpu, struct trapframe *tf, uint64_t cause, uint64_t error,
                      uint64_t detail)
{
    struct exo_upcall_frame frame = {
        .cause = cause, .error = error, .detail = detail, .was_masked = vcpu->page->masked};
    trapframe_tell(tf, &frame);
    uint64_t stack = upcall_stack(vcpu, tf) - sizeof frame;
    if (stack - EXO_REGION_BASE >= EXO_REGION_BYTES ||
        copy_out(stack, &frame, sizeof frame) != EXO_OK)
        return false;
    vcpu->page->masked = 1;
    vcpu->page->upcalls++;
    trace(cpu_here(), EXO_TRACE_UPCALL, vcpu->dom->number, vcpu->number, frame.cause, frame.detail);
    trapframe_divert(tf, vcpu->upcall_entry, stack);
    arch_set_user_gs(vcpu->page_va);
    return true;
}

void vcpu_deliver_events(struct vcpu *vcpu, struct trapframe *tf)
{
    uint64_t pending = __atomic_load_n(&vcpu->page->pending, __ATOMIC_RELAXED);
    if (pending == 0 || vcpu->page->masked || !trapframe_is_user(tf))
        return;
    if (!vcpu_push_upcall(vcpu, tf, EXO_CAUSE_EVENT, 0, pending)) {
        lock_take(&exo_lock);
        domain_end(vcpu->dom, "no stack for an upcall");
        slice_reschedule(cpu_here(), tf);
        lock_release(&exo_lock);
    }
}

static struct vcpu *find(struct caller *c, exo_cap cap) REQUIRES(exo_lock)
{
    return cap_object(c->dom, cap, EXO_CAP_VCPU);
}

enum exo_status call_vcpu_create(struct caller *c, exo_cap dom_cap, exo_frame object,
                                 exo_frame page, exo_uaddr page_va, exo_cap space_cap)
{
    struct domain *dom = cap_domain(c->dom, dom_cap);
    struct cap *space = cap_find(c->dom, space_cap, EXO_CAP_SPACE);
    struct vcpu *vcpu;
    if (!dom || !space)
        return EXO_CAP;
    if (((struct space *)space->object)->dom != dom)
        return EXO_OWNER;
    exo_cap cap = cap_add(c->dom, (struct cap){.kind = EXO_CAP_VCPU});
    if (cap == 0)
        return EXO_NOSLOT;
    enum exo_status status = vcpu_create(dom, object, page, page_va, space->object, &vcpu);
    if (status != EXO_OK) {
        cap_remove(c->dom, cap);
        return status;
    }
    c->dom->caps[cap].object = vcpu;
    vcpu->name = (struct cap_place){c->dom->number, cap};
    c->second = cap;
    return EXO_OK;
}

/* First start (at START, its page's address in the first argument register), or new entries
 * for a vcpu that runs already. */
enum exo_status call_vcpu_start(struct caller *c, exo_cap cap, exo_uaddr start,
                                exo_uaddr linux_entry, exo_uaddr upcall_entry, exo_uaddr stack)
{
    struct vcpu *vcpu = find(c, cap);
    if (!vcpu)
        return EXO_CAP;
    if (start >= EXO_USER_TOP || linux_entry >= EXO_USER_TOP || upcall_entry >= EXO_USER_TOP ||
        stack >= EXO_USER_TOP)
        return EXO_RANGE;
    if (vcpu->state == VCPU_RUNNING && vcpu != c->vcpu)
        return EXO_STATE;
    vcpu->linux_entry = linux_entry;
    vcpu->upcall_entry = upcall_entry;
    vcpu->page->stack = stack;
    if (vcpu == c->vcpu) {
        arch_set_entries(c->cpu, linux_entry, upcall_entry);
        return EXO_OK;
    }
    if (vcpu->state != VCPU_NEW)
        return EXO_OK;
    trapframe_start(&vcpu->saved, start, stack, vcpu->page_va, 0);
    vcpu->state = VCPU_READY;
    slice_made_ready(vcpu);
    return EXO_OK;
}

enum exo_status call_vcpu_destroy(struct caller *c, exo_cap cap)
{
    struct vcpu *vcpu = find(c, cap);
    if (!vcpu)
        return EXO_CAP;
    if (vcpu == c->vcpu)
        return EXO_INVAL;
    slice_unbind_all(vcpu);
    if (vcpu->state == VCPU_RUNNING)
        return EXO_AGAIN; /* its CPU has been told; it lets go of it outside the lock */
    vcpu_free(vcpu);
    return EXO_OK;
}

enum exo_status call_vcpu_wait(struct caller *c, uint64_t deadline_tsc)
{
    if (__atomic_load_n(&c->vcpu->page->pending, __ATOMIC_RELAXED) != 0)
        return EXO_OK;
    if (deadline_tsc != 0 && deadline_tsc <= arch_cycles())
        return EXO_OK;
    c->vcpu->wait_tsc = deadline_tsc;
    c->vcpu->state = VCPU_WAITING;
    c->reschedule = true;
    return EXO_OK;
}

/* TO 0: to whoever's slot comes next. */
enum exo_status call_vcpu_yield(struct caller *c, exo_cap to)
{
    struct vcpu *target = to ? find(c, to) : nullptr;
    if (to && !target)
        return EXO_CAP;
    if (target && (target == c->vcpu || target->cpu != c->cpu))
        return EXO_INVAL;
    c->vcpu->state = VCPU_READY;
    c->cpu->next_hint = target && target->state == VCPU_READY ? target : nullptr;
    c->reschedule = true;
    return EXO_OK;
}

enum exo_status call_vcpu_timer(struct caller *c, uint64_t deadline_tsc)
{
    c->vcpu->timer_tsc = deadline_tsc;
    slice_arm_timer(c->cpu);
    return EXO_OK;
}

enum exo_status call_vcpu_trap_extended(struct caller *c, uint32_t on)
{
    c->vcpu->xstate_traps = on != 0;
    arch_xstate_trap(on != 0);
    return EXO_OK;
}

enum exo_status call_vcpu_notify(struct caller *c, exo_cap cap, uint64_t events)
{
    struct vcpu *vcpu = find(c, cap);
    if (!vcpu)
        return EXO_CAP;
    if (events == 0 || (events & ((1ull << EXO_EVENT_FIRST_FREE) - 1)))
        return EXO_INVAL;
    vcpu_notify(vcpu, events);
    return EXO_OK;
}

enum exo_status call_vcpu_resume(struct caller *c, exo_uaddr frame)
{
    struct exo_resume_frame r;
    enum exo_status status = copy_in(&r, frame, sizeof r);
    if (status != EXO_OK)
        return status;
    /* A non-canonical address would fault in the kernel's own IRETQ or WRMSR. */
    if (r.rip >= EXO_USER_TOP || r.gs_base >= EXO_USER_TOP)
        return EXO_RANGE;
    trapframe_resume(c->tf, &r);
    arch_set_user_gs(r.gs_base);
    c->vcpu->page->masked = 0;
    return EXO_OK;
}
