/* SPDX-License-Identifier: BSD-2-Clause */
/* tty_job.c - controlling terminals and job control (credentials(7), ioctl_tty(2), POSIX 11.1). */
#include "tty/tty.h"

#include <asm/signal.h>
#include <linux/capability.h>
#include "base/assert.h"
#include "base/errno.h"
#include "base/string.h"
#include "mm/usermem.h"
#include "proc/cred.h"
#include "proc/pgrp.h"
#include "proc/pid_namespace.h"
#include "proc/process.h"
#include "signal/signal.h"

static long set_controlling(struct tty *tty, const struct file *file, uaddr_t arg);
static long give_up(struct tty *tty);
static long foreground_get(struct tty *tty, const struct file *file, uaddr_t arg);
static long foreground_set(struct tty *tty, uaddr_t arg);
static long session_id_get(struct tty *tty, const struct file *file, uaddr_t arg);
static bool is_master(const struct file *file);
static void leader_hangup(struct session *session);

struct tty *tty_of_current(void)
{
    return process_session(process_current())->tty;
}

bool tty_is_controlling(const struct tty *tty)
{
    return tty_of_current() == tty;
}

struct pgrp *tty_foreground(const struct tty *tty)
{
    return tty->session ? tty->session->foreground : nullptr;
}

int tty_signal_foreground(struct tty *tty, int signo)
{
    struct pgrp *pgrp = tty_foreground(tty);
    return pgrp ? pgrp_signal(pgrp, signo, SIGNAL_FROM_KERNEL) : -ESRCH;
}

int tty_check_foreground(struct tty *tty, int signo)
{
    struct process *process = process_current();
    if (!tty_is_controlling(tty) || !tty_foreground(tty) || process->pgrp == tty_foreground(tty))
        return 0;
    if (signal_is_ignored_or_blocked(signo))
        return signo == SIGTTIN ? -EIO : 0;
    /* Nobody could continue a stopped orphan. */
    if (pgrp_is_orphaned(process->pgrp, nullptr))
        return -EIO;
    pgrp_signal(process->pgrp, signo, SIGNAL_FROM_KERNEL);
    return -ERESTARTSYS;
}

void tty_attach(struct tty *tty, struct session *session, struct pgrp *foreground)
{
    assert(!tty->session && !session->tty);
    tty->session = session_get(session);
    session->tty = tty_get(tty);
    struct pgrp *old = session->foreground;
    session->foreground = foreground ? pgrp_get(foreground) : nullptr;
    if (old)
        pgrp_put(old);
}

/* The foreground group stays noted: it is to be hung up when the leader ends. */
void tty_detach(struct session *session)
{
    struct tty *tty = session->tty;
    if (!tty)
        return;
    assert(tty->session == session);
    session->tty = nullptr;
    tty->session = nullptr;
    session_put(session);
    tty_put(tty);
}

void tty_attach_by_open(struct tty *tty)
{
    struct process *process = process_current();
    struct session *session = process_session(process);
    if (session->leader == process && !session->tty && !tty->session)
        tty_attach(tty, session, process->pgrp);
}

void tty_hangup(struct tty *tty)
{
    list_for_each(node, &tty->files) {
        struct tty_file *tf = container_of(node, struct tty_file, node);
        tf->hung_up = true;
        file_notify_owner(tf->file);
    }
    struct session *session = tty->session;
    tty_get(tty);
    if (session) {
        session_get(session);
        leader_hangup(session);
        tty_detach(session);
        session_put(session);
    }
    ldisc_flush_input(&tty->ldisc);
    ldisc_start(&tty->ldisc, true);
    wait_wake_all(&tty->readers, 0);
    wait_wake_all(&tty->writers, 0);
    tty_put(tty);
}

void tty_vhangup_current(void)
{
    struct tty *tty = tty_of_current();
    if (tty)
        tty_hangup(tty);
}

void tty_session_leader_exit(struct session *session)
{
    struct pgrp *foreground = session->foreground ? pgrp_get(session->foreground) : nullptr;
    struct tty *tty = session->tty;
    if (tty && !tty->is_pty)
        tty_hangup(tty);
    if (foreground)
        pgrp_signal(foreground, SIGHUP, SIGNAL_FROM_KERNEL);
    /* If the terminal was hung up earlier, stopped jobs must wake to see it. */
    if (foreground && !tty)
        pgrp_signal(foreground, SIGCONT, SIGNAL_FROM_KERNEL);
    tty_detach(session);
    if (session->foreground)
        pgrp_put(session->foreground);
    session->foreground = nullptr;
    if (foreground)
        pgrp_put(foreground);
}

int32_t tty_number_of(const struct session *session)
{
    return session->tty ? (int32_t)session->tty->rdev : 0;
}

int32_t tty_foreground_of(const struct session *session)
{
    return session->tty && session->foreground ? session->foreground->pgid : -1;
}

long tty_ioctl_job(struct tty *tty, struct file *file, unsigned cmd, uaddr_t arg)
{
    switch (cmd) {
    case TIOCSCTTY: return set_controlling(tty, file, arg);
    case TIOCNOTTY: return give_up(tty);
    case TIOCGPGRP: return foreground_get(tty, file, arg);
    case TIOCSPGRP: return foreground_set(tty, arg);
    case TIOCGSID: return session_id_get(tty, file, arg);
    default: return -ENOTTY;
    }
}

static long set_controlling(struct tty *tty, const struct file *file, uaddr_t arg)
{
    struct process *process = process_current();
    struct session *session = process_session(process);
    if (session->leader == process && tty->session == session)
        return 0;
    if (session->leader != process || session->tty)
        return -EPERM;
    if (tty->session) {
        if (arg != 1 || !capable(CAP_SYS_ADMIN))
            return -EPERM;
        tty_detach(tty->session);
    }
    if (!(file->mode & FILE_READ) && !capable(CAP_SYS_ADMIN))
        return -EPERM;
    tty_attach(tty, session, process->pgrp);
    return 0;
}

/* A session has its terminal as a whole here: the leader gives it up for all, and others cannot. */
static long give_up(struct tty *tty)
{
    struct process *process = process_current();
    struct session *session = process_session(process);
    if (session->tty != tty)
        return -ENOTTY;
    if (session->leader != process)
        return -EPERM;
    tty_signal_foreground(tty, SIGHUP);
    tty_signal_foreground(tty, SIGCONT);
    tty_detach(session);
    if (session->foreground)
        pgrp_put(session->foreground);
    session->foreground = nullptr;
    return 0;
}

static long foreground_get(struct tty *tty, const struct file *file, uaddr_t arg)
{
    if (!is_master(file) && !tty_is_controlling(tty))
        return -ENOTTY;
    struct pgrp *pgrp = tty_foreground(tty);
    return put_user_u32(arg, pgrp ? (uint32_t)pid_to_user(pgrp->pgid) : 0);
}

static long foreground_set(struct tty *tty, uaddr_t arg)
{
    int err = tty_check_foreground(tty, SIGTTOU);
    if (err)
        return err == -EIO ? -ENOTTY : err;
    struct session *session = process_session(process_current());
    if (session->tty != tty)
        return -ENOTTY;

    uint32_t number;
    if (get_user_u32(&number, arg))
        return -EFAULT;
    if ((int32_t)number < 0)
        return -EINVAL;
    struct pgrp *pgrp = pgrp_lookup((int32_t)number);
    if (!pgrp)
        return -ESRCH;
    if (pgrp->session != session)
        return -EPERM;
    struct pgrp *old = session->foreground;
    session->foreground = pgrp_get(pgrp);
    if (old)
        pgrp_put(old);
    return 0;
}

static long session_id_get(struct tty *tty, const struct file *file, uaddr_t arg)
{
    if ((!is_master(file) && !tty_is_controlling(tty)) || !tty->session)
        return -ENOTTY;
    return put_user_u32(arg, (uint32_t)pid_to_user(tty->session->sid));
}

/* A master may ask about the terminal it drives, whoever has it. */
static bool is_master(const struct file *file)
{
    return file->ops != &tty_file_ops;
}

static void leader_hangup(struct session *session)
{
    if (!session->leader)
        return;
    signal_send_process(session->leader, SIGHUP, SIGNAL_FROM_KERNEL);
    signal_send_process(session->leader, SIGCONT, SIGNAL_FROM_KERNEL);
}
