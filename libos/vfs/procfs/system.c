/* SPDX-License-Identifier: BSD-2-Clause */
/* system.c - /proc/meminfo, /proc/stat, /proc/vmstat: figures of the domain. */
#include <exo/abi.h>
#include "base/bits.h"
#include "base/list.h"
#include "mm/heap.h"
#include "mm/mm.h"
#include "mm/page.h"
#include "proc/process.h"
#include "sched/cputime.h"
#include "sched/event.h"
#include "sched/sched.h"
#include "sched/time.h"
#include "vfs/fs.h"
#include "vfs/mount.h"
#include "vfs/procfs/procfs.h"

/* Data pages of all mounted file systems; each instance counts once however often it is mounted. */
static uint64_t cached_pages(void)
{
    uint64_t pages = 0;
    list_for_each(node, &mount_all) {
        const struct super *super = container_of(node, struct mount, node)->super;
        bool is_first = true;
        for (struct list_node *n = mount_all.next; n != node && is_first; n = n->next)
            is_first = container_of(n, struct mount, node)->super != super;
        if (is_first)
            pages += super->pages;
    }
    return pages;
}

static void add_kb(struct text *text, const char *name, uint64_t pages)
{
    text_add(text, "%s %8llu kB\n", name, (unsigned long long)(pages << (PAGE_SHIFT - 10)));
}

/* Names are padded as Linux has them: the figures stand in a column. */
int proc_show_meminfo(struct text *text, const struct proc_node *)
{
    struct mm_totals totals;
    mm_totals_read(&totals);
    uint64_t total = page_total(), free = page_free_count(), cached = cached_pages();
    uint64_t slab = heap_pages();
    add_kb(text, "MemTotal:      ", total);
    add_kb(text, "MemFree:       ", free);
    /* What the page cache holds is files of tmpfs: it cannot be dropped. */
    add_kb(text, "MemAvailable:  ", free);
    add_kb(text, "Buffers:       ", 0);
    add_kb(text, "Cached:        ", cached);
    add_kb(text, "SwapCached:    ", 0);
    add_kb(text, "Active:        ", totals.anonymous + cached);
    add_kb(text, "Inactive:      ", 0);
    add_kb(text, "Active(anon):  ", totals.anonymous + cached);
    add_kb(text, "Inactive(anon):", 0);
    add_kb(text, "Active(file):  ", 0);
    add_kb(text, "Inactive(file):", 0);
    add_kb(text, "Unevictable:   ", 0);
    add_kb(text, "Mlocked:       ", 0);
    add_kb(text, "SwapTotal:     ", 0);
    add_kb(text, "SwapFree:      ", 0);
    add_kb(text, "Dirty:         ", 0);
    add_kb(text, "Writeback:     ", 0);
    add_kb(text, "AnonPages:     ", totals.anonymous);
    add_kb(text, "Mapped:        ", totals.shared);
    add_kb(text, "Shmem:         ", cached);
    add_kb(text, "KReclaimable:  ", 0);
    add_kb(text, "Slab:          ", slab);
    add_kb(text, "SReclaimable:  ", 0);
    add_kb(text, "SUnreclaim:    ", slab);
    add_kb(text, "CommitLimit:   ", mm_commit_limit());
    add_kb(text, "Committed_AS:  ", totals.committed);
    return 0;
}

struct ticks {
    uint64_t user, system;
};

static void add_split(struct ticks *sum, uint64_t user_ns, uint64_t system_ns)
{
    sum->user += user_ns / TICK_NS;
    sum->system += system_ns / TICK_NS;
}

/* Ticks used by living processes, and by dead ones that were waited for. */
static struct ticks ticks_sum(void)
{
    struct ticks sum = {};
    for (struct process *p = process_next(1); p; p = process_next(p->pid + 1)) {
        struct cputime_split split = cputime_process(p);
        add_split(&sum, split.user_ns, split.system_ns);
        add_split(&sum, p->children_usage.user_ns, p->children_usage.system_ns);
    }
    return sum;
}

/* SHOWN is what was told last: readers take differences, so that nothing may go back when the ratio
 * changes. */
static void add_cpu(struct text *text, const char *name, uint64_t busy, uint64_t idle,
                    const struct ticks *split, struct ticks *shown)
{
    uint64_t all = split->user + split->system;
    uint64_t user = all ? busy * split->user / all : 0;
    if (busy < shown->user + shown->system)
        busy = shown->user + shown->system;
    user = MIN(MAX(user, shown->user), busy - shown->system);
    *shown = (struct ticks){user, busy - user};
    text_add(text, "%s %llu 0 %llu %llu 0 0 0 0 0 0\n", name, (unsigned long long)user,
             (unsigned long long)(busy - user), (unsigned long long)idle);
}

/* How long each CPU was busy is exact; how that divides into user and system is known of the
 * processes only, so each CPU shows their ratio. */
static void add_cpus(struct text *text)
{
    static struct ticks shown_all, shown[SCHED_VCPUS_MAX];
    struct ticks split = ticks_sum();
    uint64_t up = time_boot_ns(), idle_all = 0;
    unsigned count = vcpu_count();
    for (unsigned i = 0; i < count; i++)
        idle_all += MIN(sched_idle_ns(i), up);
    add_cpu(text, "cpu ", (up * count - idle_all) / TICK_NS, idle_all / TICK_NS, &split,
            &shown_all);
    for (unsigned i = 0; i < count; i++) {
        char name[] = {'c', 'p', 'u', '0', '\0', '\0'};
        if (i >= 10)
            name[3] = '1', name[4] = (char)('0' + i % 10);
        else
            name[3] = (char)('0' + i);
        uint64_t idle = MIN(sched_idle_ns(i), up);
        add_cpu(text, name, (up - idle) / TICK_NS, idle / TICK_NS, &split, &shown[i]);
    }
}

/* What rings on a vcpu, under the names that Linux's interrupts of that kind have. */
static const struct {
    unsigned bit;
    const char *id, *what;
} bells[] = {
    {(unsigned)__builtin_ctzll(EXO_EVENT_TIMER), "LOC", "Local timer interrupts"},
    {EVENT_RESCHED, "RES", "Rescheduling interrupts"},
    {EVENT_BARRIER, "CAL", "Function call interrupts"},
};

static uint64_t add_counts(struct text *text, unsigned bit)
{
    uint64_t sum = 0;
    for (unsigned v = 0; v < vcpu_count(); v++) {
        sum += event_count(v, bit);
        if (text)
            text_add(text, "%10llu ", (unsigned long long)event_count(v, bit));
    }
    return sum;
}

static uint64_t interrupts_sum(void)
{
    uint64_t sum = 0;
    unsigned irq;
    const char *name;
    int bit;
    for (unsigned i = 0; (bit = event_device(i, &irq, &name)) >= 0; i++)
        sum += add_counts(nullptr, (unsigned)bit);
    for (unsigned i = 0; i < ARRAY_COUNT(bells); i++)
        sum += add_counts(nullptr, bells[i].bit);
    return sum;
}

int proc_show_interrupts(struct text *text, const struct proc_node *)
{
    unsigned irq;
    const char *name;
    int bit;
    text_add(text, "    ");
    for (unsigned v = 0; v < vcpu_count(); v++)
        text_add(text, "       CPU%-2u", v);
    text_add_char(text, '\n');
    for (unsigned i = 0; (bit = event_device(i, &irq, &name)) >= 0; i++) {
        text_add(text, "%3u: ", irq);
        add_counts(text, (unsigned)bit);
        text_add(text, " IO-APIC  %u-edge      %s\n", irq, name);
    }
    for (unsigned i = 0; i < ARRAY_COUNT(bells); i++) {
        text_add(text, "%s: ", bells[i].id);
        add_counts(text, bells[i].bit);
        text_add(text, "  %s\n", bells[i].what);
    }
    return 0;
}

int proc_show_system_stat(struct text *text, const struct proc_node *)
{
    static_assert(SCHED_VCPUS_MAX <= 20);
    add_cpus(text);
    text_add(text,
             "intr %llu\nctxt %llu\nbtime %lld\nprocesses %llu\nprocs_running %u\n"
             "procs_blocked 0\nsoftirq 0 0 0 0 0 0 0 0 0 0 0\n",
             (unsigned long long)interrupts_sum(), (unsigned long long)sched_switches(),
             (long long)time_boot_unix_sec(), (unsigned long long)process_forks(),
             sched_runnable());
    return 0;
}

int proc_show_vmstat(struct text *text, const struct proc_node *)
{
    struct mm_totals totals;
    mm_totals_read(&totals);
    uint64_t cached = cached_pages();
    text_add(text,
             "nr_free_pages %llu\nnr_anon_pages %llu\nnr_mapped %llu\nnr_file_pages %llu\n"
             "nr_shmem %llu\nnr_dirty 0\nnr_writeback 0\npgpgin 0\npgpgout 0\npswpin 0\n"
             "pswpout 0\n",
             (unsigned long long)page_free_count(), (unsigned long long)totals.anonymous,
             (unsigned long long)totals.shared, (unsigned long long)cached,
             (unsigned long long)cached);
    return 0;
}
