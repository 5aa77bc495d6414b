/* SPDX-License-Identifier: BSD-2-Clause */
/* access.c - the rule by which processes may look into each other. */
#include "ptrace/access.h"

#include <linux/capability.h>
#include "base/errno.h"
#include "mm/mm.h"
#include "proc/process.h"
#include "sched/thread.h"

int ptrace_may_access(const struct process *p)
{
    const struct cred *mine = current->cred;
    const struct thread *main = process_main_thread(p);
    if (p == current->process || cred_capable(mine, CAP_SYS_PTRACE))
        return 0;
    if (!main || !main->cred || (p->mm && !p->mm->dumpable))
        return -EPERM;
    const struct cred *theirs = main->cred;
    bool is_same = mine->uid == theirs->euid && mine->uid == theirs->suid &&
                   mine->uid == theirs->uid && mine->gid == theirs->egid &&
                   mine->gid == theirs->sgid && mine->gid == theirs->gid;
    if (!is_same || theirs->cap_permitted & ~mine->cap_permitted)
        return -EPERM;
    return 0;
}
