/* SPDX-License-Identifier: BSD-2-Clause */
/* mount.c - mount(2), umount2(2), pivot_root(2). */
#include <linux/capability.h>
#include <linux/limits.h>
#include <linux/mount.h>
#include "base/bits.h"
#include "base/errno.h"
#include "linux-api/abi.h"
#include "linux-api/call.h"
#include "linux-api/file/args.h"
#include "mm/heap.h"
#include "mm/usermem.h"
#include "proc/cred.h"
#include "vfs/mount.h"

constexpr unsigned long PROPAGATION = MS_SHARED | MS_PRIVATE | MS_SLAVE | MS_UNBINDABLE;
constexpr size_t TYPE_BYTES = 64; /* no file system has a longer name */

struct request {
    unsigned long flags;
    char *source; /* path buffer, or NULL */
    char *data;   /* a page, or NULL */
    char type[TYPE_BYTES];
};

/* Nothing is shared between mounts here: each is private already, and cannot become shared. */
static long change_propagation(unsigned long flags)
{
    unsigned long type = flags & PROPAGATION;
    if (flags & ~(PROPAGATION | MS_REC | MS_SILENT) || (type & (type - 1)) != 0)
        return -EINVAL;
    return type == MS_SHARED ? -EINVAL : 0;
}

static long bind_or_move(const struct request *r, const struct path *on)
{
    struct path from;
    if (!r->source || !*r->source)
        return -EINVAL;
    int err = path_lookup(AT_FDCWD, r->source, LOOKUP_FOLLOW, &from);
    if (err < 0)
        return err;
    err = r->flags & MS_BIND ? mount_bind(&from, on, r->flags & MS_REC) : mount_move(&from, on);
    path_put(&from);
    return err;
}

static long mount_on(const struct request *r, const struct path *on)
{
    if (r->flags & MS_REMOUNT)
        return mount_remount(on, r->flags, r->data);
    if (r->flags & MS_BIND)
        return bind_or_move(r, on);
    if (r->flags & PROPAGATION)
        return change_propagation(r->flags);
    if (r->flags & MS_MOVE)
        return bind_or_move(r, on);
    if (!r->type[0])
        return -EINVAL;
    return mount_new(r->source && *r->source ? r->source : "none", on, r->type, r->flags, r->data);
}

/* Options are a page at most; what follows it in memory may not exist (mount(2)). */
static int data_arg(uaddr_t user, char **data)
{
    *data = nullptr;
    if (!user)
        return 0;
    char *to = heap_alloc(PAGE_SIZE);
    if (!to)
        return -ENOMEM;
    ssize_t n = strncpy_from_user(to, user, PAGE_SIZE);
    if (n < 0) {
        heap_free(to);
        return (int)n;
    }
    to[MIN((size_t)n, (size_t)PAGE_SIZE - 1)] = '\0';
    *data = to;
    return 0;
}

static int request_arg(struct request *r, const struct call *c)
{
    *r = (struct request){.flags = c->arg[3]};
    if ((r->flags & MS_MGC_MSK) == MS_MGC_VAL)
        r->flags &= ~(unsigned long)MS_MGC_MSK;
    if (c->arg[2]) {
        ssize_t n = strncpy_from_user(r->type, c->arg[2], sizeof r->type);
        if (n < 0)
            return (int)n;
        if ((size_t)n == sizeof r->type)
            return -ENODEV;
    }
    int err = c->arg[0] ? path_from_user(c->arg[0], LOOKUP_EMPTY, &r->source) : 0;
    return err < 0 ? err : data_arg(c->arg[4], &r->data);
}

long sys_mount(const struct call *c)
{
    struct request r;
    struct path on;
    long err = request_arg(&r, c);
    if (!err)
        err = path_arg(AT_FDCWD, c->arg[1], LOOKUP_FOLLOW, &on);
    if (!err) {
        err = capable(CAP_SYS_ADMIN) ? mount_on(&r, &on) : -EPERM;
        path_put(&on);
    }
    path_buffer_put(r.source);
    heap_free(r.data);
    return err;
}

long sys_umount2(const struct call *c)
{
    unsigned flags = (unsigned)c->arg[1];
    struct path path;
    if (flags & ~(unsigned)(MNT_FORCE | MNT_DETACH | MNT_EXPIRE | UMOUNT_NOFOLLOW) ||
        (flags & MNT_EXPIRE && flags & (MNT_FORCE | MNT_DETACH)))
        return -EINVAL;
    if (!capable(CAP_SYS_ADMIN))
        return -EPERM;
    int err = path_arg(AT_FDCWD, c->arg[0], flags & UMOUNT_NOFOLLOW ? 0 : LOOKUP_FOLLOW, &path);
    if (err < 0)
        return err;
    err = mount_remove(&path, flags);
    path_put(&path);
    return err;
}

long sys_pivot_root(const struct call *c)
{
    struct path new_root, put_old;
    if (!capable(CAP_SYS_ADMIN))
        return -EPERM;
    int err = path_arg(AT_FDCWD, c->arg[0], LOOKUP_FOLLOW | LOOKUP_DIRECTORY, &new_root);
    if (err < 0)
        return err;
    err = path_arg(AT_FDCWD, c->arg[1], LOOKUP_FOLLOW | LOOKUP_DIRECTORY, &put_old);
    if (!err) {
        err = mount_pivot(&new_root, &put_old);
        path_put(&put_old);
    }
    path_put(&new_root);
    return err;
}
