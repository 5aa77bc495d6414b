/* SPDX-License-Identifier: BSD-2-Clause */
/* names.c - making and removing names: mkdir, mknod, symlink, link, unlink, rmdir. */
#include "vfs/names.h"

#include <linux/capability.h>
#include <linux/mount.h>
#include "base/errno.h"
#include "base/format.h"
#include "base/string.h"
#include "proc/cred.h"
#include "vfs/context.h"
#include "vfs/dentry.h"
#include "vfs/fs.h"
#include "vfs/fs_context.h"
#include "vfs/inode.h"
#include "vfs/mount.h"
#include "vfs/name_entry.h"
#include "vfs/notify.h"
#include "vfs/vfs.h"
#include "vfs/walk.h"

uint32_t name_apply_umask(uint32_t mode)
{
    const struct fs_context *fs = context_fs();
    return fs ? mode & ~fs->umask : mode;
}

int name_may_make(const struct path *dir)
{
    int err = path_may_change(dir);
    if (err < 0)
        return err;
    if (dentry_is_deleted(dir->dentry))
        return -ENOENT;
    return inode_permission(path_inode(dir), MAY_WRITE | MAY_EXEC);
}

int name_may_remove(const struct path *dir, const struct dentry *child, bool is_directory_due)
{
    const struct inode *d = path_inode(dir), *inode = child->inode;
    const struct cred *cred = context_cred();
    int err = inode_permission(path_inode(dir), MAY_WRITE | MAY_EXEC);
    if (err < 0)
        return err;
    if (d->mode & S_ISVTX && inode->uid != cred->fsuid && d->uid != cred->fsuid &&
        !cred_capable(cred, CAP_FOWNER))
        return -EPERM;
    if (is_directory_due && !S_ISDIR(inode->mode))
        return -ENOTDIR;
    if (!is_directory_due && S_ISDIR(inode->mode))
        return -EISDIR;
    return 0;
}

int name_entry_find(struct name_entry *e, int dirfd, const char *name, unsigned flags)
{
    e->dentry = nullptr;
    int err = path_lookup_parent(dirfd, name, flags, &e->parent, &e->last);
    if (err < 0 || e->last.kind != LAST_NORMAL)
        return err;
    err = dentry_lookup(e->parent.dentry, e->last.name, e->last.bytes, &e->dentry);
    if (err < 0)
        path_put(&e->parent);
    return err;
}

void name_entry_put(struct name_entry *e)
{
    dentry_put(e->dentry);
    path_put(&e->parent);
}

/* E's name is wanted for something new, KIND says what. */
static int entry_may_make(const struct name_entry *e, uint32_t kind)
{
    if (e->last.kind != LAST_NORMAL || e->dentry->inode)
        return -EEXIST;
    if (e->last.trailing_slash && kind != S_IFDIR)
        return -ENOENT;
    return name_may_make(&e->parent);
}

static void tell_made(const struct path *dir, const struct dentry *child)
{
    notify_entry(path_inode(dir), child->name, child->name_bytes,
                 IN_CREATE | (S_ISDIR(child->inode->mode) ? IN_ISDIR : 0), 0);
}

int name_make_file(const struct path *dir, struct dentry *child, uint32_t mode)
{
    struct inode *d = path_inode(dir);
    int err = name_may_make(dir);
    if (err < 0)
        return err;
    if (!d->ops->mknod)
        return d->ops->lookup ? -ENOENT : -EACCES;
    err = d->ops->mknod(d, child, name_apply_umask(mode), 0);
    if (!err)
        tell_made(dir, child);
    return err;
}

int name_make_unnamed(const struct path *dir, uint32_t mode, bool is_linkable, struct path *path)
{
    struct inode *d = path_inode(dir), *inode;
    int err = inode_permission(d, MAY_WRITE | MAY_EXEC);
    if (!err)
        err = path_may_change(dir);
    if (err < 0)
        return err;
    if (!d->ops->tmpfile)
        return -EOPNOTSUPP;
    err = d->ops->tmpfile(d, S_IFREG | name_apply_umask(mode), &inode);
    if (err < 0)
        return err;
    if (is_linkable)
        inode->flags |= INODE_LINKABLE;
    char name[24];
    int n = snprintf(name, sizeof name, "#%llu", (unsigned long long)inode->ino);
    struct dentry *dentry = dentry_create(dir->dentry, name, (size_t)n);
    if (!dentry) {
        inode_put(inode);
        return -ENOMEM;
    }
    dentry_drop(dentry);
    dentry_set_inode(dentry, inode);
    *path = (struct path){mount_get(dir->mount), dentry};
    return 0;
}

/* Where names are looked up one by one (procfs), one that is not there is all that Linux sees. */
static int cannot_make(const struct inode *dir)
{
    return dir->ops->lookup ? -ENOENT : -EPERM;
}

int vfs_mkdir(int dirfd, const char *name, uint32_t mode)
{
    struct name_entry e;
    int err = name_entry_find(&e, dirfd, name, 0);
    if (err < 0)
        return err;
    struct inode *dir = path_inode(&e.parent);
    err = entry_may_make(&e, S_IFDIR);
    if (!err && !dir->ops->mkdir)
        err = cannot_make(dir);
    if (!err)
        err =
            dir->ops->mkdir(dir, e.dentry, S_IFDIR | name_apply_umask(mode & (S_RWXALL | S_ISVTX)));
    if (!err)
        tell_made(&e.parent, e.dentry);
    name_entry_put(&e);
    return err;
}

/* mknod(2)'s rules about types. */
static int check_node_type(uint32_t mode)
{
    switch (mode & S_IFMT) {
    case 0:
    case S_IFREG:
    case S_IFIFO:
    case S_IFSOCK: return 0;
    case S_IFCHR:
    case S_IFBLK: return cred_capable(context_cred(), CAP_MKNOD) ? 0 : -EPERM;
    case S_IFDIR: return -EPERM;
    default: return -EINVAL;
    }
}

int vfs_mknod(int dirfd, const char *name, uint32_t mode, uint64_t rdev)
{
    struct name_entry e;
    int err = mode & S_IFMT && S_ISDIR(mode) ? -EPERM : 0;
    if (!err)
        err = name_entry_find(&e, dirfd, name, 0);
    if (err < 0)
        return err;
    struct inode *dir = path_inode(&e.parent);
    uint32_t type = mode & S_IFMT ? mode & S_IFMT : S_IFREG;
    err = entry_may_make(&e, type);
    if (!err)
        err = check_node_type(mode);
    if (!err && !dir->ops->mknod)
        err = cannot_make(dir);
    if (!err)
        err = dir->ops->mknod(dir, e.dentry, type | name_apply_umask(mode & S_PERMISSIONS), rdev);
    if (!err)
        tell_made(&e.parent, e.dentry);
    name_entry_put(&e);
    return err;
}

int vfs_symlink(const char *target, int dirfd, const char *name)
{
    struct name_entry e;
    int err = *target ? name_entry_find(&e, dirfd, name, 0) : -ENOENT;
    if (err < 0)
        return err;
    struct inode *dir = path_inode(&e.parent);
    err = entry_may_make(&e, S_IFLNK);
    if (!err && !dir->ops->symlink)
        err = cannot_make(dir);
    if (!err)
        err = dir->ops->symlink(dir, e.dentry, target);
    if (!err)
        tell_made(&e.parent, e.dentry);
    name_entry_put(&e);
    return err;
}

/* Give what stands at OLD the name E. */
static int link_to(const struct path *old, const struct name_entry *e)
{
    struct inode *inode = path_inode(old), *dir = path_inode(&e->parent);
    int err = entry_may_make(e, S_IFREG);
    if (err < 0)
        return err;
    if (old->mount != e->parent.mount)
        return -EXDEV;
    if (S_ISDIR(inode->mode) || !dir->ops->link)
        return -EPERM;
    if (inode->nlink == 0 && !(inode->flags & INODE_LINKABLE))
        return -ENOENT;
    err = dir->ops->link(inode, dir, e->dentry);
    if (!err) {
        inode->flags &= ~(uint32_t)INODE_LINKABLE;
        notify_dentry(e->dentry, IN_ATTRIB);
        notify_entry(dir, e->dentry->name, e->dentry->name_bytes, IN_CREATE, 0);
    }
    return err;
}

int vfs_link(int old_dirfd, const char *old, int new_dirfd, const char *new, unsigned at_flags)
{
    if (at_flags & ~(unsigned)(AT_SYMLINK_FOLLOW | AT_EMPTY_PATH))
        return -EINVAL;
    unsigned lookup = at_flags & AT_SYMLINK_FOLLOW ? LOOKUP_FOLLOW : 0;
    if (at_flags & AT_EMPTY_PATH) {
        if (!*old && !cred_capable(context_cred(), CAP_DAC_READ_SEARCH))
            return -ENOENT;
        lookup |= LOOKUP_EMPTY;
    }
    struct path path;
    struct name_entry e;
    int err = path_lookup(old_dirfd, old, lookup, &path);
    if (err < 0)
        return err;
    err = name_entry_find(&e, new_dirfd, new, 0);
    if (!err) {
        err = link_to(&path, &e);
        name_entry_put(&e);
    }
    path_put(&path);
    return err;
}

/* Tell the watchers of a name that has just gone, and of the file if that was its last. */
static void tell_removed(const struct path *dir, const struct dentry *child)
{
    struct inode *inode = child->inode;
    bool is_dir = S_ISDIR(inode->mode);
    if (!is_dir)
        notify_inode(inode, IN_ATTRIB);
    notify_entry(path_inode(dir), child->name, child->name_bytes,
                 IN_DELETE | (is_dir ? IN_ISDIR : 0), 0);
}

static int entry_unlink(const struct name_entry *e)
{
    struct inode *dir = path_inode(&e->parent);
    if (e->last.kind != LAST_NORMAL)
        return -EISDIR;
    if (!e->dentry->inode)
        return -ENOENT;
    if (e->last.trailing_slash)
        return S_ISDIR(e->dentry->inode->mode) ? -EISDIR : -ENOTDIR;
    int err = path_may_change(&e->parent);
    if (!err)
        err = name_may_remove(&e->parent, e->dentry, false);
    if (err < 0)
        return err;
    if (!dir->ops->unlink)
        return -EPERM;
    if (e->dentry->mounts)
        return -EBUSY;
    err = dir->ops->unlink(dir, e->dentry);
    if (!err)
        tell_removed(&e->parent, e->dentry);
    return err;
}

int vfs_unlink(int dirfd, const char *name)
{
    struct name_entry e;
    int err = name_entry_find(&e, dirfd, name, 0);
    if (err < 0)
        return err;
    err = entry_unlink(&e);
    name_entry_put(&e);
    return err;
}

static int entry_rmdir(const struct name_entry *e)
{
    static const int codes[] = {
        [LAST_DOT] = -EINVAL, [LAST_DOTDOT] = -ENOTEMPTY, [LAST_ROOT] = -EBUSY};
    struct inode *dir = path_inode(&e->parent);
    if (e->last.kind != LAST_NORMAL)
        return codes[e->last.kind];
    if (!e->dentry->inode)
        return -ENOENT;
    int err = path_may_change(&e->parent);
    if (!err)
        err = name_may_remove(&e->parent, e->dentry, true);
    if (err < 0)
        return err;
    if (!dir->ops->rmdir)
        return -EPERM;
    if (e->dentry->mounts)
        return -EBUSY;
    err = dir->ops->rmdir(dir, e->dentry);
    if (!err)
        tell_removed(&e->parent, e->dentry);
    return err;
}

int vfs_rmdir(int dirfd, const char *name)
{
    struct name_entry e;
    int err = name_entry_find(&e, dirfd, name, 0);
    if (err < 0)
        return err;
    err = entry_rmdir(&e);
    name_entry_put(&e);
    return err;
}
