/* SPDX-License-Identifier: BSD-2-Clause */
/* pid.h - the numbers of threads, processes, process groups and sessions.
 *
 * One number can name a thread, the process that it leads, a process group and a
 * session at once; it is given out again when it names none of them.
 */
#pragma once

#include <stdint.h>
#include "base/list.h"

struct pgrp;
struct process;
struct session;

constexpr int32_t PID_MOST = 32768; /* as Linux's pid_max: numbers lie below it */

struct pid {
    struct list_node node; /* in its hash chain */
    int32_t number;
    bool is_thread; /* a thread has this number (thread_find) */
    struct process *process;
    struct pgrp *pgrp;
    struct session *session;
};

void pid_init(void);

/* A number that names nothing yet.  NULL: none left, or no memory. */
[[nodiscard]] struct pid *pid_alloc(void);
struct pid *pid_find(int32_t number);
/* To be called after one of the four was cleared: frees the number if it was the last. */
void pid_release(struct pid *pid);
/* Numbers in use; the last given out (for /proc/loadavg). */
uint32_t pid_count(void);
int32_t pid_last(void);
