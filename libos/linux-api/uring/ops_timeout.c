/* SPDX-License-Identifier: BSD-2-Clause */
/* ops_timeout.c - time-outs: alone, for a number of completions, and of the request before. */
#include "base/errno.h"
#include "linux-api/uring/uring.h"
#include "mm/usermem.h"
#include "sched/time.h"

constexpr unsigned CLOCKS = IORING_TIMEOUT_BOOTTIME | IORING_TIMEOUT_REALTIME;

static int time_get(uaddr_t user, unsigned flags, uint64_t *ns)
{
    struct timespec64 t;
    if (copy_from_user(&t, user, sizeof t))
        return -EFAULT;
    if (!timespec_is_valid(&t) || (flags & CLOCKS) == CLOCKS)
        return -EINVAL;
    *ns = timespec_to_ns(&t);
    return 0;
}

static uint64_t deadline(uint64_t ns, unsigned flags)
{
    if (!(flags & IORING_TIMEOUT_ABS))
        return time_deadline_after(ns);
    return flags & IORING_TIMEOUT_REALTIME ? time_deadline_of_real(ns) : ns;
}

/* Of both kinds. */
int uring_timeout_prepare(struct uring_request *r)
{
    constexpr unsigned known = IORING_TIMEOUT_ABS | CLOCKS | IORING_TIMEOUT_ETIME_SUCCESS;
    if (r->sqe.buf_index || r->sqe.len != 1 || r->sqe.file_index || r->sqe.timeout_flags & ~known ||
        (r->sqe.off && r->sqe.opcode == IORING_OP_LINK_TIMEOUT))
        return -EINVAL;
    return time_get(r->sqe.addr, r->sqe.timeout_flags, &r->time_ns);
}

static void fire(struct timer *timer)
{
    uring_request_finish_later(container_of(timer, struct uring_request, timer), -ETIME);
}

static void target_set(struct uring_request *r, uint64_t target)
{
    struct list_node *at = &r->ring->counting;
    /* Usually the last so far. */
    while (at->prev != &r->ring->counting &&
           container_of(at->prev, struct uring_request, target_node)->target > target)
        at = at->prev;
    r->target = target;
    list_insert_before(at, &r->target_node);
}

int64_t uring_timeout(struct uring_request *r)
{
    if (r->sqe.off)
        target_set(r, r->ring->posted + r->sqe.off);
    timer_init(&r->timer, fire);
    timer_arm(&r->timer, deadline(r->time_ns, r->sqe.timeout_flags));
    return URING_LATER;
}

void uring_timeouts_check(struct uring *ring)
{
    struct list_node *node;
    while ((node = list_first(&ring->counting)) != nullptr) {
        struct uring_request *r = container_of(node, struct uring_request, target_node);
        if (ring->posted < r->target)
            break;
        list_remove(node);
        uring_request_finish_later(r, 0);
    }
}

static struct uring_request *find(struct uring *ring, uint64_t user_data, uring_run *run)
{
    list_for_each(node, uring_data_list(ring, user_data)) {
        struct uring_request *r = container_of(node, struct uring_request, data_node);
        if (r->sqe.user_data == user_data && r->op->run == run)
            return r;
    }
    return nullptr;
}

int64_t uring_timeout_remove(struct uring_request *r)
{
    constexpr unsigned known =
        IORING_TIMEOUT_UPDATE | IORING_LINK_TIMEOUT_UPDATE | IORING_TIMEOUT_ABS | CLOCKS;
    constexpr unsigned updates = IORING_TIMEOUT_UPDATE | IORING_LINK_TIMEOUT_UPDATE;
    unsigned flags = r->sqe.timeout_flags;
    uint64_t ns = 0;
    if (r->sqe.buf_index || r->sqe.len || r->sqe.file_index || flags & ~known ||
        (flags && !(flags & updates)))
        return -EINVAL;
    if (flags & updates) {
        int err = time_get(r->sqe.addr2, flags, &ns);
        if (err < 0)
            return err;
    }
    struct uring_request *target =
        find(r->ring, r->sqe.addr,
             flags & IORING_LINK_TIMEOUT_UPDATE ? uring_link_timeout : uring_timeout);
    if (!target)
        return -ENOENT;
    if (target->has_result)
        return -EALREADY;
    if (flags & updates)
        timer_arm(&target->timer, deadline(ns, flags));
    else
        uring_request_finish_later(target, -ECANCELED);
    return 0;
}

/* It never runs: the request before it takes it out of the chain. */
int64_t uring_link_timeout(struct uring_request *)
{
    return -EINVAL;
}

static void guard_fire(struct timer *timer)
{
    struct uring_request *guard = container_of(timer, struct uring_request, timer);
    struct uring_request *r = guard->guarded;
    guard->guarded = nullptr;
    if (r) {
        r->timeout = nullptr;
        uring_request_finish_later(r, -ECANCELED);
    }
    uring_request_finish_later(guard, r ? -ETIME : -ENOENT);
}

void uring_link_timeout_arm(struct uring_request *guard)
{
    guard->is_begun = true;
    uring_request_enlist(guard);
    timer_init(&guard->timer, guard_fire);
    timer_arm(&guard->timer, deadline(guard->time_ns, guard->sqe.timeout_flags));
}
