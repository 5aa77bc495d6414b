/* SPDX-License-Identifier: BSD-2-Clause */
/* stop.c - a traced thread stops, and goes on. */
#include <asm/signal.h>
#include "arch/trace_regs.h"
#include "arch/user_regs.h"
#include "base/errno.h"
#include "base/string.h"
#include "proc/internal.h"
#include "proc/pid_namespace.h"
#include "ptrace/ptrace.h"
#include "sched/sched.h"
#include "sched/xstate.h"
#include "signal/internal.h"

static bool is_killed(const struct thread *t)
{
    return signal_pending_set(t) & signal_bit(SIGKILL);
}

/* SIGCHLD for the tracer, unless it has SA_NOCLDSTOP, and an answer for its wait4(2). */
static void report(struct tracee *tr)
{
    const struct signal_actions *actions = tr->tracer->signal.actions;
    struct siginfo info;
    if (actions && !(actions->action[SIGCHLD - 1].flags & SA_NOCLDSTOP)) {
        process_child_info(tr->process, CLD_TRAPPED, tr->code & 0x7f, &info);
        info.si_pid = pid_number_in(tr->tid, tr->tracer->pids);
        (void)signal_send_process(tr->tracer, SIGCHLD, &info);
    }
    wait_wake_all(&tr->tracer->child_changed, 0);
}

/* The trap flag that PTRACE_SINGLESTEP set goes before anybody sees the registers. */
static void step_end(struct thread *t, struct tracee *tr)
{
    if (tr->is_stepping)
        arch_step_clear(thread_regs(t));
    tr->is_stepping = false;
}

/* Sleep until the tracer lets the thread go.  The signal that it wants delivered, or 0. */
static int stop(enum trace_stop kind, int code, const struct siginfo *info)
{
    struct thread *t = current;
    struct tracee *tr = t->trace;
    if (!tr->tracer || is_killed(t))
        return 0;
    step_end(t, tr);
    tr->stop = kind;
    tr->code = code;
    tr->signal = 0;
    tr->is_told = tr->is_listening = false;
    tr->is_stopped = true;
    tr->has_info = info;
    if (info)
        tr->info = *info;
    thread_xstate_sync();
    report(tr);
    while (tr->is_stopped && !is_killed(t))
        thread_stop();
    tr->is_stopped = tr->is_listening = false;
    tr->stop = TRACE_RUNS;
    if (tr->xstate_changed)
        thread_xstate_changed();
    tr->xstate_changed = false;
    int signal = tr->signal;
    if (!tr->tracer) {
        t->trace = nullptr;
        ptrace_free(tr);
    }
    signal_recalculate(t);
    return signal;
}

/* What PTRACE_GETSIGINFO tells of a stop that no signal has made. */
static void info_make(struct siginfo *info, int code)
{
    memset(info, 0, sizeof *info);
    info->si_signo = code & 0x7f;
    info->si_code = code;
    info->si_pid = thread_own_number(current);
    info->si_uid = current->cred->uid;
}

/* ------------------------------------------------------------------ the kinds */

int ptrace_signal_stop(int sig, struct siginfo *info)
{
    struct thread *t = current;
    struct tracee *tr = t->trace;
    int32_t tracer = tr->tracer ? pid_to_user(tr->tracer->pid) : 0;
    if (!tr->tracer || is_killed(t))
        return sig;
    info->si_signo = sig;
    int wanted = stop(TRACE_SIGNAL, sig, info);
    if (!wanted)
        return 0;
    if (t->trace)
        *info = t->trace->info;
    if (wanted != info->si_signo) {
        /* ptrace(2): a new signal is as if the tracer had sent it by kill(2). */
        memset(info, 0, sizeof *info);
        info->si_signo = wanted;
        info->si_code = SI_USER;
        info->si_pid = tracer;
    }
    if (t->signal.blocked & signal_bit(wanted)) {
        (void)signal_send_thread(t, wanted, info);
        return 0;
    }
    return wanted;
}

static void stop_by(enum trace_stop kind, int code)
{
    struct siginfo info;
    info_make(&info, code);
    int signal = stop(kind, code, &info);
    if (signal && (kind == TRACE_ENTER || kind == TRACE_EXIT))
        (void)signal_send_thread(current, signal, SIGNAL_FROM_KERNEL);
}

void ptrace_event_stop(int event, uint64_t message)
{
    current->trace->message = message;
    stop_by(TRACE_EVENT, SIGTRAP | event << 8);
}

uint64_t ptrace_number(int32_t tid)
{
    const struct tracee *tr = current->trace;
    return tr && tr->tracer ? (uint64_t)pid_number_in(tid, tr->tracer->pids) : 0;
}

void ptrace_event(int event, uint64_t message)
{
    if (ptrace_wants(current->trace, event))
        ptrace_event_stop(event, message);
}

void ptrace_group_stop(int sig)
{
    if (current->trace->is_seized) {
        current->trace->trap_due = false;
        stop_by(TRACE_GROUP, sig | PTRACE_EVENT_STOP << 8);
    } else {
        (void)stop(TRACE_GROUP, sig, nullptr);
    }
}

void ptrace_trap_stop(void)
{
    const struct signal_process *s = &current->process->signal;
    current->trace->trap_due = false;
    if (s->flags & SIGNAL_GROUP_STOPPING)
        ptrace_group_stop(s->group_signal);
    else
        stop_by(TRACE_EVENT, SIGTRAP | PTRACE_EVENT_STOP << 8);
    if (current->trace)
        signal_recalculate(current);
}

bool ptrace_step_take(struct regs *regs)
{
    struct tracee *tr = current->trace;
    if (!tr || !tr->is_stepping)
        return false;
    arch_step_clear(regs);
    tr->is_stepping = false;
    return true;
}

void ptrace_step_stop(void)
{
    stop_by(TRACE_EVENT, SIGTRAP);
}

static int call_code(const struct tracee *tr)
{
    return SIGTRAP | (tr->options & PTRACE_O_TRACESYSGOOD ? 0x80 : 0);
}

bool ptrace_call_enter(struct regs *regs)
{
    struct tracee *tr = current->trace;
    if (tr->resume != TRACE_TO_CALL && tr->resume != TRACE_EMULATE)
        return true;
    bool is_emulated = tr->resume == TRACE_EMULATE;
    arch_call_set_result(regs, -ENOSYS);
    tr->message = PTRACE_EVENTMSG_SYSCALL_ENTRY;
    stop_by(TRACE_ENTER, call_code(tr));
    /* The tracer's call number -1: none is made, and the result that it set stays. */
    return !is_emulated && arch_in_call(regs) && !is_killed(current);
}

void ptrace_call_exit(struct regs *regs)
{
    struct tracee *tr = current->trace;
    if (tr->is_stepping) {
        /* The trap flag alone would let one more instruction pass. */
        signal_force(SIGTRAP, TRAP_BRKPT, arch_instruction_pointer(regs), 0, 0);
    } else if (tr->resume == TRACE_TO_CALL) {
        tr->message = PTRACE_EVENTMSG_SYSCALL_EXIT;
        stop_by(TRACE_EXIT, call_code(tr));
    }
}

void ptrace_exec(uint64_t old_number)
{
    struct tracee *tr = current->trace;
    if (ptrace_wants(tr, PTRACE_EVENT_EXEC))
        ptrace_event_stop(PTRACE_EVENT_EXEC, old_number);
    else if (tr && !tr->is_seized)
        (void)signal_send_thread(current, SIGTRAP, SIGNAL_FROM_SELF);
}

/* ------------------------------------------------------------------ going on */

void ptrace_resume(struct tracee *tr, enum trace_resume how, int signal)
{
    tr->signal = signal;
    tr->resume = how;
    tr->is_stopped = false;
    if (how == TRACE_STEP) {
        tr->is_stepping = arch_step_set(thread_regs(tr->thread));
        /* A flag that the program set itself stays its own. */
    }
    thread_continue(tr->thread);
}

void ptrace_interrupt(struct tracee *tr)
{
    tr->trap_due = true;
    tr->thread->signal.attention = true;
    if (tr->is_listening)
        ptrace_resume(tr, tr->resume, 0);
    else if (!tr->is_stopped)
        thread_interrupt(tr->thread, false);
}

bool ptrace_is_at_rest(const struct thread *t)
{
    return t->trace && t->trace->is_stopped;
}

void ptrace_continued(struct thread *t)
{
    struct tracee *tr = t->trace;
    if (!tr || !tr->is_seized)
        return;
    if (tr->is_listening || (tr->is_stopped && tr->stop == TRACE_GROUP))
        tr->trap_due = true;
    if (tr->is_listening)
        ptrace_resume(tr, tr->resume, 0);
}
