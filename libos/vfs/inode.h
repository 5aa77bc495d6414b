/* SPDX-License-Identifier: BSD-2-Clause */
/* inode.h - a file as such: its attributes, its pages, its operations.
 *
 * Held by dentries and open files through references; when the last goes, the inode is
 * evicted and its pages are freed.  A file system keeps an inode alive through the dentries
 * that it pins (tmpfs) or makes it anew at each lookup (procfs).
 */
#pragma once

#include <stdint.h>
#include "base/list.h"
#include "base/types.h"
#include "linux-api/abi.h"
#include "vfs/pagecache.h"

struct cred;
struct dentry;
struct file;
struct file_ops;
struct inode;
struct path;
struct pipe;
struct super;

enum {
    MAY_EXEC = 1,
    MAY_WRITE = 2,
    MAY_READ = 4,
};

/* What setattr changes (VALID says which). */
enum {
    ATTR_MODE = 1,
    ATTR_UID = 2,
    ATTR_GID = 4,
    ATTR_SIZE = 8,
    ATTR_ATIME = 16,
    ATTR_MTIME = 32,
};

struct attr {
    unsigned valid;
    uint32_t mode, uid, gid;
    uint64_t size;
    struct timespec64 atime, mtime;
};

/* What stat(2) and statx(2) tell. */
struct kstat {
    uint64_t dev, ino, rdev, size, blocks, attributes;
    uint32_t mode, nlink, uid, gid, block_bytes;
    struct timespec64 atime, mtime, ctime, btime;
};

/* Operations on directories get a DENTRY that stands in its directory's table under its name:
 * negative for those that make something, positive for the others.  A NULL operation means what
 * Linux means: EPERM for making things, nothing special elsewhere. */
struct inode_ops {
    /* Find DENTRY's name in DIR: dentry_set_inode if it exists, leave it negative if not.
     * NULL: the dentry table knows all names of this directory (tmpfs). */
    int (*lookup)(struct inode *dir, struct dentry *dentry);
    /* May a dentry found in the table still be used?  NULL: yes. */
    bool (*revalidate)(struct inode *dir, struct dentry *dentry);
    /* Make a file of any type but directory and symbolic link (open's O_CREAT too). */
    int (*mknod)(struct inode *dir, struct dentry *dentry, uint32_t mode, uint64_t rdev);
    int (*mkdir)(struct inode *dir, struct dentry *dentry, uint32_t mode);
    int (*symlink)(struct inode *dir, struct dentry *dentry, const char *target);
    int (*link)(struct inode *inode, struct inode *dir, struct dentry *dentry);
    int (*unlink)(struct inode *dir, struct dentry *dentry);
    int (*rmdir)(struct inode *dir, struct dentry *dentry);
    /* NEW is negative or is replaced; FLAGS: RENAME_EXCHANGE only. */
    int (*rename)(struct inode *old_dir, struct dentry *old, struct inode *new_dir,
                  struct dentry *new, unsigned flags);
    /* An unlinked regular file (O_TMPFILE). */
    int (*tmpfile)(struct inode *dir, uint32_t mode, struct inode **inode);

    /* A symbolic link's text into TO, not ended by NUL, cut to SIZE; the length.  Not needed if
     * inode->link holds the text. */
    ssize_t (*readlink)(struct inode *inode, char *to, size_t size);
    /* Magic links (/proc/PID/fd/N): the object itself, referenced, instead of a text. */
    int (*follow)(struct inode *inode, struct path *to);

    int (*permission)(struct inode *inode, unsigned may); /* NULL: inode_permission_generic */
    int (*setattr)(struct inode *inode, const struct attr *attr);
    int (*getattr)(struct inode *inode, struct kstat *stat); /* NULL: inode_stat_generic */
};

enum {
    INODE_NO_NODE_OPS = 1, /* not a device or FIFO in spite of its type: keep fops at open */
    INODE_LINKABLE = 2,    /* may get a name although it has none (O_TMPFILE) */
};

struct inode {
    uint32_t refs;
    uint32_t mode; /* type and permissions */
    uint32_t uid, gid;
    uint32_t nlink;
    uint32_t flags;
    uint64_t ino;
    uint64_t rdev;
    uint64_t size;
    uint64_t blocks; /* of 512 bytes, beside the cached pages */
    struct timespec64 atime, mtime, ctime, btime;
    const struct inode_ops *ops;
    const struct file_ops *fops;
    struct super *super;
    struct pagecache pages;
    struct list_node mappings; /* VMAs of this file; mm/ keeps it */
    struct list_node twins;    /* pages with patched calls: mm/patch.c keeps it */
    struct list_node locks;    /* struct file_lock: POSIX, OFD and flock */
    struct list_node watches;  /* inotify */
    struct list_node xattrs;   /* xattr.c keeps it */
    int32_t writers;           /* > 0: open for writing; < 0: being executed (ETXTBSY) */
    uint32_t seals;            /* F_SEAL_* */
    uint64_t version;          /* of a directory: changes with its entries */
    struct pipe *pipe;         /* of a FIFO while it is open */
    const char *link;          /* a symbolic link's text, if it is fixed; the file system's */
    void *private;             /* the file system's */
};

/* A fresh inode of SUPER: one reference, nlink 1, owned by uid and gid 0, times now, next number.
 * NULL: no memory. */
struct inode *inode_create(struct super *super, uint32_t mode);
static inline struct inode *inode_get(struct inode *inode)
{
    inode->refs++;
    return inode;
}
void inode_put(struct inode *inode); /* NULL is fine */

/* The owner, group and mode of something made by the current thread in DIR: set-group-ID
 * directories hand their group down (inode(7)).  UMASK has been applied already. */
void inode_init_owner(struct inode *inode, const struct inode *dir, uint32_t mode);

/* May the current thread do MAY_* to INODE?  0, -EACCES, -EROFS (no device, read-only). */
[[nodiscard]] int inode_permission(struct inode *inode, unsigned may);
[[nodiscard]] int inode_permission_generic(struct inode *inode, unsigned may);
/* The same by the real uid and gid (access(2)) or for another credential. */
[[nodiscard]] int inode_permission_as(struct inode *inode, unsigned may, const struct cred *cred);
/* Does the current thread own INODE, or may it act as if (CAP_FOWNER)? */
bool inode_is_owner(const struct inode *inode);

int inode_stat(struct inode *inode, struct kstat *stat);
void inode_stat_generic(struct inode *inode, struct kstat *stat);
/* Apply ATTR as it stands; permission has been checked. */
void inode_setattr_generic(struct inode *inode, const struct attr *attr);

/* The content changes: take the set-id bits away, unless the current thread may keep them. */
void inode_drop_setid(struct inode *inode);

struct timespec64 inode_now(void);
void inode_touch_atime(struct inode *inode);
void inode_touch_mtime(struct inode *inode); /* and ctime */
void inode_touch_ctime(struct inode *inode);

/* Executing: no writer may open the file meanwhile.  -ETXTBSY.  mm/ and exec/ use these. */
[[nodiscard]] int inode_deny_write(struct inode *inode);
void inode_allow_write(struct inode *inode);
