/* SPDX-License-Identifier: BSD-2-Clause */
/* ptrace.h - one process watches and steers the threads of others (ptrace(2)).
 *
 * A thread that is traced has a struct tracee, which stands on its tracer's list.  It stops by
 * itself, at the places below, tells the tracer by SIGCHLD, and sleeps until the tracer lets it go
 * on or it is killed.  While it is stopped the tracer reads and changes its registers and memory.
 * Any thread of the tracing process may do so.
 *
 * Life: made by attaching, by PTRACE_TRACEME or when a traced thread makes another.  Detaching
 * takes it off the list; the thread frees it when it next runs, or the detacher if it is running.
 * When the thread ends before the tracer has let go, what remains tells the tracer of the end: of
 * the process's first thread, when the process has ended.  The parent, if it is another, learns of
 * that only afterwards.
 */
#pragma once

#include <asm-generic/siginfo.h>
#include <linux/ptrace.h>
#include <stdint.h>
#include "base/list.h"

struct call;
struct process;
struct regs;
struct thread;
struct wait_request;
struct wait_result;

enum trace_stop : uint8_t {
    TRACE_RUNS,
    TRACE_SIGNAL, /* before a signal is delivered */
    TRACE_ENTER,  /* before a call */
    TRACE_EXIT,   /* after it */
    TRACE_EVENT,  /* PTRACE_EVENT_* */
    TRACE_GROUP,  /* takes part in a stop of its process */
};

enum trace_resume : uint8_t {
    TRACE_CONTINUE,
    TRACE_TO_CALL, /* PTRACE_SYSCALL */
    TRACE_STEP,
    TRACE_EMULATE, /* PTRACE_SYSEMU */
};

struct tracee {
    struct list_node node;   /* in tracer->tracees */
    struct process *tracer;  /* NULL: detached */
    struct thread *thread;   /* NULL: it has ended */
    struct process *process; /* one reference */
    int32_t tid;
    uint32_t options; /* PTRACE_O_* */
    bool is_seized;
    bool is_stopped;
    bool is_told;      /* the tracer has waited for this stop */
    bool is_listening; /* PTRACE_LISTEN */
    bool is_stepping;  /* the trap flag in its registers is ours */
    bool trap_due;     /* stops by PTRACE_EVENT_STOP as soon as it can */
    bool skips_call;   /* PTRACE_SYSEMU: the call it stands before is not made */
    bool has_ended;    /* only to be waited for: exit_status */
    bool has_info;
    bool xstate_changed;
    enum trace_stop stop;
    enum trace_resume resume;
    int32_t code;   /* of the stop: signal | PTRACE_EVENT_* << 8 */
    int32_t signal; /* that the tracer wants delivered */
    int32_t exit_status;
    uint64_t message; /* PTRACE_GETEVENTMSG */
    struct siginfo info;
};

/* tracee.c */
[[nodiscard]] int ptrace_attach(struct thread *t, bool seize, uint32_t options);
[[nodiscard]] int ptrace_trace_me(void);
/* Let it go for good; SIGNAL: to be delivered. */
void ptrace_detach(struct tracee *tr, int signal);
/* T, new, is traced as the current thread is.  -ENOMEM. */
[[nodiscard]] int ptrace_follow(struct thread *t);
/* The current thread, traced or not, has left its process. */
void ptrace_thread_end(struct thread *t, int wait_status);
/* PROCESS is a zombie: does a tracer that is not its parent have to wait for it first? */
bool ptrace_holds(struct process *p);
/* PROCESS, which may trace others, ends. */
void ptrace_tracer_end(struct process *p);
/* T got the number of its process (execve). */
void ptrace_tid_changed(struct thread *t);
/* Is T in a stop that only its tracer ends? */
bool ptrace_is_at_rest(const struct thread *t);
/* Free what has been taken off all lists. */
void ptrace_free(struct tracee *tr);

/* stop.c: the current thread, which is traced, stops. */
/* Before SIG is delivered: the signal to deliver, or 0.  INFO may change. */
int ptrace_signal_stop(int sig, struct siginfo *info);
void ptrace_event_stop(int event, uint64_t message);
/* What the current thread's tracer calls the thread TID; 0: nobody traces. */
uint64_t ptrace_number(int32_t tid);
/* If the tracer wants EVENT. */
void ptrace_event(int event, uint64_t message);
void ptrace_group_stop(int sig);
void ptrace_trap_stop(void);
/* A handler is going to run: is the thread stepped?  Its flag goes. */
bool ptrace_step_take(struct regs *regs);
/* The handler has been set up. */
void ptrace_step_stop(void);
/* False: the call is not to be made. */
bool ptrace_call_enter(struct regs *regs);
void ptrace_call_exit(struct regs *regs);
/* A new program has begun; OLD_TID: the number before. */
void ptrace_exec(uint64_t old_number);
/* Let TR, which is stopped, run. */
void ptrace_resume(struct tracee *tr, enum trace_resume how, int signal);
/* SIGCONT has come for T's process. */
void ptrace_continued(struct thread *t);
/* Stop soon (PTRACE_INTERRUPT). */
void ptrace_interrupt(struct tracee *tr);

/* wait.c */
/* Is TR one that REQUEST asks for? */
bool ptrace_is_asked(const struct wait_request *request, const struct tracee *tr);
bool ptrace_collect(const struct wait_request *request, struct tracee *tr,
                    struct wait_result *result);

/* Does the current process trace the first thread of P? */
bool ptrace_is_tracing(const struct process *p);

static inline bool ptrace_wants(const struct tracee *tr, int event)
{
    return tr && tr->options >> event & 1;
}
