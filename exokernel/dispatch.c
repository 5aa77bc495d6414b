/* SPDX-License-Identifier: BSD-2-Clause */
/* dispatch.c - from a call's number to its handler. */
#include "calls.h"
#include "cpu.h"
#include "domain.h"
#include "log.h"
#include "mem.h"
#include "slice.h"
#include "trace.h"
#include "usercopy.h"
#include "vcpu.h"

/* Handlers have parameters of their own types; in the table all are alike. */
#define ENTER(name, ...)                                                                           \
    static enum exo_status enter_##name(                                                           \
        [[maybe_unused]] struct caller *c, [[maybe_unused]] uint64_t x0,                           \
        [[maybe_unused]] uint64_t x1, [[maybe_unused]] uint64_t x2, [[maybe_unused]] uint64_t x3,  \
        [[maybe_unused]] uint64_t x4) REQUIRES(exo_lock)                                           \
    {                                                                                              \
        return call_##name(c __VA_OPT__(, ) __VA_ARGS__);                                          \
    }
#define EXO_CALL0(nr, name, second_kind)                         ENTER(name)
#define EXO_CALL1(nr, name, second_kind, t0, a0)                 ENTER(name, (t0)x0)
#define EXO_CALL2(nr, name, second_kind, t0, a0, t1, a1)         ENTER(name, (t0)x0, (t1)x1)
#define EXO_CALL3(nr, name, second_kind, t0, a0, t1, a1, t2, a2) ENTER(name, (t0)x0, (t1)x1, (t2)x2)
#define EXO_CALL4(nr, name, second_kind, t0, a0, t1, a1, t2, a2, t3, a3)                           \
    ENTER(name, (t0)x0, (t1)x1, (t2)x2, (t3)x3)
#define EXO_CALL5(nr, name, second_kind, t0, a0, t1, a1, t2, a2, t3, a3, t4, a4)                   \
    ENTER(name, (t0)x0, (t1)x1, (t2)x2, (t3)x3, (t4)x4)
#include <exo/calls.def>
#undef EXO_CALL0
#undef EXO_CALL1
#undef EXO_CALL2
#undef EXO_CALL3
#undef EXO_CALL4
#undef EXO_CALL5

#define EXO_CALL0(nr, name, ...) [nr] = enter_##name,
#define EXO_CALL1(nr, name, ...) [nr] = enter_##name,
#define EXO_CALL2(nr, name, ...) [nr] = enter_##name,
#define EXO_CALL3(nr, name, ...) [nr] = enter_##name,
#define EXO_CALL4(nr, name, ...) [nr] = enter_##name,
#define EXO_CALL5(nr, name, ...) [nr] = enter_##name,
call_fn *const call_table[EXO_CALL_SPAN] = {
#include <exo/calls.def>
};

/* After these something else than the caller may run, or the caller elsewhere. */
uint64_t calls_that_leave = 1ull << EXO_NR_vcpu_wait | 1ull << EXO_NR_vcpu_yield |
                            1ull << EXO_NR_vcpu_resume | 1ull << EXO_NR_slice_bind |
                            1ull << EXO_NR_slice_grant;

void calls_trace(void)
{
    for (uint32_t nr = 0; nr < EXO_CALL_SPAN; nr++)
        if (call_table[nr])
            calls_that_leave |= 1ull << nr;
}

enum exo_status trap_call_shared(struct caller *c, uint64_t a0, uint64_t a1, uint64_t a2,
                                 uint64_t a3, uint64_t a4, call_fn *fn)
{
    lock_take(&exo_lock);
    enum exo_status status = fn(c, a0, a1, a2, a3, a4);
    lock_release(&exo_lock);
    assert(!c->reschedule);
    return status;
}

void trap_call(struct trapframe *tf)
{
    struct cpu *cpu = cpu_here();
    struct caller *c = &cpu->caller;
    uint64_t a[5];
    trapframe_arguments(tf, a);
    c->tf = tf;
    c->second = a[2];
    c->reschedule = false;
    c->vcpu->page->calls++;
    if (trace_is_on(cpu))
        trace_call_begin(cpu);
    lock_take(&exo_lock);
    uint64_t nr = trapframe_number(tf) - EXO_BASE;
    call_fn *fn = call_table[nr];
    enum exo_status status = fn(c, a[0], a[1], a[2], a[3], a[4]);
    if (trace_is_on(cpu))
        trace_call_end(cpu, c->dom->number, nr, status);
    trapframe_set_result(tf, status, c->second);
    if (c->reschedule)
        slice_reschedule(cpu, tf);
    lock_release(&exo_lock);
    c->reschedule = false;
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
