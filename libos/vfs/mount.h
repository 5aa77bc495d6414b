/* SPDX-License-Identifier: BSD-2-Clause */
/* mount.h - the tree of mounts.
 *
 * A mount shows a super, from one of its dentries downwards, at a mount point: a dentry of
 * the parent mount.  Several on one point stack up, the last on top.  There is one tree
 * for each mount namespace.
 */
#pragma once

#include <stdint.h>
#include "base/list.h"
#include "base/types.h"
#include "vfs/path.h"

struct filesystem;
struct super;

struct mount {
    uint32_t refs; /* one for being in the tree */
    uint32_t id;
    unsigned flags; /* MS_NOSUID, MS_NODEV, MS_NOEXEC, MS_RDONLY, MS_NOATIME ... */
    struct super *super;
    struct dentry *root;
    struct mount *parent; /* NULL: the root mount, or out of the tree */
    struct dentry *mountpoint;
    char *source;              /* first column of /proc/mounts */
    struct list_node node;     /* on the list of all, each after the one it stands on */
    struct mount *copied_from; /* during a recursive bind */
    bool expire_marked;        /* umount2(2), MNT_EXPIRE */
};

extern struct list_node mount_all; /* struct mount.node; for /proc/PID/mounts */
extern struct path root_path;      /* what / is at the start */

static inline struct mount *mount_get(struct mount *mount)
{
    mount->refs++;
    return mount;
}
void mount_put(struct mount *mount);

/* A mount of SUPER (reference taken) outside of any tree, for anonymous files.  NULL: no memory. */
struct mount *mount_create_internal(struct super *super);

/* The root of everything, at the start.  -ENOMEM. */
[[nodiscard]] int mount_first(const char *source, const struct filesystem *fs);

/* The topmost mount whose mount point is PATH; NULL: none. */
struct mount *mount_at(const struct path *path);
/* Step from PATH onto what is mounted on it, as often as it applies.  Moves the references. */
void mount_cross_down(struct path *path);
/* From a mount's root to its mount point, as often as it applies; false at the very top. */
bool mount_cross_up(struct path *path);

/* mount(2), umount2(2), pivot_root(2) with names resolved.  Rights were checked. */
[[nodiscard]] int mount_new(const char *source, const struct path *on, const char *type,
                            unsigned long flags, const char *data);
[[nodiscard]] int mount_bind(const struct path *from, const struct path *on, bool recursive);
[[nodiscard]] int mount_move(const struct path *from, const struct path *on);
[[nodiscard]] int mount_remount(const struct path *path, unsigned long flags, const char *data);
[[nodiscard]] int mount_remove(const struct path *path, unsigned flags);
[[nodiscard]] int mount_pivot(const struct path *new_root, const struct path *put_old);

/* A tree of its own for a mount namespace: a copy of all that the tree of ROOT has.  ROOT and CWD,
 * which are referenced, become the same places of the copy.  *TOP: a mount of it, referenced. */
[[nodiscard]] int mount_tree_copy(struct path *root, struct path *cwd, struct mount **top);
/* Take the tree that MOUNT stands in down; MOUNT is put. */
void mount_tree_drop(struct mount *mount);
/* The root of the tree that MOUNT stands in (NULL: the first tree), referenced. */
void mount_tree_root(struct mount *mount, struct path *root);

/* pivot_root(2)'s change of the tree: NEW takes the place of OLD, which goes to PUT_OLD on NEW. */
void mount_swap_root(struct mount *old, struct mount *new, const struct path *put_old);

/* Mount TYPE at the absolute path ON, by the libOS itself. */
[[nodiscard]] int vfs_mount(const char *source, const char *on, const char *type,
                            unsigned long flags, const char *data);
/* The options column of /proc/mounts ("rw,nosuid,size=1k"). */
void mount_options(const struct mount *mount, char *to, size_t size);
/* One line of /proc/PID/mounts without the newline, or of mountinfo; false: not below ROOT. */
bool mount_line(struct mount *mount, const struct path *root, char *to, size_t size);
bool mount_info_line(struct mount *mount, const struct path *root, char *to, size_t size);
