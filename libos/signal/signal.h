/* SPDX-License-Identifier: BSD-2-Clause */
/* signal.h - signals: who has which pending, what they do, and how they reach the program.
 *
 * A signal is sent to a thread or to a process, stands pending there, and is delivered by a thread
 * that does not block it on its way back to the program (return_work).  struct thread embeds
 * struct signal_thread, struct process embeds struct signal_process, both as `signal`.
 * Semantics: signal(7).  All state is guarded by the domain lock.
 */
#pragma once

#include <asm/signal.h>
#include <stdint.h>
#include "arch/user_regs.h"
#include "base/errno.h"
#include "base/list.h"
#include "base/types.h"
#include "sched/itimer.h"
#include "sched/wait.h"

struct siginfo; /* <asm-generic/siginfo.h> */
struct process;
struct thread;
struct regs;

constexpr int SIGNAL_COUNT = 64;
typedef uint64_t signal_set; /* bit SIG - 1 */

static inline signal_set signal_bit(int sig)
{
    return 1ull << (sig - 1);
}

static inline bool signal_is_valid(int sig)
{
    return sig >= 1 && sig <= SIGNAL_COUNT;
}

constexpr signal_set SIGNALS_UNBLOCKABLE = 1ull << (SIGKILL - 1) | 1ull << (SIGSTOP - 1);

/* Signals that wait, with their siginfo in the order sent. */
struct signal_backlog {
    signal_set set;
    struct list_node entries; /* struct signal_entry */
};

/* As rt_sigaction(2) passes it on x86-64. */
struct signal_action {
    uaddr_t handler; /* 0: SIG_DFL, 1: SIG_IGN */
    uint64_t flags;
    uaddr_t restorer;
    signal_set mask;
};

/* What CLONE_SIGHAND shares. */
struct signal_actions {
    uint32_t refs;
    struct wait_queue waiters; /* signalfd: woken by each signal sent, key POLLIN */
    struct signal_action action[SIGNAL_COUNT];
};

enum signal_group_flag : uint32_t {
    SIGNAL_GROUP_STOPPED = 1 << 0,   /* all threads have stopped */
    SIGNAL_GROUP_CONTINUED = 1 << 1, /* SIGCONT came; wait(2) with WCONTINUED clears it */
    SIGNAL_GROUP_STOPPING = 1 << 2,  /* a group stop is under way or done: no thread goes on */
    SIGNAL_UNKILLABLE = 1 << 3,      /* no default action, but of a fault and from outside */
};

/* What the threads of a process have in common. */
struct signal_process {
    struct signal_backlog pending;
    struct signal_actions *actions;
    uint32_t flags;       /* enum signal_group_flag, SIGNAL_UNKILLABLE */
    int32_t stop_signal;  /* of the stop; wait(2) with WUNTRACED sets it to 0 */
    int32_t group_signal; /* the same, until the next stop */
    uint32_t stops_due;   /* threads that have yet to stop */
    struct process_timers timers;
};

struct signal_thread {
    struct signal_backlog pending;
    signal_set blocked;
    signal_set real_blocked;  /* sigtimedwait: what is blocked but waited for */
    signal_set saved_blocked; /* comes back after the call, if no handler runs */
    bool restore_blocked;
    bool attention; /* something to do before the way back: signal_pending */
    bool must_stop; /* takes part in a group stop and has not stopped yet */
    bool has_work;  /* sched/work.c's: there may be something on thread->work */
    uaddr_t altstack_base;
    uint64_t altstack_bytes;
    uint32_t altstack_flags;                        /* SS_DISABLE, SS_AUTODISARM */
    uint64_t trap_number, trap_error, trap_address; /* of the last fault, for the frame */
};

/* Who sent it, if no siginfo is given. */
#define SIGNAL_FROM_SELF   ((const struct siginfo *)0) /* SI_USER, the current process */
#define SIGNAL_FROM_KERNEL ((const struct siginfo *)1) /* SI_KERNEL */
#define SIGNAL_FROM_THREAD ((const struct siginfo *)2) /* SI_TKILL, the current process */

/* Life.  ACTIONS: one reference goes to P.  Release, at the process's end, drops the actions
 * and what is pending; later signals to the zombie vanish. */
void signal_process_init(struct process *p, struct signal_actions *actions);
void signal_process_release(struct process *p);
[[nodiscard]] struct signal_actions *signal_actions_create(void); /* all SIG_DFL; null: no memory */
[[nodiscard]] struct signal_actions *signal_actions_copy(const struct signal_actions *from);
struct signal_actions *signal_actions_get(struct signal_actions *a);
void signal_actions_put(struct signal_actions *a);
/* CLONE_CLEAR_SIGHAND: handlers become SIG_DFL, ignored signals stay ignored. */
void signal_actions_reset(struct signal_actions *a);

/* Nothing pending, nothing blocked; thread_create does it.  Copy: the blocked set and the
 * alternate stack are the parent's; thread_copy_context does it.  A thread that shares its
 * parent's memory has no alternate stack, except after vfork: signal_altstack_clear. */
void signal_thread_init(struct signal_thread *t);
void signal_thread_copy(struct signal_thread *t, const struct signal_thread *parent);
void signal_thread_release(struct signal_thread *t);
void signal_altstack_clear(struct thread *t);

/* execve: give the process, whose other threads are gone, actions of its own with all handlers
 * SIG_DFL, take away the alternate stack and the POSIX timers.  -ENOMEM: nothing has changed. */
[[nodiscard]] int signal_exec_prepare(struct process *p);
void signal_exec_finish(struct thread *t);

/* Does T have to look after signals before it goes on?  Calls that sleep end with
 * -ERESTARTSYS or -EINTR then. */
bool signal_pending(const struct thread *t);
bool signal_fatal_pending(const struct thread *t); /* SIGKILL, or its process ends */

/* Send SIG.  0, or -EAGAIN: a queued signal found RLIMIT_SIGPENDING used up.  No permission is
 * checked here (signal_may_send). */
int signal_send_thread(struct thread *t, int sig, const struct siginfo *info);
int signal_send_process(struct process *p, int sig, const struct siginfo *info);
/* kill(2)'s rule: may the current process send SIG (0: none) to P?  0 or -EPERM. */
[[nodiscard]] int signal_may_send(const struct process *p, int sig);

/* The current thread cannot go on without this signal: if it is blocked or ignored, the default
 * action happens.  CODE is si_code, ADDRESS si_addr. */
void signal_force(int sig, int code, uaddr_t address, uint64_t trap_number, uint64_t error);
void signal_force_info(int sig, const struct siginfo *info);
/* The frame could not be written or read: SIGSEGV, fatal if SIG was SIGSEGV itself. */
void signal_force_segv(int sig);

/* exit_group(2) and fatal signals: T is to end.  proc/ calls it for every other thread. */
void signal_kill_thread(struct thread *t);
/* T leaves its process: its part in a group stop is done, process signals that only it was about
 * to take go to another thread. */
void signal_thread_leave(struct thread *t);

/* Take the first pending signal of SET (a set bit is wanted) from T or its process; 0: none. */
int signal_dequeue_masked(struct thread *t, signal_set set, struct siginfo *info);
/* Pending for T or its process. */
signal_set signal_pending_set(const struct thread *t);
struct wait_queue *signal_wait_queue(struct thread *t); /* for signalfd's poll */

/* Wait for a signal of SET as rt_sigtimedwait(2) does: its number, -EAGAIN or -EINTR. */
int signal_wait(signal_set set, uint64_t deadline_ns, struct siginfo *info);

/* A posix timer's signal: its entry is the timer's own, so that sending cannot fail. */
struct signal_entry;
/* TO_THREAD may be null: to the process.  false: still pending from last time.  An ignored signal
 * is not queued (e->backlog stays null), which is no failure. */
bool signal_send_entry(struct signal_entry *e, struct process *p, struct thread *to_thread);

/* Change the current thread's blocked set. */
void signal_block(signal_set blocked);
/* The mask argument of ppoll, pselect6, epoll_pwait, rt_sigsuspend: block what the program says
 * until the end of the call.  USER may be 0 (no change).  -EINVAL: SIZE is not 8.  -EFAULT. */
[[nodiscard]] int signal_mask_push(uaddr_t user, uint64_t size);
/* End of such a call.  If it was interrupted the old mask comes back after the handler's frame is
 * made, else now. */
void signal_mask_pop(bool interrupted);

/* May a stop or the reading of a terminal be ignored?  For tty job control: SIG is blocked or
 * ignored by the current thread. */
bool signal_is_ignored_or_blocked(int sig);
bool signal_is_ignored(const struct process *p, int sig);

/* SIGCHLD's disposition says that children vanish when they end (SIG_IGN or SA_NOCLDWAIT). */
bool signal_child_autoreap(const struct process *p);
/* From now on P's children vanish so. */
void signal_child_ignore(struct process *p);

/* The way back to the program: stop, end, or set up handlers for what is pending, and settle
 * how an interrupted call goes on.  Returns whether the call must run again at once. */
bool signal_deliver(struct regs *regs);
/* Has the call ended with an ERESTART code, or its own signal mask, so that signal_deliver must
 * settle it though no signal may be left? */
bool signal_call_is_open(const struct regs *regs);
/* The former of the two. */
static inline bool signal_call_was_interrupted(const struct regs *regs)
{
    int64_t result = arch_call_result(regs);
    return result <= -ERESTARTSYS && result >= -ERESTART_RESTARTBLOCK && arch_in_call(regs);
}

/* sigaltstack(2): set T's alternate stack while its stack pointer is SP.  -EPERM: it is on that
 * stack.  -EINVAL, -ENOMEM. */
[[nodiscard]] int signal_altstack_set(struct thread *t, uaddr_t base, uint64_t bytes,
                                      uint32_t flags, uaddr_t sp);
/* Does SP lie on the alternate stack? */
bool signal_on_altstack(const struct thread *t, uaddr_t sp);
/* Where a handler's frame goes: below the alternate stack's top, or below SP. */
uaddr_t signal_stack_for(const struct thread *t, const struct signal_action *act, uaddr_t sp);

/* x86-64's frames: signal_frame.c. */
[[nodiscard]] int signal_frame_push(struct regs *regs, int sig, const struct signal_action *act,
                                    const struct siginfo *info, signal_set saved_blocked);
long signal_frame_pop(struct regs *regs);
/* The least size of a frame: AT_MINSIGSTKSZ. */
uint64_t signal_frame_bytes_max(void);

const char *signal_name(int sig); /* "SIGHUP", "SIGRT_3", "99"; good until the next call */
