/* SPDX-License-Identifier: BSD-2-Clause */
/* stat.c - /proc/PID/stat, statm and limits. */
#include "arch/regs.h"
#include "base/bits.h"
#include "base/errno.h"
#include "base/list.h"
#include "mm/mm.h"
#include "proc/pgrp.h"
#include "proc/pid_namespace.h"
#include "proc/process.h"
#include "sched/cputime.h"
#include "sched/sched.h"
#include "sched/thread.h"
#include "sched/time.h"
#include "tty/tty.h"
#include "vfs/procfs/procfs.h"
#include "vfs/procfs/signals.h"

/* Figures that differ between a thread and its whole process. */
struct account {
    struct cputime_split time;
    uint64_t faults_minor, faults_major;
};

static struct account account_of(const struct proc_node *node)
{
    struct process *p = node->process;
    if (node->thread)
        return (struct account){cputime_thread(node->thread), node->thread->faults_minor,
                                node->thread->faults_major};
    struct process_usage usage;
    process_usage_read(p, &usage);
    return (struct account){
        {usage.user_ns, usage.system_ns}, usage.faults_minor, usage.faults_major};
}

/* Linux's figure: 20 + nice, or below zero for the real-time classes. */
static int priority_of(const struct thread *t)
{
    if (!t)
        return 20;
    return t->rt_priority > 0 ? -1 - t->rt_priority : 20 + t->nice;
}

static void add(struct text *text, uint64_t number)
{
    text_add(text, " %llu", (unsigned long long)number);
}

static void add_signed(struct text *text, int64_t number)
{
    text_add(text, " %lld", (long long)number);
}

/* The fields in the order of proc(5), numbered as there. */
static int32_t number(const struct proc_node *node, int32_t pid)
{
    return pid_number_in(pid, node->pids);
}

int proc_show_stat(struct text *text, const struct proc_node *node)
{
    const struct process *p = node->process;
    const struct thread *t = proc_thread(node);
    const struct mm *mm = p->mm;
    const struct session *session = process_session(p);
    const struct process_usage *children = &p->children_usage;
    struct account own = account_of(node);
    struct proc_signals signals = proc_signals_of(p, t);
    bool may_see = proc_may_trace(node) == 0;
    bool is_alone = node->thread != nullptr;

    text_add(text, "%d (%s) %c", number(node, node->thread ? node->thread->tid : p->pid),
             proc_comm(node), proc_state(node));
    add_signed(text, p->parent ? number(node, p->parent->pid) : 0); /* 4 */
    add_signed(text, p->pgrp ? number(node, p->pgrp->pgid) : 0);
    add_signed(text, session ? number(node, session->sid) : 0);
    add_signed(text, session ? tty_number_of(session) : 0);
    add_signed(text, session ? number(node, tty_foreground_of(session)) : -1);
    add(text, p->did_exec ? 0x00400000 : 0x00400040); /* 9: PF_RANDOMIZE, PF_FORKNOEXEC */
    add(text, own.faults_minor);
    add(text, is_alone ? 0 : children->faults_minor);
    add(text, own.faults_major);
    add(text, is_alone ? 0 : children->faults_major);
    add(text, own.time.user_ns / TICK_NS); /* 14 */
    add(text, own.time.system_ns / TICK_NS);
    add(text, children->user_ns / TICK_NS);
    add(text, children->system_ns / TICK_NS);
    add_signed(text, priority_of(t)); /* 18 */
    add_signed(text, t ? t->nice : p->nice);
    add(text, p->thread_count);
    add(text, 0);
    add(text, (is_alone ? node->thread->start_ns : p->start_ns) / TICK_NS); /* 22 */
    add(text, mm ? mm->total << PAGE_SHIFT : 0);
    add(text, mm ? mm_resident(mm) : 0);
    add(text, process_rlimit(p, RLIMIT_RSS));
    /* 26: addresses are secrets; 1 hides them as on Linux */
    add(text, mm ? (may_see ? mm->code_start : 1) : 0);
    add(text, mm ? (may_see ? mm->code_end : 1) : 0);
    add(text, mm && may_see ? mm->stack_start : 0);
    add(text, 0); /* 29: kstkesp and kstkeip, since Linux 4.11 for ending processes only */
    add(text, 0);
    add(text, signals.pending & INT32_MAX); /* 31 */
    add(text, signals.blocked & INT32_MAX);
    add(text, signals.ignored & INT32_MAX);
    add(text, signals.caught & INT32_MAX);
    add(text, 0); /* 35: wchan */
    add(text, 0);
    add(text, 0);
    add_signed(text, p->exit_signal); /* 38 */
    add(text, t ? t->vcpu : 0);
    add(text, t ? t->rt_priority : 0);
    add(text, t ? t->sched_class : 0);
    add(text, 0);
    add(text, 0);
    add(text, 0);
    add(text, mm && may_see ? mm->data_start : 0); /* 45 */
    add(text, mm && may_see ? mm->data_end : 0);
    add(text, mm && may_see ? mm->brk_start : 0);
    add(text, mm && may_see ? mm->arg_start : 0);
    add(text, mm && may_see ? mm->arg_end : 0);
    add(text, mm && may_see ? mm->env_start : 0);
    add(text, mm && may_see ? mm->env_end : 0);
    add_signed(text, may_see ? p->exit_status : 0); /* 52 */
    text_add_char(text, '\n');
    return 0;
}

int proc_show_statm(struct text *text, const struct proc_node *node)
{
    const struct mm *mm = node->process->mm;
    if (!mm) {
        text_add(text, "0 0 0 0 0 0 0\n");
        return 0;
    }
    uint64_t code = page_round_up(mm->code_end) - page_round_down(mm->code_start);
    text_add(text, "%llu %llu %llu %llu 0 %llu 0\n", (unsigned long long)mm->total,
             (unsigned long long)mm_resident(mm),
             (unsigned long long)(mm->file_pages + mm->shared_pages),
             (unsigned long long)(code >> PAGE_SHIFT), (unsigned long long)(mm->data + mm->stack));
    return 0;
}

static void add_limit(struct text *text, uint64_t limit)
{
    if (limit == RLIM_INFINITY)
        text_add(text, "%-20s ", "unlimited");
    else
        text_add(text, "%-20llu ", (unsigned long long)limit);
}

int proc_show_limits(struct text *text, const struct proc_node *node)
{
    static const struct {
        const char *name, *unit;
    } names[RLIM_NLIMITS] = {
        [RLIMIT_CPU] = {"Max cpu time", "seconds"},
        [RLIMIT_FSIZE] = {"Max file size", "bytes"},
        [RLIMIT_DATA] = {"Max data size", "bytes"},
        [RLIMIT_STACK] = {"Max stack size", "bytes"},
        [RLIMIT_CORE] = {"Max core file size", "bytes"},
        [RLIMIT_RSS] = {"Max resident set", "bytes"},
        [RLIMIT_NPROC] = {"Max processes", "processes"},
        [RLIMIT_NOFILE] = {"Max open files", "files"},
        [RLIMIT_MEMLOCK] = {"Max locked memory", "bytes"},
        [RLIMIT_AS] = {"Max address space", "bytes"},
        [RLIMIT_LOCKS] = {"Max file locks", "locks"},
        [RLIMIT_SIGPENDING] = {"Max pending signals", "signals"},
        [RLIMIT_MSGQUEUE] = {"Max msgqueue size", "bytes"},
        [RLIMIT_NICE] = {"Max nice priority", ""},
        [RLIMIT_RTPRIO] = {"Max realtime priority", ""},
        [RLIMIT_RTTIME] = {"Max realtime timeout", "us"},
    };
    text_add(text, "%-25s %-20s %-20s %-10s\n", "Limit", "Soft Limit", "Hard Limit", "Units");
    for (unsigned i = 0; i < RLIM_NLIMITS; i++) {
        text_add(text, "%-25s ", names[i].name);
        add_limit(text, node->process->limits[i].soft);
        add_limit(text, node->process->limits[i].hard);
        text_add(text, names[i].unit[0] ? "%-10s\n" : "%s\n", names[i].unit);
    }
    return 0;
}
