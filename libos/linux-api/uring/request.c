/* SPDX-License-Identifier: BSD-2-Clause */
/* request.c - the life of requests: chains, waiting, ending. */
#include <linux/fs.h>
#include <stdatomic.h>

#include "base/bits.h"
#include "base/errno.h"
#include "base/hash.h"
#include "linux-api/uring/uring.h"
#include "mm/heap.h"
#include "net/socket.h"
#include "proc/cred.h"
#include "sched/sched.h"
#include "sched/thread.h"
#include "vfs/fdtable.h"
#include "vfs/file.h"

/* A file that is ready and will not do is given up after so many rounds. */
constexpr uint32_t ROUNDS_MOST = 8;
/* Of one ring, waiting or under way: as many as the largest completion queue takes. */
constexpr uint32_t REQUESTS_MOST = 65536;
constexpr unsigned CHAINING = IOSQE_IO_LINK | IOSQE_IO_HARDLINK;

static void run_chain(struct uring_request *r);

/* ------------------------------------------------------------------ making and freeing */

static void work(struct thread_work *w);

struct file *uring_file_get(const struct uring *ring, int32_t fd, bool is_slot)
{
    if (!is_slot)
        return fd_get(fd);
    if ((uint32_t)fd >= ring->file_count || !ring->files[fd])
        return nullptr;
    return file_get(ring->files[fd]);
}

static int file_get_for(struct uring_request *r)
{
    if (!(r->op->flags & URING_FILE))
        return 0;
    r->file = uring_file_get(r->ring, r->sqe.fd, r->sqe.flags & IOSQE_FIXED_FILE);
    return r->file ? 0 : -EBADF;
}

static int check(struct uring_request *r)
{
    constexpr unsigned known = IOSQE_FIXED_FILE | IOSQE_IO_DRAIN | IOSQE_ASYNC | CHAINING |
                               IOSQE_BUFFER_SELECT | IOSQE_CQE_SKIP_SUCCESS;
    if (!r->op || r->sqe.flags & ~known)
        return -EINVAL;
    if (r->sqe.personality && !(r->cred = uring_personality_get(r->ring, r->sqe.personality)))
        return -EINVAL;
    if (r->sqe.flags & IOSQE_BUFFER_SELECT && !(r->op->flags & URING_SELECT))
        return -EOPNOTSUPP;
    if (r->sqe.flags & IOSQE_FIXED_FILE && !(r->op->flags & URING_FILE))
        return -EINVAL;
    if (r->sqe.ioprio && !(r->op->flags & URING_PRIO))
        return -EINVAL;
    if (r->ring->flags & IORING_SETUP_IOPOLL && !(r->op->flags & URING_IOPOLL))
        return -EINVAL;
    return r->op->prepare ? r->op->prepare(r) : 0;
}

struct uring_request *uring_request_create(struct uring *ring, const struct io_uring_sqe *sqe)
{
    struct uring_request *r =
        ring->request_count < REQUESTS_MOST ? heap_zalloc(sizeof *r) : nullptr;
    if (!r)
        return nullptr;
    ring->request_count++;
    r->ring = ring;
    r->owner = current;
    r->sqe = *sqe;
    r->op = uring_op_find(sqe->opcode);
    list_init(&r->ring_node);
    list_init(&r->data_node);
    list_init(&r->target_node);
    list_push_back(&current->uring, &r->thread_node);
    thread_work_init(&r->work, work);
    r->error = check(r);
    return r;
}

struct list_node *uring_data_list(struct uring *ring, uint64_t user_data)
{
    return &ring->by_data[hash_u64(user_data) % URING_DATA_LISTS];
}

void uring_request_enlist(struct uring_request *r)
{
    list_remove(&r->ring_node);
    list_push_back(&r->ring->requests, &r->ring_node);
    uring_request_rename(r, r->sqe.user_data);
}

void uring_request_rename(struct uring_request *r, uint64_t user_data)
{
    r->sqe.user_data = user_data;
    list_remove(&r->data_node);
    list_push_back(uring_data_list(r->ring, user_data), &r->data_node);
}

static void request_free(struct uring_request *r)
{
    list_remove(&r->ring_node);
    list_remove(&r->data_node);
    list_remove(&r->thread_node);
    list_remove(&r->target_node);
    thread_work_cancel(&r->work);
    timer_cancel(&r->timer);
    poll_watch_end(&r->watch);
    file_put(r->file);
    uring_buffer_settle(r, -ECANCELED);
    uring_vector_free(r);
    if (r->cred)
        cred_put(r->cred);
    r->ring->request_count--;
    heap_free(r);
}

/* ------------------------------------------------------------------ ending */

bool uring_request_report(struct uring_request *r, int64_t result)
{
    if (uring_is_full(r->ring))
        return false;
    uring_buffer_settle(r, result);
    uring_post(r->ring, r->sqe.user_data, result, r->cqe_flags | IORING_CQE_F_MORE);
    r->cqe_flags = 0;
    return true;
}

static void post_end(struct uring_request *r, int64_t result)
{
    uring_buffer_settle(r, result);
    /* What timeouts wait for are completions of others. */
    if (r->op && r->op->run == uring_timeout && (result == 0 || result == -ETIME)) {
        r->ring->posted--;
        r->ring->timeouts++;
    }
    uring_post(r->ring, r->sqe.user_data, result, r->cqe_flags);
}

/* A transfer that came to less than was asked for breaks a chain, too. */
static bool is_failure(const struct uring_request *r, int64_t result)
{
    bool is_plain = r->sqe.opcode == IORING_OP_READ || r->sqe.opcode == IORING_OP_WRITE ||
                    r->sqe.opcode == IORING_OP_READ_FIXED || r->sqe.opcode == IORING_OP_WRITE_FIXED;
    if (r->sqe.opcode == IORING_OP_TIMEOUT && result == -ETIME)
        return !(r->sqe.timeout_flags & IORING_TIMEOUT_ETIME_SUCCESS);
    return result < (int64_t)r->wanted || result < 0 || (is_plain && result < (int64_t)r->sqe.len);
}

static bool skips(const struct uring_request *r)
{
    return r->sqe.flags & IOSQE_CQE_SKIP_SUCCESS;
}

/* R and those behind it do not run; they are told of, unless IS_SILENT: the one that failed before
 * them skips its success (io_uring_enter(2), IOSQE_CQE_SKIP_SUCCESS). */
static void chain_cancel(struct uring_request *r, bool is_silent)
{
    while (r) {
        struct uring_request *next = r->next;
        if (!is_silent)
            post_end(r, r->error ? r->error : -ECANCELED);
        request_free(r);
        r = next;
    }
}

/* The time-out GUARD of a request that is over. */
static void guard_end(struct uring_request *guard)
{
    if (!guard || !guard->guarded)
        return;
    guard->guarded = nullptr;
    if (!skips(guard))
        post_end(guard, -ECANCELED);
    request_free(guard);
}

/* An entry of the chain that R leads is wrong: none runs. */
static bool chain_refuse(struct uring_request *r)
{
    int error = 0;
    for (const struct uring_request *at = r; at && !error; at = at->next)
        error = at->error;
    if (!error)
        return false;
    struct uring_request *next = r->next;
    bool is_silent = skips(r);
    post_end(r, r->error ? r->error : -ECANCELED);
    request_free(r);
    chain_cancel(next, is_silent);
    return true;
}

/* Post R's result and free it: the request that runs next, or NULL. */
static struct uring_request *request_end(struct uring_request *r, int64_t result)
{
    struct uring_request *next = r->next, *guard = r->timeout;
    bool is_guard = r->sqe.opcode == IORING_OP_LINK_TIMEOUT && !r->error;
    bool has_failed = !is_guard && is_failure(r, result), skips_success = skips(r);
    bool goes_on = r->sqe.flags & IOSQE_IO_HARDLINK || !has_failed;
    list_remove(&r->ring_node);
    list_remove(&r->data_node);
    if (!skips_success || has_failed)
        post_end(r, result);
    else
        uring_buffer_settle(r, result);
    request_free(r);
    guard_end(guard);
    if (goes_on)
        return next;
    chain_cancel(next, skips_success);
    return nullptr;
}

/* ------------------------------------------------------------------ running */

static void fire(struct poll_watch *w, uint32_t)
{
    struct uring_request *r = container_of(w, struct uring_request, watch);
    r->rounds = 0;
    uring_work_add(r);
}

int64_t uring_request_wait(struct uring_request *r, uint32_t events)
{
    if (r->watch.file)
        return URING_LATER; /* it is waiting already */
    int64_t now = poll_watch_begin(&r->watch, r->file, events, fire);
    if (now < 0)
        return now;
    if (now && r->rounds++ == ROUNDS_MOST)
        return -EAGAIN;
    if (now)
        thread_work_add(r->owner, &r->work);
    return URING_LATER;
}

static uint32_t wait_events(const struct uring_request *r)
{
    return (r->op->flags & URING_IN ? EPOLLIN | EPOLLRDHUP : 0) |
           (r->op->flags & URING_OUT ? EPOLLOUT : 0);
}

/* What the request itself says matters, not O_NONBLOCK; a file that cannot tell when it is ready is
 * not waited for. */
static bool may_wait(const struct uring_request *r)
{
    switch (r->sqe.opcode) {
    case IORING_OP_SEND:
    case IORING_OP_RECV:
    case IORING_OP_SENDMSG:
    case IORING_OP_RECVMSG:
        if (r->sqe.msg_flags & MSG_DONTWAIT)
            return false;
        break;
    case IORING_OP_READ:
    case IORING_OP_READV:
    case IORING_OP_READ_FIXED:
    case IORING_OP_WRITE:
    case IORING_OP_WRITEV:
    case IORING_OP_WRITE_FIXED:
        if (r->sqe.rw_flags & RWF_NOWAIT)
            return false;
        break;
    default: break;
    }
    return wait_events(r) && r->file->ops->poll;
}

static int64_t run_once(struct uring_request *r)
{
    if (!r->file) {
        int err = file_get_for(r);
        if (err < 0)
            return err;
    }
    const struct cred *own = current->cred;
    if (r->cred)
        current->cred = r->cred;
    r->is_running = true;
    int64_t result = r->op->run(r);
    r->is_running = false;
    current->cred = own;
    if (result == -EAGAIN && may_wait(r)) {
        if (!r->done)
            uring_buffer_settle(r, result);
        return uring_request_wait(r, wait_events(r));
    }
    return result == -ERESTARTSYS ? -EINTR : result;
}

/* The LINK_TIMEOUT behind R guards it: take it out of the chain. */
static void guard_take(struct uring_request *r)
{
    struct uring_request *guard = r->next;
    if (!guard || guard->op->run != uring_link_timeout)
        return;
    r->next = guard->next;
    guard->next = nullptr;
    r->timeout = guard;
    guard->guarded = r;
}

static void run_chain(struct uring_request *r)
{
    if (r && !r->owner) {
        chain_cancel(r, false);
        return;
    }
    while (r) {
        if (!r->is_begun) {
            r->is_begun = true;
            uring_request_enlist(r);
            guard_take(r);
        }
        int64_t result = run_once(r);
        if (result == URING_LATER) {
            if (r->timeout && !r->timeout->is_begun)
                uring_link_timeout_arm(r->timeout);
            return;
        }
        r = request_end(r, result);
    }
}

/* Requests that wait for all before them: the first may begin once nothing is under way, and those
 * behind it follow, up to the next that drains.  Others than the current thread run their own. */
static void drain(struct uring *ring)
{
    struct list_node *node;
    if (ring->is_draining)
        return;
    ring->is_draining = true;
    while ((node = list_first(&ring->deferred)) != nullptr) {
        struct uring_request *r = container_of(node, struct uring_request, ring_node);
        if (r->drains && !list_is_empty(&ring->requests))
            break;
        uring_request_enlist(r);
        if (r->owner && r->owner != current)
            uring_work_add(r);
        else
            run_chain(r);
        (void)sched_relax();
    }
    ring->is_draining = false;
}

/* Does the chain that R leads wait for all before it?  If one in its middle is to drain, it does as
 * a whole, and what is submitted next waits for its end. */
static bool chain_drains(struct uring_request *r)
{
    struct uring *ring = r->ring;
    bool drains = ring->next_drains || r->sqe.flags & IOSQE_IO_DRAIN;
    ring->next_drains = false;
    for (const struct uring_request *at = r->next; at; at = at->next)
        if (at->sqe.flags & IOSQE_IO_DRAIN)
            ring->next_drains = drains = true;
    return drains;
}

void uring_request_submit(struct uring_request *r)
{
    struct uring *ring = r->ring;
    if (chain_refuse(r))
        return;
    r->drains = chain_drains(r);
    if (!list_is_empty(&ring->deferred) || (r->drains && !list_is_empty(&ring->requests)))
        list_push_back(&ring->deferred, &r->ring_node);
    else
        run_chain(r);
    drain(ring);
}

void uring_request_finish(struct uring_request *r, int64_t result)
{
    struct uring *ring = r->ring;
    run_chain(request_end(r, result));
    drain(ring);
}

void uring_request_finish_later(struct uring_request *r, int64_t result)
{
    if (r->has_result || r->is_running)
        return;
    r->has_result = true;
    r->result = result;
    uring_work_add(r);
}

/* On the owner, while it has not ended: a result from outside, or the file may be ready. */
static void work(struct thread_work *w)
{
    struct uring_request *r = container_of(w, struct uring_request, work);
    struct uring *ring = r->ring;
    if (ring->is_ended)
        return;
    struct file *file = file_get(ring->file); /* what runs may sleep */
    if (r->has_result) {
        uring_request_finish(r, r->done ? (int64_t)r->done : r->result);
    } else if (!r->owner) {
        uring_request_finish(r, -ECANCELED);
    } else if (r->is_begun && r->op->ready) {
        r->op->ready(r);
    } else {
        poll_watch_end(&r->watch);
        run_chain(r);
        drain(ring);
    }
    file_put(file);
}

/* ------------------------------------------------------------------ the ring's work */

void uring_work_add(struct uring_request *r)
{
    struct uring *ring = r->ring;
    if (r->owner && !(ring->flags & IORING_SETUP_DEFER_TASKRUN)) {
        thread_work_add(r->owner, &r->work);
        return;
    }
    if (list_is_linked(&r->work.node))
        return;
    list_push_back(&ring->work, &r->work.node);
    if (ring->flags & IORING_SETUP_TASKRUN_FLAG)
        atomic_fetch_or(&ring->shared->sq_flags, IORING_SQ_TASKRUN);
    uring_notify(ring);
}

bool uring_may_work(const struct uring *ring)
{
    return !(ring->flags & IORING_SETUP_DEFER_TASKRUN) || ring->issuer == current;
}

void uring_work_run(struct uring *ring)
{
    struct list_node *node;
    atomic_fetch_and(&ring->shared->sq_flags, ~IORING_SQ_TASKRUN);
    while ((node = list_pop_front(&ring->work)) != nullptr) {
        struct thread_work *w = container_of(node, struct thread_work, node);
        w->run(w);
        (void)sched_relax();
    }
}

/* ------------------------------------------------------------------ giving up */

/* R and all that follows it, without running any. */
static void abandon(struct uring_request *r, bool is_told)
{
    struct uring_request *guard = r->timeout;
    if (guard && guard->guarded) {
        guard->guarded = nullptr;
        if (is_told && !skips(guard))
            post_end(guard, -ECANCELED);
        request_free(guard);
    }
    if (r->guarded)
        r->guarded->timeout = nullptr;
    while (r) {
        struct uring_request *next = r->next;
        if (is_told)
            post_end(r, -ECANCELED);
        request_free(r);
        r = next;
    }
}

void uring_requests_drop(struct uring *ring)
{
    struct list_node *node;
    while ((node = list_first(&ring->requests)) || (node = list_first(&ring->deferred)))
        abandon(container_of(node, struct uring_request, ring_node), false);
}

/* Those that stand in a chain go with its head; all of a chain have one owner. */
void uring_thread_end(struct thread *t)
{
    for (bool again = true; again;) {
        again = false;
        list_for_each(node, &t->uring) {
            struct uring_request *r = container_of(node, struct uring_request, thread_node);
            if (!list_is_linked(&r->ring_node))
                continue;
            abandon(r, true);
            again = true;
            break;
        }
    }
}

static bool is_about_ring(const struct uring_request *r)
{
    return r->file && file_uring(r->file);
}

static void orphan(struct uring_request *r)
{
    bool has_work = list_is_linked(&r->work.node);
    thread_work_cancel(&r->work);
    list_remove(&r->thread_node);
    r->owner = nullptr;
    if (has_work)
        uring_work_add(r);
}

void uring_thread_exit(struct thread *t)
{
    struct list_node *node;
    uring_poller_end(t);
    while ((node = list_first(&t->uring)) != nullptr) {
        struct uring_request *r = container_of(node, struct uring_request, thread_node);
        if (list_is_linked(&r->ring_node) && is_about_ring(r))
            abandon(r, true);
        else
            orphan(r);
    }
}
