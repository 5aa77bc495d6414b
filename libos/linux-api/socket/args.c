/* SPDX-License-Identifier: BSD-2-Clause */
/* args.c - sockets and addresses as arguments. */
#include "linux-api/socket/args.h"

#include "base/bits.h"
#include "base/errno.h"
#include "mm/usermem.h"
#include "net/socket.h"
#include "vfs/fdtable.h"
#include "vfs/file.h"

struct socket *socket_arg(int fd, struct file **file, long *err)
{
    *file = fd_get(fd);
    struct socket *s = *file ? file_socket(*file) : nullptr;
    if (s)
        return s;
    *err = *file ? -ENOTSOCK : -EBADF;
    file_put(*file);
    return nullptr;
}

unsigned socket_flags(const struct file *file)
{
    return file->flags & O_NONBLOCK ? MSG_DONTWAIT : 0;
}

int address_arg(struct socket_address *a, uaddr_t user, int bytes)
{
    *a = (struct socket_address){};
    if (bytes < 0 || (size_t)bytes > sizeof a->data)
        return -EINVAL;
    a->bytes = (uint32_t)bytes;
    return bytes ? copy_from_user(a->data, user, a->bytes) : 0;
}

int address_put(const struct socket_address *a, uaddr_t user, uaddr_t user_bytes)
{
    uint32_t room;
    if (get_user_u32(&room, user_bytes) < 0)
        return -EFAULT;
    if ((int32_t)room < 0)
        return -EINVAL;
    uint32_t n = MIN(MIN(room, a->bytes), (uint32_t)sizeof a->data);
    if (n && copy_to_user(user, a->data, n) < 0)
        return -EFAULT;
    return put_user_u32(user_bytes, a->bytes);
}
