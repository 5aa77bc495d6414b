/* SPDX-License-Identifier: BSD-2-Clause */
/* start.c - the first process. */
#include <asm-generic/resource.h>
#include <asm/signal.h>

#include "base/errno.h"
#include "base/format.h"
#include "base/log.h"
#include "base/string.h"
#include "exec/exec.h"
#include "mm/heap.h"
#include "mm/page.h"
#include "proc/internal.h"
#include "proc/pgrp.h"
#include "sched/thread.h"
#include "tty/console.h"
#include "vfs/fdtable.h"
#include "vfs/fs_context.h"

#define PATH_DEFAULT "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

constexpr uint64_t INFINITE = RLIM_INFINITY;

/* As a Linux kernel gives them to its first process (getrlimit(2)). */
static void limits_init(struct process *p)
{
    /* So many threads that their libOS stacks could fill an eighth of the memory. */
    uint64_t threads = MAX(page_total() / 32, 64);

    for (unsigned i = 0; i < RLIM_NLIMITS; i++)
        p->limits[i] = (struct process_rlimit){INFINITE, INFINITE};
    p->limits[RLIMIT_STACK].soft = 8 << 20;
    p->limits[RLIMIT_CORE].soft = 0;
    p->limits[RLIMIT_NPROC] = (struct process_rlimit){threads, threads};
    p->limits[RLIMIT_SIGPENDING] = (struct process_rlimit){threads, threads};
    p->limits[RLIMIT_NOFILE] = (struct process_rlimit){1024, 1048576};
    p->limits[RLIMIT_MEMLOCK] = (struct process_rlimit){8 << 20, 8 << 20};
    p->limits[RLIMIT_MSGQUEUE] = (struct process_rlimit){819200, 819200};
    p->limits[RLIMIT_NICE] = (struct process_rlimit){0, 0};
    p->limits[RLIMIT_RTPRIO] = (struct process_rlimit){0, 0};
}

/* The process and its thread, which are nobody's children.  The start has nothing to give back
 * when it fails: the machine ends. */
static struct thread *first_create(void)
{
    struct pid *pid = nullptr;
    struct signal_actions *actions = signal_actions_create();
    struct process *p = nullptr;
    struct thread *t;

    if (pid_alloc(&pid_namespace_first, nullptr, 0, &pid) == 0 && actions)
        p = process_alloc(pid, nullptr, actions);

    if (!p || thread_create(p, pid->number, &t) != 0)
        return nullptr;
    limits_init(p);
    t->cred = cred_get(&cred_root);
    t->fs = fs_context_create();
    t->files = fd_table_create();
    pid->is_thread = true;
    process_enter(p, nullptr);
    process_add_thread(p, t);
    process_first = p;
    thread_known_renew(t);
    if (!t->fs || !t->files || !user_count_add(0) || session_create(p) < 0)
        return nullptr;
    return t;
}

/* A name without a slash is looked for in PATH, as execvp(3) does. */
static int exec_search(const char *name, const struct exec_strings *argv,
                       const struct exec_strings *envp)
{
    const char *path = PATH_DEFAULT;
    int error = -ENOENT;

    if (strchr(name, '/'))
        return exec_program(AT_FDCWD, name, 0, argv, envp);
    for (char *const *e = envp->kernel; *e; e++)
        if (strncmp(*e, "PATH=", 5) == 0)
            path = *e + 5;
    while (error == -ENOENT || error == -EACCES || error == -ENOTDIR) {
        const char *end = strchr(path, ':');
        size_t n = end ? (size_t)(end - path) : strlen(path), size = n + strlen(name) + 3;
        char *full = heap_alloc(size);
        if (!full)
            return -ENOMEM;
        snprintf(full, size, "%.*s/%s", (int)(n ? n : 1), n ? path : ".", name);
        int result = exec_program(AT_FDCWD, full, 0, argv, envp);
        heap_free(full);
        if (error != -EACCES || result == 0)
            error = result;
        if (!end || error == 0)
            break;
        path = end + 1;
    }
    return error;
}

static int first_run(const char *name, char *const *argv, char *const *envp, const char *cwd)
{
    struct exec_strings arguments = {.kernel = argv}, environment = {.kernel = envp};
    struct thread *t = current;
    struct path path;
    int error = console_open_stdio(t->files);

    if (error)
        return error;
    console_attach(t->process);
    error = path_lookup(AT_FDCWD, cwd, LOOKUP_FOLLOW | LOOKUP_DIRECTORY, &path);
    if (error) {
        log_error("cannot change to directory %s: error %d", cwd, -error);
        return error;
    }
    fs_context_set_cwd(t->fs, &path);
    path_put(&path);
    return exec_search(name, &arguments, &environment);
}

int process_start_first(const char *path, char *const *argv, char *const *envp, const char *cwd)
{
    struct vcpu_local *local = vcpu_local();
    struct thread *t = first_create(), *caller = local->running;
    int error;

    if (!t)
        return -ENOMEM;
    /* The calls below act for the current thread.  None of them sleeps: all files are in memory. */
    local->running = t;
    error = first_run(path, argv, envp, cwd);
    local->running = caller;
    if (error == 0)
        thread_start(t);
    return error;
}
