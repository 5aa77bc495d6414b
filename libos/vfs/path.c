/* SPDX-License-Identifier: BSD-2-Clause */
/* path.c - the walk along a name (path_resolution(7)). */
#include "vfs/path.h"

#include <linux/mount.h>
#include "base/errno.h"
#include "base/string.h"
#include "mm/heap.h"
#include "mm/usermem.h"
#include "vfs/context.h"
#include "vfs/dentry.h"
#include "vfs/fdtable.h"
#include "vfs/file.h"
#include "vfs/fs.h"
#include "vfs/fs_context.h"
#include "vfs/inode.h"
#include "vfs/mount.h"
#include "vfs/walk.h"

void path_get(const struct path *path)
{
    mount_get(path->mount);
    dentry_get(path->dentry);
}

void path_put(const struct path *path)
{
    dentry_put(path->dentry);
    if (path->mount)
        mount_put(path->mount);
}

struct inode *path_inode(const struct path *path)
{
    return path->dentry->inode;
}

/* The walk stands at TO from now on; TO's references are the walk's. */
static void walk_move(struct walk *w, struct path to)
{
    path_put(&w->at);
    w->at = to;
}

static void walk_move_to_root(struct walk *w)
{
    path_get(&w->root);
    walk_move(w, w->root);
}

/* Where a relative name starts. */
static int start_of(int dirfd, bool is_empty, const struct path *cwd, struct path *start)
{
    if (dirfd == AT_FDCWD) {
        *start = *cwd;
        path_get(start);
        return 0;
    }
    struct file *file = fd_get_any(dirfd);
    if (!file)
        return -EBADF;
    int err = is_empty || S_ISDIR(file->inode->mode) ? 0 : -ENOTDIR;
    if (!err) {
        *start = file->path;
        path_get(start);
    }
    file_put(file);
    return err;
}

int walk_begin(struct walk *w, int dirfd, const char *name, unsigned flags)
{
    const struct fs_context *fs = context_fs();
    w->at = w->root = (struct path){};
    w->flags = flags;
    w->links = w->depth = 0;
    w->rest = name;
    w->is_directory_due = false;
    if (!*name && !(flags & LOOKUP_EMPTY))
        return -ENOENT;
    bool is_absolute = *name == '/', is_confined = flags & (LOOKUP_BENEATH | LOOKUP_IN_ROOT);
    if (is_absolute && flags & LOOKUP_BENEATH)
        return -EXDEV;
    if (!is_absolute || is_confined) {
        int err = start_of(dirfd, !*name, fs ? &fs->cwd : &root_path, &w->at);
        if (err < 0)
            return err;
    }
    w->root = is_confined ? w->at : fs ? fs->root : root_path;
    path_get(&w->root);
    if (is_absolute)
        walk_move_to_root(w);
    return 0;
}

static void walk_pop(struct walk *w)
{
    w->depth--;
    w->rest = w->saved[w->depth].rest;
    inode_put(w->saved[w->depth].inode);
    if (w->saved[w->depth].buffer)
        path_buffer_put(w->saved[w->depth].buffer);
}

void walk_end(struct walk *w)
{
    while (w->depth)
        walk_pop(w);
    path_put(&w->at);
    path_put(&w->root);
    w->at = w->root = (struct path){};
}

/* Is there nothing left to read, here and in what links put aside? */
static bool is_at_end(const struct walk *w)
{
    if (*w->rest)
        return false;
    for (unsigned i = 0; i < w->depth; i++)
        if (*w->saved[i].rest)
            return false;
    return true;
}

/* A magic link leads straight to an object. */
static int follow_magic(struct walk *w, struct inode *inode)
{
    struct path to;
    if (w->flags & LOOKUP_NO_MAGIC)
        return -ELOOP;
    if (w->flags & (LOOKUP_BENEATH | LOOKUP_IN_ROOT))
        return -EXDEV;
    int err = inode->ops->follow(inode, &to);
    if (err < 0)
        return err;
    if (w->flags & LOOKUP_NO_XDEV && to.mount != w->at.mount) {
        path_put(&to);
        return -EXDEV;
    }
    walk_move(w, to);
    return 0;
}

/* The text of the link INODE; BUFFER is set if it had to be made. */
static int link_text(struct inode *inode, const char **text, char **buffer)
{
    *buffer = nullptr;
    *text = inode->link;
    if (inode->link)
        return 0;
    if (!inode->ops->readlink)
        return -EINVAL;
    char *to = path_buffer_get();
    if (!to)
        return -ENOMEM;
    ssize_t n = inode->ops->readlink(inode, to, PATH_MAX - 1);
    if (n < 0) {
        path_buffer_put(to);
        return (int)n;
    }
    to[n] = '\0';
    *text = *buffer = to;
    return 0;
}

int walk_follow(struct walk *w, struct inode *inode)
{
    if (++w->links > WALK_LINKS_MOST || w->flags & LOOKUP_NO_SYMLINKS)
        return -ELOOP;
    if (inode->ops->follow)
        return follow_magic(w, inode);
    const char *text;
    char *buffer;
    int err = link_text(inode, &text, &buffer);
    if (err < 0)
        return err;
    inode_touch_atime(inode);
    /* Each link puts one rest aside at most, so the room is enough. */
    w->saved[w->depth].rest = w->rest;
    w->saved[w->depth].inode = inode_get(inode);
    w->saved[w->depth].buffer = buffer;
    w->depth++;
    w->rest = text;
    if (!*text)
        return -ENOENT;
    if (*text != '/')
        return 0;
    if (w->flags & LOOKUP_BENEATH)
        return -EXDEV;
    if (w->flags & LOOKUP_NO_XDEV && w->root.mount != w->at.mount)
        return -EXDEV;
    walk_move_to_root(w);
    return 0;
}

static int step_up(struct walk *w)
{
    if (path_is_same(&w->at, &w->root))
        return w->flags & LOOKUP_BENEATH ? -EXDEV : 0;
    struct mount *from = w->at.mount;
    if (w->at.dentry == from->root && !mount_cross_up(&w->at))
        return 0;
    if (w->flags & LOOKUP_NO_XDEV && w->at.mount != from)
        return -EXDEV;
    struct dentry *parent = dentry_get(w->at.dentry->parent);
    dentry_put(w->at.dentry);
    w->at.dentry = parent;
    mount_cross_down(&w->at);
    return 0;
}

/* Look NAME up in the directory AT.  A missing name in a directory whose names are all in the
 * table costs no allocation. */
static int child_find(struct walk *w, const struct path_name *name, struct dentry **child)
{
    const struct inode *dir = path_inode(&w->at);
    if (dir->ops->lookup)
        return dentry_lookup(w->at.dentry, name->name, name->bytes, child);
    *child = dentry_find(w->at.dentry, name->name, name->bytes);
    return *child ? 0 : -ENOENT;
}

int walk_step(struct walk *w, const struct path_name *last)
{
    if (last->kind == LAST_DOTDOT)
        return step_up(w);
    if (last->kind != LAST_NORMAL)
        return 0;
    struct dentry *child;
    int err = child_find(w, last, &child);
    if (err < 0)
        return err;
    if (!child->inode) {
        dentry_put(child);
        return -ENOENT;
    }
    if (S_ISLNK(child->inode->mode) &&
        (w->flags & LOOKUP_FOLLOW || w->is_directory_due || !is_at_end(w))) {
        err = walk_follow(w, child->inode);
        dentry_put(child);
        return err < 0 ? err : 1;
    }
    struct mount *mount = w->at.mount;
    walk_move(w, (struct path){mount_get(mount), child});
    mount_cross_down(&w->at);
    return w->flags & LOOKUP_NO_XDEV && w->at.mount != mount ? -EXDEV : 0;
}

/* Take the next component from the text.  1: there is one; 0: all read. */
static int component_take(struct walk *w, struct path_name *name)
{
    for (;;) {
        while (*w->rest == '/')
            w->rest++;
        if (*w->rest)
            break;
        if (!w->depth)
            return 0;
        walk_pop(w);
    }
    const struct inode *at = path_inode(&w->at);
    if (!S_ISDIR(at->mode))
        return -ENOTDIR;
    int err = inode_permission(path_inode(&w->at), MAY_EXEC);
    if (err < 0)
        return err;
    const char *p = w->rest;
    while (*p && *p != '/')
        p++;
    *name = (struct path_name){.name = w->rest, .bytes = (size_t)(p - w->rest)};
    if (name->bytes > NAME_MAX)
        return -ENAMETOOLONG;
    name->trailing_slash = *p == '/';
    while (*p == '/')
        p++;
    w->rest = p;
    if (name->trailing_slash && is_at_end(w))
        w->is_directory_due = true;
    if (name->name[0] == '.' && name->bytes == 1)
        name->kind = LAST_DOT;
    else if (name->name[0] == '.' && name->name[1] == '.' && name->bytes == 2)
        name->kind = LAST_DOTDOT;
    return 1;
}

int walk_to_end(struct walk *w)
{
    struct path_name name;
    int more;
    while ((more = component_take(w, &name)) > 0) {
        int err = walk_step(w, &name);
        if (err < 0)
            return err;
    }
    if (more < 0)
        return more;
    if ((w->is_directory_due || w->flags & LOOKUP_DIRECTORY) && !S_ISDIR(path_inode(&w->at)->mode))
        return -ENOTDIR;
    return 0;
}

int walk_to_parent(struct walk *w, struct path_name *last)
{
    int more;
    *last = (struct path_name){.name = "", .kind = LAST_ROOT};
    while ((more = component_take(w, last)) > 0) {
        if (is_at_end(w))
            return 0;
        int err = walk_step(w, last);
        if (err < 0)
            return err;
    }
    return more;
}

/* The walk's place, with its references, to the caller. */
static struct path walk_take(struct walk *w)
{
    struct path at = w->at;
    w->at = (struct path){};
    return at;
}

int path_lookup(int dirfd, const char *name, unsigned flags, struct path *to)
{
    struct walk w;
    int err = walk_begin(&w, dirfd, name, flags);
    if (!err)
        err = walk_to_end(&w);
    if (!err)
        *to = walk_take(&w);
    walk_end(&w);
    return err;
}

int path_lookup_parent(int dirfd, const char *name, unsigned flags, struct path *parent,
                       struct path_name *last)
{
    struct walk w;
    int err = walk_begin(&w, dirfd, name, flags);
    if (!err)
        err = walk_to_parent(&w, last);
    if (!err)
        *parent = walk_take(&w);
    /* LAST points into NAME: a link's text is read to its end before the walk comes back. */
    walk_end(&w);
    return err;
}

int path_lookup_kernel(const char *name, unsigned flags, struct path *to)
{
    struct walk w = {.flags = flags, .rest = name, .at = root_path, .root = root_path};
    path_get(&w.at);
    path_get(&w.root);
    int err = walk_to_end(&w);
    if (!err)
        *to = walk_take(&w);
    walk_end(&w);
    return err;
}

int path_may_change(const struct path *path)
{
    if ((path->mount->flags | path->mount->super->flags) & MS_RDONLY)
        return -EROFS;
    return 0;
}
