/* SPDX-License-Identifier: BSD-2-Clause */
/* pid.c - the numbers of threads, processes, process groups and sessions.
 *
 * Numbers are given out in turn, so that one that has just become free is not soon taken for
 * another process.
 */
#include "proc/pid.h"

#include "base/assert.h"
#include "mm/heap.h"

constexpr unsigned CHAINS = 1024;
constexpr int32_t PID_LOWEST_AGAIN = 300; /* as Linux: the first few stay the system's */

static struct {
    struct list_node chains[CHAINS];
    int32_t last;
    uint32_t count;
} table;

void pid_init(void)
{
    for (unsigned i = 0; i < CHAINS; i++)
        list_init(&table.chains[i]);
}

static struct list_node *chain_of(int32_t number)
{
    return &table.chains[(uint32_t)number % CHAINS];
}

struct pid *pid_find(int32_t number)
{
    list_for_each(node, chain_of(number)) {
        struct pid *pid = container_of(node, struct pid, node);
        if (pid->number == number)
            return pid;
    }
    return nullptr;
}

struct pid *pid_alloc(void)
{
    int32_t number = table.last;
    struct pid *pid;

    if (table.count >= PID_MOST - PID_LOWEST_AGAIN)
        return nullptr;
    do {
        if (++number >= PID_MOST)
            number = PID_LOWEST_AGAIN;
    } while (pid_find(number));
    pid = heap_zalloc(sizeof *pid);
    if (!pid)
        return nullptr;
    pid->number = number;
    list_push_front(chain_of(number), &pid->node);
    table.last = number;
    table.count++;
    return pid;
}

void pid_release(struct pid *pid)
{
    if (pid->is_thread || pid->process || pid->pgrp || pid->session)
        return;
    assert(table.count > 0);
    table.count--;
    list_remove(&pid->node);
    heap_free(pid);
}

uint32_t pid_count(void)
{
    return table.count;
}

int32_t pid_last(void)
{
    return table.last;
}
