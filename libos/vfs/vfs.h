/* SPDX-License-Identifier: BSD-2-Clause */
/* vfs.h - start of the VFS, and what a name can be made to mean.
 *
 * The operations below are what the system calls of the same names do once their arguments
 * are in libOS memory.  They check permission as the current thread.
 */
#pragma once

#include <stdint.h>
#include "base/types.h"
#include "vfs/file.h"
#include "vfs/path.h"

struct file;
struct inode;

/* Root tmpfs and the tables.  Before anything else of the VFS. */
void vfs_init(void);

/* Unpack the cpio archives (newc; each may be gzip-compressed) at DATA, in the page window, into
 * the root.  The frames under DATA pass to the VFS: those that hold whole pages of files stay with
 * them, the others are freed.  -EINVAL: no archive, or a broken one (a log line says where);
 * -ENOMEM. */
[[nodiscard]] int initramfs_load(const void *data, uint64_t n);

[[nodiscard]] int vfs_mkdir(int dirfd, const char *name, uint32_t mode);
[[nodiscard]] int vfs_mknod(int dirfd, const char *name, uint32_t mode, uint64_t rdev);
[[nodiscard]] int vfs_symlink(const char *target, int dirfd, const char *name);
[[nodiscard]] int vfs_link(int old_dirfd, const char *old, int new_dirfd, const char *new,
                           unsigned at_flags);
[[nodiscard]] int vfs_unlink(int dirfd, const char *name);
[[nodiscard]] int vfs_rmdir(int dirfd, const char *name);
[[nodiscard]] int vfs_rename(int old_dirfd, const char *old, int new_dirfd, const char *new,
                             unsigned flags);
/* A symbolic link's text into TO, cut to SIZE, without NUL; the length. */
[[nodiscard]] ssize_t vfs_readlink(const struct path *path, char *to, size_t size);
[[nodiscard]] int vfs_truncate(struct inode *inode, uint64_t size);
[[nodiscard]] int vfs_chmod(const struct path *path, uint32_t mode);
/* UINT32_MAX leaves an id as it is. */
[[nodiscard]] int vfs_chown(const struct path *path, uint32_t uid, uint32_t gid);
/* Access and modification time; nsec may be UTIME_NOW or UTIME_OMIT; TIMES NULL: both now. */
[[nodiscard]] int vfs_utimes(const struct path *path, const struct timespec64 *times);

/* Make a device or directory at the absolute PATH for the libOS itself: no rights are checked. */
[[nodiscard]] int vfs_make_node(const char *path, uint32_t mode, uint64_t rdev, uint32_t uid,
                                uint32_t gid);

/* A tmpfs file without a name: shared anonymous memory, memfd.  NAME appears in /proc
 * ("/dev/zero (deleted)", "/memfd:x (deleted)"). */
[[nodiscard]] int tmpfs_create_unlinked(const char *name, uint64_t size, struct file **file);
