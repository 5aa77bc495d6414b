/* SPDX-License-Identifier: BSD-2-Clause */
/* process_wait.c - wait4(2), waitid(2), exit statuses, orphans. */
#include "test.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static pid_t child_exiting(int status)
{
    pid_t pid = (pid_t)OK(fork());
    if (pid == 0)
        _exit(status);
    return pid;
}

static pid_t child_pausing(void)
{
    pid_t pid = (pid_t)OK(fork());
    if (pid == 0)
        for (;;)
            pause();
    return pid;
}

TEST(wait_exit_status_is_eight_bits)
{
    CHECK_EQ(child_wait(child_exiting(0)), 0);
    CHECK_EQ(child_wait(child_exiting(255)), 255 << 8);
    CHECK_EQ(child_wait(child_exiting(256)), 0);
    CHECK_EQ(child_wait(child_exiting(-1)), 255 << 8);
    CHECK_EQ(child_wait(child_exiting(1027)), 3 << 8);
}

TEST(wait_killed_by_a_signal)
{
    pid_t pid = child_pausing();
    OK(kill(pid, SIGKILL));
    int status = child_wait(pid);
    CHECK(WIFSIGNALED(status));
    CHECK_EQ(WTERMSIG(status), SIGKILL);
    CHECK(!WCOREDUMP(status));
    pid = child_pausing();
    OK(kill(pid, SIGTERM));
    CHECK_EQ(child_wait(pid), SIGTERM);
}

TEST(wait_without_children_is_echild)
{
    int status;
    CHECK_ERRNO(wait(&status), ECHILD);
    CHECK_ERRNO(waitpid(-1, &status, WNOHANG), ECHILD);
    CHECK_ERRNO(waitpid(getppid(), &status, 0), ECHILD);
    CHECK_ERRNO(waitpid(getpid(), &status, 0), ECHILD);
    CHECK_ERRNO(waitpid(-54321, &status, 0), ECHILD);
    CHECK_ERRNO(waitpid(999999, &status, 0), ECHILD);
}

TEST(wait_errors)
{
    int status;
    siginfo_t info;
    CHECK_ERRNO(waitpid(-1, &status, 0x100), EINVAL);
    CHECK_ERRNO(waitid(P_ALL, 0, &info, 0), EINVAL);
    CHECK_ERRNO(waitid(P_ALL, 0, &info, WNOHANG), EINVAL);
    CHECK_ERRNO(waitid((idtype_t)9, 0, &info, WEXITED), EINVAL);
    CHECK_ERRNO(waitid(P_PID, 0, &info, WEXITED), EINVAL);
    CHECK_ERRNO(syscall(SYS_wait4, (int)0x80000000, &status, 0, nullptr), ESRCH);
}

TEST(wait_bad_status_pointer_is_efault)
{
    pid_t pid = child_exiting(1);
    CHECK_ERRNO(syscall(SYS_wait4, pid, 8L, 0, nullptr), EFAULT);
}

TEST(wait_null_status)
{
    pid_t pid = child_exiting(1);
    CHECK_EQ(waitpid(pid, nullptr, 0), pid);
}

TEST(wait_wnohang_with_a_running_child)
{
    int status = 77;
    pid_t pid = child_pausing();
    CHECK_EQ(waitpid(pid, &status, WNOHANG), 0);
    CHECK_EQ(waitpid(-1, &status, WNOHANG), 0);
    siginfo_t info;
    memset(&info, 0xff, sizeof info);
    OK(waitid(P_PID, (id_t)pid, &info, WEXITED | WNOHANG));
    CHECK_EQ(info.si_pid, 0);
    CHECK_EQ(info.si_signo, 0);
    OK(kill(pid, SIGKILL));
    child_wait(pid);
}

TEST(wait_reaps_only_once)
{
    int status;
    pid_t pid = child_exiting(0);
    CHECK_EQ(waitpid(pid, &status, 0), pid);
    CHECK_ERRNO(waitpid(pid, &status, 0), ECHILD);
    CHECK_ERRNO(kill(pid, 0), ESRCH);
}

TEST(wait_any_child_gives_each_once)
{
    int sum = 0, status;
    for (int i = 1; i <= 5; i++)
        child_exiting(i);
    for (int i = 1; i <= 5; i++) {
        CHECK(wait(&status) > 0);
        sum += WEXITSTATUS(status);
    }
    CHECK_EQ(sum, 15);
    CHECK_ERRNO(wait(&status), ECHILD);
}

TEST(wait_by_process_group)
{
    int status;
    pid_t pid = child_pausing(), same = child_exiting(1);
    OK(setpgid(pid, pid));
    CHECK_EQ(waitpid(0, &status, 0), same);
    CHECK_ERRNO(waitpid(0, &status, 0), ECHILD);
    OK(kill(-pid, SIGTERM));
    CHECK_EQ(waitpid(-pid, &status, 0), pid);
    CHECK_EQ(status, SIGTERM);
}

TEST(wait_stopped_and_continued)
{
    int status;
    pid_t pid = child_pausing();
    OK(kill(pid, SIGSTOP));
    CHECK_EQ(waitpid(pid, &status, WUNTRACED), pid);
    CHECK(WIFSTOPPED(status));
    CHECK_EQ(WSTOPSIG(status), SIGSTOP);
    CHECK_EQ(status, 0x137f);
    CHECK_EQ(waitpid(pid, &status, WUNTRACED | WNOHANG), 0);
    OK(kill(pid, SIGCONT));
    CHECK_EQ(waitpid(pid, &status, WCONTINUED), pid);
    CHECK(WIFCONTINUED(status));
    CHECK_EQ(status, 0xffff);
    OK(kill(pid, SIGKILL));
    CHECK_EQ(child_wait(pid), SIGKILL);
}

TEST(wait_does_not_see_a_stop_without_wuntraced)
{
    int status;
    pid_t pid = child_pausing();
    OK(kill(pid, SIGSTOP));
    process_await_state(pid, "T");
    CHECK_EQ(waitpid(pid, &status, WNOHANG), 0);
    OK(kill(pid, SIGKILL));
    CHECK_EQ(child_wait(pid), SIGKILL);
}

TEST(waitid_tells_about_an_exit)
{
    siginfo_t info = {};
    pid_t pid = child_exiting(42);
    OK(waitid(P_PID, (id_t)pid, &info, WEXITED));
    CHECK_EQ(info.si_signo, SIGCHLD);
    CHECK_EQ(info.si_code, CLD_EXITED);
    CHECK_EQ(info.si_status, 42);
    CHECK_EQ(info.si_pid, pid);
    CHECK_EQ(info.si_uid, 0);
    CHECK_EQ(info.si_errno, 0);
}

TEST(waitid_tells_about_signals_and_stops)
{
    siginfo_t info = {};
    pid_t pid = child_pausing();
    OK(kill(pid, SIGSTOP));
    OK(waitid(P_PID, (id_t)pid, &info, WSTOPPED));
    CHECK_EQ(info.si_code, CLD_STOPPED);
    CHECK_EQ(info.si_status, SIGSTOP);
    OK(kill(pid, SIGCONT));
    OK(waitid(P_ALL, 0, &info, WCONTINUED));
    CHECK_EQ(info.si_code, CLD_CONTINUED);
    CHECK_EQ(info.si_status, SIGCONT);
    OK(kill(pid, SIGTERM));
    OK(waitid(P_PID, (id_t)pid, &info, WEXITED));
    CHECK_EQ(info.si_code, CLD_KILLED);
    CHECK_EQ(info.si_status, SIGTERM);
}

TEST(waitid_wnowait_leaves_the_child)
{
    siginfo_t info = {};
    int status;
    pid_t pid = child_exiting(3);
    OK(waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT));
    CHECK_EQ(info.si_status, 3);
    OK(waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT));
    CHECK_EQ(process_state(pid), 'Z');
    OK(kill(pid, SIGTERM));
    CHECK_EQ(waitpid(pid, &status, 0), pid);
    CHECK_EQ(status, 3 << 8);
}

TEST(waitid_by_group)
{
    siginfo_t info = {};
    pid_t pid = (pid_t)OK(fork());
    if (pid == 0) {
        OK(setpgid(0, 0));
        _exit(9);
    }
    setpgid(pid, pid);
    OK(waitid(P_PGID, (id_t)pid, &info, WEXITED));
    CHECK_EQ(info.si_pid, pid);
    CHECK_ERRNO(waitid(P_PGID, (id_t)pid, &info, WEXITED), ECHILD);
}

static void handler_nothing(int) {}

TEST(wait_interrupted_by_a_signal)
{
    int status;
    pid_t pid = child_pausing();
    struct sigaction action = {.sa_handler = handler_nothing};
    OK(sigaction(SIGALRM, &action, nullptr));
    alarm_every_ms(5);
    CHECK_ERRNO(waitpid(pid, &status, 0), EINTR);
    alarm_every_ms(0);
    OK(kill(pid, SIGKILL));
    CHECK_EQ(waitpid(pid, &status, 0), pid);
}

TEST(wait4_fills_resource_usage)
{
    struct rusage usage;
    memset(&usage, 0xff, sizeof usage);
    pid_t pid = child_exiting(0);
    CHECK_EQ(wait4(pid, nullptr, 0, &usage), pid);
    CHECK(usage.ru_utime.tv_sec >= 0 && usage.ru_utime.tv_usec < 1000000);
    CHECK(usage.ru_maxrss >= 0);
}

TEST(ignored_sigchld_leaves_no_zombies)
{
    int status;
    signal(SIGCHLD, SIG_IGN);
    child_exiting(1);
    child_exiting(2);
    /* wait blocks until all are gone, and then tells that there are none. */
    CHECK_ERRNO(wait(&status), ECHILD);
}

TEST(sa_nocldwait_leaves_no_zombies)
{
    int status;
    struct sigaction action = {.sa_handler = SIG_DFL, .sa_flags = SA_NOCLDWAIT};
    OK(sigaction(SIGCHLD, &action, nullptr));
    child_exiting(1);
    CHECK_ERRNO(wait(&status), ECHILD);
}

TEST(zombie_keeps_its_pid_until_reaped)
{
    pid_t pid = child_exiting(0);
    process_await_state(pid, "Z");
    OK(kill(pid, 0));
    OK(kill(pid, SIGTERM));
    child_wait_ok(pid);
    CHECK_ERRNO(kill(pid, 0), ESRCH);
}

TEST(orphan_goes_to_the_subreaper)
{
    pid_t *shared = mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    struct gate gate = gate_make();
    OK(prctl(PR_SET_CHILD_SUBREAPER, 1));
    pid_t self = getpid();
    IN_CHILD
    {
        pid_t pid = (pid_t)OK(fork());
        if (pid == 0) {
            gate_wait(&gate);
            _exit(getppid() == self ? 21 : 22);
        }
        shared[0] = pid;
    }
    /* The middle one is gone, so its child is ours. */
    gate_open(&gate);
    CHECK_EQ(child_wait(shared[0]), 21 << 8);
    int on = 0;
    OK(prctl(PR_GET_CHILD_SUBREAPER, &on));
    CHECK_EQ(on, 1);
}

TEST(orphan_goes_to_the_nearest_reaper)
{
    pid_t above = getppid();
    struct gate ready = gate_make(), done = gate_make();
    pid_t *shared = mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    IN_CHILD
    {
        pid_t pid = (pid_t)OK(fork());
        if (pid == 0) {
            gate_wait(&ready);
            shared[0] = getppid();
            gate_open(&done);
            _exit(0);
        }
    }
    gate_open(&ready);
    gate_wait(&done);
    /* This test is no reaper; whoever runs it is. */
    CHECK_EQ(shared[0], above);
}

TEST(exit_flushes_buffered_output)
{
    pid_t pid = (pid_t)OK(fork());
    if (pid == 0) {
        FILE *out = fopen("out", "w");
        CHECK(out);
        fputs("written", out);
        exit(2);
    }
    CHECK_EQ(child_wait(pid), 2 << 8);
    file_expect("out", "written");
}

TEST(pidfd_open_and_wait)
{
    siginfo_t info = {};
    pid_t pid = child_exiting(17);
    long fd = syscall(SYS_pidfd_open, pid, 0);
    if (fd == -1 && errno == ENOSYS)
        test_skip("no pidfd_open");
    OK(fd);
    OK(waitid((idtype_t)3 /* P_PIDFD */, (id_t)fd, &info, WEXITED));
    CHECK_EQ(info.si_status, 17);
    CHECK_ERRNO(syscall(SYS_pidfd_open, pid, 0), ESRCH);
    CHECK_ERRNO(syscall(SYS_pidfd_open, -1, 0), EINVAL);
}
