/* SPDX-License-Identifier: BSD-2-Clause */
/* rseq.h - restartable sequences (rseq(2), <linux/rseq.h>).
 *
 * A thread that has registered a structure finds there which vcpu it runs on.  When it goes back
 * to its program after it was switched out, or into a signal handler, and was inside the critical
 * section that the structure names, it goes on at that section's abort handler.
 */
#pragma once

#include <stdint.h>
#include "base/types.h"

struct regs;
struct thread;

struct rseq_thread {
    uaddr_t address; /* 0: not registered */
    uint32_t bytes, signature;
    uint32_t vcpu;     /* as the structure says */
    uint64_t switches; /* of the thread when the structure was last looked at */
};

/* The current thread goes back to its program.  False: its structure is bad, SIGSEGV is sent. */
bool rseq_return(struct regs *regs);
/* The same on the way into a signal handler. */
bool rseq_signal(struct regs *regs);
/* Let the next return write the structure. */
void rseq_renew(struct thread *t);
