/* SPDX-License-Identifier: BSD-2-Clause */
/* attr.c - changing who owns a file, what its mode is and its times; reading links. */
#include <linux/capability.h>
#include <linux/fcntl.h>
#include "base/bits.h"
#include "base/errno.h"
#include "base/string.h"
#include "proc/cred.h"
#include "vfs/context.h"
#include "vfs/dentry.h"
#include "vfs/inode.h"
#include "vfs/notify.h"
#include "vfs/vfs.h"
#include "vfs/walk.h"
#include "vfs/xattr.h"

static int apply(const struct path *path, const struct attr *attr)
{
    struct inode *inode = path_inode(path);
    int err = 0;
    if (inode->ops->setattr)
        err = inode->ops->setattr(inode, attr);
    else
        inode_setattr_generic(inode, attr);
    if (!err)
        notify_dentry(path->dentry, IN_ATTRIB);
    return err;
}

int vfs_chmod(const struct path *path, uint32_t mode)
{
    const struct inode *inode = path_inode(path);
    const struct cred *cred = context_cred();
    int err = path_may_change(path);
    if (err < 0)
        return err;
    if (S_ISLNK(inode->mode))
        return -EOPNOTSUPP;
    if (!inode_is_owner(inode))
        return -EPERM;
    if (inode->seals & F_SEAL_EXEC && (mode ^ inode->mode) & (S_IXUSR | S_IXGRP | S_IXOTH))
        return -EPERM;
    if (!cred_in_group(cred, inode->gid) && !cred_capable(cred, CAP_FSETID))
        mode &= ~(uint32_t)S_ISGID;
    return apply(path, &(struct attr){.valid = ATTR_MODE, .mode = mode & S_PERMISSIONS});
}

/* May the current thread make UID and GID (UINT32_MAX: as before) the owners?  (chown(2)) */
static bool may_chown(const struct inode *inode, uint32_t uid, uint32_t gid)
{
    const struct cred *cred = context_cred();
    if (cred_capable(cred, CAP_CHOWN))
        return true;
    if (uid != UINT32_MAX && (cred->fsuid != inode->uid || uid != inode->uid))
        return false;
    return gid == UINT32_MAX ||
           (cred->fsuid == inode->uid && (gid == inode->gid || cred_in_group(cred, gid)));
}

int vfs_chown(const struct path *path, uint32_t uid, uint32_t gid)
{
    const struct inode *inode = path_inode(path);
    int err = path_may_change(path);
    if (err < 0)
        return err;
    if (!may_chown(inode, uid, gid))
        return -EPERM;
    struct attr attr = {.uid = uid, .gid = gid};
    attr.valid = (uid != UINT32_MAX ? ATTR_UID : 0) | (gid != UINT32_MAX ? ATTR_GID : 0);
    if (S_ISREG(inode->mode) && inode->mode & (S_ISUID | S_ISGID)) {
        attr.valid |= ATTR_MODE;
        attr.mode = inode->mode & ~(uint32_t)S_ISUID;
        if (inode->mode & S_IXGRP)
            attr.mode &= ~(uint32_t)S_ISGID;
    }
    xattr_drop_capability(path_inode(path));
    return apply(path, &attr);
}

int vfs_utimes(const struct path *path, const struct timespec64 *times)
{
    static const struct timespec64 both_now[] = {{0, UTIME_NOW}, {0, UTIME_NOW}};
    struct inode *inode = path_inode(path);
    times = times ? times : both_now;
    if (times[0].nsec == UTIME_OMIT && times[1].nsec == UTIME_OMIT)
        return 0;
    int err = path_may_change(path);
    if (err < 0)
        return err;
    bool is_now = times[0].nsec == UTIME_NOW && times[1].nsec == UTIME_NOW;
    if (!inode_is_owner(inode)) {
        if (!is_now)
            return -EPERM;
        err = inode_permission(inode, MAY_WRITE);
        if (err < 0)
            return err;
    }
    struct timespec64 now = inode_now();
    struct attr attr = {
        .valid = (times[0].nsec != UTIME_OMIT ? ATTR_ATIME : 0) |
                 (times[1].nsec != UTIME_OMIT ? ATTR_MTIME : 0),
        .atime = times[0].nsec == UTIME_NOW ? now : times[0],
        .mtime = times[1].nsec == UTIME_NOW ? now : times[1],
    };
    return apply(path, &attr);
}

ssize_t vfs_readlink(const struct path *path, char *to, size_t size)
{
    struct inode *inode = path_inode(path);
    if (!S_ISLNK(inode->mode))
        return -EINVAL;
    inode_touch_atime(inode);
    if (inode->link) {
        size_t n = MIN(strlen(inode->link), size);
        memcpy(to, inode->link, n);
        return (ssize_t)n;
    }
    return inode->ops->readlink ? inode->ops->readlink(inode, to, size) : -EINVAL;
}
