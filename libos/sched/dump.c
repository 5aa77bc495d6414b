/* SPDX-License-Identifier: BSD-2-Clause */
/* dump.c - what every thread is doing, for the log: help against a deadlock. */
#include "base/format.h"
#include "base/log.h"
#include "linux-api/dispatch.h"
#include "proc/process.h"
#include "sched/sched.h"
#include "sched/time.h"

static void dump_thread(struct thread *t, void *now)
{
    const struct regs *regs = thread_regs(t);
    char until[40] = "";
    if (t->state == THREAD_SLEEPING && t->sleep_deadline_ns != WAIT_FOREVER)
        snprintf(until, sizeof until, " for %lld ms",
                 (long long)(t->sleep_deadline_ns - *(uint64_t *)now) / 1000000);
    const struct syscall_entry *call = syscall_find(regs->orig_rax);
    log_info("  %d/%d %s: %c in %s(%llx, %llx, %llx) rip %llx queue %p%s signals %llx blocked %llx",
             t->process->pid, t->tid, t->comm, thread_state_letter(t),
             call ? call->name : "the program", (unsigned long long)regs->rdi,
             (unsigned long long)regs->rsi, (unsigned long long)regs->rdx,
             (unsigned long long)regs->rip, (const void *)t->waiting_on, until,
             (unsigned long long)signal_pending_set(t), (unsigned long long)t->signal.blocked);
}

void sched_dump(void)
{
    uint64_t now = time_monotonic_ns();
    log_info("threads at %llu ms:", (unsigned long long)now / 1000000);
    thread_for_each(dump_thread, &now);
    for (unsigned v = 0; v < vcpu_count(); v++) {
        const struct sched_vcpu *vcpu = vcpu_of(v);
        log_info("  vcpu %u: %s, %u ready, %llu switches", v,
                 vcpu->running == &vcpu->idle ? "idle" : vcpu->running->comm, sched_ready(v),
                 (unsigned long long)vcpu->switches);
    }
}
