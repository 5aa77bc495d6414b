/* SPDX-License-Identifier: BSD-2-Clause */
/* ustat.c - ustat(2): the free space of a file system by its device number. */
#include <stdint.h>
#include "base/errno.h"
#include "linux-api/abi.h"
#include "linux-api/call.h"
#include "mm/usermem.h"
#include "vfs/fs.h"
#include "vfs/mount.h"

struct ustat_abi { /* ustat(2); the names are always empty */
    int32_t free_blocks;
    uint64_t free_inodes;
    char name[6], pack[6];
};
static_assert(sizeof(struct ustat_abi) == 32);

/* The mounted one whose files have ST_DEV. */
static struct super *super_find(uint64_t st_dev)
{
    list_for_each(node, &mount_all) {
        struct super *super = container_of(node, struct mount, node)->super;
        if (super->dev == st_dev)
            return super;
    }
    return nullptr;
}

long sys_ustat(const struct call *c)
{
    struct super *super = super_find((uint32_t)c->arg[0]);
    struct fs_stats stats = {};
    if (!super || !super->ops->statfs)
        return -EINVAL;
    super_get(super);
    long result = super->ops->statfs(super, &stats);
    super_put(super);
    if (result < 0)
        return result;
    struct ustat_abi out = {(int32_t)stats.blocks_free, stats.files_free, {}, {}};
    return copy_to_user(c->arg[1], &out, sizeof out);
}
