/* SPDX-License-Identifier: BSD-2-Clause */
/* node.c - what a file of procfs is about. */
#include "vfs/procfs/procfs.h"

#include <linux/capability.h>
#include "base/errno.h"
#include "mm/mm.h"
#include "proc/cred.h"
#include "proc/process.h"
#include "sched/thread.h"
#include "vfs/context.h"
#include "vfs/fs_context.h"
#include "vfs/mount.h"

struct thread *proc_thread(const struct proc_node *node)
{
    if (node->thread)
        return node->thread->state == THREAD_DEAD ? nullptr : node->thread;
    return node->process ? process_main_thread(node->process) : nullptr;
}

bool proc_is_gone(const struct proc_node *node)
{
    if (node->thread && node->thread->state == THREAD_DEAD)
        return true;
    return node->process && node->process->state == PROCESS_DEAD;
}

void proc_node_set(struct proc_node *child, struct process *process, struct thread *thread)
{
    child->process = process_get(process);
    child->thread = thread ? thread_get(thread) : nullptr;
}

int proc_may_trace(const struct proc_node *node)
{
    const struct thread *target = proc_thread(node);
    if (!target || !target->cred)
        return -ESRCH;
    if (node->process == process_current())
        return 0;
    const struct cred *to = target->cred, *from = context_cred();
    bool same = from->fsuid == to->uid && from->fsuid == to->euid && from->fsuid == to->suid &&
                from->fsgid == to->gid && from->fsgid == to->egid && from->fsgid == to->sgid;
    bool dumpable = !node->process->mm || node->process->mm->dumpable;
    return (same && dumpable) || cred_capable(from, CAP_SYS_PTRACE) ? 0 : -EACCES;
}

int32_t proc_number_of(const char *name, size_t n)
{
    int32_t number = 0;
    if (n == 0 || n > 9 || (name[0] == '0' && n > 1))
        return -1;
    for (size_t i = 0; i < n; i++) {
        if (name[i] < '0' || name[i] > '9')
            return -1;
        number = number * 10 + (name[i] - '0');
    }
    return number;
}

int proc_add_path(struct text *text, const struct path *path, const char *special)
{
    char *buffer = path_buffer_get();
    if (!buffer)
        return -ENOMEM;
    const struct fs_context *fs = context_fs();
    char *name;
    int err = path_to_string(path, fs ? &fs->root : &root_path, buffer, PATH_MAX, &name);
    if (err >= 0)
        text_add_escaped(text, name, special);
    path_buffer_put(buffer);
    return err < 0 ? err : 0;
}
