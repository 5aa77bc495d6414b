/* SPDX-License-Identifier: BSD-2-Clause */
/* names.c - mkdir(2), mknod(2), unlink(2), rename(2), link(2), symlink(2), readlink(2) and their
 * *at forms. */
#include <linux/limits.h>
#include "base/bits.h"
#include "base/errno.h"
#include "linux-api/abi.h"
#include "linux-api/call.h"
#include "linux-api/file/args.h"
#include "mm/usermem.h"
#include "vfs/inode.h"
#include "vfs/vfs.h"

/* Call FN with one name from user memory. */
#define WITH_NAME(user, flags, fn_call)                                                            \
    ({                                                                                             \
        char *name;                                                                                \
        long result_ = path_from_user(user, flags, &name);                                         \
        if (!result_) {                                                                            \
            result_ = (fn_call);                                                                   \
            path_buffer_put(name);                                                                 \
        }                                                                                          \
        result_;                                                                                   \
    })

long sys_mkdir(const struct call *c)
{
    return WITH_NAME(c->arg[0], 0, vfs_mkdir(AT_FDCWD, name, (uint32_t)c->arg[1]));
}

long sys_mkdirat(const struct call *c)
{
    return WITH_NAME(c->arg[1], 0, vfs_mkdir((int)c->arg[0], name, (uint32_t)c->arg[2]));
}

long sys_mknod(const struct call *c)
{
    return WITH_NAME(c->arg[0], 0,
                     vfs_mknod(AT_FDCWD, name, (uint16_t)c->arg[1], (uint32_t)c->arg[2]));
}

long sys_mknodat(const struct call *c)
{
    return WITH_NAME(c->arg[1], 0,
                     vfs_mknod((int)c->arg[0], name, (uint16_t)c->arg[2], (uint32_t)c->arg[3]));
}

long sys_unlink(const struct call *c)
{
    return WITH_NAME(c->arg[0], 0, vfs_unlink(AT_FDCWD, name));
}

long sys_rmdir(const struct call *c)
{
    return WITH_NAME(c->arg[0], 0, vfs_rmdir(AT_FDCWD, name));
}

long sys_unlinkat(const struct call *c)
{
    int dirfd = (int)c->arg[0], flags = (int)c->arg[2];
    if (flags & ~AT_REMOVEDIR)
        return -EINVAL;
    return WITH_NAME(c->arg[1], 0,
                     flags & AT_REMOVEDIR ? vfs_rmdir(dirfd, name) : vfs_unlink(dirfd, name));
}

typedef int two_names_fn(int old_dirfd, const char *old, int new_dirfd, const char *new,
                         unsigned flags);

static long two_names(int old_dirfd, uaddr_t old, int new_dirfd, uaddr_t new, unsigned flags,
                      unsigned lookup, two_names_fn *fn)
{
    char *from, *to;
    long err = path_from_user(old, lookup, &from);
    if (err < 0)
        return err;
    err = path_from_user(new, 0, &to);
    if (!err) {
        err = fn(old_dirfd, from, new_dirfd, to, flags);
        path_buffer_put(to);
    }
    path_buffer_put(from);
    return err;
}

long sys_rename(const struct call *c)
{
    return two_names(AT_FDCWD, c->arg[0], AT_FDCWD, c->arg[1], 0, 0, vfs_rename);
}

long sys_renameat(const struct call *c)
{
    return two_names((int)c->arg[0], c->arg[1], (int)c->arg[2], c->arg[3], 0, 0, vfs_rename);
}

long sys_renameat2(const struct call *c)
{
    return two_names((int)c->arg[0], c->arg[1], (int)c->arg[2], c->arg[3], (unsigned)c->arg[4], 0,
                     vfs_rename);
}

long sys_link(const struct call *c)
{
    return two_names(AT_FDCWD, c->arg[0], AT_FDCWD, c->arg[1], 0, 0, vfs_link);
}

long sys_linkat(const struct call *c)
{
    unsigned flags = (unsigned)c->arg[4];
    return two_names((int)c->arg[0], c->arg[1], (int)c->arg[2], c->arg[3], flags,
                     lookup_of_at(flags & AT_EMPTY_PATH, 0), vfs_link);
}

static int symlink_to(int, const char *target, int dirfd, const char *name, unsigned)
{
    return vfs_symlink(target, dirfd, name);
}

long sys_symlink(const struct call *c)
{
    return two_names(0, c->arg[0], AT_FDCWD, c->arg[1], 0, 0, symlink_to);
}

long sys_symlinkat(const struct call *c)
{
    return two_names(0, c->arg[0], (int)c->arg[1], c->arg[2], 0, 0, symlink_to);
}

static long readlink_at(int dirfd, uaddr_t name, uaddr_t out, int size)
{
    if (size <= 0)
        return -EINVAL;
    struct path path;
    /* An empty name is a descriptor that O_PATH | O_NOFOLLOW made of a link (readlink(2)). */
    long n = path_arg(dirfd, name, LOOKUP_EMPTY, &path);
    if (n < 0)
        return n;
    uint8_t first;
    bool is_empty = get_user_u8(&first, name) == 0 && !first;
    char *text = path_buffer_get();
    if (!text)
        n = -ENOMEM;
    else if (is_empty && !S_ISLNK(path_inode(&path)->mode))
        n = -ENOENT;
    else
        n = vfs_readlink(&path, text, MIN((size_t)size, (size_t)PATH_MAX));
    if (n > 0 && copy_to_user(out, text, (size_t)n) < 0)
        n = -EFAULT;
    path_buffer_put(text);
    path_put(&path);
    return n;
}

long sys_readlink(const struct call *c)
{
    return readlink_at(AT_FDCWD, c->arg[0], c->arg[1], (int)c->arg[2]);
}

long sys_readlinkat(const struct call *c)
{
    return readlink_at((int)c->arg[0], c->arg[1], c->arg[2], (int)c->arg[3]);
}
