/* SPDX-License-Identifier: BSD-2-Clause */
/* vfs.c - start of the VFS, and what the libOS makes for itself. */
#include "vfs/vfs.h"

#include "base/errno.h"
#include "base/log.h"
#include "base/string.h"
#include "linux-api/abi.h"
#include "vfs/anon.h"
#include "vfs/dentry.h"
#include "vfs/fs.h"
#include "vfs/inode.h"
#include "vfs/mount.h"
#include "vfs/tmpfs.h"

void vfs_init(void)
{
    dentry_init();
    tmpfs_init();
    if (mount_first("initramfs", filesystem_find("rootfs")) < 0)
        panic("vfs: no memory for the root file system");
    anon_init();
}

/* The directory that PATH's last component is to stand in, and that component. */
static int parent_of(const char *path, struct path *parent, const char **name)
{
    const char *slash = strrchr(path, '/');
    if (!slash || !slash[1])
        return -EINVAL;
    *name = slash + 1;
    char text[256];
    if ((size_t)(slash - path) >= sizeof text)
        return -ENAMETOOLONG;
    memcpy(text, path, (size_t)(slash - path));
    text[slash - path] = '\0';
    return path_lookup_kernel(text[0] ? text : "/", LOOKUP_FOLLOW | LOOKUP_DIRECTORY, parent);
}

int vfs_make_node(const char *path, uint32_t mode, uint64_t rdev, uint32_t uid, uint32_t gid)
{
    struct path parent;
    const char *name;
    int err = parent_of(path, &parent, &name);
    if (err < 0)
        return err;
    struct dentry *dentry;
    struct inode *dir = path_inode(&parent);
    err = strlen(name) > NAME_MAX ? -ENAMETOOLONG : 0;
    if (!err)
        err = dentry_lookup(parent.dentry, name, strlen(name), &dentry);
    if (!err) {
        if (dentry->inode)
            err = -EEXIST;
        else if (S_ISDIR(mode))
            err = dir->ops->mkdir ? dir->ops->mkdir(dir, dentry, mode) : -EPERM;
        else
            err = dir->ops->mknod ? dir->ops->mknod(dir, dentry, mode, rdev) : -EPERM;
        if (!err) {
            dentry->inode->uid = uid;
            dentry->inode->gid = gid;
        }
        dentry_put(dentry);
    }
    path_put(&parent);
    return err;
}
