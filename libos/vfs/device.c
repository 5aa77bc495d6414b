/* SPDX-License-Identifier: BSD-2-Clause */
/* device.c - which operations a device number stands for. */
#include "vfs/device.h"

#include "base/errno.h"
#include "base/hash.h"
#include "base/list.h"
#include "linux-api/abi.h"
#include "mm/heap.h"
#include "vfs/file.h"
#include "vfs/inode.h"

constexpr unsigned BUCKETS = 32; /* by major */

struct region {
    struct list_node node;
    uint32_t major, first, count;
    const struct file_ops *ops;
};

static struct list_node buckets[BUCKETS];
static bool is_initialised;

static struct list_node *bucket(uint32_t major)
{
    if (!is_initialised)
        for (unsigned i = 0; i < BUCKETS; i++)
            list_init(&buckets[i]);
    is_initialised = true;
    return &buckets[major % BUCKETS];
}

static struct region *find(uint32_t major, uint32_t first, uint32_t count)
{
    list_for_each(node, bucket(major)) {
        struct region *r = container_of(node, struct region, node);
        if (r->major == major && first < r->first + r->count && r->first < first + count)
            return r;
    }
    return nullptr;
}

int vfs_register_chrdev(uint32_t major, uint32_t first, uint32_t count, const struct file_ops *ops)
{
    if (find(major, first, count))
        return -EBUSY;
    struct region *r = heap_zalloc(sizeof *r);
    if (!r)
        return -ENOMEM;
    *r = (struct region){.major = major, .first = first, .count = count, .ops = ops};
    list_push_back(bucket(major), &r->node);
    return 0;
}

const struct file_ops *device_ops(const struct inode *inode)
{
    const struct region *r = nullptr;
    if (S_ISCHR(inode->mode))
        r = find(dev_major(inode->rdev), dev_minor(inode->rdev), 1);
    return r ? r->ops : nullptr;
}
