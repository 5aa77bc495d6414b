/* SPDX-License-Identifier: BSD-2-Clause */
/* task.c - what a process has read and written, its children, its timer slack (proc(5)). */
#include <linux/capability.h>
#include "base/errno.h"
#include "base/list.h"
#include "proc/pid_namespace.h"
#include "proc/process.h"
#include "sched/thread.h"
#include "vfs/procfs/procfs.h"

static struct io_count io_of(const struct proc_node *node)
{
    if (node->thread)
        return node->thread->io;
    struct io_count sum = node->process->io;
    list_for_each(n, &node->process->threads)
        io_count_sum(&sum, &container_of(n, struct thread, process_node)->io);
    return sum;
}

/* There is no disk: nothing is fetched from one. */
int proc_show_io(struct text *text, const struct proc_node *node)
{
    struct io_count io = io_of(node);
    text_add(text,
             "rchar: %llu\nwchar: %llu\nsyscr: %llu\nsyscw: %llu\nread_bytes: 0\n"
             "write_bytes: 0\ncancelled_write_bytes: 0\n",
             (unsigned long long)io.read_bytes, (unsigned long long)io.written_bytes,
             (unsigned long long)io.reads, (unsigned long long)io.writes);
    return 0;
}

/* A process's children all belong to its first thread. */
int proc_show_children(struct text *text, const struct proc_node *node)
{
    if (node->thread && node->thread->tid != node->process->pid)
        return 0;
    list_for_each(n, &node->process->children)
        text_add(text, "%d ",
                 pid_number_in(container_of(n, struct process, sibling)->pid, node->pids));
    return 0;
}

int proc_show_timer_slack(struct text *text, const struct proc_node *node)
{
    const struct thread *t = proc_thread(node);
    if (!t)
        return -ESRCH;
    if (t != current && !capable(CAP_SYS_NICE))
        return -EPERM;
    text_add(text, "%u\n", t->timer_slack_ns);
    return 0;
}
