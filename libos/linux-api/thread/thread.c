/* SPDX-License-Identifier: BSD-2-Clause */
/* thread.c - gettid(2), set_tid_address(2), getcpu(2), membarrier(2). */
#include <linux/membarrier.h>
#include "base/errno.h"
#include "linux-api/call.h"
#include "mm/mm.h"
#include "mm/usermem.h"
#include "proc/pid_namespace.h"
#include "proc/process.h"
#include "sched/sched.h"

long sys_gettid(const struct call *c)
{
    (void)c;
    return thread_own_number(current);
}

long sys_set_tid_address(const struct call *c)
{
    current->clear_child_tid = c->arg[0];
    return thread_own_number(current);
}

long sys_getcpu(const struct call *c)
{
    if (c->arg[0] && put_user_u32(c->arg[0], current->vcpu))
        return -EFAULT;
    if (c->arg[1] && put_user_u32(c->arg[1], 0))
        return -EFAULT;
    return 0;
}

constexpr int BARRIERS =
    MEMBARRIER_CMD_GLOBAL | MEMBARRIER_CMD_GLOBAL_EXPEDITED |
    MEMBARRIER_CMD_REGISTER_GLOBAL_EXPEDITED | MEMBARRIER_CMD_PRIVATE_EXPEDITED |
    MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED | MEMBARRIER_CMD_PRIVATE_EXPEDITED_SYNC_CORE |
    MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED_SYNC_CORE;

/* Registration makes no path slower here: it is only the permission that membarrier(2) wants. */
static long barrier_private(uint32_t registration)
{
    if (!(current->process->mm->barriers & registration))
        return -EPERM;
    sched_barrier(current->process);
    return 0;
}

long sys_membarrier(const struct call *c)
{
    if ((uint32_t)c->arg[1])
        return -EINVAL;
    switch ((int)c->arg[0]) {
    case MEMBARRIER_CMD_QUERY: return BARRIERS;
    case MEMBARRIER_CMD_GLOBAL:
    case MEMBARRIER_CMD_GLOBAL_EXPEDITED:
        for (struct process *p = process_next(0); p; p = process_next(p->pid + 1))
            sched_barrier(p);
        return 0;
    case MEMBARRIER_CMD_PRIVATE_EXPEDITED:
        return barrier_private(MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED);
    case MEMBARRIER_CMD_PRIVATE_EXPEDITED_SYNC_CORE:
        return barrier_private(MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED_SYNC_CORE);
    case MEMBARRIER_CMD_REGISTER_GLOBAL_EXPEDITED:
    case MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED:
    case MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED_SYNC_CORE:
        current->process->mm->barriers |= (uint32_t)c->arg[0];
        return 0;
    default: return -EINVAL;
    }
}
