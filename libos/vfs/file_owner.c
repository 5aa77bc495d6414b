/* SPDX-License-Identifier: BSD-2-Clause */
/* file_owner.c - signals to those who asked to hear of a file (fcntl(2), F_SETOWN). */
#include <asm/siginfo.h>
#include <linux/fcntl.h>
#include "proc/pgrp.h"
#include "proc/process.h"
#include "sched/thread.h"
#include "signal/signal.h"
#include "vfs/file.h"

void file_notify_owner(struct file *file)
{
    const struct file_owner *o = &file->owner;
    if (!(file->flags & FASYNC) || !o->id)
        return;
    struct siginfo info = {.si_signo = o->signal ? o->signal : SIGIO, .si_code = POLL_IN};
    const struct siginfo *told = o->signal ? &info : SIGNAL_FROM_KERNEL;
    if (o->type == F_OWNER_TID) {
        struct thread *t = thread_find(o->id);
        if (t)
            signal_send_thread(t, info.si_signo, told);
    } else if (o->type == F_OWNER_PID) {
        struct process *p = process_find(o->id);
        if (p)
            signal_send_process(p, info.si_signo, told);
    } else {
        struct pgrp *g = pgrp_find(o->id);
        if (g)
            pgrp_signal(g, info.si_signo, told);
    }
}
