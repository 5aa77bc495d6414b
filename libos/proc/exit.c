/* SPDX-License-Identifier: BSD-2-Clause */
/* exit.c - threads and processes end.
 *
 * A thread first releases what it used (robust futexes, files, working directory), which may
 * sleep, and then leaves its process in one go.  Whoever is the last one that lives takes down
 * the memory; whoever leaves last turns the process into a zombie: children get a new parent,
 * orphaned groups that are stopped get SIGHUP, the parent is told (exit_group(2), wait(2)).
 */
#include <asm/poll.h>
#include <asm/siginfo.h>
#include <asm/signal.h>

#include "ipc/sem.h"
#include "linux-api/trace.h"
#include "linux-api/uring/uring.h"
#include "mm/mm.h"
#include "proc/internal.h"
#include "proc/namespace.h"
#include "proc/pgrp.h"
#include "proc/pid_namespace.h"
#include "ptrace/ptrace.h"
#include "sched/futex.h"
#include "sched/thread.h"
#include "sched/time.h"
#include "seccomp/seccomp.h"
#include "start/start.h"
#include "trace/record.h"
#include "tty/tty.h"
#include "vfs/fdtable.h"
#include "vfs/fs_context.h"

static void memory_release(struct process *p);
static void workers_end(struct process *p);
static void thread_leave(struct thread *t, struct process *p);
static void process_end(struct process *p);

void process_exit_group(int wait_status)
{
    struct process *p = current->process;

    if (!p->exiting) {
        p->exiting = true;
        p->exit_status = wait_status;
        list_for_each(node, &p->threads) {
            struct thread *t = container_of(node, struct thread, process_node);
            if (t != current)
                signal_kill_thread(t);
        }
    }
    process_exit_thread(p->exit_status);
}

/* As a shell's $? would tell it. */
static unsigned machine_status(int wait_status)
{
    unsigned signal = (unsigned)wait_status & 0x7f;
    return signal ? 128 + signal : (unsigned)wait_status >> 8 & 0xff;
}

void process_exit_thread(int wait_status)
{
    struct thread *t = current;
    struct process *p = t->process;
    struct fd_table *files = t->files;
    struct fs_context *fs = t->fs;

    ptrace_event(PTRACE_EVENT_EXIT, (uint64_t)wait_status);
    t->exiting = true;
    t->exit_status = wait_status;
    trace_exit(t->tid, wait_status);
    if (record_events())
        record_add(RECORD_EXIT, 0, t->tid, (uint64_t)(unsigned)wait_status, 0, 0);
    futex_thread_release(t);
    uring_thread_exit(t);
    signal_thread_leave(t);
    /* Without exit_group(2) the status is that of the first thread. */
    if (t == p->leader && !p->exiting)
        p->exit_status = wait_status;
    if (t->is_worker)
        p->worker_count--;
    if (--p->live_count == 0) {
        p->exiting = true;
        memory_release(p);
        sem_process_exit(p);
    }
    workers_end(p);
    t->files = nullptr;
    t->fs = nullptr;
    fd_table_put(files);
    fs_context_put(fs);
    namespaces_release(t);
    if (p->live_count == 0 && pid_namespace_is_init(p))
        pid_namespace_end();
    if (p->live_count == 0 && p == process_first && p->thread_count == 1)
        machine_end(machine_status(p->exit_status));
    thread_leave(t, p);
    thread_exit();
}

/* Workers do not go on when the last thread that runs the program has ended. */
static void workers_end(struct process *p)
{
    if (p->exiting || p->live_count == 0 || p->live_count > p->worker_count)
        return;
    p->exiting = true;
    list_for_each(node, &p->threads) {
        struct thread *t = container_of(node, struct thread, process_node);
        if (!t->exiting)
            signal_kill_thread(t);
    }
}

/* The program's memory is not needed any more; nothing after this touches it. */
static void memory_release(struct process *p)
{
    struct mm *mm = p->mm;

    if (!mm)
        return;
    if (mm->resident_most > p->usage.resident_most)
        p->usage.resident_most = mm->resident_most;
    p->mm = nullptr;
    mm_activate(nullptr);
    mm_put(mm);
    process_vfork_finish(p);
}

static void thread_leave(struct thread *t, struct process *p)
{
    struct pid *pid = pid_find(t->tid);

    list_remove(&t->process_node);
    p->thread_count--;
    thread_account_end();
    p->usage.faults_minor += t->faults_minor;
    p->usage.faults_major += t->faults_major;
    p->usage.switches_voluntary += t->switches_voluntary;
    p->usage.switches_forced += t->switches_forced;
    user_count_remove(t->cred->uid);
    thread_unhash(t);
    seccomp_release(t);
    ptrace_thread_end(t, p->exiting ? p->exit_status : t->exit_status);
    pid->is_thread = false;
    pid_release(pid);
    if (p->leader == t) {
        p->leader = nullptr;
        p->dead_leader = thread_get(t);
    }
    if (p->thread_count == 0)
        process_end(p);
    else
        wait_wake_all(&p->threads_gone, 0);
    if (p->dead_leader != t) {
        cred_put(t->cred);
        t->cred = nullptr;
    }
    t->process = nullptr;
    process_put(p);
}

void process_vfork_finish(struct process *p)
{
    struct wait_queue *done = p->vfork_done;

    p->vfork_done = nullptr;
    if (done)
        wait_wake_all(done, 0);
}

int process_exit_code(int wait_status, int *status)
{
    if ((wait_status & 0x7f) == 0) {
        *status = wait_status >> 8 & 0xff;
        return CLD_EXITED;
    }
    *status = wait_status & 0x7f;
    return wait_status & 0x80 ? CLD_DUMPED : CLD_KILLED;
}

void process_child_info(const struct process *child, int code, int status, struct siginfo *info)
{
    const struct thread *main = process_main_thread(child);
    struct cputime_split cpu = cputime_process(child);

    *info = (struct siginfo){};
    info->si_signo = SIGCHLD;
    info->si_code = code;
    info->si_pid = child->parent ? pid_number_in(child->pid, child->parent->pids) : child->pid;
    info->si_uid = main && main->cred ? main->cred->uid : 0;
    info->si_status = status;
    info->si_utime = (__kernel_clock_t)(cpu.user_ns / TICK_NS);
    info->si_stime = (__kernel_clock_t)(cpu.system_ns / TICK_NS);
}

/* Tell the parent that CHILD is a zombie.  A parent that ignores SIGCHLD has waited already. */
void process_report_end(struct process *child)
{
    if (child->trace_remains)
        return; /* its tracer comes first */
    struct process *parent = child->parent;
    bool is_ignored = child->exit_signal == SIGCHLD && signal_child_autoreap(parent);
    bool is_silent = is_ignored && signal_is_ignored(parent, SIGCHLD) && parent->signal.actions &&
                     parent->signal.actions->action[SIGCHLD - 1].handler != 0;
    struct siginfo info;
    int status, code = process_exit_code(child->exit_status, &status);

    if (child->exit_signal > 0 && !is_silent) {
        process_child_info(child, code, status, &info);
        info.si_signo = child->exit_signal;
        (void)signal_send_process(parent, child->exit_signal, &info);
    }
    if (is_ignored)
        process_reap(child);
    wait_wake_all(&parent->child_changed, 0);
}

/* The end of P, or its children's change of parent, may leave a stopped group without anybody
 * who could continue it (POSIX, _exit: consequences of process termination). */
static void group_check(struct process *p, const struct process *parent,
                        const struct process *ignore)
{
    struct pgrp *g = p->pgrp;

    if (!g || !parent || parent->pgrp == g || !parent->pgrp || parent->pgrp->session != g->session)
        return;
    if (!pgrp_is_orphaned(g, ignore) || !pgrp_has_stopped(g))
        return;
    pgrp_get(g);
    (void)pgrp_signal(g, SIGHUP, SIGNAL_FROM_KERNEL);
    (void)pgrp_signal(g, SIGCONT, SIGNAL_FROM_KERNEL);
    pgrp_put(g);
}

/* Who adopts the children of P: an ancestor in its pid namespace that wants to (prctl(2),
 * PR_SET_CHILD_SUBREAPER), or the namespace's init. */
static struct process *reaper_of(const struct process *p)
{
    for (struct process *a = p->parent; a && a->pids == p->pids; a = a->parent)
        if (a->is_subreaper && !a->exiting)
            return a;
    return p->pids->init;
}

static void children_reparent(struct process *p)
{
    struct process *reaper = reaper_of(p);

    list_for_each_safe(node, &p->children) {
        struct process *child = container_of(node, struct process, sibling);
        list_remove(node);
        list_push_back(&reaper->children, node);
        child->parent = reaper;
        child->exit_signal = SIGCHLD;
        list_for_each(thread_node, &child->threads) {
            struct thread *t = container_of(thread_node, struct thread, process_node);
            thread_known_renew(t);
            if (t->parent_death_signal)
                (void)signal_send_thread(t, t->parent_death_signal, SIGNAL_FROM_KERNEL);
        }
        group_check(child, p, nullptr);
        if (child->state == PROCESS_ZOMBIE)
            process_report_end(child);
    }
}

static void process_end(struct process *p)
{
    struct session *session = process_session(p);

    if (session && session->leader == p) {
        session_get(session);
        tty_session_leader_exit(session);
        session->leader = nullptr;
        session_put(session);
    }
    signal_process_release(p);
    p->state = PROCESS_ZOMBIE;
    wait_wake_all(&p->ended, POLLIN);
    children_reparent(p);
    group_check(p, p->parent, p);
    ptrace_tracer_end(p);
    if (!ptrace_holds(p))
        process_report_end(p);
}
