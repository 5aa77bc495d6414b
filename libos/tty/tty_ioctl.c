/* SPDX-License-Identifier: BSD-2-Clause */
/* tty_ioctl.c - control calls on terminals (ioctl_tty(2)). */
#include "tty/tty.h"

#include <asm/ioctls.h>
#include <asm/signal.h>
#include <linux/capability.h>
#include <linux/tty.h>
#include "base/errno.h"
#include "mm/usermem.h"
#include "proc/cred.h"
#include "sched/time.h"
#include "tty/termios.h"

static long tty_ioctl_own(struct tty *tty, unsigned cmd, uaddr_t arg);
static long settings_set(struct tty *tty, unsigned cmd, uaddr_t arg);
static long flow_control(struct tty *tty, uaddr_t how);
static long simulate_input(struct tty *tty, uaddr_t arg);

long tty_ioctl(struct file *file, unsigned cmd, uaddr_t arg)
{
    struct tty_file *tf = tty_file_of(file);
    struct tty *tty = tf->tty;
    if (tf->hung_up)
        return cmd == TIOCSPGRP ? -ENOTTY : -EIO;
    long result = tty->ops->ioctl ? tty->ops->ioctl(tty, file, cmd, arg) : -ENOTTY;
    if (result == -ENOTTY)
        result = tty_ioctl_job(tty, file, cmd, arg);
    if (result == -ENOTTY)
        result = tty_ioctl_mode(tty, cmd, arg);
    if (result == -ENOTTY)
        result = tty_ioctl_own(tty, cmd, arg);
    return result;
}

long tty_ioctl_mode(struct tty *tty, unsigned cmd, uaddr_t arg)
{
    switch (cmd) {
    case TCGETS:
    case TCGETS2:
    case TCGETA: return termios_to_user(cmd, &tty->ldisc.termios, arg);
    case TCSETS:
    case TCSETSW:
    case TCSETSF:
    case TCSETS2:
    case TCSETSW2:
    case TCSETSF2:
    case TCSETA:
    case TCSETAW:
    case TCSETAF: return settings_set(tty, cmd, arg);
    case TIOCGLCKTRMIOS: return copy_to_user(arg, &tty->locked, sizeof tty->locked);
    case TIOCSLCKTRMIOS: {
        struct termios locked;
        if (!capable(CAP_SYS_ADMIN))
            return -EPERM;
        if (copy_from_user(&locked, arg, sizeof locked))
            return -EFAULT;
        tty->locked = locked;
        return 0;
    }
    case TIOCGWINSZ: return copy_to_user(arg, &tty->size, sizeof tty->size);
    case TIOCSWINSZ: {
        struct winsize size;
        if (copy_from_user(&size, arg, sizeof size))
            return -EFAULT;
        tty_set_size(tty, &size);
        return 0;
    }
    case TIOCGETD: return put_user_u32(arg, N_TTY);
    case TIOCSETD: {
        uint32_t discipline;
        if (get_user_u32(&discipline, arg))
            return -EFAULT;
        return discipline == N_TTY ? 0 : -EINVAL;
    }
    default: return -ENOTTY;
    }
}

int tty_drain(struct tty *tty)
{
    while (tty->ops->unsent(tty) > 0 || tty->ldisc.echo_head != tty->ldisc.echo_tail) {
        int err = wait_on(&tty->writers, WAIT_FOREVER, SLEEP_INTERRUPTIBLE);
        if (err)
            return -ERESTARTSYS;
        if (tty->other_closed)
            return 0;
    }
    return 0;
}

void tty_flush(struct tty *tty, unsigned queue)
{
    if (queue == TCIFLUSH || queue == TCIOFLUSH) {
        ldisc_flush_input(&tty->ldisc);
        if (tty->ops->has_input_room)
            tty->ops->has_input_room(tty);
    }
    if (queue == TCOFLUSH || queue == TCIOFLUSH) {
        tty->ops->flush_output(tty);
        wait_wake(&tty->writers, EPOLLOUT | EPOLLWRNORM);
    }
}

void tty_set_size(struct tty *tty, const struct winsize *size)
{
    if (tty->size.ws_row == size->ws_row && tty->size.ws_col == size->ws_col &&
        tty->size.ws_xpixel == size->ws_xpixel && tty->size.ws_ypixel == size->ws_ypixel)
        return;
    tty->size = *size;
    tty_signal_foreground(tty, SIGWINCH);
}

/* What only the terminal's own side knows. */
static long tty_ioctl_own(struct tty *tty, unsigned cmd, uaddr_t arg)
{
    int err;
    switch (cmd) {
    case TIOCINQ: return put_user_u32(arg, ldisc_readable_bytes(&tty->ldisc));
    case TIOCOUTQ: return put_user_u32(arg, (uint32_t)tty->ops->unsent(tty));
    case TCFLSH:
        err = tty_check_foreground(tty, SIGTTOU);
        if (err)
            return err;
        if (arg > TCIOFLUSH)
            return -EINVAL;
        tty_flush(tty, (unsigned)arg);
        return 0;
    case TCXONC:
        err = tty_check_foreground(tty, SIGTTOU);
        return err ? err : flow_control(tty, arg);
    case TCSBRK:
    case TCSBRKP:
        /* As for any Linux driver without break control: the output is awaited, no break sent. */
        err = tty_check_foreground(tty, SIGTTOU);
        return err ? err : tty_drain(tty);
    case TIOCSBRK:
    case TIOCCBRK: return 0;
    case TIOCSTI: return simulate_input(tty, arg);
    case TIOCEXCL: tty->exclusive = true; return 0;
    case TIOCNXCL: tty->exclusive = false; return 0;
    case TIOCGEXCL: return put_user_u32(arg, tty->exclusive);
    case TIOCGDEV: return put_user_u32(arg, (uint32_t)tty->rdev);
    case TIOCVHANGUP:
        if (!capable(CAP_SYS_ADMIN))
            return -EPERM;
        tty_hangup(tty);
        return 0;
    default: return -ENOTTY;
    }
}

static long settings_set(struct tty *tty, unsigned cmd, uaddr_t arg)
{
    int err = tty_check_foreground(tty, SIGTTOU);
    if (err)
        return err;
    struct termios2 settings = tty->ldisc.termios;
    err = termios_from_user(cmd, &settings, arg);
    if (err)
        return err;
    if (termios_flushes(cmd))
        tty_flush(tty, TCIFLUSH);
    if (termios_drains(cmd)) {
        err = tty_drain(tty);
        if (err)
            return err;
    }
    /* A pseudo-terminal is always ready and has eight bits (pty(7)). */
    if (tty->is_pty)
        settings.c_cflag = (settings.c_cflag & ~(tcflag_t)(CSIZE | PARENB)) | CS8 | CREAD;
    termios_keep_locked(&settings, &tty->ldisc.termios, &tty->locked);
    ldisc_set_termios(&tty->ldisc, &settings);
    wait_wake_all(&tty->readers, 0);
    wait_wake(&tty->writers, 0);
    return 0;
}

static long flow_control(struct tty *tty, uaddr_t how)
{
    struct ldisc *ld = &tty->ldisc;
    switch (how) {
    case TCOOFF: ldisc_stop(ld, true); return 0;
    case TCOON: ldisc_start(ld, true); return 0;
    case TCIOFF:
    case TCION: {
        uint8_t c = ld->termios.c_cc[how == TCIOFF ? VSTOP : VSTART];
        if (c != 0 && tty->ops->room(tty) > 0)
            tty->ops->put(tty, &c, 1);
        return 0;
    }
    default: return -EINVAL;
    }
}

static long simulate_input(struct tty *tty, uaddr_t arg)
{
    /* As with Linux's dev.tty.legacy_tiocsti = 0: a way to inject commands into another's shell. */
    if (!capable(CAP_SYS_ADMIN))
        return tty_is_controlling(tty) ? -EIO : -EPERM;
    uint8_t c;
    if (get_user_u8(&c, arg))
        return -EFAULT;
    tty_receive(tty, &c, 1);
    return 0;
}
