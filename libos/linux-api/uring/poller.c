/* SPDX-License-Identifier: BSD-2-Clause */
/* poller.c - threads that take entries from submission queues by themselves (IORING_SETUP_SQPOLL).
 *
 * A poller is a worker (proc/worker.h) of the process that made the ring; rings may share one.  It
 * looks into their queues again and again; between two looks that find nothing it sleeps for a
 * moment, longer each time, and after the idle time of its rings until somebody wakes it
 * (IORING_SQ_NEED_WAKEUP).  What it takes are its own requests.  It ends with its last ring or with
 * its process; in the second case the rings may outlive it.
 */
#include <stdatomic.h>

#include "base/bits.h"
#include "base/errno.h"
#include "base/format.h"
#include "linux-api/uring/uring.h"
#include "mm/heap.h"
#include "proc/cred.h"
#include "proc/pid_namespace.h"
#include "proc/process.h"
#include "proc/worker.h"
#include "sched/sched.h"
#include "sched/time.h"
#include "vfs/fdtable.h"
#include "vfs/file.h"

constexpr uint64_t NAP_LEAST_NS = 50'000;
constexpr uint64_t NAP_MOST_NS = 1'000'000;
constexpr uint64_t IDLE_DEFAULT_MS = 1000;

struct uring_poller {
    uint32_t refs;         /* of its rings and its thread */
    struct thread *thread; /* referenced; NULL: it has ended */
    struct list_node rings;
    uint32_t ring_count;
    struct wait_queue wait; /* where it sleeps */
};

static void poller_put(struct uring_poller *p)
{
    if (p && --p->refs == 0)
        heap_free(p);
}

/* ------------------------------------------------------------------ the thread */

static bool ring_serve(struct uring *ring)
{
    if (ring->is_disabled || !uring_entries(ring))
        return false;
    const struct cred *own = current->cred;
    current->cred = ring->cred;
    long n = uring_submit(ring, ring->sq_entries);
    current->cred = own;
    wait_wake_all(&ring->sq_wait, EPOLLOUT);
    return n > 0;
}

/* One round through the rings, of which some may go meanwhile.  Was there anything to do? */
static bool rings_serve(struct uring_poller *p)
{
    bool did = false;
    struct list_node *node;
    for (uint32_t n = p->ring_count; n > 0 && (node = list_pop_front(&p->rings)); n--) {
        struct uring *ring = container_of(node, struct uring, poller_node);
        list_push_back(&p->rings, node);
        struct file *file = file_get(ring->file);
        did |= ring_serve(ring);
        file_put(file);
    }
    return did;
}

static void need_wakeup(struct uring_poller *p, bool needs)
{
    list_for_each(node, &p->rings) {
        struct uring *ring = container_of(node, struct uring, poller_node);
        /* Sequentially consistent: the program writes its tail, then looks here. */
        if (needs)
            atomic_fetch_or(&ring->shared->sq_flags, IORING_SQ_NEED_WAKEUP);
        else
            atomic_fetch_and(&ring->shared->sq_flags, ~IORING_SQ_NEED_WAKEUP);
    }
}

static uint64_t idle_ns(const struct uring_poller *p)
{
    uint64_t most = 0;
    list_for_each(node, &p->rings)
        most = MAX(most, container_of(node, struct uring, poller_node)->idle_ns);
    return most;
}

/* Sleep until somebody wakes the poller, unless there is something to do after all. */
static void idle(struct uring_poller *p)
{
    need_wakeup(p, true);
    if (!rings_serve(p) && !list_is_empty(&p->rings))
        (void)wait_on(&p->wait, WAIT_FOREVER, SLEEP_INTERRUPTIBLE);
    need_wakeup(p, false);
}

static void run(void *arg)
{
    struct uring_poller *p = arg;
    uint64_t nap = NAP_LEAST_NS, idle_from = time_deadline_after(idle_ns(p));
    while (!list_is_empty(&p->rings)) {
        worker_attend();
        bool did = thread_work_run();
        did |= rings_serve(p);
        (void)sched_relax();
        uint64_t now = time_monotonic_ns();
        if (did) {
            nap = NAP_LEAST_NS;
            idle_from = time_deadline_after(idle_ns(p));
        } else if (now < idle_from) {
            (void)wait_on(&p->wait, MIN(now + nap, idle_from), SLEEP_INTERRUPTIBLE);
            nap = MIN(2 * nap, NAP_MOST_NS);
        } else {
            idle(p);
            idle_from = time_deadline_after(idle_ns(p));
        }
    }
    process_exit_thread(0);
}

void uring_poller_end(struct thread *t)
{
    struct uring_poller *p = t->uring_poller;
    if (!p)
        return;
    t->uring_poller = nullptr;
    p->thread = nullptr;
    thread_put(t);
    need_wakeup(p, true);
    list_for_each(node, &p->rings)
        wait_wake_all(&container_of(node, struct uring, poller_node)->sq_wait, EPOLLOUT);
    poller_put(p);
}

/* ------------------------------------------------------------------ rings */

static void join(struct uring_poller *p, struct uring *ring, const struct io_uring_params *params)
{
    p->refs++;
    p->ring_count++;
    list_push_back(&p->rings, &ring->poller_node);
    ring->poller = p;
    ring->cred = cred_get(current->cred);
    ring->idle_ns =
        (params->sq_thread_idle ? params->sq_thread_idle : IDLE_DEFAULT_MS) * 1000 * NSEC_PER_USEC;
}

void uring_poller_leave(struct uring *ring)
{
    struct uring_poller *p = ring->poller;
    if (!p)
        return;
    list_remove(&ring->poller_node);
    p->ring_count--;
    cred_put(ring->cred);
    ring->poller = nullptr;
    wait_wake_all(&p->wait, 0);
    poller_put(p);
}

/* IORING_SETUP_ATTACH_WQ: FD's ring.  NULL, *ERR 0: that of another process has no say here. */
static struct uring_poller *attach(int fd, bool polls, int *err)
{
    struct uring_poller *p = nullptr;
    struct file *file = fd_get(fd);
    const struct uring *ring = file ? file_uring(file) : nullptr;
    *err = !file ? -ENXIO : !ring || (polls && !ring->poller) ? -EINVAL : 0;
    if (!*err && polls) {
        p = ring->poller;
        if (!p->thread)
            *err = -ENXIO;
        else if (p->thread->process != current->process)
            p = nullptr;
    }
    file_put(file);
    return *err ? nullptr : p;
}

static int start(struct uring *ring, const struct io_uring_params *params)
{
    char name[sizeof current->comm];
    if (params->flags & IORING_SETUP_SQ_AFF && params->sq_thread_cpu >= vcpu_count())
        return -EINVAL;
    struct uring_poller *p = heap_zalloc(sizeof *p);
    if (!p)
        return -ENOMEM;
    list_init(&p->rings);
    wait_queue_init(&p->wait);
    snprintf(name, sizeof name, "iou-sqp-%d", pid_to_user(current->tid));
    join(p, ring, params);
    struct thread *t;
    int err = worker_start(name, run, p, &t);
    if (err < 0) {
        uring_poller_leave(ring);
        return err;
    }
    p->refs++;
    t->uring_poller = p;
    p->thread = thread_get(t);
    if (params->flags & IORING_SETUP_SQ_AFF) {
        sched_change_begin(t);
        t->affinity = 1ull << params->sq_thread_cpu;
        sched_change_end(t);
    }
    return 0;
}

int uring_poller_find(struct uring *ring, const struct io_uring_params *params)
{
    bool polls = params->flags & IORING_SETUP_SQPOLL;
    struct uring_poller *p = nullptr;
    int err = 0;
    if (params->flags & IORING_SETUP_ATTACH_WQ)
        p = attach((int)params->wq_fd, polls, &err);
    if (err < 0 || !polls)
        return err;
    if (!p)
        return start(ring, params);
    join(p, ring, params);
    wait_wake_all(&p->wait, 0);
    return 0;
}

bool uring_poller_is_alive(const struct uring *ring)
{
    return ring->poller->thread;
}

void uring_poller_wake(struct uring *ring)
{
    if (ring->poller)
        wait_wake_all(&ring->poller->wait, 0);
}
