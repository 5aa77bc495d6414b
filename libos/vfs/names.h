/* SPDX-License-Identifier: BSD-2-Clause */
/* names.h - making files under a name: the VFS's own, for open.c and names.c. */
#pragma once

#include <stdint.h>
#include "vfs/path.h"

struct dentry;
struct inode;

/* May the current thread make something in DIR?  -EROFS, -EACCES, -ENOENT (DIR is deleted). */
[[nodiscard]] int name_may_make(const struct path *dir);
/* Make a file of MODE's type (not a directory or link) as CHILD, which is negative, in DIR: after
 * the check above, with the umask applied. */
[[nodiscard]] int name_make_file(const struct path *dir, struct dentry *child, uint32_t mode);
/* A file without a name that belongs to DIR (O_TMPFILE). */
[[nodiscard]] int name_make_unnamed(const struct path *dir, uint32_t mode, bool is_linkable,
                                    struct path *path);
/* MODE without what the umask takes. */
uint32_t name_apply_umask(uint32_t mode);
