/* SPDX-License-Identifier: BSD-2-Clause */
/* anon.h - places for files that no directory knows. */
#pragma once

#include <stdint.h>
#include "vfs/path.h"

struct inode;

void anon_init(void);

/* A fresh inode with MODE at a place of its own; NAME's * becomes the inode number.  Pipes,
 * sockets and all else live in file systems of their own, as fstatfs(2) shows.  *PATH is referenced. */
enum anon_kind {
    ANON_PIPE,
    ANON_INODE,
    ANON_SOCKET,
    ANON_KINDS
};
/* Is it one of KIND? */
bool anon_is(enum anon_kind kind, const struct inode *inode);
[[nodiscard]] int anon_create(enum anon_kind kind, const char *name, uint32_t mode,
                              struct path *path);
