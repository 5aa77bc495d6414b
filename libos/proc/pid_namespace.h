/* SPDX-License-Identifier: BSD-2-Clause */
/* pid_namespace.h - pid namespaces (pid_namespaces(7)): who is seen by which number from where.
 *
 * A process is in the namespace that it was made in, for good: process->pids.  It sees those that
 * have a number there.  All else is nobody: number 0.
 */
#pragma once

#include <stdint.h>
#include "proc/pid.h"
#include "proc/process.h"
#include "sched/thread.h"

/* A namespace in ABOVE, for HOLDER, which counts the references.  -ENOSPC: too deep.  -ENOMEM. */
[[nodiscard]] int pid_namespace_create(struct pid_namespace *above, struct namespace *holder,
                                       struct pid_namespace **out);
/* The last reference to its holder has gone. */
void pid_namespace_destroy(struct pid_namespace *ns);
struct pid_namespace *pid_namespace_get(struct pid_namespace *ns);
void pid_namespace_put(struct pid_namespace *ns);
/* Is NS the namespace ABOVE, or inside it? */
bool pid_namespace_is_in(const struct pid_namespace *ns, const struct pid_namespace *above);

/* What NUMBER (of the first namespace) is called in NS; 0: it is not seen from there. */
int32_t pid_number_in(int32_t number, const struct pid_namespace *ns);
/* The same for the calling process, and the other way: 0 is nobody both ways. */
int32_t pid_to_user(int32_t number);
int32_t pid_from_user(int32_t number);

/* By the numbers that the calling process knows.  No reference is taken: good until the caller
 * sleeps. */
struct thread *thread_lookup(int32_t tid);
struct process *process_lookup(int32_t pid);
struct pgrp *pgrp_lookup(int32_t pgid);
/* The process with the lowest number >= FROM in NS, zombies too; *NUMBER is what it is called
 * there.  NULL at the end. */
struct process *process_next_in(const struct pid_namespace *ns, int32_t from, int32_t *number);

/* T's number, and P's, in their own namespace: what they know themselves by. */
int32_t thread_own_number(const struct thread *t);
int32_t process_own_number(const struct process *p);

/* P, with its number PID, has come into the tables, or leaves them. */
void pid_namespace_enter(const struct pid *pid, struct process *p);
void pid_namespace_leave(const struct pid *pid);
/* Is P the init of a namespace other than the first? */
bool pid_namespace_is_init(const struct process *p);
/* The current thread is the last of its namespace's init: all others there are killed, and have
 * gone when this returns. */
void pid_namespace_end(void);
