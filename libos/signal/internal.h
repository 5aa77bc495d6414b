/* SPDX-License-Identifier: BSD-2-Clause */
/* internal.h - what the parts of signal/ share. */
#pragma once

#include "signal/signal.h"

constexpr uaddr_t SIGNAL_DFL = 0;
constexpr uaddr_t SIGNAL_IGN = 1;

/* What happens without a handler: the table of signal(7). */
enum signal_default_action : uint8_t {
    DEFAULT_END,
    DEFAULT_CORE,
    DEFAULT_IGNORE,
    DEFAULT_CONTINUE, /* nothing on delivery: sending it continues */
    DEFAULT_STOP,
};
enum signal_default_action signal_default(int sig);

constexpr signal_set SIGNALS_STOP =
    1ull << (SIGSTOP - 1) | 1ull << (SIGTSTP - 1) | 1ull << (SIGTTIN - 1) | 1ull << (SIGTTOU - 1);

/* Set T's attention flag as what is pending and blocked says. */
void signal_recalculate(struct thread *t);

/* Would SIG, unblocked, end the process without running any of its code? */
bool signal_is_fatal(const struct process *p, int sig);

/* stop.c: a stop signal is delivered to the current thread; take part in the stop that is under
 * way, and come back when it is over; what sending a stop signal or SIGCONT does at once. */
void signal_stop_begin(int sig);
void signal_stop_join(void);
void signal_stop_prepare(struct process *p, int sig);
