/* SPDX-License-Identifier: BSD-2-Clause */
/* pipe.c - the ring of a pipe, its life, and waiting for it.
 *
 * A pipe lives with its inode's open files: made by pipe2(2) or by the first open of a FIFO,
 * freed when the last file goes.
 */
#include "vfs/pipe.h"

#include <linux/capability.h>
#include <linux/fcntl.h>
#include "base/bits.h"
#include "base/errno.h"
#include "base/string.h"
#include "mm/heap.h"
#include "mm/page.h"
#include "proc/cred.h"
#include "vfs/anon.h"
#include "vfs/context.h"
#include "vfs/file.h"
#include "vfs/inode.h"
#include "vfs/pipe_file.h"

struct setting pipe_bytes_most = {1u << 20, 0, 1u << 31};

static struct pipe *pipe_create(void)
{
    struct pipe *p = heap_zalloc(sizeof *p);
    if (!p)
        return nullptr;
    p->size = PIPE_SLOTS_FIRST;
    p->slot = heap_calloc(p->size, sizeof *p->slot);
    if (!p->slot) {
        heap_free(p);
        return nullptr;
    }
    wait_queue_init(&p->read_wait);
    wait_queue_init(&p->write_wait);
    return p;
}

static void pipe_destroy(struct pipe *p)
{
    while (pipe_used(p))
        pipe_consume(p, pipe_slot_at(p, p->tail)->bytes);
    if (p->spare)
        page_put(p->spare);
    heap_free(p->slot);
    heap_free(p);
}

struct pipe *pipe_of_inode(struct inode *inode)
{
    if (!inode->pipe)
        inode->pipe = pipe_create();
    return inode->pipe;
}

void pipe_release_ends(struct inode *inode, uint32_t mode)
{
    struct pipe *p = inode->pipe;
    p->readers -= (mode & FILE_READ) != 0;
    p->writers -= (mode & FILE_WRITE) != 0;
    if (p->readers || p->writers) {
        wait_wake_all(&p->read_wait, EPOLLIN | EPOLLHUP);
        wait_wake_all(&p->write_wait, EPOLLOUT | EPOLLERR | EPOLLHUP);
        return;
    }
    /* Nobody can sleep on it: a sleeper holds its file or counts as an end. */
    inode->pipe = nullptr;
    poll_queue_destroy(&p->read_wait);
    poll_queue_destroy(&p->write_wait);
    pipe_destroy(p);
}

void pipe_push(struct pipe *p, struct page *page, uint32_t offset, uint32_t bytes, uint32_t flags)
{
    *pipe_slot_at(p, p->head) = (struct pipe_slot){page, offset, bytes, flags};
    p->head++;
    p->bytes += bytes;
}

void pipe_consume(struct pipe *p, uint32_t n)
{
    struct pipe_slot *slot = pipe_slot_at(p, p->tail);
    slot->offset += n;
    slot->bytes -= n;
    p->bytes -= n;
    if (slot->bytes)
        return;
    if (slot->flags & SLOT_MERGE && !p->spare && slot->page->refs == 1)
        p->spare = slot->page;
    else
        page_put(slot->page);
    p->tail++;
}

struct page *pipe_page(struct pipe *p)
{
    struct page *page = p->spare;
    p->spare = nullptr;
    return page ? page : page_alloc(0);
}

void pipe_wake_readers(struct pipe *p)
{
    wait_wake(&p->read_wait, EPOLLIN | EPOLLRDNORM);
}

void pipe_wake_writers(struct pipe *p)
{
    wait_wake(&p->write_wait, EPOLLOUT | EPOLLWRNORM);
}

static int wait(struct wait_queue *q)
{
    return wait_on_exclusive(q, WAIT_FOREVER, SLEEP_INTERRUPTIBLE) < 0 ? -ERESTARTSYS : 0;
}

int pipe_wait_data(struct pipe *p, bool nonblock)
{
    while (!pipe_used(p)) {
        if (!p->writers)
            return 1;
        if (nonblock)
            return -EAGAIN;
        int err = wait(&p->read_wait);
        if (err < 0) {
            if (pipe_used(p)) /* the wake-up that a signal beat belongs to the next one */
                pipe_wake_readers(p);
            return err;
        }
    }
    return 0;
}

int pipe_wait_room(struct pipe *p, bool nonblock)
{
    for (;;) {
        if (!p->readers) {
            context_broken_pipe();
            return -EPIPE;
        }
        if (!pipe_is_full(p))
            return 0;
        if (nonblock)
            return -EAGAIN;
        int err = wait(&p->write_wait);
        if (err < 0) {
            if (!pipe_is_full(p))
                pipe_wake_writers(p);
            return err;
        }
    }
}

int pipe_resize(struct pipe *p, uint64_t bytes)
{
    if (bytes > 1ull << 31)
        return -EINVAL;
    uint32_t size = 1;
    while ((uint64_t)size * PAGE_SIZE < bytes)
        size *= 2;
    if (size > p->size && (uint64_t)size * PAGE_SIZE > pipe_bytes_most.value &&
        !cred_capable(context_cred(), CAP_SYS_RESOURCE))
        return -EPERM;
    uint32_t used = pipe_used(p);
    if (used > size)
        return -EBUSY;
    struct pipe_slot *slot = heap_calloc(size, sizeof *slot);
    if (!slot)
        return -ENOMEM;
    for (uint32_t i = 0; i < used; i++)
        slot[i] = *pipe_slot_at(p, p->tail + i);
    heap_free(p->slot);
    p->slot = slot;
    p->size = size;
    p->tail = 0;
    p->head = used;
    if (!pipe_is_full(p))
        pipe_wake_writers(p);
    return (int)(size * PAGE_SIZE);
}

int pipe_create_files(uint32_t flags, struct file *file[2])
{
    struct path path;
    int err = anon_create(ANON_PIPE, "pipe:[*]", S_IFIFO | S_IRUSR | S_IWUSR, &path);
    if (err < 0)
        return err;
    struct inode *inode = path_inode(&path);
    struct pipe *p = pipe_of_inode(inode);
    file[0] = p ? file_create(&path, O_RDONLY | (flags & O_NONBLOCK), &pipe_file_ops) : nullptr;
    if (p)
        p->readers = p->reader_opens = 1;
    file[1] = file[0] ? file_create(&path, O_WRONLY | flags, &pipe_file_ops) : nullptr;
    if (file[1]) {
        p->writers = p->writer_opens = 1;
    } else {
        err = -ENOMEM;
        if (file[0])
            file_put(file[0]);
        else if (p)
            pipe_release_ends(inode, FILE_READ);
    }
    path_put(&path);
    return err;
}
