/* SPDX-License-Identifier: BSD-2-Clause */
/* tty.c - the life of terminals and of the files open on them. */
#include "tty/tty.h"

#include <linux/capability.h>
#include "base/assert.h"
#include "base/errno.h"
#include "base/string.h"
#include "linux-api/abi.h"
#include "mm/heap.h"
#include "proc/cred.h"
#include "vfs/devfs/devices.h"
#include "vfs/file.h"
#include "vfs/inode.h"

struct registration {
    struct list_node node;
    struct tty *tty;
};

static struct {
    struct list_node registered; /* struct registration */
    struct tty *console;         /* what /dev/console opens */
} state = {.registered = LIST_INIT(state.registered)};

static size_t ldisc_room(struct ldisc *ld);
static void ldisc_put(struct ldisc *ld, const uint8_t *bytes, size_t n);
static void ldisc_signal(struct ldisc *ld, int signo);
static void ldisc_flush_output(struct ldisc *ld);
static void ldisc_status(struct ldisc *ld, uint8_t bits);
static int open_registered(struct inode *inode, struct file *file);
static int open_controlling(struct inode *inode, struct file *file);
static int open_console(struct inode *inode, struct file *file);

static const struct ldisc_ops tty_ldisc_ops = {
    .room = ldisc_room,
    .put = ldisc_put,
    .signal = ldisc_signal,
    .flush_output = ldisc_flush_output,
    .status = ldisc_status,
};

/* Only for open: the file gets tty_file_ops then. */
static const struct file_ops registered_ops = {.open = open_registered};
static const struct file_ops controlling_ops = {.open = open_controlling};
static const struct file_ops console_ops = {.open = open_console};

void tty_init(struct tty *tty, const struct tty_ops *ops, uint64_t rdev, const char *name)
{
    tty->refs = 1;
    tty->ops = ops;
    tty->rdev = rdev;
    string_copy(tty->name, name, sizeof tty->name);
    ldisc_init(&tty->ldisc, &tty_ldisc_ops);
    wait_queue_init(&tty->readers);
    wait_queue_init(&tty->writers);
    list_init(&tty->files);
}

void tty_put(struct tty *tty)
{
    if (!tty || --tty->refs > 0)
        return;
    assert(list_is_empty(&tty->files) && !tty->session);
    if (tty->ops->destroy)
        tty->ops->destroy(tty);
}

int tty_register(struct tty *tty)
{
    struct registration *r = heap_zalloc(sizeof *r);
    if (!r)
        return -ENOMEM;
    int err = vfs_register_chrdev(dev_major(tty->rdev), dev_minor(tty->rdev), 1, &registered_ops);
    if (err) {
        heap_free(r);
        return err;
    }
    r->tty = tty_get(tty);
    list_push_back(&state.registered, &r->node);
    return 0;
}

int tty_register_special(struct tty *console)
{
    state.console = tty_get(console);
    console->is_console = true;
    int err = vfs_register_chrdev(MAJOR_TTYAUX, TTYAUX_TTY, 1, &controlling_ops);
    return err ? err : vfs_register_chrdev(MAJOR_TTYAUX, TTYAUX_CONSOLE, 1, &console_ops);
}

struct tty *tty_find(uint64_t rdev)
{
    list_for_each(node, &state.registered) {
        struct tty *tty = container_of(node, struct registration, node)->tty;
        if (tty->rdev == rdev)
            return tty;
    }
    return nullptr;
}

int tty_open_file(struct tty *tty, struct file *file)
{
    if (tty->other_closed)
        return -EIO;
    if (tty->exclusive && tty->opens > 0 && !capable(CAP_SYS_ADMIN))
        return -EBUSY;
    struct tty_file *tf = heap_zalloc(sizeof *tf);
    if (!tf)
        return -ENOMEM;
    tf->tty = tty_get(tty);
    tf->file = file;
    list_push_back(&tty->files, &tf->node);
    tty->opens++;
    file->private = tf;
    file->ops = &tty_file_ops;
    return 0;
}

void tty_file_release(struct file *file)
{
    struct tty_file *tf = tty_file_of(file);
    struct tty *tty = tf->tty;
    list_remove(&tf->node);
    heap_free(tf);
    file->private = nullptr;
    if (--tty->opens == 0) {
        tty->exclusive = false;
        if (tty->ops->closed)
            tty->ops->closed(tty);
    }
    tty_put(tty);
}

size_t tty_receive(struct tty *tty, const uint8_t *bytes, size_t n)
{
    size_t done = ldisc_receive(&tty->ldisc, bytes, n);
    if (done > 0 && ldisc_readable(&tty->ldisc, 1)) {
        wait_wake(&tty->readers, EPOLLIN | EPOLLRDNORM);
        list_for_each(node, &tty->files)
            file_notify_owner(container_of(node, struct tty_file, node)->file);
    }
    return done;
}

void tty_has_room(struct tty *tty)
{
    ldisc_echo_flush(&tty->ldisc);
    wait_wake(&tty->writers, EPOLLOUT | EPOLLWRNORM);
}

static int open_registered(struct inode *inode, struct file *file)
{
    struct tty *tty = tty_find(inode->rdev);
    if (!tty)
        return -ENXIO;
    int err = tty_open_file(tty, file);
    if (!err && !(file->flags & O_NOCTTY))
        tty_attach_by_open(tty);
    return err;
}

static int open_controlling(struct inode *, struct file *file)
{
    struct tty *tty = tty_of_current();
    return tty ? tty_open_file(tty, file) : -ENXIO;
}

/* The console never becomes a controlling terminal by being opened. */
static int open_console(struct inode *, struct file *file)
{
    return tty_open_file(state.console, file);
}

static struct tty *tty_of_ldisc(struct ldisc *ld)
{
    return container_of(ld, struct tty, ldisc);
}

static size_t ldisc_room(struct ldisc *ld)
{
    struct tty *tty = tty_of_ldisc(ld);
    return tty->ops->room(tty);
}

static void ldisc_put(struct ldisc *ld, const uint8_t *bytes, size_t n)
{
    struct tty *tty = tty_of_ldisc(ld);
    tty->ops->put(tty, bytes, n);
}

static void ldisc_signal(struct ldisc *ld, int signo)
{
    tty_signal_foreground(tty_of_ldisc(ld), signo);
}

static void ldisc_flush_output(struct ldisc *ld)
{
    struct tty *tty = tty_of_ldisc(ld);
    tty->ops->flush_output(tty);
    wait_wake(&tty->writers, EPOLLOUT | EPOLLWRNORM);
}

static void ldisc_status(struct ldisc *ld, uint8_t bits)
{
    struct tty *tty = tty_of_ldisc(ld);
    /* Output that was stopped goes on. */
    if (bits & TIOCPKT_START)
        wait_wake(&tty->writers, EPOLLOUT | EPOLLWRNORM);
    if (tty->ops->status)
        tty->ops->status(tty, bits);
}
