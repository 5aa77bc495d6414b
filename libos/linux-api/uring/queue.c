/* SPDX-License-Identifier: BSD-2-Clause */
/* queue.c - the completion queue.  What does not fit waits in a list (IORING_FEAT_NODROP). */
#include <stdatomic.h>

#include "linux-api/uring/uring.h"
#include "mm/heap.h"
#include "vfs/eventfd.h"

/* What waits outside the queue.  Submitting ends before (URING_OVERFLOW_MOST), by as many as there
 * may be requests, so that the end of each has a place. */
constexpr uint32_t ASIDE_MOST = 1 << 17;

uint32_t uring_ready(const struct uring *ring)
{
    /* The head is the program's: release pairs with our acquire. */
    uint32_t head = atomic_load_explicit(&ring->shared->cq_head, memory_order_acquire);
    return atomic_load_explicit(&ring->shared->cq_tail, memory_order_relaxed) - head;
}

static bool put(struct uring *ring, const struct io_uring_cqe *cqe)
{
    struct uring_shared *s = ring->shared;
    uint32_t tail = atomic_load_explicit(&s->cq_tail, memory_order_relaxed);
    if (uring_ready(ring) >= ring->cq_entries)
        return false;
    struct io_uring_cqe *to = &s->cqes[tail & (ring->cq_entries - 1)];
    to->user_data = cqe->user_data;
    to->res = cqe->res;
    to->flags = cqe->flags;
    /* Release: the program sees the entry before the tail. */
    atomic_store_explicit(&s->cq_tail, tail + 1, memory_order_release);
    return true;
}

bool uring_is_full(const struct uring *ring)
{
    return !list_is_empty(&ring->overflow) || uring_ready(ring) >= ring->cq_entries;
}

bool uring_overflow_flush(struct uring *ring)
{
    struct list_node *node;
    while ((node = list_first(&ring->overflow)) != nullptr) {
        struct uring_overflow *o = container_of(node, struct uring_overflow, node);
        if (!put(ring, &o->cqe))
            return false;
        list_remove(node);
        ring->overflow_count--;
        heap_free(o);
    }
    atomic_fetch_and(&ring->shared->sq_flags, ~IORING_SQ_CQ_OVERFLOW);
    return true;
}

static void put_aside(struct uring *ring, const struct io_uring_cqe *cqe)
{
    struct uring_overflow *o = ring->overflow_count < ASIDE_MOST ? heap_alloc(sizeof *o) : nullptr;
    if (!o) {
        ring->shared->cq_overflow++;
        return;
    }
    o->cqe.user_data = cqe->user_data;
    o->cqe.res = cqe->res;
    o->cqe.flags = cqe->flags;
    list_push_back(&ring->overflow, &o->node);
    ring->overflow_count++;
    atomic_fetch_or(&ring->shared->sq_flags, IORING_SQ_CQ_OVERFLOW);
}

void uring_notify(struct uring *ring)
{
    wait_wake_all(&ring->wait, EPOLLIN);
    if (!ring->eventfd || atomic_load(&ring->shared->cq_flags) & IORING_CQ_EVENTFD_DISABLED)
        return;
    /* A request of the ring's own that waits for the eventfd comes here again: the count that it
     * finds tells of both. */
    if (ring->is_signalling)
        return;
    ring->is_signalling = true;
    eventfd_add(ring->eventfd, 1);
    ring->is_signalling = false;
}

void uring_post(struct uring *ring, uint64_t user_data, int64_t result, uint32_t flags)
{
    struct io_uring_cqe cqe = {.user_data = user_data, .res = (int32_t)result, .flags = flags};
    if (!list_is_empty(&ring->overflow) || !put(ring, &cqe))
        put_aside(ring, &cqe);
    ring->posted++;
    uring_notify(ring);
    uring_timeouts_check(ring);
}
