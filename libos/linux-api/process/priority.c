/* SPDX-License-Identifier: BSD-2-Clause */
/* priority.c - getpriority(2), setpriority(2). */
#include <linux/capability.h>
#include <linux/resource.h>

#include "base/bits.h"
#include "base/errno.h"
#include "linux-api/call.h"
#include "proc/cred.h"
#include "proc/pgrp.h"
#include "proc/pid_namespace.h"
#include "proc/process.h"
#include "sched/thread.h"

/* What is done with each thread that the arguments name; RESULT starts as -ESRCH. */
struct sweep {
    void (*visit)(struct thread *t, struct sweep *sweep);
    uint32_t uid; /* PRIO_USER */
    int nice;
    long result;
};

static void visit_get(struct thread *t, struct sweep *sweep)
{
    /* As the call returns it: 20 minus the nice value, so that no result is negative. */
    sweep->result = MAX(sweep->result, 20 - t->nice);
}

/* getrlimit(2), RLIMIT_NICE: the ceiling is 20 minus the limit. */
static bool may_raise(const struct thread *t, int nice)
{
    return (uint64_t)(20 - nice) <= process_rlimit(t->process, RLIMIT_NICE) ||
           capable(CAP_SYS_NICE);
}

static void visit_set(struct thread *t, struct sweep *sweep)
{
    const struct cred *mine = current->cred;

    if (t->cred->uid != mine->euid && t->cred->euid != mine->euid && !capable(CAP_SYS_NICE)) {
        sweep->result = -EPERM;
    } else if (sweep->nice < t->nice && !may_raise(t, sweep->nice)) {
        sweep->result = -EACCES;
    } else {
        if (sweep->result == -ESRCH)
            sweep->result = 0;
        thread_set_nice(t, sweep->nice);
    }
}

static void visit_user(struct thread *t, void *arg)
{
    struct sweep *sweep = arg;
    if (t->cred && t->cred->uid == sweep->uid)
        sweep->visit(t, sweep);
}

static void visit_group(const struct pgrp *g, struct sweep *sweep)
{
    list_for_each(node, &g->members) {
        struct process *p = container_of(node, struct process, pgrp_node);
        list_for_each(thread_node, &p->threads)
            sweep->visit(container_of(thread_node, struct thread, process_node), sweep);
    }
}

static long sweep_run(struct sweep *sweep, int which, int32_t who)
{
    sweep->result = -ESRCH;
    switch (which) {
    case PRIO_PROCESS: {
        struct thread *t = who ? thread_lookup(who) : current;
        if (t)
            sweep->visit(t, sweep);
        break;
    }
    case PRIO_PGRP: {
        const struct pgrp *g = who ? pgrp_lookup(who) : current->process->pgrp;
        if (g)
            visit_group(g, sweep);
        break;
    }
    case PRIO_USER:
        sweep->uid = who ? (uint32_t)who : current->cred->uid;
        thread_for_each(visit_user, sweep);
        break;
    default: return -EINVAL;
    }
    return sweep->result;
}

long sys_getpriority(const struct call *c)
{
    struct sweep sweep = {.visit = visit_get};
    return sweep_run(&sweep, (int)c->arg[0], (int32_t)c->arg[1]);
}

long sys_setpriority(const struct call *c)
{
    int nice = (int)c->arg[2];
    struct sweep sweep = {.visit = visit_set, .nice = MIN(MAX(nice, -20), 19)};
    return sweep_run(&sweep, (int)c->arg[0], (int32_t)c->arg[1]);
}
