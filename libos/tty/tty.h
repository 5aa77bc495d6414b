/* SPDX-License-Identifier: BSD-2-Clause */
/* tty.h - terminals (tty(4), ioctl_tty(2), credentials(7)).
 *
 * A struct tty joins a line discipline with a device: the console's serial port, or the master side
 * of a pseudo-terminal.  Each open file on it is a struct tty_file on its list, so that a hangup
 * reaches them all: from then on that file reads as ended and cannot be written, while the terminal
 * can be opened afresh.
 *
 * A session and its controlling terminal hold a reference to each other: tty->session and
 * session->tty are set and cleared together.  session->foreground outlives a hangup: it is the group
 * that gets SIGHUP when the session's leader ends.
 */
#pragma once

#include <asm/termios.h>
#include <stdint.h>
#include "base/list.h"
#include "base/types.h"
#include "sched/wait.h"
#include "tty/ldisc.h"
#include "vfs/file.h"

struct pgrp;
struct process;
struct session;
struct tty;

struct tty_ops {
    /* What the device takes at once, and giving it (never more than that). */
    size_t (*room)(struct tty *tty);
    void (*put)(struct tty *tty, const uint8_t *bytes, size_t n);
    /* Bytes on their way, for tcdrain(3) and TIOCOUTQ; dropping them. */
    size_t (*unsent)(struct tty *tty);
    void (*flush_output)(struct tty *tty);
    /* A reader has made room for input that was held back.  May be null, as all below. */
    void (*has_input_room)(struct tty *tty);
    void (*status)(struct tty *tty, uint8_t bits); /* as of struct ldisc_ops */
    void (*closed)(struct tty *tty);               /* the last open file has gone */
    void (*destroy)(struct tty *tty);              /* the last reference has gone */
    long (*ioctl)(struct tty *tty, struct file *file, unsigned cmd, uaddr_t arg);
};

struct tty {
    uint32_t refs;
    const struct tty_ops *ops;
    uint64_t rdev;
    char name[16]; /* as under /dev: "ttyS0", "pts/3" */
    struct ldisc ldisc;
    struct winsize size;
    struct termios locked;     /* bits and characters that nobody may change (TIOCSLCKTRMIOS) */
    struct wait_queue readers; /* key EPOLLIN ... */
    struct wait_queue writers;
    struct list_node files; /* struct tty_file */
    uint32_t opens;
    bool exclusive;    /* TIOCEXCL */
    bool other_closed; /* no master any more */
    bool is_pty;
    bool is_console;         /* job control does not stop writers through /dev/console */
    struct session *session; /* one reference */
    void *device;            /* the driver's */
};

struct tty_file {
    struct tty *tty; /* one reference */
    struct file *file;
    struct list_node node;
    bool hung_up;
};

extern const struct file_ops tty_file_ops;

/* TTY is the caller's memory, zeroed; one reference. */
void tty_init(struct tty *tty, const struct tty_ops *ops, uint64_t rdev, const char *name);
static inline struct tty *tty_get(struct tty *tty)
{
    tty->refs++;
    return tty;
}
void tty_put(struct tty *tty); /* null is fine */

/* Make TTY what the character device tty->rdev opens.  0, or -ENOMEM, -EBUSY. */
[[nodiscard]] int tty_register(struct tty *tty);
/* /dev/tty and /dev/console. */
[[nodiscard]] int tty_register_special(struct tty *console);
/* All of them that are registered, for procfs's drivers and lookups by number. */
struct tty *tty_find(uint64_t rdev);

/* An open file of TTY in FILE, whose ops are tty_file_ops.  -EIO, -EBUSY, -ENOMEM. */
[[nodiscard]] int tty_open_file(struct tty *tty, struct file *file);
static inline struct tty_file *tty_file_of(const struct file *file)
{
    return file->private;
}

void tty_file_release(struct file *file);

/* For the device: */
/* Received bytes; returns how many were taken.  The rest is offered again by has_input_room. */
size_t tty_receive(struct tty *tty, const uint8_t *bytes, size_t n);
/* The device can take output again. */
void tty_has_room(struct tty *tty);
/* The device is gone or was hung up. */
void tty_hangup(struct tty *tty);
/* New size; SIGWINCH to the foreground group if it has changed. */
void tty_set_size(struct tty *tty, const struct winsize *size);
/* Signal the foreground process group; -ESRCH: there is none. */
int tty_signal_foreground(struct tty *tty, int signo);

/* Job control (tty_job.c). */
struct tty *tty_of_current(void); /* the controlling terminal, no reference; or null */
struct pgrp *tty_foreground(const struct tty *tty);
bool tty_is_controlling(const struct tty *tty); /* of the current process */
/* May the current process go on, which is about to change (SIGTTOU) or to read (SIGTTIN) TTY?
 * 0, -EIO, or -ERESTARTSYS after its group was sent SIGNO. */
[[nodiscard]] int tty_check_foreground(struct tty *tty, int signo);
/* Make TTY the controlling terminal of SESSION, which has none; FOREGROUND may be null. */
void tty_attach(struct tty *tty, struct session *session, struct pgrp *foreground);
void tty_detach(struct session *session);
/* open(2) without O_NOCTTY by a session leader that has no terminal. */
void tty_attach_by_open(struct tty *tty);
long tty_ioctl_job(struct tty *tty, struct file *file, unsigned cmd, uaddr_t arg);
/* The current session's terminal is hung up (vhangup(2)). */
void tty_vhangup_current(void);

/* SESSION's leader ends: proc/ calls it before the leader leaves the session. */
void tty_session_leader_exit(struct session *session);

/* tty_nr of /proc/PID/stat and tpgid; 0 and -1 without a terminal. */
int32_t tty_number_of(const struct session *session);
int32_t tty_foreground_of(const struct session *session);

/* tty_ioctl.c */
long tty_ioctl(struct file *file, unsigned cmd, uaddr_t arg);
/* termios, size and queue calls on behalf of FILE, which may be a master. */
long tty_ioctl_mode(struct tty *tty, unsigned cmd, uaddr_t arg);
/* Wait until all output is sent.  0 or -ERESTARTSYS. */
[[nodiscard]] int tty_drain(struct tty *tty);
void tty_flush(struct tty *tty, unsigned queue); /* TCIFLUSH ... of tcflush(3) */
