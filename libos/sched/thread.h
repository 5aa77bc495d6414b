/* SPDX-License-Identifier: BSD-2-Clause */
/* thread.h - a thread: what Linux calls a task.
 *
 * Life: thread_create makes it (NEW); the creator fills in what it shares with others and its
 * registers, and puts it on process->threads; thread_start makes it READY and findable by its
 * tid.  It runs, sleeps, stops.  Its last act is thread_exit, after proc/ has released what it
 * held: it is DEAD, and its stack goes back once another thread runs on the vcpu.  The structure
 * lives on while somebody holds a reference.  All fields are guarded by the domain lock.
 */
#pragma once

#include <stdint.h>
#include "arch/arch.h"
#include "base/list.h"
#include "base/types.h"
#include "sched/cputime.h"
#include "vfs/io_count.h"
#include "sched/rseq.h"
#include "sched/timer.h"
#include "sched/wait.h"
#include "signal/signal.h"

struct process;
struct fd_table;
struct fs_context;
struct cred;
struct namespaces;
struct seccomp_filter;
struct tracee;
struct uring_poller;

enum thread_state : uint8_t {
    THREAD_NEW,
    THREAD_READY,
    THREAD_RUNNING,
    THREAD_SLEEPING,
    THREAD_STOPPED, /* job control */
    THREAD_DEAD,
};

/* What restart_syscall(2) goes on with: set by a call that returns -ERESTART_RESTARTBLOCK. */
struct restart_block {
    long (*run)(struct thread *t);
    uint64_t deadline_ns;
    uint64_t arg[4];
};

struct thread {
    struct arch_thread arch; /* first: entry.S */
    uint32_t refs;
    int32_t tid;
    enum thread_state state;
    enum sleep_mode sleep_mode;
    bool woken;          /* a wake came while it was running */
    bool user;           /* has a program's registers (idle threads have not) */
    bool exiting;        /* proc/ has begun to end it */
    bool is_worker;      /* proc/worker.h: it never runs its program */
    uint8_t sched_class; /* SCHED_OTHER ... of <linux/sched.h> */
    uint8_t rt_priority; /* 1 to 99 for SCHED_FIFO and SCHED_RR, else 0 */
    int8_t nice;         /* -20 to 19 */
    bool reset_on_fork;  /* SCHED_RESET_ON_FORK */
    bool queued;         /* the policy holds it */
    bool was_queued;     /* between sched_change_begin and _end: it goes back */

    struct process *process;
    struct list_node process_node; /* in process->threads */
    struct list_node tid_node;     /* in the table of thread_find */

    /* What Linux lets tasks share or own one by one. */
    struct fd_table *files;
    struct fs_context *fs;
    struct namespaces *namespaces; /* proc/namespace.h; one reference; NULL: the first ones */
    const struct cred *cred;
    char comm[16];
    uint32_t clone_flags; /* proc/'s */
    int32_t exit_signal;  /* proc/'s: to the parent; -1: not the first thread */
    int32_t exit_status;  /* proc/'s: as wait(2) tells it */
    uint32_t personality;
    uint32_t timer_slack_ns;     /* PR_SET_TIMERSLACK */
    int32_t parent_death_signal; /* PR_SET_PDEATHSIG */

    uint16_t io_priority;   /* ioprio_set(2) */
    uint16_t memory_policy; /* set_mempolicy(2): MPOL_* with its mode flags */
    uint64_t memory_nodes;

    struct signal_thread signal;
    struct tracee *trace;           /* ptrace/: NULL if nobody traces it */
    struct seccomp_filter *seccomp; /* seccomp/: the newest filter; one reference */
    uint8_t seccomp_mode;           /* SECCOMP_MODE_* */
    struct rseq_thread rseq;

    uaddr_t clear_child_tid; /* set_tid_address(2) */
    uaddr_t robust_list;     /* set_robust_list(2) */
    struct restart_block restart;
    struct list_node work;             /* struct thread_work: sched/work.c; not of idle threads */
    struct list_node uring;            /* its requests of io_uring(7), linux-api/uring/ */
    struct uring_poller *uring_poller; /* the one it is, or NULL; one reference */
    void (*begin)(void *arg);          /* thread_start_at */
    void *begin_arg;

    /* Scheduling. */
    unsigned vcpu;            /* where it runs or ran last */
    uint64_t affinity;        /* bit set of vcpus */
    unsigned queue_vcpu;      /* while queued: who counts it as ready */
    uint64_t slice_ns;        /* the policy's, or 0: not asked yet */
    uint64_t slice_left_ns;   /* of a turn that was cut short */
    uint64_t switched_in_tsc; /* while running */
    struct cputime cputime;
    uint64_t rt_from_ns; /* its CPU time when it last woke or became real-time */
    struct io_count io;
    uint64_t start_ns; /* CLOCK_MONOTONIC */
    uint64_t switches_voluntary, switches_forced;
    uint64_t faults_minor, faults_major; /* mm/ counts */
    struct list_node policy_node;        /* the policy's */
    uint64_t policy_data[4];             /* the policy's */

    const struct wait_queue *waiting_on; /* for sched_dump only */
    uint64_t sleep_deadline_ns;
};

static inline struct regs *thread_regs(const struct thread *t)
{
    return arch_regs(&t->arch);
}

/* A new thread of PROCESS (a plain pointer) with number TID, a libOS stack and a fresh extended
 * state, and one reference, which is that of its run.  Its registers are zero.  -ENOMEM. */
[[nodiscard]] int thread_create(struct process *process, int32_t tid, struct thread **out);

/* Undo thread_create: T never ran. */
void thread_destroy_new(struct thread *t);

/* Give T what fork and clone copy from FROM, the current thread: registers, extended state, TLS
 * base, scheduling, blocked signals, alternate stack, comm. */
void thread_copy_context(struct thread *t, struct thread *from);

/* What execve gives the current thread: fresh registers and extended state, no TLS base. */
void thread_reset_context(uaddr_t entry, uaddr_t stack);

/* From now on T runs, and thread_find finds it. */
void thread_start(struct thread *t);

/* The same, but T first calls BEGIN(ARG) on its libOS stack: for the first process, which has to
 * load its program before it can run it. */
void thread_start_at(struct thread *t, void (*begin)(void *arg), void *arg);

/* thread_find no longer finds T (thread_exit does it too): its number may be freed after this. */
void thread_unhash(struct thread *t);

/* execve from a thread that is not the first: T, the last one left, takes the number TID over. */
void thread_change_tid(struct thread *t, int32_t tid);

/* No reference is taken: valid until the caller sleeps. */
struct thread *thread_find(int32_t tid);

/* The current thread, no longer on process->threads, adds its CPU time to process->cputime, and
 * what it read and wrote to process->io. */
void thread_account_end(void);

/* The current thread ends.  proc/ has released all it held, t->process included.  Drops the
 * reference of its run. */
[[noreturn]] void thread_exit(void);

static inline struct thread *thread_get(struct thread *t)
{
    t->refs++;
    return t;
}
void thread_put(struct thread *t); /* null is fine */

/* Its stack is at rest: give it back, and the reference of its run. */
void thread_release_run(struct thread *t);

/* Call FN for each living thread of the domain; FN must not start or end any. */
void thread_for_each(void (*fn)(struct thread *t, void *arg), void *arg);

unsigned thread_count(void);

/* The letter of /proc/PID/stat: R S D T Z. */
char thread_state_letter(const struct thread *t);

/* Nice value of T, -20 to 19, from now on. */
void thread_set_nice(struct thread *t, int nice);
