/* SPDX-License-Identifier: BSD-2-Clause */
/* main.c - runs rows of the benchmark on whatever system this is, and prints what they took.
 *
 * usage: bench [--list] [--short] [ROW | GROUP][,...]...      (patterns as in a shell)
 *
 * Lines of output:
 *   rate KHZ                                           of the cycle counter
 *   begin NAME
 *   row NAME CYCLES MEDIAN COUNT REPETITIONS           cycles of one operation: least, median
 *   fail NAME WHY
 *   end
 * --short is for a machine whose counter counts instructions: few repetitions are enough.
 * Without arguments all rows run but those of the group `whole`, which need programs of a
 * distribution.
 */
#include <errno.h>
#include <fnmatch.h>
#include <ftw.h>
#include <libgen.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "bench.h"
#include "measure.h"

constexpr unsigned ROW_SECONDS = 300;

char bench_directory[PATH_MAX];

static const struct group *const groups[] = {
    &call_rows_group,    &signal_rows_group,  &thread_rows_group, &stream_rows_group,
    &process_rows_group, &context_rows_group, &memory_rows_group, &file_rows_group,
    &poll_rows_group,    &whole_rows_group,
};
constexpr size_t GROUPS = sizeof(groups) / sizeof(groups[0]);

static const struct row *current;

void fail(const char *what)
{
    char line[512];
    const char *why = errno ? strerror(errno) : "";
    int bytes = snprintf(line, sizeof(line), "fail %s %s%s%s\n", current->name, what,
                         errno ? ": " : "", why);
    if (bytes >= (int)sizeof(line))
        bytes = sizeof(line) - 1;
    (void)!write(STDOUT_FILENO, line, (size_t)bytes);
    /* All that belongs to the row: who waits for an answer would wait for ever. */
    kill(0, SIGKILL);
    _exit(1);
}

/* Does a pattern of LIST, which are separated by commas, mean the row? */
static bool is_in(const char *list, const struct group *group, const struct row *row)
{
    char copy[4096], *rest = copy, *pattern;
    snprintf(copy, sizeof(copy), "%s", list);
    while ((pattern = strsep(&rest, ",")))
        if (fnmatch(pattern, row->name, 0) == 0 || strcmp(pattern, group->name) == 0)
            return true;
    return false;
}

static bool is_wanted(const struct group *group, const struct row *row, char **lists)
{
    if (!*lists)
        return group != &whole_rows_group;
    for (; *lists; lists++)
        if (is_in(*lists, group, row))
            return true;
    return false;
}

[[noreturn]] static void row_main(const struct row *row, const struct effort *effort)
{
    char line[256];
    errno = 0;
    if (row->setup)
        row->setup(row);
    struct measured m = row_measure(row, effort);
    int bytes = snprintf(line, sizeof(line), "row %s %.3f %.3f %ld %u\n", row->name, m.cycles,
                         m.median, m.count, m.repetitions);
    (void)!write(STDOUT_FILENO, line, (size_t)bytes);
    _exit(0);
}

/* Wait for PID; false: it took too long. */
static bool row_wait(pid_t pid, int *status)
{
    struct timespec limit = {.tv_sec = ROW_SECONDS};
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGCHLD);
    for (;;) {
        if (waitpid(pid, status, WNOHANG) == pid)
            return true;
        if (sigtimedwait(&set, nullptr, &limit) < 0 && errno == EAGAIN)
            return false;
    }
}

static int remove_one(const char *path, const struct stat *, int, struct FTW *)
{
    return remove(path);
}

static void row_run(const struct row *row, const struct effort *effort)
{
    char directory[] = "/tmp/bench-XXXXXX";
    int status;
    current = row;
    printf("begin %s\n", row->name);
    fflush(stdout);
    if (!mkdtemp(directory)) {
        printf("fail %s mkdtemp: %s\n", row->name, strerror(errno));
        return;
    }
    pid_t pid = fork();
    if (pid == 0) {
        sigset_t set;
        sigemptyset(&set);
        sigprocmask(SIG_SETMASK, &set, nullptr);
        if (setpgid(0, 0) != 0 || chdir(directory) != 0)
            _exit(1);
        row_main(row, effort);
    }
    if (pid > 0 && !row_wait(pid, &status)) {
        printf("fail %s no result after %u s\n", row->name, ROW_SECONDS);
    } else if (pid < 0 || (WIFSIGNALED(status) && WTERMSIG(status) != SIGKILL) ||
               (WIFEXITED(status) && WEXITSTATUS(status) != 0)) {
        printf("fail %s its process ended with %#x\n", row->name, pid < 0 ? -1 : status);
    }
    if (pid > 0)
        kill(-pid, SIGKILL);
    /* As the first process of a system this one gets the orphans too. */
    while (waitpid(-1, nullptr, WNOHANG) > 0)
        ;
    nftw(directory, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

static void rows_list(void)
{
    for (size_t g = 0; g < GROUPS; g++)
        for (size_t i = 0; i < groups[g]->count; i++) {
            const struct row *row = &groups[g]->rows[i];
            printf("%s\t%s\t%zu\t%s\n", groups[g]->name, row->name, row->bytes, row->what);
        }
}

static void rows_run(char **lists, const struct effort *effort)
{
    for (size_t g = 0; g < GROUPS; g++)
        for (size_t i = 0; i < groups[g]->count; i++)
            if (is_wanted(groups[g], &groups[g]->rows[i], lists))
                row_run(&groups[g]->rows[i], effort);
}

int main(int argc, char **argv)
{
    bool is_short = false;
    char self[PATH_MAX];
    strcpy(bench_directory, dirname(realpath("/proc/self/exe", self) ? self : argv[0]));
    for (; argc > 1 && argv[1][0] == '-'; argv++, argc--) {
        if (strcmp(argv[1], "--list") == 0) {
            rows_list();
            return 0;
        }
        if (strcmp(argv[1], "--short") != 0) {
            fprintf(stderr, "bench: there is no option %s\n", argv[1]);
            return 2;
        }
        is_short = true;
    }
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGCHLD);
    sigprocmask(SIG_BLOCK, &set, nullptr);
    signal(SIGPIPE, SIG_IGN);
    uint64_t ms = cycles_per_ms(is_short ? 1000000 : 50000000);
    printf("rate %lu\n", ms);
    struct effort effort = is_short ? (struct effort){2 * ms, 3, 1, 60 * ms}
                                    : (struct effort){2 * ms, 41, 3, 250 * ms};
    rows_run(argv + 1, &effort);
    printf("end\n");
    return fflush(stdout) == 0 ? 0 : 1;
}
