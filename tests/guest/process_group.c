/* SPDX-License-Identifier: BSD-2-Clause */
/* process_group.c - process groups and sessions. */
#include "test.h"

#include <signal.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static pid_t child_pausing(void)
{
    pid_t pid = (pid_t)OK(fork());
    if (pid == 0)
        for (;;)
            pause();
    return pid;
}

TEST(group_is_inherited)
{
    CHECK_EQ(getpgrp(), getpid());
    CHECK_EQ(getpgid(0), getpid());
    pid_t group = getpgrp(), session = getsid(0);
    IN_CHILD
    {
        CHECK_EQ(getpgrp(), group);
        CHECK_EQ(getsid(0), session);
    }
}

TEST(setpgid_of_self_and_child)
{
    pid_t pid = child_pausing();
    OK(setpgid(pid, 0));
    CHECK_EQ(getpgid(pid), pid);
    OK(setpgid(pid, getpgrp()));
    CHECK_EQ(getpgid(pid), getpgrp());
    IN_CHILD
    {
        OK(setpgid(0, 0));
        CHECK_EQ(getpgrp(), getpid());
    }
    OK(kill(pid, SIGKILL));
    child_wait(pid);
}

TEST(setpgid_errors)
{
    pid_t pid = child_pausing();
    CHECK_ERRNO(setpgid(0, -5), EINVAL);
    CHECK_ERRNO(setpgid(getppid(), 0), ESRCH);
    CHECK_ERRNO(setpgid(999999, 0), ESRCH);
    CHECK_ERRNO(setpgid(pid, 999999), EPERM);
    CHECK_ERRNO(getpgid(999999), ESRCH);
    CHECK_ERRNO(getsid(999999), ESRCH);
    OK(kill(pid, SIGKILL));
    child_wait(pid);
    CHECK_ERRNO(setpgid(pid, 0), ESRCH);
}

TEST(setpgid_after_exec_of_the_child_is_eacces)
{
    pid_t pid = (pid_t)OK(fork());
    if (pid == 0) {
        char *argv[] = {"t", "--helper=stop_self", nullptr};
        execv(self_path, argv);
        _exit(126);
    }
    int status;
    CHECK_EQ(waitpid(pid, &status, WUNTRACED), pid);
    CHECK(WIFSTOPPED(status));
    CHECK_ERRNO(setpgid(pid, pid), EACCES);
    OK(kill(pid, SIGKILL));
    child_wait(pid);
}

HELPER(stop_self)
{
    raise(SIGSTOP);
    return 0;
}

TEST(setsid_makes_a_session_and_group)
{
    pid_t old = getsid(0);
    IN_CHILD
    {
        CHECK_EQ(setsid(), getpid());
        CHECK_EQ(getsid(0), getpid());
        CHECK_EQ(getpgrp(), getpid());
        CHECK(getsid(0) != old);
        CHECK_EQ(getsid(getppid()), old);
    }
}

TEST(setsid_of_a_group_leader_is_eperm)
{
    CHECK_ERRNO(setsid(), EPERM);
    IN_CHILD
    {
        CHECK_EQ(setsid(), getpid());
        CHECK_ERRNO(setsid(), EPERM);
        CHECK_ERRNO(setpgid(0, 0), EPERM);
    }
}

TEST(setpgid_of_a_child_in_another_session_is_eperm)
{
    struct gate gate = gate_make();
    pid_t pid = (pid_t)OK(fork());
    if (pid == 0) {
        OK(setsid());
        gate_open(&gate);
        for (;;)
            pause();
    }
    gate_wait(&gate);
    CHECK_ERRNO(setpgid(pid, getpgrp()), EPERM);
    CHECK_EQ(getsid(pid), pid);
    OK(kill(pid, SIGKILL));
    child_wait(pid);
}

TEST(kill_group_reaches_every_member)
{
    pid_t a = child_pausing(), b = child_pausing(), other = child_pausing();
    OK(setpgid(a, a));
    OK(setpgid(b, a));
    OK(kill(-a, SIGTERM));
    CHECK_EQ(child_wait(a), SIGTERM);
    CHECK_EQ(child_wait(b), SIGTERM);
    OK(kill(other, 0));
    CHECK_ERRNO(kill(-a, SIGTERM), ESRCH);
    OK(kill(other, SIGKILL));
    child_wait(other);
}

TEST(kill_zero_reaches_the_own_group)
{
    IN_CHILD
    {
        OK(setpgid(0, 0));
        pid_t pid = child_pausing();
        signal(SIGTERM, SIG_IGN);
        OK(kill(0, SIGTERM));
        CHECK_EQ(child_wait(pid), SIGTERM);
    }
}

TEST(orphaned_stopped_group_gets_hup_and_cont)
{
    /* The end of a session's leader orphans the group of its stopped child (setpgid(2)). */
    int *shared = mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    pid_t middle = (pid_t)OK(fork());
    if (middle == 0) {
        OK(setsid());
        pid_t pid = child_pausing();
        OK(setpgid(pid, pid));
        shared[0] = pid;
        OK(kill(pid, SIGSTOP));
        int status;
        CHECK_EQ(waitpid(pid, &status, WUNTRACED), pid);
        _exit(0);
    }
    child_wait_ok(middle);
    /* SIGHUP ends it, after SIGCONT has set it going. */
    while (kill(shared[0], 0) == 0 && process_state(shared[0]) != 'Z')
        sleep_ms(1);
}

TEST(orphaned_group_ignores_stops_but_sigstop)
{
    pid_t pid = (pid_t)OK(fork());
    if (pid == 0) {
        static const int stops[] = {SIGTSTP, SIGTTIN, SIGTTOU};
        OK(setsid());
        for (unsigned i = 0; i < 3; i++)
            OK(raise(stops[i]));
        raise(SIGSTOP);
        _exit(0);
    }
    int status;
    CHECK_EQ(waitpid(pid, &status, WUNTRACED), pid);
    CHECK(WIFSTOPPED(status));
    CHECK_EQ(WSTOPSIG(status), SIGSTOP);
    OK(kill(pid, SIGCONT));
    child_wait_ok(pid);
}

TEST(group_with_a_parent_in_the_session_is_not_orphaned)
{
    pid_t pid = child_pausing();
    OK(setpgid(pid, pid));
    OK(kill(-pid, SIGTSTP));
    int status;
    CHECK_EQ(waitpid(pid, &status, WUNTRACED), pid);
    CHECK_EQ(WSTOPSIG(status), SIGTSTP);
    OK(kill(-pid, SIGKILL));
    CHECK_EQ(child_wait(pid), SIGKILL);
}
