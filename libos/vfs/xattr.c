/* SPDX-License-Identifier: BSD-2-Clause */
/* xattr.c - extended attributes: a list of them for each inode that has any. */
#include "vfs/xattr.h"

#include <linux/capability.h>
#include <linux/xattr.h>
#include "base/errno.h"
#include "base/string.h"
#include "linux-api/abi.h"
#include "mm/heap.h"
#include "proc/cred.h"
#include "vfs/context.h"
#include "vfs/dentry.h"
#include "vfs/fs.h"
#include "vfs/inode.h"
#include "vfs/notify.h"
#include "vfs/path.h"
#include "vfs/walk.h"

struct xattr {
    struct list_node node;
    size_t size; /* of the value */
    char *value; /* behind the name, in the same block */
    char name[];
};

static bool is_class(const char *name, const char *prefix)
{
    return strncmp(name, prefix, strlen(prefix)) == 0;
}

static struct xattr *find(const struct inode *inode, const char *name)
{
    list_for_each(node, &inode->xattrs) {
        struct xattr *x = container_of(node, struct xattr, node);
        if (strcmp(x->name, name) == 0)
            return x;
    }
    return nullptr;
}

/* xattr(7): user attributes are for files and directories, as their modes say; trusted ones for
 * the administrator; security ones can be read by all. */
static int check_rights(const struct path *path, const char *name, unsigned may)
{
    struct inode *inode = path_inode(path);
    if (may & MAY_WRITE) {
        int err = path_may_change(path);
        if (err < 0)
            return err;
    }
    if (is_class(name, XATTR_SECURITY_PREFIX) || is_class(name, XATTR_SYSTEM_PREFIX))
        return 0;
    int refusal = may & MAY_WRITE ? -EPERM : -ENODATA;
    if (is_class(name, XATTR_TRUSTED_PREFIX))
        return cred_capable(context_cred(), CAP_SYS_ADMIN) ? 0 : refusal;
    if (is_class(name, XATTR_USER_PREFIX)) {
        if (!S_ISREG(inode->mode) && !S_ISDIR(inode->mode))
            return refusal;
        if (S_ISDIR(inode->mode) && inode->mode & S_ISVTX && may & MAY_WRITE &&
            !inode_is_owner(inode))
            return -EPERM;
    }
    return inode_permission(inode, may);
}

/* Is NAME one that the file system keeps? */
static int check_class(const struct inode *inode, const char *name)
{
    static const char *const classes[] = {XATTR_USER_PREFIX, XATTR_TRUSTED_PREFIX,
                                          XATTR_SECURITY_PREFIX};
    if (!inode->super->has_xattrs)
        return -EOPNOTSUPP;
    for (unsigned i = 0; i < sizeof classes / sizeof classes[0]; i++)
        if (is_class(name, classes[i]))
            return name[strlen(classes[i])] ? 0 : -EINVAL;
    return -EOPNOTSUPP;
}

/* capabilities(7), "File capabilities": a well-formed value, by who may give them out. */
static int check_capability(const struct vfs_cap_data *value, size_t size)
{
    if (size < sizeof value->magic_etc)
        return -EINVAL;
    uint32_t revision = value->magic_etc & VFS_CAP_REVISION_MASK;
    if (!(revision == VFS_CAP_REVISION_2 && size == XATTR_CAPS_SZ_2) &&
        !(revision == VFS_CAP_REVISION_3 && size == XATTR_CAPS_SZ_3))
        return -EINVAL;
    return cred_capable(context_cred(), CAP_SETFCAP) ? 0 : -EPERM;
}

/* Security attributes beyond their class's rule; VALUE NULL: it is removed. */
static int check_security(const char *name, const void *value, size_t size)
{
    const struct cred *cred = context_cred();
    if (!is_class(name, XATTR_SECURITY_PREFIX))
        return 0;
    if (strcmp(name, XATTR_NAME_CAPS) != 0)
        return cred_capable(cred, CAP_SYS_ADMIN) ? 0 : -EPERM;
    if (value)
        return check_capability(value, size);
    return cred_capable(cred, CAP_SETFCAP) ? 0 : -EPERM;
}

static size_t bytes_of(const struct xattr *x)
{
    return strlen(x->name) + 1 + x->size;
}

static size_t bytes_used(const struct inode *inode)
{
    size_t bytes = 0;
    list_for_each(node, &inode->xattrs)
        bytes += bytes_of(container_of(node, struct xattr, node));
    return bytes;
}

static struct xattr *create(const char *name, const void *value, size_t size)
{
    size_t name_bytes = strlen(name) + 1;
    struct xattr *x = heap_alloc(sizeof *x + name_bytes + size);
    if (!x)
        return nullptr;
    x->size = size;
    x->value = x->name + name_bytes;
    memcpy(x->name, name, name_bytes);
    memcpy(x->value, value, size);
    return x;
}

static void drop(struct xattr *x)
{
    list_remove(&x->node);
    heap_free(x);
}

static void tell_changed(const struct path *path)
{
    inode_touch_ctime(path_inode(path));
    notify_dentry(path->dentry, IN_ATTRIB);
}

int xattr_set(const struct path *path, const char *name, const void *value, size_t size,
              unsigned flags)
{
    struct inode *inode = path_inode(path);
    int err = check_rights(path, name, MAY_WRITE);
    if (!err)
        err = check_security(name, value, size);
    if (!err)
        err = check_class(inode, name);
    if (err < 0)
        return err;
    struct xattr *old = find(inode, name);
    if (old && flags & XATTR_CREATE)
        return -EEXIST;
    if (!old && flags & XATTR_REPLACE)
        return -ENODATA;
    size_t others = bytes_used(inode) - (old ? bytes_of(old) : 0);
    if (others + strlen(name) + 1 + size > XATTR_BYTES_MOST)
        return -ENOSPC;
    struct xattr *new = create(name, value, size);
    if (!new)
        return -ENOMEM;
    if (old)
        drop(old);
    list_push_back(&inode->xattrs, &new->node);
    tell_changed(path);
    return 0;
}

ssize_t xattr_get(const struct path *path, const char *name, void *to, size_t size)
{
    const struct inode *inode = path_inode(path);
    int err = check_rights(path, name, MAY_READ);
    if (!err)
        err = check_class(inode, name);
    if (err < 0)
        return err;
    const struct xattr *x = find(inode, name);
    if (!x)
        return -ENODATA;
    if (size == 0)
        return (ssize_t)x->size;
    if (x->size > size)
        return -ERANGE;
    memcpy(to, x->value, x->size);
    return (ssize_t)x->size;
}

ssize_t xattr_list(const struct path *path, char *to, size_t size)
{
    const struct inode *inode = path_inode(path);
    bool is_trusted = cred_capable(context_cred(), CAP_SYS_ADMIN);
    size_t used = 0;
    list_for_each(node, &inode->xattrs) {
        const struct xattr *x = container_of(node, struct xattr, node);
        size_t n = strlen(x->name) + 1;
        if (!is_trusted && is_class(x->name, XATTR_TRUSTED_PREFIX))
            continue;
        if (size > 0) {
            if (used + n > size)
                return -ERANGE;
            memcpy(to + used, x->name, n);
        }
        used += n;
    }
    return (ssize_t)used;
}

int xattr_remove(const struct path *path, const char *name)
{
    struct inode *inode = path_inode(path);
    int err = check_rights(path, name, MAY_WRITE);
    if (!err)
        err = check_security(name, nullptr, 0);
    if (!err)
        err = check_class(inode, name);
    if (err < 0)
        return err;
    struct xattr *x = find(inode, name);
    if (!x)
        return -ENODATA;
    drop(x);
    tell_changed(path);
    return 0;
}

const void *xattr_peek(const struct inode *inode, const char *name, size_t *size)
{
    const struct xattr *x = find(inode, name);
    if (!x)
        return nullptr;
    *size = x->size;
    return x->value;
}

void xattr_drop_capability(struct inode *inode)
{
    struct xattr *x = find(inode, XATTR_NAME_CAPS);
    if (x)
        drop(x);
}

void xattr_drop_all(struct inode *inode)
{
    list_for_each_safe(node, &inode->xattrs)
        drop(container_of(node, struct xattr, node));
}
