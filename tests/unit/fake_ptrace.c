/* SPDX-License-Identifier: BSD-2-Clause */
/* fake_ptrace.c - a system in which nobody traces anybody. */
#include "proc/wait.h"
#include "ptrace/ptrace.h"

int ptrace_follow(struct thread *) { return 0; }
void ptrace_thread_end(struct thread *, int) {}
bool ptrace_holds(struct process *) { return false; }
void ptrace_tracer_end(struct process *) {}
void ptrace_tid_changed(struct thread *) {}
int ptrace_signal_stop(int sig, struct siginfo *) { return sig; }
void ptrace_event_stop(int, uint64_t) {}
void ptrace_event(int, uint64_t) {}
void ptrace_group_stop(int) {}
void ptrace_trap_stop(void) {}
bool ptrace_step_take(struct regs *) { return false; }
void ptrace_step_stop(void) {}
void ptrace_exec(uint64_t) {}
uint64_t ptrace_number(int32_t tid) { return (uint64_t)tid; }
void ptrace_continued(struct thread *) {}
bool ptrace_is_at_rest(const struct thread *) { return false; }
bool ptrace_is_asked(const struct wait_request *, const struct tracee *) { return false; }
bool ptrace_collect(const struct wait_request *, struct tracee *, struct wait_result *)
{
    return false;
}
bool ptrace_is_tracing(const struct process *) { return false; }
