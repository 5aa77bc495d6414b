/* SPDX-License-Identifier: BSD-2-Clause */
/* socket.c - socket(2), socketpair(2), bind(2), connect(2), listen(2), accept(2), shutdown(2) and
 * the names of a socket. */
#include "net/socket.h"

#include <linux/fcntl.h>
#include "base/bits.h"
#include "base/errno.h"
#include "linux-api/call.h"
#include "linux-api/file/args.h"
#include "linux-api/socket/args.h"
#include "vfs/fdtable.h"
#include "vfs/file.h"

static_assert(SOCK_NONBLOCK == O_NONBLOCK && SOCK_CLOEXEC == O_CLOEXEC);

static int make(int family, int type, int protocol, struct socket **s)
{
    if (type & ~(SOCK_TYPE_MASK | SOCK_NONBLOCK | SOCK_CLOEXEC))
        return -EINVAL;
    return socket_create(family, type & SOCK_TYPE_MASK, protocol, s);
}

int socket_open(int family, int type, int protocol, struct file **file)
{
    struct socket *s;
    int err = make(family, type, protocol, &s);
    return err < 0 ? err : socket_file_create(s, (unsigned)type, file);
}

long sys_socket(const struct call *c)
{
    struct file *file;
    int type = (int)c->arg[1];
    int err = socket_open((int)c->arg[0], type, (int)c->arg[2], &file);
    return err < 0 ? err : fd_open(file, (unsigned)type & O_CLOEXEC);
}

long sys_socketpair(const struct call *c)
{
    struct socket *s[2];
    struct file *file[2];
    unsigned flags = (unsigned)c->arg[1];
    int family = (int)c->arg[0], type = (int)c->arg[1], protocol = (int)c->arg[2];
    int err = make(family, type, protocol, &s[0]);
    if (err < 0)
        return err;
    err = make(family, type, protocol, &s[1]);
    if (!err) {
        err = s[0]->ops->pair ? s[0]->ops->pair(s[0], s[1]) : -EOPNOTSUPP;
        if (err < 0)
            socket_abandon(s[1]);
    }
    if (err < 0) {
        socket_abandon(s[0]);
        return err;
    }
    err = socket_file_create(s[0], flags, &file[0]);
    if (err < 0) {
        socket_abandon(s[1]);
        return err;
    }
    err = socket_file_create(s[1], flags, &file[1]);
    if (err < 0) {
        file_put(file[0]);
        return err;
    }
    return fd_pair_install(file, flags & O_CLOEXEC, c->arg[3]);
}

/* bind(2) and connect(2): a socket and an address. */
static long with_address(const struct call *c,
                         long (*act)(struct socket *s, const struct socket_address *a,
                                     const struct file *file))
{
    struct file *file;
    struct socket_address a;
    long err;
    struct socket *s = socket_arg((int)c->arg[0], &file, &err);
    if (!s)
        return err;
    err = address_arg(&a, c->arg[1], (int)c->arg[2]);
    if (!err)
        err = act(s, &a, file);
    file_put(file);
    return err;
}

static long do_bind(struct socket *s, const struct socket_address *a, const struct file *)
{
    return s->ops->bind ? s->ops->bind(s, a) : -EOPNOTSUPP;
}

static long do_connect(struct socket *s, const struct socket_address *a, const struct file *file)
{
    return s->ops->connect ? s->ops->connect(s, a, socket_flags(file)) : -EOPNOTSUPP;
}

long sys_bind(const struct call *c)
{
    return with_address(c, do_bind);
}

long sys_connect(const struct call *c)
{
    return with_address(c, do_connect);
}

long sys_listen(const struct call *c)
{
    struct file *file;
    long err;
    struct socket *s = socket_arg((int)c->arg[0], &file, &err);
    if (!s)
        return err;
    /* A negative backlog is a large one, as the cast in Linux makes it. */
    unsigned backlog = MIN((unsigned)c->arg[1], (unsigned)socket_backlog_most.value);
    err = s->ops->listen ? s->ops->listen(s, (int)backlog) : -EOPNOTSUPP;
    file_put(file);
    return err;
}

int accept_file(struct socket *s, unsigned flags, unsigned new_flags, uaddr_t address,
                uaddr_t address_bytes, struct file **out)
{
    struct socket_address a = {};
    struct socket *new;
    if (!s->ops->accept)
        return -EOPNOTSUPP;
    int err = s->ops->accept(s, flags, &new, &a);
    if (!err)
        err = socket_file_create(new, new_flags, out);
    if (err < 0 || !address)
        return err;
    err = address_put(&a, address, address_bytes);
    if (err < 0)
        file_put(*out);
    return err;
}

long accept_connection(struct socket *s, unsigned flags, unsigned new_flags, uaddr_t address,
                       uaddr_t address_bytes)
{
    struct file *new;
    int fd = fd_alloc(0, new_flags & O_CLOEXEC);
    if (fd < 0)
        return fd;
    int err = accept_file(s, flags, new_flags, address, address_bytes, &new);
    if (err < 0) {
        fd_free(fd);
        return err;
    }
    fd_install(fd, new);
    return fd;
}

static long accept_flags(const struct call *c, unsigned flags)
{
    struct file *file;
    long result;
    if (flags & ~(unsigned)(SOCK_NONBLOCK | SOCK_CLOEXEC))
        return -EINVAL;
    struct socket *s = socket_arg((int)c->arg[0], &file, &result);
    if (!s)
        return result;
    result = accept_connection(s, socket_flags(file), flags, c->arg[1], c->arg[2]);
    file_put(file);
    return result;
}

long sys_accept(const struct call *c)
{
    return accept_flags(c, 0);
}

long sys_accept4(const struct call *c)
{
    return accept_flags(c, (unsigned)c->arg[3]);
}

long sys_shutdown(const struct call *c)
{
    struct file *file;
    long err;
    int how = (int)c->arg[1];
    struct socket *s = socket_arg((int)c->arg[0], &file, &err);
    if (!s)
        return err;
    if (how < SHUT_RD || how > SHUT_RDWR)
        err = -EINVAL;
    else
        err = s->ops->shutdown ? s->ops->shutdown(s, (enum socket_shut)(how + 1)) : -EOPNOTSUPP;
    file_put(file);
    return err;
}

static long name(const struct call *c, bool of_peer)
{
    struct file *file;
    struct socket_address a = {};
    long err;
    struct socket *s = socket_arg((int)c->arg[0], &file, &err);
    if (!s)
        return err;
    err = of_peer ? s->ops->peer_name(s, &a) : s->ops->local_name(s, &a);
    if (!err)
        err = address_put(&a, c->arg[1], c->arg[2]);
    file_put(file);
    return err;
}

long sys_getsockname(const struct call *c)
{
    return name(c, false);
}

long sys_getpeername(const struct call *c)
{
    return name(c, true);
}
