/* SPDX-License-Identifier: BSD-2-Clause */
/* access.c - access(2), faccessat(2), faccessat2(2). */
#include <linux/mount.h>
#include <linux/securebits.h>
#include "base/errno.h"
#include "linux-api/abi.h"
#include "linux-api/call.h"
#include "linux-api/file/args.h"
#include "proc/cred.h"
#include "vfs/context.h"
#include "vfs/inode.h"
#include "vfs/mount.h"
#include "vfs/walk.h"

static long check(const struct path *path, unsigned may)
{
    struct inode *inode = path_inode(path);
    if (may & MAY_EXEC && S_ISREG(inode->mode) && path->mount->flags & MS_NOEXEC)
        return -EACCES;
    int err = inode_permission(inode, may);
    if (!err && may & MAY_WRITE &&
        (S_ISREG(inode->mode) || S_ISDIR(inode->mode) || S_ISLNK(inode->mode)))
        err = path_may_change(path);
    return err;
}

/* By the real ids: what the user could do who started a set-user-ID program (access(2)). */
static void cred_make_real(struct cred *cred, const struct cred *from)
{
    *cred = *from;
    cred->fsuid = cred->uid;
    cred->fsgid = cred->gid;
    if (!(cred->securebits & (1u << SECURE_NO_SETUID_FIXUP)))
        cred->cap_effective = cred->uid == 0 ? cred->cap_permitted : 0;
}

static long access_at(int dirfd, uaddr_t name, unsigned mode, unsigned flags)
{
    if (mode & ~7u || flags & ~(unsigned)(AT_EACCESS | AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH))
        return -EINVAL;
    struct cred real;
    const struct cred *own = context_cred();
    if (!(flags & AT_EACCESS)) {
        cred_make_real(&real, own);
        context_cred_swap(&real);
    }
    struct path path;
    long err = path_arg(dirfd, name, lookup_of_at(flags, LOOKUP_FOLLOW), &path);
    if (!err) {
        err = check(&path, mode);
        path_put(&path);
    }
    if (!(flags & AT_EACCESS))
        context_cred_swap(own);
    return err;
}

long sys_access(const struct call *c)
{
    return access_at(AT_FDCWD, c->arg[0], (unsigned)c->arg[1], 0);
}

long sys_faccessat(const struct call *c)
{
    return access_at((int)c->arg[0], c->arg[1], (unsigned)c->arg[2], 0);
}

long sys_faccessat2(const struct call *c)
{
    return access_at((int)c->arg[0], c->arg[1], (unsigned)c->arg[2], (unsigned)c->arg[3]);
}
