/* SPDX-License-Identifier: BSD-2-Clause */
/* vfs_model.c - files and names, as open(2), rename(2) and their kin say. */
#include "vfs_model.h"

#include <linux/fcntl.h>
#include <linux/fs.h>
#include <string.h>
#include "base/errno.h"
#include "fuzz.h"

constexpr unsigned NODES = 128; /* more than all names and open files together */

static struct node nodes[NODES];
static struct node *root;

static struct node *node_make(bool is_dir)
{
    unsigned i = 0;
    while (nodes[i].is_used)
        MUST(++i < NODES);
    nodes[i] = (struct node){.is_used = true, .is_dir = is_dir, .nlink = is_dir ? 2 : 1};
    return &nodes[i];
}

struct node *model_begin(void)
{
    for (unsigned i = 0; i < NODES; i++)
        nodes[i].is_used = false;
    root = node_make(true);
    root->parent = root;
    return root;
}

struct model_name model_name_make(uint8_t from)
{
    struct model_name name = {.depth = from >> 6 ? from >> 6 : 1};
    for (unsigned i = 0; i < name.depth; i++) {
        name.component[i] = from >> 2 * i & 3;
        name.text[2 * i] = '/';
        name.text[2 * i + 1] = (char)('a' + name.component[i]);
    }
    return name;
}

unsigned model_names_of(const struct node *dir)
{
    unsigned bits = 0;
    for (unsigned i = 0; i < MODEL_NAMES; i++)
        bits |= dir->child[i] ? 1u << i : 0;
    return bits;
}

/* The place where NAME's last component stands or would stand. */
struct place {
    struct node *dir, **node;
};

static int find(const struct model_name *name, struct place *place)
{
    place->dir = root;
    for (unsigned i = 0; i + 1 < name->depth; i++) {
        place->dir = place->dir->child[name->component[i]];
        if (!place->dir)
            return -ENOENT;
        if (!place->dir->is_dir)
            return -ENOTDIR;
    }
    place->node = &place->dir->child[name->component[name->depth - 1]];
    return 0;
}

static void put(struct place *place, struct node *node)
{
    *place->node = node;
    if (node->is_dir) {
        node->parent = place->dir;
        place->dir->nlink++;
    }
}

static struct node *take(struct place *place)
{
    struct node *node = *place->node;
    *place->node = nullptr;
    if (node->is_dir)
        place->dir->nlink--;
    return node;
}

void model_release(struct node *node)
{
    if (node->nlink == 0 && node->opens == 0)
        node->is_used = false;
}

static void forget(struct node *node)
{
    node->nlink = node->is_dir ? 0 : node->nlink - 1;
    model_release(node);
}

int model_open(const struct model_name *name, uint32_t flags, struct node **node)
{
    struct place p;
    int err = find(name, &p);
    if (err)
        return err;
    if (!*p.node && !(flags & O_CREAT))
        return -ENOENT;
    if (*p.node && (flags & (O_CREAT | O_EXCL)) == (O_CREAT | O_EXCL))
        return -EEXIST;
    if (*p.node && (*p.node)->is_dir &&
        ((flags & O_ACCMODE) != O_RDONLY || flags & (O_CREAT | O_TRUNC)))
        return -EISDIR;
    if (!*p.node)
        put(&p, node_make(false));
    else if (flags & O_TRUNC)
        model_truncate(*p.node, 0);
    *node = *p.node;
    (*node)->opens++;
    return 0;
}

int model_mkdir(const struct model_name *name)
{
    struct place p;
    int err = find(name, &p);
    if (err)
        return err;
    if (*p.node)
        return -EEXIST;
    put(&p, node_make(true));
    return 0;
}

int model_unlink(const struct model_name *name)
{
    struct place p;
    int err = find(name, &p);
    if (err)
        return err;
    if (!*p.node)
        return -ENOENT;
    if ((*p.node)->is_dir)
        return -EISDIR;
    forget(take(&p));
    return 0;
}

int model_rmdir(const struct model_name *name)
{
    struct place p;
    int err = find(name, &p);
    if (err)
        return err;
    if (!*p.node)
        return -ENOENT;
    if (!(*p.node)->is_dir)
        return -ENOTDIR;
    if (model_names_of(*p.node))
        return -ENOTEMPTY;
    forget(take(&p));
    return 0;
}

int model_link(const struct model_name *from, const struct model_name *to)
{
    struct place old, new;
    int err = find(from, &old);
    if (err)
        return err;
    if (!*old.node)
        return -ENOENT;
    err = find(to, &new);
    if (err)
        return err;
    if (*new.node)
        return -EEXIST;
    if ((*old.node)->is_dir)
        return -EPERM;
    *new.node = *old.node;
    (*old.node)->nlink++;
    return 0;
}

/* Is DIR the same as NODE or below it? */
static bool is_below(const struct node *dir, const struct node *node)
{
    for (; dir != root; dir = dir->parent)
        if (dir == node)
            return true;
    return dir == node;
}

static int check_rename(const struct place *old, const struct place *new, unsigned flags)
{
    const struct node *moved = *old->node, *target = *new->node;
    if (!moved)
        return -ENOENT;
    if (target && flags & RENAME_NOREPLACE)
        return -EEXIST;
    if (!target && flags & RENAME_EXCHANGE)
        return -ENOENT;
    if (is_below(new->dir, moved))
        return -EINVAL;
    if (target && is_below(old->dir, target))
        return flags & RENAME_EXCHANGE ? -EINVAL : -ENOTEMPTY;
    if (!target || moved == target || flags & RENAME_EXCHANGE)
        return 0;
    if (moved->is_dir != target->is_dir)
        return moved->is_dir ? -ENOTDIR : -EISDIR;
    return target->is_dir && model_names_of(target) ? -ENOTEMPTY : 0;
}

int model_rename(const struct model_name *from, const struct model_name *to, unsigned flags)
{
    struct place old, new;
    int err = find(from, &old);
    if (!err)
        err = find(to, &new);
    if (!err)
        err = check_rename(&old, &new, flags);
    if (err || *old.node == *new.node)
        return err;
    struct node *moved = take(&old), *target = *new.node ? take(&new) : nullptr;
    put(&new, moved);
    if (flags & RENAME_EXCHANGE)
        put(&old, target);
    else if (target)
        forget(target);
    return 0;
}

void model_write(struct node *node, const uint8_t *from, size_t offset, size_t n)
{
    memcpy(node->data + offset, from, n);
    if (n && node->size < offset + n)
        node->size = offset + n;
}

void model_truncate(struct node *node, size_t size)
{
    if (size < node->size)
        memset(node->data + size, 0, node->size - size);
    node->size = size;
}
