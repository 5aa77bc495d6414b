/* SPDX-License-Identifier: BSD-2-Clause */
/* actions.c - dispositions, and the signal state's life in processes and threads. */
#include <linux/signal.h>
#include "base/errno.h"
#include "base/string.h"
#include "mm/heap.h"
#include "proc/process.h"
#include "sched/thread.h"
#include "signal/internal.h"
#include "signal/queue.h"
#include "vfs/poll.h"

struct signal_actions *signal_actions_create(void)
{
    struct signal_actions *a = heap_zalloc(sizeof *a);
    if (!a)
        return nullptr;
    a->refs = 1;
    wait_queue_init(&a->waiters);
    return a;
}

struct signal_actions *signal_actions_copy(const struct signal_actions *from)
{
    struct signal_actions *a = signal_actions_create();
    if (a)
        memcpy(a->action, from->action, sizeof a->action);
    return a;
}

struct signal_actions *signal_actions_get(struct signal_actions *a)
{
    a->refs++;
    return a;
}

void signal_actions_put(struct signal_actions *a)
{
    if (!a || --a->refs > 0)
        return;
    poll_queue_destroy(&a->waiters);
    heap_free(a);
}

void signal_actions_reset(struct signal_actions *a)
{
    for (int i = 0; i < SIGNAL_COUNT; i++) {
        uaddr_t handler = a->action[i].handler;
        a->action[i] = (struct signal_action){.handler = handler == SIGNAL_IGN ? SIGNAL_IGN : 0};
    }
}

void signal_process_init(struct process *p, struct signal_actions *actions)
{
    struct signal_process *s = &p->signal;
    memset(s, 0, sizeof *s);
    backlog_init(&s->pending);
    s->actions = actions;
    process_timers_init(&s->timers, p);
}

void signal_process_release(struct process *p)
{
    struct signal_process *s = &p->signal;
    process_timers_release(&s->timers);
    backlog_drop(&s->pending, UINT64_MAX);
    if (s->actions)
        wait_wake_all(&s->actions->waiters, 0);
    signal_actions_put(s->actions);
    s->actions = nullptr;
}

void signal_thread_init(struct signal_thread *t)
{
    memset(t, 0, sizeof *t);
    backlog_init(&t->pending);
    t->altstack_flags = SS_DISABLE;
}

void signal_thread_copy(struct signal_thread *t, const struct signal_thread *parent)
{
    t->blocked = parent->blocked;
    t->altstack_base = parent->altstack_base;
    t->altstack_bytes = parent->altstack_bytes;
    t->altstack_flags = parent->altstack_flags;
}

void signal_thread_release(struct signal_thread *t)
{
    backlog_drop(&t->pending, UINT64_MAX);
}

void signal_altstack_clear(struct thread *t)
{
    t->signal.altstack_base = t->signal.altstack_bytes = 0;
    t->signal.altstack_flags = SS_DISABLE;
}

int signal_exec_prepare(struct process *p)
{
    struct signal_actions *old = p->signal.actions;
    if (old->refs == 1)
        return 0;
    struct signal_actions *own = signal_actions_copy(old);
    if (!own)
        return -ENOMEM;
    p->signal.actions = own;
    signal_actions_put(old);
    return 0;
}

void signal_exec_finish(struct thread *t)
{
    signal_actions_reset(t->process->signal.actions);
    signal_altstack_clear(t);
    process_timers_exec(&t->process->signal.timers);
}

bool signal_is_ignored(const struct process *p, int sig)
{
    if (!p->signal.actions)
        return true;
    uaddr_t handler = p->signal.actions->action[sig - 1].handler;
    if (handler != SIGNAL_DFL)
        return handler == SIGNAL_IGN;
    enum signal_default_action what = signal_default(sig);
    return what == DEFAULT_IGNORE || what == DEFAULT_CONTINUE;
}

bool signal_is_ignored_or_blocked(int sig)
{
    const struct thread *t = current;
    return t->signal.blocked & signal_bit(sig) ||
           t->process->signal.actions->action[sig - 1].handler == SIGNAL_IGN;
}

void signal_child_ignore(struct process *p)
{
    p->signal.actions->action[SIGCHLD - 1].handler = SIGNAL_IGN;
}

bool signal_child_autoreap(const struct process *p)
{
    if (!p->signal.actions)
        return true;
    const struct signal_action *a = &p->signal.actions->action[SIGCHLD - 1];
    return a->handler == SIGNAL_IGN || a->flags & SA_NOCLDWAIT;
}

enum signal_default_action signal_default(int sig)
{
    switch (sig) {
    case SIGCHLD:
    case SIGURG:
    case SIGWINCH: return DEFAULT_IGNORE;
    case SIGCONT: return DEFAULT_CONTINUE;
    case SIGSTOP:
    case SIGTSTP:
    case SIGTTIN:
    case SIGTTOU: return DEFAULT_STOP;
    case SIGQUIT:
    case SIGILL:
    case SIGTRAP:
    case SIGABRT:
    case SIGBUS:
    case SIGFPE:
    case SIGSEGV:
    case SIGXCPU:
    case SIGXFSZ:
    case SIGSYS: return DEFAULT_CORE;
    default: return DEFAULT_END;
    }
}
