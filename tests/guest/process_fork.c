/* SPDX-License-Identifier: BSD-2-Clause */
/* process_fork.c - fork(2), vfork(2), clone(2), clone3(2): what is copied, what is shared. */
#include "test.h"

#include <fcntl.h>
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static long clone_raw(unsigned long flags, void *stack, void *parent_tid, void *child_tid)
{
    return syscall(SYS_clone, flags, stack, parent_tid, child_tid, 0);
}

TEST(fork_returns_zero_in_the_child)
{
    pid_t parent = getpid();
    pid_t pid = (pid_t)OK(fork());
    if (pid == 0) {
        CHECK_EQ(getppid(), parent);
        CHECK(getpid() != parent);
        _exit(0);
    }
    CHECK(pid > 0 && pid != parent);
    child_wait_ok(pid);
}

TEST(fork_copies_memory)
{
    static volatile int global = 1;
    volatile int local = 2;
    volatile int *heap = malloc(sizeof *heap);
    *heap = 3;
    IN_CHILD
    {
        CHECK(global == 1 && local == 2 && *heap == 3);
        global = local = *heap = 9;
    }
    CHECK(global == 1 && local == 2 && *heap == 3);
    pid_t pid = (pid_t)OK(fork());
    if (pid == 0) {
        sleep_ms(5);
        _exit(global == 1 && *heap == 3 ? 0 : 1);
    }
    global = *heap = 7;
    child_wait_ok(pid);
}

TEST(fork_shares_what_is_mapped_shared)
{
    int *shared = mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    CHECK(shared != MAP_FAILED);
    shared[0] = 5;
    IN_CHILD
    {
        CHECK_EQ(shared[0], 5);
        shared[1] = 6;
    }
    CHECK_EQ(shared[1], 6);
}

TEST(fork_of_a_fork_of_a_fork)
{
    int *shared = mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    for (int depth = 0; depth < 8; depth++) {
        pid_t pid = (pid_t)OK(fork());
        if (pid != 0) {
            child_wait_ok(pid);
            if (depth == 0)
                break;
            _exit(0);
        }
        ++*shared;
        if (depth == 7)
            _exit(0);
    }
    CHECK_EQ(*shared, 8);
}

TEST(fork_hundred_children_all_end)
{
    pid_t pids[100];
    for (int i = 0; i < 100; i++) {
        pids[i] = (pid_t)OK(fork());
        if (pids[i] == 0)
            _exit(i);
    }
    for (int i = 99; i >= 0; i--)
        CHECK_EQ(child_wait(pids[i]), i << 8);
}

TEST(fork_many_one_after_the_other)
{
    for (int i = 0; i < 200; i++) {
        pid_t pid = (pid_t)OK(fork());
        if (pid == 0)
            _exit(i & 0x7f);
        CHECK_EQ(child_wait(pid), (i & 0x7f) << 8);
    }
}

TEST(fork_copies_descriptors)
{
    int pipes[2];
    char byte = 0;
    OK(pipe(pipes));
    pid_t pid = (pid_t)OK(fork());
    if (pid == 0) {
        CHECK_EQ(write(pipes[1], "k", 1), 1);
        _exit(0);
    }
    OK(close(pipes[1]));
    CHECK_EQ(read(pipes[0], &byte, 1), 1);
    CHECK_EQ(byte, 'k');
    CHECK_EQ(read(pipes[0], &byte, 1), 0);
    child_wait_ok(pid);
}

TEST(fork_clears_pending_signals_and_timers)
{
    sigset_t set, pending;
    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    OK(sigprocmask(SIG_BLOCK, &set, nullptr));
    OK(raise(SIGUSR1));
    OK(alarm(100));
    IN_CHILD
    {
        OK(sigpending(&pending));
        CHECK(!sigismember(&pending, SIGUSR1));
        CHECK_EQ(alarm(0), 0);
        sigset_t mask;
        OK(sigprocmask(SIG_BLOCK, nullptr, &mask));
        CHECK(sigismember(&mask, SIGUSR1));
    }
    OK(sigpending(&pending));
    CHECK(sigismember(&pending, SIGUSR1));
}

TEST(fork_keeps_handlers_limits_and_groups)
{
    struct rlimit limit = {50, 60}, got;
    OK(setrlimit(RLIMIT_NOFILE, &limit));
    signal(SIGUSR1, SIG_IGN);
    IN_CHILD
    {
        struct sigaction action;
        OK(sigaction(SIGUSR1, nullptr, &action));
        CHECK(action.sa_handler == SIG_IGN);
        OK(getrlimit(RLIMIT_NOFILE, &got));
        CHECK_EQ(got.rlim_cur, 50);
        CHECK_EQ(got.rlim_max, 60);
        CHECK_EQ(getpgrp(), getppid());
    }
}

TEST(vfork_child_runs_first_and_shares_memory)
{
    volatile int seen = 0;
    pid_t pid = (pid_t)OK(vfork());
    if (pid == 0) {
        seen = 77;
        _exit(3);
    }
    CHECK_EQ(seen, 77);
    CHECK_EQ(child_wait(pid), 3 << 8);
}

TEST(vfork_parent_waits_for_exec)
{
    char *argv[] = {"guest-tests", "--helper=exit", "5", nullptr};
    pid_t pid = (pid_t)OK(vfork());
    if (pid == 0) {
        execv(self_path, argv);
        _exit(126);
    }
    CHECK_EQ(child_wait(pid), 5 << 8);
}

TEST(clone_as_fork)
{
    long pid = OK(clone_raw(SIGCHLD, nullptr, nullptr, nullptr));
    if (pid == 0)
        _exit(4);
    CHECK_EQ(child_wait((pid_t)pid), 4 << 8);
}

TEST(clone_parent_settid_and_child_settid)
{
    pid_t *shared = mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    long pid = OK(clone_raw(CLONE_PARENT_SETTID | CLONE_CHILD_SETTID | SIGCHLD, nullptr, &shared[0],
                            &shared[1]));
    if (pid == 0)
        _exit(0);
    CHECK_EQ(shared[0], pid);
    child_wait_ok((pid_t)pid);
    CHECK_EQ(shared[1], pid);
}

static int child_of_clone(void *argument)
{
    *(int *)argument = 123;
    return 6;
}

TEST(clone_vm_shares_memory_on_a_new_stack)
{
    int value = 0;
    char *stack = malloc(65536);
    int pid =
        (int)OK(clone(child_of_clone, stack + 65536, CLONE_VM | CLONE_VFORK | SIGCHLD, &value));
    CHECK_EQ(value, 123);
    CHECK_EQ(child_wait(pid), 6 << 8);
}

static int child_closes(void *argument)
{
    close(*(int *)argument);
    return chdir("/") ? 1 : 0;
}

TEST(clone_files_and_fs_are_shared_when_asked)
{
    struct stat here, after;
    char *stack = malloc(65536);
    int fd = (int)OK(open("/dev/null", O_RDONLY));
    OK(stat(".", &here));
    int pid = (int)OK(clone(child_closes, stack + 65536, SIGCHLD, &fd));
    child_wait_ok(pid);
    OK(fcntl(fd, F_GETFD));
    OK(stat(".", &after));
    CHECK_EQ(after.st_ino, here.st_ino);
    pid = (int)OK(clone(child_closes, stack + 65536, CLONE_FILES | CLONE_FS | SIGCHLD, &fd));
    child_wait_ok(pid);
    CHECK_ERRNO(fcntl(fd, F_GETFD), EBADF);
    OK(stat(".", &after));
    CHECK(after.st_ino != here.st_ino);
}

TEST(clone_flag_combinations_refused)
{
    CHECK_ERRNO(clone_raw(CLONE_SIGHAND | SIGCHLD, nullptr, nullptr, nullptr), EINVAL);
    CHECK_ERRNO(clone_raw(CLONE_THREAD | SIGCHLD, nullptr, nullptr, nullptr), EINVAL);
    CHECK_ERRNO(clone_raw(CLONE_THREAD | CLONE_SIGHAND | SIGCHLD, nullptr, nullptr, nullptr),
                EINVAL);
    CHECK_ERRNO(clone_raw(CLONE_FS | CLONE_NEWNS | SIGCHLD, nullptr, nullptr, nullptr), EINVAL);
}

TEST(clone_exit_signal_may_be_none_or_another)
{
    int status;
    signal(SIGUSR1, SIG_IGN);
    pid_t pid = (pid_t)OK(clone_raw(SIGUSR1, nullptr, nullptr, nullptr));
    if (pid == 0)
        _exit(0);
    /* Without __WCLONE only children that report by SIGCHLD are waited for. */
    CHECK_ERRNO(waitpid(pid, &status, 0), ECHILD);
    CHECK_EQ(waitpid(pid, &status, __WCLONE), pid);
    pid = (pid_t)OK(clone_raw(0, nullptr, nullptr, nullptr));
    if (pid == 0)
        _exit(2);
    CHECK_EQ(waitpid(pid, &status, __WALL), pid);
    CHECK_EQ(status, 2 << 8);
}

TEST(clone_parent_makes_a_sibling)
{
    pid_t *shared = mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    pid_t self = getpid();
    IN_CHILD
    {
        pid_t pid = (pid_t)OK(clone_raw(CLONE_PARENT | SIGCHLD, nullptr, nullptr, nullptr));
        if (pid == 0)
            _exit(getppid() == self ? 8 : 9);
        *shared = pid;
        CHECK_ERRNO(waitpid(pid, nullptr, 0), ECHILD);
    }
    CHECK_EQ(child_wait(*shared), 8 << 8);
}

TEST(clone3_as_fork)
{
    struct clone_args args = {.exit_signal = SIGCHLD};
    long pid = OK(syscall(SYS_clone3, &args, sizeof args));
    if (pid == 0)
        _exit(11);
    CHECK_EQ(child_wait((pid_t)pid), 11 << 8);
}

TEST(clone3_errors)
{
    struct clone_args args = {.exit_signal = SIGCHLD};
    CHECK_ERRNO(syscall(SYS_clone3, &args, 8), EINVAL);
    CHECK_ERRNO(syscall(SYS_clone3, &args, 100000), E2BIG);
    CHECK_ERRNO(syscall(SYS_clone3, nullptr, sizeof args), EFAULT);
    args.stack = 4096;
    CHECK_ERRNO(syscall(SYS_clone3, &args, sizeof args), EINVAL);
    args = (struct clone_args){.exit_signal = 999};
    CHECK_ERRNO(syscall(SYS_clone3, &args, sizeof args), EINVAL);
    args = (struct clone_args){.flags = CLONE_SIGHAND, .exit_signal = SIGCHLD};
    CHECK_ERRNO(syscall(SYS_clone3, &args, sizeof args), EINVAL);
    struct {
        struct clone_args args;
        uint64_t more;
    } longer = {.args = {.exit_signal = SIGCHLD}, .more = 1};
    CHECK_ERRNO(syscall(SYS_clone3, &longer, sizeof longer), E2BIG);
}

TEST(rlimit_nproc_stops_a_fork_bomb)
{
    int started = 0;
    struct rlimit limit = {20, 20};
    struct gate gate = gate_make();
    /* A user whom no other test is. */
    IN_CHILD_AS(54321, 54321)
    {
        OK(setrlimit(RLIMIT_NPROC, &limit));
        pid_t pid;
        while ((pid = fork()) > 0)
            started++;
        if (pid == 0) {
            /* Stay until the parent, the only other writer, is done. */
            char byte;
            close(gate.fd[1]);
            if (read(gate.fd[0], &byte, 1) < 0)
                _exit(1);
            _exit(0);
        }
        CHECK_EQ(errno, EAGAIN);
        CHECK_EQ(started, 19);
        /* One that ends makes room for one more. */
        gate_open(&gate);
        CHECK(wait(nullptr) > 0);
        pid = (pid_t)OK(fork());
        if (pid == 0)
            _exit(0);
        child_wait_ok(pid);
        for (int i = 1; i < started; i++)
            gate_open(&gate);
        for (int i = 1; i < started; i++)
            CHECK(wait(nullptr) > 0);
    }
}
