/* SPDX-License-Identifier: BSD-2-Clause */
/* signals.h - signal sets and states as stat and status show them. */
#pragma once

#include <stdint.h>
#include "vfs/procfs/procfs.h"

struct proc_signals {
    uint64_t pending, pending_shared, blocked, ignored, caught;
    uint32_t queued;
};

/* T may be null: nothing of a thread then. */
struct proc_signals proc_signals_of(const struct process *p, const struct thread *t);
/* R S D T Z */
char proc_state(const struct proc_node *node);
const char *proc_comm(const struct proc_node *node);
