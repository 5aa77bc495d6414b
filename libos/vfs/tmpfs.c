/* SPDX-License-Identifier: BSD-2-Clause */
/* tmpfs.c - instances and names of the file system in memory.
 *
 * A directory's entries are its dentries, each pinned as long as the name exists; there is no
 * other record of them.  Every operation is complete when it returns: nothing here sleeps.
 */
#include "vfs/tmpfs.h"

#include <linux/fcntl.h>
#include <linux/limits.h>
#include <linux/magic.h>
#include <linux/mount.h>
#include "base/errno.h"
#include "base/format.h"
#include "base/string.h"
#include "mm/heap.h"
#include "mm/page.h"
#include "vfs/anon.h"
#include "vfs/dentry.h"
#include "vfs/file.h"
#include "vfs/fs.h"
#include "vfs/inode.h"
#include "vfs/mount.h"
#include "vfs/vfs.h"

constexpr uint64_t ENTRY_BYTES =
    20; /* what an entry adds to st_size of its directory, as on Linux */

static const struct inode_ops dir_inode_ops, node_inode_ops;
static const struct super_ops super_ops;

/* Instance of shared memory and memfd: never mounted anywhere. */
static struct mount *unlinked_mount;

struct inode *tmpfs_inode_create(struct super *super, uint32_t mode, uint64_t rdev)
{
    if (super->inodes_max && super->inodes >= super->inodes_max)
        return nullptr;
    struct inode *inode = inode_create(super, mode);
    if (!inode)
        return nullptr;
    super->inodes++;
    inode->rdev = rdev;
    if (S_ISDIR(mode)) {
        inode->ops = &dir_inode_ops;
        inode->fops = &tmpfs_dir_ops;
        inode->nlink = 2;
    } else {
        inode->ops = &node_inode_ops;
        inode->fops = &tmpfs_file_ops;
        inode->seals = F_SEAL_SEAL; /* only memfd_create(2) makes files that can be sealed */
    }
    return inode;
}

static void evict(struct inode *inode)
{
    inode->super->inodes--;
    if (S_ISLNK(inode->mode))
        heap_free(inode->private);
}

/* A new inode for something made in DIR. */
static int inode_for(struct inode *dir, uint32_t mode, uint64_t rdev, struct inode **inode)
{
    struct super *super = dir->super;
    *inode = tmpfs_inode_create(super, mode, rdev);
    if (!*inode)
        return super->inodes_max && super->inodes >= super->inodes_max ? -ENOSPC : -ENOMEM;
    inode_init_owner(*inode, dir, mode);
    return 0;
}

/* INODE's reference passes to the new entry DENTRY of DIR. */
static void entry_add(struct inode *dir, struct dentry *dentry, struct inode *inode)
{
    dentry_set_inode(dentry, inode);
    dentry_pin(dentry);
    dir->size += ENTRY_BYTES;
    inode_touch_mtime(dir);
}

static void entry_remove(struct inode *dir, struct dentry *dentry)
{
    dir->size -= ENTRY_BYTES;
    inode_touch_mtime(dir);
    dentry_drop(dentry);
}

static int tmpfs_mknod(struct inode *dir, struct dentry *dentry, uint32_t mode, uint64_t rdev)
{
    struct inode *inode;
    int err = inode_for(dir, mode, rdev, &inode);
    if (!err)
        entry_add(dir, dentry, inode);
    return err;
}

static int tmpfs_mkdir(struct inode *dir, struct dentry *dentry, uint32_t mode)
{
    int err = tmpfs_mknod(dir, dentry, mode, 0);
    if (!err)
        dir->nlink++;
    return err;
}

static int tmpfs_symlink(struct inode *dir, struct dentry *dentry, const char *target)
{
    struct inode *inode;
    char *text = heap_strdup(target);
    if (!text)
        return -ENOMEM;
    int err = inode_for(dir, S_IFLNK | S_RWXALL, 0, &inode);
    if (err < 0) {
        heap_free(text);
        return err;
    }
    inode->private = text;
    inode->link = text;
    inode->size = strlen(text);
    entry_add(dir, dentry, inode);
    return 0;
}

static int tmpfs_link(struct inode *inode, struct inode *dir, struct dentry *dentry)
{
    inode->nlink++;
    inode_touch_ctime(inode);
    entry_add(dir, dentry, inode_get(inode));
    return 0;
}

static int tmpfs_unlink(struct inode *dir, struct dentry *dentry)
{
    dentry->inode->nlink--;
    inode_touch_ctime(dentry->inode);
    entry_remove(dir, dentry);
    return 0;
}

static int tmpfs_rmdir(struct inode *dir, struct dentry *dentry)
{
    if (dentry_has_children(dentry))
        return -ENOTEMPTY;
    dentry->inode->nlink = 0;
    dir->nlink--;
    inode_touch_ctime(dentry->inode);
    entry_remove(dir, dentry);
    return 0;
}

static int tmpfs_exchange(struct inode *old_dir, struct dentry *old, struct inode *new_dir,
                          struct dentry *new)
{
    bool old_is_dir = S_ISDIR(old->inode->mode), new_is_dir = S_ISDIR(new->inode->mode);
    if (old_dir != new_dir && old_is_dir != new_is_dir) {
        old_dir->nlink += new_is_dir ? 1 : -1u;
        new_dir->nlink += new_is_dir ? -1u : 1;
    }
    dentry_exchange(old, new);
    inode_touch_ctime(old->inode);
    inode_touch_ctime(new->inode);
    inode_touch_mtime(old_dir);
    inode_touch_mtime(new_dir);
    return 0;
}

static int tmpfs_rename(struct inode *old_dir, struct dentry *old, struct inode *new_dir,
                        struct dentry *new, unsigned flags)
{
    struct inode *moved = old->inode, *replaced = new->inode;
    bool is_dir = S_ISDIR(moved->mode);
    if (flags)
        return tmpfs_exchange(old_dir, old, new_dir, new);
    if (replaced && is_dir && dentry_has_children(new))
        return -ENOTEMPTY;
    if (replaced) {
        replaced->nlink -= is_dir ? 2 : 1;
        inode_touch_ctime(replaced);
        new_dir->size -= ENTRY_BYTES;
        new_dir->nlink -= is_dir;
    }
    old_dir->size -= ENTRY_BYTES;
    new_dir->size += ENTRY_BYTES;
    old_dir->nlink -= is_dir;
    new_dir->nlink += is_dir;
    dentry_move(old, new);
    inode_touch_ctime(moved);
    inode_touch_mtime(old_dir);
    inode_touch_mtime(new_dir);
    return 0;
}

static int tmpfs_tmpfile(struct inode *dir, uint32_t mode, struct inode **inode)
{
    int err = inode_for(dir, mode, 0, inode);
    if (!err)
        (*inode)->nlink = 0;
    return err;
}

static const struct inode_ops dir_inode_ops = {
    .mknod = tmpfs_mknod,
    .mkdir = tmpfs_mkdir,
    .symlink = tmpfs_symlink,
    .link = tmpfs_link,
    .unlink = tmpfs_unlink,
    .rmdir = tmpfs_rmdir,
    .rename = tmpfs_rename,
    .tmpfile = tmpfs_tmpfile,
};

static const struct inode_ops node_inode_ops = {};

/* A limit that is only free memory's is told as what there is and could be. */
static int tmpfs_statfs(struct super *super, struct fs_stats *stats)
{
    uint64_t free = page_free_count();
    uint64_t blocks = super->pages_max ? super->pages_max : super->pages + free;
    uint64_t files = super->inodes_max ? super->inodes_max : super->inodes + free;
    *stats = (struct fs_stats){
        .type = TMPFS_MAGIC,
        .block_bytes = PAGE_SIZE,
        .blocks = blocks,
        .blocks_free = blocks > super->pages ? blocks - super->pages : 0,
        .files = files,
        .files_free = files > super->inodes ? files - super->inodes : 0,
        .name_max = NAME_MAX,
    };
    stats->blocks_available = stats->blocks_free;
    return 0;
}

static int tmpfs_remount(struct super *super, unsigned, const char *data)
{
    struct tmpfs_options o = {.pages_max = super->pages_max, .inodes_max = super->inodes_max};
    int err = tmpfs_options_parse(data, &o);
    if (err < 0)
        return err;
    if ((o.pages_max && o.pages_max < super->pages) ||
        (o.inodes_max && o.inodes_max < super->inodes))
        return -EINVAL;
    super->pages_max = o.pages_max;
    super->inodes_max = o.inodes_max;
    return 0;
}

static int tmpfs_show_options(struct super *super, char *to, size_t size)
{
    const struct inode *root = super->root->inode;
    size_t n = 0;
    to[0] = '\0';
    if (super->pages_max)
        n += (size_t)snprintf(to, size, ",size=%lluk",
                              (unsigned long long)(super->pages_max * (PAGE_SIZE / 1024)));
    if (super->inodes_max && n < size)
        n += (size_t)snprintf(to + n, size - n, ",nr_inodes=%llu",
                              (unsigned long long)super->inodes_max);
    if ((root->mode & S_PERMISSIONS) != (S_RWXALL | S_ISVTX) && n < size)
        n += (size_t)snprintf(to + n, size - n, ",mode=%o", root->mode & S_PERMISSIONS);
    return (int)n;
}

static const struct super_ops super_ops = {
    .evict = evict,
    .statfs = tmpfs_statfs,
    .remount = tmpfs_remount,
    .show_options = tmpfs_show_options,
};

void tmpfs_limit(struct super *super)
{
    super->pages_max = super->pages + page_free_count() / 2;
}

static int tmpfs_mount(const struct filesystem *fs, const char *, unsigned, const char *data,
                       struct super **out)
{
    struct tmpfs_options o = {.mode = S_RWXALL | S_ISVTX, .pages_max = page_total() / 2};
    int err = tmpfs_options_parse(data, &o);
    if (err < 0)
        return err;
    struct super *super = super_create(fs, &super_ops, TMPFS_MAGIC);
    if (!super)
        return -ENOMEM;
    super->pages_max = o.pages_max;
    super->has_xattrs = true;
    super->inodes_max = o.inodes_max;
    struct inode *root = tmpfs_inode_create(super, S_IFDIR | o.mode, 0);
    if (root) {
        root->uid = o.uid;
        root->gid = o.gid;
        super->root = dentry_create_root(super, root);
    }
    if (!super->root) {
        super_put(super);
        return -ENOMEM;
    }
    *out = super;
    return 0;
}

/* The root is a tmpfs under Linux's name for it: only the archive's own modes count there. */
static int rootfs_mount(const struct filesystem *fs, const char *source, unsigned flags,
                        const char *, struct super **super)
{
    return tmpfs_mount(fs, source, flags, "mode=755,size=0", super);
}

static struct filesystem tmpfs = {.name = "tmpfs", .mount = tmpfs_mount};
static struct filesystem rootfs = {.name = "rootfs", .mount = rootfs_mount};

void tmpfs_init(void)
{
    filesystem_register(&tmpfs);
    filesystem_register(&rootfs);
}

int tmpfs_create_unlinked(const char *name, uint64_t size, struct file **file)
{
    if (!unlinked_mount) {
        struct super *super;
        int err = tmpfs_mount(&tmpfs, "tmpfs", 0, "size=0", &super);
        if (err < 0)
            return err;
        unlinked_mount = mount_create_internal(super);
        super_put(super);
        if (!unlinked_mount)
            return -ENOMEM;
    }
    struct inode *inode = tmpfs_inode_create(unlinked_mount->super, S_IFREG | S_RWXALL, 0);
    if (!inode)
        return -ENOMEM;
    inode_init_owner(inode, nullptr, inode->mode);
    inode->nlink = 0;
    inode->size = size;
    struct dentry *dentry = dentry_create_anonymous(unlinked_mount->super, inode, name);
    if (!dentry)
        return -ENOMEM;
    struct path path = {unlinked_mount, dentry};
    *file = file_create(&path, O_RDWR | O_LARGEFILE, &tmpfs_file_ops);
    dentry_put(dentry);
    return *file ? 0 : -ENOMEM;
}
