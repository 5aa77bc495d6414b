/* SPDX-License-Identifier: BSD-2-Clause */
/* lock.c - advisory locks (fcntl(2), flock(2)).
 *
 * An inode's locks stand on one list, those of one owner in the order of their ranges, never
 * overlapping.  Record locks and open file description locks are one kind here, as they stand in
 * each other's way; flock's whole-file locks are another.  A thread that has to wait does so on
 * the lock that is in its way, and tries again when that changes.
 */
#include "vfs/lock.h"

#include <linux/fcntl.h>
#include "base/assert.h"
#include "base/errno.h"
#include "base/list.h"
#include "linux-api/abi.h"
#include "mm/heap.h"
#include "sched/wait.h"
#include "vfs/context.h"
#include "vfs/file.h"
#include "vfs/inode.h"

enum kind {
    RECORD,
    WHOLE
};

struct file_lock {
    struct list_node node; /* on inode->locks */
    struct list_node all;  /* on lock_all */
    const struct inode *inode;
    enum kind kind;
    short type; /* F_RDLCK or F_WRLCK */
    bool is_ofd;
    const void *owner; /* the descriptor table or the open file */
    int pid;           /* for F_GETLK; -1: an open file's */
    uint64_t first, last;
    struct wait_queue waiters;
};

static struct list_node lock_all = LIST_INIT(lock_all); /* the newest first */

/* Who waits for another owner's lock: to be shown, and for the search of circles of owners. */
struct blocked {
    struct list_node node;
    const struct file_lock *wanted;
    const struct file_lock *holder; /* may be gone: only compared */
    const void *waits_for;          /* its owner */
};
static struct list_node blocked_all = LIST_INIT(blocked_all);
constexpr unsigned CIRCLE_MOST = 10; /* as far as the search goes, like Linux's */

static struct file_lock *lock_at(struct list_node *node)
{
    return container_of(node, struct file_lock, node);
}

static void lock_remove(struct file_lock *l)
{
    list_remove(&l->node);
    list_remove(&l->all);
    poll_queue_destroy(&l->waiters);
    heap_free(l);
}

static bool overlaps(const struct file_lock *a, const struct file_lock *b)
{
    return a->first <= b->last && b->first <= a->last;
}

/* The first lock that another owner has and that stands in the way of WANTED. */
static struct file_lock *conflict(struct inode *inode, const struct file_lock *wanted)
{
    list_for_each(node, &inode->locks) {
        struct file_lock *l = lock_at(node);
        if (l->kind == wanted->kind && l->owner != wanted->owner && overlaps(l, wanted) &&
            (l->type == F_WRLCK || wanted->type == F_WRLCK))
            return l;
    }
    return nullptr;
}

static struct file_lock *lock_copy(const struct file_lock *from)
{
    struct file_lock *l = heap_alloc(sizeof *l);
    if (l) {
        *l = *from;
        wait_queue_init(&l->waiters);
        list_init(&l->node);
        list_init(&l->all);
    }
    return l;
}

static void lock_enlist(struct list_node *before, struct file_lock *l)
{
    list_insert_before(before, &l->node);
    list_push_front(&lock_all, &l->all);
}

/* Take [first, last] of WANTED out of L, both of one owner.  SPARE serves for the second half. */
static void lock_cut(struct file_lock *l, const struct file_lock *wanted, struct file_lock **spare)
{
    bool keeps_left = l->first<wanted->first, keeps_right = l->last> wanted->last;
    if (!keeps_left && !keeps_right) {
        lock_remove(l);
        return;
    }
    if (keeps_left && keeps_right) {
        struct file_lock *right = *spare;
        assert(right); /* the caller has seen to it */
        *spare = nullptr;
        *right = (struct file_lock){.inode = l->inode,
                                    .kind = l->kind,
                                    .type = l->type,
                                    .is_ofd = l->is_ofd,
                                    .owner = l->owner,
                                    .pid = l->pid,
                                    .first = wanted->last + 1,
                                    .last = l->last};
        wait_queue_init(&right->waiters);
        lock_enlist(l->node.next, right);
    }
    if (keeps_left)
        l->last = wanted->first - 1;
    else
        l->first = wanted->last + 1;
    poll_queue_destroy(&l->waiters);
}

/* Let WANTED take in the neighbours of its owner and type. */
static void merge(struct inode *inode, struct file_lock *wanted)
{
    list_for_each_safe(node, &inode->locks) {
        struct file_lock *l = lock_at(node);
        if (l == wanted || l->kind != RECORD || l->owner != wanted->owner ||
            l->type != wanted->type)
            continue;
        if (l->last + 1 == wanted->first)
            wanted->first = l->first;
        else if (wanted->last + 1 == l->first)
            wanted->last = l->last;
        else
            continue;
        lock_remove(l);
    }
}

/* Make WANTED true (type F_UNLCK: nothing of its owner remains in the range).  Nothing is in its
 * way.  -ENOMEM: nothing happened. */
static int record_apply(struct inode *inode, const struct file_lock *wanted)
{
    struct file_lock *spare = lock_copy(wanted);
    struct file_lock *new = wanted->type == F_UNLCK ? nullptr : lock_copy(wanted);
    if (!spare || (!new && wanted->type != F_UNLCK)) {
        heap_free(spare);
        heap_free(new);
        return -ENOMEM;
    }
    list_for_each_safe(node, &inode->locks) {
        struct file_lock *l = lock_at(node);
        if (l->kind == RECORD && l->owner == wanted->owner && overlaps(l, wanted))
            lock_cut(l, wanted, &spare);
    }
    if (new) {
        lock_enlist(&inode->locks, new);
        merge(inode, new);
    }
    heap_free(spare);
    return 0;
}

/* Open files cannot be told from each other by who uses them: they are not searched for circles. */
static bool waits_for_owner(const struct file_lock *wanted)
{
    return wanted->kind == RECORD && !wanted->is_ofd;
}

/* Would OWNER, waiting for HOLDER, close a circle of waiters? */
static bool closes_circle(const void *owner, const void *holder)
{
    for (unsigned i = 0; i < CIRCLE_MOST; i++) {
        const struct blocked *next = nullptr;
        list_for_each(node, &blocked_all) {
            const struct blocked *b = container_of(node, struct blocked, node);
            if (waits_for_owner(b->wanted) && b->wanted->owner == holder)
                next = b;
        }
        if (!next)
            return false;
        if (next->waits_for == owner)
            return true;
        holder = next->waits_for;
    }
    return false;
}

static int wait_for(struct file_lock *holder, const struct file_lock *wanted)
{
    struct blocked b = {.wanted = wanted, .holder = holder, .waits_for = holder->owner};
    if (waits_for_owner(wanted) && closes_circle(wanted->owner, holder->owner))
        return -EDEADLK;
    list_push_back(&blocked_all, &b.node);
    int err = wait_on(&holder->waiters, WAIT_FOREVER, SLEEP_INTERRUPTIBLE);
    list_remove(&b.node);
    return err < 0 ? -ERESTARTSYS : 0;
}

/* The range of a struct flock, as first and last byte. */
static int range_of(const struct file *file, const struct flock *f, struct file_lock *l)
{
    int64_t start = f->l_start, base, end;
    switch (f->l_whence) {
    case SEEK_SET: base = 0; break;
    case SEEK_CUR: base = file->pos; break;
    case SEEK_END: base = (int64_t)file->inode->size; break;
    default: return -EINVAL;
    }
    if (__builtin_add_overflow(base, start, &start))
        return -EOVERFLOW;
    if (start < 0)
        return -EINVAL;
    end = INT64_MAX;
    if (f->l_len > 0 && __builtin_add_overflow(start, f->l_len - 1, &end))
        return -EOVERFLOW;
    if (f->l_len < 0) {
        end = start - 1;
        if (__builtin_add_overflow(start, f->l_len, &start) || start < 0)
            return -EINVAL;
    }
    l->first = (uint64_t)start;
    l->last = (uint64_t)end;
    return 0;
}

static void record_tell(const struct file_lock *holder, struct flock *f)
{
    if (!holder) {
        f->l_type = F_UNLCK;
        return;
    }
    f->l_type = holder->type;
    f->l_whence = SEEK_SET;
    f->l_start = (int64_t)holder->first;
    f->l_len = holder->last == INT64_MAX ? 0 : (int64_t)(holder->last - holder->first + 1);
    f->l_pid = holder->pid < 0 ? holder->pid : context_pid_number(holder->pid);
}

/* Open so that the lock makes sense? */
static int check_mode(const struct file *file, short type)
{
    if (type != F_RDLCK && type != F_WRLCK && type != F_UNLCK)
        return -EINVAL;
    if ((type == F_RDLCK && !(file->mode & FILE_READ)) ||
        (type == F_WRLCK && !(file->mode & FILE_WRITE)))
        return -EBADF;
    return 0;
}

int lock_record(struct file *file, int command, struct flock *f)
{
    bool is_ofd = command == F_OFD_GETLK || command == F_OFD_SETLK || command == F_OFD_SETLKW;
    bool is_query = command == F_GETLK || command == F_OFD_GETLK;
    struct inode *inode = file->inode;
    struct file_lock wanted = {
        .inode = inode,
        .kind = RECORD,
        .type = f->l_type,
        .is_ofd = is_ofd,
        .owner = is_ofd ? (void *)file : (void *)context_files(),
        .pid = is_ofd ? -1 : context_pid(),
    };
    if (is_ofd && f->l_pid != 0)
        return -EINVAL;
    int err = range_of(file, f, &wanted);
    if (err < 0)
        return err;
    if (is_query) {
        if (f->l_type != F_RDLCK && f->l_type != F_WRLCK)
            return -EINVAL;
        record_tell(conflict(inode, &wanted), f);
        return 0;
    }
    err = check_mode(file, f->l_type);
    while (!err) {
        struct file_lock *holder = wanted.type == F_UNLCK ? nullptr : conflict(inode, &wanted);
        if (!holder)
            return record_apply(inode, &wanted);
        if (command == F_SETLK || command == F_OFD_SETLK)
            return -EAGAIN;
        err = wait_for(holder, &wanted);
    }
    return err;
}

static struct file_lock *own_whole(const struct file *file)
{
    list_for_each(node, &file->inode->locks) {
        struct file_lock *l = lock_at(node);
        if (l->kind == WHOLE && l->owner == file)
            return l;
    }
    return nullptr;
}

int lock_whole(struct file *file, int operation)
{
    struct file_lock wanted = {.inode = file->inode,
                               .kind = WHOLE,
                               .owner = file,
                               .pid = context_pid(),
                               .last = INT64_MAX};
    switch (operation & ~LOCK_NB) {
    case LOCK_SH: wanted.type = F_RDLCK; break;
    case LOCK_EX: wanted.type = F_WRLCK; break;
    case LOCK_UN: wanted.type = F_UNLCK; break;
    default: return -EINVAL;
    }
    /* A change of mode is no atomic step: the old lock goes first (flock(2)). */
    struct file_lock *own = own_whole(file), *holder;
    if (own && own->type == wanted.type)
        return 0;
    if (own)
        lock_remove(own);
    if (wanted.type == F_UNLCK)
        return 0;
    while ((holder = conflict(file->inode, &wanted)) != nullptr) {
        if (operation & LOCK_NB)
            return -EAGAIN;
        int err = wait_for(holder, &wanted);
        if (err < 0)
            return err;
    }
    struct file_lock *new = lock_copy(&wanted);
    if (!new)
        return -ENOMEM;
    lock_enlist(&file->inode->locks, new);
    return 0;
}

static void remove_owned(struct inode *inode, const void *owner)
{
    list_for_each_safe(node, &inode->locks) {
        struct file_lock *l = lock_at(node);
        if (l->owner == owner)
            lock_remove(l);
    }
}

void lock_table_closed(struct fd_table *table, struct file *file)
{
    remove_owned(file->inode, table);
}

void lock_inode_gone(struct inode *inode)
{
    struct list_node *node;
    while ((node = list_first(&inode->locks)) != nullptr)
        lock_remove(lock_at(node));
}

void lock_file_closed(struct file *file)
{
    remove_owned(file->inode, file);
}

static struct lock_shown shown(unsigned number, const struct file_lock *l)
{
    return (struct lock_shown){
        .number = number,
        .kind = l->kind == WHOLE ? "FLOCK"
                : l->is_ofd      ? "OFDLCK"
                                 : "POSIX",
        .for_writing = l->type == F_WRLCK,
        .pid = l->pid,
        .inode = l->inode,
        .first = l->first,
        .last = l->last,
    };
}

void lock_for_each(void (*show)(const struct lock_shown *l, void *arg), void *arg)
{
    unsigned number = 0;
    list_for_each(node, &lock_all) {
        const struct file_lock *l = container_of(node, struct file_lock, all);
        struct lock_shown line = shown(++number, l);
        show(&line, arg);
        list_for_each(waiting, &blocked_all) {
            const struct blocked *b = container_of(waiting, struct blocked, node);
            if (b->holder != l)
                continue;
            line = shown(number, b->wanted);
            line.waits = true;
            show(&line, arg);
        }
    }
}
