/* SPDX-License-Identifier: BSD-2-Clause */
/* internal.h - what the files of proc/ share. */
#pragma once

#include <stdint.h>
#include "proc/process.h"
#include "proc/user.h"

struct cred;
struct namespace;

/* A process with number PID, a child of PARENT (NULL: the first), with PARENT's limits; found by
 * nobody until process_enter.  ACTIONS: its reference passes.  NULL: no memory. */
[[nodiscard]] struct process *process_alloc(struct pid *pid, struct process *parent,
                                            struct signal_actions *actions);
/* Undo process_alloc; the actions are put, the number is the caller's. */
void process_discard(struct process *process);
/* Into the tables, which take the reference over, and among PARENT's children. */
void process_enter(struct process *process, struct process *parent);
/* A zombie that nobody will ask for any more. */
void process_reap(struct process *process);

/* T is the first thread of PROCESS, or one more. */
void process_add_thread(struct process *process, struct thread *t);

/* T, the only thread left, becomes the leader in number too (execve). */
void process_take_lead(struct process *process, struct thread *t);

/* clone.c.  RLIMIT_NPROC counts threads by real user; the privileged are exempt (getrlimit(2)). */
bool clone_has_too_many(void);
/* Give T, which is born in the pid namespace PIDS, what it shares with the caller, or has a copy of,
 * by clone(2)'s FLAGS.  -ENOMEM: undo it all the same. */
[[nodiscard]] int clone_share(struct thread *t, uint64_t flags, struct namespace *pids);
void clone_unshare(struct thread *t);

/* vfork's parent may go on: the child has other memory now, or none. */
void process_vfork_finish(struct process *process);

/* What the parent is told about CHILD: SIGCHLD's siginfo.  CODE: CLD_*. */
void process_child_info(const struct process *child, int code, int status, struct siginfo *info);
/* A wait status as CLD_* and the status that goes with it. */
int process_exit_code(int wait_status, int *status);

/* Tell the parent of P, a zombie, unless a tracer comes first. */
void process_report_end(struct process *p);

void process_usage_add(struct process_usage *to, const struct process_usage *from);

/* Threads that act for a real user id, for RLIMIT_NPROC. */
[[nodiscard]] static inline bool user_count_add(uint32_t uid) /* false: no memory */
{
    return user_charge(uid, USER_THREADS, 1);
}
static inline void user_count_remove(uint32_t uid)
{
    user_discharge(uid, USER_THREADS, 1);
}
static inline uint32_t user_count(uint32_t uid)
{
    return user_charged(uid, USER_THREADS);
}
