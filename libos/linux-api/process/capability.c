/* SPDX-License-Identifier: BSD-2-Clause */
/* capability.c - capget(2), capset(2). */
#include <linux/capability.h>

#include "base/errno.h"
#include "linux-api/call.h"
#include "mm/usermem.h"
#include "proc/cred.h"
#include "proc/pid_namespace.h"
#include "proc/process.h"
#include "sched/thread.h"

/* How many 32-bit words each set has in HEADER's version.  -EINVAL: it is unknown, and the caller
 * has been told which one is preferred. */
static int header_words(const struct __user_cap_header_struct *header, uaddr_t at)
{
    switch (header->version) {
    case _LINUX_CAPABILITY_VERSION_1: return _LINUX_CAPABILITY_U32S_1;
    case _LINUX_CAPABILITY_VERSION_2:
    case _LINUX_CAPABILITY_VERSION_3: return _LINUX_CAPABILITY_U32S_3;
    default: return put_user_u32(at, _LINUX_CAPABILITY_VERSION_3) ? -EFAULT : -EINVAL;
    }
}

long sys_capget(const struct call *c)
{
    struct __user_cap_header_struct header;
    struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3] = {};
    const struct cred *cred = current->cred;

    if (copy_from_user(&header, c->arg[0], sizeof header))
        return -EFAULT;
    int words = header_words(&header, c->arg[0]);
    if (words < 0)
        return words == -EINVAL && c->arg[1] == 0 ? 0 : words;
    if (header.pid < 0)
        return -EINVAL;
    if (header.pid > 0) {
        const struct thread *t = thread_lookup(header.pid);
        if (!t || !t->cred)
            return -ESRCH;
        cred = t->cred;
    }
    if (c->arg[1] == 0)
        return 0;
    for (int i = 0; i < words; i++) {
        data[i].effective = (uint32_t)(cred->cap_effective >> 32 * i);
        data[i].permitted = (uint32_t)(cred->cap_permitted >> 32 * i);
        data[i].inheritable = (uint32_t)(cred->cap_inheritable >> 32 * i);
    }
    return copy_to_user(c->arg[1], data, (size_t)words * sizeof data[0]);
}

/* capabilities(7), "Programmatically adjusting capability sets". */
static bool sets_are_allowed(const struct cred *old, const struct cred *new)
{
    uint64_t heritable = old->cap_inheritable | old->cap_permitted;

    if (!cred_capable(old, CAP_SETPCAP) && new->cap_inheritable & ~heritable)
        return false;
    if (new->cap_inheritable & ~(old->cap_inheritable | old->cap_bounding))
        return false;
    return !(new->cap_permitted & ~old->cap_permitted) &&
           !(new->cap_effective & ~new->cap_permitted);
}

long sys_capset(const struct call *c)
{
    struct __user_cap_header_struct header;
    struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3] = {};
    const struct cred *old = current->cred;
    struct cred *new;

    if (copy_from_user(&header, c->arg[0], sizeof header))
        return -EFAULT;
    int words = header_words(&header, c->arg[0]);
    if (words < 0)
        return words;
    if (header.pid != 0 && header.pid != current->tid)
        return -EPERM;
    if (copy_from_user(data, c->arg[1], (size_t)words * sizeof data[0]))
        return -EFAULT;
    new = cred_clone(old);
    if (!new)
        return -ENOMEM;
    new->cap_effective = (data[0].effective | (uint64_t)data[1].effective << 32) & CRED_CAP_ALL;
    new->cap_permitted = (data[0].permitted | (uint64_t)data[1].permitted << 32) & CRED_CAP_ALL;
    new->cap_inheritable =
        (data[0].inheritable | (uint64_t)data[1].inheritable << 32) & CRED_CAP_ALL;
    new->cap_ambient &= new->cap_permitted &new->cap_inheritable;
    if (!sets_are_allowed(old, new)) {
        cred_put(new);
        return -EPERM;
    }
    cred_install(current, new);
    return 0;
}
