/* SPDX-License-Identifier: BSD-2-Clause */
/* clone.c - new processes and threads: fork(2), vfork(2), clone(2), clone3(2).
 *
 * Everything that can fail is done before the child can be found; until then it is undone in
 * reverse order.  The child starts with the parent's registers and finds 0 as the result.
 */
#include "proc/clone.h"

#include <asm/signal.h>
#include <linux/capability.h>
#include <linux/sched.h>

#include "arch/arch.h"
#include "arch/user_regs.h"
#include "base/errno.h"
#include "mm/mm.h"
#include "mm/table.h"
#include "mm/usermem.h"
#include "proc/internal.h"
#include "proc/namespace.h"
#include "proc/pgrp.h"
#include "proc/pid_namespace.h"
#include "proc/pidfd.h"
#include "ptrace/ptrace.h"
#include "sched/thread.h"
#include "seccomp/seccomp.h"
#include "vfs/fdtable.h"
#include "vfs/fs_context.h"

static int flags_check(const struct clone_request *r)
{
    uint64_t flags = r->flags;

    int error = namespaces_check(flags);

    if ((flags & (CLONE_NEWNS | CLONE_FS)) == (CLONE_NEWNS | CLONE_FS) ||
        (flags & (CLONE_NEWIPC | CLONE_SYSVSEM)) == (CLONE_NEWIPC | CLONE_SYSVSEM))
        return -EINVAL;
    if (error)
        return error;
    if (flags & CLONE_THREAD && !(flags & CLONE_SIGHAND))
        return -EINVAL;
    if (flags & CLONE_SIGHAND && !(flags & CLONE_VM))
        return -EINVAL;
    if (flags & CLONE_SIGHAND && flags & CLONE_CLEAR_SIGHAND)
        return -EINVAL;
    if (flags & CLONE_PARENT && current->process->pids->init == current->process)
        return -EINVAL;
    if (flags & CLONE_PIDFD && flags & (CLONE_DETACHED | CLONE_THREAD))
        return -EINVAL;
    if (flags & CLONE_INTO_CGROUP)
        return -EINVAL;
    if (flags & CLONE_SETTLS && r->tls >= ARCH_USER_TOP)
        return -EPERM;
    return 0;
}

bool clone_has_too_many(void)
{
    const struct cred *cred = current->cred;

    return user_count(cred->uid) >= process_rlimit(current->process, RLIMIT_NPROC) &&
           cred->uid != 0 && !capable(CAP_SYS_RESOURCE) && !capable(CAP_SYS_ADMIN);
}

int clone_share(struct thread *t, uint64_t flags, struct namespace *pids)
{
    struct thread *self = current;

    t->files = flags & CLONE_FILES ? fd_table_get(self->files) : fd_table_clone(self->files);
    if (!t->files)
        return -ENOMEM;
    t->fs = flags & CLONE_FS ? fs_context_get(self->fs) : fs_context_clone(self->fs);
    if (!t->fs)
        return -ENOMEM;
    int error = namespaces_clone(t, flags, pids);
    if (error)
        return error;
    if (!user_count_add(self->cred->uid))
        return -ENOMEM;
    t->cred = cred_get(self->cred);
    return 0;
}

void clone_unshare(struct thread *t)
{
    if (t->cred) {
        user_count_remove(t->cred->uid);
        cred_put(t->cred);
        t->cred = nullptr;
    }
    namespaces_release(t);
    fs_context_put(t->fs);
    if (t->files)
        fd_table_put(t->files);
}

static struct process *child_alloc(struct pid *pid, uint64_t flags)
{
    struct process *parent = current->process, *child;
    struct signal_actions *actions = flags & CLONE_SIGHAND
                                         ? signal_actions_get(parent->signal.actions)
                                         : signal_actions_copy(parent->signal.actions);

    if (!actions)
        return nullptr;
    if (flags & CLONE_CLEAR_SIGHAND)
        signal_actions_reset(actions);
    child = process_alloc(pid, parent, actions);
    if (!child) {
        signal_actions_put(actions);
        return nullptr;
    }
    child->mm = flags & CLONE_VM ? mm_get(parent->mm) : mm_fork(parent->mm);
    if (!child->mm && table_reclaim() > 0)
        child->mm = mm_fork(parent->mm);
    if (!child->mm) {
        process_discard(child);
        return nullptr;
    }
    return child;
}

static void thread_set_up(struct thread *t, const struct clone_request *r)
{
    thread_copy_context(t, current);
    arch_call_set_result(thread_regs(t), 0);
    if (r->stack)
        arch_set_stack_pointer(thread_regs(t), r->stack);
    if (r->flags & CLONE_SETTLS)
        t->arch.fs_base = r->tls;
    if ((r->flags & (CLONE_VM | CLONE_VFORK)) == CLONE_VM)
        signal_altstack_clear(t);
    if (r->flags & CLONE_CHILD_CLEARTID)
        t->clear_child_tid = r->child_tid;
    if (!(r->flags & CLONE_VM)) {
        t->rseq = current->rseq;
        rseq_renew(t);
    }
    seccomp_inherit(t, current);
    t->io_priority = current->io_priority;
    t->memory_policy = current->memory_policy;
    t->memory_nodes = current->memory_nodes;
    t->clone_flags = (uint32_t)r->flags;
    t->exit_signal = r->flags & CLONE_THREAD ? -1 : r->exit_signal;
}

/* The child's number in its own memory and in ours; a bad address is the program's loss. */
static void numbers_store(const struct clone_request *r, struct thread *t)
{
    int32_t seen = pid_to_user(t->tid), own = thread_own_number(t);

    if (r->flags & CLONE_PARENT_SETTID)
        (void)copy_to_user(r->parent_tid, &seen, sizeof seen);
    if (r->flags & CLONE_CHILD_SETTID)
        (void)mm_copy(t->process->mm, r->child_tid, &own, sizeof own, true);
}

static void child_enter(struct process *child, const struct clone_request *r)
{
    struct process *self = current->process;
    bool is_sibling = r->flags & CLONE_PARENT;

    child->exit_signal = is_sibling ? self->exit_signal : r->exit_signal;
    child->forker = current;
    pgrp_join(child, self->pgrp);
    process_enter(child, is_sibling ? self->parent : self);
}

/* Sleep until CHILD has memory of its own, or none.  Only death ends the wait early. */
static void vfork_wait(struct process *child, struct wait_queue *done)
{
    while (child->vfork_done)
        if (wait_on(done, WAIT_FOREVER, SLEEP_KILLABLE) != 0 && signal_fatal_pending(current))
            break;
    if (child->vfork_done == done)
        child->vfork_done = nullptr;
    process_put(child);
}

/* What the tracer is told of a new thread or process (ptrace(2), PTRACE_SETOPTIONS); 0: nothing. */
static int trace_event_of(const struct clone_request *r)
{
    int event = PTRACE_EVENT_FORK;

    if (r->flags & CLONE_UNTRACED)
        return 0;
    if (r->flags & CLONE_VFORK)
        event = PTRACE_EVENT_VFORK;
    else if (r->exit_signal != SIGCHLD)
        event = PTRACE_EVENT_CLONE;
    return ptrace_wants(current->trace, event) ? event : 0;
}

/* What thread_start, the tracer and vfork(2) make of T, a thread of CHILD or of the caller's. */
static void child_run(const struct clone_request *r, struct thread *t, struct process *child,
                      int event)
{
    struct wait_queue done = WAIT_QUEUE_INIT(done);
    uint64_t number = ptrace_number(t->tid);

    if (child && r->flags & CLONE_VFORK) {
        process_get(child);
        child->vfork_done = &done;
    }
    thread_start(t);
    if (event)
        ptrace_event_stop(event, number);
    if (child && r->flags & CLONE_VFORK) {
        vfork_wait(child, &done);
        ptrace_event(PTRACE_EVENT_VFORK_DONE, number);
    }
}

/* Make the thread with number PID of CHILD, or of the calling process if that is NULL; it goes by
 * the pid namespace PIDS. */
static int64_t child_start(const struct clone_request *r, struct pid *pid, struct process *child,
                           struct namespace *pids)
{
    struct process *self = current->process;
    struct thread *t;
    int event = trace_event_of(r);
    int error = thread_create(child ? child : self, pid->number, &t);

    if (error)
        return error;
    error = clone_share(t, r->flags, pids);
    if (error == 0 && r->flags & CLONE_PIDFD)
        error = pidfd_create(child, r->pidfd); /* a descriptor, or what was wrong */
    if (error < 0) {
        clone_unshare(t);
        thread_destroy_new(t);
        return error;
    }
    thread_set_up(t, r);
    /* Without memory for it the child runs untraced, and the tracer hears nothing of it. */
    if ((event || r->flags & CLONE_PTRACE) && current->trace && current->trace->tracer &&
        ptrace_follow(t) != 0)
        event = 0;
    pid->is_thread = true;
    if (child)
        child_enter(child, r);
    process_add_thread(child ? child : self, t);
    thread_known_renew(t);
    numbers_store(r, t);
    int32_t seen = pid_to_user(t->tid);
    child_run(r, t, child, event);
    return seen;
}

/* The same, with a number to be found in PIDS. */
static int64_t child_make(const struct clone_request *r, struct namespace *pids)
{
    struct process *child = nullptr;
    struct pid *pid;
    int64_t result = pid_alloc(pids->pids, r->numbers, r->number_count, &pid);

    if (result)
        return result;
    if (!(r->flags & CLONE_THREAD)) {
        child = child_alloc(pid, r->flags);
        if (!child) {
            pid_release(pid);
            return -ENOMEM;
        }
    }
    result = child_start(r, pid, child, pids);
    if (result < 0) {
        if (child) {
            mm_put(child->mm);
            process_discard(child);
        }
        pid_release(pid);
    }
    return result;
}

int64_t process_clone(const struct clone_request *r)
{
    struct namespace *pids;
    int64_t result = flags_check(r);

    if (result)
        return result;
    /* Not even fork survives a process that ends. */
    if (signal_fatal_pending(current))
        return -ERESTARTNOINTR;
    if (clone_has_too_many())
        return -EAGAIN;
    result = namespaces_birthplace(r->flags, &pids);
    if (result)
        return result;
    result = child_make(r, pids);
    namespace_put(pids);
    return result;
}
