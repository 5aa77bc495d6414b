/* SPDX-License-Identifier: BSD-2-Clause */
/* dispatch.c - from a call's number to its handler. */
#include "calls.h"
#include "cpu.h"
#include "domain.h"
#include "log.h"
#include "mem.h"
#include "slice.h"
#include "usercopy.h"
#include "vcpu.h"

struct arguments {
    uint64_t a[5];
};

#define EXO_CALL0(nr, name, second_kind)                                                           \
    case nr: return call_##name(c);
#define EXO_CALL1(nr, name, second_kind, t0, a0)                                                   \
    case nr: return call_##name(c, (t0)args->a[0]);
#define EXO_CALL2(nr, name, second_kind, t0, a0, t1, a1)                                           \
    case nr: return call_##name(c, (t0)args->a[0], (t1)args->a[1]);
#define EXO_CALL3(nr, name, second_kind, t0, a0, t1, a1, t2, a2)                                   \
    case nr: return call_##name(c, (t0)args->a[0], (t1)args->a[1], (t2)args->a[2]);
#define EXO_CALL4(nr, name, second_kind, t0, a0, t1, a1, t2, a2, t3, a3)                           \
    case nr: return call_##name(c, (t0)args->a[0], (t1)args->a[1], (t2)args->a[2], (t3)args->a[3]);
#define EXO_CALL5(nr, name, second_kind, t0, a0, t1, a1, t2, a2, t3, a3, t4, a4)                   \
    case nr:                                                                                       \
        return call_##name(c, (t0)args->a[0], (t1)args->a[1], (t2)args->a[2], (t3)args->a[3],      \
                           (t4)args->a[4]);

static inline enum exo_status dispatch(struct caller *c, uint64_t nr, const struct arguments *args)
    REQUIRES(exo_lock)
{
    switch (nr) {
#include <exo/calls.def>
    default: return EXO_NOCALL;
    }
}

/* Calls after which something else than the caller may run, or the caller elsewhere. */
const uint64_t calls_that_leave = 1ull << EXO_NR_vcpu_wait | 1ull << EXO_NR_vcpu_yield |
                                  1ull << EXO_NR_vcpu_resume | 1ull << EXO_NR_slice_bind |
                                  1ull << EXO_NR_slice_grant;

struct call_result trap_call_quick(uint64_t a0, uint64_t a1, uint64_t a2, uint64_t a3, uint64_t a4,
                                   uint64_t nr)
{
    struct cpu *cpu = cpu_here();
    struct vcpu *vcpu = cpu->running;
    struct caller c = {.cpu = cpu, .vcpu = vcpu, .dom = vcpu->dom, .second = a2};
    struct arguments args = {{a0, a1, a2, a3, a4}};
    vcpu->page->calls++;
    lock_take(&exo_lock);
    enum exo_status status = dispatch(&c, nr, &args);
    lock_release(&exo_lock);
    assert(!c.reschedule);
    return (struct call_result){status, c.second};
}

void trap_call(struct trapframe *tf)
{
    struct cpu *cpu = cpu_here();
    struct vcpu *vcpu = cpu->running;
    struct caller c = {.cpu = cpu, .vcpu = vcpu, .dom = vcpu->dom, .tf = tf, .second = tf->rdx};
    struct arguments args;
    trapframe_arguments(tf, args.a);
    vcpu->page->calls++;
    lock_take(&exo_lock);
    enum exo_status status = dispatch(&c, trapframe_number(tf) - EXO_BASE, &args);
    trapframe_set_result(tf, status, c.second);
    if (c.reschedule)
        slice_reschedule(cpu, tf);
    lock_release(&exo_lock);
    trap_events(tf);
}

void trap_events(struct trapframe *tf)
{
    struct vcpu *vcpu = cpu_here()->running;
    if (vcpu)
        vcpu_deliver_events(vcpu, tf);
}

enum exo_status call_null(struct caller *c)
{
    c->second = EXO_ABI_VERSION;
    return EXO_OK;
}

enum exo_status call_log_write(struct caller *c, exo_uaddr text, uint64_t length)
{
    char line[256];
    if (c->dom->number != 0)
        return EXO_OWNER;
    if (length > sizeof line)
        length = sizeof line;
    if (copy_in(line, text, length) != EXO_OK)
        return EXO_FAULT;
    log_raw(line, length);
    c->second = length;
    return EXO_OK;
}

enum exo_status call_power(struct caller *c, uint32_t action, uint32_t status)
{
    if (c->dom->number != 0)
        return EXO_OWNER;
    if (action == EXO_POWER_RESET)
        arch_reset();
    if (action == EXO_POWER_FAIL) {
        log_line("panic: domain 0 gave up");
        arch_power_off(true);
    }
    if (action != EXO_POWER_OFF)
        return EXO_INVAL;
    log_line("exit %u", status);
    arch_power_off(false);
}
