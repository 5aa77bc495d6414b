/* SPDX-License-Identifier: BSD-2-Clause */
/* rseq.c - rseq(2). */
#include "sched/rseq.h"

#include <linux/rseq.h>
#include "base/errno.h"
#include "linux-api/call.h"
#include "mm/usermem.h"
#include "sched/thread.h"

constexpr uint32_t RSEQ_BYTES_FIRST = 32; /* as of Linux 4.18; what every program may pass */

static long unregister(struct rseq_thread *r, uaddr_t address, uint32_t bytes, uint32_t signature)
{
    uint32_t none[2] = {0, (uint32_t)RSEQ_CPU_ID_UNINITIALIZED};
    if (!r->address || r->address != address || r->bytes != bytes)
        return -EINVAL;
    if (r->signature != signature)
        return -EPERM;
    if (copy_to_user(address, none, sizeof none))
        return -EFAULT;
    *r = (struct rseq_thread){};
    return 0;
}

long sys_rseq(const struct call *c)
{
    uaddr_t address = c->arg[0];
    uint32_t bytes = (uint32_t)c->arg[1], signature = (uint32_t)c->arg[3];
    int flags = (int)c->arg[2];
    struct rseq_thread *r = &current->rseq;
    if (flags & RSEQ_FLAG_UNREGISTER)
        return flags & ~RSEQ_FLAG_UNREGISTER ? -EINVAL : unregister(r, address, bytes, signature);
    if (flags)
        return -EINVAL;
    if (r->address) {
        if (r->address != address || r->bytes != bytes)
            return -EINVAL;
        return r->signature == signature ? -EBUSY : -EPERM;
    }
    if (bytes != RSEQ_BYTES_FIRST || address % RSEQ_BYTES_FIRST != 0)
        return -EINVAL;
    if (!usermem_is_valid(address, bytes))
        return -EFAULT;
    *r = (struct rseq_thread){.address = address, .bytes = bytes, .signature = signature};
    rseq_renew(current);
    return 0;
}
