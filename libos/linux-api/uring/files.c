/* SPDX-License-Identifier: BSD-2-Clause */
/* files.c - registered files: a table of slots, which the program fills, or requests that open
 * files ("direct descriptors"). */
#include <linux/resource.h>

#include "base/errno.h"
#include "linux-api/uring/uring.h"
#include "mm/heap.h"
#include "mm/usermem.h"
#include "sched/sched.h"
#include "vfs/context.h"
#include "vfs/fdtable.h"
#include "vfs/file.h"

constexpr uint32_t FILES_MOST = 1 << 15;
constexpr uint32_t RELAX_EVERY = 64;

/* FILE's reference goes to the slot; the file that was there is put. */
static void slot_put(struct uring *ring, uint32_t slot, struct file *file)
{
    struct file *old = ring->files[slot];
    ring->files[slot] = file;
    if (file && !old)
        ring->file_hint = slot + 1;
    else if (!file && old)
        ring->file_hint = slot;
    file_put(old);
}

/* The file FD may stand in a slot; a ring that held itself would never go. */
static int file_to_register(int32_t fd, struct file **out)
{
    struct file *file = fd_get(fd);
    if (file && !file_uring(file)) {
        *out = file;
        return 0;
    }
    file_put(file);
    return -EBADF;
}

static int slot_set(struct uring *ring, uint32_t slot, int32_t fd)
{
    struct file *file = nullptr;
    if (fd == IORING_REGISTER_FILES_SKIP)
        return 0;
    int err = fd == -1 ? 0 : file_to_register(fd, &file);
    if (!err)
        slot_put(ring, slot, file);
    return err;
}

/* ------------------------------------------------------------------ the table */

int64_t uring_files_replace(struct uring *ring, uint32_t offset, uaddr_t fds, uint32_t count)
{
    uint32_t end, done = 0;
    int err = 0;
    if (__builtin_add_overflow(offset, count, &end))
        return -EOVERFLOW;
    if (!ring->files)
        return -ENXIO;
    if (end > ring->file_count)
        return -EINVAL;
    /* Closing a file may sleep, and others may take the slots away meanwhile. */
    for (; done < count && end <= ring->file_count; done++) {
        uint32_t fd;
        err = get_user_u32(&fd, fds + done * sizeof fd);
        if (!err)
            err = slot_set(ring, offset + done, (int32_t)fd);
        if (err < 0)
            break;
        if ((done + 1) % RELAX_EVERY == 0)
            (void)sched_relax();
    }
    return done ? done : err;
}

int uring_files_unregister(struct uring *ring)
{
    if (!ring->files)
        return -ENXIO;
    struct file **files = ring->files;
    uint32_t count = ring->file_count;
    ring->files = nullptr;
    ring->file_count = 0;
    for (uint32_t i = 0; i < count; i++)
        file_put(files[i]);
    heap_free(files);
    return 0;
}

static int table_make(struct uring *ring, uint32_t count)
{
    if (ring->files)
        return -EBUSY;
    if (count == 0)
        return -EINVAL;
    if (count > FILES_MOST || count > context_rlimit(RLIMIT_NOFILE))
        return -EMFILE;
    ring->files = heap_calloc(count, sizeof(struct file *));
    if (!ring->files)
        return -ENOMEM;
    ring->file_count = count;
    ring->file_first = ring->file_hint = 0;
    ring->file_end = count;
    return 0;
}

int uring_files_register(struct uring *ring, uaddr_t fds, uint32_t count)
{
    int err = table_make(ring, count);
    if (err < 0)
        return err;
    int64_t n = uring_files_replace(ring, 0, fds, count);
    ring->file_hint = 0;
    if (n == count)
        return 0;
    (void)uring_files_unregister(ring);
    return n < 0 ? (int)n : -EBADF;
}

int uring_files_register2(struct uring *ring, uaddr_t user, uint32_t bytes)
{
    struct io_uring_rsrc_register r;
    if (bytes != sizeof r)
        return -EINVAL;
    if (copy_from_user(&r, user, sizeof r))
        return -EFAULT;
    bool is_sparse = r.flags & IORING_RSRC_REGISTER_SPARSE;
    if (!r.nr || r.resv2 || r.flags & ~IORING_RSRC_REGISTER_SPARSE || r.tags ||
        (is_sparse && r.data))
        return -EINVAL;
    return r.data ? uring_files_register(ring, r.data, r.nr) : table_make(ring, r.nr);
}

int64_t uring_files_update_many(struct uring *ring, uaddr_t user, uint32_t count)
{
    struct io_uring_files_update update;
    if (copy_from_user(&update, user, sizeof update))
        return -EFAULT;
    if (update.resv || count == 0)
        return -EINVAL;
    return uring_files_replace(ring, update.offset, update.fds, count);
}

int64_t uring_files_update2(struct uring *ring, uaddr_t user, uint32_t bytes)
{
    struct io_uring_rsrc_update2 update;
    if (bytes != sizeof update)
        return -EINVAL;
    if (copy_from_user(&update, user, sizeof update))
        return -EFAULT;
    if (!update.nr || update.resv || update.resv2 || update.tags)
        return -EINVAL;
    return uring_files_replace(ring, update.offset, update.data, update.nr);
}

int uring_files_range(struct uring *ring, uaddr_t user)
{
    struct io_uring_file_index_range range;
    uint32_t end;
    if (copy_from_user(&range, user, sizeof range))
        return -EFAULT;
    if (__builtin_add_overflow(range.off, range.len, &end))
        return -EOVERFLOW;
    if (range.resv || end > ring->file_count)
        return -EINVAL;
    ring->file_first = ring->file_hint = range.off;
    ring->file_end = end;
    return 0;
}

/* ------------------------------------------------------------------ single slots */

/* The next free one of the range, from the hint on and around. */
static int64_t slot_find(const struct uring *ring)
{
    uint32_t hint = ring->file_hint;
    if (hint < ring->file_first || hint > ring->file_end)
        hint = ring->file_first;
    for (uint32_t slot = hint; slot < ring->file_end; slot++)
        if (!ring->files[slot])
            return slot;
    for (uint32_t slot = ring->file_first; slot < hint; slot++)
        if (!ring->files[slot])
            return slot;
    return -ENFILE;
}

int64_t uring_slot_install(struct uring *ring, struct file *file, uint32_t index)
{
    bool picks = index == IORING_FILE_INDEX_ALLOC;
    int64_t slot = !picks ? (int64_t)index - 1 : ring->files ? slot_find(ring) : -ENFILE;
    int64_t err = slot < 0 ? slot : !ring->files ? -ENXIO : slot >= ring->file_count ? -EINVAL : 0;
    if (!err && file_uring(file))
        err = -EBADF;
    if (err < 0) {
        file_put(file);
        return err;
    }
    slot_put(ring, (uint32_t)slot, file);
    return picks ? slot : 0;
}

int uring_slot_close(struct uring *ring, uint32_t slot)
{
    if (!ring->files)
        return -ENXIO;
    if (slot >= ring->file_count)
        return -EINVAL;
    if (!ring->files[slot])
        return -EBADF;
    slot_put(ring, slot, nullptr);
    return 0;
}

/* IORING_OP_FILES_UPDATE with IORING_FILE_INDEX_ALLOC: the slots are told in place of the
 * descriptors. */
static int64_t place_many(struct uring *ring, uaddr_t fds, uint32_t count)
{
    uint32_t done = 0;
    int64_t slot = 0;
    if (!ring->files)
        return -ENXIO;
    for (; done < count; done++) {
        uaddr_t at = fds + done * sizeof(int32_t);
        struct file *file;
        uint32_t fd;
        slot = get_user_u32(&fd, at);
        if (!slot)
            slot = file_to_register((int32_t)fd, &file);
        if (!slot)
            slot = uring_slot_install(ring, file, IORING_FILE_INDEX_ALLOC);
        if (slot < 0)
            break;
        if (put_user_u32(at, (uint32_t)slot)) {
            (void)uring_slot_close(ring, (uint32_t)slot);
            slot = -EFAULT;
            break;
        }
    }
    return done ? done : slot;
}

int64_t uring_files_update(struct uring_request *r)
{
    if (r->sqe.rw_flags || r->sqe.file_index || r->sqe.len == 0)
        return -EINVAL;
    if ((uint32_t)r->sqe.off == IORING_FILE_INDEX_ALLOC)
        return place_many(r->ring, r->sqe.addr, r->sqe.len);
    return uring_files_replace(r->ring, (uint32_t)r->sqe.off, r->sqe.addr, r->sqe.len);
}
