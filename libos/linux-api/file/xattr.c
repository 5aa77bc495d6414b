/* SPDX-License-Identifier: BSD-2-Clause */
/* xattr.c - extended attributes (xattr(7)): no file system here has any, so all calls check their
 * file and say EOPNOTSUPP, and a list of them is empty. */
#include "base/errno.h"
#include "linux-api/abi.h"
#include "linux-api/call.h"
#include "linux-api/file/args.h"
#include "vfs/fdtable.h"
#include "vfs/file.h"

static long on_path(const struct call *c, unsigned lookup, long result)
{
    struct path path;
    int err = path_arg(AT_FDCWD, c->arg[0], lookup, &path);
    if (err < 0)
        return err;
    path_put(&path);
    return result;
}

static long on_fd(const struct call *c, long result)
{
    struct file *file = fd_get((int)c->arg[0]);
    if (!file)
        return -EBADF;
    file_put(file);
    return result;
}

#define XATTR_CALLS(verb, result)                                                                  \
    long sys_##verb(const struct call *c)                                                          \
    {                                                                                              \
        return on_path(c, LOOKUP_FOLLOW, result);                                                  \
    }                                                                                              \
    long sys_l##verb(const struct call *c)                                                         \
    {                                                                                              \
        return on_path(c, 0, result);                                                              \
    }                                                                                              \
    long sys_f##verb(const struct call *c)                                                         \
    {                                                                                              \
        return on_fd(c, result);                                                                   \
    }

XATTR_CALLS(setxattr, -EOPNOTSUPP)
XATTR_CALLS(getxattr, -EOPNOTSUPP)
XATTR_CALLS(listxattr, 0)
XATTR_CALLS(removexattr, -EOPNOTSUPP)
