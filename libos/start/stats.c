/* SPDX-License-Identifier: BSD-2-Clause */
/* stats.c - what `seam run --stats` prints at the end. */
#include "start/stats.h"
#include "arch/arch.h"
#include "base/bits.h"
#include "base/format.h"
#include "base/log.h"
#include "linux-api/dispatch.h"
#include "mm/mm.h"
#include "mm/page.h"
#include "mm/patch.h"
#include "sched/sched.h"

static void line(const char *name, uint64_t value)
{
    char text[80];
    log_write(text, (size_t)snprintf(text, sizeof text, "stats: %-24s %12lu\n", name, value));
}

void stats_print(void)
{
    struct exo_vcpu_page sum = {0};
    for (unsigned v = 0; v < vcpu_count(); v++) {
        const struct exo_vcpu_page *page = vcpu_of(v)->page;
        sum.upcalls += page->upcalls;
        sum.reflections += page->reflections;
        sum.calls += page->calls;
        sum.zero_fills += page->zero_fills;
        sum.forced += page->forced;
    }
    uint64_t calls = 0;
    for (unsigned c = 0; c < SYSCALL_CATEGORIES; c++) {
        uint64_t count = syscall_category_count((enum syscall_category)c);
        calls += count;
        if (count)
            line(syscall_category_name[c], count);
    }
    line("reflected calls", sum.reflections);
    line("patched calls", calls - MIN(calls, sum.reflections));
    line("patched sites", patch_counts.sites);
    line("sites left alone", patch_counts.refused);
    line("upcalls", sum.upcalls);
    line("exokernel calls", sum.calls);
    line("page faults", mm_faults);
    line("zero fills", sum.zero_fills);
    line("forced switches", sum.forced);
    line("thread switches", sched_switches());
    line("frames", page_total());
    line("frames used at most", page_total() - page_free_least());
}
