/* SPDX-License-Identifier: BSD-2-Clause */
/* dir.c - getdents(2), chdir(2), getcwd(2), chroot(2) and their kin. */
#include <linux/capability.h>
#include <linux/limits.h>
#include "base/bits.h"
#include "base/errno.h"
#include "base/string.h"
#include "linux-api/abi.h"
#include "linux-api/call.h"
#include "linux-api/file/args.h"
#include "mm/usermem.h"
#include "proc/cred.h"
#include "sched/thread.h"
#include "vfs/dentry.h"
#include "vfs/fdtable.h"
#include "vfs/file.h"
#include "vfs/fs_context.h"
#include "vfs/inode.h"

/* Entries on their way to a program's buffer. */
struct reader {
    struct dir_sink sink;
    uaddr_t at;
    size_t left;
    int err;
};

union record {
    struct linux_dirent64 new;
    struct linux_dirent old;
    char bytes[sizeof(struct linux_dirent64) + NAME_MAX + 16];
};

/* Give the N bytes of RECORD, rounded up to 8, to the program. */
static bool put(struct reader *r, const union record *record, size_t n)
{
    if (n > r->left) {
        r->err = -EINVAL; /* counts only if this was the first */
        return false;
    }
    if (copy_to_user(r->at, record, n) < 0) {
        r->err = -EFAULT;
        return false;
    }
    r->at += n;
    r->left -= n;
    return true;
}

static bool emit_new(struct dir_sink *sink, const char *name, size_t n, uint64_t ino, unsigned type)
{
    union record record = {};
    size_t bytes = (offsetof(struct linux_dirent64, d_name) + n + 1 + 7) & ~7ul;
    record.new.d_ino = ino;
    record.new.d_off = sink->pos;
    record.new.d_reclen = (uint16_t)bytes;
    record.new.d_type = (uint8_t)type;
    memcpy(record.bytes + offsetof(struct linux_dirent64, d_name), name, n);
    return put(container_of(sink, struct reader, sink), &record, bytes);
}

/* getdents(2): the type is the record's last byte. */
static bool emit_old(struct dir_sink *sink, const char *name, size_t n, uint64_t ino, unsigned type)
{
    union record record = {};
    size_t bytes = (offsetof(struct linux_dirent, d_name) + n + 2 + 7) & ~7ul;
    record.old.d_ino = ino;
    record.old.d_off = (unsigned long)sink->pos;
    record.old.d_reclen = (unsigned short)bytes;
    memcpy(record.bytes + offsetof(struct linux_dirent, d_name), name, n);
    record.bytes[bytes - 1] = (char)type;
    return put(container_of(sink, struct reader, sink), &record, bytes);
}

static long entries_read(const struct call *c, typeof(emit_new) *emit)
{
    struct file *file = fd_get((int)c->arg[0]);
    if (!file)
        return -EBADF;
    size_t size = (unsigned)c->arg[2];
    struct reader r = {{file->pos, emit}, c->arg[1], size, 0};
    long err = 0;
    if (!file->ops->iterate)
        err = -ENOTDIR;
    else if (dentry_is_deleted(file->path.dentry))
        err = -ENOENT;
    else
        err = file->ops->iterate(file, &r.sink);
    if (!err) {
        file->pos = r.sink.pos;
        err = r.left < size ? (long)(size - r.left) : r.err;
    }
    file_put(file);
    return err;
}

long sys_getdents64(const struct call *c)
{
    return entries_read(c, emit_new);
}

long sys_getdents(const struct call *c)
{
    return entries_read(c, emit_old);
}

long sys_chdir(const struct call *c)
{
    struct path path;
    int err = path_arg(AT_FDCWD, c->arg[0], LOOKUP_FOLLOW | LOOKUP_DIRECTORY, &path);
    if (err < 0)
        return err;
    err = inode_permission(path_inode(&path), MAY_EXEC);
    if (!err)
        fs_context_set_cwd(current->fs, &path);
    path_put(&path);
    return err;
}

long sys_fchdir(const struct call *c)
{
    struct file *file = fd_get_any((int)c->arg[0]);
    if (!file)
        return -EBADF;
    int err = S_ISDIR(file->inode->mode) ? inode_permission(file->inode, MAY_EXEC) : -ENOTDIR;
    if (!err)
        fs_context_set_cwd(current->fs, &file->path);
    file_put(file);
    return err;
}

long sys_chroot(const struct call *c)
{
    struct path path;
    int err = path_arg(AT_FDCWD, c->arg[0], LOOKUP_FOLLOW | LOOKUP_DIRECTORY, &path);
    if (err < 0)
        return err;
    err = inode_permission(path_inode(&path), MAY_EXEC);
    if (!err && !capable(CAP_SYS_CHROOT))
        err = -EPERM;
    if (!err)
        fs_context_set_root(current->fs, &path);
    path_put(&path);
    return err;
}

long sys_getcwd(const struct call *c)
{
    const struct fs_context *fs = current->fs;
    if (dentry_is_deleted(fs->cwd.dentry))
        return -ENOENT;
    char *buffer = path_buffer_get(), *text;
    if (!buffer)
        return -ENOMEM;
    long n = path_to_string(&fs->cwd, &fs->root, buffer, PATH_MAX, &text);
    if (!n) {
        n = (long)strlen(text) + 1;
        if ((uint64_t)n > c->arg[1])
            n = -ERANGE;
        else if (copy_to_user(c->arg[0], text, (size_t)n) < 0)
            n = -EFAULT;
    }
    path_buffer_put(buffer);
    return n;
}
