/* SPDX-License-Identifier: BSD-2-Clause */
/* pty.c - making pseudo-terminals, and the slave's device. */
#include "tty/pty.h"

#include "base/bits.h"
#include "base/errno.h"
#include "base/format.h"
#include "base/list.h"
#include "base/string.h"
#include "linux-api/abi.h"
#include "mm/heap.h"
#include "vfs/devfs/devices.h"
#include "vfs/inode.h"

static struct {
    struct pty **pairs; /* by number; null: free */
    uint32_t size;
    uint32_t count;
} table;

static int master_open(struct inode *inode, struct file *file);
static int slave_open(struct inode *inode, struct file *file);
static int number_find(uint32_t *index);
static size_t slave_room(struct tty *tty);
static void slave_put(struct tty *tty, const uint8_t *bytes, size_t n);
static size_t slave_unsent(struct tty *tty);
static void slave_flush_output(struct tty *tty);
static void slave_has_input_room(struct tty *tty);
static void slave_status(struct tty *tty, uint8_t bits);
static void slave_closed(struct tty *tty);
static void slave_destroy(struct tty *tty);

static const struct tty_ops slave_tty_ops = {
    .room = slave_room,
    .put = slave_put,
    .unsent = slave_unsent,
    .flush_output = slave_flush_output,
    .has_input_room = slave_has_input_room,
    .status = slave_status,
    .closed = slave_closed,
    .destroy = slave_destroy,
};

/* Only for open: the file gets the operations of its side then. */
static const struct file_ops ptmx_ops = {.open = master_open};
static const struct file_ops slave_ops = {.open = slave_open};

int pty_init(void)
{
    int err = vfs_register_chrdev(MAJOR_TTYAUX, TTYAUX_PTMX, 1, &ptmx_ops);
    if (!err)
        err = vfs_register_chrdev(MAJOR_PTS, 0, PTY_MOST, &slave_ops);
    return err ? err : devpts_init();
}

struct pty *pty_find(uint32_t index)
{
    return index < table.size ? table.pairs[index] : nullptr;
}

int pty_next(uint32_t from)
{
    for (uint32_t i = from; i < table.size; i++) {
        if (table.pairs[i] && table.pairs[i]->master)
            return (int)i;
    }
    return -1;
}

uint32_t pty_count(void)
{
    return table.count;
}

static int master_open(struct inode *, struct file *file)
{
    uint32_t index;
    int err = number_find(&index);
    if (err)
        return err;
    struct pty *pty = heap_zalloc(sizeof *pty);
    if (!pty)
        return -ENOMEM;
    char name[16];
    snprintf(name, sizeof name, "pts/%u", index);
    tty_init(&pty->tty, &slave_tty_ops, dev_make(MAJOR_PTS, index), name);
    pty->tty.is_pty = true;
    pty->index = index;
    pty->locked = true;
    wait_queue_init(&pty->master_queue);
    err = devpts_add(pty);
    if (err) {
        heap_free(pty);
        return err;
    }
    table.pairs[index] = pty;
    table.count++;
    pty->master = file;
    file->private = pty;
    file->ops = &pty_master_ops;
    return 0;
}

static int slave_open(struct inode *inode, struct file *file)
{
    struct pty *pty = pty_find(dev_minor(inode->rdev));
    return pty ? pty_slave_open(pty, file) : -ENXIO;
}

int pty_slave_open(struct pty *pty, struct file *file)
{
    if (!pty->master || pty->locked)
        return -EIO;
    int err = tty_open_file(&pty->tty, file);
    if (err)
        return err;
    pty->slave_was_open = true;
    if (!(file->flags & O_NOCTTY))
        tty_attach_by_open(&pty->tty);
    return 0;
}

/* The lowest number that is free, with room for it in the table. */
static int number_find(uint32_t *index)
{
    uint32_t i = 0;
    while (i < table.size && table.pairs[i])
        i++;
    if (i == PTY_MOST)
        return -ENOSPC;
    if (i == table.size) {
        uint32_t size = MAX(table.size * 2, 8u);
        struct pty **pairs = heap_realloc(table.pairs, size * sizeof *pairs);
        if (!pairs)
            return -ENOMEM;
        memset(pairs + table.size, 0, (size - table.size) * sizeof *pairs);
        table.pairs = pairs;
        table.size = size;
    }
    *index = i;
    return 0;
}

static struct pty *pty_of(struct tty *tty)
{
    return container_of(tty, struct pty, tty);
}

static size_t slave_room(struct tty *tty)
{
    const struct pty *pty = pty_of(tty);
    return PTY_RING - (pty->head - pty->tail);
}

static void slave_put(struct tty *tty, const uint8_t *bytes, size_t n)
{
    struct pty *pty = pty_of(tty);
    for (size_t i = 0; i < n; i++)
        pty->ring[pty->head++ % PTY_RING] = bytes[i];
    pty_master_wake(pty, EPOLLIN | EPOLLRDNORM);
}

/* What the master has not read counts as sent: nobody could wait for a program to read it. */
static size_t slave_unsent(struct tty *)
{
    return 0;
}

/* What was shown has reached the master at once: there is nothing on the way to drop. */
static void slave_flush_output(struct tty *tty)
{
    pty_packet_status(pty_of(tty), TIOCPKT_FLUSHWRITE);
}

static void slave_has_input_room(struct tty *tty)
{
    pty_master_wake(pty_of(tty), EPOLLOUT | EPOLLWRNORM);
}

static void slave_status(struct tty *tty, uint8_t bits)
{
    pty_packet_status(pty_of(tty), bits);
}

static void slave_closed(struct tty *tty)
{
    pty_master_wake(pty_of(tty), EPOLLIN | EPOLLHUP);
}

static void slave_destroy(struct tty *tty)
{
    struct pty *pty = pty_of(tty);
    table.pairs[pty->index] = nullptr;
    table.count--;
    heap_free(pty);
}
