/* SPDX-License-Identifier: BSD-2-Clause */
/* fd.c - dup(2), dup2(2), dup3(2), flock(2), pipe(2). */
#include <linux/fcntl.h>
#include "base/errno.h"
#include "linux-api/call.h"
#include "linux-api/file/args.h"
#include "sched/thread.h"
#include "vfs/fdtable.h"
#include "vfs/file.h"
#include "vfs/lock.h"
#include "vfs/pipe.h"

long sys_dup(const struct call *c)
{
    struct file *file = fd_get_any((int)c->arg[0]);
    return file ? fd_open(file, 0) : -EBADF;
}

static long dup_to(int old, int new, unsigned flags)
{
    struct file *file = fd_get_any(old);
    if (!file)
        return -EBADF;
    long result = fd_replace(current->files, new, file, flags);
    file_put(file);
    return result;
}

long sys_dup2(const struct call *c)
{
    int old = (int)c->arg[0], new = (int)c->arg[1];
    if (old != new)
        return dup_to(old, new, 0);
    return old >= 0 && fd_table_file(current->files, (unsigned)old) ? new : -EBADF;
}

long sys_dup3(const struct call *c)
{
    unsigned flags = (unsigned)c->arg[2];
    if (flags & ~(unsigned)O_CLOEXEC || (int)c->arg[0] == (int)c->arg[1])
        return -EINVAL;
    return dup_to((int)c->arg[0], (int)c->arg[1], flags);
}

long sys_flock(const struct call *c)
{
    struct file *file = fd_get((int)c->arg[0]);
    if (!file)
        return -EBADF;
    long result = lock_whole(file, (int)c->arg[1]);
    file_put(file);
    return result;
}

static long pipe_make(uaddr_t out, uint32_t flags)
{
    struct file *file[2];
    if (flags & ~(uint32_t)(O_CLOEXEC | O_NONBLOCK | O_DIRECT))
        return -EINVAL;
    int err = pipe_create_files(flags, file);
    return err < 0 ? err : fd_pair_install(file, flags, out);
}

long sys_pipe(const struct call *c)
{
    return pipe_make(c->arg[0], 0);
}

long sys_pipe2(const struct call *c)
{
    return pipe_make(c->arg[0], (uint32_t)c->arg[1]);
}
