/* SPDX-License-Identifier: BSD-2-Clause */
/* pgrp.c - process groups and sessions. */
#include "proc/pgrp.h"

#include "base/errno.h"
#include "mm/heap.h"
#include "proc/process.h"
#include "signal/signal.h"

static struct process *member_of(struct list_node *node)
{
    return container_of(node, struct process, pgrp_node);
}

struct session *session_get(struct session *s)
{
    s->refs++;
    return s;
}

void session_put(struct session *s)
{
    if (--s->refs > 0)
        return;
    struct pid *pid = pid_find(s->sid);
    pid->session = nullptr;
    pid_release(pid);
    heap_free(s);
}

struct pgrp *pgrp_get(struct pgrp *g)
{
    g->refs++;
    return g;
}

void pgrp_put(struct pgrp *g)
{
    if (--g->refs > 0)
        return;
    struct pid *pid = pid_find(g->pgid);
    list_remove(&g->session_node);
    pid->pgrp = nullptr;
    pid_release(pid);
    session_put(g->session);
    heap_free(g);
}

struct pgrp *pgrp_find(int32_t pgid)
{
    struct pid *pid = pid_find(pgid);
    return pid ? pid->pgrp : nullptr;
}

struct session *session_find(int32_t sid)
{
    struct pid *pid = pid_find(sid);
    return pid ? pid->session : nullptr;
}

/* Members stay in the group while a signal is sent: none of them runs meanwhile. */
int pgrp_signal(struct pgrp *g, int signal, const struct siginfo *info)
{
    int sent = 0;

    list_for_each_safe(node, &g->members) {
        if (signal != 0)
            (void)signal_send_process(member_of(node), signal, info);
        sent++;
    }
    return sent ? 0 : -ESRCH;
}

/* Unlike Linux's, a parent that is the first process counts: here that is no init, but the
 * program itself, which may well be a shell with jobs. */
bool pgrp_is_orphaned(const struct pgrp *g, const struct process *ignore)
{
    list_for_each(node, &g->members) {
        const struct process *p = member_of(node), *parent = p->parent;
        if (p == ignore || p->state != PROCESS_RUNNING || !parent)
            continue;
        if (parent->pgrp != g && parent->pgrp && parent->pgrp->session == g->session)
            return false;
    }
    return true;
}

bool pgrp_has_stopped(const struct pgrp *g)
{
    list_for_each(node, &g->members)
        if (member_of(node)->signal.flags & SIGNAL_GROUP_STOPPED)
            return true;
    return false;
}

int pgrp_create(struct process *p, struct session *session)
{
    struct pgrp *g = heap_zalloc(sizeof *g);

    if (!g)
        return -ENOMEM;
    g->pgid = p->pid;
    g->session = session_get(session);
    list_init(&g->members);
    list_push_back(&session->pgrps, &g->session_node);
    pid_find(p->pid)->pgrp = g;
    g->refs = 1;
    pgrp_join(p, g);
    pgrp_put(g);
    return 0;
}

void pgrp_join(struct process *p, struct pgrp *g)
{
    pgrp_get(g);
    pgrp_leave(p);
    p->pgrp = g;
    list_push_back(&g->members, &p->pgrp_node);
}

void pgrp_leave(struct process *p)
{
    struct pgrp *g = p->pgrp;

    if (!g)
        return;
    list_remove(&p->pgrp_node);
    p->pgrp = nullptr;
    pgrp_put(g);
}

int32_t session_create(struct process *p)
{
    struct session *s;
    int error;

    /* A group with this number would come to lie in two sessions (setsid(2)). */
    if (pgrp_find(p->pid))
        return -EPERM;
    s = heap_zalloc(sizeof *s);
    if (!s)
        return -ENOMEM;
    s->refs = 1;
    s->sid = p->pid;
    s->leader = p;
    list_init(&s->pgrps);
    pid_find(p->pid)->session = s;
    error = pgrp_create(p, s);
    session_put(s);
    return error ? error : p->pid;
}
