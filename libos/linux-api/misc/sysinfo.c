/* SPDX-License-Identifier: BSD-2-Clause */
/* sysinfo.c - sysinfo. */
#include <linux/sysinfo.h>
#include "base/bits.h"
#include "base/errno.h"
#include "linux-api/call.h"
#include "mm/mm.h"
#include "mm/page.h"
#include "mm/usermem.h"
#include "proc/process.h"
#include "sched/sched.h"
#include "sched/time.h"

long sys_sysinfo(const struct call *c)
{
    struct mm_totals totals;
    uint64_t load[3];
    unsigned threads = 0;
    for (struct process *p = process_next(1); p; p = process_next(p->pid + 1))
        threads += p->thread_count;
    mm_totals_read(&totals);
    sched_loadavg(load);
    struct sysinfo info = {
        /* Rounded up, as on Linux. */
        .uptime = (long)((time_boot_ns() + NSEC_PER_SEC - 1) / NSEC_PER_SEC),
        .loads = {load[0], load[1], load[2]},
        .totalram = page_total() * PAGE_SIZE,
        .freeram = page_free_count() * PAGE_SIZE,
        .sharedram = totals.shared * PAGE_SIZE,
        .procs = (uint16_t)threads,
        .mem_unit = 1,
    };
    return copy_to_user(c->arg[0], &info, sizeof info);
}
