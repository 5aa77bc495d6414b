/* SPDX-License-Identifier: BSD-2-Clause */
/* futex.h - what the rest of the libOS asks of futexes: futex(2), get_robust_list(2). */
#pragma once

#include <stdint.h>
#include "base/types.h"

struct thread;

/* Wake up to COUNT waiters at ADDRESS of the current process (CLONE_CHILD_CLEARTID). */
void futex_wake_address(uaddr_t address, unsigned count);

/* The current thread ends, or execs: walk its robust list, clear and wake clear_child_tid.  Its
 * memory is still there. */
void futex_thread_release(struct thread *t);
