/* SPDX-License-Identifier: BSD-2-Clause */
/* ops_poll.c - waiting for events of a file, once or until it is ended; ASYNC_CANCEL. */
#include "base/errno.h"
#include "linux-api/uring/uring.h"
#include "mm/usermem.h"
#include "vfs/file.h"

constexpr uint32_t HOW = EPOLLET | EPOLLONESHOT | EPOLLEXCLUSIVE | EPOLLWAKEUP;

int64_t uring_poll_add(struct uring_request *r)
{
    if (r->sqe.len & ~IORING_POLL_ADD_MULTI || r->sqe.off || r->sqe.addr || r->sqe.buf_index)
        return -EINVAL;
    return uring_request_wait(r, r->sqe.poll32_events & ~HOW);
}

void uring_poll_ready(struct uring_request *r)
{
    uint32_t events = poll_watch_events(&r->watch);
    if (!events)
        return;
    if (!(r->sqe.len & IORING_POLL_ADD_MULTI) || !uring_request_report(r, events))
        uring_request_finish(r, events);
}

/* ------------------------------------------------------------------ finding others */

struct wanted {
    const struct uring_request *self;
    uint64_t user_data;
    uring_run *run;          /* NULL: any operation */
    const struct file *file; /* NULL: any */
    bool is_by_data;
};

static bool is_wanted(const struct uring_request *r, const struct wanted *w)
{
    return r != w->self && (!w->is_by_data || r->sqe.user_data == w->user_data) &&
           (!w->run || r->op->run == w->run) && (!w->file || r->file == w->file);
}

static bool may_end(const struct uring_request *r, const struct wanted *w)
{
    return is_wanted(r, w) && !r->has_result && !r->is_running;
}

static struct uring_request *find(struct uring *ring, const struct wanted *w)
{
    list_for_each(node, uring_data_list(ring, w->user_data)) {
        struct uring_request *r = container_of(node, struct uring_request, data_node);
        if (may_end(r, w))
            return r;
    }
    return nullptr;
}

static int64_t update(struct uring_request *target, const struct io_uring_sqe *sqe)
{
    if (sqe->len & IORING_POLL_UPDATE_USER_DATA)
        uring_request_rename(target, sqe->off);
    if (sqe->len & IORING_POLL_UPDATE_EVENTS) {
        target->watch.table.events = (sqe->poll32_events & ~HOW) | POLL_ALWAYS;
        if (poll_watch_events(&target->watch))
            uring_work_add(target);
    }
    return 0;
}

int64_t uring_poll_remove(struct uring_request *r)
{
    constexpr unsigned flags =
        IORING_POLL_UPDATE_EVENTS | IORING_POLL_UPDATE_USER_DATA | IORING_POLL_ADD_MULTI;
    if (r->sqe.len & ~flags || r->sqe.buf_index || r->sqe.len == IORING_POLL_ADD_MULTI)
        return -EINVAL;
    struct wanted w = {r, r->sqe.addr, uring_poll_add, nullptr, true};
    struct uring_request *target = find(r->ring, &w);
    if (!target)
        return -ENOENT;
    if (r->sqe.len)
        return update(target, &r->sqe);
    uring_request_finish_later(target, -ECANCELED);
    return 0;
}

/* End what W wants, or the first of it: how many. */
static int64_t cancel_wanted(struct uring *ring, const struct wanted *w, bool is_all)
{
    int64_t count = 0;
    if (w->is_by_data) {
        for (struct uring_request *r; (is_all || !count) && (r = find(ring, w)); count++)
            uring_request_finish_later(r, -ECANCELED);
        return count;
    }
    list_for_each(node, &ring->requests) {
        struct uring_request *r = container_of(node, struct uring_request, ring_node);
        if (!may_end(r, w))
            continue;
        uring_request_finish_later(r, -ECANCELED);
        count++;
        if (!is_all)
            break;
    }
    return count;
}

/* What SELF, or nobody if that is NULL, asks for as IORING_OP_ASYNC_CANCEL does. */
static int64_t cancel(struct uring *ring, const struct uring_request *self, uint64_t user_data,
                      int32_t fd, unsigned flags)
{
    constexpr unsigned known = IORING_ASYNC_CANCEL_ALL | IORING_ASYNC_CANCEL_FD |
                               IORING_ASYNC_CANCEL_ANY | IORING_ASYNC_CANCEL_FD_FIXED;
    struct file *file = nullptr;
    if (flags & ~known || (flags & IORING_ASYNC_CANCEL_ANY && flags & IORING_ASYNC_CANCEL_FD))
        return -EINVAL;
    if (flags & IORING_ASYNC_CANCEL_FD) {
        file = uring_file_get(ring, fd, flags & IORING_ASYNC_CANCEL_FD_FIXED);
        if (!file)
            return -EBADF;
    }
    bool is_by_data = !(flags & (IORING_ASYNC_CANCEL_FD | IORING_ASYNC_CANCEL_ANY));
    bool is_all = flags & (IORING_ASYNC_CANCEL_ALL | IORING_ASYNC_CANCEL_ANY);
    struct wanted w = {self, user_data, nullptr, file, is_by_data};
    int64_t count = cancel_wanted(ring, &w, is_all);
    file_put(file);
    if (is_all)
        return count;
    return count ? 0 : -ENOENT;
}

int64_t uring_cancel(struct uring_request *r)
{
    if (r->sqe.off || r->sqe.len)
        return -EINVAL;
    return cancel(r->ring, r, r->sqe.addr, r->sqe.fd, r->sqe.cancel_flags);
}

/* A request that cannot be ended at once cannot be ended at all here, so that there is nothing to
 * wait for. */
int64_t uring_cancel_now(struct uring *ring, uaddr_t user, uint32_t count)
{
    struct io_uring_sync_cancel_reg reg;
    if (!user || count != 1)
        return -EINVAL;
    if (copy_from_user(&reg, user, sizeof reg))
        return -EFAULT;
    if (reg.pad[0] || reg.pad[1] || reg.pad[2] || reg.pad[3])
        return -EINVAL;
    return cancel(ring, nullptr, reg.addr, reg.fd, reg.flags);
}
