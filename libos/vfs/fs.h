/* SPDX-License-Identifier: BSD-2-Clause */
/* fs.h - file systems and their instances.
 *
 * A file system is a table of operations in a file of its own, registered under the name
 * that mount(2) uses.  Mounting makes (or finds) a super: one instance with its root dentry.
 */
#pragma once

#include <stdint.h>
#include "base/list.h"
#include "base/types.h"

struct dentry;
struct inode;
struct super;

struct fs_stats { /* statfs(2) */
    uint64_t type, block_bytes, blocks, blocks_free, blocks_available, files, files_free;
    uint64_t name_max;
};

struct super_ops {
    void (*evict)(struct inode *inode);   /* the last reference is gone: free inode->private */
    void (*destroy)(struct super *super); /* the last reference is gone: free super->private */
    int (*statfs)(struct super *super, struct fs_stats *stats);
    int (*remount)(struct super *super, unsigned flags, const char *data);
    /* Append what /proc/mounts shows after the common options (",size=..."), as snprintf. */
    int (*show_options)(struct super *super, char *to, size_t size);
};

struct filesystem {
    const char *name;
    bool needs_device; /* /proc/filesystems shows "nodev" for the others */
    /* A referenced super for SOURCE and DATA (option string or NULL). */
    int (*mount)(const struct filesystem *fs, const char *source, unsigned flags, const char *data,
                 struct super **super);
    struct list_node node;
};

struct super {
    uint32_t refs;
    uint64_t dev;   /* st_dev of its files */
    uint64_t magic; /* f_type of statfs(2) */
    unsigned flags; /* MS_RDONLY ... of <linux/mount.h> that belong to the instance */
    const struct filesystem *fs;
    const struct super_ops *ops;
    struct dentry *root; /* referenced */
    bool has_xattrs;     /* its files have extended attributes, kept in memory: xattr.c */
    uint64_t next_ino;
    uint64_t pages, pages_max;   /* data pages in use; limit, 0: none */
    uint64_t inodes, inodes_max; /* likewise */
    void *private;
};

void filesystem_register(struct filesystem *fs);
const struct filesystem *filesystem_find(const char *name);
/* Call VISIT for each in the order of registration, until it returns non-zero. */
int filesystem_for_each(int (*visit)(const struct filesystem *fs, void *arg), void *arg);

/* A super without a root, one reference, with a device number of its own.  NULL: no memory. */
struct super *super_create(const struct filesystem *fs, const struct super_ops *ops,
                           uint64_t magic);
struct super *super_get(struct super *super);
void super_put(struct super *super);

/* Account COUNT data pages to SUPER; -ENOSPC when its limit forbids. */
[[nodiscard]] int super_charge(struct super *super, uint64_t count);
void super_uncharge(struct super *super, uint64_t count);
