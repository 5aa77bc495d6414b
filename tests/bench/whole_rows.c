/* SPDX-License-Identifier: BSD-2-Clause */
/* whole_rows.c - programs of a distribution at work, from fork to the end of the last process.
 *
 * Each row is a script of DIRECTORY/whole: `NAME setup` prepares in the working directory,
 * `NAME run` is what counts.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench.h"

static void script_run(const struct row *row, const char *step)
{
    char path[512];
    int status;
    snprintf(path, sizeof(path), "%s/whole/%s.sh", bench_directory, row->name);
    pid_t pid = OK(fork());
    if (pid == 0) {
        int null = OK(open("/dev/null", O_RDWR));
        OK(dup2(null, STDIN_FILENO));
        OK(dup2(null, STDOUT_FILENO));
        execl("/bin/sh", "sh", "-e", path, step, nullptr);
        _exit(127);
    }
    OK(waitpid(pid, &status, 0));
    errno = 0;
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
        fail(step);
}

static void whole_setup(const struct row *row)
{
    script_run(row, "setup");
}

static void whole_run(const struct row *row, long count)
{
    while (count--)
        script_run(row, "run");
}

static const struct row whole_rows[] = {
    {"sqlite3", "sqlite3: tables, indexes and queries in a file", whole_setup, whole_run, 0, 0},
    {"redis", "redis-benchmark: GET and SET over a unix socket", whole_setup, whole_run, 0, 0},
    {"python3_start", "python3 that does nothing", whole_setup, whole_run, 0, 0},
    {"shell_forks", "a shell script with 1,000 forks", whole_setup, whole_run, 0, 0},
    {"shell_pipelines", "a shell script with 20 pipelines of two programs", whole_setup, whole_run,
     0, 0},
    {"gcc", "gcc -O2 compiles a file", whole_setup, whole_run, 0, 0},
    {"tar_gzip", "tar and gzip of a tree", whole_setup, whole_run, 0, 0},
    {"git_status", "git status on 5,000 files", whole_setup, whole_run, 0, 0},
};

GROUP("whole", whole_rows);
