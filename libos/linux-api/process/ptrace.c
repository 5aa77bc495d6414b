/* SPDX-License-Identifier: BSD-2-Clause */
/* ptrace.c - ptrace(2). */
#include "ptrace/ptrace.h"

#include <asm/ptrace-abi.h>
#include <asm/signal.h>
#include <linux/elf.h>
#include <linux/uio.h>
#include "arch/trace_regs.h"
#include "arch/user_regs.h"
#include "base/bits.h"
#include "base/errno.h"
#include "base/string.h"
#include "linux-api/call.h"
#include "mm/heap.h"
#include "mm/mm.h"
#include "mm/usermem.h"
#include "proc/pid_namespace.h"
#include "proc/process.h"
#include "sched/thread.h"

/* ------------------------------------------------------------------ registers */

static long regs_out(const struct thread *t, uaddr_t to, size_t n)
{
    struct trace_regs regs;
    trace_regs_get(t, &regs);
    return copy_to_user(to, &regs, MIN(n, sizeof regs)) ? -EFAULT : 0;
}

static long regs_in(struct thread *t, uaddr_t from, size_t n)
{
    struct trace_regs regs;
    if (n % sizeof(uint64_t) != 0)
        return -EINVAL;
    trace_regs_get(t, &regs);
    if (copy_from_user(&regs, from, MIN(n, sizeof regs)))
        return -EFAULT;
    return trace_regs_set(t, &regs);
}

static long xstate_out(const struct thread *t, uaddr_t to, size_t n)
{
    void *area = heap_alloc(trace_xstate_bytes());
    if (!area)
        return -ENOMEM;
    trace_xstate_get(t, area);
    long error = copy_to_user(to, area, n) ? -EFAULT : 0;
    heap_free(area);
    return error;
}

static long xstate_in(struct thread *t, uaddr_t from, size_t n)
{
    if (n < TRACE_FLOAT_BYTES)
        return -EINVAL;
    void *area = heap_alloc(n);
    if (!area)
        return -ENOMEM;
    long error = copy_from_user(area, from, n) ? -EFAULT : trace_xstate_set(t, area, n);
    if (!error)
        t->trace->xstate_changed = true;
    heap_free(area);
    return error;
}

static long regset(struct thread *t, uint64_t type, uaddr_t iov_at, bool write)
{
    struct iovec iov;
    size_t most;
    if (copy_from_user(&iov, iov_at, sizeof iov))
        return -EFAULT;
    switch (type) {
    case NT_PRSTATUS: most = sizeof(struct trace_regs); break;
    case NT_PRFPREG: most = TRACE_FLOAT_BYTES; break;
    case NT_X86_XSTATE: most = trace_xstate_bytes(); break;
    default: return -EINVAL;
    }
    if (iov.iov_len % sizeof(uint64_t) != 0)
        return -EINVAL;
    size_t n = MIN(iov.iov_len, most);
    uaddr_t at = (uaddr_t)iov.iov_base;
    long error;
    if (type == NT_PRSTATUS)
        error = write ? regs_in(t, at, n) : regs_out(t, at, n);
    else
        error = write ? xstate_in(t, at, n) : xstate_out(t, at, n);
    if (error)
        return error;
    return put_user_u64(iov_at + offsetof(struct iovec, iov_len), n);
}

/* ------------------------------------------------------------------ memory */

static long peek(const struct tracee *tr, uaddr_t at, uaddr_t to)
{
    uint64_t word;
    if (!tr->process->mm || mm_read(tr->process->mm, at, &word, sizeof word) != sizeof word)
        return -EIO;
    return put_user_u64(to, word);
}

static long poke(const struct tracee *tr, uaddr_t at, uint64_t word)
{
    if (!tr->process->mm || mm_write(tr->process->mm, at, &word, sizeof word) != sizeof word)
        return -EIO;
    return 0;
}

/* ------------------------------------------------------------------ signals and events */

static long info_in(struct tracee *tr, uaddr_t from)
{
    if (!tr->has_info)
        return -EINVAL;
    return copy_from_user(&tr->info, from, sizeof tr->info) ? -EFAULT : 0;
}

static long info_out(const struct tracee *tr, uaddr_t to)
{
    if (!tr->has_info)
        return -EINVAL;
    return copy_to_user(to, &tr->info, sizeof tr->info) ? -EFAULT : 0;
}

static long mask_in(struct tracee *tr, uint64_t size, uaddr_t from)
{
    signal_set set;
    if (size != sizeof set)
        return -EINVAL;
    if (get_user_u64(&set, from))
        return -EFAULT;
    tr->thread->signal.blocked = set & ~SIGNALS_UNBLOCKABLE;
    return 0;
}

static long options_set(struct tracee *tr, uint64_t options)
{
    if (options & ~(uint64_t)PTRACE_O_MASK)
        return -EINVAL;
    if (options & PTRACE_O_SUSPEND_SECCOMP)
        return -EPERM;
    tr->options = (uint32_t)options;
    return 0;
}

static long call_info(const struct tracee *tr, uint64_t size, uaddr_t to)
{
    const struct regs *regs = thread_regs(tr->thread);
    struct ptrace_syscall_info info = {
        .arch = TRACE_AUDIT_ARCH,
        .instruction_pointer = arch_instruction_pointer(regs),
        .stack_pointer = arch_stack_pointer(regs),
    };
    size_t n = offsetof(struct ptrace_syscall_info, entry);
    uint64_t args[6];
    arch_call_args(regs, args);
    if (tr->stop == TRACE_ENTER) {
        info.op = PTRACE_SYSCALL_INFO_ENTRY;
        info.entry.nr = regs->orig_rax;
        memcpy(info.entry.args, args, sizeof args);
        n = offsetof(struct ptrace_syscall_info, entry.args) + sizeof args;
    } else if (tr->stop == TRACE_EXIT) {
        info.op = PTRACE_SYSCALL_INFO_EXIT;
        info.exit.rval = arch_call_result(regs);
        info.exit.is_error = info.exit.rval < 0 && info.exit.rval >= -4095;
        n = offsetof(struct ptrace_syscall_info, exit.is_error) + 1;
    } else if (tr->stop == TRACE_EVENT && tr->code >> 8 == PTRACE_EVENT_SECCOMP) {
        info.op = PTRACE_SYSCALL_INFO_SECCOMP;
        info.seccomp.nr = regs->orig_rax;
        memcpy(info.seccomp.args, args, sizeof args);
        info.seccomp.ret_data = (uint32_t)tr->message;
        n = offsetof(struct ptrace_syscall_info, seccomp.ret_data) + sizeof(uint32_t);
    }
    return copy_to_user(to, &info, MIN(n, size)) ? -EFAULT : (long)n;
}

/* ------------------------------------------------------------------ going on */

static long resume(struct tracee *tr, enum trace_resume how, uint64_t signal)
{
    if (signal > SIGNAL_COUNT)
        return -EIO;
    ptrace_resume(tr, how, (int)signal);
    return 0;
}

static long detach(struct tracee *tr, uint64_t signal)
{
    if (signal > SIGNAL_COUNT)
        return -EIO;
    ptrace_detach(tr, (int)signal);
    return 0;
}

static long listen(struct tracee *tr)
{
    if (!tr->is_seized || tr->code >> 8 != PTRACE_EVENT_STOP)
        return -EIO;
    tr->is_listening = true;
    /* SIGCONT may have come since the stop. */
    if (tr->trap_due)
        ptrace_resume(tr, tr->resume, 0);
    return 0;
}

/* ------------------------------------------------------------------ the call */

static long attach(struct thread *t, const struct call *c, bool seize)
{
    if (seize) {
        if (c->arg[2])
            return -EIO;
        if (c->arg[3] & ~(uint64_t)PTRACE_O_MASK)
            return -EIO;
    }
    return ptrace_attach(t, seize, seize ? (uint32_t)c->arg[3] : 0);
}

static long stopped_request(struct tracee *tr, const struct call *c)
{
    struct thread *t = tr->thread;
    uint64_t address = c->arg[2], data = c->arg[3], word;
    int error;
    switch ((long)c->arg[0]) {
    case PTRACE_PEEKTEXT:
    case PTRACE_PEEKDATA: return peek(tr, address, data);
    case PTRACE_POKETEXT:
    case PTRACE_POKEDATA: return poke(tr, address, data);
    case PTRACE_PEEKUSR:
        error = trace_user_peek(t, address, &word);
        return error ? error : put_user_u64(data, word);
    case PTRACE_POKEUSR: return trace_user_poke(t, address, data);
    case PTRACE_GETREGS: return regs_out(t, data, sizeof(struct trace_regs));
    case PTRACE_SETREGS: return regs_in(t, data, sizeof(struct trace_regs));
    case PTRACE_GETFPREGS: return xstate_out(t, data, TRACE_FLOAT_BYTES);
    case PTRACE_SETFPREGS: return xstate_in(t, data, TRACE_FLOAT_BYTES);
    case PTRACE_GETREGSET: return regset(t, address, data, false);
    case PTRACE_SETREGSET: return regset(t, address, data, true);
    case PTRACE_GETSIGINFO: return info_out(tr, data);
    case PTRACE_SETSIGINFO: return info_in(tr, data);
    case PTRACE_GETSIGMASK:
        return address != sizeof(signal_set) ? -EINVAL : put_user_u64(data, t->signal.blocked);
    case PTRACE_SETSIGMASK: return mask_in(tr, address, data);
    case PTRACE_SETOPTIONS: return options_set(tr, data);
    case PTRACE_GETEVENTMSG: return put_user_u64(data, tr->message);
    case PTRACE_GET_SYSCALL_INFO: return call_info(tr, address, data);
    case PTRACE_CONT: return resume(tr, TRACE_CONTINUE, data);
    case PTRACE_SYSCALL: return resume(tr, TRACE_TO_CALL, data);
    case PTRACE_SINGLESTEP: return resume(tr, TRACE_STEP, data);
    case PTRACE_SYSEMU: return resume(tr, TRACE_EMULATE, data);
    case PTRACE_DETACH: return detach(tr, data);
    case PTRACE_LISTEN: return listen(tr);
    default: return -EIO;
    }
}

long sys_ptrace(const struct call *c)
{
    long request = (long)c->arg[0];
    if (request == PTRACE_TRACEME)
        return ptrace_trace_me();
    struct thread *t = thread_lookup((int32_t)c->arg[1]);
    if (!t || !t->process)
        return -ESRCH;
    if (request == PTRACE_ATTACH || request == PTRACE_SEIZE)
        return attach(t, c, request == PTRACE_SEIZE);
    struct tracee *tr = t->trace;
    if (!tr || tr->tracer != current->process)
        return -ESRCH;
    if (request == PTRACE_KILL) {
        (void)signal_send_process(t->process, SIGKILL, SIGNAL_FROM_SELF);
        return 0;
    }
    if (request == PTRACE_INTERRUPT) {
        if (!tr->is_seized)
            return -EIO;
        ptrace_interrupt(tr);
        return 0;
    }
    /* It must be at rest, not only asked to stop. */
    if (!tr->is_stopped || tr->is_listening)
        return -ESRCH;
    return stopped_request(tr, c);
}
