/* SPDX-License-Identifier: BSD-2-Clause */
/* epoll_nest.c - sets that watch sets: no circles, and no more than five on top of each other,
 * since a wake-up runs through all of them on one stack. */
#include "base/bits.h"
#include "base/errno.h"
#include "vfs/epoll_set.h"
#include "vfs/file.h"

constexpr int SETS_MOST = 5;

static uint64_t visit;

/* Sets on the longest way down from EP, itself included; more than SETS_MOST for a way that leads
 * to LOOKED_FOR. */
static int depth_below(struct epoll *ep, const struct epoll *looked_for, int level)
{
    int depth = 1;
    if (ep == looked_for || level > SETS_MOST)
        return SETS_MOST + 1;
    if (ep->visit == visit)
        return ep->depth;
    for (unsigned i = 0; i < ep->size; i++) {
        list_for_each(node, &ep->buckets[i]) {
            struct epoll *below =
                file_epoll(container_of(node, struct epoll_item, hash_node)->file);
            if (below)
                depth = MAX(depth, 1 + depth_below(below, looked_for, level + 1));
        }
    }
    ep->visit = visit;
    return ep->depth = depth;
}

/* Sets on the longest way up from EP, itself included. */
static int depth_above(const struct epoll *ep, int level)
{
    int depth = 1;
    if (level > SETS_MOST)
        return SETS_MOST + 1;
    list_for_each(node, &ep->file->watchers)
        depth = MAX(depth, 1 + depth_above(container_of(node, struct epoll_item, file_node)->ep,
                                           level + 1));
    return depth;
}

int epoll_check_nesting(struct epoll *ep, struct file *file)
{
    struct epoll *below = file_epoll(file);
    if (!below)
        return 0;
    visit++;
    int down = depth_below(below, ep, 1);
    return down > SETS_MOST || down + depth_above(ep, 1) > SETS_MOST ? -ELOOP : 0;
}
