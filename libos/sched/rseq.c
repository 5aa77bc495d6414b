/* SPDX-License-Identifier: BSD-2-Clause */
/* rseq.c - restartable sequences. */
#include "sched/rseq.h"

#include <asm/signal.h>
#include <linux/rseq.h>
#include "arch/user_regs.h"
#include "mm/usermem.h"
#include "sched/thread.h"

static uint64_t switches_of(const struct thread *t)
{
    return t->switches_voluntary + t->switches_forced;
}

void rseq_renew(struct thread *t)
{
    t->rseq.switches = UINT64_MAX;
    vcpu_local()->return_due = 1;
}

/* The word before an abort handler proves that it is one. */
static bool signature_is_right(const struct thread *t, uint64_t abort)
{
    uint32_t word;
    return get_user_u32(&word, abort - sizeof word) == 0 && word == t->rseq.signature;
}

/* Leave the critical section, if it is in one.  False: the program's data are bad. */
static bool section_abort(struct thread *t, struct regs *regs)
{
    struct rseq_cs cs;
    uint64_t at, ip = arch_instruction_pointer(regs);
    if (get_user_u64(&at, t->rseq.address + offsetof(struct rseq, rseq_cs)))
        return false;
    if (!at)
        return true;
    if (copy_from_user(&cs, at, sizeof cs))
        return false;
    if (cs.version > 0 || !usermem_is_valid(cs.start_ip, cs.post_commit_offset) ||
        !usermem_is_valid(cs.abort_ip, 1))
        return false;
    if (cs.abort_ip - cs.start_ip < cs.post_commit_offset || !signature_is_right(t, cs.abort_ip))
        return false;
    /* Whether it is left or was left already: the program need not clear the pointer itself. */
    if (put_user_u64(t->rseq.address + offsetof(struct rseq, rseq_cs), 0))
        return false;
    if (ip - cs.start_ip < cs.post_commit_offset)
        arch_set_instruction_pointer(regs, cs.abort_ip);
    return true;
}

static bool vcpu_store(struct thread *t)
{
    uint32_t cpu[2] = {t->vcpu, t->vcpu}; /* cpu_id_start, cpu_id */
    t->rseq.vcpu = t->vcpu;
    return copy_to_user(t->rseq.address, cpu, sizeof cpu) == 0;
}

static bool look(struct thread *t, struct regs *regs)
{
    t->rseq.switches = switches_of(t);
    /* A system call is no part of a critical section (rseq(2)). */
    if ((arch_in_call(regs) || section_abort(t, regs)) && vcpu_store(t))
        return true;
    t->rseq.address = 0;
    signal_force_segv(SIGSEGV);
    return false;
}

bool rseq_return(struct regs *regs)
{
    struct thread *t = current;
    uint64_t switches = switches_of(t);
    if (!t->rseq.address || t->rseq.switches == switches)
        return true;
    return look(t, regs);
}

bool rseq_signal(struct regs *regs)
{
    return !current->rseq.address || look(current, regs);
}
