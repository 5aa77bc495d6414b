/* SPDX-License-Identifier: BSD-2-Clause */
/* file.c - life of open files, and reading and writing them. */
#include "vfs/file.h"

#include <linux/mount.h>
#include "base/bits.h"
#include "base/errno.h"
#include "mm/heap.h"
#include "vfs/dentry.h"
#include "vfs/epoll.h"
#include "vfs/inode.h"
#include "vfs/lock.h"
#include "vfs/mount.h"
#include "vfs/notify.h"

constexpr size_t TRANSFER_MOST = 0x7ffff000; /* read(2): more is cut to this */

struct file *file_create(const struct path *path, uint32_t flags, const struct file_ops *ops)
{
    static constexpr uint32_t modes[] = {FILE_READ, FILE_WRITE, FILE_READ | FILE_WRITE, 0};
    struct file *file = heap_zalloc(sizeof *file);
    if (!file)
        return nullptr;
    path_get(path);
    file->refs = 1;
    file->flags = flags & ~(uint32_t)(O_CREAT | O_EXCL | O_TRUNC | O_CLOEXEC);
    file->mode = flags & O_PATH ? FILE_PATH : modes[flags & O_ACCMODE];
    file->path = *path;
    file->inode = path_inode(path);
    file->ops = ops;
    list_init(&file->watchers);
    return file;
}

void file_end(struct file *file)
{
    /* What runs below may look at the file: let its own gets and puts not end it twice. */
    file->refs = 1;
    epoll_file_closed(file);
    lock_file_closed(file);
    if (!(file->mode & FILE_PATH) && file->ops->release)
        file->ops->release(file);
    if (file->mode & FILE_COUNTED_WRITER)
        file->inode->writers--;
    notify_closed(file);
    path_put(&file->path);
    heap_free(file);
}

static void touch_atime(struct file *file)
{
    if (!(file->flags & O_NOATIME) && !(file->path.mount->flags & (MS_NOATIME | MS_RDONLY)))
        inode_touch_atime(file->inode);
}

ssize_t file_read_iter(struct file *file, struct iter *to, loff_t *pos)
{
    if (!(file->mode & FILE_READ))
        return -EBADF;
    if (!file->ops->read)
        return S_ISDIR(file->inode->mode) ? -EISDIR : -EINVAL;
    iter_truncate(to, TRANSFER_MOST);
    if (!(file->ops->flags & FOP_STREAM) && (*pos < 0 || *pos > INT64_MAX - (loff_t)to->count))
        return -EINVAL;
    ssize_t n = file->ops->read(file, to, pos);
    if (n > 0)
        notify_file(file, IN_ACCESS);
    return n;
}

ssize_t file_write_iter(struct file *file, struct iter *from, loff_t *pos)
{
    if (!(file->mode & FILE_WRITE))
        return -EBADF;
    if (!file->ops->write)
        return -EINVAL;
    iter_truncate(from, TRANSFER_MOST);
    if (!(file->ops->flags & FOP_STREAM) && (*pos < 0 || *pos > INT64_MAX - (loff_t)from->count))
        return -EINVAL;
    ssize_t n = file->ops->write(file, from, pos);
    if (n > 0)
        notify_file(file, IN_MODIFY);
    return n;
}

loff_t *file_position(struct file *file, loff_t *none)
{
    *none = 0;
    return file->ops->flags & FOP_STREAM ? none : &file->pos;
}

ssize_t file_read_kernel(struct file *file, void *to, size_t n, loff_t offset)
{
    struct iter it;
    iter_init_kbuf(&it, to, n);
    return file_read_iter(file, &it, &offset);
}

ssize_t file_write_kernel(struct file *file, const void *from, size_t n, loff_t offset)
{
    struct iter it;
    iter_init_kbuf(&it, (void *)from, n);
    return file_write_iter(file, &it, &offset);
}

ssize_t file_read_pages(struct file *file, struct iter *to, loff_t *pos)
{
    ssize_t done = pagecache_read(file->inode, to, (uint64_t)*pos);
    if (done > 0)
        *pos += done;
    touch_atime(file);
    return done;
}

int file_mmap_generic(struct file *file, struct vma *)
{
    touch_atime(file);
    return 0;
}

loff_t file_seek_none(struct file *, loff_t, int)
{
    return -ESPIPE;
}

loff_t file_seek_generic(struct file *file, loff_t offset, int whence)
{
    loff_t size = (loff_t)file->inode->size;
    switch (whence) {
    case SEEK_SET: break;
    case SEEK_CUR:
        if (__builtin_add_overflow(offset, file->pos, &offset))
            return -EOVERFLOW;
        break;
    case SEEK_END:
        if (__builtin_add_overflow(offset, size, &offset))
            return -EOVERFLOW;
        break;
    case SEEK_DATA:
    case SEEK_HOLE: /* no holes: the end of the file is one */
        if (offset < 0 || offset >= size)
            return -ENXIO;
        if (whence == SEEK_HOLE)
            offset = size;
        break;
    default: return -EINVAL;
    }
    if (offset < 0)
        return -EINVAL;
    return file->pos = offset;
}

bool dir_emit_dots(struct file *dir, struct dir_sink *sink)
{
    const struct dentry *d = dir->path.dentry;
    if (sink->pos == 0) {
        sink->pos = 1;
        if (!sink->emit(sink, ".", 1, d->inode->ino, DT_OF_MODE(S_IFDIR))) {
            sink->pos = 0;
            return false;
        }
    }
    if (sink->pos == 1) {
        sink->pos = 2;
        if (!sink->emit(sink, "..", 2, d->parent->inode->ino, DT_OF_MODE(S_IFDIR))) {
            sink->pos = 1;
            return false;
        }
    }
    return true;
}
