/* SPDX-License-Identifier: BSD-2-Clause */
/* process.h - a process: what its threads share, and its place among the others.
 *
 * Life: process_create (by fork) makes it PROCESS_RUNNING with its first thread.  When the
 * last thread has gone it is a PROCESS_ZOMBIE, without memory and files, until its parent
 * waits for it (or does not care): then PROCESS_DEAD, out of all tables, and freed with the
 * last reference.  One reference is held by the tables until then, one by each thread.
 *
 * A thread that leads its process and ends before the others keeps its number (= pid) in
 * use until the process is waited for.
 */
#pragma once

#include <asm-generic/resource.h>
#include <stdint.h>
#include "base/list.h"
#include "base/types.h"
#include "proc/cred.h"
#include "proc/pid.h"
#include "sched/cputime.h"
#include "sched/wait.h"
#include "signal/signal.h"
#include "vfs/io_count.h"

struct file;
struct mm;
struct pgrp;
struct pid_namespace;
struct session;
struct thread;
struct tracee;
struct siginfo;

enum process_state : uint8_t {
    PROCESS_RUNNING,
    PROCESS_ZOMBIE,
    PROCESS_DEAD,
};

struct process_rlimit {
    uint64_t soft, hard;
};

/* Resources used: in nanoseconds and events. */
struct process_usage {
    uint64_t user_ns, system_ns;
    uint64_t faults_minor, faults_major;
    uint64_t switches_voluntary, switches_forced;
    uint64_t blocks_in, blocks_out;
    uint64_t resident_most; /* pages */
};

struct process {
    int32_t pid;
    struct pid_namespace *pids; /* where it was made; one reference */
    uint32_t refs;
    enum process_state state;
    struct list_node all; /* process_next */

    struct process *parent;    /* NULL only in the first */
    struct list_node children; /* by sibling, oldest first */
    struct list_node sibling;
    struct thread *forker; /* the parent's thread that made it, for __WNOTHREAD; may be stale,
                                 * only ever compared */

    struct list_node threads;       /* by thread->process_node, oldest first */
    uint32_t thread_count;          /* on that list */
    uint32_t live_count;            /* of these, not yet ending */
    uint32_t worker_count;          /* of the living: proc/worker.h */
    struct thread *leader;          /* the thread whose tid is pid; NULL once it has gone */
    struct thread *dead_leader;     /* its remains afterwards, for comm and cred; one reference */
    struct wait_queue threads_gone; /* rung when a thread leaves, for exec */
    struct thread *execing;         /* waits for all others to leave */

    struct pgrp *pgrp;
    struct list_node pgrp_node;

    struct mm *mm;                 /* NULL once it exits */
    struct signal_process signal;  /* its stop_signal and flags tell what wait4 has yet to report */
    struct wait_queue *vfork_done; /* our parent sleeps there until we exec or exit; then NULL */

    struct process_rlimit limits[RLIM_NLIMITS];
    uint32_t personality;
    int32_t nice;
    int32_t oom_score_adj;
    struct io_count io;           /* of threads that have ended */
    struct list_node tracees;     /* ptrace/: threads that this process traces */
    struct tracee *trace_remains; /* of the first thread, which has ended; the tracer's to know */
    struct list_node sem_undos;   /* ipc/sem.c: what to undo at the end */
    bool is_subreaper;            /* prctl(PR_SET_CHILD_SUBREAPER) */
    bool no_new_privs;
    bool did_exec;     /* since the fork: setpgid by the parent is refused */
    uint64_t start_ns; /* CLOCK_BOOTTIME */

    /* How it ends.  Valid once `exiting`: a wait status without the core bit is 8 bits
     * exit code << 8 or the signal. */
    bool exiting;
    int32_t exit_status; /* as wait4(2) stores it */
    int32_t exit_signal; /* to the parent; SIGCHLD after fork, 0: none */

    struct wait_queue child_changed;     /* its waiting threads */
    struct wait_queue ended;             /* pidfds: woken when it becomes a zombie */
    struct cputime cputime;              /* of threads that have gone; sched/ adds it */
    struct process_usage usage;          /* of threads that have gone, without the CPU time */
    struct process_usage children_usage; /* of children waited for */
};

/* The first process: pid 1. */
extern struct process *process_first;

void process_init(void);

struct process *process_get(struct process *process);
void process_put(struct process *process);

/* By number; no reference is taken: good until the caller sleeps. */
struct process *process_find(int32_t pid);
/* The process with the lowest pid >= PID, for procfs; zombies too.  NULL at the end. */
struct process *process_next(int32_t pid);
uint32_t process_count(void);
/* Processes and threads that were ever made. */
uint64_t process_forks(void);

static inline uint64_t process_rlimit(const struct process *process, unsigned resource)
{
    return process->limits[resource].soft;
}

struct session *process_session(const struct process *process);

/* The calling thread's process. */
struct process *process_current(void);

/* PROCESS has stopped by SIGNAL, or was continued (process->signal says so already): tell the
 * parent by SIGCHLD, unless it has SA_NOCLDSTOP, and wake its waiters. */
void process_report_stop(struct process *process, int signal);
void process_report_continue(struct process *process);

/* End the calling thread as exit(2) does; the last one ends the process.  WAIT_STATUS as below. */
[[noreturn]] void process_exit_thread(int wait_status);

/* The thread that answers for PROCESS (comm, cred): its leader, another, or the leader's
 * remains. */
struct thread *process_main_thread(const struct process *process);

/* End the calling process.  WAIT_STATUS as wait4(2) tells it: code << 8, or signal number,
 * | 0x80 if core would have been dumped.  If it is ending already, the first status stays. */
[[noreturn]] void process_exit_group(int wait_status);

/* T's numbers, parent or credentials have changed: what its stubs tell changes with them. */
void thread_known_renew(struct thread *t);

/* Used up to now by all its threads, and the figures of the dead ones. */
void process_usage_read(struct process *process, struct process_usage *usage);

/* Start the machine's first program.  0, or a negative errno if it can't be executed. */
int process_start_first(const char *path, char *const *argv, char *const *envp, const char *cwd);

/* All processes are out of memory: end the one that has most.  Never sleeps. */
void process_oom_kill(void);
