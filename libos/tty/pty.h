/* SPDX-License-Identifier: BSD-2-Clause */
/* pty.h - pseudo-terminals (pty(7), pts(4)).
 *
 * A pair is a terminal, the slave, whose device is a program: what is written to the master is the
 * terminal's input, what the terminal shows can be read from the master.
 *
 * Life: opening /dev/ptmx makes the pair, with a name in devpts, locked.  The master lives as long as
 * its open file; its end hangs the terminal up and takes the name away.  The slave can be opened and
 * closed many times; while it is closed after having been open, the master reads EIO.  The number is
 * free again when neither side is open.
 */
#pragma once

#include <stdint.h>
#include "tty/tty.h"

constexpr uint32_t PTY_MOST = 4096; /* as /proc/sys/kernel/pty/max */
constexpr uint32_t PTY_RING = 4096;

struct inode;

struct pty {
    struct tty tty; /* the slave; the master holds one reference */
    uint32_t index;
    struct file *master; /* null: closed */
    struct inode *inode; /* the name in devpts, as long as the master is open */
    bool locked;         /* unlockpt(3) */
    bool slave_was_open;
    bool packet; /* TIOCPKT */
    uint8_t packet_status;
    struct wait_queue master_queue;
    uint32_t head, tail; /* what the slave shows and the master has not read */
    uint8_t ring[PTY_RING];
};

/* Register the file system "devpts" and the devices /dev/ptmx and /dev/pts/N. */
[[nodiscard]] int pty_init(void);

/* The pair with this number, or null. */
struct pty *pty_find(uint32_t index);
/* The lowest number >= FROM of a pair whose master is open; -1: none. */
int pty_next(uint32_t from);
uint32_t pty_count(void);

/* devpts.c */
[[nodiscard]] int devpts_init(void);
/* A name for PTY, owned by the current user (pty->inode).  0 or -ENOMEM. */
[[nodiscard]] int devpts_add(struct pty *pty);
void devpts_remove(struct pty *pty);

/* pty_master.c */
extern const struct file_ops pty_master_ops;
/* Tell whoever waits at the master. */
void pty_master_wake(struct pty *pty, uint32_t events);
/* The master's side of a status change of the slave. */
void pty_packet_status(struct pty *pty, uint8_t bits);
/* open(2) of the slave, for /dev/pts/N and TIOCGPTPEER. */
[[nodiscard]] int pty_slave_open(struct pty *pty, struct file *file);
