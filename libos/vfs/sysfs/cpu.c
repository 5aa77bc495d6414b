/* SPDX-License-Identifier: BSD-2-Clause */
/* cpu.c - /sys/devices/system/cpu (Linux's Documentation/ABI/testing/sysfs-devices-system-cpu).
 *
 * All CPUs are cores of one package, as /proc/cpuinfo says, too.
 */
#include "base/bits.h"
#include "sched/sched.h"
#include "vfs/sysfs/sysfs.h"

uint64_t sysfs_all_cpus(void)
{
    static_assert(SCHED_VCPUS_MAX < 64);
    return (UINT64_C(1) << vcpu_count()) - 1;
}

void sysfs_add_cpu_list(struct text *text)
{
    if (vcpu_count() > 1)
        text_add(text, "0-%u", vcpu_count() - 1);
    else
        text_add_char(text, '0');
}

/* As many digits as all CPUs need, as Linux prints masks. */
void sysfs_add_cpu_mask(struct text *text, uint64_t mask)
{
    text_add(text, "%0*llx", (int)((vcpu_count() + 3) / 4), (unsigned long long)mask);
}

static int show_list(struct text *text, const struct proc_node *)
{
    sysfs_add_cpu_list(text);
    text_add_char(text, '\n');
    return 0;
}

static int show_mask(struct text *text, const struct proc_node *)
{
    sysfs_add_cpu_mask(text, sysfs_all_cpus());
    text_add_char(text, '\n');
    return 0;
}

static int show_own_list(struct text *text, const struct proc_node *node)
{
    text_add(text, "%d\n", node->number);
    return 0;
}

static int show_own_mask(struct text *text, const struct proc_node *node)
{
    sysfs_add_cpu_mask(text, UINT64_C(1) << node->number);
    text_add_char(text, '\n');
    return 0;
}

static int show_kernel_max(struct text *text, const struct proc_node *)
{
    text_add(text, "%u\n", SCHED_VCPUS_MAX - 1);
    return 0;
}

static const struct proc_entry topology_entries[] = {
    PROC_FILE("core_cpus", 0444, show_own_mask),
    PROC_FILE("core_cpus_list", 0444, show_own_list),
    PROC_FILE("core_id", 0444, show_own_list),
    PROC_FILE("core_siblings", 0444, show_mask),
    PROC_FILE("core_siblings_list", 0444, show_list),
    PROC_FILE("die_cpus", 0444, show_mask),
    PROC_FILE("die_cpus_list", 0444, show_list),
    PROC_LINE("die_id", "0"),
    PROC_FILE("package_cpus", 0444, show_mask),
    PROC_FILE("package_cpus_list", 0444, show_list),
    PROC_LINE("physical_package_id", "0"),
    PROC_FILE("thread_siblings", 0444, show_own_mask),
    PROC_FILE("thread_siblings_list", 0444, show_own_list),
};
static const struct proc_directory topology = {
    .id = 2, .entries = topology_entries, .count = ARRAY_COUNT(topology_entries)};

static const struct proc_entry cpu_entries[] = {
    PROC_LINE("online", "1"),
    PROC_DIR("topology", 0555, topology),
};
static const struct proc_directory cpu = {
    .id = 3, .entries = cpu_entries, .count = ARRAY_COUNT(cpu_entries)};

static int64_t next_cpu(const struct proc_node *, int64_t from)
{
    return from < (int64_t)vcpu_count() ? from : -1;
}

static bool find_cpu(const struct proc_node *, int32_t number, struct proc_node *)
{
    return number < (int32_t)vcpu_count();
}

static const struct proc_entry numbered_cpu = PROC_DIR("cpu", 0555, cpu);
static const struct proc_numbers cpu_numbers = {
    .entry = &numbered_cpu, .next = next_cpu, .find = find_cpu};

static const struct proc_entry smt_entries[] = {
    PROC_LINE("active", "0"),
    PROC_LINE("control", "notsupported"),
};
static const struct proc_directory smt = {
    .id = 4, .entries = smt_entries, .count = ARRAY_COUNT(smt_entries)};

static const struct proc_entry entries[] = {
    PROC_LINE("isolated", ""),
    PROC_FILE("kernel_max", 0444, show_kernel_max),
    PROC_LINE("offline", ""),
    PROC_FILE("online", 0444, show_list),
    PROC_FILE("possible", 0444, show_list),
    PROC_FILE("present", 0444, show_list),
    PROC_DIR("smt", 0555, smt),
};
const struct proc_directory sysfs_cpus = {
    .id = 5, .entries = entries, .count = ARRAY_COUNT(entries), .numbers = &cpu_numbers};
