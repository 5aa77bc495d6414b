/* SPDX-License-Identifier: BSD-2-Clause */
/* pid.c - the numbers of threads, processes, process groups and sessions.
 *
 * Numbers are given out in turn, so that one that has just become free is not soon taken for
 * another process.
 */
#include "proc/pid.h"

#include <linux/capability.h>

#include "base/assert.h"
#include "base/errno.h"
#include "mm/heap.h"
#include "proc/cred.h"
#include "proc/pid_namespace.h"

constexpr unsigned CHAINS = 1024;
constexpr int32_t PID_LOWEST_AGAIN = 300; /* as Linux: the first few stay the system's */

static struct list_node chains[CHAINS];

struct pid_namespace pid_namespace_first = {.emptied =
                                                WAIT_QUEUE_INIT(pid_namespace_first.emptied)};

void pid_init(void)
{
    for (unsigned i = 0; i < CHAINS; i++)
        list_init(&chains[i]);
}

static struct list_node *chain_of(const struct pid_namespace *in, int32_t number)
{
    return &chains[((uint32_t)number + in->level * 61) % CHAINS];
}

struct pid *pid_find_in(const struct pid_namespace *in, int32_t number)
{
    list_for_each(node, chain_of(in, number)) {
        const struct pid_number *n = container_of(node, struct pid_number, node);
        if (n->number == number && n->in == in)
            return n->pid;
    }
    return nullptr;
}

struct pid *pid_find(int32_t number)
{
    return pid_find_in(&pid_namespace_first, number);
}

/* The next free number in IN, -EAGAIN, or -ENOMEM as fork(2) has it for a namespace that ended. */
static int32_t number_next(const struct pid_namespace *in)
{
    int32_t number = in->last;

    if (in->has_ended)
        return -ENOMEM;
    if (in->count >= PID_MOST - PID_LOWEST_AGAIN)
        return -EAGAIN;
    do {
        if (++number >= PID_MOST)
            number = PID_LOWEST_AGAIN;
    } while (pid_find_in(in, number));
    return number;
}

static int32_t number_check(const struct pid_namespace *in, int32_t wanted)
{
    if (!capable(CAP_SYS_ADMIN) && !capable(CAP_CHECKPOINT_RESTORE))
        return -EPERM;
    if (in->has_ended)
        return -ENOMEM;
    if (wanted < 1 || wanted >= PID_MOST || (wanted != 1 && !in->init))
        return -EINVAL;
    return pid_find_in(in, wanted) ? -EEXIST : wanted;
}

static void number_take(struct pid *pid, struct pid_namespace *in, int32_t number, bool is_wanted)
{
    struct pid_number *n = &pid->numbers[in->level];

    *n = (struct pid_number){.pid = pid, .in = in, .number = number};
    list_push_front(chain_of(in, number), &n->node);
    in->count++;
    if (!is_wanted)
        in->last = number;
}

static void number_give_back(struct pid_number *n)
{
    assert(n->in->count > 0);
    n->in->count--;
    list_remove(&n->node);
    /* Its first process was never born: the next is the first again. */
    if (n->in->count == 0 && !n->in->has_ended)
        n->in->last = 0;
}

static void pid_free(struct pid *pid)
{
    struct pid_namespace *in = pid->in;

    heap_free(pid);
    pid_namespace_put(in);
}

int pid_alloc(struct pid_namespace *in, const int32_t *wanted, uint32_t count, struct pid **out)
{
    struct pid *pid;
    int error = 0;

    if (count > in->level + 1)
        return -EINVAL;
    pid = heap_zalloc(sizeof *pid + (in->level + 1) * sizeof pid->numbers[0]);
    if (!pid)
        return -ENOMEM;
    pid->in = pid_namespace_get(in);
    struct pid_namespace *at = in;
    for (uint32_t i = 0; at; at = at->above, i++) {
        int32_t number = i < count ? number_check(at, wanted[i]) : number_next(at);
        if (number < 0) {
            error = number;
            break;
        }
        number_take(pid, at, number, i < count);
    }
    if (error) {
        for (struct pid_namespace *taken = in; taken != at; taken = taken->above)
            number_give_back(&pid->numbers[taken->level]);
        pid_free(pid);
        return error;
    }
    pid->number = pid->numbers[0].number;
    *out = pid;
    return 0;
}

void pid_release(struct pid *pid)
{
    if (pid->is_thread || pid->process || pid->pgrp || pid->session)
        return;
    for (uint32_t i = 0; i <= pid->in->level; i++)
        number_give_back(&pid->numbers[i]);
    pid_free(pid);
}

uint32_t pid_count(void)
{
    return pid_namespace_first.count;
}

int32_t pid_last(const struct pid_namespace *in)
{
    return in->last;
}
