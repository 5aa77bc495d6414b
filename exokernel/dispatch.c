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
        [[maybe_unused]] uint64_t x0, [[maybe_unused]] uint64_t x1, [[maybe_unused]] uint64_t x2,  \
        [[maybe_unused]] uint64_t x3, [[maybe_unused]] uint64_t x4, struct cpu *cpu)               \
        REQUIRES(exo_lock)                                                                         \
    {                                                                                              \
        return call_##name(&cpu->caller __VA_OPT__(, ) __VA_ARGS__);                               \
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
static call_fn *const handlers[EXO_CALL_SPAN] = {
#include <exo/calls.def>
};
#undef EXO_CALL0
#undef EXO_CALL1
#undef EXO_CALL2
#undef EXO_CALL3
#undef EXO_CALL4
#undef EXO_CALL5

/* After these something else than the caller may run, or the caller elsewhere. */
constexpr uint64_t CALLS_THAT_LEAVE = 1ull << EXO_NR_vcpu_wait | 1ull << EXO_NR_vcpu_yield |
                                      1ull << EXO_NR_vcpu_resume | 1ull << EXO_NR_slice_bind |
                                      1ull << EXO_NR_slice_grant;

call_fn *call_entry[EXO_CALL_SPAN];

static enum exo_status no_call(uint64_t, uint64_t, uint64_t, uint64_t, uint64_t, struct cpu *)
{
    return EXO_NOCALL;
}

void calls_init(void)
{
    bool is_traced = trace_is_on(&cpus[0]);
    for (uint32_t nr = 0; nr < EXO_CALL_SPAN; nr++) {
        if (!handlers[nr])
            call_entry[nr] = no_call;
        else if (is_traced || CALLS_THAT_LEAVE >> nr & 1)
            call_entry[nr] = exo_call_whole;
        else
            call_entry[nr] = exo_lock.is_shared ? exo_call_shared : handlers[nr];
    }
}

enum exo_status trap_call_shared(uint64_t a0, uint64_t a1, uint64_t a2, uint64_t a3, uint64_t a4,
                                 struct cpu *cpu)
{
    lock_take(&exo_lock);
    enum exo_status status = handlers[cpu->caller.number](a0, a1, a2, a3, a4, cpu);
    lock_release(&exo_lock);
    assert(!cpu->caller.reschedule);
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
    if (trace_is_on(cpu))
        trace_call_begin(cpu);
    lock_take(&exo_lock);
    uint64_t nr = trapframe_number(tf) - EXO_BASE;
    enum exo_status status = handlers[nr](a[0], a[1], a[2], a[3], a[4], cpu);
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
    if (action == EXO_POWER_RESET) {
        log_line("restart");
        arch_reset();
    }
    if (action == EXO_POWER_HALT) {
        log_line("halted");
        arch_halt();
    }
    if (action == EXO_POWER_FAIL) {
        arch_log_insist();
        log_line("panic: domain 0 gave up");
        arch_power_off(true);
    }
    if (action != EXO_POWER_OFF)
        return EXO_INVAL;
    log_line("exit %u", status);
    arch_power_off(false);
}
