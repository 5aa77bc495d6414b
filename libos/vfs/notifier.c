/* SPDX-License-Identifier: BSD-2-Clause */
/* notifier.c - inotify's events, queued and read as a file. */
#include "vfs/notifier.h"

#include <asm/ioctls.h>
#include <linux/fcntl.h>
#include <linux/inotify.h>
#include "base/errno.h"
#include "base/string.h"
#include "mm/heap.h"
#include "mm/usermem.h"
#include "proc/cred.h"
#include "proc/user.h"
#include "vfs/context.h"
#include "vfs/file.h"
#include "vfs/notify.h"

/* A full queue ends with IN_Q_OVERFLOW. */
struct setting notify_events_most = {16384, 0, INT32_MAX};
struct setting notify_instances_most = {128, 0, INT32_MAX};

/* struct inotify_event without the name, which is a flexible array there. */
struct event_head {
    int32_t wd;
    uint32_t mask, cookie, len;
};
static_assert(sizeof(struct event_head) == sizeof(struct inotify_event));

struct notify_event {
    struct list_node node;
    struct event_head head;
    char name[]; /* head.len bytes, padded with NUL */
};

static const struct file_ops ops;

/* inotify(7): an event like the one before it is not queued again. */
static bool is_repetition(const struct notifier *n, const struct event_head *e, const char *name,
                          size_t name_bytes)
{
    struct list_node *node = list_last(&n->events);
    if (!node)
        return false;
    const struct notify_event *last = container_of(node, struct notify_event, node);
    return last->head.wd == e->wd && last->head.mask == e->mask && last->head.cookie == e->cookie &&
           last->head.len == e->len && (!e->len || memcmp(last->name, name, name_bytes) == 0);
}

static bool is_overflow_told(const struct notifier *n)
{
    struct list_node *node = list_last(&n->events);
    return node && container_of(node, struct notify_event, node)->head.mask == IN_Q_OVERFLOW;
}

void notifier_add(struct notifier *n, int number, uint32_t mask, uint32_t cookie, const char *name,
                  size_t name_bytes)
{
    struct event_head head = {.wd = number, .mask = mask, .cookie = cookie};
    if (n->event_count >= n->events_most) {
        if (is_overflow_told(n))
            return;
        head = (struct event_head){.wd = -1, .mask = IN_Q_OVERFLOW};
        name_bytes = 0;
    }
    if (name_bytes)
        head.len = (uint32_t)((name_bytes + sizeof head) & ~(sizeof head - 1));
    if (is_repetition(n, &head, name, name_bytes))
        return;
    struct notify_event *e = heap_zalloc(sizeof *e + head.len);
    if (!e)
        return;
    e->head = head;
    if (name_bytes)
        memcpy(e->name, name, name_bytes);
    list_push_back(&n->events, &e->node);
    n->event_count++;
    n->bytes += sizeof head + head.len;
    wait_wake(&n->wait, EPOLLIN);
}

static void event_drop(struct notifier *n, struct notify_event *e)
{
    list_remove(&e->node);
    n->event_count--;
    n->bytes -= sizeof e->head + e->head.len;
    heap_free(e);
}

static int wait_for_event(const struct file *file, struct notifier *n)
{
    while (list_is_empty(&n->events)) {
        if (file->flags & O_NONBLOCK)
            return -EAGAIN;
        if (wait_on(&n->wait, WAIT_FOREVER, SLEEP_INTERRUPTIBLE) < 0)
            return -ERESTARTSYS;
    }
    return 0;
}

static ssize_t read(struct file *file, struct iter *to, loff_t *)
{
    struct notifier *n = file->private;
    ssize_t done = 0;
    int err = wait_for_event(file, n);
    if (err < 0)
        return err;
    struct list_node *node;
    while ((node = list_first(&n->events)) != nullptr) {
        struct notify_event *e = container_of(node, struct notify_event, node);
        size_t bytes = sizeof e->head + e->head.len;
        if (bytes > iter_count(to))
            return done ? done : -EINVAL;
        if (iter_copy_to(to, &e->head, sizeof e->head) != sizeof e->head ||
            iter_copy_to(to, e->name, e->head.len) != (ssize_t)e->head.len)
            return done ? done : -EFAULT;
        done += (ssize_t)bytes;
        event_drop(n, e);
    }
    return done;
}

static uint32_t poll(struct file *file, struct poll_table *table)
{
    struct notifier *n = file->private;
    poll_wait(file, &n->wait, table);
    return list_is_empty(&n->events) ? 0 : EPOLLIN | EPOLLRDNORM;
}

static long ioctl(struct file *file, unsigned cmd, uaddr_t arg)
{
    const struct notifier *n = file->private;
    return cmd == FIONREAD ? put_user_u32(arg, (uint32_t)n->bytes) : -ENOTTY;
}

static void release(struct file *file)
{
    struct notifier *n = file->private;
    struct list_node *node;
    notifier_end_watches(n);
    while ((node = list_first(&n->events)) != nullptr)
        event_drop(n, container_of(node, struct notify_event, node));
    user_discharge(n->uid, USER_NOTIFIERS, 1);
    heap_free(n);
}

static const struct file_ops ops = {
    .flags = FOP_STREAM,
    .read = read,
    .poll = poll,
    .ioctl = ioctl,
    .release = release,
    .llseek = file_seek_none,
};

int notify_create_file(uint32_t flags, struct file **file)
{
    uint32_t uid = context_cred()->euid;
    if (user_charged(uid, USER_NOTIFIERS) >= notify_instances_most.value)
        return -EMFILE;
    struct notifier *n = heap_zalloc(sizeof *n);
    if (!n || !user_charge(uid, USER_NOTIFIERS, 1)) {
        heap_free(n);
        return -ENOMEM;
    }
    n->uid = uid;
    n->events_most = (unsigned)notify_events_most.value;
    list_init(&n->watches);
    list_init(&n->events);
    wait_queue_init(&n->wait);
    int err =
        file_create_anon("anon_inode:inotify", &ops, n, O_RDONLY | (flags & O_NONBLOCK), file);
    if (err < 0) {
        user_discharge(uid, USER_NOTIFIERS, 1);
        heap_free(n);
    }
    return err;
}

bool file_is_notify(const struct file *file)
{
    return file->ops == &ops;
}
