/* SPDX-License-Identifier: BSD-2-Clause */
/* super.c - the list of file systems, and their instances. */
#include "vfs/fs.h"

#include "base/errno.h"
#include "base/string.h"
#include "linux-api/abi.h"
#include "mm/heap.h"
#include "vfs/dentry.h"
#include "vfs/fanotify.h"

static struct list_node filesystems = LIST_INIT(filesystems);
static uint32_t next_minor = 1; /* device numbers of file systems without a device: 0:1, 0:2 ... */

void filesystem_register(struct filesystem *fs)
{
    list_push_back(&filesystems, &fs->node);
}

const struct filesystem *filesystem_find(const char *name)
{
    list_for_each(node, &filesystems) {
        struct filesystem *fs = container_of(node, struct filesystem, node);
        if (strcmp(fs->name, name) == 0)
            return fs;
    }
    return nullptr;
}

int filesystem_for_each(int (*visit)(const struct filesystem *fs, void *arg), void *arg)
{
    list_for_each(node, &filesystems) {
        int result = visit(container_of(node, struct filesystem, node), arg);
        if (result)
            return result;
    }
    return 0;
}

struct super *super_create(const struct filesystem *fs, const struct super_ops *ops, uint64_t magic)
{
    struct super *super = heap_zalloc(sizeof *super);
    if (!super)
        return nullptr;
    super->refs = 1;
    super->fs = fs;
    super->ops = ops;
    super->magic = magic;
    super->dev = dev_make(0, next_minor++);
    super->next_ino = 1;
    return super;
}

struct super *super_get(struct super *super)
{
    super->refs++;
    return super;
}

void super_put(struct super *super)
{
    if (--super->refs > 0)
        return;
    fanotify_super_gone(super);
    if (super->root) {
        dentry_drop_tree(super->root);
        dentry_put(super->root);
    }
    if (super->ops->destroy)
        super->ops->destroy(super);
    heap_free(super);
}

int super_charge(struct super *super, uint64_t count)
{
    if (super->pages_max &&
        (super->pages >= super->pages_max || count > super->pages_max - super->pages))
        return -ENOSPC;
    super->pages += count;
    return 0;
}

void super_uncharge(struct super *super, uint64_t count)
{
    super->pages -= count;
}
