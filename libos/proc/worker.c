/* SPDX-License-Identifier: BSD-2-Clause */
/* worker.c - threads that never run their program. */
#include "proc/worker.h"

#include <linux/sched.h>

#include "arch/arch.h"
#include "arch/user_regs.h"
#include "base/errno.h"
#include "base/format.h"
#include "proc/internal.h"
#include "proc/namespace.h"
#include "proc/pid.h"
#include "proc/pid_namespace.h"
#include "sched/thread.h"
#include "seccomp/seccomp.h"
#include "signal/signal.h"

constexpr uint64_t SHARED = CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD;

static void set_up(struct thread *t, const char *name)
{
    thread_copy_context(t, current);
    arch_regs_start(thread_regs(t), 0, 0);
    signal_altstack_clear(t);
    t->signal.blocked = ~SIGNALS_UNBLOCKABLE;
    seccomp_inherit(t, current);
    t->io_priority = current->io_priority;
    t->memory_policy = current->memory_policy;
    t->memory_nodes = current->memory_nodes;
    t->clone_flags = (uint32_t)SHARED;
    t->exit_signal = -1;
    t->is_worker = true;
    snprintf(t->comm, sizeof t->comm, "%s", name);
}

static int make(const char *name, struct pid *pid, struct namespace *pids, struct thread **out)
{
    struct process *p = current->process;
    struct thread *t;
    int err = thread_create(p, pid->number, &t);
    if (err < 0)
        return err;
    err = clone_share(t, SHARED, pids);
    if (err < 0) {
        clone_unshare(t);
        thread_destroy_new(t);
        return err;
    }
    set_up(t, name);
    pid->is_thread = true;
    process_add_thread(p, t);
    p->worker_count++;
    thread_known_renew(t);
    *out = t;
    return 0;
}

int worker_start(const char *name, void (*run)(void *arg), void *arg, struct thread **out)
{
    struct namespace *pids;
    struct pid *pid;
    if (clone_has_too_many())
        return -EAGAIN;
    int err = namespaces_birthplace(SHARED, &pids);
    if (err < 0)
        return err;
    err = (int)pid_alloc(pids->pids, nullptr, 0, &pid);
    if (!err) {
        err = make(name, pid, pids, out);
        if (err < 0)
            pid_release(pid);
        else
            thread_start_at(*out, run, arg);
    }
    namespace_put(pids);
    return err;
}

void worker_attend(void)
{
    /* Only a stop returns: what can be pending otherwise ends the process. */
    if (signal_pending(current))
        (void)signal_deliver(thread_regs(current));
}
