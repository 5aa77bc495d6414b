/* SPDX-License-Identifier: BSD-2-Clause */
/* tty_io.c - reading, writing and polling terminals (termios(3), "Canonical and noncanonical mode"). */
#include "tty/tty.h"

#include <asm/signal.h>
#include "base/bits.h"
#include "base/errno.h"
#include "sched/time.h"
#include "vfs/file.h"

constexpr size_t CHUNK = 512; /* carried on the stack between the program and the line discipline */
constexpr uint64_t VTIME_NS = 100000000;
constexpr size_t WRITABLE_ROOM = 256; /* poll says writable from here on, as Linux's WAKEUP_CHARS */

static ssize_t tty_read(struct file *file, struct iter *to, loff_t *pos);
static ssize_t tty_write(struct file *file, struct iter *from, loff_t *pos);
static uint32_t tty_poll(struct file *file, struct poll_table *table);

const struct file_ops tty_file_ops = {
    .flags = FOP_STREAM,
    .read = tty_read,
    .write = tty_write,
    .poll = tty_poll,
    .ioctl = tty_ioctl,
    .release = tty_file_release,
    .llseek = file_seek_none,
};

/* How a read waits in non-canonical mode: the four cases of VMIN and VTIME. */
struct patience {
    size_t at_least;     /* bytes that end the read */
    uint64_t first_ns;   /* time for the first byte */
    uint64_t between_ns; /* time for each further one */
};

static struct patience patience_of(const struct ldisc *ld)
{
    struct patience p = {1, WAIT_FOREVER, WAIT_FOREVER};
    if (ldisc_has_local(ld, ICANON))
        return p;
    uint64_t time_ns = ld->termios.c_cc[VTIME] * VTIME_NS;
    if (ld->termios.c_cc[VMIN] == 0) {
        p.first_ns = time_ns;
    } else {
        p.at_least = ld->termios.c_cc[VMIN];
        if (time_ns > 0)
            p.between_ns = time_ns;
    }
    return p;
}

/* Take what is there.  *OVER: a line's end was reached. */
static ssize_t take(struct tty *tty, struct iter *to, bool *over)
{
    uint8_t chunk[CHUNK];
    ssize_t done = 0;
    *over = false;
    while (!*over && iter_count(to) > 0 && ldisc_readable(&tty->ldisc, 1)) {
        size_t n = ldisc_read(&tty->ldisc, chunk, MIN(sizeof chunk, iter_count(to)), over);
        ssize_t copied = iter_copy_to(to, chunk, n);
        if (copied > 0)
            done += copied;
        if (copied < (ssize_t)n) {
            done = done > 0 ? done : -EFAULT;
            break;
        }
    }
    if (tty->ops->has_input_room)
        tty->ops->has_input_room(tty);
    return done;
}

/* 0: look again. */
static int wait_for_input(struct tty_file *tf, uint64_t timeout_ns)
{
    if (tf->file->flags & O_NONBLOCK)
        return -EAGAIN;
    uint64_t deadline = timeout_ns == WAIT_FOREVER ? WAIT_FOREVER : time_deadline_after(timeout_ns);
    int err = wait_on(&tf->tty->readers, deadline, SLEEP_INTERRUPTIBLE);
    return err == -EINTR ? -ERESTARTSYS : err;
}

static ssize_t tty_read(struct file *file, struct iter *to, loff_t *)
{
    struct tty_file *tf = tty_file_of(file);
    struct tty *tty = tf->tty;
    if (tf->hung_up || iter_count(to) == 0)
        return 0;
    int err = tty_check_foreground(tty, SIGTTIN);
    if (err)
        return err;

    struct patience patience = patience_of(&tty->ldisc);
    uint64_t timeout_ns = patience.first_ns;
    ssize_t done = 0;
    for (;;) {
        if (ldisc_readable(&tty->ldisc, 1)) {
            bool over;
            ssize_t n = take(tty, to, &over);
            if (n < 0)
                return done > 0 ? done : n;
            done += n;
            if (over || ldisc_has_local(&tty->ldisc, ICANON) || iter_count(to) == 0 ||
                (size_t)done >= patience.at_least)
                return done;
            timeout_ns = patience.between_ns;
        }
        if (tf->hung_up)
            return done;
        if (tty->other_closed)
            return done > 0 ? done : -EIO;
        if (timeout_ns == 0)
            return done;
        err = wait_for_input(tf, timeout_ns);
        if (err)
            return done > 0 ? done : err == -ETIMEDOUT ? 0 : err;
    }
}

/* Give N bytes to the line discipline, waiting for room.  What was written, or an error if nothing
 * was. */
static ssize_t give(struct tty_file *tf, const uint8_t *bytes, size_t n)
{
    struct tty *tty = tf->tty;
    size_t done = 0;
    int err = 0;
    while (done < n && !err) {
        if (tf->hung_up || tty->other_closed)
            err = -EIO;
        else {
            size_t part = ldisc_write(&tty->ldisc, bytes + done, n - done);
            done += part;
            if (part > 0)
                continue;
            if (tf->file->flags & O_NONBLOCK)
                err = -EAGAIN;
            else
                err = wait_on(&tty->writers, WAIT_FOREVER, SLEEP_INTERRUPTIBLE);
        }
    }
    if (done > 0)
        return (ssize_t)done;
    return err == -EINTR ? -ERESTARTSYS : err;
}

static ssize_t tty_write(struct file *file, struct iter *from, loff_t *)
{
    struct tty_file *tf = tty_file_of(file);
    struct tty *tty = tf->tty;
    if (tf->hung_up)
        return -EIO;
    if (ldisc_has_local(&tty->ldisc, TOSTOP) && !tty->is_console) {
        int err = tty_check_foreground(tty, SIGTTOU);
        if (err)
            return err;
    }

    uint8_t chunk[CHUNK];
    ssize_t done = 0;
    while (iter_count(from) > 0) {
        ssize_t n = iter_copy_from(from, chunk, MIN(sizeof chunk, iter_count(from)));
        if (n <= 0)
            return done > 0 ? done : n;
        ssize_t given = give(tf, chunk, (size_t)n);
        if (given < 0)
            return done > 0 ? done : given;
        done += given;
        if (given < n)
            break;
    }
    return done;
}

static uint32_t tty_poll(struct file *file, struct poll_table *table)
{
    struct tty_file *tf = tty_file_of(file);
    struct tty *tty = tf->tty;
    const struct ldisc *ld = &tty->ldisc;
    poll_wait(file, &tty->readers, table);
    poll_wait(file, &tty->writers, table);
    if (tf->hung_up)
        return EPOLLIN | EPOLLRDNORM | EPOLLOUT | EPOLLWRNORM | EPOLLERR | EPOLLHUP;

    uint32_t events = 0;
    /* With VMIN and no VTIME a read would wait for all of VMIN. */
    bool timed = ld->termios.c_cc[VTIME] != 0;
    if (ldisc_readable(ld, timed ? 1 : ld->termios.c_cc[VMIN]))
        events |= EPOLLIN | EPOLLRDNORM;
    if (tty->other_closed)
        events |= EPOLLHUP;
    if (!ld->stopped && tty->ops->room(tty) >= WRITABLE_ROOM)
        events |= EPOLLOUT | EPOLLWRNORM;
    return events;
}
