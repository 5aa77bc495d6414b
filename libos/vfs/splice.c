/* SPDX-License-Identifier: BSD-2-Clause */
/* splice.c - moving data between files inside the libOS. */
#include "vfs/context.h"
#include "vfs/splice.h"

#include <linux/fcntl.h>
#include "base/bits.h"
#include "base/errno.h"
#include "base/string.h"
#include "linux-api/abi.h"
#include "mm/page.h"
#include "vfs/file.h"
#include "vfs/inode.h"
#include "vfs/pipe.h"

static void *slot_data(const struct pipe_slot *slot)
{
    return (char *)page_address(slot->page) + slot->offset;
}

/* The page behind *POS of a file whose content is in the page cache, referenced, and how much of it
 * is the file's; NULL: no such file, its end, or a hole. */
static struct page *cached_page(struct file *in, loff_t pos, size_t *within, size_t *bytes)
{
    const struct inode *inode = in->inode;
    if (in->ops->read != file_read_pages || (uint64_t)pos >= inode->size)
        return nullptr;
    struct page *page = pagecache_find(inode, (uint64_t)pos >> PAGE_SHIFT);
    *within = (uint64_t)pos & PAGE_MASK;
    *bytes = MIN(PAGE_SIZE - *within, inode->size - (uint64_t)pos);
    return page ? page_get(page) : nullptr;
}

/* The next bytes of IN in a page, which the caller has a reference on: at most N of them, from
 * *WITHIN on.  The count; 0 at the end; negative errno. */
static ssize_t page_take(struct file *in, loff_t *pos, size_t n, struct page **page, size_t *within)
{
    size_t bytes;
    if (!(in->mode & FILE_READ))
        return -EBADF;
    *page = cached_page(in, *pos, within, &bytes);
    if (*page) {
        bytes = MIN(bytes, n);
        *pos += (loff_t)bytes;
        return (ssize_t)bytes;
    }
    *page = page_alloc(0);
    if (!*page)
        return -ENOMEM;
    *within = 0;
    struct iter it;
    iter_init_kbuf(&it, page_address(*page), MIN(n, (size_t)PAGE_SIZE));
    ssize_t done = file_read_iter(in, &it, pos);
    if (done <= 0)
        page_put(*page);
    return done;
}

ssize_t splice_to_pipe(struct file *in, loff_t *pos, struct pipe *out, size_t n, bool nonblock)
{
    size_t done = 0;
    while (done < n) {
        if (done && pipe_is_full(out))
            break;
        struct page *page;
        size_t within;
        ssize_t moved = pipe_wait_room(out, nonblock);
        if (moved < 0)
            return done ? (ssize_t)done : moved;
        moved = page_take(in, pos, n - done, &page, &within);
        if (moved <= 0)
            return done ? (ssize_t)done : moved;
        /* Reading may have slept and another writer filled the pipe. */
        if (pipe_is_full(out) && pipe_wait_room(out, false) < 0) {
            page_put(page);
            return done ? (ssize_t)done : -ERESTARTSYS;
        }
        pipe_push(out, page, (uint32_t)within, (uint32_t)moved, 0);
        pipe_wake_readers(out);
        done += (size_t)moved;
        if (in->ops->flags & FOP_STREAM)
            break; /* more may not be there yet */
    }
    return (ssize_t)done;
}

ssize_t splice_from_pipe(struct pipe *in, struct file *out, loff_t *pos, size_t n, bool nonblock)
{
    size_t done = 0;
    while (done < n) {
        if (done && !pipe_used(in))
            break;
        int err = pipe_wait_data(in, nonblock);
        if (err)
            return done ? (ssize_t)done : err < 0 ? err : 0;
        struct pipe_slot *slot = pipe_slot_at(in, in->tail);
        struct page *page = page_get(slot->page);
        struct iter it;
        iter_init_kbuf(&it, slot_data(slot), MIN((size_t)slot->bytes, n - done));
        uint32_t tail = in->tail;
        ssize_t moved = file_write_iter(out, &it, pos);
        page_put(page);
        if (moved <= 0)
            return done ? (ssize_t)done : moved;
        done += (size_t)moved;
        if (in->tail == tail) /* else another reader took it while the write slept */
            pipe_consume(in, MIN((uint32_t)moved, pipe_slot_at(in, tail)->bytes));
        pipe_wake_writers(in);
    }
    return (ssize_t)done;
}

ssize_t splice_pipes(struct pipe *in, struct pipe *out, size_t n, bool nonblock,
                     enum splice_keep keep)
{
    size_t done = 0;
    if (in == out)
        return -EINVAL;
    int err = pipe_wait_data(in, nonblock);
    if (!err)
        err = pipe_wait_room(out, nonblock);
    if (err)
        return err < 0 ? err : 0;
    for (uint32_t at = in->tail; done < n && at != in->head && !pipe_is_full(out);) {
        struct pipe_slot *slot = pipe_slot_at(in, at);
        uint32_t bytes = (uint32_t)MIN((size_t)slot->bytes, n - done);
        pipe_push(out, page_get(slot->page), slot->offset, bytes, slot->flags & SLOT_PACKET);
        if (keep == SPLICE_TEE) {
            at++;
        } else {
            slot->flags &= ~(uint32_t)SLOT_MERGE; /* the page is shared from now on */
            pipe_consume(in, bytes);
            at = in->tail;
        }
        done += bytes;
    }
    if (keep == SPLICE_MOVE)
        pipe_wake_writers(in);
    pipe_wake_readers(out);
    return (ssize_t)done;
}

/* The pages are copied: what the program does with its memory afterwards is its own affair. */
ssize_t splice_user_to_pipe(struct iter *from, struct pipe *out, bool nonblock)
{
    size_t done = 0;
    while (iter_count(from)) {
        if (done && pipe_is_full(out))
            break;
        ssize_t moved = pipe_wait_room(out, nonblock);
        struct page *page = moved ? nullptr : page_alloc(0);
        if (!moved && !page)
            moved = -ENOMEM;
        if (!moved) {
            moved = iter_copy_from(from, page_address(page), PAGE_SIZE);
            if (moved > 0)
                pipe_push(out, page, 0, (uint32_t)moved, 0);
            else
                page_put(page);
        }
        if (moved <= 0)
            return done ? (ssize_t)done : moved;
        done += (size_t)moved;
    }
    pipe_wake_readers(out);
    return (ssize_t)done;
}

ssize_t splice_pipe_to_user(struct pipe *in, struct iter *to, bool nonblock)
{
    size_t done = 0;
    while (iter_count(to)) {
        if (done && !pipe_used(in))
            break;
        int err = pipe_wait_data(in, nonblock);
        if (err)
            return done ? (ssize_t)done : err < 0 ? err : 0;
        struct pipe_slot *slot = pipe_slot_at(in, in->tail);
        ssize_t moved = iter_copy_to(to, slot_data(slot), slot->bytes);
        if (moved <= 0)
            return done ? (ssize_t)done : moved;
        pipe_consume(in, (uint32_t)moved);
        pipe_wake_writers(in);
        done += (size_t)moved;
    }
    return (ssize_t)done;
}

ssize_t splice_files(struct file *in, loff_t *in_pos, struct file *out, loff_t *out_pos, size_t n)
{
    size_t done = 0;
    while (done < n) {
        struct page *page;
        size_t within;
        loff_t before = *in_pos;
        ssize_t got = page_take(in, in_pos, n - done, &page, &within);
        if (got <= 0)
            return done ? (ssize_t)done : got;
        struct iter it;
        iter_init_kbuf(&it, (char *)page_address(page) + within, (size_t)got);
        ssize_t moved = file_write_iter(out, &it, out_pos);
        page_put(page);
        if (moved < got)
            *in_pos = before + MAX(moved, 0); /* what was read but not written is read again */
        if (moved <= 0)
            return done ? (ssize_t)done : moved;
        done += (size_t)moved;
        if (moved < got || context_relax())
            break;
    }
    return (ssize_t)done;
}
