/* SPDX-License-Identifier: BSD-2-Clause */
/* return.c - rt_sigreturn(2), restart_syscall(2). */
#include "base/errno.h"
#include "linux-api/call.h"
#include "sched/thread.h"
#include "signal/signal.h"

long sys_rt_sigreturn(const struct call *c)
{
    return signal_frame_pop(c->regs);
}

long sys_restart_syscall(const struct call *c)
{
    (void)c;
    struct thread *t = current;
    return t->restart.run ? t->restart.run(t) : -EINTR;
}
