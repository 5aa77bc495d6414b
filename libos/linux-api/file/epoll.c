/* SPDX-License-Identifier: BSD-2-Clause */
/* epoll.c - epoll_create(2), epoll_ctl(2), epoll_wait(2) and their kin. */
#include <linux/eventpoll.h>
#include "base/errno.h"
#include "linux-api/call.h"
#include "linux-api/file/wait.h"
#include "mm/usermem.h"
#include "sched/thread.h"
#include "sched/time.h"
#include "signal/signal.h"
#include "vfs/epoll.h"
#include "vfs/fdtable.h"
#include "vfs/file.h"

constexpr int EVENTS_MOST = INT32_MAX / (int)sizeof(struct epoll_event);

static long create(unsigned flags)
{
    struct file *file;
    int err = epoll_create_file(&file);
    return err < 0 ? err : fd_open(file, flags);
}

long sys_epoll_create(const struct call *c)
{
    return (int)c->arg[0] > 0 ? create(0) : -EINVAL;
}

long sys_epoll_create1(const struct call *c)
{
    unsigned flags = (unsigned)c->arg[0];
    return flags & ~(unsigned)EPOLL_CLOEXEC ? -EINVAL : create(flags & O_CLOEXEC);
}

long sys_epoll_ctl(const struct call *c)
{
    int op = (int)c->arg[1], fd = (int)c->arg[2];
    struct epoll_event event = {};
    if (op != EPOLL_CTL_DEL && copy_from_user(&event, c->arg[3], sizeof event) < 0)
        return -EFAULT;
    struct file *epoll = fd_get((int)c->arg[0]), *file = fd_get(fd);
    long result = epoll && file ? epoll_change(epoll, op, fd, file, &event) : -EBADF;
    file_put(file);
    file_put(epoll);
    return result;
}

struct out {
    uaddr_t at;
};

static int take(void *arg, const struct epoll_event *event)
{
    struct out *out = arg;
    int err = copy_to_user(out->at, event, sizeof *event);
    out->at += sizeof *event;
    return err;
}

static long wait_for(const struct call *c, uint64_t deadline_ns)
{
    int most = (int)c->arg[2];
    if (most <= 0 || most > EVENTS_MOST)
        return -EINVAL;
    if (!usermem_is_valid(c->arg[1], (uint64_t)most * sizeof(struct epoll_event)))
        return -EFAULT;
    struct file *epoll = fd_get((int)c->arg[0]);
    if (!epoll)
        return -EBADF;
    struct out out = {c->arg[1]};
    long result =
        file_is_epoll(epoll) ? epoll_wait_events(epoll, most, deadline_ns, take, &out) : -EINVAL;
    file_put(epoll);
    return result;
}

static uint64_t deadline_of_ms(int ms)
{
    return ms < 0 ? WAIT_FOREVER : ms == 0 ? 0 : time_deadline_after((uint64_t)ms * 1000000);
}

long sys_epoll_wait(const struct call *c)
{
    return wait_for(c, deadline_of_ms((int)c->arg[3]));
}

static long wait_masked(const struct call *c, uint64_t deadline_ns)
{
    long result = c->arg[4] ? signal_mask_push(c->arg[4], c->arg[5]) : 0;
    if (result < 0)
        return result;
    result = wait_for(c, deadline_ns);
    signal_mask_pop(result == -EINTR);
    return result;
}

long sys_epoll_pwait(const struct call *c)
{
    return wait_masked(c, deadline_of_ms((int)c->arg[3]));
}

long sys_epoll_pwait2(const struct call *c)
{
    uint64_t deadline;
    int err = wait_deadline_timespec(c->arg[3], &deadline);
    return err < 0 ? err : wait_masked(c, deadline);
}
