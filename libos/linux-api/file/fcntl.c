/* SPDX-License-Identifier: BSD-2-Clause */
/* fcntl.c - fcntl(2). */
#include <asm-generic/resource.h>
#include <linux/fcntl.h>
#include "base/errno.h"
#include "linux-api/call.h"
#include "mm/usermem.h"
#include "proc/pgrp.h"
#include "proc/pid_namespace.h"
#include "proc/process.h"
#include "sched/thread.h"
#include "signal/signal.h"
#include "vfs/fdtable.h"
#include "vfs/file.h"
#include "vfs/inode.h"
#include "vfs/lock.h"
#include "vfs/pipe.h"
#include "vfs/seal.h"

/* What F_SETFL can change. */
constexpr uint32_t SETTABLE = O_APPEND | O_NONBLOCK | O_DIRECT | O_NOATIME | FASYNC;

static long duplicate(struct file *file, uint64_t first, unsigned flags)
{
    if (first >= process_rlimit(current->process, RLIMIT_NOFILE))
        return -EINVAL;
    int fd = fd_alloc((unsigned)first, flags);
    if (fd >= 0)
        fd_install(fd, file_get(file));
    return fd;
}

static long flags_set(struct file *file, uint32_t flags)
{
    if (flags & O_NOATIME && !(file->flags & O_NOATIME) && !inode_is_owner(file->inode))
        return -EPERM;
    file->flags = (file->flags & ~SETTABLE) | (flags & SETTABLE);
    return 0;
}

static long record_lock(struct file *file, int fd, int command, uaddr_t user)
{
    struct flock lock;
    int err = copy_from_user(&lock, user, sizeof lock);
    if (!err)
        err = lock_record(file, command, &lock);
    if (err < 0)
        return err;
    if (command == F_GETLK || command == F_OFD_GETLK)
        return copy_to_user(user, &lock, sizeof lock);
    /* Another thread closed the descriptor while this one slept: the lock came too late to go
     * with it. */
    if (lock.l_type != F_UNLCK && fd_table_file(current->files, (unsigned)fd) != file) {
        lock.l_type = F_UNLCK;
        return lock_record(file, command, &lock) < 0 ? -ENOMEM : -EBADF;
    }
    return 0;
}

/* Does the process, thread or group exist? */
static bool owner_exists(int type, int id)
{
    switch (type) {
    case F_OWNER_TID: return thread_lookup(id);
    case F_OWNER_PID: return process_lookup(id);
    default: return pgrp_lookup(id);
    }
}

static long owner_set(struct file *file, int type, int id)
{
    if (id && !owner_exists(type, id))
        return -ESRCH;
    file->owner.type = type;
    file->owner.id = pid_from_user(id);
    return 0;
}

/* F_SETOWN: a negative number is a process group. */
static long owner_set_old(struct file *file, int who)
{
    if (who == INT32_MIN)
        return -EINVAL;
    return who < 0 ? owner_set(file, F_OWNER_PGRP, -who) : owner_set(file, F_OWNER_PID, who);
}

static long owner_get_old(const struct file *file)
{
    int id = pid_to_user(file->owner.id);
    return file->owner.type == F_OWNER_PGRP ? -id : id;
}

static long owner_set_ex(struct file *file, uaddr_t user)
{
    struct f_owner_ex owner;
    if (copy_from_user(&owner, user, sizeof owner) < 0)
        return -EFAULT;
    if (owner.type < F_OWNER_TID || owner.type > F_OWNER_PGRP)
        return -EINVAL;
    return owner_set(file, owner.type, owner.pid);
}

static long owner_get_ex(const struct file *file, uaddr_t user)
{
    struct f_owner_ex owner = {file->owner.type, pid_to_user(file->owner.id)};
    return copy_to_user(user, &owner, sizeof owner);
}

static long owner_signal_set(struct file *file, uint64_t sig)
{
    if (sig > (uint64_t)SIGNAL_COUNT)
        return -EINVAL;
    file->owner.signal = (int)sig;
    return 0;
}

static long pipe_size(struct file *file, int command, uint64_t bytes)
{
    struct pipe *p = file_pipe(file);
    if (!p)
        return -EBADF;
    if (command == F_GETPIPE_SZ)
        return (long)p->size * 4096;
    return (unsigned)bytes == bytes ? pipe_resize(p, bytes) : -EINVAL;
}

/* All that a descriptor made with O_PATH can do. */
static bool is_for_path(int command)
{
    return command == F_DUPFD || command == F_DUPFD_CLOEXEC || command == F_GETFD ||
           command == F_SETFD || command == F_GETFL;
}

static long file_control(struct file *file, int fd, int command, uint64_t arg)
{
    switch (command) {
    case F_DUPFD: return duplicate(file, (unsigned)arg, 0);
    case F_DUPFD_CLOEXEC: return duplicate(file, (unsigned)arg, O_CLOEXEC);
    case F_GETFD: return fd_table_is_cloexec(current->files, (unsigned)fd) ? FD_CLOEXEC : 0;
    case F_SETFD: fd_table_set_cloexec(current->files, (unsigned)fd, arg & FD_CLOEXEC); return 0;
    case F_GETFL: return file->flags;
    case F_SETFL: return flags_set(file, (uint32_t)arg);
    case F_GETLK:
    case F_SETLK:
    case F_SETLKW:
    case F_OFD_GETLK:
    case F_OFD_SETLK:
    case F_OFD_SETLKW: return record_lock(file, fd, command, arg);
    case F_GETOWN: return owner_get_old(file);
    case F_SETOWN: return owner_set_old(file, (int)arg);
    case F_GETOWN_EX: return owner_get_ex(file, arg);
    case F_SETOWN_EX: return owner_set_ex(file, arg);
    case F_GETSIG: return file->owner.signal;
    case F_SETSIG: return owner_signal_set(file, arg);
    case F_GETPIPE_SZ:
    case F_SETPIPE_SZ: return pipe_size(file, command, arg);
    case F_ADD_SEALS: return seal_add(file, (uint32_t)arg);
    case F_GET_SEALS: return seal_get(file);
    case F_GETLEASE: return F_UNLCK;
    default: return -EINVAL;
    }
}

long sys_fcntl(const struct call *c)
{
    int fd = (int)c->arg[0], command = (int)c->arg[1];
    struct file *file = fd_get_any(fd);
    if (!file)
        return -EBADF;
    long result = file->mode & FILE_PATH && !is_for_path(command)
                      ? -EBADF
                      : file_control(file, fd, command, c->arg[2]);
    file_put(file);
    return result;
}
