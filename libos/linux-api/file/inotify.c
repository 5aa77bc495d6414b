/* SPDX-License-Identifier: BSD-2-Clause */
/* inotify.c - inotify_init(2), inotify_add_watch(2), inotify_rm_watch(2). */
#include <linux/inotify.h>
#include "base/errno.h"
#include "linux-api/abi.h"
#include "linux-api/call.h"
#include "linux-api/file/args.h"
#include "vfs/fdtable.h"
#include "vfs/file.h"
#include "vfs/inode.h"
#include "vfs/notify.h"

static long init(unsigned flags)
{
    struct file *file;
    if (flags & ~(unsigned)(IN_CLOEXEC | IN_NONBLOCK))
        return -EINVAL;
    int err = notify_create_file(flags, &file);
    return err < 0 ? err : fd_open(file, flags & O_CLOEXEC);
}

long sys_inotify_init(const struct call *)
{
    return init(0);
}

long sys_inotify_init1(const struct call *c)
{
    return init((unsigned)c->arg[0]);
}

static long watch(struct file *notify, uaddr_t name, uint32_t mask)
{
    struct path path;
    unsigned lookup =
        (mask & IN_DONT_FOLLOW ? 0 : LOOKUP_FOLLOW) | (mask & IN_ONLYDIR ? LOOKUP_DIRECTORY : 0);
    if (!file_is_notify(notify))
        return -EINVAL;
    int err = path_arg(AT_FDCWD, name, lookup, &path);
    if (err < 0)
        return err;
    long result = inode_permission(path_inode(&path), MAY_READ);
    if (!result)
        result = notify_watch_add(notify, path_inode(&path), mask);
    path_put(&path);
    return result;
}

long sys_inotify_add_watch(const struct call *c)
{
    struct file *notify = fd_get((int)c->arg[0]);
    if (!notify)
        return -EBADF;
    long result = watch(notify, c->arg[1], (uint32_t)c->arg[2]);
    file_put(notify);
    return result;
}

long sys_inotify_rm_watch(const struct call *c)
{
    struct file *notify = fd_get((int)c->arg[0]);
    if (!notify)
        return -EBADF;
    long result = file_is_notify(notify) ? notify_watch_remove(notify, (int)c->arg[1]) : -EINVAL;
    file_put(notify);
    return result;
}
