/* SPDX-License-Identifier: BSD-2-Clause */
/* futex_waitv.c - futex_waitv(2). */
#include <linux/futex.h>
#include <linux/time.h>
#include "base/errno.h"
#include "linux-api/call.h"
#include "mm/heap.h"
#include "mm/usermem.h"
#include "sched/futex_queue.h"
#include "sched/time.h"
#include "sched/wait.h"

static int words_check(const struct futex_waitv *words, unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        if (words[i].flags & ~(uint32_t)(FUTEX_32 | FUTEX_PRIVATE_FLAG) || words[i].__reserved)
            return -EINVAL;
        if (!(words[i].flags & FUTEX_32) || words[i].val > UINT32_MAX)
            return -EINVAL;
    }
    return 0;
}

static int timeout_get(struct futex_timeout *timeout, uaddr_t from, int clock)
{
    struct timespec64 t;
    *timeout = (struct futex_timeout){.ns = WAIT_FOREVER};
    if (!from)
        return 0;
    if (clock != CLOCK_MONOTONIC && clock != CLOCK_REALTIME)
        return -EINVAL;
    int error = time_get_user_timespec(&t, from);
    timeout->ns = error ? 0 : timespec_to_ns(&t);
    timeout->realtime = clock == CLOCK_REALTIME;
    return error;
}

long sys_futex_waitv(const struct call *c)
{
    unsigned count = (unsigned)c->arg[1];
    struct futex_timeout timeout;
    if ((unsigned)c->arg[2] || count == 0 || count > FUTEX_WAITV_MAX || !c->arg[0])
        return -EINVAL;
    int error = timeout_get(&timeout, c->arg[3], (int)c->arg[4]);
    if (error)
        return error;
    struct futex_waitv *words = heap_alloc(count * sizeof *words);
    if (!words)
        return -ENOMEM;
    long result = -EFAULT;
    if (copy_from_user(words, c->arg[0], count * sizeof *words) == 0)
        result = words_check(words, count);
    if (!result)
        result = futex_wait_any(words, count, &timeout);
    heap_free(words);
    return result;
}
