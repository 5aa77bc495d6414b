/* SPDX-License-Identifier: BSD-2-Clause */
/* pidfd.c - files that stand for a process: readable when it has ended. */
#include "proc/pidfd.h"

#include <linux/poll.h>

#include "base/errno.h"
#include "base/format.h"
#include "mm/usermem.h"
#include "proc/pid_namespace.h"
#include "proc/process.h"
#include "vfs/fdtable.h"
#include "vfs/file.h"

static uint32_t pidfd_poll(struct file *file, struct poll_table *table)
{
    struct process *p = file->private;

    poll_wait(file, &p->ended, table);
    return p->state == PROCESS_RUNNING ? 0 : POLLIN | POLLRDNORM;
}

static void pidfd_release(struct file *file)
{
    process_put(file->private);
}

static int pidfd_fdinfo(struct file *file, char *to, size_t size)
{
    const struct process *p = file->private;
    const struct pid_namespace *mine = current->process->pids, *levels[PID_LEVEL_MOST];
    int pid = p->state == PROCESS_DEAD ? -1 : pid_to_user(p->pid);
    int n = snprintf(to, size, "Pid:\t%d\nNSpid:\t%d", pid, pid);
    uint32_t count = 0;

    /* What it is called in the namespaces below the reader's. */
    if (pid > 0)
        for (const struct pid_namespace *ns = p->pids; ns != mine; ns = ns->above)
            levels[count++] = ns;
    while (count-- > 0 && n < (int)size)
        n += snprintf(to + n, size - (size_t)n, "\t%d", pid_number_in(p->pid, levels[count]));
    if (n < (int)size)
        n += snprintf(to + n, size - (size_t)n, "\n");
    return n;
}

static const struct file_ops pidfd_ops = {
    .flags = FOP_STREAM,
    .poll = pidfd_poll,
    .release = pidfd_release,
    .show_fdinfo = pidfd_fdinfo,
};

int pidfd_create(struct process *process, uaddr_t number)
{
    struct file *file;
    int fd, error = file_create_anon("anon_inode:[pidfd]", &pidfd_ops, process, O_RDWR, &file);

    if (error)
        return error;
    process_get(process);
    fd = fd_open(file, O_CLOEXEC);
    if (fd >= 0 && number && put_user_u32(number, (uint32_t)fd) != 0) {
        (void)fd_close(fd);
        return -EFAULT;
    }
    return fd;
}

struct process *pidfd_process(int fd)
{
    struct file *file = fd_get(fd);
    struct process *p;

    if (!file)
        return nullptr;
    p = file->ops == &pidfd_ops ? file->private : nullptr;
    /* The descriptor keeps both; only this thread could close it before the caller is done. */
    file_put(file);
    return p;
}
