/* SPDX-License-Identifier: BSD-2-Clause */
/* options.c - setsockopt(2), getsockopt(2). */
#include "base/errno.h"
#include "linux-api/call.h"
#include "linux-api/socket/args.h"
#include "mm/usermem.h"
#include "net/socket.h"
#include "vfs/file.h"

long sys_setsockopt(const struct call *c)
{
    struct file *file;
    struct option o = {(int)c->arg[1], (int)c->arg[2], c->arg[3], (uint32_t)c->arg[4]};
    long err;
    if ((int)c->arg[4] < 0)
        return -EINVAL;
    struct socket *s = socket_arg((int)c->arg[0], &file, &err);
    if (!s)
        return err;
    err = socket_option_set(s, &o);
    file_put(file);
    return err;
}

long sys_getsockopt(const struct call *c)
{
    struct file *file;
    uint32_t bytes;
    long err;
    struct socket *s = socket_arg((int)c->arg[0], &file, &err);
    if (!s)
        return err;
    err = get_user_u32(&bytes, c->arg[4]);
    if (!err && (int32_t)bytes < 0)
        err = -EINVAL;
    struct option o = {(int)c->arg[1], (int)c->arg[2], c->arg[3], bytes};
    if (!err)
        err = socket_option_get(s, &o);
    if (!err)
        err = put_user_u32(c->arg[4], o.bytes);
    file_put(file);
    return err;
}
