/* SPDX-License-Identifier: BSD-2-Clause */
/* clone.h - new processes and threads (clone(2)). */
#pragma once

#include <stdint.h>
#include "base/types.h"

struct clone_request {
    uint64_t flags;         /* CLONE_* without the signal number */
    int32_t exit_signal;    /* 0 to 64 */
    uaddr_t stack;          /* stack pointer of the child; 0: the caller's */
    uaddr_t tls;            /* CLONE_SETTLS */
    uaddr_t parent_tid;     /* CLONE_PARENT_SETTID */
    uaddr_t child_tid;      /* CLONE_CHILD_SETTID, CLONE_CHILD_CLEARTID */
    uaddr_t pidfd;          /* CLONE_PIDFD */
    const int32_t *numbers; /* wanted, in the innermost pid namespace first (set_tid) */
    uint32_t number_count;
};

/* The child's number as the parent sees it, or a negative errno. */
int64_t process_clone(const struct clone_request *request);
