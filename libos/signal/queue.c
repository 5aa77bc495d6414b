/* SPDX-License-Identifier: BSD-2-Clause */
/* queue.c - signals that wait. */
#include "signal/queue.h"

#include "base/errno.h"
#include "base/string.h"
#include "mm/heap.h"

/* How many entries a user has pending, in all processes.  Users are few: a list does. */
struct pending_count {
    struct list_node node;
    uint32_t uid;
    uint64_t entries;
};

static struct list_node counts = LIST_INIT(counts);

static constexpr signal_set SYNCHRONOUS = 1ull << (SIGSEGV - 1) | 1ull << (SIGBUS - 1) |
                                          1ull << (SIGILL - 1) | 1ull << (SIGTRAP - 1) |
                                          1ull << (SIGFPE - 1) | 1ull << (SIGSYS - 1);

static struct pending_count *count_find(uint32_t uid)
{
    list_for_each(node, &counts) {
        struct pending_count *c = container_of(node, struct pending_count, node);
        if (c->uid == uid)
            return c;
    }
    return nullptr;
}

static struct pending_count *count_make(uint32_t uid)
{
    struct pending_count *c = heap_zalloc(sizeof *c);
    if (c) {
        c->uid = uid;
        list_push_back(&counts, &c->node);
    }
    return c;
}

static void count_drop(struct pending_count *c)
{
    if (--c->entries > 0)
        return;
    list_remove(&c->node);
    heap_free(c);
}

uint64_t signal_pending_of_user(uint32_t uid)
{
    const struct pending_count *c = count_find(uid);
    return c ? c->entries : 0;
}

static struct signal_entry *entry_create(uint32_t uid, uint64_t limit, bool forced)
{
    struct pending_count *c = count_find(uid);
    if (!forced && (c ? c->entries : 0) >= limit)
        return nullptr;
    struct signal_entry *e = heap_zalloc(sizeof *e);
    if (!e)
        return nullptr;
    e->count = c ? c : count_make(uid);
    if (!e->count) {
        heap_free(e);
        return nullptr;
    }
    e->count->entries++;
    return e;
}

static void entry_release(struct signal_entry *e)
{
    list_remove(&e->node);
    e->backlog = nullptr;
    if (e->owned)
        return;
    count_drop(e->count);
    heap_free(e);
}

static struct signal_entry *entry_of(struct list_node *node)
{
    return container_of(node, struct signal_entry, node);
}

void backlog_init(struct signal_backlog *b)
{
    b->set = 0;
    list_init(&b->entries);
}

int backlog_add(struct signal_backlog *b, int sig, const struct siginfo *info, uint32_t uid,
                uint64_t limit, bool forced)
{
    bool queues = sig >= SIGNAL_RT_FIRST;
    if (!queues && b->set & signal_bit(sig))
        return 0;
    struct signal_entry *e = info ? entry_create(uid, limit, forced) : nullptr;
    if (e) {
        e->info = *info;
        list_push_back(&b->entries, &e->node);
    } else if (queues && info && info->si_code != SI_USER) {
        /* sigqueue(3): who queues a value must know that it was lost. */
        return -EAGAIN;
    }
    b->set |= signal_bit(sig);
    return 0;
}

void backlog_add_entry(struct signal_backlog *b, struct signal_entry *e)
{
    list_push_back(&b->entries, &e->node);
    e->backlog = b;
    b->set |= signal_bit(e->info.si_signo);
}

/* The first entry of SIG, and whether there are more. */
static struct signal_entry *entry_find(struct signal_backlog *b, int sig, bool *more)
{
    struct signal_entry *first = nullptr;
    *more = false;
    list_for_each(node, &b->entries) {
        if (entry_of(node)->info.si_signo != sig)
            continue;
        if (first) {
            *more = true;
            break;
        }
        first = entry_of(node);
    }
    return first;
}

void backlog_remove_entry(struct signal_entry *e)
{
    struct signal_backlog *b = e->backlog;
    bool more;
    if (!b)
        return;
    entry_release(e);
    if (!entry_find(b, e->info.si_signo, &more))
        b->set &= ~signal_bit(e->info.si_signo);
}

void backlog_take(struct signal_backlog *b, int sig, struct siginfo *info)
{
    bool more;
    struct signal_entry *e = entry_find(b, sig, &more);
    if (!more)
        b->set &= ~signal_bit(sig);
    if (e && e->taken)
        e->taken(e);
    if (info && e) {
        *info = e->info;
    } else if (info) {
        memset(info, 0, sizeof *info);
        info->si_signo = sig;
        info->si_code = SI_USER;
    }
    if (e)
        entry_release(e);
}

void backlog_drop(struct signal_backlog *b, signal_set set)
{
    if (!(b->set & set))
        return;
    b->set &= ~set;
    list_for_each_safe(node, &b->entries)
        if (signal_bit(entry_of(node)->info.si_signo) & set)
            entry_release(entry_of(node));
}

int signal_set_first(signal_set set)
{
    if (set & SYNCHRONOUS)
        set &= SYNCHRONOUS;
    return set ? __builtin_ctzll(set) + 1 : 0;
}
