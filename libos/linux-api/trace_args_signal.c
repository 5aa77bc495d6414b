/* SPDX-License-Identifier: BSD-2-Clause */
/* trace_args_signal.c - signals, their sets and what they tell; how processes ended. */
#include <asm/siginfo.h>
#include <linux/signal.h>
#include "linux-api/trace_args.h"
#include "linux-api/trace_flags.h"
#include "signal/signal.h"

void trace_add_signal(struct text *text, int sig)
{
    if (signal_is_valid(sig))
        text_add(text, "%s", signal_name(sig));
    else
        text_add(text, "%d", sig);
}

void trace_arg_signo(struct text *text, const struct trace_arg *arg)
{
    trace_add_signal(text, (int)arg->value);
}

/* [INT CHLD], or ~[...] if most are in. */
void trace_add_sigset(struct text *text, uint64_t set)
{
    bool inverted = __builtin_popcountll(set) > SIGNAL_COUNT / 2;
    const char *separator = "";
    if (inverted)
        set = ~set;
    text_add(text, inverted ? "~[" : "[");
    for (int sig = 1; sig <= SIGNAL_COUNT; sig++) {
        if (!(set & signal_bit(sig)))
            continue;
        text_add(text, "%s%s", separator, signal_name(sig) + 3);
        separator = " ";
    }
    text_add_char(text, ']');
}

void trace_arg_sigset(struct text *text, const struct trace_arg *arg)
{
    uint64_t set;
    if (trace_fetch(text, arg, &set, sizeof set))
        trace_add_sigset(text, set);
}

void trace_arg_sigaction(struct text *text, const struct trace_arg *arg)
{
    struct signal_action act;
    if (!trace_fetch(text, arg, &act, sizeof act))
        return;
    text_add(text, act.flags & SA_SIGINFO ? "{sa_sigaction=" : "{sa_handler=");
    if (act.handler <= 1)
        text_add(text, act.handler ? "SIG_IGN" : "SIG_DFL");
    else
        trace_add_address(text, act.handler);
    text_add(text, ", sa_mask=");
    trace_add_sigset(text, act.mask);
    text_add(text, ", sa_flags=");
    trace_add_flags(text, &trace_flags_sigaction, act.flags);
    if (act.flags & SA_RESTORER) {
        text_add(text, ", sa_restorer=");
        trace_add_address(text, act.restorer);
    }
    text_add_char(text, '}');
}

static const struct trace_flags *codes_of(int sig)
{
    switch (sig) {
    case SIGCHLD: return &trace_flags_si_code_chld;
    case SIGSEGV: return &trace_flags_si_code_segv;
    case SIGBUS: return &trace_flags_si_code_bus;
    case SIGFPE: return &trace_flags_si_code_fpe;
    case SIGILL: return &trace_flags_si_code_ill;
    case SIGTRAP: return &trace_flags_si_code_trap;
    default: return &trace_flags_si_code;
    }
}

void trace_add_siginfo(struct text *text, const struct siginfo *info)
{
    int code = info->si_code;
    bool by_kernel = code > 0 && code != SI_KERNEL;
    text_add(text, "{si_signo=");
    trace_add_signal(text, info->si_signo);
    text_add(text, ", si_code=");
    trace_add_choice(text, by_kernel ? codes_of(info->si_signo) : &trace_flags_si_code,
                     (uint64_t)(int64_t)code);
    if (info->si_signo == SIGCHLD && by_kernel) {
        text_add(text, ", si_pid=%d, si_uid=%u, si_status=", info->si_pid, info->si_uid);
        if (code == CLD_EXITED)
            text_add(text, "%d", info->si_status);
        else
            trace_add_signal(text, info->si_status);
        text_add(text, ", si_utime=%ld, si_stime=%ld", (long)info->si_utime, (long)info->si_stime);
    } else if (by_kernel) {
        text_add(text, ", si_addr=");
        trace_add_address(text, (uint64_t)info->si_addr);
    } else if (code == SI_TIMER) {
        text_add(text, ", si_timerid=%d, si_overrun=%d", info->si_tid, info->si_overrun);
    } else if (code <= 0) {
        text_add(text, ", si_pid=%d, si_uid=%u", info->si_pid, info->si_uid);
        if (code == SI_QUEUE)
            text_add(text, ", si_int=%d", info->si_int);
    }
    text_add_char(text, '}');
}

void trace_arg_siginfo(struct text *text, const struct trace_arg *arg)
{
    struct siginfo info;
    if (trace_fetch(text, arg, &info, sizeof info))
        trace_add_siginfo(text, &info);
}

void trace_arg_sigstack(struct text *text, const struct trace_arg *arg)
{
    stack_t stack;
    if (!trace_fetch(text, arg, &stack, sizeof stack))
        return;
    text_add(text, "{ss_sp=");
    trace_add_address(text, (uint64_t)stack.ss_sp);
    text_add(text, ", ss_flags=");
    trace_add_flags(text, &trace_flags_sigstack, (uint32_t)stack.ss_flags);
    text_add(text, ", ss_size=%llu}", (unsigned long long)stack.ss_size);
}

void trace_arg_sigevent(struct text *text, const struct trace_arg *arg)
{
    struct sigevent e;
    if (!trace_fetch(text, arg, &e, sizeof e))
        return;
    text_add(text, "{sigev_signo=");
    trace_add_signal(text, e.sigev_signo);
    text_add(text, ", sigev_notify=%d}", e.sigev_notify);
}

void trace_arg_wait_status(struct text *text, const struct trace_arg *arg)
{
    int status;
    if (arg->result <= 0 || !arg->value) {
        trace_add_address(text, arg->value);
        return;
    }
    if (!trace_fetch(text, arg, &status, sizeof status))
        return;
    if ((status & 0x7f) == 0) {
        text_add(text, "[{WIFEXITED(s) && WEXITSTATUS(s) == %d}]", status >> 8 & 0xff);
    } else if (status == 0xffff) {
        text_add(text, "[{WIFCONTINUED(s)}]");
    } else if ((status & 0xff) == 0x7f) {
        text_add(text, "[{WIFSTOPPED(s) && WSTOPSIG(s) == ");
        trace_add_signal(text, status >> 8 & 0xff);
        text_add(text, "}]");
    } else {
        text_add(text, "[{WIFSIGNALED(s) && WTERMSIG(s) == ");
        trace_add_signal(text, status & 0x7f);
        text_add(text, status & 0x80 ? " && WCOREDUMP(s)}]" : "}]");
    }
}
