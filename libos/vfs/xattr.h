/* SPDX-License-Identifier: BSD-2-Clause */
/* xattr.h - extended attributes (xattr(7)): names with values that belong to an inode.
 *
 * They are kept in memory, for the file systems that say so (super->has_xattrs).  Names are in one
 * of the classes user, trusted and security; each has its rule of who may do what.
 */
#pragma once

#include <stddef.h>
#include "base/types.h"

struct inode;
struct path;

/* What an inode's attributes may take, names and values together. */
constexpr size_t XATTR_BYTES_MOST = 1 << 20;

/* setxattr(2): FLAGS are XATTR_CREATE and XATTR_REPLACE.  -EEXIST, -ENODATA, -EOPNOTSUPP (class or
 * file system), -EINVAL (a class without a name), -EPERM, -EACCES, -EROFS, -ENOSPC, -ENOMEM. */
[[nodiscard]] int xattr_set(const struct path *path, const char *name, const void *value,
                            size_t size, unsigned flags);
/* getxattr(2): the value's size; TO gets it unless SIZE is 0.  -ERANGE: SIZE is too small. */
[[nodiscard]] ssize_t xattr_get(const struct path *path, const char *name, void *to, size_t size);
/* listxattr(2): the names that the caller may know, each ended by NUL; results as of xattr_get. */
[[nodiscard]] ssize_t xattr_list(const struct path *path, char *to, size_t size);
[[nodiscard]] int xattr_remove(const struct path *path, const char *name);

/* The value of NAME as it lies with INODE, valid until it is changed; NULL: there is none.  No
 * rights are checked. */
const void *xattr_peek(const struct inode *inode, const char *name, size_t *size);
/* The content or the owner of INODE changes: the capabilities that its program had are void. */
void xattr_drop_capability(struct inode *inode);
/* INODE is gone. */
void xattr_drop_all(struct inode *inode);
