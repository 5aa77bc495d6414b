/* SPDX-License-Identifier: BSD-2-Clause */
/* root.c - /proc itself: the system as a whole, and the processes. */
#include <exo/info.h>
#include "arch/cpuinfo.h"
#include "base/bits.h"
#include "base/errno.h"
#include "base/format.h"
#include "base/list.h"
#include "base/log.h"
#include "linux-api/misc/uts.h"
#include "proc/pid_namespace.h"
#include "proc/process.h"
#include "sched/sched.h"
#include "sched/time.h"
#include "vfs/devfs/devices.h"
#include "vfs/fs.h"
#include "vfs/procfs/procfs.h"

static int show_cmdline(struct text *text, const struct proc_node *)
{
    const struct exo_info *info = (const struct exo_info *)EXO_INFO_VA;
    const char *line = (const char *)EXO_INFO_VA + info->cmdline_offset;
    for (uint32_t i = 0; i < info->cmdline_bytes && line[i]; i++)
        text_add_char(text, line[i]);
    text_add_char(text, '\n');
    return 0;
}

static int show_cpuinfo(struct text *text, const struct proc_node *)
{
    for (unsigned i = 0; i < vcpu_count(); i++)
        cpuinfo_add(text, i, vcpu_count());
    return 0;
}

static int show_devices(struct text *text, const struct proc_node *)
{
    text_add(text, "Character devices:\n");
    for (unsigned i = 0; i < device_major_count; i++)
        text_add(text, "%3u %s\n", device_majors[i].major, device_majors[i].name);
    text_add(text, "\nBlock devices:\n");
    return 0;
}

static int add_filesystem(const struct filesystem *fs, void *text)
{
    text_add(text, "%s\t%s\n", fs->needs_device ? "" : "nodev", fs->name);
    return 0;
}

static int show_filesystems(struct text *text, const struct proc_node *)
{
    return filesystem_for_each(add_filesystem, text);
}

static int show_loadavg(struct text *text, const struct proc_node *node)
{
    uint64_t load[3];
    unsigned threads = 0;
    sched_loadavg(load);
    for (struct process *p = process_next(1); p; p = process_next(p->pid + 1))
        threads += p->thread_count;
    for (unsigned i = 0; i < 3; i++) {
        /* 1/65536ths to 1/100ths, rounded. */
        uint64_t hundredths = (load[i] * 100 + 32768) >> 16;
        text_add(text, "%llu.%02llu ", (unsigned long long)(hundredths / 100),
                 (unsigned long long)(hundredths % 100));
    }
    text_add(text, "%u/%u %d\n", sched_runnable(), threads, pid_last(node->pids));
    return 0;
}

static int show_uptime(struct text *text, const struct proc_node *)
{
    uint64_t idle_ns = 0;
    for (unsigned i = 0; i < vcpu_count(); i++)
        idle_ns += sched_idle_ns(i);
    uint64_t up = time_boot_ns() / TICK_NS, idle = idle_ns / TICK_NS;
    text_add(text, "%llu.%02llu %llu.%02llu\n", (unsigned long long)(up / 100),
             (unsigned long long)(up % 100), (unsigned long long)(idle / 100),
             (unsigned long long)(idle % 100));
    return 0;
}

static int show_version(struct text *text, const struct proc_node *)
{
    text_add(text, "%s\n", uts_version_line);
    return 0;
}

static int show_swaps(struct text *text, const struct proc_node *)
{
    text_add(text, "Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n");
    return 0;
}

static int show_partitions(struct text *text, const struct proc_node *)
{
    text_add(text, "major minor  #blocks  name\n\n");
    return 0;
}

static int show_tty_drivers(struct text *text, const struct proc_node *)
{
    static const struct {
        const char *name, *path;
        uint32_t major;
        const char *minors, *type;
    } drivers[] = {
        {"/dev/tty", "/dev/tty", MAJOR_TTYAUX, "0", "system:/dev/tty"},
        {"/dev/console", "/dev/console", MAJOR_TTYAUX, "1", "system:console"},
        {"/dev/ptmx", "/dev/ptmx", MAJOR_TTYAUX, "2", "system"},
        {"serial", "/dev/ttyS", MAJOR_SERIAL, "64", "serial"},
        {"pty_slave", "/dev/pts", MAJOR_PTS, "0-4095", "pty:slave"},
    };
    for (unsigned i = 0; i < ARRAY_COUNT(drivers); i++)
        text_add(text, "%-20s %-8s %3u %7s %s\n", drivers[i].name, drivers[i].path,
                 drivers[i].major, drivers[i].minors, drivers[i].type);
    return 0;
}

/* A process that the instance does not show finds nothing there. */
static ssize_t read_self(const struct proc_node *node, char *to, size_t size)
{
    char text[12];
    int32_t pid = pid_number_in(process_current()->pid, node->pids);
    int n = snprintf(text, sizeof text, "%d", pid);
    if (!pid)
        return -ENOENT;
    for (size_t i = 0; i < MIN((size_t)n, size); i++)
        to[i] = text[i];
    return (ssize_t)MIN((size_t)n, size);
}

static ssize_t read_thread_self(const struct proc_node *node, char *to, size_t size)
{
    char text[32];
    int32_t pid = pid_number_in(process_current()->pid, node->pids);
    int n = snprintf(text, sizeof text, "%d/task/%d", pid, pid_number_in(current->tid, node->pids));
    if (!pid)
        return -ENOENT;
    for (size_t i = 0; i < MIN((size_t)n, size); i++)
        to[i] = text[i];
    return (ssize_t)MIN((size_t)n, size);
}

static ssize_t read_mounts(const struct proc_node *, char *to, size_t size)
{
    static const char target[] = "self/mounts";
    for (size_t i = 0; i < MIN(sizeof target - 1, size); i++)
        to[i] = target[i];
    return (ssize_t)MIN(sizeof target - 1, size);
}

static ssize_t read_net(const struct proc_node *, char *to, size_t size)
{
    static const char target[] = "self/net";
    for (size_t i = 0; i < MIN(sizeof target - 1, size); i++)
        to[i] = target[i];
    return (ssize_t)MIN(sizeof target - 1, size);
}

static const struct proc_entry tty_entries[] = {
    PROC_FILE("drivers", 0444, show_tty_drivers),
};
static const struct proc_directory tty_directory = {
    .id = 2, .entries = tty_entries, .count = ARRAY_COUNT(tty_entries)};

/* proc(5): t lists the threads, in the log. */
static ssize_t store_sysrq(const struct proc_node *, const char *bytes, size_t n)
{
    if (n > 0 && bytes[0] == 't')
        sched_dump();
    else
        log_info("sysrq: t lists the threads");
    return (ssize_t)n;
}

/* Nothing to list: no block devices, no modules. */
static int show_nothing(struct text *, const struct proc_node *)
{
    return 0;
}

static const struct proc_entry root_entries[] = {
    PROC_LINE("cgroups", "#subsys_name\thierarchy\tnum_cgroups\tenabled"),
    PROC_FILE("cmdline", 0444, show_cmdline),
    PROC_FILE("cpuinfo", 0444, show_cpuinfo),
    PROC_LINE("consoles", "ttyS0                -W- (EC p a)    4:64"),
    PROC_FILE("devices", 0444, show_devices),
    PROC_FILE("diskstats", 0444, show_nothing),
    PROC_LINE("execdomains", "0-0\tLinux           \t[kernel]"),
    PROC_FILE("filesystems", 0444, show_filesystems),
    PROC_FILE("interrupts", 0444, proc_show_interrupts),
    PROC_FILE("iomem", 0400, proc_show_iomem),
    PROC_FILE("loadavg", 0444, show_loadavg),
    PROC_FILE("locks", 0444, proc_show_locks),
    PROC_FILE("meminfo", 0444, proc_show_meminfo),
    PROC_FILE("modules", 0444, show_nothing),
    {"mounts", S_IFLNK | 0777, .readlink = read_mounts},
    {"net", S_IFLNK | 0777, .readlink = read_net},
    PROC_FILE("partitions", 0444, show_partitions),
    {"self", S_IFLNK | 0777, .readlink = read_self},
    PROC_FILE("stat", 0444, proc_show_system_stat),
    PROC_FILE("swaps", 0444, show_swaps),
    PROC_DIR("sys", 0555, proc_sys_directory),
    PROC_DIR("sysvipc", 0555, proc_sysvipc_directory),
    {"thread-self", S_IFLNK | 0777, .readlink = read_thread_self},
    PROC_DIR("tty", 0555, tty_directory),
    {"sysrq-trigger", S_IFREG | 0200, .store = store_sysrq},
    PROC_FILE("uptime", 0444, show_uptime),
    PROC_FILE("version", 0444, show_version),
    PROC_FILE("vmstat", 0444, proc_show_vmstat),
};

const struct proc_directory proc_root_directory = {
    .id = 1,
    .entries = root_entries,
    .count = ARRAY_COUNT(root_entries),
    .numbers = &proc_processes,
};
