/* SPDX-License-Identifier: BSD-2-Clause */
/* socket_file.c - a socket as an open file (socket(7)). */
#include <asm/ioctls.h>
#include <linux/eventpoll.h>
#include <linux/sockios.h>
#include "base/bits.h"
#include "base/errno.h"
#include "linux-api/abi.h"
#include "mm/usermem.h"
#include "net/control.h"
#include "net/inet/ifreq.h"
#include "net/socket.h"
#include "vfs/anon.h"
#include "vfs/file.h"
#include "vfs/inode.h"
#include "vfs/poll.h"

static const struct file_ops socket_file_ops;

struct socket *file_socket(const struct file *file)
{
    return file->ops == &socket_file_ops ? file->private : nullptr;
}

static ssize_t read(struct file *file, struct iter *to, loff_t *)
{
    struct message m = {.data = to, .flags = file->flags & O_NONBLOCK ? MSG_DONTWAIT : 0};
    if (!iter_count(to))
        return 0;
    ssize_t n = socket_receive(file->private, &m);
    control_clear(&m.control);
    return n;
}

static ssize_t write(struct file *file, struct iter *from, loff_t *)
{
    struct message m = {.data = from, .flags = file->flags & O_NONBLOCK ? MSG_DONTWAIT : 0};
    return socket_send(file->private, &m);
}

static uint32_t poll(struct file *file, struct poll_table *table)
{
    struct socket *s = file->private;
    poll_wait(file, &s->wait, table);
    return s->ops->poll(s, file, table);
}

static bool is_stream(const struct socket *s)
{
    return s->type == SOCK_STREAM;
}

static long ioctl(struct file *file, unsigned cmd, uaddr_t arg)
{
    struct socket *s = file->private;
    const struct chunk *first = inbox_first(&s->inbox);
    long result = s->ops->ioctl ? s->ops->ioctl(s, cmd, arg) : -ENOTTY;
    if (result != -ENOTTY)
        return result;
    switch (cmd) {
    case FIONREAD:
        if (s->is_listening)
            return -EINVAL;
        return put_user_u32(arg, is_stream(s) ? (uint32_t)MIN(s->inbox.bytes, (uint64_t)INT32_MAX)
                                 : first      ? first->bytes
                                              : 0);
    case TIOCOUTQ: return s->is_listening ? -EINVAL : put_user_u32(arg, (uint32_t)s->sent);
    case FIOSETOWN:
    case SIOCSPGRP: {
        uint32_t id;
        if (get_user_u32(&id, arg) < 0)
            return -EFAULT;
        file->owner.type = (int32_t)id < 0 ? F_OWNER_PGRP : F_OWNER_PID;
        file->owner.id = (int32_t)id < 0 ? -(int32_t)id : (int32_t)id;
        return 0;
    }
    case FIOGETOWN:
    case SIOCGPGRP:
        return put_user_u32(
            arg, (uint32_t)(file->owner.type == F_OWNER_PGRP ? -file->owner.id : file->owner.id));
    case SIOCATMARK:
        return s->type == SOCK_STREAM ? put_user_u32(arg, first && first->is_urgent) : -ENOTTY;
    default: return ifreq_ioctl(cmd, arg);
    }
}

static void release(struct file *file)
{
    struct socket *s = file->private;
    s->file = nullptr;
    poll_queue_destroy(&s->wait);
    s->is_closed = true;
    s->ops->close(s);
    socket_put(s);
}

static const struct file_ops socket_file_ops = {
    .flags = FOP_STREAM,
    .read = read,
    .write = write,
    .poll = poll,
    .ioctl = ioctl,
    .release = release,
    .llseek = file_seek_none,
};

int socket_file_create(struct socket *s, unsigned flags, struct file **out)
{
    struct path path;
    int err = anon_create(ANON_SOCKET, "socket:[*]", S_IFSOCK | S_RWXALL, &path);
    if (!err) {
        *out = file_create(&path, O_RDWR | (flags & O_NONBLOCK), &socket_file_ops);
        path_put(&path);
        err = *out ? 0 : -ENOMEM;
    }
    if (err < 0) {
        socket_abandon(s);
        return err;
    }
    (*out)->private = s;
    s->file = *out;
    return 0;
}
