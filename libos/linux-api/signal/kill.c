/* SPDX-License-Identifier: BSD-2-Clause */
/* kill.c - kill(2), tkill(2), tgkill(2), rt_sigqueueinfo(2), rt_tgsigqueueinfo(2). */
#include <linux/signal.h>
#include "base/errno.h"
#include "linux-api/call.h"
#include "mm/usermem.h"
#include "proc/pgrp.h"
#include "proc/pid_namespace.h"
#include "proc/process.h"
#include "sched/thread.h"
#include "signal/signal.h"

static int check_and_send(struct process *p, struct thread *t, int sig, const struct siginfo *info)
{
    if (sig < 0 || sig > SIGNAL_COUNT)
        return -EINVAL;
    int error = signal_may_send(p, sig);
    if (error || sig == 0)
        return error;
    return t ? signal_send_thread(t, sig, info) : signal_send_process(p, sig, info);
}

/* A thread's number names its process too. */
static struct process *find_process(int32_t pid)
{
    struct process *p = process_lookup(pid);
    if (p)
        return p;
    struct thread *t = thread_lookup(pid);
    return t ? t->process : nullptr;
}

/* All of a group: 0 if one of them got it, else the last refusal. */
static int kill_group(struct pgrp *pgrp, int sig)
{
    int result = -ESRCH;
    bool sent = false;
    if (!pgrp)
        return -ESRCH;
    list_for_each_safe(node, &pgrp->members) {
        struct process *p = container_of(node, struct process, pgrp_node);
        int error = check_and_send(p, nullptr, sig, SIGNAL_FROM_SELF);
        if (!error)
            sent = true;
        else
            result = error;
    }
    return sent ? 0 : result;
}

/* Every process of the pid namespace but its first and the caller's own. */
static int kill_all(int sig)
{
    int result = -ESRCH, refused = 0;
    for (struct process *p = process_next(2); p; p = process_next(p->pid + 1)) {
        if (p == current->process || pid_to_user(p->pid) <= 1)
            continue;
        int error = check_and_send(p, nullptr, sig, SIGNAL_FROM_SELF);
        if (error == -EPERM)
            refused = error;
        else
            result = error;
    }
    return result == -ESRCH && refused ? refused : result;
}

long sys_kill(const struct call *c)
{
    int32_t pid = (int32_t)c->arg[0];
    int sig = (int)c->arg[1];
    if (pid > 0) {
        struct process *p = find_process(pid);
        return p ? check_and_send(p, nullptr, sig, SIGNAL_FROM_SELF) : -ESRCH;
    }
    if (pid == -1)
        return kill_all(sig);
    if (pid == 0)
        return kill_group(current->process->pgrp, sig);
    return pid == INT32_MIN ? -ESRCH : kill_group(pgrp_lookup(-pid), sig);
}

/* PID 0: whatever process TID is in. */
static long send_to_thread(int32_t pid, int32_t tid, int sig, const struct siginfo *info)
{
    struct thread *t = thread_lookup(tid);
    if (!t || !t->process || (pid && t->process != process_lookup(pid)))
        return -ESRCH;
    return check_and_send(t->process, t, sig, info);
}

long sys_tkill(const struct call *c)
{
    int32_t tid = (int32_t)c->arg[0];
    int sig = (int)c->arg[1];
    if (tid <= 0)
        return -EINVAL;
    return send_to_thread(0, tid, sig, SIGNAL_FROM_THREAD);
}

long sys_tgkill(const struct call *c)
{
    int32_t pid = (int32_t)c->arg[0], tid = (int32_t)c->arg[1];
    int sig = (int)c->arg[2];
    if (pid <= 0 || tid <= 0)
        return -EINVAL;
    return send_to_thread(pid, tid, sig, SIGNAL_FROM_THREAD);
}

/* Only to oneself may one pretend that the signal comes from kill(2) or from the system. */
static int get_info(struct siginfo *info, uaddr_t from, int sig, int32_t receiver)
{
    if (copy_from_user(info, from, sizeof *info))
        return -EFAULT;
    info->si_signo = sig;
    if ((info->si_code >= 0 || info->si_code == SI_TKILL) && receiver != thread_own_number(current))
        return -EPERM;
    return 0;
}

long sys_rt_sigqueueinfo(const struct call *c)
{
    int32_t pid = (int32_t)c->arg[0];
    int sig = (int)c->arg[1];
    struct siginfo info;
    int error = get_info(&info, c->arg[2], sig, pid);
    if (error)
        return error;
    struct process *p = pid > 0 ? find_process(pid) : nullptr;
    return p ? check_and_send(p, nullptr, sig, &info) : -ESRCH;
}

long sys_rt_tgsigqueueinfo(const struct call *c)
{
    int32_t pid = (int32_t)c->arg[0], tid = (int32_t)c->arg[1];
    int sig = (int)c->arg[2];
    struct siginfo info;
    if (pid <= 0 || tid <= 0)
        return -EINVAL;
    int error = get_info(&info, c->arg[3], sig, tid);
    return error ? error : send_to_thread(pid, tid, sig, &info);
}
