/* SPDX-License-Identifier: BSD-2-Clause */
/* xattr.c - setxattr(2), getxattr(2), listxattr(2), removexattr(2) and their kin by link and by
 * descriptor. */
#include <linux/limits.h>
#include <linux/xattr.h>
#include "base/bits.h"
#include "base/errno.h"
#include "linux-api/abi.h"
#include "linux-api/call.h"
#include "linux-api/file/args.h"
#include "mm/heap.h"
#include "mm/usermem.h"
#include "vfs/fdtable.h"
#include "vfs/file.h"
#include "vfs/xattr.h"

typedef long on_path(const struct path *path, const struct call *c);

static long by_name(const struct call *c, unsigned lookup, on_path *act)
{
    struct path path;
    int err = path_arg(AT_FDCWD, c->arg[0], lookup, &path);
    if (err < 0)
        return err;
    long result = act(&path, c);
    path_put(&path);
    return result;
}

static long by_fd(const struct call *c, on_path *act)
{
    struct file *file = fd_get((int)c->arg[0]);
    if (!file)
        return -EBADF;
    long result = act(&file->path, c);
    file_put(file);
    return result;
}

static int name_arg(char name[XATTR_NAME_MAX + 1], uaddr_t from)
{
    ssize_t n = strncpy_from_user(name, from, XATTR_NAME_MAX + 1);
    if (n < 0)
        return (int)n;
    return n == 0 || n > XATTR_NAME_MAX ? -ERANGE : 0;
}

static long set(const struct path *path, const struct call *c)
{
    char name[XATTR_NAME_MAX + 1];
    size_t size = c->arg[3];
    unsigned flags = (unsigned)c->arg[4];
    if (flags & ~(unsigned)(XATTR_CREATE | XATTR_REPLACE))
        return -EINVAL;
    int err = name_arg(name, c->arg[1]);
    if (err < 0)
        return err;
    if (size > XATTR_SIZE_MAX)
        return -E2BIG;
    void *value = heap_alloc(size ? size : 1);
    if (!value)
        return -ENOMEM;
    err = copy_from_user(value, c->arg[2], size);
    if (!err)
        err = xattr_set(path, name, value, size, flags);
    heap_free(value);
    return err;
}

/* BUFFER has what RESULT says; give it to the program. */
static long hand_out(void *buffer, ssize_t result, uaddr_t to, size_t size)
{
    if (result > 0 && size > 0 && copy_to_user(to, buffer, (size_t)result))
        result = -EFAULT;
    heap_free(buffer);
    return result;
}

static long get(const struct path *path, const struct call *c)
{
    char name[XATTR_NAME_MAX + 1];
    size_t size = MIN(c->arg[3], (uint64_t)XATTR_SIZE_MAX);
    int err = name_arg(name, c->arg[1]);
    if (err < 0)
        return err;
    void *value = heap_alloc(size ? size : 1);
    if (!value)
        return -ENOMEM;
    return hand_out(value, xattr_get(path, name, value, size), c->arg[2], size);
}

static long list(const struct path *path, const struct call *c)
{
    size_t size = MIN(c->arg[2], (uint64_t)XATTR_LIST_MAX);
    char *names = heap_alloc(size ? size : 1);
    if (!names)
        return -ENOMEM;
    return hand_out(names, xattr_list(path, names, size), c->arg[1], size);
}

static long take_away(const struct path *path, const struct call *c)
{
    char name[XATTR_NAME_MAX + 1];
    int err = name_arg(name, c->arg[1]);
    return err < 0 ? err : xattr_remove(path, name);
}

#define XATTR_CALLS(verb, act)                                                                     \
    long sys_##verb(const struct call *c)                                                          \
    {                                                                                              \
        return by_name(c, LOOKUP_FOLLOW, act);                                                     \
    }                                                                                              \
    long sys_l##verb(const struct call *c)                                                         \
    {                                                                                              \
        return by_name(c, 0, act);                                                                 \
    }                                                                                              \
    long sys_f##verb(const struct call *c)                                                         \
    {                                                                                              \
        return by_fd(c, act);                                                                      \
    }

XATTR_CALLS(setxattr, set)
XATTR_CALLS(getxattr, get)
XATTR_CALLS(listxattr, list)
XATTR_CALLS(removexattr, take_away)
