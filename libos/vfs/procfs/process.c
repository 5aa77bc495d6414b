/* SPDX-License-Identifier: BSD-2-Clause */
/* process.c - /proc/PID and /proc/PID/task/TID: which files there are, and the small ones. */
#include <linux/capability.h>
#include "base/bits.h"
#include "base/errno.h"
#include "base/list.h"
#include "base/string.h"
#include "mm/mm.h"
#include "mm/page.h"
#include "proc/process.h"
#include "sched/thread.h"
#include "trace/record.h"
#include "vfs/context.h"
#include "vfs/file.h"
#include "vfs/fs_context.h"
#include "vfs/mount.h"
#include "vfs/procfs/files.h"
#include "vfs/procfs/procfs.h"

static const struct proc_directory fd_directory, fdinfo_directory, threads_directory;

/* [START, END) of the process's memory, as far as it can be read and up to MOST bytes. */
static void add_memory(struct text *text, struct mm *mm, uaddr_t start, uaddr_t end, size_t most)
{
    while (start < end && most > 0) {
        size_t want = MIN(MIN(end - start, most), PAGE_SIZE);
        char *to = text_reserve(text, want);
        if (!to)
            return;
        size_t n = mm_read(mm, start, to, want);
        text->length -= want - n;
        if (n < want)
            return;
        start += n;
        most -= n;
    }
}

/* The arguments.  A program that has written over their end has set a title of its own, which may
 * go on where the environment was (setproctitle). */
static int show_cmdline(struct text *text, const struct proc_node *node)
{
    struct mm *mm = node->process->mm;
    if (!mm || mm->arg_end <= mm->arg_start)
        return 0;
    add_memory(text, mm, mm->arg_start, mm->arg_end, SIZE_MAX);
    if (text->length == 0 || text->data[text->length - 1] == '\0')
        return 0;
    size_t arguments = text->length;
    add_memory(text, mm, mm->arg_end, mm->env_end, PAGE_SIZE);
    const char *nul = memchr(text->data, '\0', text->length);
    size_t title = nul ? (size_t)(nul - text->data) + 1 : text->length;
    text->length = nul && title > arguments ? title : MIN(title, text->length);
    return 0;
}

static int show_environ(struct text *text, const struct proc_node *node)
{
    struct mm *mm = node->process->mm;
    if (mm)
        add_memory(text, mm, mm->env_start, mm->env_end, SIZE_MAX);
    return 0;
}

static int show_auxv(struct text *text, const struct proc_node *node)
{
    const struct mm *mm = node->process->mm;
    if (mm)
        text_add_bytes(text, mm->auxv, mm->auxv_count * sizeof mm->auxv[0]);
    return 0;
}

static int show_comm(struct text *text, const struct proc_node *node)
{
    const struct thread *t = proc_thread(node);
    if (!t)
        return -ESRCH;
    text_add(text, "%s\n", t->comm);
    return 0;
}

/* Only a process itself may rename its threads. */
static ssize_t store_comm(const struct proc_node *node, const char *bytes, size_t n)
{
    struct thread *t = proc_thread(node);
    if (!t || node->process != process_current())
        return -EINVAL;
    size_t length = 0;
    while (length < MIN(n, sizeof t->comm - 1) && bytes[length] != '\n')
        length++;
    memset(t->comm, 0, sizeof t->comm);
    memcpy(t->comm, bytes, length);
    if (record_maps())
        record_add_thread(t);
    return (ssize_t)n;
}

static int show_cgroup(struct text *text, const struct proc_node *)
{
    text_add(text, "0::/\n");
    return 0;
}

static int show_wchan(struct text *text, const struct proc_node *)
{
    text_add_char(text, '0');
    return 0;
}

static int show_loginuid(struct text *text, const struct proc_node *)
{
    text_add(text, "4294967295");
    return 0;
}

static int show_id_map(struct text *text, const struct proc_node *)
{
    text_add(text, "%10u %10u %10u\n", 0, 0, UINT32_MAX);
    return 0;
}

static int show_personality(struct text *text, const struct proc_node *node)
{
    text_add(text, "%08x\n", node->process->personality);
    return 0;
}

static int show_oom_score(struct text *text, const struct proc_node *node)
{
    const struct mm *mm = node->process->mm;
    int64_t score = mm ? (int64_t)(mm->anonymous * 1000 / MAX(page_total(), 1ull)) : 0;
    /* As on Linux, 0 to 2000 with 667 in the middle of what oom_score_adj can reach. */
    score = (1000 + score + node->process->oom_score_adj) * 2 / 3;
    text_add(text, "%lld\n", (long long)MAX(score, 0));
    return 0;
}

static int show_oom_score_adj(struct text *text, const struct proc_node *node)
{
    text_add(text, "%d\n", node->process->oom_score_adj);
    return 0;
}

static ssize_t store_oom_score_adj(const struct proc_node *node, const char *bytes, size_t n)
{
    bool negative = bytes[0] == '-';
    int value = 0;
    const char *p = bytes + negative;
    if (*p < '0' || *p > '9')
        return -EINVAL;
    while (*p >= '0' && *p <= '9' && value <= 1000)
        value = value * 10 + (*p++ - '0');
    if ((*p != '\0' && *p != '\n') || value > 1000)
        return -EINVAL;
    value = negative ? -value : value;
    if (value < node->process->oom_score_adj && !capable(CAP_SYS_RESOURCE))
        return -EACCES;
    node->process->oom_score_adj = value;
    return (ssize_t)n;
}

typedef bool mount_line_fn(struct mount *mount, const struct path *root, char *to, size_t size);

static int show_mounts_by(struct text *text, const struct proc_node *node, mount_line_fn *line_of)
{
    constexpr size_t LINE_MOST = 3 * PATH_MAX; /* source, mount point, root */
    const struct thread *t = proc_thread(node);
    if (!t || !t->fs)
        return -EINVAL;
    list_for_each(m, &mount_all) {
        char *line = text_reserve(text, LINE_MOST);
        if (!line)
            break;
        text->length -= LINE_MOST;
        if (line_of(container_of(m, struct mount, node), &t->fs->root, line, LINE_MOST)) {
            text->length += strlen(line);
            text_add_char(text, '\n');
        }
    }
    return 0;
}

static int show_mounts(struct text *text, const struct proc_node *node)
{
    return show_mounts_by(text, node, mount_line);
}

static int show_mountinfo(struct text *text, const struct proc_node *node)
{
    return show_mounts_by(text, node, mount_info_line);
}

static int follow_exe(const struct proc_node *node, struct path *to)
{
    const struct mm *mm = node->process->mm;
    if (!mm || !mm->exe)
        return -ENOENT;
    *to = mm->exe->path;
    path_get(to);
    return 0;
}

static int follow_cwd(const struct proc_node *node, struct path *to)
{
    const struct thread *t = proc_thread(node);
    if (!t || !t->fs)
        return -ENOENT;
    *to = t->fs->cwd;
    path_get(to);
    return 0;
}

static int follow_root(const struct proc_node *node, struct path *to)
{
    const struct thread *t = proc_thread(node);
    if (!t || !t->fs)
        return -ENOENT;
    *to = t->fs->root;
    path_get(to);
    return 0;
}

/* What a thread's directory and a process's have in common; `task` follows for a process. */
#define COMMON_ENTRIES                                                                             \
    PROC_FILE("auxv", 0400, show_auxv, .restricted = true),                                        \
        PROC_FILE("cgroup", 0444, show_cgroup), PROC_FILE("cmdline", 0444, show_cmdline),          \
        PROC_FILE("comm", 0644, show_comm, .store = store_comm),                                   \
        {"cwd", S_IFLNK | 0777, .restricted = true, .follow = follow_cwd},                         \
        PROC_FILE("environ", 0400, show_environ, .restricted = true),                              \
        {"exe", S_IFLNK | 0777, .restricted = true, .follow = follow_exe},                         \
        {"fd", S_IFDIR | 0500, .restricted = true, .directory = &fd_directory},                    \
        {"fdinfo", S_IFDIR | 0555, .restricted = true, .directory = &fdinfo_directory},            \
        PROC_LINE("cpuset", "/"), PROC_FILE("gid_map", 0444, show_id_map),                         \
        PROC_FILE("io", 0400, proc_show_io, .restricted = true),                                   \
        PROC_FILE("limits", 0444, proc_show_limits), PROC_FILE("loginuid", 0444, show_loginuid),   \
        PROC_FILE("maps", 0444, proc_show_maps, .restricted = true),                               \
        {"mem", S_IFREG | 0600, .restricted = true, .fops = &proc_memory_ops},                     \
        PROC_FILE("mountinfo", 0444, show_mountinfo), PROC_FILE("mounts", 0444, show_mounts),      \
        PROC_FILE("oom_score", 0444, show_oom_score), PROC_DIR("net", 0555, proc_net_directory),   \
        {"ns", S_IFDIR | 0511, .restricted = true, .directory = &proc_namespace_directory},        \
        PROC_FILE("oom_score_adj", 0644, show_oom_score_adj, .store = store_oom_score_adj),        \
        {"pagemap", S_IFREG | 0400, .restricted = true, .fops = &proc_pagemap_ops},                \
        PROC_FILE("personality", 0400, show_personality, .restricted = true),                      \
        {"root", S_IFLNK | 0777, .restricted = true, .follow = follow_root},                       \
        PROC_FILE("projid_map", 0444, show_id_map), PROC_LINE("sessionid", "4294967295"),          \
        PROC_LINE("setgroups", "allow"),                                                           \
        PROC_FILE("smaps", 0444, proc_show_smaps, .restricted = true),                             \
        PROC_FILE("smaps_rollup", 0444, proc_show_smaps_rollup, .restricted = true),               \
        PROC_FILE("stat", 0444, proc_show_stat), PROC_FILE("statm", 0444, proc_show_statm),        \
        PROC_FILE("status", 0444, proc_show_status), PROC_FILE("uid_map", 0444, show_id_map),      \
        PROC_FILE("wchan", 0444, show_wchan)

static const struct proc_entry process_entries[] = {
    COMMON_ENTRIES,
    PROC_DIR("task", 0555, threads_directory),
    PROC_FILE("timerslack_ns", 0644, proc_show_timer_slack),
};
static const struct proc_entry task_entries[] = {
    COMMON_ENTRIES,
    PROC_FILE("children", 0444, proc_show_children),
};

const struct proc_directory proc_process_directory = {
    .id = 20, .entries = process_entries, .count = ARRAY_COUNT(process_entries)};
const struct proc_directory proc_task_directory = {
    .id = 21, .entries = task_entries, .count = ARRAY_COUNT(task_entries)};
static const struct proc_directory fd_directory = {.id = 22, .numbers = &proc_fds};
static const struct proc_directory fdinfo_directory = {.id = 23, .numbers = &proc_fdinfos};
static const struct proc_directory threads_directory = {.id = 24, .numbers = &proc_threads};
