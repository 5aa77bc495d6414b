/* SPDX-License-Identifier: BSD-2-Clause */
/* tree.c - checking and removing what a target has made. */
#include "tree.h"

#include "base/errno.h"
#include "fuzz.h"
#include "linux-api/abi.h"
#include "vfs/context.h"
#include "vfs/dentry.h"
#include "vfs/fs_context.h"
#include "vfs/inode.h"
#include "vfs/mount.h"
#include "vfs/vfs.h"

/* Names of INODE at and below DIR. */
static unsigned names_count(const struct dentry *dir, const struct inode *inode)
{
    unsigned n = 0;
    list_for_each(node, &dir->children) {
        const struct dentry *d = container_of(node, struct dentry, sibling);
        n += d->inode == inode;
        n += names_count(d, inode);
    }
    return n;
}

/* Only regular files have content, and a link's size is its text's. */
static void content_check(const struct inode *inode)
{
    if (!S_ISREG(inode->mode))
        MUST(inode->pages.count == 0);
    if (S_ISLNK(inode->mode))
        MUST(inode->size == strlen(inode->link));
}

static void directory_check(const struct dentry *dir)
{
    unsigned directories = 0;
    list_for_each(node, &dir->children) {
        const struct dentry *d = container_of(node, struct dentry, sibling);
        MUST(d->parent == dir && d->name_bytes <= NAME_MAX);
        MUST(strcmp(d->name, "") != 0 && strcmp(d->name, ".") != 0 && strcmp(d->name, "..") != 0);
        if (!d->inode)
            continue;
        content_check(d->inode);
        if (S_ISDIR(d->inode->mode)) {
            directories++;
            directory_check(d);
        } else if (d->inode->nlink != 1) {
            MUST(d->inode->nlink == names_count(root_path.dentry, d->inode));
        }
    }
    MUST(dir->inode->nlink == 2 + directories);
}

void tree_check(void)
{
    directory_check(root_path.dentry);
}

bool tree_enter(const char *name)
{
    struct path p;
    if (path_lookup(AT_FDCWD, name, LOOKUP_FOLLOW | LOOKUP_DIRECTORY, &p) != 0)
        return false;
    fs_context_set_cwd(context_fs(), &p);
    path_put(&p);
    return true;
}

static const char *first_name(void)
{
    list_for_each(node, &context_fs()->cwd.dentry->children) {
        const struct dentry *d = container_of(node, struct dentry, sibling);
        if (d->inode)
            return d->name;
    }
    return nullptr;
}

/* By going down and up, because paths from the root may be longer than any name may be. */
void tree_empty(void)
{
    MUST(tree_enter("/"));
    for (;;) {
        const char *name = first_name();
        if (name) {
            int err = vfs_unlink(AT_FDCWD, name);
            if (err == -EISDIR)
                err = vfs_rmdir(AT_FDCWD, name);
            MUST(err == 0 || err == -ENOTEMPTY);
            if (err == -ENOTEMPTY)
                MUST(tree_enter(name));
        } else if (path_is_same(&context_fs()->cwd, &root_path)) {
            break;
        } else {
            MUST(tree_enter(".."));
        }
    }
    MUST(root_path.dentry->inode->nlink == 2);
}
