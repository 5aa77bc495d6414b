/* SPDX-License-Identifier: BSD-2-Clause */
/* namespace_pid.c - pid_namespaces(7): numbers from inside and outside, the init, the end. */
#include "test.h"

#include <fcntl.h>
#include <linux/futex.h>
#include <linux/nsfs.h>
#include <linux/sched.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/ipc.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/reboot.h>
#include <sys/resource.h>
#include <sys/sem.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* fork(2) with FLAGS, which may name namespaces. */
static pid_t fork_with(uint64_t flags)
{
    struct clone_args args = {.flags = flags, .exit_signal = SIGCHLD};
    return (pid_t)syscall(SYS_clone3, &args, sizeof args);
}

/* clone3(2) that asks for numbers. */
static pid_t fork_numbered(uint64_t flags, const pid_t *numbers, size_t count)
{
    struct clone_args args = {
        .flags = flags,
        .exit_signal = SIGCHLD,
        .set_tid = (uint64_t)(uintptr_t)numbers,
        .set_tid_size = count,
    };
    return (pid_t)syscall(SYS_clone3, &args, sizeof args);
}

/* { ... } runs as the init of a new pid namespace, and must end well. */
#define IN_NAMESPACE                                                                               \
    for (struct child_scope scope_ = scope_open(); scope_.is_child || !scope_.is_done;             \
         child_scope_close(&scope_, __FILE__, __LINE__))                                           \
        if (scope_.is_child)

static struct child_scope scope_open(void)
{
    struct child_scope scope = {.pid = (pid_t)OK(fork_with(CLONE_NEWPID))};
    scope.is_child = scope.pid == 0;
    return scope;
}

static void link_read(const char *path, char *to)
{
    ssize_t n = OK(readlink(path, to, 63));
    to[n] = 0;
}

/* ------------------------------------------------------------------ numbers */

TEST(pidns_the_first_is_number_one)
{
    pid_t outside = getpid();
    CHECK(outside > 1);
    IN_NAMESPACE
    {
        CHECK_EQ(getpid(), 1);
        CHECK_EQ(gettid(), 1);
        CHECK_EQ(getppid(), 0);
        CHECK_EQ(getpgrp(), 0);
        CHECK_EQ(getsid(0), 0);
        CHECK_ERRNO(getpgid(outside), ESRCH);
        CHECK_ERRNO(kill(outside, 0), ESRCH);
        IN_CHILD
        {
            CHECK_EQ(getpid(), 2);
            CHECK_EQ(getppid(), 1);
        }
        CHECK_EQ(setsid(), 1);
        CHECK_EQ(getpgrp(), 1);
        IN_CHILD
        {
            CHECK_EQ(getpid(), 3);
            CHECK_EQ(getpgrp(), 1);
            OK(setpgid(0, 0));
            CHECK_EQ(getpgrp(), 3);
            CHECK_EQ(getpgid(1), 1);
            CHECK_EQ(getsid(0), 1);
        }
    }
}

TEST(pidns_parent_sees_its_own_numbers)
{
    int words[2] = {};
    struct clone_args args = {
        .flags = CLONE_NEWPID | CLONE_PARENT_SETTID | CLONE_CHILD_SETTID,
        .exit_signal = SIGCHLD,
        .parent_tid = (uint64_t)(uintptr_t)&words[0],
        .child_tid = (uint64_t)(uintptr_t)&words[1],
    };
    pid_t pid = (pid_t)OK(syscall(SYS_clone3, &args, sizeof args));
    if (pid == 0)
        _exit(words[1] == 1 && (words[0] == 0 || words[0] > 1) ? 5 : 1);
    CHECK(pid > 1);
    CHECK_EQ(words[0], pid);
    siginfo_t info = {};
    OK(waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT));
    CHECK_EQ(info.si_pid, pid);
    CHECK_EQ(info.si_status, 5);
    int status;
    CHECK_EQ(waitpid(pid, &status, 0), pid);
    CHECK_EQ(WEXITSTATUS(status), 5);
}

TEST(pidns_unshare_moves_the_children)
{
    IN_CHILD
    {
        pid_t mine = getpid();
        char here[64], children[64];
        OK(unshare(CLONE_NEWPID));
        CHECK_EQ(getpid(), mine);
        link_read("/proc/self/ns/pid", here);
        CHECK_ERRNO(readlink("/proc/self/ns/pid_for_children", children, 63), ENOENT);
        CHECK_ERRNO(unshare(CLONE_NEWPID), EINVAL);
        struct gate ready = gate_make(), done = gate_make();
        pid_t pid = (pid_t)OK(fork());
        if (pid == 0) {
            CHECK_EQ(getpid(), 1);
            gate_open(&ready);
            gate_wait(&done);
            _exit(0);
        }
        gate_wait(&ready);
        link_read("/proc/self/ns/pid_for_children", children);
        CHECK(strcmp(here, children) != 0);
        CHECK(strncmp(children, "pid:[", 5) == 0);
        /* The second child is a process of the same namespace, and no child of its init. */
        pid_t second = (pid_t)OK(fork());
        if (second == 0) {
            CHECK_EQ(getpid(), 2);
            CHECK_EQ(getppid(), 0);
            _exit(0);
        }
        child_wait_ok(second);
        gate_open(&done);
        child_wait_ok(pid);
        /* Its init has gone: nobody is born there any more. */
        CHECK_ERRNO(fork(), ENOMEM);
    }
}

static void *nothing(void *)
{
    return nullptr;
}

TEST(pidns_no_threads_across)
{
    IN_CHILD
    {
        pthread_t thread;
        OK(unshare(CLONE_NEWPID));
        CHECK_EQ(pthread_create(&thread, nullptr, nothing, nullptr), EINVAL);
    }
    CHECK_ERRNO(syscall(SYS_clone, CLONE_NEWPID | CLONE_THREAD | CLONE_SIGHAND | CLONE_VM, nullptr,
                        nullptr, nullptr, nullptr),
                EINVAL);
}

TEST(pidns_init_has_no_siblings)
{
    IN_NAMESPACE
    {
        CHECK_ERRNO(syscall(SYS_clone, CLONE_PARENT | SIGCHLD, nullptr, nullptr, nullptr, nullptr),
                    EINVAL);
    }
}

TEST(pidns_needs_a_capability)
{
    IN_CHILD_AS(99, 99)
    {
        CHECK_ERRNO(unshare(CLONE_NEWPID), EPERM);
        CHECK_ERRNO(fork_with(CLONE_NEWPID), EPERM);
    }
}

TEST(pidns_nested)
{
    IN_NAMESPACE
    {
        pid_t inner = (pid_t)OK(fork_with(CLONE_NEWPID));
        if (inner == 0) {
            CHECK_EQ(getpid(), 1);
            CHECK_EQ(getppid(), 0);
            CHECK_ERRNO(kill(2, 0), ESRCH);
            _exit(0);
        }
        CHECK_EQ(inner, 2);
        child_wait_ok(inner);
    }
}

/* So deep that the 33rd is one too many. */
static void nest(int level)
{
    pid_t pid = fork_with(CLONE_NEWPID);
    if (pid < 0)
        _exit(errno == ENOSPC ? level : 255);
    if (pid == 0) {
        nest(level + 1);
        _exit(255);
    }
    int status;
    OK(waitpid(pid, &status, 0));
    _exit(WEXITSTATUS(status));
}

TEST(pidns_as_deep_as_it_goes)
{
    pid_t pid = (pid_t)OK(fork());
    if (pid == 0)
        nest(0);
    int status = child_wait(pid);
    CHECK(WIFEXITED(status));
    /* Fewer where the test itself runs in one. */
    CHECK(WEXITSTATUS(status) > 16 && WEXITSTATUS(status) <= 32);
}

TEST(pidns_numbers_can_be_chosen)
{
    pid_t one = 1, forty[2] = {40, 0};
    pid_t pid = (pid_t)OK(fork_numbered(CLONE_NEWPID, &one, 1));
    if (pid == 0) {
        CHECK_EQ(getpid(), 1);
        pid_t child = fork_numbered(0, forty, 1);
        if (child == 0)
            _exit(getpid() == 40 ? 0 : 1);
        CHECK_EQ(child, 40);
        CHECK_ERRNO(fork_numbered(0, forty, 1), EEXIST);
        child_wait_ok(child);
        child = fork_numbered(0, forty, 1);
        if (child == 0)
            _exit(0);
        CHECK_EQ(child, 40);
        child_wait_ok(child);
        CHECK_ERRNO(fork_numbered(0, forty, 0), EINVAL);
        forty[0] = 0;
        CHECK_ERRNO(fork_numbered(0, forty, 1), EINVAL);
        forty[0] = -4;
        CHECK_ERRNO(fork_numbered(0, forty, 1), EINVAL);
        _exit(0);
    }
    child_wait_ok(pid);
    CHECK_ERRNO(fork_numbered(CLONE_NEWPID, forty, 1), EINVAL); /* the first must be 1 */
    CHECK_ERRNO(fork_numbered(0, nullptr, 1), EINVAL);
    IN_CHILD_AS(99, 99)
    {
        pid_t high = 30000;
        CHECK_ERRNO(fork_numbered(0, &high, 1), EPERM);
    }
}

/* ------------------------------------------------------------------ the init */

TEST(pidns_orphans_go_to_the_init)
{
    IN_NAMESPACE
    {
        int ends[2];
        OK(pipe(ends));
        pid_t middle = (pid_t)OK(fork());
        if (middle == 0) {
            pid_t own = getpid();
            if (OK(fork()) == 0) {
                while (getppid() == own)
                    sleep_ms(1);
                pid_t parent = getppid();
                OK(write(ends[1], &parent, sizeof parent));
                _exit(9);
            }
            _exit(0);
        }
        child_wait_ok(middle);
        pid_t parent = 0;
        OK(read(ends[0], &parent, sizeof parent));
        CHECK_EQ(parent, 1);
        int status;
        CHECK_EQ(wait(&status), 3);
        CHECK_EQ(WEXITSTATUS(status), 9);
    }
}

/* A subreaper outside does not reach into a namespace. */
TEST(pidns_orphans_do_not_leave)
{
    OK(prctl(PR_SET_CHILD_SUBREAPER, 1));
    IN_NAMESPACE
    {
        pid_t middle = (pid_t)OK(fork());
        if (middle == 0) {
            if (OK(fork()) == 0) {
                while (getppid() != 1)
                    sleep_ms(1);
                _exit(0);
            }
            _exit(0);
        }
        child_wait_ok(middle);
        CHECK_EQ(wait(nullptr), 3);
    }
}

static volatile sig_atomic_t heard;
static void hear(int sig)
{
    heard = sig;
}

TEST(pidns_init_is_safe_from_inside)
{
    IN_NAMESPACE
    {
        OK(kill(1, SIGKILL));
        OK(kill(1, SIGTERM));
        OK(kill(1, SIGSTOP));
        OK(raise(SIGABRT));
        IN_CHILD
        {
            OK(kill(1, SIGKILL));
            OK(kill(1, SIGSTOP));
            OK(kill(1, SIGINT));
        }
        signal(SIGUSR1, hear);
        OK(raise(SIGUSR1));
        CHECK_EQ(heard, SIGUSR1);
        /* Blocked signals wait, and vanish when they are let through. */
        sigset_t set, pending;
        sigemptyset(&set);
        sigaddset(&set, SIGUSR2);
        OK(sigprocmask(SIG_BLOCK, &set, nullptr));
        OK(raise(SIGUSR2));
        OK(sigpending(&pending));
        CHECK(sigismember(&pending, SIGUSR2));
        OK(sigprocmask(SIG_UNBLOCK, &set, nullptr));
        OK(sigpending(&pending));
        CHECK(!sigismember(&pending, SIGUSR2));
    }
}

static pid_t init_that_sleeps(void)
{
    struct gate ready = gate_make();
    pid_t pid = (pid_t)OK(fork_with(CLONE_NEWPID));
    if (pid == 0) {
        gate_open(&ready);
        for (;;)
            pause();
    }
    gate_wait(&ready);
    return pid;
}

TEST(pidns_init_obeys_the_outside)
{
    int status;
    pid_t pid = init_that_sleeps();
    OK(kill(pid, SIGTERM));
    OK(kill(pid, SIGSTOP));
    CHECK_EQ(waitpid(pid, &status, WUNTRACED), pid);
    CHECK(WIFSTOPPED(status));
    OK(kill(pid, SIGCONT));
    CHECK_EQ(waitpid(pid, &status, WNOHANG), 0);
    OK(kill(pid, SIGKILL));
    status = child_wait(pid);
    CHECK(WIFSIGNALED(status));
    CHECK_EQ(WTERMSIG(status), SIGKILL);
}

TEST(pidns_a_fault_ends_the_init)
{
    pid_t pid = (pid_t)OK(fork_with(CLONE_NEWPID));
    if (pid == 0) {
        *(volatile int *)nullptr = 1;
        _exit(0);
    }
    int status = child_wait(pid);
    CHECK(WIFSIGNALED(status));
    CHECK_EQ(WTERMSIG(status), SIGSEGV);
}

TEST(pidns_ends_with_its_init)
{
    int ends[2];
    OK(pipe(ends));
    pid_t pid = (pid_t)OK(fork_with(CLONE_NEWPID));
    if (pid == 0) {
        for (int i = 0; i < 4; i++)
            if (OK(fork_with(i == 3 ? CLONE_NEWPID : 0)) == 0) {
                signal(SIGTERM, SIG_IGN);
                if (i == 1)
                    OK(fork());
                if (i == 2)
                    OK(setsid());
                for (;;)
                    pause();
            }
        /* A zombie besides. */
        if (OK(fork()) == 0)
            _exit(0);
        process_await_state(getpid(), "RSDZ"); /* whatever /proc says: it is not ours */
        _exit(3);
    }
    close(ends[1]);
    int status = child_wait(pid);
    CHECK_EQ(WEXITSTATUS(status), 3);
    /* All have gone when the init has: nobody holds the pipe. */
    char byte;
    CHECK_EQ(read(ends[0], &byte, 1), 0);
}

TEST(pidns_killed_from_outside_takes_all_along)
{
    int ends[2];
    OK(pipe(ends));
    struct gate ready = gate_make();
    pid_t pid = (pid_t)OK(fork_with(CLONE_NEWPID));
    if (pid == 0) {
        OK(fork());
        if (OK(fork()) != 0 && getpid() == 1)
            gate_open(&ready);
        for (;;)
            pause();
    }
    close(ends[1]);
    gate_wait(&ready);
    OK(kill(pid, SIGKILL));
    int status = child_wait(pid);
    CHECK_EQ(WTERMSIG(status), SIGKILL);
    char byte;
    CHECK_EQ(read(ends[0], &byte, 1), 0);
}

static void *sleep_long(void *)
{
    for (;;)
        pause();
}

TEST(pidns_init_with_threads_ends)
{
    pid_t pid = (pid_t)OK(fork_with(CLONE_NEWPID));
    if (pid == 0) {
        pthread_t threads[3];
        for (int i = 0; i < 3; i++)
            CHECK_EQ(pthread_create(&threads[i], nullptr, sleep_long, nullptr), 0);
        if (OK(fork()) == 0)
            for (;;)
                pause();
        _exit(4);
    }
    CHECK_EQ(WEXITSTATUS(child_wait(pid)), 4);
}

TEST(pidns_init_can_exec)
{
    pid_t pid = (pid_t)OK(fork_with(CLONE_NEWPID));
    if (pid == 0) {
        execl(self_path, self_path, "--helper=pidns_number", nullptr);
        _exit(255);
    }
    CHECK_EQ(WEXITSTATUS(child_wait(pid)), 1);
}

HELPER(pidns_number)
{
    OK(kill(1, SIGKILL));
    return getpid();
}

TEST(pidns_reboot_ends_the_init)
{
    static const struct {
        int command, signal;
    } ways[] = {{RB_AUTOBOOT, SIGHUP}, {RB_POWER_OFF, SIGINT}, {RB_HALT_SYSTEM, SIGINT}};
    for (unsigned i = 0; i < 3; i++) {
        pid_t pid = (pid_t)OK(fork_with(CLONE_NEWPID));
        if (pid == 0) {
            CHECK_ERRNO(reboot(RB_SW_SUSPEND), EINVAL);
            if (OK(fork()) == 0)
                reboot(ways[i].command);
            for (;;)
                pause();
        }
        int status = child_wait(pid);
        CHECK(WIFSIGNALED(status));
        CHECK_EQ(WTERMSIG(status), ways[i].signal);
    }
}

/* ------------------------------------------------------------------ signals across */

static siginfo_t got;
static void note(int, siginfo_t *info, void *)
{
    got = *info;
}

static void note_signal(int sig)
{
    struct sigaction action = {.sa_sigaction = note, .sa_flags = SA_SIGINFO};
    OK(sigaction(sig, &action, nullptr));
}

TEST(pidns_sender_from_above_is_nobody)
{
    struct gate ready = gate_make();
    sigset_t set, old;
    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    OK(sigprocmask(SIG_BLOCK, &set, &old));
    pid_t pid = (pid_t)OK(fork_with(CLONE_NEWPID));
    if (pid == 0) {
        siginfo_t info;
        gate_open(&ready);
        CHECK_EQ(sigwaitinfo(&set, &info), SIGUSR1);
        CHECK_EQ(info.si_code, SI_USER);
        CHECK_EQ(info.si_pid, 0);
        gate_open(&ready);
        CHECK_EQ(sigwaitinfo(&set, &info), SIGUSR1);
        CHECK_EQ(info.si_code, SI_QUEUE);
        CHECK_EQ(info.si_pid, 0);
        CHECK_EQ(info.si_value.sival_int, 17);
        if (OK(fork()) == 0) {
            OK(kill(1, SIGUSR1));
            _exit(0);
        }
        CHECK_EQ(sigwaitinfo(&set, &info), SIGUSR1);
        CHECK_EQ(info.si_pid, 2);
        _exit(0);
    }
    gate_wait(&ready);
    OK(kill(pid, SIGUSR1));
    gate_wait(&ready);
    OK(sigqueue(pid, SIGUSR1, (union sigval){.sival_int = 17}));
    child_wait_ok(pid);
}

TEST(pidns_child_s_end_is_told_by_the_parent_s_number)
{
    note_signal(SIGCHLD);
    pid_t pid = (pid_t)OK(fork_with(CLONE_NEWPID));
    if (pid == 0)
        _exit(6);
    while (waitpid(pid, nullptr, 0) < 0)
        CHECK_EQ(errno, EINTR);
    CHECK_EQ(got.si_signo, SIGCHLD);
    CHECK_EQ(got.si_pid, pid);
    CHECK_EQ(got.si_status, 6);
}

TEST(pidns_kill_all_stays_inside)
{
    pid_t bystander = (pid_t)OK(fork());
    if (bystander == 0)
        for (;;)
            pause();
    IN_NAMESPACE
    {
        CHECK_ERRNO(kill(-1, SIGTERM), ESRCH);
        pid_t child = (pid_t)OK(fork());
        if (child == 0)
            for (;;)
                pause();
        OK(kill(-1, SIGTERM));
        CHECK_EQ(WTERMSIG(child_wait(child)), SIGTERM);
    }
    CHECK_EQ(waitpid(bystander, nullptr, WNOHANG), 0);
    OK(kill(bystander, SIGKILL));
    CHECK_EQ(WTERMSIG(child_wait(bystander)), SIGKILL);
}

/* ------------------------------------------------------------------ joining and files */

TEST(pidns_joined_by_setns)
{
    char path[40], text[64], seen[64];
    pid_t init = init_that_sleeps();
    snprintf(path, sizeof path, "/proc/%d/ns/pid", init);
    link_read(path, text);
    int fd = (int)OK(open(path, O_RDONLY)), mine = (int)OK(open("/proc/self/ns/pid", O_RDONLY));
    CHECK_EQ(ioctl(fd, NS_GET_NSTYPE), CLONE_NEWPID);
    int above = (int)OK(ioctl(fd, NS_GET_PARENT));
    struct stat a, b;
    OK(fstat(above, &a));
    OK(fstat(mine, &b));
    CHECK_EQ(a.st_ino, b.st_ino);
    CHECK_ERRNO(ioctl(mine, NS_GET_PARENT), EPERM);
    CHECK_ERRNO(setns(fd, CLONE_NEWUTS), EINVAL);
    OK(setns(fd, CLONE_NEWPID));
    link_read("/proc/self/ns/pid_for_children", seen);
    CHECK_STR(seen, text);
    IN_CHILD
    {
        CHECK_EQ(getpid(), 2);
        CHECK_EQ(getppid(), 0);
        OK(kill(1, 0));
        /* There is no way up. */
        CHECK_ERRNO(setns(mine, CLONE_NEWPID), EINVAL);
        OK(setns(fd, 0));
    }
    OK(setns(mine, CLONE_NEWPID));
    IN_CHILD
    {
        CHECK(getpid() > 2);
    }
    int pidfd = (int)OK(syscall(SYS_pidfd_open, init, 0));
    OK(setns(pidfd, CLONE_NEWPID));
    IN_CHILD
    {
        CHECK_EQ(getpid(), 3);
    }
    OK(kill(init, SIGKILL));
    child_wait(init);
    CHECK_ERRNO(fork(), ENOMEM);
}

TEST(pidns_pidfd_reaches_down_only)
{
    pid_t outside = getpid();
    int own = (int)OK(syscall(SYS_pidfd_open, outside, 0));
    pid_t init = init_that_sleeps();
    int fd = (int)OK(syscall(SYS_pidfd_open, init, 0));
    char path[40], text[200];
    snprintf(path, sizeof path, "/proc/self/fdinfo/%d", fd);
    file_read(path, text, sizeof text);
    char want[40];
    snprintf(want, sizeof want, "NSpid:\t%d\t1\n", init);
    CHECK(strstr(text, want));
    OK(syscall(SYS_pidfd_send_signal, fd, 0, nullptr, 0));
    IN_NAMESPACE
    {
        CHECK_ERRNO(syscall(SYS_pidfd_send_signal, own, 0, nullptr, 0), EINVAL);
    }
    OK(syscall(SYS_pidfd_send_signal, fd, SIGKILL, nullptr, 0));
    child_wait(init);
}

TEST(pidns_status_names_all_levels)
{
    pid_t init = init_that_sleeps();
    char path[40], text[4096], want[40];
    snprintf(path, sizeof path, "/proc/%d/status", init);
    file_read(path, text, sizeof text);
    snprintf(want, sizeof want, "\nNSpid:\t%d\t1\n", init);
    CHECK(strstr(text, want));
    snprintf(want, sizeof want, "\nNStgid:\t%d\t1\n", init);
    CHECK(strstr(text, want));
    snprintf(want, sizeof want, "\nNSsid:\t%d\t0\n", getsid(0));
    CHECK(strstr(text, want));
    OK(kill(init, SIGKILL));
    child_wait(init);
}

TEST(pidns_proc_shows_its_mounter_s)
{
    OK(mkdir("proc", 0755));
    IN_CHILD
    {
        OK(unshare(CLONE_NEWNS));
        OK(mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr));
        IN_NAMESPACE
        {
            char text[4096];
            OK(mount("proc", "proc", "proc", 0, nullptr));
            link_read("proc/self", text);
            CHECK_STR(text, "1");
            link_read("proc/thread-self", text);
            CHECK_STR(text, "1/task/1");
            CHECK(path_exists("proc/1/status"));
            CHECK(!path_exists("proc/2"));
            file_read("proc/1/stat", text, sizeof text);
            CHECK(strncmp(text, "1 (", 3) == 0);
            CHECK(strstr(text, ") R 0 0 0 "));
            file_read("proc/self/status", text, sizeof text);
            CHECK(strstr(text, "\nNSpid:\t1\n"));
            CHECK(strstr(text, "\nPPid:\t0\n"));
            pid_t child = (pid_t)OK(fork());
            if (child == 0) {
                OK(chdir("proc/self"));
                char here[64];
                CHECK(path_exists("task/2"));
                link_read("../self", here);
                CHECK_STR(here, "2");
                _exit(0);
            }
            child_wait_ok(child);
            /* The outer one shows this process by the outer number. */
            link_read("/proc/self", text);
            CHECK(atoi(text) > 1);
            OK(umount("proc"));
        }
    }
}

/* A process that a /proc does not show finds no "self" there. */
TEST(pidns_proc_from_outside_has_no_self)
{
    OK(mkdir("proc", 0755));
    IN_CHILD
    {
        OK(unshare(CLONE_NEWNS));
        OK(mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr));
        pid_t init = (pid_t)OK(fork_with(CLONE_NEWPID));
        if (init == 0) {
            OK(mount("proc", "proc", "proc", 0, nullptr));
            OK(kill(getpid(), 0));
            for (;;)
                pause();
        }
        while (!path_exists("proc/1"))
            sleep_ms(1);
        char text[64];
        CHECK_ERRNO(readlink("proc/self", text, sizeof text), ENOENT);
        OK(kill(init, SIGKILL));
        child_wait(init);
        CHECK(!path_exists("proc/1"));
        OK(umount("proc"));
    }
}

/* ------------------------------------------------------------------ numbers in other places */

TEST(pidns_credentials_are_translated)
{
    int ends[2], on = 1;
    OK(socketpair(AF_UNIX, SOCK_DGRAM, 0, ends));
    OK(setsockopt(ends[0], SOL_SOCKET, SO_PASSCRED, &on, sizeof on));
    OK(setsockopt(ends[1], SOL_SOCKET, SO_PASSCRED, &on, sizeof on));
    struct gate done = gate_make();
    pid_t pid = (pid_t)OK(fork_with(CLONE_NEWPID));
    struct ucred *cred;
    char byte = 0, control[CMSG_SPACE(sizeof *cred)];
    struct iovec iov = {&byte, 1};
    struct msghdr m = {
        .msg_iov = &iov, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control};
    if (pid == 0) {
        OK(write(ends[1], "x", 1));
        OK(recvmsg(ends[1], &m, 0));
        cred = (struct ucred *)CMSG_DATA(CMSG_FIRSTHDR(&m));
        CHECK_EQ(cred->pid, 0); /* not to be seen from here */
        gate_wait(&done);
        _exit(0);
    }
    OK(recvmsg(ends[0], &m, 0));
    cred = (struct ucred *)CMSG_DATA(CMSG_FIRSTHDR(&m));
    CHECK_EQ(cred->pid, pid);
    OK(write(ends[0], "x", 1));
    gate_open(&done);
    child_wait_ok(pid);
}

TEST(pidns_record_locks_name_their_holder)
{
    int fd = (int)OK(open("file", O_RDWR | O_CREAT, 0600));
    struct gate ready = gate_make(), done = gate_make();
    pid_t pid = (pid_t)OK(fork_with(CLONE_NEWPID));
    struct flock lock = {.l_type = F_WRLCK, .l_len = 10};
    if (pid == 0) {
        OK(fcntl(fd, F_SETLK, &lock));
        IN_CHILD
        {
            struct flock asked = {.l_type = F_WRLCK, .l_len = 10};
            OK(fcntl(fd, F_GETLK, &asked));
            CHECK_EQ(asked.l_pid, 1);
        }
        gate_open(&ready);
        gate_wait(&done);
        _exit(0);
    }
    gate_wait(&ready);
    OK(fcntl(fd, F_GETLK, &lock));
    CHECK_EQ(lock.l_type, F_WRLCK);
    CHECK_EQ(lock.l_pid, pid);
    gate_open(&done);
    child_wait_ok(pid);
}

TEST(pidns_file_owner_by_own_number)
{
    int ends[2];
    OK(socketpair(AF_UNIX, SOCK_STREAM, 0, ends));
    IN_NAMESPACE
    {
        OK(fcntl(ends[0], F_SETOWN, 1));
        CHECK_EQ(fcntl(ends[0], F_GETOWN), 1);
    }
    CHECK(fcntl(ends[0], F_GETOWN) != 1);
}

TEST(pidns_semaphore_s_last_user)
{
    int id = (int)OK(semget(IPC_PRIVATE, 1, 0600));
    IN_NAMESPACE
    {
        struct sembuf up = {.sem_op = 1};
        OK(semop(id, &up, 1));
        CHECK_EQ(semctl(id, 0, GETPID), 1);
    }
    OK(semctl(id, 0, IPC_RMID));
}

TEST(pidns_priority_inheritance_by_own_number)
{
    IN_NAMESPACE
    {
        uint32_t word = 0;
        OK(syscall(SYS_futex, &word, FUTEX_LOCK_PI, 0, nullptr, nullptr, 0));
        CHECK_EQ(word & FUTEX_TID_MASK, 1);
        CHECK_ERRNO(syscall(SYS_futex, &word, FUTEX_LOCK_PI, 0, nullptr, nullptr, 0), EDEADLK);
        OK(syscall(SYS_futex, &word, FUTEX_UNLOCK_PI, 0, nullptr, nullptr, 0));
        CHECK_EQ(word, 0);
        pthread_mutexattr_t attr;
        pthread_mutex_t mutex;
        pthread_mutexattr_init(&attr);
        pthread_mutexattr_setprotocol(&attr, PTHREAD_PRIO_INHERIT);
        pthread_mutexattr_setrobust(&attr, PTHREAD_MUTEX_ROBUST);
        CHECK_EQ(pthread_mutex_init(&mutex, &attr), 0);
        CHECK_EQ(pthread_mutex_lock(&mutex), 0);
        CHECK_EQ(pthread_mutex_unlock(&mutex), 0);
    }
}

TEST(pidns_other_calls_take_own_numbers)
{
    pid_t outside = getpid();
    IN_NAMESPACE
    {
        cpu_set_t set;
        struct rlimit limit;
        CHECK_EQ(sched_getscheduler(1), SCHED_OTHER);
        OK(sched_getaffinity(1, sizeof set, &set));
        OK(prlimit(1, RLIMIT_NOFILE, nullptr, &limit));
        OK(getpriority(PRIO_PROCESS, 1));
        CHECK_ERRNO(sched_getscheduler(outside), ESRCH);
        CHECK_ERRNO(prlimit(outside, RLIMIT_NOFILE, nullptr, &limit), ESRCH);
        CHECK_ERRNO(syscall(SYS_pidfd_open, outside, 0), ESRCH);
        CHECK_ERRNO(ptrace(PTRACE_ATTACH, outside, nullptr, nullptr), ESRCH);
        clockid_t clock;
        CHECK_EQ(clock_getcpuclockid(1, &clock), 0);
        struct timespec now;
        OK(clock_gettime(clock, &now));
    }
}

TEST(pidns_tracer_outside_sees_its_own_numbers)
{
    pid_t pid = (pid_t)OK(fork_with(CLONE_NEWPID));
    if (pid == 0) {
        OK(ptrace(PTRACE_TRACEME, 0, nullptr, nullptr));
        OK(raise(SIGSTOP));
        pid_t child = (pid_t)OK(fork());
        if (child == 0)
            _exit(0);
        child_wait_ok(child);
        _exit(0);
    }
    int status;
    unsigned long message = 0;
    CHECK_EQ(waitpid(pid, &status, 0), pid);
    CHECK_EQ(WSTOPSIG(status), SIGSTOP);
    OK(ptrace(PTRACE_SETOPTIONS, pid, nullptr, (void *)PTRACE_O_TRACEFORK));
    OK(ptrace(PTRACE_CONT, pid, nullptr, nullptr));
    CHECK_EQ(waitpid(pid, &status, 0), pid);
    CHECK_EQ(status >> 8, SIGTRAP | PTRACE_EVENT_FORK << 8);
    OK(ptrace(PTRACE_GETEVENTMSG, pid, nullptr, &message));
    CHECK(message > 2);
    CHECK_EQ(waitpid((pid_t)message, &status, __WALL), (long)message);
    OK(ptrace(PTRACE_DETACH, (pid_t)message, nullptr, nullptr));
    OK(ptrace(PTRACE_DETACH, pid, nullptr, nullptr));
    child_wait_ok(pid);
}
