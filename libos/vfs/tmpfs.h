/* SPDX-License-Identifier: BSD-2-Clause */
/* tmpfs.h - the file system in memory: names in the dentry table, contents in the page cache. */
#pragma once

#include <stddef.h>
#include <stdint.h>

struct file_ops;
struct inode;
struct super;

void tmpfs_init(void);
/* Pages that an instance without a size option may fill, from now on: half of what is free. */
void tmpfs_limit(struct super *super);
/* A file, FIFO, socket, device or directory of SUPER without a name, nlink 1 (directory: 2).
 * NULL: no memory. */
struct inode *tmpfs_inode_create(struct super *super, uint32_t mode, uint64_t rdev);

struct tmpfs_options {
    uint64_t pages_max, inodes_max; /* 0: no limit */
    uint32_t mode, uid, gid;
};
/* mount(2)'s option string (tmpfs(5)); what DATA does not name stays.  -EINVAL. */
[[nodiscard]] int tmpfs_options_parse(const char *data, struct tmpfs_options *options);

extern const struct file_ops tmpfs_file_ops; /* tmpfs_file.c */
extern const struct file_ops tmpfs_dir_ops;  /* tmpfs_dir.c */
