/* SPDX-License-Identifier: BSD-2-Clause */
/* signalfd.c - pending signals read as a file (signalfd(2)).
 *
 * The file is only a set: whoever reads gets the signals of the reading thread and its process.
 */
#include "vfs/signalfd.h"

#include <asm/siginfo.h>
#include <linux/fcntl.h>
#include <linux/signalfd.h>
#include "base/errno.h"
#include "base/format.h"
#include "mm/heap.h"
#include "sched/thread.h"
#include "sched/wait.h"
#include "signal/signal.h"
#include "vfs/file.h"

struct signalfd {
    uint64_t set;
};

/* The parts of siginfo that go with the signal and its code (sigaction(2)). */
static void translate(struct signalfd_siginfo *to, const struct siginfo *from)
{
    *to = (struct signalfd_siginfo){
        .ssi_signo = (uint32_t)from->si_signo,
        .ssi_errno = from->si_errno,
        .ssi_code = from->si_code,
    };
    if (from->si_code == SI_TIMER) {
        to->ssi_tid = (uint32_t)from->si_tid;
        to->ssi_overrun = (uint32_t)from->si_overrun;
        to->ssi_ptr = (uint64_t)from->si_ptr;
        to->ssi_int = from->si_int;
        return;
    }
    if (from->si_code > 0 &&
        (from->si_signo == SIGSEGV || from->si_signo == SIGBUS || from->si_signo == SIGFPE ||
         from->si_signo == SIGILL || from->si_signo == SIGTRAP)) {
        to->ssi_addr = (uint64_t)from->si_addr;
        return;
    }
    if (from->si_code > 0 && from->si_signo == SIGIO) {
        to->ssi_band = (uint32_t)from->si_band;
        to->ssi_fd = from->si_fd;
        return;
    }
    to->ssi_pid = (uint32_t)from->si_pid;
    to->ssi_uid = (uint32_t)from->si_uid;
    if (from->si_code > 0 && from->si_signo == SIGCHLD) {
        to->ssi_status = from->si_status;
        to->ssi_utime = (uint64_t)from->si_utime;
        to->ssi_stime = (uint64_t)from->si_stime;
    } else if (from->si_code < 0) {
        to->ssi_ptr = (uint64_t)from->si_ptr;
        to->ssi_int = from->si_int;
    }
}

/* The next signal; sleeping for it only if nothing has been read yet. */
static int take(const struct file *file, struct siginfo *info, bool may_sleep)
{
    const struct signalfd *s = file->private;
    int sig;
    while ((sig = signal_dequeue_masked(current, s->set, info)) == 0) {
        if (!may_sleep || file->flags & O_NONBLOCK)
            return -EAGAIN;
        if (wait_on(signal_wait_queue(current), WAIT_FOREVER, SLEEP_INTERRUPTIBLE) < 0 &&
            !(signal_pending_set(current) & s->set))
            return -ERESTARTSYS;
    }
    return sig;
}

static ssize_t read(struct file *file, struct iter *to, loff_t *)
{
    ssize_t done = 0;
    if (iter_count(to) < sizeof(struct signalfd_siginfo))
        return -EINVAL;
    while (iter_count(to) >= sizeof(struct signalfd_siginfo)) {
        struct siginfo info;
        struct signalfd_siginfo out;
        int sig = take(file, &info, done == 0);
        if (sig < 0)
            return done ? done : sig;
        translate(&out, &info);
        out.ssi_signo = (uint32_t)sig;
        if (iter_copy_to(to, &out, sizeof out) != sizeof out)
            return done ? done : -EFAULT;
        done += (ssize_t)sizeof out;
    }
    return done;
}

static uint32_t poll(struct file *file, struct poll_table *table)
{
    const struct signalfd *s = file->private;
    poll_wait(file, signal_wait_queue(current), table);
    return signal_pending_set(current) & s->set ? EPOLLIN : 0;
}

static void release(struct file *file)
{
    heap_free(file->private);
}

static int show_fdinfo(struct file *file, char *to, size_t size)
{
    const struct signalfd *s = file->private;
    return snprintf(to, size, "sigmask:\t%016llx\n", (unsigned long long)s->set);
}

static const struct file_ops ops = {
    .flags = FOP_STREAM,
    .read = read,
    .poll = poll,
    .release = release,
    .llseek = file_seek_none,
    .show_fdinfo = show_fdinfo,
};

int signalfd_create_file(uint64_t set, uint32_t flags, struct file **file)
{
    struct signalfd *s = heap_zalloc(sizeof *s);
    if (!s)
        return -ENOMEM;
    s->set = set & ~SIGNALS_UNBLOCKABLE;
    int err =
        file_create_anon("anon_inode:[signalfd]", &ops, s, O_RDWR | (flags & O_NONBLOCK), file);
    if (err < 0)
        heap_free(s);
    return err;
}

int signalfd_change(struct file *file, uint64_t set)
{
    if (file->ops != &ops)
        return -EINVAL;
    struct signalfd *s = file->private;
    s->set = set & ~SIGNALS_UNBLOCKABLE;
    wait_wake_all(signal_wait_queue(current), EPOLLIN);
    return 0;
}
