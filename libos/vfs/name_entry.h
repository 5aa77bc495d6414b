/* SPDX-License-Identifier: BSD-2-Clause */
/* name_entry.h - a name as those calls see it that make or remove names. */
#pragma once

#include "vfs/path.h"

struct dentry;

struct name_entry {
    struct path parent; /* referenced */
    struct path_name last;
    struct dentry *dentry; /* referenced, perhaps negative; NULL unless last is LAST_NORMAL */
};

[[nodiscard]] int name_entry_find(struct name_entry *e, int dirfd, const char *name,
                                  unsigned flags);
void name_entry_put(struct name_entry *e);

/* May the current thread take CHILD out of DIR?  -EACCES, -EPERM (sticky), -ENOTDIR, -EISDIR. */
[[nodiscard]] int name_may_remove(const struct path *dir, const struct dentry *child,
                                  bool is_directory_due);
