/* SPDX-License-Identifier: BSD-2-Clause */
/* context.c - the current thread as the VFS sees it.
 *
 * While the libOS starts there is no thread yet: it acts as root, from the root.
 */
#include "vfs/context.h"

#include "proc/cred.h"
#include "proc/pid_namespace.h"
#include "proc/process.h"
#include "sched/sched.h"
#include "sched/thread.h"
#include "signal/signal.h"

static bool has_process(void)
{
    return current && current->process;
}

struct fd_table *context_files(void)
{
    return has_process() ? current->files : nullptr;
}

struct fs_context *context_fs(void)
{
    return has_process() ? current->fs : nullptr;
}

const struct cred *context_cred(void)
{
    return has_process() && current->cred ? current->cred : &cred_root;
}

const struct cred *context_cred_swap(const struct cred *cred)
{
    const struct cred *old = current->cred;
    current->cred = cred;
    return old;
}

uint64_t context_rlimit(unsigned resource)
{
    return has_process() ? process_rlimit(current->process, resource) : UINT64_MAX;
}

int context_pid(void)
{
    return has_process() ? current->process->pid : 0;
}

int context_pid_number(int pid)
{
    return has_process() ? pid_to_user(pid) : pid;
}

int context_pid_named(int number)
{
    return has_process() ? pid_from_user(number) : number;
}

int context_tid(void)
{
    return has_process() ? current->tid : 0;
}

static void send(int sig)
{
    if (has_process())
        signal_send_thread(current, sig, SIGNAL_FROM_SELF);
}

void context_broken_pipe(void)
{
    send(SIGPIPE);
}

void context_file_too_large(void)
{
    send(SIGXFSZ);
}

bool context_signal_pending(void)
{
    return has_process() && signal_pending(current);
}

bool context_relax(void)
{
    return has_process() && sched_relax();
}
