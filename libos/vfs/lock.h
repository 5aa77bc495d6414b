/* SPDX-License-Identifier: BSD-2-Clause */
/* lock.h - advisory locks: fcntl(2) record locks, open file description locks, flock(2).
 *
 * Record locks belong to a descriptor table (a process, as Linux sees it) and go when it closes
 * any descriptor of the file; the others belong to the open file and go with it.
 */
#pragma once

#include <stdint.h>
#include "base/types.h"

struct fd_table;
struct file;
struct inode;

struct flock;

/* fcntl(2): F_GETLK, F_SETLK, F_SETLKW and the F_OFD_ ones, with LOCK in libOS memory. */
[[nodiscard]] int lock_record(struct file *file, int command, struct flock *lock);
/* flock(2): LOCK_SH, LOCK_EX or LOCK_UN, perhaps with LOCK_NB. */
[[nodiscard]] int lock_whole(struct file *file, int operation);

/* A descriptor of FILE was closed in TABLE. */
void lock_table_closed(struct fd_table *table, struct file *file);
/* FILE is closed for good. */
void lock_file_closed(struct file *file);
/* A line of /proc/locks. */
struct lock_shown {
    unsigned number;  /* of the lock, which those who wait for it have, too */
    bool waits;       /* somebody wants it */
    const char *kind; /* POSIX, OFDLCK, FLOCK */
    bool for_writing;
    int pid; /* -1: an open file has it */
    const struct inode *inode;
    uint64_t first, last; /* INT64_MAX: the end, however far */
};
void lock_for_each(void (*show)(const struct lock_shown *l, void *arg), void *arg);
/* INODE is gone: nobody can hold a lock on it any more. */
void lock_inode_gone(struct inode *inode);
