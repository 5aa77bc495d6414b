/* SPDX-License-Identifier: BSD-2-Clause */
/* tmpfs_dir.c - reading directories whose entries are their dentries.
 *
 * An entry's position is its cookie, which grows with each entry made and never changes while
 * the name exists: so a reader sees each name once, whatever is made or removed meanwhile.
 */
#include "base/errno.h"
#include "vfs/dentry.h"
#include "vfs/file.h"
#include "vfs/inode.h"
#include "vfs/tmpfs.h"

/* The first child with a cookie of at least POS: where the last read of FILE stopped, if the
 * directory is still the same, else by a search. */
static struct list_node *first_from(const struct file *file, loff_t pos)
{
    struct dentry *dir = file->path.dentry;
    if (file->dir_next && file->dir_version == dir->inode->version &&
        file->dir_next->cookie == (uint64_t)pos)
        return &file->dir_next->sibling;
    list_for_each(node, &dir->children) {
        if (container_of(node, struct dentry, sibling)->cookie >= (uint64_t)pos)
            return node;
    }
    return &dir->children;
}

static int iterate(struct file *file, struct dir_sink *sink)
{
    struct dentry *dir = file->path.dentry;
    inode_touch_atime(dir->inode);
    if (!dir_emit_dots(file, sink))
        return 0;
    struct list_node *node = first_from(file, sink->pos);
    for (; node != &dir->children; node = node->next) {
        struct dentry *d = container_of(node, struct dentry, sibling);
        uint64_t version = dir->inode->version;
        if (!d->inode)
            continue;
        loff_t here = (loff_t)d->cookie;
        sink->pos = here + 1;
        if (!sink->emit(sink, d->name, d->name_bytes, d->inode->ino, DT_OF_MODE(d->inode->mode))) {
            sink->pos = here;
            file->dir_next = d;
            file->dir_version = version;
            return 0;
        }
    }
    return 0;
}

static loff_t seek(struct file *file, loff_t offset, int whence)
{
    if (whence != SEEK_SET && whence != SEEK_CUR)
        return -EINVAL;
    return file_seek_generic(file, offset, whence);
}

static int fsync(struct file *, bool)
{
    return 0; /* memory is where it stays */
}

const struct file_ops tmpfs_dir_ops = {
    .flags = FOP_NOWAIT,
    .llseek = seek,
    .iterate = iterate,
    .fsync = fsync,
};
