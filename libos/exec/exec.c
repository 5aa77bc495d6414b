/* SPDX-License-Identifier: BSD-2-Clause */
/* exec.c - replacing a process's program.
 *
 * 1. Open the file, copy the strings, follow scripts to their interpreter, read the ELF headers:
 *    any failure goes back to the old program as an error.
 * 2. End the process's other threads.
 * 3. Map the new program.  On Linux the old one is gone by now, so that a failure kills the process
 *    by SIGSEGV; the same is done here, though the new program is put together beside the old.
 * 4. Change over.  Nothing here can fail.
 */
#include "exec/exec.h"

#include <asm/signal.h>
#include <linux/fcntl.h>
#include <linux/limits.h>

#include "base/errno.h"
#include "base/format.h"
#include "base/string.h"
#include "exec/program.h"
#include "linux-api/uring/uring.h"
#include "mm/heap.h"
#include "mm/mm.h"
#include "proc/internal.h"
#include "proc/pgrp.h"
#include "ptrace/ptrace.h"
#include "sched/futex.h"
#include "sched/thread.h"
#include "trace/record.h"
#include "vfs/fdtable.h"
#include "vfs/file.h"
#include "vfs/inode.h"

constexpr unsigned SCRIPT_DEPTH = 5; /* interpreters that are scripts themselves */

static void file_drop(struct program *p)
{
    if (p->denies_write)
        inode_allow_write(p->file->inode);
    p->denies_write = false;
    file_put(p->file);
    p->file = nullptr;
}

int program_replace_file(struct program *p, struct file *file)
{
    ssize_t n;
    int error;

    file_drop(p);
    p->file = file;
    error = inode_deny_write(file->inode);
    if (error)
        return error;
    p->denies_write = true;
    memset(p->head, 0, sizeof p->head);
    n = file_read_kernel(file, p->head, sizeof p->head, 0);
    return n < 0 ? (int)n : 0;
}

/* The name as scripts' interpreters and AT_EXECFN get it (execveat(2)). */
static char *name_make(int dirfd, const char *path)
{
    char *name;
    size_t size = strlen(path) + 24;

    if (dirfd == AT_FDCWD || path[0] == '/')
        return heap_strdup(path);
    name = heap_alloc(size);
    if (name && path[0] == '\0')
        snprintf(name, size, "/dev/fd/%d", dirfd);
    else if (name)
        snprintf(name, size, "/dev/fd/%d/%s", dirfd, path);
    return name;
}

int program_open(struct program *p, int dirfd, const char *path, int flags)
{
    unsigned lookup = (flags & AT_SYMLINK_NOFOLLOW ? 0 : LOOKUP_FOLLOW) |
                      (flags & AT_EMPTY_PATH ? LOOKUP_EMPTY : 0);
    struct file *file;
    int error = file_open_exec(dirfd, path, lookup, &file);

    if (error)
        return error;
    error = program_replace_file(p, file);
    if (error)
        return error;
    p->name = name_make(dirfd, path);
    if (!p->name)
        return -ENOMEM;
    p->is_closing =
        dirfd >= 0 && path[0] != '/' && fd_table_is_cloexec(current->files, (unsigned)dirfd);
    return 0;
}

static int loader_open(struct program *p)
{
    uint8_t head[ELF_HEAD_BYTES];
    ssize_t n;
    int error = elf_read_interpreter(p->file, &p->image);

    if (error || !p->image.interpreter)
        return error;
    error = file_open_exec(AT_FDCWD, p->image.interpreter, LOOKUP_FOLLOW, &p->loader_file);
    if (error)
        return error;
    n = file_read_kernel(p->loader_file, head, sizeof head, 0);
    if (n < 0)
        return (int)n;
    if ((size_t)n < sizeof(Elf64_Ehdr))
        return -EIO;
    error = elf_read(p->loader_file, head, (size_t)n, &p->loader);
    return error == -ENOEXEC ? -ELIBBAD : error;
}

/* Step 1: everything that the old program can still be told. */
static int program_read(struct program *p, const struct exec_strings *argv,
                        const struct exec_strings *envp)
{
    int error = strings_begin(p, argv, envp);

    for (unsigned depth = 0; error == 0; depth++) {
        int is_script;
        if (depth > SCRIPT_DEPTH)
            return -ELOOP;
        is_script = script_interpret(p);
        if (is_script < 0)
            return is_script;
        if (is_script == 0)
            break;
    }
    if (error == 0)
        error = elf_read(p->file, p->head, sizeof p->head, &p->image);
    if (error == 0)
        error = loader_open(p);
    if (error == 0)
        error = program_identify(p);
    if (error == 0 && current->files->refs > 1) {
        p->files = fd_table_clone(current->files);
        error = p->files ? 0 : -ENOMEM;
    }
    return error;
}

static void program_free(struct program *p)
{
    elf_free(&p->image);
    elf_free(&p->loader);
    file_put(p->loader_file);
    file_drop(p);
    mm_put(p->mm);
    cred_put(p->cred);
    if (p->files)
        fd_table_put(p->files);
    heap_free(p->name);
    heap_free(p->interpreter);
    heap_free(p);
}

static bool is_alone(const struct process *process)
{
    return process->thread_count == 1;
}

/* Step 2.  The thread that stays takes the process's number over (execve(2), "Effect on
 * multithreaded programs"). */
static int threads_end(struct process *process)
{
    struct thread *t = current;

    if (process->exiting || process->execing)
        return -EAGAIN;
    if (is_alone(process) && process->leader == t)
        return 0;
    process->execing = t;
    list_for_each(node, &process->threads) {
        struct thread *other = container_of(node, struct thread, process_node);
        if (other != t)
            signal_kill_thread(other);
    }
    while (!is_alone(process)) {
        if (wait_on(&process->threads_gone, WAIT_FOREVER, SLEEP_KILLABLE) != 0 &&
            signal_fatal_pending(t)) {
            process->execing = nullptr;
            return -EAGAIN;
        }
    }
    if (t->tid != process->pid)
        process_take_lead(process, t);
    process->execing = nullptr;
    return 0;
}

static void comm_set(struct thread *t, const char *name)
{
    const char *slash = strrchr(name, '/');
    string_copy(t->comm, slash ? slash + 1 : name, sizeof t->comm);
    if (record_maps())
        record_add_thread(t);
}

/* The new memory takes the old one's place. */
static void memory_change(struct process *process, struct program *p)
{
    struct mm *old = process->mm;

    if (old) {
        futex_thread_release(current);
        if (old->resident_most > process->usage.resident_most)
            process->usage.resident_most = old->resident_most;
    }
    mm_set_exe(p->mm, p->file);
    p->mm->dumpable = !p->is_secure && inode_permission_as(p->file->inode, MAY_READ, p->cred) == 0;
    process->mm = p->mm;
    p->mm = nullptr;
    mm_activate(process->mm);
    process_vfork_finish(process);
    mm_put(old);
}

/* Step 4. */
static void program_start(struct program *p)
{
    struct thread *t = current;
    struct process *process = t->process;

    uring_thread_end(t); /* its requests are about memory that goes */
    memory_change(process, p);
    if (p->files) {
        struct fd_table *old = t->files;
        t->files = p->files;
        p->files = nullptr;
        fd_table_put(old);
    }
    fd_close_on_exec(t->files);
    signal_exec_finish(t);
    comm_set(t, p->name);
    if (p->is_secure)
        t->parent_death_signal = 0;
    cred_install(t, p->cred);
    p->cred = nullptr;
    process->did_exec = true;
    process->exit_signal = process->parent ? SIGCHLD : 0;
    thread_reset_context(p->entry, p->sp);
}

/* *FATAL: the old program cannot be told of the error any more. */
static int program_run(struct program *p, int dirfd, const char *path, int flags,
                       const struct exec_strings *argv, const struct exec_strings *envp,
                       bool *fatal)
{
    int error = program_open(p, dirfd, path, flags);

    if (error)
        return error;
    p->mm = mm_create();
    if (!p->mm)
        return -ENOMEM;
    error = program_read(p, argv, envp);
    if (error == 0)
        error = signal_exec_prepare(current->process);
    if (error == 0)
        error = threads_end(current->process);
    if (error)
        return error;
    *fatal = true;
    error = program_map(p);
    if (error == 0)
        program_start(p);
    return error;
}

int exec_program(int dirfd, const char *path, int flags, const struct exec_strings *argv,
                 const struct exec_strings *envp)
{
    struct program *p = heap_zalloc(sizeof *p);
    bool fatal = false;
    uint64_t old_number = ptrace_number(current->tid);
    int error;

    if (!p)
        return -ENOMEM;
    error = program_run(p, dirfd, path, flags, argv, envp, &fatal);
    program_free(p);
    if (!error)
        ptrace_exec(old_number);
    if (error && fatal && current->process->mm)
        signal_force_segv(SIGSEGV); /* taken on the way back, when the caller has let go of all */
    return error;
}
