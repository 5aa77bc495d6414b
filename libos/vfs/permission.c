/* SPDX-License-Identifier: BSD-2-Clause */
/* permission.c - may a thread use a file so?  (path_resolution(7), capabilities(7)) */
#include <linux/capability.h>
#include <linux/mount.h>
#include "base/errno.h"
#include "proc/cred.h"
#include "vfs/context.h"
#include "vfs/fs.h"
#include "vfs/inode.h"

static unsigned class_bits(const struct inode *inode, const struct cred *cred)
{
    if (inode->uid == cred->fsuid)
        return inode->mode >> 6;
    if (cred_in_group(cred, inode->gid))
        return inode->mode >> 3;
    return inode->mode;
}

int inode_permission_as(struct inode *inode, unsigned may, const struct cred *cred)
{
    may &= MAY_READ | MAY_WRITE | MAY_EXEC;
    if (!(may & ~class_bits(inode, cred)))
        return 0;
    if (S_ISDIR(inode->mode)) {
        if (!(may & MAY_WRITE) && cred_capable(cred, CAP_DAC_READ_SEARCH))
            return 0;
        return cred_capable(cred, CAP_DAC_OVERRIDE) ? 0 : -EACCES;
    }
    if (may == MAY_READ && cred_capable(cred, CAP_DAC_READ_SEARCH))
        return 0;
    if ((!(may & MAY_EXEC) || inode->mode & (S_IXUSR | S_IXGRP | S_IXOTH)) &&
        cred_capable(cred, CAP_DAC_OVERRIDE))
        return 0;
    return -EACCES;
}

int inode_permission_generic(struct inode *inode, unsigned may)
{
    return inode_permission_as(inode, may, context_cred());
}

int inode_permission(struct inode *inode, unsigned may)
{
    if (may & MAY_WRITE && inode->super->flags & MS_RDONLY &&
        (S_ISREG(inode->mode) || S_ISDIR(inode->mode) || S_ISLNK(inode->mode)))
        return -EROFS;
    if (inode->ops && inode->ops->permission)
        return inode->ops->permission(inode, may);
    return inode_permission_generic(inode, may);
}

bool inode_is_owner(const struct inode *inode)
{
    const struct cred *cred = context_cred();
    return inode->uid == cred->fsuid || cred_capable(cred, CAP_FOWNER);
}
