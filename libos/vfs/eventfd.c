/* SPDX-License-Identifier: BSD-2-Clause */
/* eventfd.c - a counter as a file (eventfd(2)). */
#include "vfs/eventfd.h"

#include <linux/fcntl.h>
#include "base/bits.h"
#include "base/errno.h"
#include "base/format.h"
#include "linux-api/abi.h"
#include "mm/heap.h"
#include "sched/wait.h"
#include "vfs/file.h"

struct eventfd {
    uint64_t count; /* at most UINT64_MAX - 1 */
    bool is_semaphore;
    struct wait_queue wait; /* readers and writers */
};

/* Sleep for a change, or say that the file must not. */
static int wait(const struct file *file, struct eventfd *e)
{
    if (file->flags & O_NONBLOCK)
        return -EAGAIN;
    return wait_on(&e->wait, WAIT_FOREVER, SLEEP_INTERRUPTIBLE) < 0 ? -ERESTARTSYS : 0;
}

static ssize_t read(struct file *file, struct iter *to, loff_t *)
{
    struct eventfd *e = file->private;
    if (iter_count(to) < sizeof e->count)
        return -EINVAL;
    while (e->count == 0) {
        int err = wait(file, e);
        if (err < 0)
            return err;
    }
    uint64_t value = e->is_semaphore ? 1 : e->count;
    e->count -= value;
    wait_wake_all(&e->wait, EPOLLOUT);
    ssize_t n = iter_copy_to(to, &value, sizeof value);
    return n == sizeof value ? n : -EFAULT;
}

static ssize_t write(struct file *file, struct iter *from, loff_t *)
{
    struct eventfd *e = file->private;
    uint64_t value;
    if (iter_count(from) < sizeof value)
        return -EINVAL;
    if (iter_copy_from(from, &value, sizeof value) != sizeof value)
        return -EFAULT;
    if (value == UINT64_MAX)
        return -EINVAL;
    while (value >= UINT64_MAX - e->count) {
        int err = wait(file, e);
        if (err < 0)
            return err;
    }
    e->count += value;
    wait_wake_all(&e->wait, EPOLLIN);
    return sizeof value;
}

static uint32_t poll(struct file *file, struct poll_table *table)
{
    struct eventfd *e = file->private;
    poll_wait(file, &e->wait, table);
    return (e->count ? EPOLLIN : 0) | (e->count < UINT64_MAX - 1 ? EPOLLOUT : 0);
}

static void release(struct file *file)
{
    heap_free(file->private);
}

static int show_fdinfo(struct file *file, char *to, size_t size)
{
    const struct eventfd *e = file->private;
    return snprintf(to, size, "eventfd-count: %16llx\n", (unsigned long long)e->count);
}

static const struct file_ops ops = {
    .flags = FOP_STREAM,
    .read = read,
    .write = write,
    .poll = poll,
    .release = release,
    .llseek = file_seek_none,
    .show_fdinfo = show_fdinfo,
};

bool file_is_eventfd(const struct file *file)
{
    return file->ops == &ops;
}

void eventfd_add(struct file *file, uint64_t count)
{
    struct eventfd *e = file->private;
    e->count += MIN(count, UINT64_MAX - 1 - e->count);
    wait_wake_all(&e->wait, EPOLLIN);
}

int eventfd_create_file(uint32_t count, uint32_t flags, struct file **file)
{
    struct eventfd *e = heap_zalloc(sizeof *e);
    if (!e)
        return -ENOMEM;
    e->count = count;
    e->is_semaphore = flags & EFD_SEMAPHORE;
    wait_queue_init(&e->wait);
    int err =
        file_create_anon("anon_inode:[eventfd]", &ops, e, O_RDWR | (flags & O_NONBLOCK), file);
    if (err < 0)
        heap_free(e);
    return err;
}
