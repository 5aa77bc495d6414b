/* SPDX-License-Identifier: BSD-2-Clause */
/* epoll.c - sets of watched files (epoll(7)).
 *
 * An item is one (number, file) pair of a set.  It stands on the set's hash table and on the file's
 * list of watchers, and its hooks wait on the file's queues.  When a hook is woken the item goes on
 * the ready list; whether the file is really ready is asked when somebody wants to know.  The set
 * holds no reference on the file: when the file is closed for good, its items go.
 */
#include "vfs/epoll.h"

#include "base/errno.h"
#include "base/format.h"
#include "base/hash.h"
#include "base/list.h"
#include "mm/heap.h"
#include "sched/wait.h"
#include "vfs/epoll_set.h"
#include "vfs/file.h"

constexpr unsigned BUCKETS_FIRST = 16;
/* Bits of events that say how to report, not what. */
constexpr uint32_t HOW = EPOLLET | EPOLLONESHOT | EPOLLWAKEUP | EPOLLEXCLUSIVE;
/* What may stand beside EPOLLEXCLUSIVE. */
constexpr uint32_t EXCLUSIVE_OK =
    EPOLLIN | EPOLLOUT | EPOLLERR | EPOLLHUP | EPOLLWAKEUP | EPOLLET | EPOLLEXCLUSIVE;

static const struct file_ops epoll_ops;

struct epoll *file_epoll(const struct file *file)
{
    return file->ops == &epoll_ops ? file->private : nullptr;
}

bool file_is_epoll(const struct file *file)
{
    return file->ops == &epoll_ops;
}

static struct list_node *bucket(const struct epoll *ep, int fd)
{
    return &ep->buckets[hash_u64((uint64_t)fd) & (ep->size - 1)];
}

static struct list_node *buckets_create(unsigned size)
{
    struct list_node *buckets = heap_alloc(size * sizeof *buckets);
    for (unsigned i = 0; buckets && i < size; i++)
        list_init(&buckets[i]);
    return buckets;
}

static void grow(struct epoll *ep)
{
    struct list_node *old = ep->buckets, *new = buckets_create(ep->size * 2), *node;
    if (!new)
        return; /* slower, but whole */
    unsigned old_size = ep->size;
    ep->buckets = new;
    ep->size *= 2;
    for (unsigned i = 0; i < old_size; i++)
        while ((node = list_pop_front(&old[i])) != nullptr)
            list_push_back(bucket(ep, container_of(node, struct epoll_item, hash_node)->fd), node);
    heap_free(old);
}

static struct epoll_item *find(const struct epoll *ep, int fd, const struct file *file)
{
    list_for_each(node, bucket(ep, fd)) {
        struct epoll_item *item = container_of(node, struct epoll_item, hash_node);
        if (item->fd == fd && item->file == file)
            return item;
    }
    return nullptr;
}

/* Somebody may want to know that EP has something ready. */
static void tell(struct epoll *ep)
{
    wait_wake(&ep->wait, EPOLLIN);
    wait_wake(&ep->poll_wait, EPOLLIN);
}

static void make_ready(struct epoll_item *item)
{
    if (!list_is_linked(&item->ready_node))
        list_push_back(&item->ep->ready, &item->ready_node);
    tell(item->ep);
}

static void hook_wake(struct waiter *w, uint32_t key)
{
    struct epoll_item *item = container_of(w, struct epoll_hook, waiter)->item;
    if (!(item->event.events & ~HOW))
        return; /* EPOLLONESHOT has fired */
    if (key && !(key & item->event.events))
        return;
    make_ready(item);
}

struct hooking {
    struct poll_table table;
    struct epoll_item *item;
    bool is_out_of_memory;
};

static void hook_enlist(struct poll_table *table, struct file *, struct wait_queue *queue)
{
    struct hooking *h = container_of(table, struct hooking, table);
    struct epoll_item *item = h->item;
    struct epoll_hook *hook = &item->first;
    if (item->hooks && !(hook = heap_alloc(sizeof *hook))) {
        h->is_out_of_memory = true;
        return;
    }
    waiter_init_callback(&hook->waiter, hook_wake);
    hook->waiter.exclusive = item->event.events & EPOLLEXCLUSIVE;
    hook->item = item;
    hook->next = item->hooks;
    item->hooks = hook;
    waiter_add(queue, &hook->waiter);
}

static void item_free(struct epoll_item *item)
{
    while (item->hooks) {
        struct epoll_hook *hook = item->hooks;
        item->hooks = hook->next;
        waiter_remove(&hook->waiter);
        if (hook != &item->first)
            heap_free(hook);
    }
    list_remove(&item->hash_node);
    list_remove(&item->ready_node);
    list_remove(&item->file_node);
    item->ep->count--;
    heap_free(item);
}

static uint32_t item_events(const struct epoll_item *item)
{
    return file_poll(item->file, nullptr) & item->event.events & ~HOW;
}

static int item_add(struct epoll *ep, int fd, struct file *file, const struct epoll_event *event)
{
    int err = epoll_check_nesting(ep, file);
    if (err < 0)
        return err;
    struct epoll_item *item = heap_zalloc(sizeof *item);
    if (!item)
        return -ENOMEM;
    item->ep = ep;
    item->fd = fd;
    item->file = file;
    item->event = *event;
    item->event.events |= POLL_ALWAYS;
    list_init(&item->ready_node);
    list_push_back(bucket(ep, fd), &item->hash_node);
    list_push_back(&file->watchers, &item->file_node);
    if (++ep->count > ep->size)
        grow(ep);
    struct hooking h = {{hook_enlist, item->event.events}, item, false};
    uint32_t events = file_poll(file, &h.table) & item->event.events & ~HOW;
    if (h.is_out_of_memory) {
        item_free(item);
        return -ENOMEM;
    }
    if (events)
        make_ready(item);
    return 0;
}

static int item_modify(struct epoll_item *item, const struct epoll_event *event)
{
    if (item->event.events & EPOLLEXCLUSIVE)
        return -EINVAL;
    item->event = *event;
    item->event.events |= POLL_ALWAYS;
    if (item_events(item))
        make_ready(item);
    return 0;
}

static int check(struct file *epoll, int op, const struct file *file,
                 const struct epoll_event *event)
{
    if (!file->ops->poll)
        return -EPERM;
    if (file == epoll || !file_is_epoll(epoll))
        return -EINVAL;
    if (op == EPOLL_CTL_DEL || !(event->events & EPOLLEXCLUSIVE))
        return 0;
    return op == EPOLL_CTL_MOD || file_is_epoll(file) || event->events & ~EXCLUSIVE_OK ? -EINVAL
                                                                                       : 0;
}

int epoll_change(struct file *epoll, int op, int fd, struct file *file,
                 const struct epoll_event *event)
{
    int err = check(epoll, op, file, event);
    if (err < 0)
        return err;
    struct epoll *ep = epoll->private;
    struct epoll_item *item = find(ep, fd, file);
    switch (op) {
    case EPOLL_CTL_ADD: return item ? -EEXIST : item_add(ep, fd, file, event);
    case EPOLL_CTL_MOD: return item ? item_modify(item, event) : -ENOENT;
    case EPOLL_CTL_DEL:
        if (item)
            item_free(item);
        return item ? 0 : -ENOENT;
    default: return -EINVAL;
    }
}

/* Give ready items to TAKE, each at most once.  A level-triggered one stays on the list, at the
 * end: so each gets its turn. */
static long collect(struct epoll *ep, int most, int (*take)(void *, const struct epoll_event *),
                    void *arg)
{
    int done = 0;
    struct list_node *last = list_last(&ep->ready), *node = nullptr;
    while (done < most && node != last && (node = list_pop_front(&ep->ready)) != nullptr) {
        struct epoll_item *item = container_of(node, struct epoll_item, ready_node);
        struct epoll_event event = {item_events(item), item->event.data};
        if (!event.events)
            continue;
        int err = take(arg, &event);
        if (err < 0) {
            list_push_front(&ep->ready, node);
            return done ? done : err;
        }
        done++;
        if (item->event.events & EPOLLONESHOT)
            item->event.events &= HOW;
        else if (!(item->event.events & EPOLLET))
            list_push_back(&ep->ready, node);
    }
    return done;
}

long epoll_wait_events(struct file *file, int most, uint64_t deadline_ns,
                       int (*take)(void *, const struct epoll_event *), void *arg)
{
    struct epoll *ep = file->private;
    bool is_over = deadline_ns == 0;
    for (;;) {
        long n = collect(ep, most, take, arg);
        if (n && !list_is_empty(&ep->ready))
            wait_wake(&ep->wait, EPOLLIN); /* more for another waiter */
        if (n || is_over)
            return n;
        int err = wait_on_exclusive(&ep->wait, deadline_ns, SLEEP_INTERRUPTIBLE);
        if (err == -EINTR) {
            if (!list_is_empty(&ep->ready)) /* a wake-up that the signal beat is another's */
                wait_wake(&ep->wait, EPOLLIN);
            return err;
        }
        is_over = err == -ETIMEDOUT;
    }
}

void epoll_file_closed(struct file *file)
{
    struct list_node *node;
    while ((node = list_first(&file->watchers)) != nullptr)
        item_free(container_of(node, struct epoll_item, file_node));
}

/* A set is readable when one of its items is; items that turn out not to be leave the list. */
static uint32_t poll(struct file *file, struct poll_table *table)
{
    struct epoll *ep = file->private;
    poll_wait(file, &ep->poll_wait, table);
    list_for_each_safe(node, &ep->ready) {
        if (item_events(container_of(node, struct epoll_item, ready_node)))
            return EPOLLIN | EPOLLRDNORM;
        list_remove(node);
    }
    return 0;
}

static void release(struct file *file)
{
    struct epoll *ep = file->private;
    for (unsigned i = 0; i < ep->size; i++) {
        struct list_node *node;
        while ((node = list_first(&ep->buckets[i])) != nullptr)
            item_free(container_of(node, struct epoll_item, hash_node));
    }
    heap_free(ep->buckets);
    heap_free(ep);
}

/* proc(5), /proc/PID/fdinfo. */
static int show_fdinfo(struct file *file, char *to, size_t size)
{
    const struct epoll *ep = file->private;
    size_t n = 0;
    for (unsigned i = 0; i < ep->size; i++) {
        list_for_each(node, &ep->buckets[i]) {
            const struct epoll_item *item = container_of(node, struct epoll_item, hash_node);
            if (n < size)
                n += (size_t)snprintf(to + n, size - n, "tfd: %8d events: %8x data: %16llx\n",
                                      item->fd, item->event.events,
                                      (unsigned long long)item->event.data);
        }
    }
    return (int)n;
}

static const struct file_ops epoll_ops = {
    .flags = FOP_STREAM,
    .poll = poll,
    .release = release,
    .llseek = file_seek_none,
    .show_fdinfo = show_fdinfo,
};

int epoll_create_file(struct file **file)
{
    struct epoll *ep = heap_zalloc(sizeof *ep);
    if (!ep)
        return -ENOMEM;
    list_init(&ep->ready);
    wait_queue_init(&ep->wait);
    wait_queue_init(&ep->poll_wait);
    ep->size = BUCKETS_FIRST;
    ep->buckets = buckets_create(ep->size);
    int err = ep->buckets ? file_create_anon("anon_inode:[eventpoll]", &epoll_ops, ep, O_RDWR, file)
                          : -ENOMEM;
    if (err < 0) {
        heap_free(ep->buckets);
        heap_free(ep);
        return err;
    }
    ep->file = *file;
    return 0;
}
