/* SPDX-License-Identifier: BSD-2-Clause */
/* exec.h - replacing a process's program (execve(2)). */
#pragma once

#include <stdint.h>
#include "base/types.h"

struct file;

/* Where the strings of a new program come from: memory of the caller's, or of the libOS. */
struct exec_strings {
    uaddr_t user; /* the program's array of pointers, if KERNEL is NULL */
    char *const *kernel;
};

/* Run the program PATH (relative to directory DIRFD, AT_* in FLAGS) in the calling process.
 * Does not return to the old program on success: the thread's registers are the new one's.
 * A negative errno while the old program can still be told; past that it is killed. */
int exec_program(int dirfd, const char *path, int flags, const struct exec_strings *argv,
                 const struct exec_strings *envp);
