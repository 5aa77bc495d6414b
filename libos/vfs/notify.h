/* SPDX-License-Identifier: BSD-2-Clause */
/* notify.h - telling inotify(7) what happens to files.
 *
 * Each costs one look at an empty list where nobody watches.
 */
#pragma once

#include <linux/inotify.h>
#include <stddef.h>
#include <stdint.h>
#include "base/setting.h"

struct dentry;
struct file;
struct inode;

/* Watches of inotify(7) and marks of fanotify(7) that there are: 0 makes telling free. */
extern unsigned notify_watches, fanotify_marks;

/* MASK (IN_*) happened to FILE: its watchers and those of its directory are told. */
void notify_file_tell(struct file *file, uint32_t mask);
static inline void notify_file(struct file *file, uint32_t mask)
{
    if (notify_watches | fanotify_marks)
        notify_file_tell(file, mask);
}
void notify_opened(struct file *file);
void notify_closed(struct file *file);
/* To what DENTRY leads to. */
void notify_dentry(struct dentry *dentry, uint32_t mask);
/* An entry of DIR, N bytes of NAME, came or went; MASK has IN_ISDIR if it is a directory. */
void notify_entry(struct inode *dir, const char *name, size_t n, uint32_t mask, uint32_t cookie);
/* To INODE itself. */
void notify_inode(struct inode *inode, uint32_t mask);
/* INODE is gone. */
void notify_inode_gone(struct inode *inode);
/* A number that joins IN_MOVED_FROM and IN_MOVED_TO. */
uint32_t notify_next_cookie(void);

/* inotify(7). */
/* fs.inotify.* of proc(5): of a queue, and of a user. */
extern struct setting notify_events_most, notify_instances_most, notify_watches_most;
/* -EMFILE: the user has too many.  -ENOMEM. */
[[nodiscard]] int notify_create_file(uint32_t flags, struct file **file);
bool file_is_notify(const struct file *file);
[[nodiscard]] int notify_watch_add(struct file *notify, struct inode *inode, uint32_t mask);
[[nodiscard]] int notify_watch_remove(struct file *notify, int watch);
