/* SPDX-License-Identifier: BSD-2-Clause */
/* pidfd.h - files that stand for a process (pidfd_open(2)). */
#pragma once

#include <stdint.h>
#include "base/types.h"

struct file;
struct process;

/* A descriptor for PROCESS in the current thread's table; its number goes to NUMBER too, unless
 * that is 0.  Or a negative errno. */
[[nodiscard]] int pidfd_create(struct process *process, uaddr_t number);

/* The process of a descriptor (no reference: good until the caller sleeps), NULL: no pidfd. */
struct process *pidfd_process(int fd);
