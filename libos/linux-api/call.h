/* SPDX-License-Identifier: BSD-2-Clause */
/* call.h - a Linux system call on its way to its handler. */
#pragma once

#include <stdint.h>

struct regs;

struct call {
    uint64_t nr;
    uint64_t arg[6];
    struct regs *regs; /* the caller's registers, for calls that change them */
};

/* A handler: a result of 0 or more, a negative errno, or a negative ERESTART code. */
typedef long syscall_fn(const struct call *c);
