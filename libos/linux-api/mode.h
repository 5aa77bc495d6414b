/* SPDX-License-Identifier: BSD-2-Clause */
/* mode.h - which categories of system calls the domain has; the others answer ENOSYS. */
#pragma once

#include <stdint.h>

/* Bit 1 << SYSCALL_<category>: its calls are made.  Fixed before the first program runs. */
extern uint32_t syscall_categories;

/* TEXT is "full", "minimal" or "custom:" and names of categories with commas between them, as
 * syscalls.def has them but in small letters.  Process calls are always there: without them a
 * program could not even end.  False: not understood. */
[[nodiscard]] bool syscall_mode_set(const char *text);
