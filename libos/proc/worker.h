/* SPDX-License-Identifier: BSD-2-Clause */
/* worker.h - threads of a process that work in the libOS only and never run its program: they share
 * what its threads share, are seen among them as Linux shows its io_uring workers, and end with the
 * last thread that does.
 *
 * All signals but SIGKILL and SIGSTOP are blocked there.  Nobody can trace them.
 */
#pragma once

#include <stdint.h>

struct thread;

/* Start one for the calling thread's process, called NAME, with RUN(ARG) on its libOS stack.  RUN
 * ends with process_exit_thread; between its steps, and when a sleep is interrupted, it calls
 * worker_attend.  *OUT: no reference.  -EAGAIN, -ENOMEM. */
[[nodiscard]] int worker_start(const char *name, void (*run)(void *arg), void *arg,
                               struct thread **out);

/* Stop with the process, or end with it: then it does not return. */
void worker_attend(void);
