/* SPDX-License-Identifier: BSD-2-Clause */
/* open.c - open(2), openat2(2), creat(2), close(2), close_range(2). */
#include <linux/close_range.h>
#include <linux/fcntl.h>
#include <linux/openat2.h>
#include "base/bits.h"
#include "base/errno.h"
#include "linux-api/abi.h"
#include "linux-api/call.h"
#include "linux-api/file/args.h"
#include "mm/usermem.h"
#include "sched/thread.h"
#include "vfs/fdtable.h"
#include "vfs/file.h"

/* Flags that open(2) knows; it ignores all others.  O_SYNC has the bit of O_DSYNC in it,
 * O_TMPFILE that of O_DIRECTORY. */
constexpr uint32_t OPEN_FLAGS = O_ACCMODE | O_CREAT | O_EXCL | O_NOCTTY | O_TRUNC | O_APPEND |
                                O_NONBLOCK | O_SYNC | FASYNC | O_DIRECT | O_LARGEFILE | O_NOFOLLOW |
                                O_NOATIME | O_CLOEXEC | O_PATH | O_TMPFILE;

void open_request_init(struct open_request *r, int dirfd, uaddr_t name, uint32_t flags,
                       uint32_t mode)
{
    *r = (struct open_request){dirfd, name, (flags & OPEN_FLAGS) | O_LARGEFILE, mode, 0};
}

int open_file(const struct open_request *r, struct file **file)
{
    char *name;
    int err = path_from_user(r->name, 0, &name);
    if (err < 0)
        return err;
    err = vfs_open_at(r->dirfd, name, r->flags, r->mode, r->lookup, file);
    path_buffer_put(name);
    return err;
}

long open_descriptor(const struct open_request *r)
{
    char *name;
    int err = path_from_user(r->name, 0, &name);
    if (err < 0)
        return err;
    /* The number first: a new file must not remain if there is none left. */
    int fd = fd_alloc(0, r->flags);
    struct file *file;
    err = fd < 0 ? fd : vfs_open_at(r->dirfd, name, r->flags, r->mode, r->lookup, &file);
    path_buffer_put(name);
    if (err < 0) {
        if (fd >= 0)
            fd_free(fd);
        return err;
    }
    fd_install(fd, file);
    return fd;
}

static long open_plain(int dirfd, uaddr_t name, uint32_t flags, uint32_t mode)
{
    struct open_request r;
    open_request_init(&r, dirfd, name, flags, mode);
    return open_descriptor(&r);
}

long sys_openat(const struct call *c)
{
    return open_plain((int)c->arg[0], c->arg[1], (uint32_t)c->arg[2], (uint32_t)c->arg[3]);
}

long sys_open(const struct call *c)
{
    return open_plain(AT_FDCWD, c->arg[0], (uint32_t)c->arg[1], (uint32_t)c->arg[2]);
}

long sys_creat(const struct call *c)
{
    return open_plain(AT_FDCWD, c->arg[0], O_CREAT | O_WRONLY | O_TRUNC, (uint32_t)c->arg[1]);
}

/* The structure may be longer than ours, if what we do not know is zero. */
static int open_how_arg(struct open_how *how, uaddr_t user, uint64_t size)
{
    if (size < sizeof(struct open_how))
        return -EINVAL;
    if (size > PAGE_SIZE)
        return -E2BIG;
    *how = (struct open_how){};
    int err = copy_from_user(how, user, MIN(size, sizeof *how));
    for (uint64_t at = sizeof *how; !err && at < size; at++) {
        uint8_t byte;
        err = get_user_u8(&byte, user + at);
        if (!err && byte)
            err = -E2BIG;
    }
    return err;
}

static int check_how(const struct open_how *how)
{
    constexpr uint64_t creating = O_CREAT | (O_TMPFILE & ~O_DIRECTORY);
    constexpr uint64_t resolve = RESOLVE_NO_XDEV | RESOLVE_NO_MAGICLINKS | RESOLVE_NO_SYMLINKS |
                                 RESOLVE_BENEATH | RESOLVE_IN_ROOT | RESOLVE_CACHED;
    if (how->flags & ~(uint64_t)OPEN_FLAGS || how->resolve & ~resolve)
        return -EINVAL;
    if (how->flags & creating ? how->mode & ~(uint64_t)S_PERMISSIONS : how->mode != 0)
        return -EINVAL;
    if (how->flags & O_PATH &&
        how->flags & ~(uint64_t)(O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC))
        return -EINVAL;
    if ((how->resolve & (RESOLVE_BENEATH | RESOLVE_IN_ROOT)) == (RESOLVE_BENEATH | RESOLVE_IN_ROOT))
        return -EINVAL;
    if (how->resolve & RESOLVE_CACHED && how->flags & (O_TRUNC | creating))
        return -EAGAIN;
    return 0;
}

int open_request_init_how(struct open_request *r, int dirfd, uaddr_t name, uaddr_t user,
                          uint64_t size)
{
    struct open_how how;
    int err = open_how_arg(&how, user, size);
    if (!err)
        err = check_how(&how);
    if (err < 0)
        return err;
    unsigned lookup = (how.resolve & RESOLVE_NO_XDEV ? LOOKUP_NO_XDEV : 0) |
                      (how.resolve & RESOLVE_NO_MAGICLINKS ? LOOKUP_NO_MAGIC : 0) |
                      (how.resolve & RESOLVE_NO_SYMLINKS ? LOOKUP_NO_SYMLINKS : 0) |
                      (how.resolve & RESOLVE_BENEATH ? LOOKUP_BENEATH : 0) |
                      (how.resolve & RESOLVE_IN_ROOT ? LOOKUP_IN_ROOT : 0);
    *r = (struct open_request){dirfd, name, (uint32_t)how.flags | O_LARGEFILE, (uint32_t)how.mode,
                               lookup};
    return 0;
}

long sys_openat2(const struct call *c)
{
    struct open_request r;
    int err = open_request_init_how(&r, (int)c->arg[0], c->arg[1], c->arg[2], c->arg[3]);
    return err < 0 ? err : open_descriptor(&r);
}

long sys_close(const struct call *c)
{
    return fd_close((int)c->arg[0]);
}

/* CLOSE_RANGE_UNSHARE: a table of the thread's own first. */
static int unshare_table(void)
{
    if (current->files->refs == 1)
        return 0;
    struct fd_table *own = fd_table_clone(current->files);
    if (!own)
        return -ENOMEM;
    fd_table_put(current->files);
    current->files = own;
    return 0;
}

long sys_close_range(const struct call *c)
{
    unsigned first = (unsigned)c->arg[0], last = (unsigned)c->arg[1], flags = (unsigned)c->arg[2];
    if (flags & ~(unsigned)(CLOSE_RANGE_UNSHARE | CLOSE_RANGE_CLOEXEC) || first > last)
        return -EINVAL;
    if (flags & CLOSE_RANGE_UNSHARE && unshare_table() < 0)
        return -ENOMEM;
    for (int fd = -1;;) {
        unsigned from = MAX(first, (unsigned)(fd + 1));
        fd = fd_table_next(current->files, from);
        if (fd < 0 || (unsigned)fd > last)
            return 0;
        if (flags & CLOSE_RANGE_CLOEXEC)
            fd_table_set_cloexec(current->files, (unsigned)fd, true);
        else
            (void)!fd_close(fd); /* close_range(2) reports no errors of single files */
    }
}
