/* SPDX-License-Identifier: BSD-2-Clause */
/* seccomp.c - seccomp(2), and its form in prctl(2). */
#include "seccomp/seccomp.h"

#include "base/errno.h"
#include "linux-api/call.h"
#include "linux-api/process/seccomp.h"
#include "mm/heap.h"
#include "mm/usermem.h"

constexpr uint32_t FLAGS_KNOWN = SECCOMP_FILTER_FLAG_TSYNC | SECCOMP_FILTER_FLAG_LOG |
                                 SECCOMP_FILTER_FLAG_SPEC_ALLOW | SECCOMP_FILTER_FLAG_TSYNC_ESRCH;

static long filter_add(uint32_t flags, uaddr_t from)
{
    struct sock_fprog program;
    if (flags & ~FLAGS_KNOWN)
        return -EINVAL;
    if (copy_from_user(&program, from, sizeof program))
        return -EFAULT;
    if (program.len == 0 || program.len > SECCOMP_LENGTH_MOST)
        return -EINVAL;
    size_t bytes = program.len * sizeof(struct sock_filter);
    struct sock_filter *copy = heap_alloc(bytes);
    if (!copy)
        return -ENOMEM;
    long result = -EFAULT;
    if (copy_from_user(copy, (uaddr_t)program.filter, bytes) == 0)
        result = seccomp_add_filter(copy, program.len, flags);
    heap_free(copy);
    return result;
}

static long action_available(uaddr_t from)
{
    uint32_t action;
    if (get_user_u32(&action, from))
        return -EFAULT;
    switch (action) {
    case SECCOMP_RET_KILL_PROCESS:
    case SECCOMP_RET_KILL_THREAD:
    case SECCOMP_RET_TRAP:
    case SECCOMP_RET_ERRNO:
    case SECCOMP_RET_TRACE:
    case SECCOMP_RET_LOG:
    case SECCOMP_RET_ALLOW: return 0;
    default: return -EOPNOTSUPP;
    }
}

long sys_seccomp(const struct call *c)
{
    uint32_t flags = (uint32_t)c->arg[1];
    uaddr_t at = c->arg[2];
    switch ((uint32_t)c->arg[0]) {
    case SECCOMP_SET_MODE_STRICT: return flags || at ? -EINVAL : seccomp_set_strict();
    case SECCOMP_SET_MODE_FILTER: return filter_add(flags, at);
    case SECCOMP_GET_ACTION_AVAIL: return flags ? -EINVAL : action_available(at);
    default: return -EINVAL; /* SECCOMP_GET_NOTIF_SIZES too: there are no notifications */
    }
}

long seccomp_prctl(uint64_t mode, uaddr_t at)
{
    switch (mode) {
    case SECCOMP_MODE_STRICT: return seccomp_set_strict();
    case SECCOMP_MODE_FILTER: return filter_add(0, at);
    default: return -EINVAL;
    }
}
