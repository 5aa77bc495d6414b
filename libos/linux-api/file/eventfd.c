/* SPDX-License-Identifier: BSD-2-Clause */
/* eventfd.c - eventfd(2), signalfd(2), timerfd_create(2) and its kin. */
#include "vfs/eventfd.h"

#include <linux/capability.h>
#include <linux/signalfd.h>
#include <linux/time.h>
#include <linux/time_types.h>
#include <linux/timerfd.h>
#include "base/errno.h"
#include "linux-api/abi.h"
#include "linux-api/call.h"
#include "mm/usermem.h"
#include "proc/cred.h"
#include "sched/time.h"
#include "vfs/fdtable.h"
#include "vfs/file.h"
#include "vfs/signalfd.h"
#include "vfs/timerfd.h"

static long eventfd_open(uint32_t count, unsigned flags)
{
    struct file *file;
    if (flags & ~(unsigned)(EFD_SEMAPHORE | O_CLOEXEC | O_NONBLOCK))
        return -EINVAL;
    int err = eventfd_create_file(count, flags, &file);
    return err < 0 ? err : fd_open(file, flags & O_CLOEXEC);
}

long sys_eventfd(const struct call *c)
{
    return eventfd_open((uint32_t)c->arg[0], 0);
}

long sys_eventfd2(const struct call *c)
{
    return eventfd_open((uint32_t)c->arg[0], (unsigned)c->arg[1]);
}

static long signalfd_open(int fd, uaddr_t user, uint64_t size, unsigned flags)
{
    uint64_t set;
    if (flags & ~(unsigned)(SFD_CLOEXEC | SFD_NONBLOCK) || size != sizeof set)
        return -EINVAL;
    if (copy_from_user(&set, user, sizeof set) < 0)
        return -EFAULT;
    struct file *file;
    if (fd == -1) {
        int err = signalfd_create_file(set, flags, &file);
        return err < 0 ? err : fd_open(file, flags & O_CLOEXEC);
    }
    file = fd_get(fd);
    if (!file)
        return -EBADF;
    int err = signalfd_change(file, set);
    file_put(file);
    return err < 0 ? err : fd;
}

long sys_signalfd(const struct call *c)
{
    return signalfd_open((int)c->arg[0], c->arg[1], c->arg[2], 0);
}

long sys_signalfd4(const struct call *c)
{
    return signalfd_open((int)c->arg[0], c->arg[1], c->arg[2], (unsigned)c->arg[3]);
}

/* A timer that would wake a sleeping machine counts like its plain clock: this one never sleeps. */
static int plain_clock(int clock)
{
    switch (clock) {
    case CLOCK_REALTIME_ALARM: return capable(CAP_WAKE_ALARM) ? CLOCK_REALTIME : -EPERM;
    case CLOCK_BOOTTIME_ALARM: return capable(CAP_WAKE_ALARM) ? CLOCK_BOOTTIME : -EPERM;
    case CLOCK_REALTIME:
    case CLOCK_MONOTONIC:
    case CLOCK_BOOTTIME: return clock;
    default: return -EINVAL;
    }
}

long sys_timerfd_create(const struct call *c)
{
    unsigned flags = (unsigned)c->arg[1];
    struct file *file;
    if (flags & ~(unsigned)(TFD_CLOEXEC | TFD_NONBLOCK))
        return -EINVAL;
    int clock = plain_clock((int)c->arg[0]);
    if (clock < 0)
        return clock;
    int err = timerfd_create_file(clock, flags, &file);
    return err < 0 ? err : fd_open(file, flags & O_CLOEXEC);
}

static int setting_put(uaddr_t user, const struct timerfd_setting *s)
{
    struct timespec64 out[] = {timespec_of_ns(s->interval_ns), timespec_of_ns(s->left_ns)};
    return copy_to_user(user, out, sizeof out);
}

static struct file *timerfd_get_file(int fd, int *err)
{
    struct file *file = fd_get(fd);
    *err = !file ? -EBADF : file_is_timerfd(file) ? 0 : -EINVAL;
    if (file && *err) {
        file_put(file);
        file = nullptr;
    }
    return file;
}

long sys_timerfd_settime(const struct call *c)
{
    unsigned flags = (unsigned)c->arg[1];
    struct timespec64 in[2];
    int err;
    if (copy_from_user(in, c->arg[2], sizeof in) < 0)
        return -EFAULT;
    if (flags & ~(unsigned)(TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET) ||
        !timespec_is_valid(&in[0]) || !timespec_is_valid(&in[1]))
        return -EINVAL;
    struct file *file = timerfd_get_file((int)c->arg[0], &err);
    if (!file)
        return err;
    struct timerfd_setting old, new = {timespec_to_ns(&in[1]), timespec_to_ns(&in[0])};
    timerfd_get(file, &old);
    timerfd_set(file, flags, &new);
    file_put(file);
    return c->arg[3] ? setting_put(c->arg[3], &old) : 0;
}

long sys_timerfd_gettime(const struct call *c)
{
    int err;
    struct file *file = timerfd_get_file((int)c->arg[0], &err);
    if (!file)
        return err;
    struct timerfd_setting s;
    timerfd_get(file, &s);
    file_put(file);
    return setting_put(c->arg[1], &s);
}
