/* SPDX-License-Identifier: BSD-2-Clause */
/* mqueue.c - mq_open(2) and its kin. */
#include "ipc/mqueue.h"

#include <asm-generic/siginfo.h>
#include <linux/fcntl.h>
#include "base/errno.h"
#include "base/string.h"
#include "linux-api/call.h"
#include "mm/usermem.h"
#include "sched/thread.h"
#include "sched/time.h"
#include "vfs/fdtable.h"
#include "vfs/file.h"

constexpr size_t NAME_BYTES = 256; /* NAME_MAX and NUL */

/* The C library has taken the first slash away. */
static int name_get(char name[NAME_BYTES], uaddr_t from)
{
    ssize_t n = strncpy_from_user(name, from, NAME_BYTES);
    if (n < 0)
        return (int)n;
    if (n == 0)
        return -ENOENT;
    if ((size_t)n >= NAME_BYTES)
        return -ENAMETOOLONG;
    if (strchr(name, '/') || strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
        return -EACCES;
    return 0;
}

long sys_mq_open(const struct call *c)
{
    char name[NAME_BYTES];
    struct mq_attr attr;
    if (c->arg[3] && copy_from_user(&attr, c->arg[3], sizeof attr))
        return -EFAULT;
    int error = name_get(name, c->arg[0]);
    if (error)
        return error;
    return mq_open_name(name, (uint32_t)c->arg[1], (uint32_t)c->arg[2],
                        c->arg[3] ? &attr : nullptr);
}

long sys_mq_unlink(const struct call *c)
{
    char name[NAME_BYTES];
    int error = name_get(name, c->arg[0]);
    return error ? error : mq_unlink_name(name);
}

/* An open queue that may be used as MODE (FILE_READ, FILE_WRITE; 0: any) says, or NULL. */
static struct file *queue_get(int fd, uint32_t mode)
{
    struct file *file = fd_get(fd);
    if (file && mq_of(file) && (file->mode & mode) == mode)
        return file;
    file_put(file);
    return nullptr;
}

static int deadline_get(uint64_t *real_ns, uaddr_t from)
{
    struct timespec64 t;
    *real_ns = WAIT_FOREVER;
    if (!from)
        return 0;
    int error = time_get_user_timespec(&t, from);
    if (!error)
        *real_ns = timespec_to_ns(&t);
    return error;
}

long sys_mq_timedsend(const struct call *c)
{
    uint64_t deadline;
    uint32_t priority = (uint32_t)c->arg[3];
    int error = deadline_get(&deadline, c->arg[4]);
    if (error)
        return error;
    if (priority >= MQ_PRIORITIES)
        return -EINVAL;
    struct file *file = queue_get((int)c->arg[0], FILE_WRITE);
    if (!file)
        return -EBADF;
    error = mq_send_message(file, c->arg[1], c->arg[2], priority, deadline);
    file_put(file);
    return error;
}

long sys_mq_timedreceive(const struct call *c)
{
    uint64_t deadline;
    uint32_t priority;
    int error = deadline_get(&deadline, c->arg[4]);
    if (error)
        return error;
    struct file *file = queue_get((int)c->arg[0], FILE_READ);
    if (!file)
        return -EBADF;
    int64_t n = mq_receive_message(file, c->arg[1], c->arg[2], &priority, deadline);
    if (n >= 0 && c->arg[3] && put_user_u32(c->arg[3], priority))
        n = -EFAULT;
    file_put(file);
    return n;
}

long sys_mq_notify(const struct call *c)
{
    struct sigevent event;
    if (c->arg[1]) {
        if (copy_from_user(&event, c->arg[1], sizeof event))
            return -EFAULT;
        if (event.sigev_notify != SIGEV_NONE && event.sigev_notify != SIGEV_SIGNAL)
            return -EINVAL;
        if (event.sigev_notify == SIGEV_SIGNAL && !signal_is_valid(event.sigev_signo))
            return -EINVAL;
    }
    struct file *file = queue_get((int)c->arg[0], 0);
    if (!file)
        return -EBADF;
    int error = mq_notify_set(file, c->arg[1] ? &event : nullptr);
    file_put(file);
    return error;
}

long sys_mq_getsetattr(const struct call *c)
{
    struct mq_attr new;
    if (c->arg[1]) {
        if (copy_from_user(&new, c->arg[1], sizeof new))
            return -EFAULT;
        if (new.mq_flags & ~O_NONBLOCK)
            return -EINVAL;
    }
    struct file *file = queue_get((int)c->arg[0], 0);
    if (!file)
        return -EBADF;
    const struct mq *q = mq_of(file);
    struct mq_attr old = {
        .mq_flags = file->flags & O_NONBLOCK,
        .mq_maxmsg = q->messages_most,
        .mq_msgsize = q->message_bytes,
        .mq_curmsgs = q->count,
    };
    if (c->arg[1])
        file->flags = (file->flags & ~(uint32_t)O_NONBLOCK) | ((uint32_t)new.mq_flags &O_NONBLOCK);
    file_put(file);
    return c->arg[2] && copy_to_user(c->arg[2], &old, sizeof old) ? -EFAULT : 0;
}
