/* SPDX-License-Identifier: BSD-2-Clause */
/* fanotify_file.c - fanotify's events, queued and read as a file, each with a descriptor. */
#include <asm/ioctls.h>
#include <linux/fanotify.h>
#include <linux/fcntl.h>
#include "base/errno.h"
#include "mm/heap.h"
#include "mm/page.h"
#include "mm/usermem.h"
#include "proc/process.h"
#include "sched/thread.h"
#include "vfs/context.h"
#include "vfs/dentry.h"
#include "vfs/fanotify.h"
#include "vfs/fanotify_group.h"
#include "vfs/fdtable.h"
#include "vfs/file.h"
#include "vfs/mount.h"
#include "vfs/vfs.h"

constexpr unsigned EVENTS_MOST = 16384; /* unless the group has FAN_UNLIMITED_QUEUE */
constexpr unsigned MEMORY_LEFT = 16;    /* as a part of all: no queue may use the last of it */
constexpr unsigned MERGE_MOST = 128;    /* so many waiting events are looked at, as on Linux */
constexpr size_t EVENT_BYTES = sizeof(struct fanotify_event_metadata);

static const struct file_ops ops;

static int32_t reporter(const struct fanotify_group *g)
{
    return g->flags & FAN_REPORT_TID ? current->tid : current->process->pid;
}

static bool is_same(const struct fanotify_event *e, const struct path *path, int32_t pid)
{
    return e->path.dentry == path->dentry && e->path.mount == path->mount && e->pid == pid;
}

static bool is_full(const struct fanotify_group *g)
{
    return (g->event_count >= EVENTS_MOST && !(g->flags & FAN_UNLIMITED_QUEUE)) ||
           page_free_count() < page_total() / MEMORY_LEFT;
}

static void event_push(struct fanotify_group *g, struct fanotify_event *e)
{
    list_push_back(&g->events, &e->node);
    g->event_count++;
    wait_wake(&g->wait, EPOLLIN);
}

static void overflow_tell(struct fanotify_group *g, int32_t pid)
{
    if (list_is_linked(&g->overflow.node))
        return;
    g->overflow.mask = FAN_Q_OVERFLOW;
    g->overflow.pid = pid;
    event_push(g, &g->overflow);
}

void fanotify_queue(struct fanotify_group *g, const struct path *path, uint32_t mask)
{
    int32_t pid = reporter(g);
    struct list_node *node = g->events.prev;
    for (unsigned i = 0; i < MERGE_MOST && node != &g->events; i++, node = node->prev) {
        struct fanotify_event *e = container_of(node, struct fanotify_event, node);
        if (e->path.dentry && is_same(e, path, pid)) {
            e->mask |= mask;
            return;
        }
    }
    struct fanotify_event *e = is_full(g) ? nullptr : heap_zalloc(sizeof *e);
    if (!e) {
        overflow_tell(g, pid);
        return;
    }
    *e = (struct fanotify_event){.path = *path, .mask = mask, .pid = pid};
    path_get(&e->path);
    event_push(g, e);
}

static void event_free(struct fanotify_group *g, struct fanotify_event *e)
{
    if (e == &g->overflow)
        return;
    path_put(&e->path);
    heap_free(e);
}

static struct fanotify_event *event_take(struct fanotify_group *g)
{
    struct list_node *node = list_first(&g->events);
    if (!node)
        return nullptr;
    list_remove(node);
    g->event_count--;
    return container_of(node, struct fanotify_event, node);
}

/* A descriptor for E's object, that nobody is told of. */
static int event_open(const struct fanotify_group *g, const struct fanotify_event *e)
{
    struct file *file;
    if (!e->path.dentry)
        return FAN_NOFD;
    uint32_t flags = g->event_flags;
    int err = file_open_quietly(&e->path, flags & ~(uint32_t)O_CLOEXEC, &file);
    return err < 0 ? err : fd_open(file, flags & O_CLOEXEC);
}

/* One event to the reader; the descriptor is closed again if he cannot take it. */
static ssize_t event_give(const struct fanotify_group *g, const struct fanotify_event *e,
                          struct iter *to)
{
    int fd = event_open(g, e);
    if (fd < 0 && fd != FAN_NOFD)
        return fd;
    struct fanotify_event_metadata data = {
        .event_len = EVENT_BYTES,
        .vers = FANOTIFY_METADATA_VERSION,
        .metadata_len = EVENT_BYTES,
        .mask = e->mask,
        .fd = fd,
        .pid = context_pid_number(e->pid),
    };
    if (iter_copy_to(to, &data, sizeof data) == sizeof data)
        return sizeof data;
    if (fd >= 0)
        (void)fd_close(fd);
    return -EFAULT;
}

static int wait_for_event(const struct file *file, struct fanotify_group *g)
{
    while (list_is_empty(&g->events)) {
        if (file->flags & O_NONBLOCK)
            return -EAGAIN;
        if (wait_on(&g->wait, WAIT_FOREVER, SLEEP_INTERRUPTIBLE) < 0)
            return -ERESTARTSYS;
    }
    return 0;
}

static ssize_t read(struct file *file, struct iter *to, loff_t *)
{
    struct fanotify_group *g = file->private;
    ssize_t done = 0;
    int err = wait_for_event(file, g);
    if (err < 0)
        return err;
    if (iter_count(to) < EVENT_BYTES)
        return -EINVAL;
    while (iter_count(to) >= EVENT_BYTES) {
        struct fanotify_event *e = event_take(g);
        if (!e)
            break;
        ssize_t n = event_give(g, e, to);
        event_free(g, e);
        if (n < 0)
            return done ? done : n;
        done += n;
    }
    return done;
}

/* Answers are for groups that permit, which do not exist (fanotify(7)). */
static ssize_t write(struct file *, struct iter *, loff_t *)
{
    return -EINVAL;
}

static uint32_t poll(struct file *file, struct poll_table *table)
{
    struct fanotify_group *g = file->private;
    poll_wait(file, &g->wait, table);
    return list_is_empty(&g->events) ? 0 : EPOLLIN | EPOLLRDNORM;
}

static long ioctl(struct file *file, unsigned cmd, uaddr_t arg)
{
    const struct fanotify_group *g = file->private;
    return cmd == FIONREAD ? put_user_u32(arg, (uint32_t)(g->event_count * EVENT_BYTES)) : -ENOTTY;
}

static void release(struct file *file)
{
    struct fanotify_group *g = file->private;
    struct fanotify_event *e;
    fanotify_group_end(g);
    while ((e = event_take(g)) != nullptr)
        event_free(g, e);
    heap_free(g);
}

static const struct file_ops ops = {
    .flags = FOP_STREAM,
    .read = read,
    .write = write,
    .poll = poll,
    .ioctl = ioctl,
    .release = release,
    .llseek = file_seek_none,
};

int fanotify_create_file(uint32_t flags, uint32_t event_flags, struct file **file)
{
    struct fanotify_group *g = heap_zalloc(sizeof *g);
    if (!g)
        return -ENOMEM;
    list_init(&g->marks);
    list_init(&g->events);
    list_init(&g->overflow.node);
    wait_queue_init(&g->wait);
    g->flags = flags;
    g->event_flags = event_flags;
    uint32_t mode = O_RDWR | (flags & FAN_NONBLOCK ? O_NONBLOCK : 0);
    int err = file_create_anon("anon_inode:[fanotify]", &ops, g, mode, file);
    if (err < 0)
        heap_free(g);
    else
        fanotify_group_begin(g);
    return err;
}

bool file_is_fanotify(const struct file *file)
{
    return file->ops == &ops;
}
