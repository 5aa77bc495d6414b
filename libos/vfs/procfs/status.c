/* SPDX-License-Identifier: BSD-2-Clause */
/* status.c - /proc/PID/status. */
#include "base/bits.h"
#include "base/errno.h"
#include "base/list.h"
#include "mm/mm.h"
#include "proc/pgrp.h"
#include "proc/pid_namespace.h"
#include "proc/process.h"
#include "ptrace/ptrace.h"
#include "sched/sched.h"
#include "sched/thread.h"
#include "seccomp/seccomp.h"
#include "vfs/fdtable.h"
#include "vfs/fs_context.h"
#include "vfs/procfs/procfs.h"
#include "vfs/procfs/signals.h"

constexpr uaddr_t HANDLER_DEFAULT = 0, HANDLER_IGNORE = 1;

static uint32_t entries_in(const struct signal_backlog *backlog)
{
    uint32_t count = 0;
    list_for_each(node, &backlog->entries)
        count++;
    return count;
}

struct proc_signals proc_signals_of(const struct process *p, const struct thread *t)
{
    struct proc_signals s = {};
    if (t) {
        s.pending = t->signal.pending.set;
        s.blocked = t->signal.blocked;
        s.queued = entries_in(&t->signal.pending) + entries_in(&p->signal.pending);
    }
    s.pending_shared = p->signal.pending.set;
    const struct signal_actions *actions = p->signal.actions;
    for (int i = 0; actions && i < SIGNAL_COUNT; i++) {
        if (actions->action[i].handler == HANDLER_IGNORE)
            s.ignored |= 1ull << i;
        else if (actions->action[i].handler != HANDLER_DEFAULT)
            s.caught |= 1ull << i;
    }
    return s;
}

char proc_state(const struct proc_node *node)
{
    const struct thread *t = proc_thread(node);
    if (!t || node->process->state != PROCESS_RUNNING)
        return 'Z';
    /* The first thread may end before the others: the process's line tells of it. */
    if (!node->thread && !node->process->leader)
        return 'Z';
    return thread_state_letter(t);
}

const char *proc_comm(const struct proc_node *node)
{
    const struct thread *t = proc_thread(node);
    return t ? t->comm : "";
}

static const char *state_word(char letter)
{
    switch (letter) {
    case 'R': return "R (running)";
    case 'S': return "S (sleeping)";
    case 'D': return "D (disk sleep)";
    case 'T': return "T (stopped)";
    case 't': return "t (tracing stop)";
    default: return "Z (zombie)";
    }
}

static int32_t number(const struct proc_node *node, int32_t pid)
{
    return pid_number_in(pid, node->pids);
}

static int32_t tid_of(const struct proc_node *node)
{
    return node->thread ? node->thread->tid : node->process->pid;
}

static void add_identity(struct text *text, const struct proc_node *node, const struct thread *t)
{
    const struct process *p = node->process;
    text_add(text, "Name:\t");
    text_add_escaped(text, proc_comm(node), "\n");
    text_add_char(text, '\n');
    if (t && t->fs) {
        text_add(text, "Umask:\t");
        text_add_octal(text, t->fs->umask, 4);
        text_add_char(text, '\n');
    }
    text_add(text, "State:\t%s\nTgid:\t%d\nNgid:\t0\nPid:\t%d\nPPid:\t%d\nTracerPid:\t%d\n",
             state_word(proc_state(node)), number(node, p->pid), number(node, tid_of(node)),
             p->parent ? number(node, p->parent->pid) : 0,
             t && t->trace && t->trace->tracer ? number(node, t->trace->tracer->pid) : 0);
}

static void add_cred(struct text *text, const struct cred *cred, const struct thread *t)
{
    text_add(text, "Uid:\t%u\t%u\t%u\t%u\n", cred->uid, cred->euid, cred->suid, cred->fsuid);
    text_add(text, "Gid:\t%u\t%u\t%u\t%u\n", cred->gid, cred->egid, cred->sgid, cred->fsgid);
    text_add(text, "FDSize:\t%u\nGroups:\t", t && t->files ? t->files->size : 0);
    for (uint32_t i = 0; i < cred->group_count; i++)
        text_add(text, "%u ", cred->groups[i]);
    text_add_char(text, '\n');
}

/* What PID is called from the instance's namespace down to the process's own. */
static void add_numbers(struct text *text, const char *name, const struct proc_node *node,
                        int32_t pid)
{
    const struct pid_namespace *levels[PID_LEVEL_MOST + 1];
    uint32_t n = 0;
    for (const struct pid_namespace *ns = node->process->pids; ns != node->pids; ns = ns->above)
        levels[n++] = ns;
    text_add(text, "%s:\t%d", name, number(node, pid));
    while (n-- > 0)
        text_add(text, "\t%d", pid_number_in(pid, levels[n]));
    text_add_char(text, '\n');
}

static void add_ids(struct text *text, const struct proc_node *node)
{
    const struct process *p = node->process;
    const struct session *session = process_session(p);
    add_numbers(text, "NStgid", node, p->pid);
    add_numbers(text, "NSpid", node, tid_of(node));
    add_numbers(text, "NSpgid", node, p->pgrp ? p->pgrp->pgid : 0);
    add_numbers(text, "NSsid", node, session ? session->sid : 0);
}

static void add_kb(struct text *text, const char *name, uint64_t pages)
{
    text_add(text, "%s:\t%8llu kB\n", name, (unsigned long long)(pages << (PAGE_SHIFT - 10)));
}

static void add_memory(struct text *text, const struct mm *mm)
{
    uint64_t resident = mm_resident(mm);
    uint64_t code = (page_round_up(mm->code_end) - page_round_down(mm->code_start)) >> PAGE_SHIFT;
    add_kb(text, "VmPeak", MAX(mm->total_most, mm->total));
    add_kb(text, "VmSize", mm->total);
    add_kb(text, "VmLck", mm->locked);
    add_kb(text, "VmPin", 0);
    add_kb(text, "VmHWM", MAX(mm->resident_most, resident));
    add_kb(text, "VmRSS", resident);
    add_kb(text, "RssAnon", mm->anonymous);
    add_kb(text, "RssFile", mm->file_pages);
    add_kb(text, "RssShmem", mm->shared_pages);
    add_kb(text, "VmData", mm->data);
    add_kb(text, "VmStk", mm->stack);
    add_kb(text, "VmExe", MIN(code, mm->exec));
    add_kb(text, "VmLib", mm->exec - MIN(code, mm->exec));
    add_kb(text, "VmSwap", 0);
}

static void add_signals(struct text *text, const struct process *p, const struct thread *t)
{
    struct proc_signals s = proc_signals_of(p, t);
    text_add(text, "SigQ:\t%u/%llu\n", s.queued,
             (unsigned long long)process_rlimit(p, RLIMIT_SIGPENDING));
    text_add(text, "SigPnd:\t%016llx\nShdPnd:\t%016llx\nSigBlk:\t%016llx\n",
             (unsigned long long)s.pending, (unsigned long long)s.pending_shared,
             (unsigned long long)s.blocked);
    text_add(text, "SigIgn:\t%016llx\nSigCgt:\t%016llx\n", (unsigned long long)s.ignored,
             (unsigned long long)s.caught);
}

static void add_capabilities(struct text *text, const struct cred *cred)
{
    text_add(text, "CapInh:\t%016llx\nCapPrm:\t%016llx\nCapEff:\t%016llx\n",
             (unsigned long long)cred->cap_inheritable, (unsigned long long)cred->cap_permitted,
             (unsigned long long)cred->cap_effective);
    text_add(text, "CapBnd:\t%016llx\nCapAmb:\t%016llx\n", (unsigned long long)cred->cap_bounding,
             (unsigned long long)cred->cap_ambient);
}

/* A set of CPUs as "0-2,5". */
static void add_cpu_list(struct text *text, uint64_t set)
{
    const char *separator = "";
    for (unsigned first = 0; first < 64; first++) {
        if (!(set >> first & 1))
            continue;
        unsigned last = first;
        while (last < 63 && (set >> (last + 1) & 1))
            last++;
        text_add(text, first == last ? "%s%u" : "%s%u-%u", separator, first, last);
        separator = ",";
        first = last;
    }
    text_add_char(text, '\n');
}

int proc_show_status(struct text *text, const struct proc_node *node)
{
    const struct process *p = node->process;
    const struct thread *t = proc_thread(node);
    const struct cred *cred = t && t->cred ? t->cred : &cred_root;
    add_identity(text, node, t);
    add_cred(text, cred, t);
    add_ids(text, node);
    if (p->mm) {
        add_memory(text, p->mm);
        text_add(text, "CoreDumping:\t0\nTHP_enabled:\t0\n");
    }
    text_add(text, "Threads:\t%u\n", p->thread_count);
    add_signals(text, p, t);
    add_capabilities(text, cred);
    text_add(text, "NoNewPrivs:\t%d\nSeccomp:\t%u\nSeccomp_filters:\t%u\n", p->no_new_privs,
             t ? t->seccomp_mode : 0, t ? seccomp_filter_count(t) : 0);
    if (t) {
        uint64_t all = vcpu_count() >= 64 ? UINT64_MAX : (1ull << vcpu_count()) - 1;
        uint64_t allowed = t->affinity & all;
        text_add(text, "Cpus_allowed:\t%llx\nCpus_allowed_list:\t", (unsigned long long)allowed);
        add_cpu_list(text, allowed);
        text_add(text, "Mems_allowed:\t1\nMems_allowed_list:\t0\n");
        text_add(text, "voluntary_ctxt_switches:\t%llu\nnonvoluntary_ctxt_switches:\t%llu\n",
                 (unsigned long long)t->switches_voluntary, (unsigned long long)t->switches_forced);
    }
    return 0;
}
