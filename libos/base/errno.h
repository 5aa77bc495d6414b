/* SPDX-License-Identifier: BSD-2-Clause */
/* errno.h - Linux's error numbers, and those that never reach a program. */
#pragma once

#include <asm-generic/errno.h>

/* How an interrupted call goes on (signal(7), "Interruption of system calls"):
 * the signal code turns these into EINTR or a second run of the call. */
constexpr int ERESTARTSYS = 512;           /* again, if the handler has SA_RESTART or none runs */
constexpr int ERESTARTNOINTR = 513;        /* again, always */
constexpr int ERESTARTNOHAND = 514;        /* again, only if no handler runs */
constexpr int ERESTART_RESTARTBLOCK = 516; /* by restart_syscall, only if no handler runs */

/* "ENOENT"; null for a number without a name (errno_text.c). */
const char *errno_name(int error);
/* "No such file or directory"; never null. */
const char *errno_text(int error);
