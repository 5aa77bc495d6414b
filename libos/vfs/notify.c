/* SPDX-License-Identifier: BSD-2-Clause */
/* notify.c - inotify(7): who watches what, and telling them; fanotify(7) hears of files, too.
 *
 * A watch joins an inode (held) and a notifier: a queue of events that is read as a file.  It ends
 * when it is removed, when the notifier is closed, or when the inode's last name is gone.
 */
#include "vfs/notify.h"

#include "base/errno.h"
#include "base/list.h"
#include "base/string.h"
#include "linux-api/abi.h"
#include "mm/heap.h"
#include "proc/user.h"
#include "vfs/dentry.h"
#include "vfs/fanotify.h"
#include "vfs/file.h"
#include "vfs/inode.h"
#include "vfs/notifier.h"

constexpr uint32_t OPTIONS = IN_ONLYDIR | IN_DONT_FOLLOW | IN_EXCL_UNLINK | IN_MASK_CREATE |
                             IN_MASK_ADD | IN_ISDIR | IN_ONESHOT;

struct setting notify_watches_most = {65536, 0, INT32_MAX};

unsigned notify_watches;
static uint32_t last_cookie;

uint32_t notify_next_cookie(void)
{
    return ++last_cookie;
}

static void watch_free(struct watch *w)
{
    list_remove(&w->inode_node);
    list_remove(&w->notifier_node);
    user_discharge(w->notifier->uid, USER_WATCHES, 1);
    notify_watches--;
    inode_put(w->inode);
    heap_free(w);
}

/* The watch ends by itself, or because it was removed: the reader is told. */
static void watch_end(struct watch *w)
{
    notifier_add(w->notifier, w->number, IN_IGNORED, 0, nullptr, 0);
    watch_free(w);
}

static void tell(struct inode *inode, uint32_t mask, uint32_t cookie, const char *name, size_t n)
{
    list_for_each_safe(node, &inode->watches) {
        struct watch *w = container_of(node, struct watch, inode_node);
        if (!(w->mask & mask & IN_ALL_EVENTS))
            continue;
        notifier_add(w->notifier, w->number, mask, cookie, name, n);
        if (w->mask & IN_ONESHOT)
            watch_end(w);
    }
}

void notify_inode(struct inode *inode, uint32_t mask)
{
    /* Only entries of directories are marked as directories when they move. */
    bool is_marked = S_ISDIR(inode->mode) && !(mask & IN_MOVE_SELF);
    if (notify_watches)
        tell(inode, mask | (is_marked ? IN_ISDIR : 0), 0, nullptr, 0);
}

void notify_dentry(struct dentry *d, uint32_t mask)
{
    if (!notify_watches || !d->inode)
        return;
    uint32_t is_dir = S_ISDIR(d->inode->mode) ? IN_ISDIR : 0;
    if (d->parent != d && d->parent->inode)
        tell(d->parent->inode, mask | is_dir, 0, d->name, d->name_bytes);
    tell(d->inode, mask | is_dir, 0, nullptr, 0);
}

void notify_file_tell(struct file *file, uint32_t mask)
{
    if (notify_watches && !(file->mode & (FILE_PATH | FILE_QUIET)))
        notify_dentry(file->path.dentry, mask);
    fanotify_tell(file, mask);
}

void notify_opened(struct file *file)
{
    notify_file(file, IN_OPEN);
}

void notify_closed(struct file *file)
{
    notify_file(file, file->mode & FILE_WRITE ? IN_CLOSE_WRITE : IN_CLOSE_NOWRITE);
}

void notify_entry(struct inode *dir, const char *name, size_t n, uint32_t mask, uint32_t cookie)
{
    if (notify_watches)
        tell(dir, mask, cookie, name, n);
}

void notify_inode_gone(struct inode *inode)
{
    fanotify_inode_gone(inode);
    if (list_is_empty(&inode->watches))
        return;
    tell(inode, IN_DELETE_SELF, 0, nullptr, 0);
    list_for_each_safe(node, &inode->watches)
        watch_end(container_of(node, struct watch, inode_node));
}

static struct watch *find_by_inode(const struct notifier *n, const struct inode *inode)
{
    list_for_each(node, &inode->watches) {
        struct watch *w = container_of(node, struct watch, inode_node);
        if (w->notifier == n)
            return w;
    }
    return nullptr;
}

static int watch_change(struct watch *w, uint32_t mask)
{
    if (mask & IN_MASK_CREATE)
        return -EEXIST;
    w->mask = mask & IN_MASK_ADD ? w->mask | mask : mask;
    return w->number;
}

int notify_watch_add(struct file *file, struct inode *inode, uint32_t mask)
{
    struct notifier *n = file->private;
    if (!(mask & IN_ALL_EVENTS) || mask & ~(IN_ALL_EVENTS | IN_UNMOUNT | OPTIONS) ||
        (mask & IN_MASK_ADD && mask & IN_MASK_CREATE))
        return -EINVAL;
    struct watch *w = find_by_inode(n, inode);
    if (w)
        return watch_change(w, mask);
    if (user_charged(n->uid, USER_WATCHES) >= notify_watches_most.value)
        return -ENOSPC;
    w = heap_zalloc(sizeof *w);
    if (!w || !user_charge(n->uid, USER_WATCHES, 1)) {
        heap_free(w);
        return -ENOMEM;
    }
    *w = (struct watch){
        .notifier = n, .inode = inode_get(inode), .mask = mask, .number = ++n->last_number};
    list_push_back(&inode->watches, &w->inode_node);
    list_push_back(&n->watches, &w->notifier_node);
    notify_watches++;
    return w->number;
}

int notify_watch_remove(struct file *file, int number)
{
    struct notifier *n = file->private;
    list_for_each(node, &n->watches) {
        struct watch *w = container_of(node, struct watch, notifier_node);
        if (w->number == number) {
            watch_end(w);
            return 0;
        }
    }
    return -EINVAL;
}

void notifier_end_watches(struct notifier *n)
{
    struct list_node *node;
    while ((node = list_first(&n->watches)) != nullptr)
        watch_free(container_of(node, struct watch, notifier_node));
}
