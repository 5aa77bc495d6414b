/* SPDX-License-Identifier: BSD-2-Clause */
/* exec.c - execve(2), execveat(2), exit(2), exit_group(2). */
#include "exec/exec.h"

#include <linux/fcntl.h>

#include "base/errno.h"
#include "linux-api/call.h"
#include "proc/process.h"
#include "vfs/path.h"

static long exec_user(int dirfd, uaddr_t path, uaddr_t argv, uaddr_t envp, int flags)
{
    struct exec_strings arguments = {.user = argv}, environment = {.user = envp};
    char *name;
    int error = path_from_user(path, flags & AT_EMPTY_PATH ? LOOKUP_EMPTY : 0, &name);

    if (error)
        return error;
    error = exec_program(dirfd, name, flags, &arguments, &environment);
    path_buffer_put(name);
    return error;
}

long sys_execve(const struct call *c)
{
    return exec_user(AT_FDCWD, c->arg[0], c->arg[1], c->arg[2], 0);
}

long sys_execveat(const struct call *c)
{
    int flags = (int)c->arg[4];

    if (flags & ~(AT_EMPTY_PATH | AT_SYMLINK_NOFOLLOW))
        return -EINVAL;
    return exec_user((int)c->arg[0], c->arg[1], c->arg[2], c->arg[3], flags);
}

long sys_exit(const struct call *c)
{
    process_exit_thread((int)(c->arg[0] & 0xff) << 8);
}

long sys_exit_group(const struct call *c)
{
    process_exit_group((int)(c->arg[0] & 0xff) << 8);
}
