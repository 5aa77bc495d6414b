/* SPDX-License-Identifier: BSD-2-Clause */
/* open.c - from a name or a place to an open file (open(2), openat2(2)). */
#include <linux/mount.h>
#include "base/errno.h"
#include "mm/patch.h"
#include "vfs/context.h"
#include "vfs/dentry.h"
#include "vfs/device.h"
#include "vfs/file.h"
#include "vfs/fs.h"
#include "vfs/fs_context.h"
#include "vfs/inode.h"
#include "vfs/mount.h"
#include "vfs/names.h"
#include "vfs/notify.h"
#include "vfs/pipe.h"
#include "vfs/vfs.h"
#include "vfs/walk.h"

enum opening {
    OPEN_EXISTING,
    OPEN_CREATED,
    OPEN_QUIETLY
};

static const struct file_ops path_ops = {};

/* The operations that INODE's type calls for; NULL: nobody serves it. */
static const struct file_ops *ops_of(const struct inode *inode)
{
    if (inode->flags & INODE_NO_NODE_OPS || S_ISREG(inode->mode) || S_ISDIR(inode->mode))
        return inode->fops;
    if (S_ISFIFO(inode->mode))
        return &pipe_file_ops;
    return device_ops(inode);
}

static unsigned may_of(uint32_t flags)
{
    static constexpr unsigned may[] = {MAY_READ, MAY_WRITE, MAY_READ | MAY_WRITE,
                                       MAY_READ | MAY_WRITE};
    return may[flags & O_ACCMODE] | (flags & O_TRUNC ? MAY_WRITE : 0);
}

/* May the current thread open PATH so?  Order and codes as in open(2). */
static int may_open(const struct path *path, uint32_t flags, enum opening opening)
{
    struct inode *inode = path_inode(path);
    unsigned may = may_of(flags);
    if (S_ISLNK(inode->mode))
        return -ELOOP;
    if (S_ISDIR(inode->mode) && (may & MAY_WRITE || flags & O_CREAT))
        return -EISDIR;
    if ((S_ISCHR(inode->mode) || S_ISBLK(inode->mode)) && path->mount->flags & MS_NODEV)
        return -EACCES;
    if (opening == OPEN_EXISTING) {
        if (may & MAY_WRITE && (S_ISREG(inode->mode) || S_ISDIR(inode->mode)) &&
            path_may_change(path) < 0)
            return -EROFS;
        int err = inode_permission(inode, may);
        if (err < 0)
            return err;
    }
    if (flags & O_NOATIME && !inode_is_owner(inode))
        return -EPERM;
    return 0;
}

/* What is executed can neither be opened for writing nor, by an open for reading, truncated. */
static int count_writer(struct file *file, bool truncates)
{
    if (!(file->mode & FILE_WRITE || truncates) || !S_ISREG(file->inode->mode))
        return 0;
    if (file->inode->writers < 0)
        return -ETXTBSY;
    if (!(file->mode & FILE_WRITE))
        return 0;
    patch_file_changes(file->inode);
    file->inode->writers++;
    file->mode |= FILE_COUNTED_WRITER;
    return 0;
}

/* Everything is checked but what the file itself wants to say. */
static int open_place(const struct path *path, uint32_t flags, enum opening opening,
                      struct file **out)
{
    struct inode *inode = path_inode(path);
    const struct file_ops *ops = flags & O_PATH ? &path_ops : ops_of(inode);
    if (!ops)
        return -ENXIO;
    struct file *file = file_create(path, flags, ops);
    if (!file)
        return -ENOMEM;
    if (opening == OPEN_QUIETLY)
        file->mode |= FILE_QUIET;
    int err = flags & O_PATH ? 0 : count_writer(file, flags & O_TRUNC);
    if (!err && ops->open) {
        /* An open that fails has nothing to release. */
        err = ops->open(inode, file);
        if (err < 0)
            file->ops = &path_ops;
    }
    if (!err && flags & O_TRUNC && opening == OPEN_EXISTING && S_ISREG(inode->mode))
        err = vfs_truncate(inode, 0);
    if (err < 0) {
        file_put(file);
        return err;
    }
    file->flags &= ~(uint32_t)O_NOCTTY;
    if (!(flags & O_PATH))
        notify_opened(file);
    *out = file;
    return 0;
}

int file_open_path(const struct path *path, uint32_t flags, struct file **file)
{
    if (flags & O_PATH)
        return open_place(path, flags, OPEN_EXISTING, file);
    int err = may_open(path, flags, OPEN_EXISTING);
    return err < 0 ? err : open_place(path, flags, OPEN_EXISTING, file);
}

int file_open_quietly(const struct path *path, uint32_t flags, struct file **file)
{
    return open_place(path, flags, OPEN_QUIETLY, file);
}

/* Make LAST in the directory where W stands, if it is not there: *CHILD is referenced. */
static int find_or_make(struct walk *w, const struct path_name *last, uint32_t flags, uint32_t mode,
                        enum opening *opening, struct dentry **child)
{
    int err = dentry_lookup(w->at.dentry, last->name, last->bytes, child);
    if (err < 0)
        return err;
    if ((*child)->inode) {
        err = flags & O_EXCL ? -EEXIST : 0;
    } else {
        err = name_make_file(&w->at, *child, S_IFREG | (mode & S_PERMISSIONS));
        *opening = OPEN_CREATED;
    }
    if (err < 0)
        dentry_put(*child);
    return err;
}

/* O_CREAT: walk until the last name is there, making it if need be. */
static int walk_creating(struct walk *w, uint32_t flags, uint32_t mode, enum opening *opening)
{
    for (;;) {
        struct path_name last;
        int err = walk_to_parent(w, &last);
        if (err < 0)
            return err;
        if (last.kind != LAST_NORMAL)
            return walk_step(w, &last); /* a directory, or where a magic link led */
        if (w->is_directory_due)
            return -EISDIR;
        struct dentry *child;
        err = find_or_make(w, &last, flags, mode, opening, &child);
        if (err < 0)
            return err;
        err = walk_step(w, &last);
        dentry_put(child);
        if (err <= 0)
            return err;
    }
}

static int open_tmpfile(const struct path *dir, uint32_t flags, uint32_t mode, struct file **file)
{
    struct path path;
    int err = name_make_unnamed(dir, mode & S_PERMISSIONS, !(flags & O_EXCL), &path);
    if (err < 0)
        return err;
    err = open_place(&path, flags & ~(uint32_t)O_TMPFILE, OPEN_CREATED, file);
    path_put(&path);
    return err;
}

/* open(2)'s flags against each other. */
static int check_flags(uint32_t *flags)
{
    constexpr uint32_t tmpfile = O_TMPFILE & ~O_DIRECTORY;
    if (*flags & O_PATH)
        *flags &= O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
    if (*flags & tmpfile &&
        (!(*flags & O_DIRECTORY) || *flags & O_CREAT || !(may_of(*flags) & MAY_WRITE)))
        return -EINVAL;
    if (!(*flags & tmpfile) && (*flags & (O_CREAT | O_DIRECTORY)) == (O_CREAT | O_DIRECTORY))
        return -EINVAL;
    return 0;
}

int vfs_open_at(int dirfd, const char *name, uint32_t flags, uint32_t mode, unsigned lookup,
                struct file **file)
{
    int err = check_flags(&flags);
    if (err < 0)
        return err;
    if (!(flags & O_NOFOLLOW) && (flags & (O_CREAT | O_EXCL)) != (O_CREAT | O_EXCL))
        lookup |= LOOKUP_FOLLOW;
    if (flags & O_DIRECTORY)
        lookup |= LOOKUP_DIRECTORY;
    struct walk w;
    enum opening opening = OPEN_EXISTING;
    err = walk_begin(&w, dirfd, name, lookup);
    if (!err)
        err = flags & O_CREAT ? walk_creating(&w, flags, mode, &opening) : walk_to_end(&w);
    if (!err && (flags & O_TMPFILE) == O_TMPFILE)
        err = open_tmpfile(&w.at, flags, mode, file);
    else if (!err && flags & O_PATH)
        err = open_place(&w.at, flags, opening, file);
    else if (!err && !(err = may_open(&w.at, flags, opening)))
        err = open_place(&w.at, flags, opening, file);
    walk_end(&w);
    return err;
}

int file_open_kernel(const char *name, uint32_t flags, struct file **file)
{
    return vfs_open_at(AT_FDCWD, name, flags, 0, 0, file);
}

int file_open_exec(int dirfd, const char *name, unsigned lookup, struct file **file)
{
    struct path path;
    int err = path_lookup(dirfd, name, lookup, &path);
    if (err < 0)
        return err;
    struct inode *inode = path_inode(&path);
    if (S_ISLNK(inode->mode))
        err = -ELOOP;
    else if (!S_ISREG(inode->mode) || path.mount->flags & MS_NOEXEC)
        err = -EACCES;
    else
        err = inode_permission(inode, MAY_EXEC);
    if (!err)
        err = open_place(&path, O_RDONLY, OPEN_EXISTING, file);
    path_put(&path);
    return err;
}
