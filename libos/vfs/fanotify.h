/* SPDX-License-Identifier: BSD-2-Clause */
/* fanotify.h - fanotify(7): groups that are told of opening, reading, writing and closing.
 *
 * A group is a file from which events are read, each with a descriptor of its object.  A mark says
 * of what a group wants to hear: an inode, a mount or a file system.  Marks hold the inode, but
 * neither mount nor file system: when those go, so do their marks.
 * Only notifications: a group cannot permit or refuse, and events do not carry file handles.
 */
#pragma once

#include <stdint.h>

struct file;
struct inode;
struct mount;
struct path;
struct super;

/* MASK (FAN_ACCESS ..., which are inotify's IN_ACCESS ...) happened to FILE.  Costs one look where
 * nothing is marked. */
void fanotify_tell(struct file *file, uint32_t mask);

/* What marks stood on is gone. */
void fanotify_inode_gone(struct inode *inode);
void fanotify_mount_gone(const struct mount *mount);
void fanotify_super_gone(const struct super *super);

/* fanotify_init(2): FLAGS and EVENT_FLAGS have been checked. */
[[nodiscard]] int fanotify_create_file(uint32_t flags, uint32_t event_flags, struct file **file);
bool file_is_fanotify(const struct file *file);

enum fanotify_kind {
    FANOTIFY_INODE,
    FANOTIFY_MOUNT,
    FANOTIFY_SUPER
};
/* Add MASK to the mark of GROUP on what of KIND is at PATH, or take it away; IGNORED: to or from
 * what is ignored.  SURVIVES: the ignored mask outlives a change of the file.
 * 0, -ENOMEM, -ENOSPC, -ENOENT (nothing to take from). */
[[nodiscard]] int fanotify_mark_add(struct file *group, enum fanotify_kind kind,
                                    const struct path *path, uint32_t mask, bool ignored,
                                    bool survives);
[[nodiscard]] int fanotify_mark_remove(struct file *group, enum fanotify_kind kind,
                                       const struct path *path, uint32_t mask, bool ignored);
/* All marks of KIND of GROUP go. */
void fanotify_flush(struct file *group, enum fanotify_kind kind);
