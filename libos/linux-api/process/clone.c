/* SPDX-License-Identifier: BSD-2-Clause */
/* clone.c - fork(2), vfork(2), clone(2), clone3(2), unshare(2). */
#include "proc/clone.h"

#include <asm/signal.h>
#include <linux/capability.h>
#include <linux/sched.h>

#include "base/bits.h"
#include "base/errno.h"
#include "ipc/sem.h"
#include "linux-api/call.h"
#include "mm/usermem.h"
#include "proc/namespace.h"
#include "proc/pid.h"
#include "proc/process.h"
#include "sched/thread.h"
#include "vfs/fdtable.h"
#include "vfs/fs_context.h"

long sys_fork(const struct call *)
{
    struct clone_request r = {.exit_signal = SIGCHLD};
    return process_clone(&r);
}

long sys_vfork(const struct call *)
{
    struct clone_request r = {.flags = CLONE_VFORK | CLONE_VM, .exit_signal = SIGCHLD};
    return process_clone(&r);
}

/* The order of the arguments is x86-64's (clone(2), "C library/kernel differences"). */
long sys_clone(const struct call *c)
{
    uint32_t flags = (uint32_t)c->arg[0];
    int32_t signal = flags & CSIGNAL;
    struct clone_request r = {
        .flags = flags & ~CSIGNAL,
        .exit_signal = signal <= SIGNAL_COUNT ? signal : 0,
        .stack = c->arg[1],
        .parent_tid = c->arg[2],
        .pidfd = c->arg[2],
        .child_tid = c->arg[3],
        .tls = c->arg[4],
    };

    if (flags & CLONE_PIDFD && flags & CLONE_PARENT_SETTID)
        return -EINVAL;
    return process_clone(&r);
}

/* A structure that programs may know in a longer version: what we don't know must be zero. */
static int args_from_user(struct clone_args *args, uaddr_t from, uint64_t size)
{
    *args = (struct clone_args){};
    if (size > PAGE_SIZE)
        return -E2BIG;
    if (size < CLONE_ARGS_SIZE_VER0)
        return -EINVAL;
    for (uint64_t at = sizeof *args; at < size; at++) {
        uint8_t byte;
        if (get_user_u8(&byte, from + at))
            return -EFAULT;
        if (byte)
            return -E2BIG;
    }
    return copy_from_user(args, from, MIN(size, sizeof *args));
}

static int args_check(const struct clone_args *args)
{
    constexpr uint64_t known = 0xffffffff | CLONE_CLEAR_SIGHAND | CLONE_INTO_CGROUP;

    if (args->flags & ~known || args->flags & (CLONE_DETACHED | (CSIGNAL & ~CLONE_NEWTIME)))
        return -EINVAL;
    if (args->exit_signal > SIGNAL_COUNT)
        return -EINVAL;
    if (args->flags & (CLONE_THREAD | CLONE_PARENT) && args->exit_signal)
        return -EINVAL;
    if ((args->stack == 0) != (args->stack_size == 0))
        return -EINVAL;
    if (args->stack && !usermem_is_valid(args->stack, args->stack_size))
        return -EINVAL;
    if (args->set_tid_size > PID_LEVEL_MOST || !args->set_tid != !args->set_tid_size)
        return -EINVAL;
    return 0;
}

long sys_clone3(const struct call *c)
{
    struct clone_args args;
    int32_t numbers[PID_LEVEL_MOST];
    int error = args_from_user(&args, c->arg[0], c->arg[1]);

    if (error == 0)
        error = args_check(&args);
    if (error == 0 && args.set_tid_size)
        error = copy_from_user(numbers, args.set_tid, args.set_tid_size * sizeof numbers[0]);
    if (error)
        return error;
    struct clone_request r = {
        .flags = args.flags,
        .exit_signal = (int32_t)args.exit_signal,
        .stack = args.stack + args.stack_size,
        .tls = args.tls,
        .parent_tid = args.parent_tid,
        .child_tid = args.child_tid,
        .pidfd = args.pidfd,
        .numbers = numbers,
        .number_count = (uint32_t)args.set_tid_size,
    };
    return process_clone(&r);
}

/* Stop sharing the working directory, the descriptors, namespaces. */
long sys_unshare(const struct call *c)
{
    constexpr uint64_t known = NAMESPACES_ALL | CLONE_THREAD | CLONE_FS | CLONE_SIGHAND | CLONE_VM |
                               CLONE_FILES | CLONE_SYSVSEM;
    uint64_t flags = (uint32_t)c->arg[0];
    struct thread *t = current;

    if (flags & ~known)
        return -EINVAL;
    int error = namespaces_check(flags);
    if (error)
        return error;
    if (flags & CLONE_NEWNS)
        flags |= CLONE_FS;
    if (flags & (CLONE_THREAD | CLONE_SIGHAND | CLONE_VM) && t->process->thread_count > 1)
        return -EINVAL;
    if (flags & CLONE_FS && t->fs->refs > 1) {
        struct fs_context *own = fs_context_clone(t->fs);
        if (!own)
            return -ENOMEM;
        fs_context_put(t->fs);
        t->fs = own;
    }
    if (flags & CLONE_FILES && t->files->refs > 1) {
        struct fd_table *own = fd_table_clone(t->files);
        if (!own)
            return -ENOMEM;
        fd_table_put(t->files);
        t->files = own;
    }
    if (flags & CLONE_SYSVSEM)
        sem_process_exit(t->process);
    return namespaces_unshare(flags);
}
