/* SPDX-License-Identifier: BSD-2-Clause */
/* locks.c - /proc/locks: who holds which advisory lock, and who waits for it (proc(5)). */
#include "vfs/lock.h"

#include "proc/pid_namespace.h"
#include "vfs/fs.h"
#include "vfs/inode.h"
#include "vfs/procfs/procfs.h"

struct listing {
    struct text *text;
    const struct pid_namespace *pids;
};

/* Locks of processes that the instance does not show are left out. */
static void add_line(const struct lock_shown *l, void *arg)
{
    const struct listing *to = arg;
    uint64_t dev = l->inode->super->dev;
    int32_t pid = l->pid < 0 ? l->pid : pid_number_in(l->pid, to->pids);
    if (!pid)
        return;
    text_add(to->text, "%u: %s%-6s ADVISORY  %s %d %02x:%02x:%llu %llu ", l->number,
             l->waits ? "-> " : "", l->kind, l->for_writing ? "WRITE" : "READ", pid, dev_major(dev),
             dev_minor(dev), (unsigned long long)l->inode->ino, (unsigned long long)l->first);
    if (l->last == INT64_MAX)
        text_add(to->text, "EOF\n");
    else
        text_add(to->text, "%llu\n", (unsigned long long)l->last);
}

int proc_show_locks(struct text *text, const struct proc_node *node)
{
    struct listing to = {text, node->pids};
    lock_for_each(add_line, &to);
    return 0;
}
