/* SPDX-License-Identifier: BSD-2-Clause */
/* seccomp.c - filters of calls, and what their answers do. */
#include "seccomp/seccomp.h"

#include <asm-generic/siginfo.h>
#include <asm/signal.h>
#include <asm/unistd_64.h>
#include <linux/capability.h>
#include "arch/trace_regs.h"
#include "arch/user_regs.h"
#include "base/errno.h"
#include "base/log.h"
#include "base/string.h"
#include "mm/heap.h"
#include "mm/patch.h"
#include "proc/pid_namespace.h"
#include "proc/process.h"
#include "ptrace/ptrace.h"
#include "sched/thread.h"

static struct seccomp_filter *filter_get(struct seccomp_filter *f)
{
    if (f)
        f->refs++;
    return f;
}

static void filter_put(struct seccomp_filter *f)
{
    while (f && --f->refs == 0) {
        struct seccomp_filter *before = f->before;
        heap_free(f);
        f = before;
    }
}

void seccomp_inherit(struct thread *t, const struct thread *from)
{
    filter_get(from->seccomp);
    filter_put(t->seccomp);
    t->seccomp = from->seccomp;
    t->seccomp_mode = from->seccomp_mode;
}

void seccomp_release(struct thread *t)
{
    filter_put(t->seccomp);
    t->seccomp = nullptr;
}

uint32_t seccomp_filter_count(const struct thread *t)
{
    uint32_t n = 0;
    for (const struct seccomp_filter *f = t->seccomp; f; f = f->before)
        n++;
    return n;
}

/* ------------------------------------------------------------------ entering a mode */

int seccomp_set_strict(void)
{
    struct thread *t = current;
    if (t->seccomp_mode != SECCOMP_MODE_DISABLED && t->seccomp_mode != SECCOMP_MODE_STRICT)
        return -EINVAL;
    patch_disable(t->process->mm); /* patched sites pass by the filters */
    t->seccomp_mode = SECCOMP_MODE_STRICT;
    return 0;
}

/* The filters of T are those of the current thread, or the beginning of them. */
static bool is_behind(const struct thread *t)
{
    if (!t->seccomp)
        return true;
    for (const struct seccomp_filter *f = current->seccomp; f; f = f->before)
        if (f == t->seccomp)
            return true;
    return false;
}

/* The first thread that cannot follow the current one, or NULL (SECCOMP_FILTER_FLAG_TSYNC). */
static struct thread *apart_find(void)
{
    list_for_each(node, &current->process->threads) {
        struct thread *t = container_of(node, struct thread, process_node);
        if (t != current && !t->exiting &&
            (t->seccomp_mode == SECCOMP_MODE_STRICT || !is_behind(t)))
            return t;
    }
    return nullptr;
}

static uint32_t chain_length(const struct seccomp_filter *f)
{
    uint32_t n = 0;
    for (; f; f = f->before)
        n += f->length + 4;
    return n;
}

int seccomp_add_filter(const struct sock_filter *program, uint16_t length, uint32_t flags)
{
    struct thread *t = current;
    if (!t->process->no_new_privs && !capable(CAP_SYS_ADMIN))
        return -EACCES;
    int error = bpf_check(program, length);
    if (error)
        return error;
    if (t->seccomp_mode == SECCOMP_MODE_STRICT)
        return -EINVAL;
    if (chain_length(t->seccomp) + length > SECCOMP_TOTAL_MOST)
        return -ENOMEM;
    if (flags & SECCOMP_FILTER_FLAG_TSYNC) {
        const struct thread *apart = apart_find();
        if (apart)
            return flags & SECCOMP_FILTER_FLAG_TSYNC_ESRCH ? -ESRCH : thread_own_number(apart);
    }
    struct seccomp_filter *f = heap_alloc(sizeof *f + length * sizeof f->program[0]);
    if (!f)
        return -ENOMEM;
    f->refs = 1;
    f->logs = flags & SECCOMP_FILTER_FLAG_LOG;
    f->length = length;
    f->before = t->seccomp;
    memcpy(f->program, program, length * sizeof f->program[0]);
    t->seccomp = f;
    patch_disable(t->process->mm);
    t->seccomp_mode = SECCOMP_MODE_FILTER;
    if (flags & SECCOMP_FILTER_FLAG_TSYNC)
        list_for_each(node, &t->process->threads) {
            struct thread *other = container_of(node, struct thread, process_node);
            if (other != t && !other->exiting)
                seccomp_inherit(other, t);
        }
    return 0;
}

/* ------------------------------------------------------------------ a call */

/* Of two answers the one with the lower action counts, as a signed number (seccomp(2)). */
static uint32_t filters_run(const struct seccomp_data *data, const struct seccomp_filter **match)
{
    uint32_t answer = SECCOMP_RET_ALLOW;
    *match = nullptr;
    for (const struct seccomp_filter *f = current->seccomp; f; f = f->before) {
        uint32_t this = bpf_run(f->program, data);
        if ((int32_t)(this & SECCOMP_RET_ACTION_FULL) <
            (int32_t)(answer & SECCOMP_RET_ACTION_FULL)) {
            answer = this;
            *match = f;
        }
    }
    return answer;
}

/* SIGSYS, as if the program had been interrupted before the call. */
static void trap(struct regs *regs, const struct seccomp_data *data, uint32_t reason)
{
    struct siginfo info;
    memset(&info, 0, sizeof info);
    info.si_signo = SIGSYS;
    info.si_code = SYS_SECCOMP;
    info.si_errno = (int)reason;
    info._sifields._sigsys._call_addr = (void *)data->instruction_pointer;
    info._sifields._sigsys._syscall = data->nr;
    info._sifields._sigsys._arch = data->arch;
    arch_call_set_result(regs, data->nr);
    arch_call_close(regs);
    signal_force_info(SIGSYS, &info);
}

static void log_call(const struct seccomp_data *data, const char *what)
{
    log_info("%s: call %d %s by a seccomp filter", current->comm, data->nr, what);
}

/* The end of the thread, or of the process if it is alone: by SIGSYS. */
static void kill_by(const struct seccomp_data *data, bool whole)
{
    log_call(data, "ends it");
    if (whole || current->process->thread_count == 1)
        process_exit_group(SIGSYS);
    process_exit_thread(SIGSYS);
}

static bool refuse(struct regs *regs, int error)
{
    arch_call_set_result(regs, -error);
    return false;
}

static void data_fill(struct seccomp_data *data, const struct regs *regs)
{
    uint64_t args[6];
    arch_call_args(regs, args);
    data->nr = (int)regs->orig_rax;
    data->arch = TRACE_AUDIT_ARCH;
    data->instruction_pointer = arch_instruction_pointer(regs);
    memcpy(data->args, args, sizeof args);
}

static bool filter_check(struct regs *regs, bool is_traced_already);

/* The tracer decides; afterwards the call, which it may have changed, is looked at anew. */
static bool ask_tracer(struct regs *regs, uint32_t message, bool is_traced_already)
{
    if (is_traced_already)
        return true;
    if (!ptrace_wants(current->trace, PTRACE_EVENT_SECCOMP))
        return refuse(regs, ENOSYS);
    arch_call_set_result(regs, -ENOSYS);
    ptrace_event_stop(PTRACE_EVENT_SECCOMP, message);
    if (signal_fatal_pending(current))
        return false;
    if ((int32_t)regs->orig_rax < 0)
        return false;
    return filter_check(regs, true);
}

static bool filter_check(struct regs *regs, bool is_traced_already)
{
    constexpr uint32_t ERRNO_MOST = 4095;
    const struct seccomp_filter *match;
    struct seccomp_data data;
    data_fill(&data, regs);
    uint32_t answer = filters_run(&data, &match), value = answer & SECCOMP_RET_DATA;
    switch (answer & SECCOMP_RET_ACTION_FULL) {
    case SECCOMP_RET_ALLOW: return true;
    case SECCOMP_RET_LOG: log_call(&data, "noted"); return true;
    case SECCOMP_RET_ERRNO:
        if (match->logs)
            log_call(&data, "refused");
        return refuse(regs, (int)(value > ERRNO_MOST ? ERRNO_MOST : value));
    case SECCOMP_RET_TRAP: trap(regs, &data, value); return false;
    case SECCOMP_RET_TRACE: return ask_tracer(regs, value, is_traced_already);
    case SECCOMP_RET_USER_NOTIF: return refuse(regs, ENOSYS); /* nobody can listen */
    case SECCOMP_RET_KILL_THREAD: kill_by(&data, false); return false;
    default: kill_by(&data, true); return false;
    }
}

static bool strict_check(const struct regs *regs)
{
    switch ((uint32_t)regs->orig_rax) {
    case __NR_read:
    case __NR_write:
    case __NR_exit:
    case __NR_rt_sigreturn: return true;
    default: break;
    }
    if (current->process->thread_count == 1)
        process_exit_group(SIGKILL);
    process_exit_thread(SIGKILL);
}

bool seccomp_call_enter(struct regs *regs)
{
    if (current->seccomp_mode == SECCOMP_MODE_STRICT)
        return strict_check(regs);
    return filter_check(regs, false);
}
