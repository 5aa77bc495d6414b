/* SPDX-License-Identifier: BSD-2-Clause */
/* walk.h - a path walk under way: the VFS's own, between path.c and those who open and make files.
 *
 * The walk stands somewhere (at) and has text left to read.  A symbolic link in the middle of a
 * path puts the rest aside and goes on with the link's text.
 */
#pragma once

#include "vfs/path.h"

constexpr unsigned WALK_LINKS_MOST = 40; /* path_resolution(7): then ELOOP */

struct walk {
    struct path at;   /* referenced */
    struct path root; /* the boundary, referenced */
    unsigned flags;   /* LOOKUP_* */
    unsigned links;   /* followed up to now */
    const char *rest;
    bool is_directory_due; /* the name ended in a slash */
    unsigned depth;
    struct {
        const char *rest;    /* to go on with */
        struct inode *inode; /* the link whose text is being read, referenced */
        char *buffer;        /* or its text in a path buffer */
    } saved[WALK_LINKS_MOST];
};

/* Stand at the start of NAME.  -EBADF, -ENOTDIR, -ENOENT.  walk_end even after an error. */
[[nodiscard]] int walk_begin(struct walk *w, int dirfd, const char *name, unsigned flags);
void walk_end(struct walk *w);

/* All of the name. */
[[nodiscard]] int walk_to_end(struct walk *w);
/* All but the last component. */
[[nodiscard]] int walk_to_parent(struct walk *w, struct path_name *last);
/* One component more, that LAST tells, from the parent on: a symbolic link there is followed as
 * the flags say, so that the walk may have to go on: 1.  0: this was the end. */
[[nodiscard]] int walk_step(struct walk *w, const struct path_name *last);
/* Read the link INODE, at whose place the walk stands with its directory in AT, as the new rest. */
[[nodiscard]] int walk_follow(struct walk *w, struct inode *inode);

/* -EROFS if PATH is on a read-only mount or file system. */
[[nodiscard]] int path_may_change(const struct path *path);
