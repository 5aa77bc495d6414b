/* SPDX-License-Identifier: BSD-2-Clause */
/* attr.c - chmod(2), chown(2), utimensat(2), umask(2) and their kin. */
#include <linux/utime.h>
#include "base/errno.h"
#include "linux-api/abi.h"
#include "linux-api/call.h"
#include "linux-api/file/args.h"
#include "mm/usermem.h"
#include "sched/thread.h"
#include "sched/time.h"
#include "vfs/fdtable.h"
#include "vfs/file.h"
#include "vfs/fs_context.h"
#include "vfs/inode.h"
#include "vfs/vfs.h"

static long chmod_at(int dirfd, uaddr_t name, uint32_t mode, unsigned at_flags)
{
    struct path path;
    int err = path_arg(dirfd, name, lookup_of_at(at_flags, LOOKUP_FOLLOW), &path);
    if (err < 0)
        return err;
    err = vfs_chmod(&path, mode);
    path_put(&path);
    return err;
}

long sys_chmod(const struct call *c)
{
    return chmod_at(AT_FDCWD, c->arg[0], (uint32_t)c->arg[1], 0);
}

long sys_fchmodat(const struct call *c)
{
    return chmod_at((int)c->arg[0], c->arg[1], (uint32_t)c->arg[2], 0);
}

long sys_fchmodat2(const struct call *c)
{
    unsigned flags = (unsigned)c->arg[3];
    if (flags & ~(unsigned)(AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH))
        return -EINVAL;
    return chmod_at((int)c->arg[0], c->arg[1], (uint32_t)c->arg[2], flags);
}

long sys_fchmod(const struct call *c)
{
    struct file *file = fd_get((int)c->arg[0]);
    if (!file)
        return -EBADF;
    int err = vfs_chmod(&file->path, (uint32_t)c->arg[1]);
    file_put(file);
    return err;
}

static long chown_at(int dirfd, uaddr_t name, uint32_t uid, uint32_t gid, unsigned lookup)
{
    struct path path;
    int err = path_arg(dirfd, name, lookup, &path);
    if (err < 0)
        return err;
    err = vfs_chown(&path, uid, gid);
    path_put(&path);
    return err;
}

long sys_chown(const struct call *c)
{
    return chown_at(AT_FDCWD, c->arg[0], (uint32_t)c->arg[1], (uint32_t)c->arg[2], LOOKUP_FOLLOW);
}

long sys_lchown(const struct call *c)
{
    return chown_at(AT_FDCWD, c->arg[0], (uint32_t)c->arg[1], (uint32_t)c->arg[2], 0);
}

long sys_fchownat(const struct call *c)
{
    unsigned flags = (unsigned)c->arg[4];
    if (flags & ~(unsigned)(AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH))
        return -EINVAL;
    return chown_at((int)c->arg[0], c->arg[1], (uint32_t)c->arg[2], (uint32_t)c->arg[3],
                    lookup_of_at(flags, LOOKUP_FOLLOW));
}

long sys_fchown(const struct call *c)
{
    struct file *file = fd_get((int)c->arg[0]);
    if (!file)
        return -EBADF;
    int err = vfs_chown(&file->path, (uint32_t)c->arg[1], (uint32_t)c->arg[2]);
    file_put(file);
    return err;
}

/* TIMES NULL: now.  A null NAME means DIRFD itself (utimensat(2), "C library/kernel"). */
static long utimes_at(int dirfd, uaddr_t name, const struct timespec64 *times, unsigned flags)
{
    if (flags & ~(unsigned)(AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH))
        return -EINVAL;
    if (!name && dirfd != AT_FDCWD) {
        if (flags)
            return -EINVAL;
        struct file *file = fd_get(dirfd);
        if (!file)
            return -EBADF;
        int err = vfs_utimes(&file->path, times);
        file_put(file);
        return err;
    }
    struct path path;
    int err = path_arg(dirfd, name, lookup_of_at(flags, LOOKUP_FOLLOW), &path);
    if (err < 0)
        return err;
    err = vfs_utimes(&path, times);
    path_put(&path);
    return err;
}

static bool is_valid_nsec(int64_t nsec)
{
    return nsec == UTIME_NOW || nsec == UTIME_OMIT || (nsec >= 0 && nsec < NSEC_PER_SEC);
}

long sys_utimensat(const struct call *c)
{
    struct timespec64 times[2];
    if (c->arg[2]) {
        if (copy_from_user(times, c->arg[2], sizeof times) < 0)
            return -EFAULT;
        if (!is_valid_nsec(times[0].nsec) || !is_valid_nsec(times[1].nsec))
            return -EINVAL;
        if (times[0].nsec == UTIME_OMIT && times[1].nsec == UTIME_OMIT)
            return 0; /* not even the name is looked at */
    }
    return utimes_at((int)c->arg[0], c->arg[1], c->arg[2] ? times : nullptr, (unsigned)c->arg[3]);
}

/* The older calls give microseconds, or whole seconds. */
static long utimes_usec(int dirfd, uaddr_t name, uaddr_t user)
{
    struct timespec64 times[2];
    if (!user)
        return utimes_at(dirfd, name, nullptr, 0);
    if (copy_from_user(times, user, sizeof times) < 0) /* two struct timeval: the same shape */
        return -EFAULT;
    for (int i = 0; i < 2; i++) {
        if (times[i].nsec < 0 || times[i].nsec >= NSEC_PER_SEC / NSEC_PER_USEC)
            return -EINVAL;
        times[i].nsec *= NSEC_PER_USEC;
    }
    return utimes_at(dirfd, name, times, 0);
}

long sys_utimes(const struct call *c)
{
    return utimes_usec(AT_FDCWD, c->arg[0], c->arg[1]);
}

long sys_futimesat(const struct call *c)
{
    return utimes_usec((int)c->arg[0], c->arg[1], c->arg[2]);
}

long sys_utime(const struct call *c)
{
    struct utimbuf buf;
    if (!c->arg[1])
        return utimes_at(AT_FDCWD, c->arg[0], nullptr, 0);
    if (copy_from_user(&buf, c->arg[1], sizeof buf) < 0)
        return -EFAULT;
    struct timespec64 times[] = {{buf.actime, 0}, {buf.modtime, 0}};
    return utimes_at(AT_FDCWD, c->arg[0], times, 0);
}

long sys_umask(const struct call *c)
{
    uint32_t old = current->fs->umask;
    current->fs->umask = (uint32_t)c->arg[0] & S_RWXALL;
    return old;
}
