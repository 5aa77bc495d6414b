/* SPDX-License-Identifier: BSD-2-Clause */
/* main.c - runs the guest tests, each in a child of its own, and counts.
 *
 * The runner uses as few kinds of system call as it can, so that it works before
 * most of what it tests does.  It is a subreaper: what a test leaves behind comes
 * to it and is ended before the next test, on Linux as under Seam, where it may be
 * process 1 anyway.
 */
#include "runner.h"
#include "test.h"

#include <dirent.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

extern const struct test_case __start_guest_cases[], __stop_guest_cases[];
extern const struct test_helper __start_guest_helpers[], __stop_guest_helpers[];

const char *self_path;

static struct {
    int passed, failed, skipped;
    int limit_seconds;
    bool has_fork;
    char scratch[PATH_MAX];
} runner = {.limit_seconds = 30, .has_fork = true};

static const char usage[] =
    "usage: guest-tests [--list] [--no-fork] [--limit SECONDS] [NAME|PATTERN*]...\n"
    "Runs the tests named (a default run leaves out the later_* ones).\n"
    "GUEST_TMP names the directory to work in, else /tmp.\n";

static void tree_remove(const char *path)
{
    DIR *dir = opendir(path);
    for (struct dirent *entry; dir && (entry = readdir(dir));) {
        if (!strcmp(entry->d_name, ".") || !strcmp(entry->d_name, ".."))
            continue;
        char inner[PATH_MAX];
        if (snprintf(inner, sizeof inner, "%s/%s", path, entry->d_name) >= (int)sizeof inner)
            continue;
        struct stat st;
        if (lstat(inner, &st) == 0 && S_ISDIR(st.st_mode))
            tree_remove(inner);
        else
            unlink(inner);
    }
    if (dir)
        closedir(dir);
    rmdir(path);
}

static void scratch_enter(void)
{
    const char *base = getenv("GUEST_TMP");
    snprintf(runner.scratch, sizeof runner.scratch, "%s/guest.XXXXXX", base ? base : "/tmp");
    if (!mkdtemp(runner.scratch) || chmod(runner.scratch, 0755) || chdir(runner.scratch)) {
        perror(runner.scratch);
        exit(2);
    }
}

static void scratch_leave(void)
{
    if (chdir("/") == 0)
        tree_remove(runner.scratch);
}

static void signals_reset(void)
{
    sigset_t none;
    /* By system call: the C library keeps two signals to itself, which a parent may have ignored. */
    struct {
        void (*handler)(int);
        unsigned long flags;
        void (*restorer)(void);
        unsigned long mask;
    } standard = {};
    for (int sig = 1; sig < NSIG; sig++)
        syscall(SYS_rt_sigaction, sig, &standard, nullptr, sizeof standard.mask);
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, nullptr);
}

[[noreturn]] static void case_run_here(const struct test_case *test, int report)
{
    /* Out of the way of tests that count descriptors, and open in what they execute. */
    report_fd = dup2(report, REPORT_FD) == REPORT_FD ? REPORT_FD : report;
    if (report_fd == REPORT_FD)
        close(report);
    int null = open("/dev/null", O_RDONLY);
    if (null > 0) {
        dup2(null, 0);
        close(null);
    }
    setpgid(0, 0);
    signals_reset();
    umask(022);
    test->run();
    _exit(0);
}

/* What a test left: children in its group, and orphans that came to us. */
static void leftovers_end(pid_t pid)
{
    kill(-pid, SIGKILL);
    for (;;) {
        siginfo_t info = {};
        if (waitid(P_ALL, 0, &info, WEXITED | WNOHANG) || info.si_pid == 0)
            break;
    }
}

/* The test's wait status; false when it did not end in time and was killed. */
static bool case_await(pid_t pid, int *status)
{
    long waited_us = 0;
    for (long nap_us = 200;; nap_us = nap_us < 10000 ? nap_us * 2 : nap_us) {
        if (waitpid(pid, status, WNOHANG) == pid)
            return true;
        if (waited_us > runner.limit_seconds * 1000000L)
            break;
        struct timespec nap = {0, nap_us * 1000};
        nanosleep(&nap, nullptr);
        waited_us += nap_us;
    }
    kill(-pid, SIGKILL);
    kill(pid, SIGKILL);
    waitpid(pid, status, 0);
    return false;
}

static void case_judge(const struct test_case *test, bool ended, int status, const char *report)
{
    char line[REPORT_MAX + 200];
    if (!strncmp(report, "skip ", 5) && WIFEXITED(status) && WEXITSTATUS(status) == 0) {
        runner.skipped++;
        snprintf(line, sizeof line, "skip %s: %s\n", test->name, report + 5);
    } else if (ended && !*report && WIFEXITED(status) && WEXITSTATUS(status) == 0) {
        runner.passed++;
        snprintf(line, sizeof line, "ok %s\n", test->name);
    } else {
        runner.failed++;
        if (*report)
            snprintf(line, sizeof line, "not ok %s: %s\n", test->name, report);
        else if (!ended)
            snprintf(line, sizeof line, "not ok %s: %s: not finished after %d seconds\n",
                     test->name, test->file, runner.limit_seconds);
        else if (WIFSIGNALED(status))
            snprintf(line, sizeof line, "not ok %s: %s: ended by signal %d (%s)\n", test->name,
                     test->file, WTERMSIG(status), strsignal(WTERMSIG(status)));
        else
            snprintf(line, sizeof line, "not ok %s: %s: exit status %d\n", test->name, test->file,
                     WEXITSTATUS(status));
    }
    fputs(line, stdout);
    fflush(stdout);
}

static void case_run(const struct test_case *test)
{
    int report[2], status = 0;
    char text[REPORT_MAX] = "";
    scratch_enter();
    if (!runner.has_fork) {
        report_fd = -1;
        test->run();
        runner.passed++;
        printf("ok %s\n", test->name);
        scratch_leave();
        return;
    }
    if (pipe2(report, O_CLOEXEC)) {
        perror("pipe2");
        exit(2);
    }
    pid_t pid = fork();
    if (pid < 0) {
        perror("fork");
        exit(2);
    }
    if (pid == 0) {
        close(report[0]);
        case_run_here(test, report[1]);
    }
    close(report[1]);
    bool ended = case_await(pid, &status);
    leftovers_end(pid);
    /* All that could write is gone, so what is there is all there will be. */
    fcntl(report[0], F_SETFL, O_NONBLOCK);
    ssize_t len = read(report[0], text, sizeof text - 1);
    text[len > 0 ? len : 0] = 0;
    text[strcspn(text, "\n")] = 0;
    close(report[0]);
    case_judge(test, ended, status, text);
    scratch_leave();
}

static bool case_is_wanted(const struct test_case *test, int count, char **patterns)
{
    for (int i = 0; i < count; i++)
        if (fnmatch(patterns[i], test->name, 0) == 0)
            return true;
    return count == 0 && strncmp(test->name, "later_", 6) != 0;
}

static int helper_main(const char *name, int argc, char **argv)
{
    if (fcntl(REPORT_FD, F_GETFD) != -1)
        report_fd = REPORT_FD;
    for (const struct test_helper *h = __start_guest_helpers; h < __stop_guest_helpers; h++)
        if (!strcmp(h->name, name))
            return h->run(argc, argv);
    fprintf(stderr, "guest-tests: no helper %s\n", name);
    return 127;
}

static void self_path_find(void)
{
    static char path[PATH_MAX];
    const char *execfn = (const char *)getauxval(AT_EXECFN);
    if (!execfn || !realpath(execfn, path))
        path[0] = 0;
    self_path = path;
}

int main(int argc, char **argv)
{
    int first = 1, known = 0;
    bool only_list = false;
    self_path_find();
    if (argc > 1 && !strncmp(argv[1], "--helper=", 9))
        return helper_main(argv[1] + 9, argc, argv);
    for (; first < argc && argv[first][0] == '-'; first++) {
        if (!strcmp(argv[first], "--list"))
            only_list = true;
        else if (!strcmp(argv[first], "--no-fork"))
            runner.has_fork = false;
        else if (!strcmp(argv[first], "--limit") && first + 1 < argc)
            runner.limit_seconds = atoi(argv[++first]);
        else {
            fputs(usage, stderr);
            return 2;
        }
    }
    if (!only_list && geteuid() != 0)
        fputs("guest-tests: warning: the tests are judged as root\n", stderr);
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    for (const struct test_case *t = __start_guest_cases; t < __stop_guest_cases; t++) {
        if (!case_is_wanted(t, argc - first, argv + first))
            continue;
        known++;
        if (only_list)
            puts(t->name);
        else
            case_run(t);
    }
    if (!known) {
        fputs("guest-tests: no such test\n", stderr);
        return 2;
    }
    if (only_list)
        return 0;
    if (runner.skipped)
        printf("%d skipped\n", runner.skipped);
    printf("%d passed, %d failed\n", runner.passed, runner.failed);
    return runner.failed != 0;
}
