/* SPDX-License-Identifier: BSD-2-Clause */
/* process_rows.c - processes from start to end: lmbench's lat_proc.
 *
 * What is executed is exit-static or exit-dynamic, a C program that returns 0.
 */
#include <errno.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench.h"

extern char **environ;

static char program[512];

enum program {
    STATIC,
    DYNAMIC
};

static void program_setup(const struct row *row)
{
    const char *name = row->arg == DYNAMIC ? "exit-dynamic" : "exit-static";
    snprintf(program, sizeof(program), "%s/%s", bench_directory, name);
    OK(access(program, X_OK));
}

static void wait_for(pid_t pid)
{
    int status;
    OK(waitpid(pid, &status, 0));
    errno = 0;
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
        fail("the child did not end well");
}

static void fork_run(const struct row *, long count)
{
    while (count--) {
        pid_t pid = OK(fork());
        if (pid == 0)
            _exit(0);
        wait_for(pid);
    }
}

/* A process with so much memory in use. */
static void large_setup(const struct row *row)
{
    size_t bytes = (size_t)row->arg;
    char *pages =
        OK(mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
    (void)madvise(pages, bytes, MADV_NOHUGEPAGE); /* where there are huge pages */
    memset(pages, 1, bytes);
}

static void fork_exec_run(const struct row *, long count)
{
    while (count--) {
        pid_t pid = OK(fork());
        if (pid == 0) {
            execl(program, program, nullptr);
            _exit(127);
        }
        wait_for(pid);
    }
}

static void vfork_exec_run(const struct row *, long count)
{
    while (count--) {
        pid_t pid = OK(vfork());
        if (pid == 0) {
            execl(program, program, nullptr);
            _exit(127);
        }
        wait_for(pid);
    }
}

static void spawn_run(const struct row *, long count)
{
    char *arguments[] = {program, nullptr};
    while (count--) {
        pid_t pid;
        errno = posix_spawn(&pid, program, nullptr, nullptr, arguments, environ);
        if (errno)
            fail("posix_spawn");
        wait_for(pid);
    }
}

static void shell_run(const struct row *, long count)
{
    while (count--) {
        pid_t pid = OK(fork());
        if (pid == 0) {
            execl("/bin/sh", "sh", "-c", program, nullptr);
            _exit(127);
        }
        wait_for(pid);
    }
}

static const struct row process_rows[] = {
    {"fork_exit", "fork, exit, wait", nullptr, fork_run, 0, 0},
    {"fork_16m_exit", "the same with 16 MiB in use", large_setup, fork_run, 16 << 20, 0},
    {"fork_exec_static", "fork, exec of a static program, wait", program_setup, fork_exec_run,
     STATIC, 0},
    {"fork_exec_dynamic", "fork, exec of a dynamic program, wait", program_setup, fork_exec_run,
     DYNAMIC, 0},
    {"vfork_exec_static", "vfork, exec of a static program, wait", program_setup, vfork_exec_run,
     STATIC, 0},
    {"posix_spawn_static", "posix_spawn of a static program, wait", program_setup, spawn_run,
     STATIC, 0},
    {"posix_spawn_dynamic", "posix_spawn of a dynamic program, wait", program_setup, spawn_run,
     DYNAMIC, 0},
    {"sh_c", "fork, sh -c with a static program, wait", program_setup, shell_run, STATIC, 0},
};

GROUP("process", process_rows);
