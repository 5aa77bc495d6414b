/* SPDX-License-Identifier: BSD-2-Clause */
/* stat.c - stat(2), statx(2), statfs(2) and their kin. */
#include <asm/stat.h>
#include <asm/statfs.h>
#include <linux/mount.h>
#include <linux/stat.h>
#include "base/errno.h"
#include "linux-api/abi.h"
#include "linux-api/call.h"
#include "linux-api/file/args.h"
#include "mm/usermem.h"
#include "vfs/fdtable.h"
#include "vfs/file.h"
#include "vfs/fs.h"
#include "vfs/inode.h"
#include "vfs/mount.h"

static long stat_put(uaddr_t user, const struct kstat *k)
{
    struct stat s = {
        .st_dev = k->dev,
        .st_ino = k->ino,
        .st_nlink = k->nlink,
        .st_mode = k->mode,
        .st_uid = k->uid,
        .st_gid = k->gid,
        .st_rdev = k->rdev,
        .st_size = (long)k->size,
        .st_blksize = k->block_bytes,
        .st_blocks = (long)k->blocks,
        .st_atime = (unsigned long)k->atime.sec,
        .st_atime_nsec = (unsigned long)k->atime.nsec,
        .st_mtime = (unsigned long)k->mtime.sec,
        .st_mtime_nsec = (unsigned long)k->mtime.nsec,
        .st_ctime = (unsigned long)k->ctime.sec,
        .st_ctime_nsec = (unsigned long)k->ctime.nsec,
    };
    return copy_to_user(user, &s, sizeof s);
}

static long stat_path(int dirfd, uaddr_t name, unsigned lookup, struct kstat *stat, uint32_t *mount)
{
    struct path path;
    int err = path_arg(dirfd, name, lookup, &path);
    if (err < 0)
        return err;
    err = inode_stat(path_inode(&path), stat);
    *mount = path.mount->id;
    path_put(&path);
    return err;
}

static long stat_fd(int fd, struct kstat *stat, uint32_t *mount)
{
    struct file *file = fd_get_any(fd);
    if (!file)
        return -EBADF;
    int err = inode_stat(file->inode, stat);
    *mount = file->path.mount->id;
    file_put(file);
    return err;
}

static long stat_to_user(int dirfd, uaddr_t name, unsigned lookup, uaddr_t out)
{
    struct kstat stat;
    uint32_t mount;
    long err = stat_path(dirfd, name, lookup, &stat, &mount);
    return err < 0 ? err : stat_put(out, &stat);
}

long sys_stat(const struct call *c)
{
    return stat_to_user(AT_FDCWD, c->arg[0], LOOKUP_FOLLOW, c->arg[1]);
}

long sys_lstat(const struct call *c)
{
    return stat_to_user(AT_FDCWD, c->arg[0], 0, c->arg[1]);
}

long sys_fstat(const struct call *c)
{
    struct kstat stat;
    uint32_t mount;
    long err = stat_fd((int)c->arg[0], &stat, &mount);
    return err < 0 ? err : stat_put(c->arg[1], &stat);
}

/* Does AT_EMPTY_PATH with this name mean the descriptor itself?  A null pointer does too. */
static bool means_fd(uaddr_t name, unsigned at_flags)
{
    uint8_t first;
    return at_flags & AT_EMPTY_PATH && (!name || (get_user_u8(&first, name) == 0 && !first));
}

long sys_newfstatat(const struct call *c)
{
    unsigned flags = (unsigned)c->arg[3];
    int dirfd = (int)c->arg[0];
    if (flags & ~(unsigned)(AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH | AT_NO_AUTOMOUNT))
        return -EINVAL;
    if (dirfd >= 0 && means_fd(c->arg[1], flags)) {
        struct call fstat = {.arg = {c->arg[0], c->arg[2]}};
        return sys_fstat(&fstat);
    }
    return stat_to_user(dirfd, c->arg[1], lookup_of_at(flags, LOOKUP_FOLLOW), c->arg[2]);
}

static struct statx_timestamp statx_time(const struct timespec64 *t)
{
    return (struct statx_timestamp){.tv_sec = t->sec, .tv_nsec = (uint32_t)t->nsec};
}

long sys_statx(const struct call *c)
{
    unsigned flags = (unsigned)c->arg[2], mask = (unsigned)c->arg[3];
    int dirfd = (int)c->arg[0];
    if (mask & STATX__RESERVED || (flags & AT_STATX_SYNC_TYPE) == AT_STATX_SYNC_TYPE ||
        flags &
            ~(unsigned)(AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH | AT_NO_AUTOMOUNT | AT_STATX_SYNC_TYPE))
        return -EINVAL;
    struct kstat k;
    uint32_t mount;
    long err = dirfd >= 0 && means_fd(c->arg[1], flags)
                   ? stat_fd(dirfd, &k, &mount)
                   : stat_path(dirfd, c->arg[1], lookup_of_at(flags, LOOKUP_FOLLOW), &k, &mount);
    if (err < 0)
        return err;
    struct statx s = {
        .stx_mask = STATX_BASIC_STATS | STATX_BTIME | (mask & STATX_MNT_ID),
        .stx_blksize = k.block_bytes,
        .stx_attributes = k.attributes,
        .stx_nlink = k.nlink,
        .stx_uid = k.uid,
        .stx_gid = k.gid,
        .stx_mode = (uint16_t)k.mode,
        .stx_ino = k.ino,
        .stx_size = k.size,
        .stx_blocks = k.blocks,
        .stx_atime = statx_time(&k.atime),
        .stx_btime = statx_time(&k.btime),
        .stx_ctime = statx_time(&k.ctime),
        .stx_mtime = statx_time(&k.mtime),
        .stx_rdev_major = dev_major(k.rdev),
        .stx_rdev_minor = dev_minor(k.rdev),
        .stx_dev_major = dev_major(k.dev),
        .stx_dev_minor = dev_minor(k.dev),
        .stx_mnt_id = mount,
    };
    return copy_to_user(c->arg[4], &s, sizeof s);
}

/* f_flags: mount options in statfs(2)'s numbers, which differ from mount(2)'s in places. */
static long statfs_flags(const struct mount *mount)
{
    constexpr long valid = 0x20, noatime = 0x400, nodiratime = 0x800, relatime = 0x1000;
    unsigned f = mount->flags | (mount->super->flags & MS_RDONLY);
    return valid | (f & (MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC)) |
           (f & MS_NOATIME ? noatime : relatime) | (f & MS_NODIRATIME ? nodiratime : 0);
}

static long statfs_put(const struct path *path, uaddr_t user)
{
    struct super *super = path->mount->super;
    struct fs_stats k = {.block_bytes = 4096, .name_max = 255};
    if (super->ops->statfs) {
        int err = super->ops->statfs(super, &k);
        if (err < 0)
            return err;
    }
    struct statfs s = {
        .f_type = (long)super->magic,
        .f_bsize = (long)k.block_bytes,
        .f_blocks = (long)k.blocks,
        .f_bfree = (long)k.blocks_free,
        .f_bavail = (long)k.blocks_available,
        .f_files = (long)k.files,
        .f_ffree = (long)k.files_free,
        .f_fsid = {.val = {(int)super->dev, (int)(super->dev >> 32)}},
        .f_namelen = (long)k.name_max,
        .f_frsize = (long)k.block_bytes,
        .f_flags = statfs_flags(path->mount),
    };
    return copy_to_user(user, &s, sizeof s);
}

long sys_statfs(const struct call *c)
{
    struct path path;
    int err = path_arg(AT_FDCWD, c->arg[0], LOOKUP_FOLLOW, &path);
    if (err < 0)
        return err;
    long result = statfs_put(&path, c->arg[1]);
    path_put(&path);
    return result;
}

long sys_fstatfs(const struct call *c)
{
    struct file *file = fd_get_any((int)c->arg[0]);
    if (!file)
        return -EBADF;
    long result = statfs_put(&file->path, c->arg[1]);
    file_put(file);
    return result;
}
