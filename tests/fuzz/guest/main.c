/* SPDX-License-Identifier: BSD-2-Clause */
/* main.c - fuzz-calls: starts workers one after the other, and looks after them.
 *
 * fuzz-calls [--seed N] [--workers N] [--calls N] [--at-once N]
 *
 * A worker that makes no progress for a while is killed: most calls may wait.  A worker that
 * cannot be killed is a failure, and so is a shell that no longer answers, and memory that is
 * missing when all is over.  Every line says which worker it is about; status 0 if all went well.
 */
#include "fuzz.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

constexpr unsigned MOST_AT_ONCE = 8;
constexpr unsigned TICK_MS = 20;
constexpr unsigned STUCK_TICKS = 15; /* without a call: waits for something */
constexpr unsigned UNKILLABLE_SECONDS = 30;
constexpr long LEAK_KB = 4096; /* more than that must not be missing */
static const char PLACE[] = "/tmp/fuzz";

struct worker {
    pid_t pid;
    unsigned number;
    uint64_t seed;
    uint64_t seen; /* progress->calls at the last look */
    unsigned idle_ticks;
    struct progress *progress;
};

static struct {
    uint64_t seed, calls;
    unsigned workers, at_once;
} options = {.seed = 1, .calls = 2000, .workers = 20, .at_once = 2};

static struct worker running[MOST_AT_ONCE];
static uint64_t calls_total;
static unsigned killed, ended, failures;

static void sleep_ms(unsigned ms)
{
    nanosleep(&(struct timespec){.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000L}, nullptr);
}

static void failed(const char *what, const struct worker *w)
{
    failures++;
    if (w)
        printf("FAILED: %s (worker %u, seed %llu, call %u)\n", what, w->number,
               (unsigned long long)w->seed, w->progress->last);
    else
        printf("FAILED: %s\n", what);
}

static long memory_free_kb(void)
{
    char line[128];
    long kb = -1;
    FILE *file = fopen("/proc/meminfo", "r");
    while (file && fgets(line, sizeof line, file))
        if (sscanf(line, "MemFree: %ld", &kb) == 1)
            break;
    if (file)
        fclose(file);
    return kb;
}

/* Does a new program still run, and do pipes, files and arithmetic still work for it? */
static bool shell_answers(void)
{
    char answer[64] = "";
    FILE *shell = popen("echo $((6 * 7)) > /tmp/answer && cat /tmp/answer", "r");
    if (!shell)
        return false;
    bool got = fgets(answer, sizeof answer, shell) != nullptr;
    while (fgetc(shell) != EOF)
        continue;
    int status = pclose(shell);
    if (status == 0 && got && strcmp(answer, "42\n") == 0)
        return true;
    printf("the shell's answer: \"%s\", status %#x, %s\n", answer, status, strerror(errno));
    return false;
}

static void worker_start(struct worker *w, unsigned number)
{
    char place[64];
    w->number = number;
    w->seed = options.seed * 1000003 + number * 7919 + 1;
    w->idle_ticks = 0;
    w->seen = 0;
    *w->progress = (struct progress){};
    snprintf(place, sizeof place, "%s/%u", PLACE, number);
    mkdir(place, 0777);
    chmod(place, 0777);
    w->pid = fork();
    if (w->pid < 0) {
        failed("fork", w);
        w->pid = 0;
    }
    if (w->pid != 0)
        return;
    int null = open("/dev/null", O_RDWR);
    for (int fd = 0; fd < 3; fd++)
        dup2(null, fd);
    if (chdir(place))
        _exit(2);
    worker_cage(number % 2 == 0);
    worker_run(w->seed, options.calls, w->progress);
}

/* Kill whatever the worker has left behind: its orphans are our children. */
static void orphans_kill(void)
{
    char path[64];
    snprintf(path, sizeof path, "/proc/self/task/%d/children", getpid());
    FILE *file = fopen(path, "r");
    int pid;
    while (file && fscanf(file, "%d", &pid) == 1) {
        bool is_worker = false;
        for (unsigned i = 0; i < MOST_AT_ONCE; i++)
            is_worker |= running[i].pid == pid;
        if (!is_worker)
            kill(pid, SIGKILL);
    }
    if (file)
        fclose(file);
}

static struct worker *worker_of(pid_t pid)
{
    for (unsigned i = 0; i < MOST_AT_ONCE; i++)
        if (running[i].pid == pid)
            return &running[i];
    return nullptr;
}

static void reap(void)
{
    int status;
    pid_t pid;
    while ((pid = waitpid(-1, &status, WNOHANG | __WALL)) > 0) {
        struct worker *w = worker_of(pid);
        if (!w || (!WIFEXITED(status) && !WIFSIGNALED(status)))
            continue;
        if (WIFEXITED(status) && WEXITSTATUS(status) == 2)
            failed("the worker's surroundings could not be made", w);
        calls_total += w->progress->calls;
        ended++;
        w->pid = 0;
    }
}

static void watch(struct worker *w)
{
    uint64_t now = w->progress->calls;
    w->idle_ticks = now == w->seen ? w->idle_ticks + 1 : 0;
    w->seen = now;
    if (w->idle_ticks < STUCK_TICKS)
        return;
    if (w->idle_ticks == STUCK_TICKS)
        killed++;
    kill(w->pid, SIGKILL);
    if (w->idle_ticks > STUCK_TICKS + UNKILLABLE_SECONDS * 1000 / TICK_MS) {
        failed("the worker cannot be killed", w);
        calls_total += now;
        w->pid = 0;
    }
}

static void run_all(void)
{
    unsigned next = 0, busy;
    do {
        busy = 0;
        for (unsigned i = 0; i < options.at_once; i++) {
            if (!running[i].pid && next < options.workers)
                worker_start(&running[i], next++);
            if (running[i].pid) {
                busy++;
                watch(&running[i]);
            }
        }
        sleep_ms(TICK_MS);
        orphans_kill();
        reap();
        if (next % 8 == 0 && !shell_answers())
            failed("the shell does not answer", nullptr);
    } while (busy > 0 || next < options.workers);
}

static void leftovers_remove(void)
{
    if (umount2(PLACE, MNT_DETACH))
        failed("umount", nullptr);
    for (int i = 0; i < 50; i++) {
        orphans_kill();
        reap();
        sleep_ms(TICK_MS);
    }
}

static void options_read(int argc, char **argv)
{
    static const struct option names[] = {
        {"seed", required_argument, nullptr, 's'},
        {"workers", required_argument, nullptr, 'w'},
        {"calls", required_argument, nullptr, 'c'},
        {"at-once", required_argument, nullptr, 'a'},
        {},
    };
    int c;
    while ((c = getopt_long(argc, argv, "", names, nullptr)) != -1) {
        switch (c) {
        case 's': options.seed = strtoull(optarg, nullptr, 0); break;
        case 'w': options.workers = (unsigned)atoi(optarg); break;
        case 'c': options.calls = strtoull(optarg, nullptr, 0); break;
        case 'a': options.at_once = (unsigned)atoi(optarg); break;
        default: exit(2);
        }
    }
    if (options.at_once < 1 || options.at_once > MOST_AT_ONCE)
        exit(2);
}

int main(int argc, char **argv)
{
    options_read(argc, argv);
    setvbuf(stdout, nullptr, _IOLBF, 0);
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    struct progress *shared =
        mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    for (unsigned i = 0; i < MOST_AT_ONCE; i++)
        running[i].progress = &shared[i];
    mkdir(PLACE, 0777);
    if (!shell_answers())
        failed("the shell does not answer before the start", nullptr);
    long before = memory_free_kb();
    if (mount("fuzz", PLACE, "tmpfs", 0, "size=64m"))
        failed("mount", nullptr);
    run_all();
    leftovers_remove();
    if (!shell_answers())
        failed("the shell does not answer at the end", nullptr);
    long missing = before - memory_free_kb();
    if (missing > LEAK_KB)
        failed("memory is missing", nullptr);
    printf("%llu calls, %u workers, %u of them killed, %ld KiB missing, %u failures\n",
           (unsigned long long)calls_total, ended, killed, missing, failures);
    return failures ? 1 : 0;
}
