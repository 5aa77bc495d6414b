/* SPDX-License-Identifier: BSD-2-Clause */
/* ioprio.c - ioprio_set(2), ioprio_get(2): kept per thread; all files are in memory, so that no
 * queue asks for it. */
#include <linux/capability.h>
#include <linux/ioprio.h>
#include "base/errno.h"
#include "linux-api/call.h"
#include "proc/pgrp.h"
#include "proc/pid_namespace.h"
#include "proc/process.h"
#include "sched/thread.h"

/* What is asked of each thread that WHICH and WHO name. */
struct visit {
    bool set;
    uint16_t priority; /* to set, or the best found */
    int found;
    int error;
};

/* Without a class of its own a thread has that of its nice value (ionice(1)). */
static uint16_t effective(const struct thread *t)
{
    if (IOPRIO_PRIO_CLASS(t->io_priority) != IOPRIO_CLASS_NONE)
        return t->io_priority;
    return (uint16_t)IOPRIO_PRIO_VALUE(IOPRIO_CLASS_BE, (t->nice + 20) / 5);
}

static void visit_thread(struct thread *t, struct visit *v)
{
    const struct cred *mine = current->cred;
    v->found++;
    if (v->set) {
        if (t->cred->uid != mine->euid && t->cred->uid != mine->uid && !capable(CAP_SYS_NICE))
            v->error = -EPERM;
        else
            t->io_priority = v->priority;
        return;
    }
    uint16_t p = v->found == 1 && t == current ? t->io_priority : effective(t);
    if (v->found == 1 || p < v->priority)
        v->priority = p;
}

static void visit_process(struct process *p, struct visit *v)
{
    list_for_each(node, &p->threads)
        visit_thread(container_of(node, struct thread, process_node), v);
}

static int visit_all(int which, int32_t who, struct visit *v)
{
    switch (which) {
    case IOPRIO_WHO_PROCESS: {
        struct thread *t = who ? thread_lookup(who) : current;
        if (t && t->process)
            visit_thread(t, v);
        break;
    }
    case IOPRIO_WHO_PGRP: {
        struct pgrp *g = who ? pgrp_lookup(who) : current->process->pgrp;
        if (!g)
            break;
        list_for_each(node, &g->members)
            visit_process(container_of(node, struct process, pgrp_node), v);
        break;
    }
    case IOPRIO_WHO_USER: {
        uint32_t uid = who ? (uint32_t)who : current->cred->uid;
        for (struct process *p = process_next(1); p; p = process_next(p->pid + 1)) {
            const struct thread *main = process_main_thread(p);
            if (main && main->cred && main->cred->uid == uid)
                visit_process(p, v);
        }
        break;
    }
    default: return -EINVAL;
    }
    if (!v->found)
        return -ESRCH;
    return v->error;
}

static int priority_check(unsigned priority)
{
    unsigned level = IOPRIO_PRIO_LEVEL(priority);
    switch (IOPRIO_PRIO_CLASS(priority)) {
    case IOPRIO_CLASS_RT:
        if (!capable(CAP_SYS_ADMIN) && !capable(CAP_SYS_NICE))
            return -EPERM;
        return 0;
    case IOPRIO_CLASS_BE:
    case IOPRIO_CLASS_IDLE: return 0;
    case IOPRIO_CLASS_NONE: return level ? -EINVAL : 0;
    default: return -EINVAL;
    }
}

long sys_ioprio_set(const struct call *c)
{
    unsigned priority = (unsigned)c->arg[2];
    int error = priority_check(priority);
    struct visit v = {.set = true, .priority = (uint16_t)priority};
    return error ? error : visit_all((int)c->arg[0], (int32_t)c->arg[1], &v);
}

long sys_ioprio_get(const struct call *c)
{
    struct visit v = {};
    int error = visit_all((int)c->arg[0], (int32_t)c->arg[1], &v);
    return error ? error : v.priority;
}
