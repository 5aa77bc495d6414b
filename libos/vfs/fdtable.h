/* SPDX-License-Identifier: BSD-2-Clause */
/* fdtable.h - file descriptors: small numbers for open files.
 *
 * Shared by the threads that CLONE_FILES says; grows up to RLIMIT_NOFILE.  A number is free,
 * reserved (fd_alloc, until fd_install or fd_free) or open.
 */
#pragma once

#include <stdint.h>
#include "base/types.h"

struct file;

struct fd_table {
    uint32_t refs;
    uint32_t size;       /* numbers that fit; a multiple of 64 */
    uint32_t first_free; /* no free number lies below */
    struct file **files;
    uint64_t *used; /* reserved or open */
    uint64_t *cloexec;
};

struct fd_table *fd_table_create(void);                       /* NULL: no memory */
struct fd_table *fd_table_clone(const struct fd_table *from); /* NULL: no memory */
static inline struct fd_table *fd_table_get(struct fd_table *table)
{
    table->refs++;
    return table;
}
void fd_table_put(struct fd_table *table); /* the last one closes everything */
void fd_close_on_exec(struct fd_table *table);

/* Of the current thread. */
struct file *fd_get(int fd);     /* referenced; NULL: not open, or O_PATH */
struct file *fd_get_any(int fd); /* O_PATH too */
[[nodiscard]] int fd_alloc(unsigned first, unsigned flags); /* O_CLOEXEC; -EMFILE, -ENOMEM */
void fd_free(int fd);                       /* an fd_alloc that is not going to be installed */
void fd_install(int fd, struct file *file); /* takes over the reference */
/* fd_alloc and fd_install; drops FILE if it fails. */
[[nodiscard]] int fd_open(struct file *file, unsigned flags);
[[nodiscard]] int fd_close(int fd); /* -EBADF, or flush's error */
/* dup2(2): NEW refers to FILE (reference taken) from now on. */
[[nodiscard]] int fd_replace(struct fd_table *table, int fd, struct file *file, unsigned flags);

/* Another process's, for procfs: no reference, NULL if not open. */
struct file *fd_table_file(const struct fd_table *table, unsigned fd);
bool fd_table_is_cloexec(const struct fd_table *table, unsigned fd);
void fd_table_set_cloexec(struct fd_table *table, unsigned fd, bool value);
/* The first open number >= FROM; -1: none. */
int fd_table_next(const struct fd_table *table, unsigned from);
