/* SPDX-License-Identifier: BSD-2-Clause */
/* numbers.c - the directories of procfs whose names are numbers. */
#include "base/errno.h"
#include "base/format.h"
#include "base/list.h"
#include "proc/pid_namespace.h"
#include "proc/process.h"
#include "sched/thread.h"
#include "vfs/fdtable.h"
#include "vfs/file.h"
#include "vfs/inode.h"
#include "vfs/mount.h"
#include "vfs/procfs/procfs.h"

static int64_t process_number(const struct proc_node *dir, int64_t from)
{
    if (from > INT32_MAX)
        return -1;
    int32_t number;
    return process_next_in(dir->pids, (int32_t)from, &number) ? number : -1;
}

/* The number of a thread that does not lead its process can be looked up, though it is not listed. */
static bool process_by_number(const struct proc_node *dir, int32_t number, struct proc_node *child)
{
    const struct pid *pid = pid_find_in(dir->pids, number);
    struct process *p = pid ? pid->process : nullptr;
    if (p) {
        proc_node_set(child, p, nullptr);
        return true;
    }
    struct thread *t = pid ? thread_find(pid->number) : nullptr;
    if (!t || !t->process)
        return false;
    proc_node_set(child, t->process, t);
    return true;
}

static int64_t thread_number(const struct proc_node *dir, int64_t from)
{
    int64_t best = -1;
    list_for_each(node, &dir->process->threads) {
        int32_t tid =
            pid_number_in(container_of(node, struct thread, process_node)->tid, dir->pids);
        if (tid >= from && (best < 0 || tid < best))
            best = tid;
    }
    return best;
}

static bool thread_by_number(const struct proc_node *dir, int32_t number, struct proc_node *child)
{
    const struct pid *pid = pid_find_in(dir->pids, number);
    struct thread *t = pid ? thread_find(pid->number) : nullptr;
    if (!t || t->process != dir->process)
        return false;
    proc_node_set(child, t->process, t);
    return true;
}

static const struct fd_table *table_of(const struct proc_node *node)
{
    const struct thread *t = proc_thread(node);
    return t ? t->files : nullptr;
}

static int64_t fd_number(const struct proc_node *dir, int64_t from)
{
    const struct fd_table *table = table_of(dir);
    return table ? fd_table_next(table, (unsigned)from) : -1;
}

static bool fd_by_number(const struct proc_node *dir, int32_t number, struct proc_node *child)
{
    const struct fd_table *table = table_of(dir);
    if (!table || !fd_table_file(table, (unsigned)number))
        return false;
    proc_node_set(child, dir->process, dir->thread);
    return true;
}

static struct file *file_of(const struct proc_node *node)
{
    const struct fd_table *table = table_of(node);
    return table ? fd_table_file(table, (unsigned)node->number) : nullptr;
}

static int fd_follow(const struct proc_node *node, struct path *to)
{
    const struct file *file = file_of(node);
    if (!file)
        return -ENOENT;
    *to = file->path;
    path_get(to);
    return 0;
}

static int fdinfo_show(struct text *text, const struct proc_node *node)
{
    struct file *file = file_of(node);
    if (!file)
        return -ENOENT;
    uint32_t flags = file->flags;
    if (fd_table_is_cloexec(table_of(node), (unsigned)node->number))
        flags |= O_CLOEXEC;
    text_add(text, "pos:\t%lld\nflags:\t0", (long long)file->pos);
    text_add_octal(text, flags, 1);
    text_add(text, "\nmnt_id:\t%u\nino:\t%llu\n", file->path.mount->id,
             (unsigned long long)file->inode->ino);
    if (!file->ops->show_fdinfo)
        return 0;
    char lines[512];
    int n = file->ops->show_fdinfo(file, lines, sizeof lines);
    if (n > 0)
        text_add_bytes(text, lines, (size_t)n < sizeof lines ? (size_t)n : sizeof lines - 1);
    return 0;
}

static const struct proc_entry process_entry = PROC_DIR("", 0555, proc_process_directory);
static const struct proc_entry task_entry = PROC_DIR("", 0555, proc_task_directory);
static const struct proc_entry fd_entry = {"", S_IFLNK | 0700, .restricted = true,
                                           .follow = fd_follow};
static const struct proc_entry fdinfo_entry = PROC_FILE("", 0444, fdinfo_show);

const struct proc_numbers proc_processes = {
    .entry = &process_entry, .next = process_number, .find = process_by_number};
const struct proc_numbers proc_threads = {
    .entry = &task_entry, .next = thread_number, .find = thread_by_number};
const struct proc_numbers proc_fds = {.entry = &fd_entry, .next = fd_number, .find = fd_by_number};
const struct proc_numbers proc_fdinfos = {
    .entry = &fdinfo_entry, .next = fd_number, .find = fd_by_number};
