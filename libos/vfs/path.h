/* SPDX-License-Identifier: BSD-2-Clause */
/* path.h - from names to dentries (path_resolution(7)) and back.
 *
 * A path is a place: a dentry and the mount through which it is seen.  Walks hold
 * references on where they stand, follow at most 40 symbolic links and never leave
 * the caller's root.
 */
#pragma once

#include <linux/fcntl.h>
#include <linux/limits.h>
#include <stdint.h>
#include "base/types.h"

struct dentry;
struct inode;
struct mount;

struct path {
    struct mount *mount;
    struct dentry *dentry;
};

enum {
    LOOKUP_FOLLOW = 1,      /* follow a symbolic link at the end */
    LOOKUP_DIRECTORY = 2,   /* the end must be a directory */
    LOOKUP_EMPTY = 4,       /* an empty name means dirfd itself (AT_EMPTY_PATH) */
    LOOKUP_NO_SYMLINKS = 8, /* RESOLVE_NO_SYMLINKS */
    LOOKUP_NO_MAGIC = 16,   /* RESOLVE_NO_MAGICLINKS */
    LOOKUP_NO_XDEV = 32,    /* RESOLVE_NO_XDEV */
    LOOKUP_BENEATH = 64,    /* RESOLVE_BENEATH */
    LOOKUP_IN_ROOT = 128,   /* RESOLVE_IN_ROOT */
};

/* The last component of a walk to a parent. */
enum path_last {
    LAST_NORMAL,
    LAST_DOT,
    LAST_DOTDOT,
    LAST_ROOT
};

struct path_name {
    const char *name; /* within the text that was walked */
    size_t bytes;
    enum path_last kind;
    bool trailing_slash;
};

void path_get(const struct path *path);
void path_put(const struct path *path); /* a zeroed path is fine */
struct inode *path_inode(const struct path *path);
static inline bool path_is_same(const struct path *a, const struct path *b)
{
    return a->mount == b->mount && a->dentry == b->dentry;
}

/* Resolve NAME against DIRFD (AT_FDCWD: the current directory).  *TO is referenced. */
[[nodiscard]] int path_lookup(int dirfd, const char *name, unsigned flags, struct path *to);
/* All but the last component: *PARENT (a directory, referenced) and LAST. */
[[nodiscard]] int path_lookup_parent(int dirfd, const char *name, unsigned flags,
                                     struct path *parent, struct path_name *last);
/* By absolute path from the root of all mounts, for the libOS's own use. */
[[nodiscard]] int path_lookup_kernel(const char *name, unsigned flags, struct path *to);

/* PATH as text, as seen from ROOT: the start of the text within BUFFER (it is built from the end),
 * with " (deleted)" and "(unreachable)" as getcwd(2) and proc(5) have them.  Negative errno:
 * -ENAMETOOLONG. */
[[nodiscard]] int path_to_string(const struct path *path, const struct path *root, char *buffer,
                                 size_t size, char **text);

/* A buffer of PATH_MAX bytes for a name; a few are kept at hand. */
char *path_buffer_get(void); /* NULL: no memory */
void path_buffer_put(char *buffer);
/* A name from user memory into a path buffer.  -EFAULT, -ENAMETOOLONG, -ENOENT (empty, unless
 * LOOKUP_EMPTY is in FLAGS), -ENOMEM. */
[[nodiscard]] int path_from_user(uaddr_t name, unsigned flags, char **buffer);
