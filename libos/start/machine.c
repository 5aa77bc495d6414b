/* SPDX-License-Identifier: BSD-2-Clause */
/* machine.c - the end of the domain. */
#include <stdarg.h>
#include <exo/stubs.h>
#include <asm/signal.h>
#include "base/bits.h"
#include "base/errno.h"
#include "base/format.h"
#include "base/log.h"
#include "base/string.h"
#include "linux-api/abi.h"
#include "proc/pgrp.h"
#include "proc/process.h"
#include "sched/time.h"
#include "sched/timer.h"
#include "signal/signal.h"
#include "start/options.h"
#include "start/out.h"
#include "start/start.h"
#include "start/stats.h"
#include "tty/console.h"

constexpr uint64_t GRACE_NS = 10ull * NSEC_PER_SEC;

static bool restart_is_asked;

[[noreturn]] static void halt(void)
{
    for (;;)
        (void)exo_vcpu_wait(0);
}

void machine_end(unsigned status)
{
    if (restart_is_asked)
        machine_restart();
    console_drain();
    out_describe();
    if (options.stats)
        stats_print();
    (void)exo_power(EXO_POWER_OFF, status);
    halt();
}

void machine_halt(void)
{
    console_drain();
    (void)exo_power(EXO_POWER_HALT, 0);
    halt();
}

static void grace_is_over(struct timer *)
{
    log_warn("the first program goes on: ended");
    machine_end(0);
}

void machine_ask_end(bool restart)
{
    static struct timer grace;
    restart_is_asked = restart;
    if (!process_first)
        machine_end(0);
    /* A shell at a terminal heeds no SIGTERM; one that was stopped takes nothing before SIGCONT. */
    static const int signals[] = {SIGTERM, SIGHUP, SIGCONT};
    for (size_t i = 0; i < sizeof signals / sizeof signals[0]; i++)
        (void)pgrp_signal(process_first->pgrp, signals[i], SIGNAL_FROM_KERNEL);
    if (!timer_is_armed(&grace)) {
        timer_init(&grace, grace_is_over);
        timer_arm(&grace, time_deadline_after(GRACE_NS));
    }
}

void machine_restart(void)
{
    console_drain();
    (void)exo_power(EXO_POWER_RESET, 0);
    halt();
}

bool machine_cad_restarts = true;

void machine_ctrl_alt_del(void)
{
    if (machine_cad_restarts)
        machine_restart();
    if (process_first)
        (void)signal_send_process(process_first, SIGINT, SIGNAL_FROM_KERNEL);
}

void machine_abort(void)
{
    (void)exo_power(EXO_POWER_FAIL, 0);
    halt();
}

/* The host shows what follows `seam: error: ` to the user. */
[[gnu::format(printf, 1, 2)]] static void tell_user(const char *format, ...)
{
    char line[256] = "seam: error: ";
    va_list arguments;
    va_start(arguments, format);
    size_t n = strlen(line);
    int more = vsnprintf(line + n, sizeof line - n - 1, format, arguments);
    va_end(arguments);
    n = MIN(n + (size_t)more, sizeof line - 2);
    line[n] = '\n';
    log_write(line, n + 1);
}

void mode_failed(void)
{
    tell_user("mode '%s' is none: full, minimal, or custom: and some of file, process, memory, "
              "socket, signal, time, ipc, tty, thread, misc",
              options.mode);
    machine_end(125);
}

/* A shell's convention: 127 if there is no such program, 126 if it cannot be executed. */
void first_program_failed(int err)
{
    const char *why = err == -ENOENT    ? "not found"
                      : err == -EACCES  ? "permission denied"
                      : err == -ENOEXEC ? "not executable on this machine"
                                        : "it cannot be executed";
    tell_user("%.200s: %s", options.init, why);
    log_debug("the first program: error %d", -err);
    machine_end(err == -ENOENT ? 127 : 126);
}
