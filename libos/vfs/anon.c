/* SPDX-License-Identifier: BSD-2-Clause */
/* anon.c - pipes, epoll sets and the like have a mount and a dentry too, outside of the tree. */
#include "vfs/anon.h"

#include <linux/magic.h>
#include "base/errno.h"
#include "base/format.h"
#include "base/log.h"
#include "base/string.h"
#include "vfs/dentry.h"
#include "vfs/file.h"
#include "vfs/fs.h"
#include "vfs/inode.h"
#include "vfs/mount.h"

static const struct filesystem filesystems[] = {
    [ANON_PIPE] = {.name = "pipefs"},
    [ANON_INODE] = {.name = "anon_inodefs"},
    [ANON_SOCKET] = {.name = "sockfs"},
};
static const struct super_ops super_ops = {};
static const struct inode_ops inode_ops = {};
static struct mount *mounts[ANON_KINDS];

/* All that is neither a pipe nor a socket shares one inode, as on Linux. */
static struct inode *common;

static struct mount *make(enum anon_kind kind, uint64_t magic)
{
    struct super *super = super_create(&filesystems[kind], &super_ops, magic);
    struct inode *root = super ? inode_create(super, S_IFDIR | 0700) : nullptr;
    if (root)
        root->ops = &inode_ops;
    if (root)
        super->root = dentry_create_root(super, root);
    struct mount *mount = super && super->root ? mount_create_internal(super) : nullptr;
    if (!mount)
        panic("vfs: no memory for %s", filesystems[kind].name);
    super_put(super);
    return mount;
}

void anon_init(void)
{
    mounts[ANON_PIPE] = make(ANON_PIPE, PIPEFS_MAGIC);
    mounts[ANON_INODE] = make(ANON_INODE, ANON_INODE_FS_MAGIC);
    mounts[ANON_SOCKET] = make(ANON_SOCKET, SOCKFS_MAGIC);
    common = inode_create(mounts[ANON_INODE]->super, S_IRUSR | S_IWUSR);
    if (!common)
        panic("vfs: no memory for anonymous files");
    common->ops = &inode_ops;
}

/* A place for INODE, whose reference is taken over. */
static int place(enum anon_kind kind, const char *name, struct inode *inode, struct path *path)
{
    char text[64];
    const char *star = strchr(name, '*');
    if (star)
        snprintf(text, sizeof text, "%.*s%llu%s", (int)(star - name), name,
                 (unsigned long long)inode->ino, star + 1);
    struct dentry *d = dentry_create_anonymous(mounts[kind]->super, inode, star ? text : name);
    if (!d)
        return -ENOMEM;
    *path = (struct path){mount_get(mounts[kind]), d};
    return 0;
}

bool anon_is(enum anon_kind kind, const struct inode *inode)
{
    return mounts[kind] && inode->super == mounts[kind]->super;
}

int anon_create(enum anon_kind kind, const char *name, uint32_t mode, struct path *path)
{
    struct inode *inode = inode_create(mounts[kind]->super, mode);
    if (!inode)
        return -ENOMEM;
    inode->ops = &inode_ops;
    inode_init_owner(inode, nullptr, mode);
    return place(kind, name, inode, path);
}

int file_create_anon(const char *name, const struct file_ops *ops, void *private, uint32_t flags,
                     struct file **file)
{
    struct path path;
    int err = strchr(name, '*') ? anon_create(ANON_INODE, name, S_IRUSR | S_IWUSR, &path)
                                : place(ANON_INODE, name, inode_get(common), &path);
    if (err < 0)
        return err;
    *file = file_create(&path, flags, ops);
    path_put(&path);
    if (!*file)
        return -ENOMEM;
    (*file)->private = private;
    return 0;
}
