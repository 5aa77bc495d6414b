/* SPDX-License-Identifier: BSD-2-Clause */
/* trace.h - the calls of programs, written to the log as strace(1) writes them (`seam run --strace`).
 *
 * A call's line is written when it returns.  If another thread's line comes first, the part known
 * so far is written with "<unfinished ...>", and the rest later with "<... NAME resumed>".  How each
 * argument looks is told by its kind in syscalls.def; the kinds are listed in trace_kinds.def.
 *
 * All but trace_call_enter and trace_call_exit do nothing unless tracing is on.
 */
#pragma once

#include <stdint.h>
#include "linux-api/call.h"

struct siginfo;
struct thread;

void trace_call_enter(const struct call *c);
void trace_call_exit(const struct call *c, long result);

/* Signal SIG is delivered to the current thread. */
void trace_signal(int sig, const struct siginfo *info);

/* Thread TID ends; WAIT_STATUS is what wait4(2) would tell of it. */
void trace_exit(int32_t tid, int wait_status);
