/* SPDX-License-Identifier: BSD-2-Clause */
/* node.c - /sys/devices/system/node: one memory node with all memory and all CPUs. */
#include "base/bits.h"
#include "mm/page.h"
#include "vfs/sysfs/sysfs.h"

static int show_cpus(struct text *text, const struct proc_node *)
{
    sysfs_add_cpu_list(text);
    text_add_char(text, '\n');
    return 0;
}

static int show_cpu_map(struct text *text, const struct proc_node *)
{
    sysfs_add_cpu_mask(text, sysfs_all_cpus());
    text_add_char(text, '\n');
    return 0;
}

static void add_kb(struct text *text, const char *name, uint64_t pages)
{
    text_add(text, "Node 0 %-15s %8llu kB\n", name,
             (unsigned long long)(pages << (PAGE_SHIFT - 10)));
}

static int show_meminfo(struct text *text, const struct proc_node *)
{
    uint64_t total = page_total(), free = page_free_count();
    add_kb(text, "MemTotal:", total);
    add_kb(text, "MemFree:", free);
    add_kb(text, "MemUsed:", total - free);
    return 0;
}

static const struct proc_entry node_entries[] = {
    PROC_FILE("cpulist", 0444, show_cpus),
    PROC_FILE("cpumap", 0444, show_cpu_map),
    PROC_LINE("distance", "10"),
    PROC_FILE("meminfo", 0444, show_meminfo),
};
static const struct proc_directory node = {
    .id = 10, .entries = node_entries, .count = ARRAY_COUNT(node_entries)};

static const struct proc_entry entries[] = {
    PROC_LINE("has_cpu", "0"),
    PROC_LINE("has_memory", "0"),
    PROC_LINE("has_normal_memory", "0"),
    PROC_DIR("node0", 0555, node),
    PROC_LINE("online", "0"),
    PROC_LINE("possible", "0"),
};
const struct proc_directory sysfs_nodes = {
    .id = 11, .entries = entries, .count = ARRAY_COUNT(entries)};
