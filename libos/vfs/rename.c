/* SPDX-License-Identifier: BSD-2-Clause */
/* rename.c - renameat2(2), with all its rules. */
#include <linux/fs.h>
#include "base/errno.h"
#include "vfs/dentry.h"
#include "vfs/fs.h"
#include "vfs/inode.h"
#include "vfs/mount.h"
#include "vfs/name_entry.h"
#include "vfs/names.h"
#include "vfs/notify.h"
#include "vfs/vfs.h"
#include "vfs/walk.h"

/* What the names alone forbid. */
static int check_names(const struct name_entry *old, const struct name_entry *new, unsigned flags)
{
    if (old->parent.mount != new->parent.mount)
        return -EXDEV;
    if (old->last.kind != LAST_NORMAL)
        return -EBUSY;
    if (new->last.kind != LAST_NORMAL)
        return flags & RENAME_NOREPLACE ? -EEXIST : -EBUSY;
    int err = path_may_change(&old->parent);
    if (err < 0)
        return err;
    if (!old->dentry->inode)
        return -ENOENT;
    if (flags & RENAME_NOREPLACE && new->dentry->inode)
        return -EEXIST;
    if (flags & RENAME_EXCHANGE) {
        if (!new->dentry->inode)
            return -ENOENT;
        if (new->last.trailing_slash && !S_ISDIR(new->dentry->inode->mode))
            return -ENOTDIR;
    }
    if (!S_ISDIR(old->dentry->inode->mode)) {
        if (old->last.trailing_slash)
            return -ENOTDIR;
        if (!(flags & RENAME_EXCHANGE) && new->last.trailing_slash)
            return -ENOTDIR;
    }
    /* A directory cannot go below itself, nor replace one that it lies in. */
    if (dentry_is_below(new->parent.dentry, old->dentry))
        return -EINVAL;
    if (new->dentry->inode && dentry_is_below(old->parent.dentry, new->dentry))
        return flags & RENAME_EXCHANGE ? -EINVAL : -ENOTEMPTY;
    return 0;
}

/* What permissions forbid: a directory that gets another parent has its ".." written. */
static int check_rights(const struct name_entry *old, const struct name_entry *new, unsigned flags)
{
    struct inode *moved = old->dentry->inode, *target = new->dentry->inode;
    bool is_dir = S_ISDIR(moved->mode);
    int err = name_may_remove(&old->parent, old->dentry, is_dir);
    if (!err && !target)
        err = name_may_make(&new->parent);
    else if (!err)
        err = name_may_remove(&new->parent, new->dentry,
                              flags & RENAME_EXCHANGE ? S_ISDIR(target->mode) : is_dir);
    if (err < 0)
        return err;
    if (!path_inode(&old->parent)->ops->rename)
        return -EPERM;
    if (old->parent.dentry == new->parent.dentry)
        return 0;
    if (is_dir)
        err = inode_permission(moved, MAY_WRITE);
    if (!err && flags & RENAME_EXCHANGE && S_ISDIR(target->mode))
        err = inode_permission(target, MAY_WRITE);
    return err;
}

static void tell(const struct name_entry *old, const struct name_entry *new, struct inode *moved,
                 struct inode *replaced)
{
    uint32_t dir = S_ISDIR(moved->mode) ? IN_ISDIR : 0;
    uint32_t cookie = notify_next_cookie();
    notify_entry(path_inode(&old->parent), old->last.name, old->last.bytes, IN_MOVED_FROM | dir,
                 cookie);
    notify_entry(path_inode(&new->parent), new->last.name, new->last.bytes, IN_MOVED_TO | dir,
                 cookie);
    notify_inode(moved, IN_MOVE_SELF);
    if (replaced)
        notify_inode(replaced, IN_ATTRIB);
}

static int rename_entries(struct name_entry *old, struct name_entry *new, unsigned flags)
{
    int err = check_names(old, new, flags);
    if (err < 0)
        return err;
    struct inode *moved = old->dentry->inode, *target = new->dentry->inode;
    if (moved == target)
        return 0; /* rename(2): two names of one file */
    err = check_rights(old, new, flags);
    if (err < 0)
        return err;
    if (old->dentry->mounts || new->dentry->mounts)
        return -EBUSY;
    struct inode *old_dir = path_inode(&old->parent);
    err = old_dir->ops->rename(old_dir, old->dentry, path_inode(&new->parent), new->dentry,
                               flags & RENAME_EXCHANGE);
    if (!err)
        tell(old, new, moved, flags & RENAME_EXCHANGE ? nullptr : target);
    return err;
}

int vfs_rename(int old_dirfd, const char *old_name, int new_dirfd, const char *new_name,
               unsigned flags)
{
    if (flags & ~(unsigned)(RENAME_NOREPLACE | RENAME_EXCHANGE) ||
        flags == (RENAME_NOREPLACE | RENAME_EXCHANGE))
        return -EINVAL;
    struct name_entry old, new;
    int err = name_entry_find(&old, old_dirfd, old_name, 0);
    if (err < 0)
        return err;
    err = name_entry_find(&new, new_dirfd, new_name, 0);
    if (!err) {
        err = rename_entries(&old, &new, flags);
        name_entry_put(&new);
    }
    name_entry_put(&old);
    return err;
}
