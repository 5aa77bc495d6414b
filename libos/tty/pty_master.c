/* SPDX-License-Identifier: BSD-2-Clause */
/* pty_master.c - the master side of a pseudo-terminal (pty(7), ioctl_tty(2)). */
#include "tty/pty.h"

#include <asm/ioctls.h>
#include <asm/signal.h>
#include "base/bits.h"
#include "base/errno.h"
#include "base/format.h"
#include "mm/usermem.h"
#include "proc/pgrp.h"
#include "signal/signal.h"
#include "vfs/context.h"
#include "vfs/fdtable.h"
#include "vfs/inode.h"
#include "vfs/path.h"

constexpr size_t CHUNK = 512;

static ssize_t master_read(struct file *file, struct iter *to, loff_t *pos);
static ssize_t master_write(struct file *file, struct iter *from, loff_t *pos);
static uint32_t master_poll(struct file *file, struct poll_table *table);
static long master_ioctl(struct file *file, unsigned cmd, uaddr_t arg);
static long master_ioctl_own(struct pty *pty, unsigned cmd, uaddr_t arg);
static void master_release(struct file *file);
static long flush(struct pty *pty, uaddr_t queue);
static long peer_open(struct pty *pty, uint32_t flags);

const struct file_ops pty_master_ops = {
    .flags = FOP_STREAM,
    .read = master_read,
    .write = master_write,
    .poll = master_poll,
    .ioctl = master_ioctl,
    .release = master_release,
    .llseek = file_seek_none,
};

void pty_master_wake(struct pty *pty, uint32_t events)
{
    wait_wake(&pty->master_queue, events);
    if (pty->master && (events & EPOLLIN))
        file_notify_owner(pty->master);
}

void pty_packet_status(struct pty *pty, uint8_t bits)
{
    static const struct {
        uint8_t bit, cancels;
    } pairs[] = {
        {TIOCPKT_STOP, TIOCPKT_START},
        {TIOCPKT_START, TIOCPKT_STOP},
        {TIOCPKT_NOSTOP, TIOCPKT_DOSTOP},
        {TIOCPKT_DOSTOP, TIOCPKT_NOSTOP},
    };
    if (!pty->packet)
        return;
    for (unsigned i = 0; i < ARRAY_COUNT(pairs); i++) {
        if (bits & pairs[i].bit)
            pty->packet_status &= ~pairs[i].cancels;
    }
    pty->packet_status |= bits;
    pty_master_wake(pty, EPOLLIN | EPOLLPRI);
}

static bool has_no_slave(const struct pty *pty)
{
    return pty->slave_was_open && pty->tty.opens == 0;
}

static ssize_t wait_for(struct pty *pty, const struct file *file)
{
    if (file->flags & O_NONBLOCK)
        return -EAGAIN;
    int err = wait_on(&pty->master_queue, WAIT_FOREVER, SLEEP_INTERRUPTIBLE);
    return err == -EINTR ? -ERESTARTSYS : err;
}

/* In packet mode each read begins with a byte that says what follows: a status change alone, or
 * data (TIOCPKT_DATA, 0). */
static ssize_t take(struct pty *pty, struct iter *to)
{
    ssize_t done = 0;
    if (pty->packet) {
        uint8_t status = pty->packet_status;
        done = iter_copy_to(to, &status, 1);
        if (done < 0)
            return done;
        pty->packet_status = 0;
        if (status)
            return done;
    }
    while (iter_count(to) > 0 && pty->head != pty->tail) {
        uint32_t at = pty->tail % PTY_RING;
        size_t part = MIN(MIN(pty->head - pty->tail, PTY_RING - at), iter_count(to));
        ssize_t n = iter_copy_to(to, pty->ring + at, part);
        if (n <= 0)
            return done > 0 ? done : n;
        pty->tail += (uint32_t)n;
        done += n;
    }
    tty_has_room(&pty->tty);
    return done;
}

static ssize_t master_read(struct file *file, struct iter *to, loff_t *)
{
    struct pty *pty = file->private;
    if (iter_count(to) == 0)
        return 0;
    while (pty->head == pty->tail && !pty->packet_status) {
        if (has_no_slave(pty))
            return -EIO;
        ssize_t err = wait_for(pty, file);
        if (err)
            return err;
    }
    return take(pty, to);
}

static ssize_t master_write(struct file *file, struct iter *from, loff_t *)
{
    struct pty *pty = file->private;
    ssize_t done = 0;
    while (iter_count(from) > 0) {
        uint8_t chunk[CHUNK];
        struct iter before = *from;
        ssize_t n = iter_copy_from(from, chunk, MIN(sizeof chunk, iter_count(from)));
        if (n <= 0)
            return done > 0 ? done : n;
        size_t taken = tty_receive(&pty->tty, chunk, (size_t)n);
        done += (ssize_t)taken;
        if (taken == (size_t)n && context_relax())
            break;
        if (taken == (size_t)n)
            continue;
        *from = before;
        iter_skip(from, taken);
        if (has_no_slave(pty))
            return done > 0 ? done : -EIO;
        ssize_t err = wait_for(pty, file);
        if (err)
            return done > 0 ? done : err;
    }
    return done;
}

static uint32_t master_poll(struct file *file, struct poll_table *table)
{
    struct pty *pty = file->private;
    const struct ldisc *ld = &pty->tty.ldisc;
    poll_wait(file, &pty->master_queue, table);
    uint32_t events = 0;
    if (pty->head != pty->tail)
        events |= EPOLLIN | EPOLLRDNORM;
    if (pty->packet_status)
        events |= EPOLLIN | EPOLLRDNORM | EPOLLPRI;
    if (has_no_slave(pty))
        events |= EPOLLHUP;
    bool line_only = ldisc_has_local(ld, ICANON) && ld->line_end == ld->tail;
    if (line_only || ld->head - ld->tail < LDISC_BUFFER - 4)
        events |= EPOLLOUT | EPOLLWRNORM;
    return events;
}

static long master_ioctl(struct file *file, unsigned cmd, uaddr_t arg)
{
    struct pty *pty = file->private;
    long result = master_ioctl_own(pty, cmd, arg);
    if (result == -ENOTTY && cmd != TIOCNOTTY)
        result = tty_ioctl_job(&pty->tty, file, cmd, arg);
    if (result == -ENOTTY)
        result = tty_ioctl_mode(&pty->tty, cmd, arg);
    return result;
}

static long master_ioctl_own(struct pty *pty, unsigned cmd, uaddr_t arg)
{
    uint32_t number;
    switch (cmd) {
    case TIOCGPTN: return put_user_u32(arg, pty->index);
    case TIOCSPTLCK:
        if (get_user_u32(&number, arg))
            return -EFAULT;
        pty->locked = number != 0;
        return 0;
    case TIOCGPTLCK: return put_user_u32(arg, pty->locked);
    case TIOCPKT:
        if (get_user_u32(&number, arg))
            return -EFAULT;
        if (pty->packet != (number != 0))
            pty->packet_status = 0;
        pty->packet = number != 0;
        return 0;
    case TIOCGPKT: return put_user_u32(arg, pty->packet);
    case TIOCSIG:
        if (!signal_is_valid((int)arg))
            return -EINVAL;
        tty_signal_foreground(&pty->tty, (int)arg);
        return 0;
    case TIOCGPTPEER: return peer_open(pty, (uint32_t)arg);
    case TIOCINQ: return put_user_u32(arg, pty->head - pty->tail);
    case TIOCOUTQ: return put_user_u32(arg, 0);
    case TIOCGDEV: return put_user_u32(arg, (uint32_t)pty->tty.rdev);
    case TCFLSH: return flush(pty, arg);
    default: return -ENOTTY;
    }
}

/* The terminal's output is the master's input. */
static long flush(struct pty *pty, uaddr_t queue)
{
    if (queue > TCIOFLUSH)
        return -EINVAL;
    if (queue != TCOFLUSH) {
        pty->tail = pty->head;
        tty_has_room(&pty->tty);
    }
    if (queue != TCIFLUSH)
        ldisc_flush_input(&pty->tty.ldisc);
    return 0;
}

/* TIOCGPTPEER: a descriptor of the slave, found by its name but not through a name that the program
 * might have hidden or changed. */
static long peer_open(struct pty *pty, uint32_t flags)
{
    static const struct file_ops unopened = {};
    char name[24];
    snprintf(name, sizeof name, "/dev/pts/%u", pty->index);
    struct path path;
    int err = path_lookup_kernel(name, 0, &path);
    if (err)
        return err;
    struct file *file = nullptr;
    err = path_inode(&path) == pty->inode ? 0 : -ENOENT;
    if (!err && !(file = file_create(&path, flags, &unopened)))
        err = -ENOMEM;
    path_put(&path);
    if (!err)
        err = pty_slave_open(pty, file);
    if (err) {
        file_put(file);
        return err;
    }
    return fd_open(file, flags & O_CLOEXEC);
}

static void master_release(struct file *file)
{
    struct pty *pty = file->private;
    pty->master = nullptr;
    pty->packet = false;
    pty->tty.other_closed = true;
    devpts_remove(pty);
    tty_hangup(&pty->tty);
    tty_put(&pty->tty);
}
