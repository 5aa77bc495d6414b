/* SPDX-License-Identifier: BSD-2-Clause */
/* enter.c - io_uring_enter(2): requests are taken from the ring, results waited for. */
#include <stdatomic.h>

#include "base/bits.h"
#include "base/errno.h"
#include "linux-api/call.h"
#include "linux-api/file/wait.h"
#include "linux-api/uring/uring.h"
#include "mm/usermem.h"
#include "sched/sched.h"
#include "signal/signal.h"
#include "vfs/fdtable.h"
#include "vfs/file.h"

constexpr unsigned CHAINING = IOSQE_IO_LINK | IOSQE_IO_HARDLINK;
constexpr long RELAX_EVERY = 16; /* entries */

/* The next entry of the submission queue as a request.  0: there is none, or its index is wrong;
 * -EAGAIN: it stays in the queue for another time. */
static int entry_take(struct uring *ring, struct uring_request **out)
{
    struct uring_shared *s = ring->shared;
    uint32_t head = atomic_load_explicit(&s->sq_head, memory_order_relaxed);
    /* Acquire: the entry is filled in. */
    if (head == atomic_load_explicit(&s->sq_tail, memory_order_acquire))
        return 0;
    uint32_t index = *(volatile uint32_t *)&ring->sq_array[head & (ring->sq_entries - 1)];
    bool is_valid = index < ring->sq_entries;
    if (is_valid) {
        struct io_uring_sqe sqe = ring->sqes[index];
        *out = uring_request_create(ring, &sqe);
        if (!*out)
            return -EAGAIN;
    } else {
        s->sq_dropped++;
    }
    /* Release: the program may use the entry again. */
    atomic_store_explicit(&s->sq_head, head + 1, memory_order_release);
    return is_valid;
}

struct chain {
    struct uring_request *head, *tail;
};

/* A time-out of another needs one before it that has none yet. */
static bool may_follow(const struct chain *chain, const struct uring_request *r)
{
    return r->sqe.opcode != IORING_OP_LINK_TIMEOUT ||
           (chain->tail && chain->tail->sqe.opcode != IORING_OP_LINK_TIMEOUT);
}

/* R joins the chain that is open, or is one; a complete one is submitted. */
static void chain_add(struct chain *chain, struct uring_request *r)
{
    bool goes_on = r->sqe.flags & CHAINING;
    if (chain->tail)
        chain->tail->next = r;
    else
        chain->head = r;
    chain->tail = r;
    if (goes_on)
        return;
    struct uring_request *head = chain->head;
    *chain = (struct chain){};
    uring_request_submit(head);
}

/* io_uring_enter(2), EBUSY: completions have to be taken first. */
static bool is_backed_up(struct uring *ring)
{
    if (ring->overflow_count >= URING_OVERFLOW_MOST)
        (void)uring_overflow_flush(ring);
    return ring->overflow_count >= URING_OVERFLOW_MOST;
}

uint32_t uring_entries(const struct uring *ring)
{
    return atomic_load(&ring->shared->sq_tail) - atomic_load(&ring->shared->sq_head);
}

long uring_submit(struct uring *ring, uint32_t count)
{
    struct chain chain = {};
    struct uring_request *r;
    long done = 0;
    if (is_backed_up(ring))
        return -EBUSY;
    count = MIN(count, ring->sq_entries);
    while (count-- > 0) {
        int taken = entry_take(ring, &r);
        if (taken <= 0) {
            done = done ? done : taken;
            break;
        }
        done++;
        if (!r->error && !may_follow(&chain, r))
            r->error = -EINVAL;
        /* A wrong one that is linked to the next does not leave that out. */
        bool is_end = r->error && !(r->sqe.flags & CHAINING);
        chain_add(&chain, r);
        if (is_end && !(ring->flags & IORING_SETUP_SUBMIT_ALL))
            break;
        if (done % RELAX_EVERY == 0)
            (void)sched_relax();
    }
    if (chain.head)
        uring_request_submit(chain.head);
    return done;
}

static long wait_for(struct uring *ring, uint32_t least, uint64_t deadline_ns)
{
    uint32_t timeouts = ring->timeouts;
    least = MIN(least, ring->cq_entries);
    for (;;) {
        (void)thread_work_run();
        uring_work_run(ring);
        (void)uring_overflow_flush(ring);
        if (uring_ready(ring) >= least || ring->timeouts != timeouts)
            return 0;
        if (deadline_ns == 0)
            return -ETIME;
        int err = wait_on(&ring->wait, deadline_ns, SLEEP_INTERRUPTIBLE);
        if (err == -EINTR)
            return -EINTR;
        if (err == -ETIMEDOUT)
            deadline_ns = 0;
    }
}

/* The argument's meaning depends on IORING_ENTER_EXT_ARG. */
static int argument_get(const struct call *c, struct io_uring_getevents_arg *arg,
                        uint64_t *deadline_ns)
{
    *arg = (struct io_uring_getevents_arg){};
    *deadline_ns = WAIT_FOREVER;
    if (!(c->arg[3] & IORING_ENTER_EXT_ARG)) {
        arg->sigmask = c->arg[4];
        arg->sigmask_sz = (uint32_t)c->arg[5];
        return 0;
    }
    if (c->arg[5] != sizeof *arg)
        return -EINVAL;
    if (copy_from_user(arg, c->arg[4], sizeof *arg))
        return -EFAULT;
    if (arg->pad)
        return -EINVAL;
    return wait_deadline_timespec(arg->ts, deadline_ns);
}

static long get_events(struct uring *ring, const struct call *c)
{
    struct io_uring_getevents_arg arg;
    uint64_t deadline;
    long result = uring_may_work(ring) ? argument_get(c, &arg, &deadline) : -EEXIST;
    if (!result && arg.sigmask)
        result = signal_mask_push(arg.sigmask, arg.sigmask_sz);
    if (result < 0)
        return result;
    /* A ring that polls devices asks them instead of waiting; there are none. */
    bool polls = ring->flags & IORING_SETUP_IOPOLL && !ring->poller;
    result = wait_for(ring, polls ? 0 : (uint32_t)c->arg[2], deadline);
    signal_mask_pop(result == -EINTR);
    return uring_ready(ring) ? 0 : result; /* fewer than asked for are no failure */
}

/* Entries are the poller's matter: see that it runs, and wait for room if FLAGS say so. */
static long leave_to_poller(struct uring *ring, uint32_t count, unsigned flags)
{
    if (!uring_poller_is_alive(ring))
        return -EOWNERDEAD;
    if (flags & IORING_ENTER_SQ_WAKEUP || uring_entries(ring))
        uring_poller_wake(ring);
    while (flags & IORING_ENTER_SQ_WAIT && uring_poller_is_alive(ring) &&
           uring_entries(ring) >= ring->sq_entries)
        if (wait_on(&ring->sq_wait, WAIT_FOREVER, SLEEP_INTERRUPTIBLE) < 0)
            break;
    return count;
}

static long submit(struct uring *ring, uint32_t count, unsigned flags)
{
    if (ring->poller)
        return leave_to_poller(ring, count, flags);
    if (count && ring->issuer && ring->issuer != current)
        return -EEXIST;
    return count ? uring_submit(ring, count) : 0;
}

long sys_io_uring_enter(const struct call *c)
{
    constexpr unsigned known = IORING_ENTER_GETEVENTS | IORING_ENTER_SQ_WAKEUP |
                               IORING_ENTER_SQ_WAIT | IORING_ENTER_EXT_ARG;
    unsigned flags = (unsigned)c->arg[3];
    if (flags & ~known)
        return -EINVAL;
    struct file *file = fd_get((int)c->arg[0]);
    if (!file)
        return -EBADF;
    struct uring *ring = file_uring(file);
    long result = !ring ? -EOPNOTSUPP : ring->is_disabled ? -EBADFD : 0;
    if (!result)
        result = submit(ring, (uint32_t)c->arg[1], flags);
    /* Fewer than asked for: the program has to look at them first. */
    bool is_all = result == (long)(uint32_t)c->arg[1];
    if (result >= 0 && is_all && flags & IORING_ENTER_GETEVENTS) {
        long waited = get_events(ring, c);
        if (result == 0)
            result = waited;
    }
    file_put(file);
    return result;
}
