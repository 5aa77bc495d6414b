/* SPDX-License-Identifier: BSD-2-Clause */
/* file.h - open files.
 *
 * One struct file per open(2) (an "open file description"), shared by the descriptors that
 * dup and fork make.  It holds its path and inode; release runs when the last reference goes.
 */
#pragma once

#include <linux/fcntl.h>
#include <stdint.h>
#include "base/list.h"
#include "base/types.h"
#include "vfs/iter.h"
#include "vfs/path.h"
#include "vfs/poll.h"

struct file;
struct inode;
struct pipe;
struct super;
struct vma;

/* Receives directory entries; pos is the cookie of the next entry wanted. */
struct dir_sink {
    loff_t pos;
    /* false: no room, stop (the entry was not taken).  TYPE is a DT_* value. */
    bool (*emit)(struct dir_sink *sink, const char *name, size_t n, uint64_t ino, unsigned type);
};

enum {
    FOP_STREAM = 1, /* no position: lseek and pread say ESPIPE */
    FOP_NOWAIT = 2, /* never sleeps: a regular file in poll's eyes */
    FOP_NOPASS = 4, /* no SCM_RIGHTS (unix(7)): what it holds could hold the message */
};

struct file_ops {
    unsigned flags;
    ssize_t (*read)(struct file *file, struct iter *to, loff_t *pos);
    ssize_t (*write)(struct file *file, struct iter *from, loff_t *pos);
    uint32_t (*poll)(struct file *file, struct poll_table *table);
    long (*ioctl)(struct file *file, unsigned cmd, uaddr_t arg); /* -ENOTTY: not known */
    /* Prepare VMA for mapping the file; NULL: ENODEV.  Files with pages use file_mmap_generic. */
    int (*mmap)(struct file *file, struct vma *vma);
    void (*unmapped)(struct file *file); /* a range that mapped it is gone */
    int (*open)(struct inode *inode, struct file *file);
    void (*release)(struct file *file);
    int (*flush)(struct file *file); /* at each close of a descriptor */
    loff_t (*llseek)(struct file *file, loff_t offset, int whence);
    /* Give entries from sink->pos on to sink->emit and advance sink->pos past each taken. */
    int (*iterate)(struct file *file, struct dir_sink *sink);
    int (*fsync)(struct file *file, bool data_only);
    long (*fallocate)(struct file *file, int mode, loff_t offset, loff_t n);
    /* Move up to N bytes from FILE into a pipe without a user buffer (splice(2)); NULL: copied. */
    ssize_t (*splice_read)(struct file *file, loff_t *pos, struct pipe *pipe, size_t n,
                           unsigned flags);
    /* Lines of /proc/PID/fdinfo/N after the common ones, as snprintf. */
    int (*show_fdinfo)(struct file *file, char *to, size_t size);
};

enum {
    FILE_READ = 1,
    FILE_WRITE = 2,
    FILE_PATH = 4,           /* O_PATH: names a place, cannot be used as a file */
    FILE_COUNTED_WRITER = 8, /* stands in inode->writers */
    FILE_QUIET = 16,         /* nobody is told of what happens through it */
};

/* fcntl(2) F_SETOWN, F_SETSIG. */
struct file_owner {
    int32_t type; /* F_OWNER_TID, F_OWNER_PID, F_OWNER_PGRP */
    int32_t id;   /* 0: nobody */
    int32_t signal;
};

struct file {
    uint32_t refs;
    uint32_t flags; /* O_* as F_GETFL shows them */
    uint32_t mode;  /* FILE_* */
    loff_t pos;
    struct path path;
    struct inode *inode; /* path.dentry's, held by it */
    const struct file_ops *ops;
    void *private;
    struct file_owner owner;
    struct list_node watchers; /* epoll items that watch this file */
    uint64_t dir_version;      /* a directory's last position, valid for this version of it */
    struct dentry *dir_next;
};

static inline struct file *file_get(struct file *file)
{
    file->refs++;
    return file;
}
void file_end(struct file *file);              /* its last reference goes: for file_put */
static inline void file_put(struct file *file) /* NULL is fine */
{
    if (file && --file->refs == 0)
        file_end(file);
}

/* An open file for PATH (references taken) with OPS; one reference.  NULL: no memory. */
struct file *file_create(const struct path *path, uint32_t flags, const struct file_ops *ops);

/* A file that no directory knows; NAME as /proc/self/fd shows it, with * for the inode number:
 * "pipe:[*]", "anon_inode:[eventfd]".  FLAGS: access mode, O_NONBLOCK.  0 or -ENOMEM. */
[[nodiscard]] int file_create_anon(const char *name, const struct file_ops *ops, void *private,
                                   uint32_t flags, struct file **file);

/* Open by place: permission is checked against flags' access mode.  PATH keeps its references. */
[[nodiscard]] int file_open_path(const struct path *path, uint32_t flags, struct file **file);
/* The same on behalf of the libOS itself: without asking for permission, and nobody is told of
 * this or of what happens through the file (fanotify(7)). */
[[nodiscard]] int file_open_quietly(const struct path *path, uint32_t flags, struct file **file);
/* open(2): NAME resolved against DIRFD, made if O_CREAT (MODE before umask). */
[[nodiscard]] int vfs_open_at(int dirfd, const char *name, uint32_t flags, uint32_t mode,
                              unsigned lookup, struct file **file);
/* For exec and the libOS itself: NAME is libOS memory, resolved as the current process would. */
[[nodiscard]] int file_open_kernel(const char *name, uint32_t flags, struct file **file);
/* For exec: regular, executable for the caller, not on a noexec mount.  -EACCES, -ETXTBSY is the
 * caller's matter (inode_deny_write). */
[[nodiscard]] int file_open_exec(int dirfd, const char *name, unsigned lookup, struct file **file);

/* Read or write libOS memory at OFFSET, without moving pos. */
ssize_t file_read_kernel(struct file *file, void *to, size_t n, loff_t offset);
ssize_t file_write_kernel(struct file *file, const void *from, size_t n, loff_t offset);
/* With an iterator, as read(2) and write(2) do: checks mode, limits and advances *POS. */
ssize_t file_read_iter(struct file *file, struct iter *to, loff_t *pos);
ssize_t file_write_iter(struct file *file, struct iter *from, loff_t *pos);
/* What read(2) uses: the file's own position, or none for a stream. */
loff_t *file_position(struct file *file, loff_t *none);

/* Generic operations. */
ssize_t file_read_pages(struct file *file, struct iter *to, loff_t *pos); /* from the page cache */
ssize_t file_write_pages(struct file *file, struct iter *from, loff_t *pos);
/* How many of N bytes at POS RLIMIT_FSIZE allows (setrlimit(2)); none: -EFBIG, with SIGXFSZ. */
int64_t file_within_limit(uint64_t pos, uint64_t n);
int file_mmap_generic(struct file *file, struct vma *vma);
loff_t file_seek_generic(struct file *file, loff_t offset, int whence); /* SEEK_SET, CUR, END */
loff_t file_seek_none(struct file *file, loff_t offset, int whence);    /* -ESPIPE */
bool dir_emit_dots(struct file *dir, struct dir_sink *sink);            /* false: no room */

/* SIGIO to the owner, if O_ASYNC is set. */
void file_notify_owner(struct file *file);

/* Devices: OPS serve character devices MAJOR:FIRST .. FIRST+COUNT-1 from now on; their open gets
 * the inode (rdev) and the file.  -EBUSY: taken; -ENOMEM. */
[[nodiscard]] int vfs_register_chrdev(uint32_t major, uint32_t first, uint32_t count,
                                      const struct file_ops *ops);
