/* SPDX-License-Identifier: BSD-2-Clause */
/* mount.c - the tree of mounts: making, finding and removing them. */
#include "vfs/mount.h"

#include <linux/mount.h>
#include "base/errno.h"
#include "base/string.h"
#include "linux-api/abi.h"
#include "mm/heap.h"
#include "vfs/dentry.h"
#include "vfs/fanotify.h"
#include "vfs/fs.h"
#include "vfs/inode.h"

constexpr unsigned long MOUNT_FLAGS = MS_NOSUID | MS_NODEV | MS_NOEXEC | MS_NOATIME |
                                      MS_NODIRATIME | MS_RELATIME | MS_STRICTATIME | MS_RDONLY;
constexpr unsigned long SUPER_FLAGS =
    MS_RDONLY | MS_SYNCHRONOUS | MS_MANDLOCK | MS_DIRSYNC | MS_SILENT | MS_POSIXACL | MS_LAZYTIME;

struct list_node mount_all = LIST_INIT(mount_all);
struct path root_path;
static uint32_t next_id = 1;

/* A mount of ROOT, out of the tree.  References are taken. */
static struct mount *mount_create(struct super *super, struct dentry *root, const char *source,
                                  unsigned long flags)
{
    struct mount *mount = heap_zalloc(sizeof *mount);
    if (!mount)
        return nullptr;
    mount->source = heap_strdup(source);
    if (!mount->source) {
        heap_free(mount);
        return nullptr;
    }
    mount->refs = 1;
    mount->id = next_id++;
    mount->flags = flags & MOUNT_FLAGS;
    mount->super = super_get(super);
    mount->root = dentry_get(root);
    list_init(&mount->node);
    return mount;
}

struct mount *mount_create_internal(struct super *super)
{
    return mount_create(super, super->root, "none", 0);
}

void mount_put(struct mount *mount)
{
    if (--mount->refs > 0)
        return;
    fanotify_mount_gone(mount);
    dentry_put(mount->root);
    super_put(mount->super);
    heap_free(mount->source);
    heap_free(mount);
}

/* Put MOUNT, whose reference becomes the tree's, on ON; nothing is mounted there yet. */
static void mount_attach(struct mount *mount, const struct path *on)
{
    mount->parent = mount_get(on->mount);
    mount->mountpoint = dentry_get(on->dentry);
    mount->mountpoint->mounts++;
    list_push_back(&mount_all, &mount->node);
}

/* The reverse; the tree's reference is the caller's now. */
static void mount_detach(struct mount *mount)
{
    list_remove(&mount->node);
    mount->mountpoint->mounts--;
    dentry_put(mount->mountpoint);
    mount_put(mount->parent);
    mount->parent = nullptr;
    mount->mountpoint = nullptr;
}

struct mount *mount_at(const struct path *path)
{
    if (!path->dentry->mounts)
        return nullptr;
    list_for_each(node, &mount_all) {
        struct mount *mount = container_of(node, struct mount, node);
        if (mount->parent == path->mount && mount->mountpoint == path->dentry)
            return mount;
    }
    return nullptr;
}

void mount_cross_down(struct path *path)
{
    struct mount *mount;
    while ((mount = mount_at(path)) != nullptr) {
        struct path to = {mount_get(mount), dentry_get(mount->root)};
        path_put(path);
        *path = to;
    }
}

bool mount_cross_up(struct path *path)
{
    while (path->dentry == path->mount->root) {
        if (!path->mount->parent)
            return false;
        struct path to = {path->mount->parent, path->mount->mountpoint};
        path_get(&to);
        path_put(path);
        *path = to;
    }
    return true;
}

/* Directories go on directories, files on files. */
static int check_types(const struct dentry *root, const struct path *on)
{
    bool is_dir = S_ISDIR(root->inode->mode);
    return is_dir == S_ISDIR(path_inode(on)->mode) ? 0 : -ENOTDIR;
}

int mount_new(const char *source, const struct path *on, const char *type, unsigned long flags,
              const char *data)
{
    const struct filesystem *fs = filesystem_find(type);
    if (!fs)
        return -ENODEV;
    struct super *super;
    int err = fs->mount(fs, source, flags & SUPER_FLAGS, data, &super);
    if (err < 0)
        return err;
    super->flags |= flags & SUPER_FLAGS;
    struct mount *mount = nullptr;
    err = check_types(super->root, on);
    if (!err && !(mount = mount_create(super, super->root, source, flags)))
        err = -ENOMEM;
    if (!err)
        mount_attach(mount, on);
    super_put(super);
    return err;
}

/* The root mount: there is nothing to stand on. */
int mount_first(const char *source, const struct filesystem *fs)
{
    struct super *super;
    int err = fs->mount(fs, source, 0, nullptr, &super);
    if (err < 0)
        return err;
    struct mount *mount = mount_create(super, super->root, source, 0);
    super_put(super);
    if (!mount)
        return -ENOMEM;
    list_push_back(&mount_all, &mount->node);
    root_path = (struct path){mount_get(mount), dentry_get(mount->root)};
    return 0;
}

/* The copy of ORIGINAL that this bind has made, which stands after MARK in the list. */
static struct mount *copy_of(const struct mount *original, struct mount *top_copy,
                             const struct mount *top)
{
    if (original == top)
        return top_copy;
    for (struct list_node *node = top_copy->node.next; node != &mount_all; node = node->next) {
        struct mount *copy = container_of(node, struct mount, node);
        if (copy->copied_from == original)
            return copy;
    }
    return nullptr;
}

/* Repeat below TOP_COPY what is mounted below FROM.  Mounts stand in the list before those on
 * them, so each parent has its copy first. */
static int bind_below(const struct path *from, struct mount *top_copy)
{
    for (struct list_node *node = mount_all.next; node != &top_copy->node; node = node->next) {
        struct mount *m = container_of(node, struct mount, node);
        if (!m->parent ||
            (m->parent == from->mount && !dentry_is_below(m->mountpoint, from->dentry)))
            continue;
        struct mount *parent = copy_of(m->parent, top_copy, from->mount);
        if (!parent)
            continue;
        struct mount *copy = mount_create(m->super, m->root, m->source, m->flags);
        if (!copy)
            return -ENOMEM;
        copy->copied_from = m;
        mount_attach(copy, &(struct path){parent, m->mountpoint});
    }
    return 0;
}

static void forget_copies(void)
{
    list_for_each(node, &mount_all)
        container_of(node, struct mount, node)->copied_from = nullptr;
}

static struct mount *tree_top(struct mount *mount)
{
    while (mount->parent)
        mount = mount->parent;
    return mount;
}

/* Move PATH to the copy that was made of its mount. */
static void path_to_copy(struct path *path, struct mount *top_copy, const struct mount *top)
{
    struct mount *copy = copy_of(path->mount, top_copy, top);
    if (!copy)
        return; /* a place outside of every tree */
    mount_get(copy);
    mount_put(path->mount);
    path->mount = copy;
}

static void tree_drop(struct mount *top);

int mount_tree_copy(struct path *root, struct path *cwd, struct mount **out)
{
    struct mount *top = tree_top(root->mount);
    struct mount *copy = mount_create(top->super, top->root, top->source, top->flags);
    if (!copy)
        return -ENOMEM;
    list_push_back(&mount_all, &copy->node);
    int err = bind_below(&(struct path){top, top->root}, copy);
    if (!err) {
        path_to_copy(root, copy, top);
        path_to_copy(cwd, copy, top);
        *out = mount_get(copy);
    }
    forget_copies();
    if (err < 0)
        tree_drop(copy);
    return err;
}

void mount_tree_drop(struct mount *mount)
{
    tree_drop(tree_top(mount));
    mount_put(mount);
}

void mount_tree_root(struct mount *mount, struct path *root)
{
    struct mount *top = mount ? tree_top(mount) : root_path.mount;
    *root = (struct path){mount_get(top), dentry_get(top->root)};
    mount_cross_down(root);
}

int mount_bind(const struct path *from, const struct path *on, bool recursive)
{
    int err = check_types(from->dentry, on);
    if (err < 0)
        return err;
    struct mount *mount =
        mount_create(from->mount->super, from->dentry, from->mount->source, from->mount->flags);
    if (!mount)
        return -ENOMEM;
    mount_attach(mount, on);
    if (recursive) {
        err = bind_below(from, mount);
        forget_copies();
    }
    return err;
}

/* Is MOUNT the mount TOP or somewhere on it? */
static bool mount_is_below(const struct mount *mount, const struct mount *top)
{
    while (mount && mount != top)
        mount = mount->parent;
    return mount != nullptr;
}

/* Those on MOUNT must stand behind it in the list: bind_below relies on that. */
static void order_after(struct mount *mount)
{
    for (struct list_node *node = mount_all.next, *next; node != &mount->node; node = next) {
        struct mount *m = container_of(node, struct mount, node);
        next = node->next;
        if (mount_is_below(m, mount)) {
            list_remove(node);
            list_push_back(&mount_all, node);
        }
    }
}

int mount_move(const struct path *from, const struct path *on)
{
    struct mount *mount = from->mount;
    if (from->dentry != mount->root || !mount->parent)
        return -EINVAL;
    int err = check_types(mount->root, on);
    if (err < 0)
        return err;
    if (mount_is_below(on->mount, mount))
        return -ELOOP;
    mount_get(mount); /* over the moment without a place */
    mount_detach(mount);
    mount_attach(mount, on);
    mount_put(mount);
    order_after(mount);
    return 0;
}

void mount_swap_root(struct mount *old, struct mount *new, const struct path *put_old)
{
    struct path place = {old->parent, old->mountpoint};
    bool has_place = place.mount;
    if (has_place)
        path_get(&place);
    mount_detach(new); /* the callers' paths hold both meanwhile */
    if (has_place) {
        mount_detach(old);
        mount_attach(new, &place);
        order_after(new);
        path_put(&place);
    } else {
        list_remove(&old->node);
        list_push_front(&mount_all, &new->node);
        if (root_path.mount == old) {
            path_put(&root_path);
            root_path = (struct path){mount_get(new), dentry_get(new->root)};
        }
    }
    mount_attach(old, put_old);
    order_after(old);
}

int mount_remount(const struct path *path, unsigned long flags, const char *data)
{
    struct mount *mount = path->mount;
    if (path->dentry != mount->root)
        return -EINVAL;
    if (!(flags & MS_BIND)) {
        struct super *super = mount->super;
        unsigned wanted = flags & (SUPER_FLAGS & ~MS_SILENT);
        int err = super->ops->remount ? super->ops->remount(super, wanted, data) : 0;
        if (err < 0)
            return err;
        super->flags = wanted;
    }
    mount->flags = flags & MOUNT_FLAGS;
    return 0;
}

/* Take MOUNT and what stands on it out of the tree; places that are in use live on. */
static void detach_all(struct mount *mount)
{
    for (struct list_node *node = mount_all.prev, *previous; node != &mount_all; node = previous) {
        struct mount *m = container_of(node, struct mount, node);
        previous = node->prev;
        if (m != mount && mount_is_below(m, mount)) {
            mount_detach(m);
            mount_put(m);
        }
    }
    mount_detach(mount);
    mount_put(mount);
}

/* The whole tree under TOP, which stands on nothing. */
static void tree_drop(struct mount *top)
{
    for (struct list_node *node = mount_all.prev, *previous; node != &mount_all; node = previous) {
        struct mount *m = container_of(node, struct mount, node);
        previous = node->prev;
        if (m != top && mount_is_below(m, top)) {
            mount_detach(m);
            mount_put(m);
        }
    }
    list_remove(&top->node);
    mount_put(top);
}

int mount_remove(const struct path *path, unsigned flags)
{
    struct mount *mount = path->mount;
    if (path->dentry != mount->root)
        return -EINVAL;
    if (!mount->parent)
        return flags & MNT_DETACH ? -EINVAL : -EBUSY;
    /* PATH is the caller's own reference, the tree's is the other. */
    if (!(flags & MNT_DETACH) && mount->refs > 2)
        return -EBUSY;
    if (flags & MNT_EXPIRE) {
        bool was_marked = mount->expire_marked;
        mount->expire_marked = true;
        if (!was_marked)
            return -EAGAIN;
    }
    detach_all(mount);
    return 0;
}

int vfs_mount(const char *source, const char *on, const char *type, unsigned long flags,
              const char *data)
{
    struct path path;
    int err = path_lookup_kernel(on, LOOKUP_FOLLOW, &path);
    if (err < 0)
        return err;
    err = mount_new(source, &path, type, flags, data);
    path_put(&path);
    return err;
}
