/* SPDX-License-Identifier: BSD-2-Clause */
/* poll.c - poll(2) and ppoll(2). */
#include <asm-generic/poll.h>
#include <asm-generic/resource.h>
#include "base/errno.h"
#include "linux-api/call.h"
#include "linux-api/file/wait.h"
#include "mm/heap.h"
#include "mm/usermem.h"
#include "proc/process.h"
#include "sched/thread.h"
#include "sched/time.h"
#include "signal/signal.h"
#include "vfs/fdtable.h"
#include "vfs/file.h"
#include "vfs/poll_set.h"

constexpr unsigned FEW = 16;

/* poll(2)'s and epoll's bits are the same numbers. */
static_assert(POLLIN == EPOLLIN && POLLOUT == EPOLLOUT && POLLHUP == EPOLLHUP);

static int check_one(struct poll_set *set, struct pollfd *p)
{
    p->revents = 0;
    if (p->fd < 0)
        return 0;
    struct file *file = fd_get(p->fd);
    if (file) {
        p->revents = (short)poll_set_check(set, file, (uint16_t)p->events);
        file_put(file);
    } else {
        p->revents = POLLNVAL;
        set->table.enlist = nullptr;
    }
    return p->revents != 0;
}

/* The number of ready ones, 0 after DEADLINE_NS, or -EINTR, -ENOMEM. */
static long poll_until(struct pollfd *p, unsigned n, uint64_t deadline_ns)
{
    struct poll_set set;
    poll_set_begin(&set);
    bool is_over = deadline_ns == 0;
    long ready;
    for (;;) {
        ready = 0;
        for (unsigned i = 0; i < n; i++)
            ready += check_one(&set, &p[i]);
        if (ready || is_over)
            break;
        int err = poll_set_sleep(&set, deadline_ns);
        if (err < 0 && err != -ETIMEDOUT) {
            ready = err;
            break;
        }
        is_over = err == -ETIMEDOUT;
    }
    poll_set_end(&set);
    return ready;
}

static long revents_put(uaddr_t user, const struct pollfd *p, unsigned n)
{
    static_assert(sizeof *p == 4 * sizeof p->revents);
    return scatter_to_user(user + offsetof(struct pollfd, revents), (const uint16_t *)&p->revents,
                           n);
}

static long poll_user(uaddr_t user, uint64_t n, uint64_t deadline_ns)
{
    struct pollfd few[FEW], *p = few;
    if (n > process_rlimit(current->process, RLIMIT_NOFILE) || n > UINT32_MAX)
        return -EINVAL;
    if (n > FEW && !(p = heap_calloc(n, sizeof *p)))
        return -ENOMEM;
    long result = copy_from_user(p, user, n * sizeof *p);
    if (!result)
        result = poll_until(p, (unsigned)n, deadline_ns);
    if (result >= 0 && revents_put(user, p, (unsigned)n) < 0)
        result = -EFAULT;
    if (p != few)
        heap_free(p);
    return result;
}

static long poll_again(struct thread *t);

static long poll_restartable(uaddr_t user, uint64_t n, uint64_t deadline_ns)
{
    long result = poll_user(user, n, deadline_ns);
    if (result != -EINTR)
        return result;
    current->restart = (struct restart_block){poll_again, deadline_ns, {user, n}};
    return -ERESTART_RESTARTBLOCK;
}

static long poll_again(struct thread *t)
{
    struct restart_block r = t->restart;
    return poll_restartable(r.arg[0], r.arg[1], r.deadline_ns);
}

long sys_poll(const struct call *c)
{
    int timeout_ms = (int)c->arg[2];
    uint64_t deadline = timeout_ms < 0    ? WAIT_FOREVER
                        : timeout_ms == 0 ? 0
                                          : time_deadline_after((uint64_t)timeout_ms * 1000000);
    return poll_restartable(c->arg[0], (unsigned)c->arg[1], deadline);
}

long sys_ppoll(const struct call *c)
{
    uint64_t deadline;
    long result = wait_deadline_timespec(c->arg[2], &deadline);
    if (!result && c->arg[3])
        result = signal_mask_push(c->arg[3], c->arg[4]);
    if (result < 0)
        return result;
    result = poll_user(c->arg[0], (unsigned)c->arg[1], deadline);
    signal_mask_pop(result == -EINTR);
    wait_put_timespec(c->arg[2], deadline);
    return result == -EINTR ? -ERESTARTNOHAND : result;
}
