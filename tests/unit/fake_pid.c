/* SPDX-License-Identifier: BSD-2-Clause */
/* fake_pid.c - there is one pid namespace: everybody goes by the same numbers. */
#include "proc/pgrp.h"
#include "proc/pid_namespace.h"

[[gnu::weak]] struct pid_namespace pid_namespace_first;

struct pid_namespace *pid_namespace_get(struct pid_namespace *ns) { return ns; }
void pid_namespace_put(struct pid_namespace *) {}
int32_t pid_number_in(int32_t number, const struct pid_namespace *) { return number; }
int32_t pid_to_user(int32_t number) { return number; }
int32_t pid_from_user(int32_t number) { return number; }
int32_t thread_own_number(const struct thread *t) { return t->tid; }
int32_t process_own_number(const struct process *p) { return p->pid; }

[[gnu::weak]] struct thread *thread_find(int32_t) { return nullptr; }
struct thread *thread_lookup(int32_t tid) { return thread_find(tid); }
[[gnu::weak]] struct pgrp *pgrp_find(int32_t) { return nullptr; }
struct pgrp *pgrp_lookup(int32_t pgid) { return pgrp_find(pgid); }

[[gnu::weak]] struct process *process_next(int32_t) { return nullptr; }
struct process *process_next_in(const struct pid_namespace *, int32_t from, int32_t *number)
{
    struct process *p = process_next(from);
    *number = p ? p->pid : 0;
    return p;
}
