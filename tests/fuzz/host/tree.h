/* SPDX-License-Identifier: BSD-2-Clause */
/* tree.h - the file tree of a target that works on the VFS (over tests/unit/fake_vfs.h). */
#pragma once

/* Does each inode below the root have as many names as it says? */
void tree_check(void);

/* Remove everything below the root, which must hold no mounts. */
void tree_empty(void);

/* Go to the directory NAME; false: it cannot be entered. */
bool tree_enter(const char *name);
