/* SPDX-License-Identifier: BSD-2-Clause */
/* fanotify.c - fanotify_init(2), fanotify_mark(2): notification groups. */
#include <linux/capability.h>
#include <linux/fanotify.h>
#include <linux/fcntl.h>
#include "base/errno.h"
#include "linux-api/abi.h"
#include "linux-api/call.h"
#include "linux-api/file/args.h"
#include "proc/cred.h"
#include "vfs/fanotify.h"
#include "vfs/fdtable.h"
#include "vfs/file.h"
#include "vfs/inode.h"

/* No permission classes, no file handles. */
constexpr uint32_t INIT_FLAGS =
    FAN_CLOEXEC | FAN_NONBLOCK | FAN_UNLIMITED_QUEUE | FAN_UNLIMITED_MARKS | FAN_REPORT_TID;
/* O_SYNC has the bit of O_DSYNC in it. */
constexpr uint32_t EVENT_FLAGS =
    O_ACCMODE | O_LARGEFILE | O_CLOEXEC | O_APPEND | O_NOATIME | O_NONBLOCK | O_SYNC;
constexpr uint32_t MARK_ACTION = FAN_MARK_ADD | FAN_MARK_REMOVE | FAN_MARK_FLUSH;
constexpr uint32_t MARK_KIND = FAN_MARK_MOUNT | FAN_MARK_FILESYSTEM;
constexpr uint32_t MARK_FLAGS = MARK_ACTION | MARK_KIND | FAN_MARK_DONT_FOLLOW | FAN_MARK_ONLYDIR |
                                FAN_MARK_IGNORED_MASK | FAN_MARK_IGNORED_SURV_MODIFY;
constexpr uint64_t MASK =
    FAN_ACCESS | FAN_MODIFY | FAN_CLOSE | FAN_OPEN | FAN_ONDIR | FAN_EVENT_ON_CHILD;

long sys_fanotify_init(const struct call *c)
{
    uint32_t flags = (uint32_t)c->arg[0], event_flags = (uint32_t)c->arg[1];
    struct file *file;
    if (!capable(CAP_SYS_ADMIN))
        return -EPERM;
    if (flags & ~INIT_FLAGS || event_flags & ~EVENT_FLAGS || (event_flags & O_ACCMODE) == O_ACCMODE)
        return -EINVAL;
    int err = fanotify_create_file(flags, event_flags, &file);
    return err < 0 ? err : fd_open(file, flags & FAN_CLOEXEC ? O_CLOEXEC : 0);
}

static int kind_of(uint32_t flags)
{
    switch (flags & MARK_KIND) {
    case 0: return FANOTIFY_INODE;
    case FAN_MARK_MOUNT: return FANOTIFY_MOUNT;
    case FAN_MARK_FILESYSTEM: return FANOTIFY_SUPER;
    default: return -EINVAL;
    }
}

/* What the numbers say, before any name is looked up. */
static int check(uint32_t flags, uint64_t mask)
{
    uint32_t action = flags & MARK_ACTION;
    if (flags & ~MARK_FLAGS || mask >> 32)
        return -EINVAL;
    if (action == FAN_MARK_FLUSH)
        return flags & ~(MARK_KIND | FAN_MARK_FLUSH) ? -EINVAL : kind_of(flags);
    if ((action != FAN_MARK_ADD && action != FAN_MARK_REMOVE) || !mask || mask & ~MASK)
        return -EINVAL;
    return kind_of(flags);
}

/* Without a name the descriptor itself is meant. */
static int place_arg(const struct call *c, unsigned lookup, struct path *path)
{
    if (c->arg[4])
        return path_arg((int)c->arg[3], c->arg[4], lookup, path);
    struct file *file = fd_get((int)c->arg[3]);
    if (!file)
        return -EBADF;
    bool is_directory = S_ISDIR(file->inode->mode);
    *path = file->path;
    path_get(path);
    file_put(file);
    if (!(lookup & LOOKUP_DIRECTORY) || is_directory)
        return 0;
    path_put(path);
    return -ENOTDIR;
}

static long mark(struct file *group, const struct call *c)
{
    uint32_t flags = (uint32_t)c->arg[1];
    int kind = check(flags, c->arg[2]);
    struct path path;
    if (kind < 0 || !file_is_fanotify(group))
        return -EINVAL;
    if (flags & FAN_MARK_FLUSH) {
        fanotify_flush(group, (enum fanotify_kind)kind);
        return 0;
    }
    unsigned lookup = (flags & FAN_MARK_DONT_FOLLOW ? 0 : LOOKUP_FOLLOW) |
                      (flags & FAN_MARK_ONLYDIR ? LOOKUP_DIRECTORY : 0);
    long err = place_arg(c, lookup, &path);
    if (err < 0)
        return err;
    err = inode_permission(path_inode(&path), MAY_READ);
    bool ignored = flags & FAN_MARK_IGNORED_MASK;
    if (!err && flags & FAN_MARK_ADD)
        err = fanotify_mark_add(group, (enum fanotify_kind)kind, &path, (uint32_t)c->arg[2],
                                ignored, flags & FAN_MARK_IGNORED_SURV_MODIFY);
    else if (!err)
        err = fanotify_mark_remove(group, (enum fanotify_kind)kind, &path, (uint32_t)c->arg[2],
                                   ignored);
    path_put(&path);
    return err;
}

long sys_fanotify_mark(const struct call *c)
{
    struct file *group = fd_get((int)c->arg[0]);
    if (!group)
        return -EBADF;
    long result = mark(group, c);
    file_put(group);
    return result;
}
