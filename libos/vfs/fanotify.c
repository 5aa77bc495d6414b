/* SPDX-License-Identifier: BSD-2-Clause */
/* fanotify.c - fanotify(7): marks, and telling the groups that set them. */
#include "vfs/fanotify.h"

#include <linux/fanotify.h>
#include "base/errno.h"
#include "base/list.h"
#include "linux-api/abi.h"
#include "mm/heap.h"
#include "vfs/dentry.h"
#include "vfs/fanotify_group.h"
#include "vfs/file.h"
#include "vfs/inode.h"
#include "vfs/mount.h"

constexpr unsigned MARKS_MOST = 8192; /* of a group, unless it has FAN_UNLIMITED_MARKS */

struct fanotify_mark {
    struct list_node node; /* on group->marks */
    struct fanotify_group *group;
    enum fanotify_kind kind;
    const void *object; /* inode (referenced), mount or super */
    uint32_t mask, ignored;
    bool survives; /* `ignored` outlives a change of the file */
};

static struct list_node groups = LIST_INIT(groups);
unsigned fanotify_marks;

static const void *object_of(enum fanotify_kind kind, const struct path *path)
{
    switch (kind) {
    case FANOTIFY_INODE: return path_inode(path);
    case FANOTIFY_MOUNT: return path->mount;
    default: return path_inode(path)->super;
    }
}

static void mark_free(struct fanotify_mark *m)
{
    list_remove(&m->node);
    m->group->mark_count--;
    fanotify_marks--;
    if (m->kind == FANOTIFY_INODE)
        inode_put((struct inode *)m->object);
    heap_free(m);
}

/* Which part of MASK, that happened to FILE, M is about. */
static uint32_t part_of(const struct fanotify_mark *m, const struct file *file, uint32_t mask)
{
    const struct inode *inode = file->inode;
    bool is_dir = S_ISDIR(inode->mode);
    if (is_dir && !(m->mask & FAN_ONDIR))
        return 0;
    const struct dentry *parent = file->path.dentry->parent;
    switch (m->kind) {
    case FANOTIFY_INODE:
        if (m->object == inode)
            return m->mask & mask;
        if (m->mask & FAN_EVENT_ON_CHILD && m->object == parent->inode)
            return m->mask & mask;
        return 0;
    case FANOTIFY_MOUNT: return m->object == file->path.mount ? m->mask & mask : 0;
    default: return m->object == inode->super ? m->mask & mask : 0;
    }
}

static bool concerns(const struct fanotify_mark *m, const struct file *file)
{
    return m->object == file->inode || m->object == file->path.mount ||
           m->object == file->inode->super;
}

static void group_tell(struct fanotify_group *g, struct file *file, uint32_t mask)
{
    uint32_t wanted = 0, ignored = 0;
    list_for_each(node, &g->marks) {
        struct fanotify_mark *m = container_of(node, struct fanotify_mark, node);
        if (!concerns(m, file)) {
            wanted |= part_of(m, file, mask); /* of the directory, for its children */
            continue;
        }
        if (mask & FAN_MODIFY && !m->survives)
            m->ignored = 0;
        ignored |= m->ignored;
        wanted |= part_of(m, file, mask);
    }
    if (wanted & ~ignored)
        fanotify_queue(g, &file->path, wanted & ~ignored);
}

void fanotify_tell(struct file *file, uint32_t mask)
{
    if (!fanotify_marks || file->mode & (FILE_PATH | FILE_QUIET) ||
        (!S_ISREG(file->inode->mode) && !S_ISDIR(file->inode->mode)))
        return;
    list_for_each(node, &groups)
        group_tell(container_of(node, struct fanotify_group, node), file, mask);
}

static void object_gone(enum fanotify_kind kind, const void *object)
{
    if (!fanotify_marks)
        return;
    list_for_each(g, &groups) {
        list_for_each_safe(node, &container_of(g, struct fanotify_group, node)->marks) {
            struct fanotify_mark *m = container_of(node, struct fanotify_mark, node);
            if (m->kind == kind && m->object == object)
                mark_free(m);
        }
    }
}

void fanotify_inode_gone(struct inode *inode)
{
    object_gone(FANOTIFY_INODE, inode);
}

void fanotify_mount_gone(const struct mount *mount)
{
    object_gone(FANOTIFY_MOUNT, mount);
}

void fanotify_super_gone(const struct super *super)
{
    object_gone(FANOTIFY_SUPER, super);
}

static struct fanotify_mark *mark_find(struct fanotify_group *g, enum fanotify_kind kind,
                                       const struct path *path)
{
    list_for_each(node, &g->marks) {
        struct fanotify_mark *m = container_of(node, struct fanotify_mark, node);
        if (m->kind == kind && m->object == object_of(kind, path))
            return m;
    }
    return nullptr;
}

static struct fanotify_mark *mark_make(struct fanotify_group *g, enum fanotify_kind kind,
                                       const struct path *path)
{
    struct fanotify_mark *m = heap_zalloc(sizeof *m);
    if (!m)
        return nullptr;
    *m = (struct fanotify_mark){.group = g, .kind = kind, .object = object_of(kind, path)};
    if (kind == FANOTIFY_INODE)
        inode_get(path_inode(path));
    list_push_back(&g->marks, &m->node);
    g->mark_count++;
    fanotify_marks++;
    return m;
}

int fanotify_mark_add(struct file *file, enum fanotify_kind kind, const struct path *path,
                      uint32_t mask, bool ignored, bool survives)
{
    struct fanotify_group *g = file->private;
    struct fanotify_mark *m = mark_find(g, kind, path);
    if (!m && g->mark_count >= MARKS_MOST && !(g->flags & FAN_UNLIMITED_MARKS))
        return -ENOSPC;
    if (!m)
        m = mark_make(g, kind, path);
    if (!m)
        return -ENOMEM;
    if (ignored)
        m->ignored |= mask;
    else
        m->mask |= mask;
    m->survives |= ignored && survives;
    return 0;
}

int fanotify_mark_remove(struct file *file, enum fanotify_kind kind, const struct path *path,
                         uint32_t mask, bool ignored)
{
    struct fanotify_mark *m = mark_find(file->private, kind, path);
    if (!m)
        return -ENOENT;
    if (ignored)
        m->ignored &= ~mask;
    else
        m->mask &= ~mask;
    if (!(m->mask & ~(FAN_ONDIR | FAN_EVENT_ON_CHILD)) && !m->ignored)
        mark_free(m);
    return 0;
}

void fanotify_flush(struct file *file, enum fanotify_kind kind)
{
    struct fanotify_group *g = file->private;
    list_for_each_safe(node, &g->marks) {
        struct fanotify_mark *m = container_of(node, struct fanotify_mark, node);
        if (m->kind == kind)
            mark_free(m);
    }
}

void fanotify_group_begin(struct fanotify_group *g)
{
    list_push_back(&groups, &g->node);
}

void fanotify_group_end(struct fanotify_group *g)
{
    struct list_node *node;
    while ((node = list_first(&g->marks)) != nullptr)
        mark_free(container_of(node, struct fanotify_mark, node));
    list_remove(&g->node);
}
