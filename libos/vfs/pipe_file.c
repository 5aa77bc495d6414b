/* SPDX-License-Identifier: BSD-2-Clause */
/* pipe_file.c - reading and writing pipes, and opening FIFOs (pipe(7), fifo(7)). */
#include "vfs/pipe_file.h"

#include <asm-generic/ioctls.h>
#include <linux/fcntl.h>
#include <linux/limits.h>
#include "base/bits.h"
#include "base/errno.h"
#include "mm/page.h"
#include "mm/usermem.h"
#include "vfs/anon.h"
#include "vfs/file.h"
#include "vfs/inode.h"

struct pipe *file_pipe(const struct file *file)
{
    return file->ops == &pipe_file_ops ? file->inode->pipe : nullptr;
}

static void *slot_data(const struct pipe_slot *slot, uint32_t at)
{
    return (char *)page_address(slot->page) + slot->offset + at;
}

static ssize_t read(struct file *file, struct iter *to, loff_t *)
{
    struct pipe *p = file->inode->pipe;
    ssize_t done = 0, moved = 0;
    if (iter_count(to) == 0)
        return 0;
    while (iter_count(to)) {
        if (!pipe_used(p)) {
            if (done)
                break;
            int err = pipe_wait_data(p, file->flags & O_NONBLOCK);
            if (err)
                return err < 0 ? err : 0;
        }
        struct pipe_slot *slot = pipe_slot_at(p, p->tail);
        uint32_t n = (uint32_t)MIN((size_t)slot->bytes, iter_count(to));
        bool is_packet = slot->flags & SLOT_PACKET;
        moved = iter_copy_to(to, slot_data(slot, 0), n);
        if (moved <= 0)
            break;
        done += moved;
        bool was_full = pipe_is_full(p);
        pipe_consume(p, is_packet ? slot->bytes : (uint32_t)moved);
        if (was_full && !pipe_is_full(p))
            pipe_wake_writers(p);
        if (is_packet)
            break;
    }
    /* Others may wait for what is left: readers are woken one at a time. */
    if (pipe_used(p))
        pipe_wake_readers(p);
    if (done)
        inode_touch_atime(file->inode);
    return done ? done : moved;
}

/* Add the part of the data that does not fill a page to the last slot, if that has room: as
 * Linux does, so that the pipe's capacity is the same. */
static ssize_t merge(struct pipe *p, struct iter *from)
{
    uint32_t odd = iter_count(from) % PAGE_SIZE;
    if (!odd || !pipe_used(p))
        return 0;
    struct pipe_slot *slot = pipe_slot_at(p, p->head - 1);
    if (!(slot->flags & SLOT_MERGE) || slot->offset + slot->bytes + odd > PAGE_SIZE)
        return 0;
    ssize_t moved = iter_copy_from(from, slot_data(slot, slot->bytes), odd);
    if (moved < (ssize_t)odd)
        return -EFAULT; /* nothing was written: what came over lies beyond the slot's end */
    slot->bytes += odd;
    p->bytes += odd;
    return moved;
}

/* Fill one more slot. */
static ssize_t append(struct pipe *p, struct iter *from, uint32_t flags)
{
    struct page *page = pipe_page(p);
    if (!page)
        return -ENOMEM;
    ssize_t moved = iter_copy_from(from, page_address(page), PAGE_SIZE);
    if (moved <= 0) {
        page_put(page);
        return moved;
    }
    pipe_push(p, page, 0, (uint32_t)moved, flags);
    return moved;
}

static ssize_t write(struct file *file, struct iter *from, loff_t *)
{
    struct pipe *p = file->inode->pipe;
    ssize_t done = 0, moved = 0;
    if (iter_count(from) == 0)
        return 0;
    bool is_packet = file->flags & O_DIRECT;
    if (p->readers && !is_packet) {
        moved = merge(p, from);
        done = MAX(moved, 0);
    }
    while (moved >= 0 && iter_count(from)) {
        if (!p->readers || pipe_is_full(p)) {
            pipe_wake_readers(p);
            moved = pipe_wait_room(p, file->flags & O_NONBLOCK);
            if (moved < 0)
                break;
        }
        moved = append(p, from, is_packet ? SLOT_PACKET : SLOT_MERGE);
        if (moved > 0)
            done += moved;
    }
    if (pipe_used(p))
        pipe_wake_readers(p);
    if (p->readers && !pipe_is_full(p))
        pipe_wake_writers(p);
    if (done)
        inode_touch_mtime(file->inode);
    return done ? done : moved;
}

static uint32_t poll(struct file *file, struct poll_table *table)
{
    struct pipe *p = file->inode->pipe;
    uint32_t events = 0;
    if (file->mode & FILE_READ) {
        poll_wait(file, &p->read_wait, table);
        if (pipe_used(p))
            events |= EPOLLIN | EPOLLRDNORM;
        /* A FIFO that no writer has opened since this reader did is not hung up. */
        if (!p->writers && (uint64_t)file->private != p->writer_opens)
            events |= EPOLLHUP;
    }
    if (file->mode & FILE_WRITE) {
        poll_wait(file, &p->write_wait, table);
        if (!pipe_is_full(p))
            events |= EPOLLOUT | EPOLLWRNORM;
        if (!p->readers)
            events |= EPOLLERR;
    }
    return events;
}

static long ioctl(struct file *file, unsigned cmd, uaddr_t arg)
{
    if (cmd != FIONREAD)
        return -ENOTTY;
    uint64_t bytes = file->inode->pipe->bytes;
    return put_user_u32(arg, (uint32_t)MIN(bytes, (uint64_t)INT32_MAX));
}

/* Sleep until *OPENS is no longer what it was. */
static int wait_for_other_end(struct wait_queue *q, const uint32_t *opens)
{
    uint32_t before = *opens;
    while (*opens == before)
        if (wait_on(q, WAIT_FOREVER, SLEEP_INTERRUPTIBLE) < 0)
            return -ERESTARTSYS;
    return 0;
}

/* fifo(7): each direction waits for the other. */
static int open(struct inode *inode, struct file *file)
{
    uint32_t ends = file->mode & (FILE_READ | FILE_WRITE);
    if (!ends)
        return -EINVAL; /* access mode 3 (open(2), NOTES) opens no end, and so would keep no pipe */
    struct pipe *p = pipe_of_inode(inode);
    if (!p)
        return -ENOMEM;
    bool nonblock = file->flags & O_NONBLOCK;
    if (ends == FILE_WRITE && nonblock && !p->readers && !anon_is(ANON_PIPE, inode)) {
        if (!p->writers)
            pipe_release_ends(inode, 0);
        return -ENXIO;
    }
    int err = 0;
    if (ends & FILE_READ) {
        p->readers++;
        p->reader_opens++;
        wait_wake_all(&p->write_wait, EPOLLOUT);
    }
    if (ends & FILE_WRITE) {
        p->writers++;
        p->writer_opens++;
        wait_wake_all(&p->read_wait, EPOLLIN);
    }
    /* A pipe without a name, opened again through /proc, never waits. */
    if (anon_is(ANON_PIPE, inode))
        return 0;
    if (ends == FILE_READ && !p->writers) {
        if (nonblock)
            file->private = (void *)(uint64_t)p->writer_opens;
        else
            err = wait_for_other_end(&p->read_wait, &p->writer_opens);
    } else if (ends == FILE_WRITE && !p->readers) {
        err = wait_for_other_end(&p->write_wait, &p->reader_opens);
    }
    if (err < 0)
        pipe_release_ends(inode, ends);
    return err;
}

static void release(struct file *file)
{
    pipe_release_ends(file->inode, file->mode);
}

const struct file_ops pipe_file_ops = {
    .flags = FOP_STREAM,
    .read = read,
    .write = write,
    .poll = poll,
    .ioctl = ioctl,
    .open = open,
    .release = release,
    .llseek = file_seek_none,
};
