/* SPDX-License-Identifier: BSD-2-Clause */
/* dentry.h - names: a directory's entry and what it leads to.
 *
 * All dentries stand in one hash table by (parent, name).  Life of a dentry: made negative by
 * a walk that found no such name; made positive by lookup or creation (dentry_set_inode); off
 * the table once unlinked, yet alive while somebody stands on it (an open file, a cwd), keeping
 * its name for /proc.  It goes when its last reference goes.  A file system that has its names
 * nowhere else pins them (dentry_pin), which is one more reference.  A dentry holds references
 * on its parent and its inode.
 */
#pragma once

#include <stdint.h>
#include "base/list.h"
#include "base/types.h"

struct inode;
struct super;

enum {
    DENTRY_HASHED = 1,
    DENTRY_PINNED = 2,
    DENTRY_ANONYMOUS = 4, /* no place in any tree: its name is the whole path ("pipe:[12]") */
};

struct dentry {
    uint32_t refs;
    uint16_t flags;
    uint16_t name_bytes;
    uint32_t hash;
    uint32_t mounts;       /* mounts whose mount point this is */
    struct dentry *parent; /* itself for a root */
    struct inode *inode;   /* NULL: negative */
    struct super *super;
    struct list_node hash_node;
    struct list_node sibling; /* on parent->children, by rising cookie */
    struct list_node children;
    uint64_t cookie;      /* position in the directory, from 2 */
    uint64_t next_cookie; /* of the next child */
    char *name;           /* short_name or from the heap, ended by NUL */
    char short_name[40];
};

/* A root for SUPER; takes over the caller's reference on INODE, even when it fails (NULL). */
struct dentry *dentry_create_root(struct super *super, struct inode *inode);
/* A dentry that is in no directory; takes over the reference on INODE likewise. */
struct dentry *dentry_create_anonymous(struct super *super, struct inode *inode, const char *name);
/* A negative dentry under PARENT, in the table.  NULL: no memory. */
struct dentry *dentry_create(struct dentry *parent, const char *name, size_t n);

static inline struct dentry *dentry_get(struct dentry *dentry)
{
    dentry->refs++;
    return dentry;
}
void dentry_put(struct dentry *dentry); /* NULL is fine */

/* The table's entry for the N bytes of NAME under PARENT, referenced; NULL: none. */
struct dentry *dentry_find(struct dentry *parent, const char *name, size_t n);
/* The same, asking the file system if the table does not know: 0 and *DENTRY, perhaps negative. */
[[nodiscard]] int dentry_lookup(struct dentry *parent, const char *name, size_t n,
                                struct dentry **dentry);

/* DENTRY (negative) leads to INODE from now on, taking over the caller's reference. */
void dentry_set_inode(struct dentry *dentry, struct inode *inode);
void dentry_pin(struct dentry *dentry);
/* Take DENTRY out of the table and its directory, and its pin away. */
void dentry_drop(struct dentry *dentry);
/* The same for everything below ROOT. */
void dentry_drop_tree(struct dentry *root);
/* Give DENTRY the place and name of TARGET, which leaves the table. */
void dentry_move(struct dentry *dentry, struct dentry *target);
void dentry_exchange(struct dentry *a, struct dentry *b);

static inline bool dentry_is_root(const struct dentry *d)
{
    return d->parent == d;
}
static inline bool dentry_is_deleted(const struct dentry *d)
{
    return !(d->flags & (DENTRY_HASHED | DENTRY_ANONYMOUS)) && d->parent != d;
}
/* Is A the same as B or somewhere below it? */
bool dentry_is_below(const struct dentry *a, const struct dentry *b);
bool dentry_has_children(const struct dentry *dir); /* positive ones */
void dentry_init(void);
