/* SPDX-License-Identifier: BSD-2-Clause */
/* fs_context.h - a process's root, current directory and umask (CLONE_FS shares them). */
#pragma once

#include <stdint.h>
#include "vfs/path.h"

struct fs_context {
    uint32_t refs;
    uint32_t umask;
    struct path root, cwd; /* referenced */
};

struct fs_context *fs_context_create(void); /* the root of all mounts, umask 022; NULL: no memory */
struct fs_context *fs_context_clone(const struct fs_context *from);
static inline struct fs_context *fs_context_get(struct fs_context *fs)
{
    fs->refs++;
    return fs;
}
void fs_context_put(struct fs_context *fs);                              /* NULL is fine */
void fs_context_set_cwd(struct fs_context *fs, const struct path *path); /* takes references */
void fs_context_set_root(struct fs_context *fs, const struct path *path);
