/* SPDX-License-Identifier: BSD-2-Clause */
/* stdio.c - standard streams as ends of pipes to the host. */
#include "tty/stdio.h"

#include <asm/ioctls.h>
#include "base/bits.h"
#include "base/errno.h"
#include "base/list.h"
#include "mm/usermem.h"
#include "vfs/inode.h"

constexpr size_t CHUNK = 512;

static ssize_t input_read(struct file *file, struct iter *to, loff_t *pos);
static uint32_t input_poll(struct file *file, struct poll_table *table);
static long input_ioctl(struct file *file, unsigned cmd, uaddr_t arg);
static ssize_t output_write(struct file *file, struct iter *from, loff_t *pos);
static uint32_t output_poll(struct file *file, struct poll_table *table);

void stdio_init_input(struct stdio *stream, void (*has_room)(struct stdio *))
{
    stream->ops = (struct file_ops){
        .flags = FOP_STREAM,
        .read = input_read,
        .poll = input_poll,
        .ioctl = input_ioctl,
        .llseek = file_seek_none,
    };
    stream->has_room = has_room;
    wait_queue_init(&stream->queue);
}

void stdio_init_output(struct stdio *stream, struct port *port)
{
    stream->ops = (struct file_ops){
        .flags = FOP_STREAM,
        .write = output_write,
        .poll = output_poll,
        .llseek = file_seek_none,
    };
    stream->port = port;
    wait_queue_init(&stream->queue);
}

int stdio_open(struct stdio *stream, struct file **file)
{
    uint32_t access = stream->ops.read ? O_RDONLY : O_WRONLY;
    int err = file_create_anon("pipe:[*]", &stream->ops, nullptr, access, file);
    if (err)
        return err;
    /* Opening /proc/self/fd/N must lead here again, not to a new FIFO. */
    struct inode *inode = (*file)->inode;
    inode->mode = S_IFIFO | S_IRUSR | S_IWUSR;
    inode->flags |= INODE_NO_NODE_OPS;
    inode->fops = &stream->ops;
    return 0;
}

size_t stdio_receive(struct stdio *stream, const uint8_t *bytes, size_t n)
{
    size_t done = 0;
    while (done < n && stream->head - stream->tail < STDIO_RING)
        stream->ring[stream->head++ % STDIO_RING] = bytes[done++];
    if (done > 0)
        wait_wake(&stream->queue, EPOLLIN | EPOLLRDNORM);
    return done;
}

void stdio_end(struct stdio *stream)
{
    stream->ended = true;
    wait_wake_all(&stream->queue, EPOLLIN | EPOLLHUP);
}

void stdio_has_room(struct stdio *stream)
{
    wait_wake(&stream->queue, EPOLLOUT | EPOLLWRNORM);
}

static struct stdio *stream_of(const struct file *file)
{
    return container_of(file->ops, struct stdio, ops);
}

static ssize_t wait_for(struct stdio *stream, const struct file *file)
{
    if (file->flags & O_NONBLOCK)
        return -EAGAIN;
    int err = wait_on(&stream->queue, WAIT_FOREVER, SLEEP_INTERRUPTIBLE);
    return err == -EINTR ? -ERESTARTSYS : err;
}

static ssize_t input_read(struct file *file, struct iter *to, loff_t *)
{
    struct stdio *stream = stream_of(file);
    if (iter_count(to) == 0)
        return 0;
    while (stream->head == stream->tail) {
        if (stream->ended)
            return 0;
        ssize_t err = wait_for(stream, file);
        if (err)
            return err;
    }

    ssize_t done = 0;
    while (iter_count(to) > 0 && stream->head != stream->tail) {
        uint32_t at = stream->tail % STDIO_RING;
        size_t part = MIN(stream->head - stream->tail, STDIO_RING - at);
        ssize_t n = iter_copy_to(to, stream->ring + at, MIN(part, iter_count(to)));
        if (n <= 0)
            return done > 0 ? done : n;
        stream->tail += (uint32_t)n;
        done += n;
    }
    stream->has_room(stream);
    return done;
}

static uint32_t input_poll(struct file *file, struct poll_table *table)
{
    struct stdio *stream = stream_of(file);
    poll_wait(file, &stream->queue, table);
    uint32_t events = stream->head != stream->tail ? EPOLLIN | EPOLLRDNORM : 0;
    return stream->ended ? events | EPOLLHUP : events;
}

static long input_ioctl(struct file *file, unsigned cmd, uaddr_t arg)
{
    struct stdio *stream = stream_of(file);
    if (cmd != FIONREAD)
        return -ENOTTY;
    return put_user_u32(arg, stream->head - stream->tail);
}

static ssize_t output_write(struct file *file, struct iter *from, loff_t *)
{
    struct stdio *stream = stream_of(file);
    uint8_t chunk[CHUNK];
    ssize_t done = 0;
    while (iter_count(from) > 0) {
        /* Bytes taken from the program must get into the ring before the next wait: so no more
         * than there is room for. */
        size_t room = MIN(port_room(stream->port), sizeof chunk);
        if (room == 0) {
            ssize_t err = wait_for(stream, file);
            if (err)
                return done > 0 ? done : err;
            continue;
        }
        ssize_t n = iter_copy_from(from, chunk, MIN(room, iter_count(from)));
        if (n <= 0)
            return done > 0 ? done : n;
        port_write(stream->port, chunk, (size_t)n);
        done += n;
    }
    return done;
}

static uint32_t output_poll(struct file *file, struct poll_table *table)
{
    struct stdio *stream = stream_of(file);
    poll_wait(file, &stream->queue, table);
    return port_room(stream->port) >= PORT_SEND_RING / 2 ? EPOLLOUT | EPOLLWRNORM : 0;
}
