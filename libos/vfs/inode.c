/* SPDX-License-Identifier: BSD-2-Clause */
/* inode.c - life, times and attributes of inodes. */
#include "vfs/inode.h"

#include <linux/capability.h>
#include <linux/mount.h>
#include "base/assert.h"
#include "base/bits.h"
#include "base/errno.h"
#include "mm/heap.h"
#include "proc/cred.h"
#include "sched/time.h"
#include "vfs/context.h"
#include "vfs/fs.h"
#include "vfs/lock.h"
#include "vfs/xattr.h"

/* The last time that was asked for: good enough to tell whether an access time is a day old. */
static int64_t last_seen_sec;

struct timespec64 inode_now(void)
{
    struct timespec64 now = time_real_now();
    last_seen_sec = now.sec;
    return now;
}

struct inode *inode_create(struct super *super, uint32_t mode)
{
    struct inode *inode = heap_zalloc(sizeof *inode);
    if (!inode)
        return nullptr;
    inode->refs = 1;
    inode->mode = mode;
    inode->nlink = 1;
    inode->super = super;
    inode->ino = super->next_ino++;
    inode->atime = inode->mtime = inode->ctime = inode->btime = inode_now();
    list_init(&inode->mappings);
    list_init(&inode->twins);
    list_init(&inode->locks);
    list_init(&inode->watches);
    list_init(&inode->xattrs);
    return inode;
}

void inode_put(struct inode *inode)
{
    if (!inode || --inode->refs > 0)
        return;
    assert(list_is_empty(&inode->mappings));
    lock_inode_gone(inode);
    pagecache_drop(inode, 0, UINT64_MAX);
    xattr_drop_all(inode);
    if (inode->super->ops->evict)
        inode->super->ops->evict(inode);
    heap_free(inode);
}

void inode_init_owner(struct inode *inode, const struct inode *dir, uint32_t mode)
{
    const struct cred *cred = context_cred();
    inode->uid = cred->fsuid;
    inode->gid = cred->fsgid;
    if (dir && dir->mode & S_ISGID) {
        inode->gid = dir->gid;
        if (S_ISDIR(mode))
            mode |= S_ISGID;
        else if ((mode & (S_ISGID | S_IXGRP)) == (S_ISGID | S_IXGRP) &&
                 !cred_in_group(cred, inode->gid) && !cred_capable(cred, CAP_FSETID))
            mode &= ~S_ISGID;
    }
    inode->mode = mode;
}

void inode_stat_generic(struct inode *inode, struct kstat *stat)
{
    *stat = (struct kstat){
        .dev = inode->super->dev,
        .ino = inode->ino,
        .rdev = inode->rdev,
        .size = inode->size,
        .blocks = inode->blocks + inode->pages.count * (PAGE_SIZE / 512),
        .mode = inode->mode,
        .nlink = inode->nlink,
        .uid = inode->uid,
        .gid = inode->gid,
        .block_bytes = PAGE_SIZE,
        .atime = inode->atime,
        .mtime = inode->mtime,
        .ctime = inode->ctime,
        .btime = inode->btime,
    };
}

int inode_stat(struct inode *inode, struct kstat *stat)
{
    if (inode->ops && inode->ops->getattr)
        return inode->ops->getattr(inode, stat);
    inode_stat_generic(inode, stat);
    return 0;
}

void inode_setattr_generic(struct inode *inode, const struct attr *attr)
{
    if (attr->valid & ATTR_MODE)
        inode->mode = (inode->mode & S_IFMT) | (attr->mode & S_PERMISSIONS);
    if (attr->valid & ATTR_UID)
        inode->uid = attr->uid;
    if (attr->valid & ATTR_GID)
        inode->gid = attr->gid;
    if (attr->valid & ATTR_ATIME)
        inode->atime = attr->atime;
    if (attr->valid & ATTR_MTIME)
        inode->mtime = attr->mtime;
    inode_touch_ctime(inode);
}

static bool is_before(const struct timespec64 *a, const struct timespec64 *b)
{
    return a->sec != b->sec ? a->sec < b->sec : a->nsec <= b->nsec;
}

/* As mounts with "relatime" do (mount(8)): only if the access time is older than a change or
 * than a day. */
void inode_touch_atime(struct inode *inode)
{
    constexpr int64_t day_sec = 24 * 60 * 60;
    if (inode->super->flags & (MS_RDONLY | MS_NOATIME))
        return;
    if (is_before(&inode->atime, &inode->mtime) || is_before(&inode->atime, &inode->ctime) ||
        last_seen_sec - inode->atime.sec >= day_sec)
        inode->atime = inode_now();
}

void inode_touch_mtime(struct inode *inode)
{
    inode->mtime = inode->ctime = inode_now();
}

void inode_touch_ctime(struct inode *inode)
{
    inode->ctime = inode_now();
}

int inode_deny_write(struct inode *inode)
{
    if (inode->writers > 0)
        return -ETXTBSY;
    inode->writers--;
    return 0;
}

void inode_allow_write(struct inode *inode)
{
    assert(inode->writers < 0);
    inode->writers++;
}
