/* SPDX-License-Identifier: BSD-2-Clause */
/* support.c - children, gates, files and waiting, for the tests. */
#include "test.h"

#include <fcntl.h>
#include <grp.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

struct child_scope child_scope_open(uid_t uid, gid_t gid)
{
    struct child_scope scope = {.pid = (pid_t)OK(fork())};
    scope.is_child = scope.pid == 0;
    if (!scope.is_child || (uid == 0 && gid == 0))
        return scope;
    OK(setgroups(0, nullptr));
    OK(setresgid(gid, gid, gid));
    OK(setresuid(uid, uid, uid));
    return scope;
}

void child_scope_close(struct child_scope *scope, const char *file, int line)
{
    if (scope->is_child)
        _exit(0);
    int status = child_wait(scope->pid);
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
        test_fail(file, line, "child ended with wait status 0x%x", status);
    scope->is_done = true;
}

int child_wait(pid_t pid)
{
    int status;
    pid_t got;
    while ((got = waitpid(pid, &status, 0)) == -1 && errno == EINTR)
        ;
    if (got != pid)
        FAIL("waitpid(%d) gave %d, errno %d", pid, got, errno);
    return status;
}

void child_wait_ok(pid_t pid)
{
    CHECK_EQ(child_wait(pid), 0);
}

int helper_run(const char *name, const char *a, const char *b, const char *c)
{
    char option[64];
    snprintf(option, sizeof option, "--helper=%s", name);
    char *argv[] = {"guest-tests", option, (char *)a, (char *)b, (char *)c, nullptr};
    pid_t pid = (pid_t)OK(fork());
    if (pid == 0) {
        execv(self_path, argv);
        _exit(126);
    }
    return child_wait(pid);
}

struct gate gate_make(void)
{
    struct gate gate;
    OK(pipe2(gate.fd, O_CLOEXEC));
    return gate;
}

void gate_open(struct gate *gate)
{
    CHECK_EQ(write(gate->fd[1], "g", 1), 1);
}

void gate_wait(struct gate *gate)
{
    char byte;
    ssize_t got;
    while ((got = read(gate->fd[0], &byte, 1)) == -1 && errno == EINTR)
        ;
    CHECK_EQ(got, 1);
}

void gate_drop(struct gate *gate)
{
    OK(close(gate->fd[0]));
    OK(close(gate->fd[1]));
}

void file_make_mode(const char *path, const char *text, unsigned mode)
{
    int fd = (int)OK(open(path, O_CREAT | O_TRUNC | O_WRONLY, mode));
    size_t len = strlen(text);
    CHECK_EQ(write(fd, text, len), len);
    OK(fchmod(fd, mode));
    OK(close(fd));
}

void file_make(const char *path, const char *text)
{
    file_make_mode(path, text, 0644);
}

void file_expect(const char *path, const char *text)
{
    char buffer[4096];
    file_read(path, buffer, sizeof buffer);
    CHECK_STR(buffer, text);
}

size_t file_read(const char *path, char *buffer, size_t size)
{
    size_t len = 0;
    int fd = open(path, O_RDONLY);
    if (fd < 0)
        FAIL("open %s: errno %d", path, errno);
    for (ssize_t got; len < size - 1; len += (size_t)got)
        if ((got = OK(read(fd, buffer + len, size - 1 - len))) == 0)
            break;
    buffer[len] = 0;
    OK(close(fd));
    return len;
}

bool path_exists(const char *path)
{
    struct stat st;
    return lstat(path, &st) == 0;
}

char process_state(pid_t pid)
{
    char path[40], text[512];
    snprintf(path, sizeof path, "/proc/%d/stat", pid);
    int fd = open(path, O_RDONLY);
    if (fd < 0) {
        /* A thread of ours, where /proc shows only processes at its top. */
        snprintf(path, sizeof path, "/proc/self/task/%d/stat", pid);
        fd = open(path, O_RDONLY);
    }
    if (fd < 0)
        return 0;
    ssize_t len = read(fd, text, sizeof text - 1);
    close(fd);
    if (len <= 0)
        return 0;
    text[len] = 0;
    const char *end = strrchr(text, ')');
    return end ? end[2] : 0;
}

void process_await_state(pid_t pid, const char *letters)
{
    for (;;) {
        char state = process_state(pid);
        if (!state)
            FAIL("/proc shows no state of %d", pid);
        if (strchr(letters, state))
            return;
        sleep_ms(1);
    }
}

int64_t clock_now_ns(void)
{
    struct timespec now;
    OK(clock_gettime(CLOCK_MONOTONIC, &now));
    return now.tv_sec * INT64_C(1000000000) + now.tv_nsec;
}

void sleep_ms(int ms)
{
    struct timespec left = {ms / 1000, ms % 1000 * 1000000L};
    while (nanosleep(&left, &left) == -1 && errno == EINTR)
        ;
}

void alarm_every_ms(int ms)
{
    struct itimerval every = {{0, ms * 1000L}, {0, ms * 1000L}};
    OK(setitimer(ITIMER_REAL, &every, nullptr));
}
