/* SPDX-License-Identifier: BSD-2-Clause */
/* ptrace_basic.c - ptrace(2): stops, registers, memory, events. */
#include "test.h"

#include <elf.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

static volatile long shared = 1234;

/* A child that is traced and has stopped itself by SIGSTOP before RUN. */
static pid_t traced_child(void (*run)(void), long options)
{
    pid_t pid = (pid_t)OK(fork());
    if (pid == 0) {
        OK(ptrace(PTRACE_TRACEME, 0, 0, 0));
        raise(SIGSTOP);
        run();
        _exit(7);
    }
    int status;
    CHECK_EQ(waitpid(pid, &status, 0), pid);
    CHECK(WIFSTOPPED(status) && WSTOPSIG(status) == SIGSTOP);
    OK(ptrace(PTRACE_SETOPTIONS, pid, 0, options | PTRACE_O_EXITKILL));
    return pid;
}

static int wait_stop(pid_t pid)
{
    int status;
    CHECK_EQ(waitpid(pid, &status, __WALL), pid);
    if (!WIFSTOPPED(status))
        FAIL("expected a stop, got status 0x%x", status);
    return status >> 8;
}

static void wait_exit(pid_t pid, int code)
{
    int status;
    CHECK_EQ(waitpid(pid, &status, __WALL), pid);
    if (!WIFEXITED(status) || WEXITSTATUS(status) != code)
        FAIL("expected exit %d, got status 0x%x", code, status);
}

static void nothing(void) {}

static void call_getppid(void)
{
    if (syscall(SYS_getppid) == 4711)
        _exit(8);
}

TEST(ptrace_traceme_stops_and_continues)
{
    pid_t pid = traced_child(nothing, 0);
    CHECK_EQ(process_state(pid), 't');
    OK(ptrace(PTRACE_CONT, pid, 0, 0));
    wait_exit(pid, 7);
}

TEST(ptrace_reads_and_writes_memory)
{
    pid_t pid = traced_child(nothing, 0);
    errno = 0;
    CHECK_EQ(ptrace(PTRACE_PEEKDATA, pid, &shared, 0), 1234);
    CHECK_EQ(errno, 0);
    OK(ptrace(PTRACE_POKEDATA, pid, &shared, 99));
    CHECK_EQ(ptrace(PTRACE_PEEKTEXT, pid, &shared, 0), 99);
    CHECK_EQ(shared, 1234);
    CHECK_ERRNO(ptrace(PTRACE_PEEKDATA, pid, 16, 0), EIO);
    /* Code is written though it is not writable, and only in the tracee. */
    long old = ptrace(PTRACE_PEEKTEXT, pid, call_getppid, 0);
    OK(ptrace(PTRACE_POKETEXT, pid, call_getppid, 0));
    CHECK_EQ(ptrace(PTRACE_PEEKTEXT, pid, call_getppid, 0), 0);
    CHECK_EQ(*(long *)(uintptr_t)call_getppid, old);
    OK(ptrace(PTRACE_CONT, pid, 0, 0));
    wait_exit(pid, 7);
}

TEST(ptrace_call_stops_show_the_call)
{
    pid_t pid = traced_child(call_getppid, PTRACE_O_TRACESYSGOOD);
    struct user_regs_struct regs;
    for (;;) {
        OK(ptrace(PTRACE_SYSCALL, pid, 0, 0));
        CHECK_EQ(wait_stop(pid), SIGTRAP | 0x80);
        OK(ptrace(PTRACE_GETREGS, pid, 0, &regs));
        if (regs.orig_rax == SYS_getppid)
            break;
    }
    CHECK_EQ((long)regs.rax, -ENOSYS);
    CHECK_EQ(regs.cs, 0x33);
    OK(ptrace(PTRACE_SYSCALL, pid, 0, 0));
    CHECK_EQ(wait_stop(pid), SIGTRAP | 0x80);
    OK(ptrace(PTRACE_GETREGS, pid, 0, &regs));
    CHECK_EQ(regs.rax, getpid());
    CHECK_EQ(regs.orig_rax, SYS_getppid);
    regs.rax = 4711;
    OK(ptrace(PTRACE_SETREGS, pid, 0, &regs));
    OK(ptrace(PTRACE_CONT, pid, 0, 0));
    wait_exit(pid, 8);
}

TEST(ptrace_changes_and_skips_calls)
{
    pid_t pid = traced_child(call_getppid, PTRACE_O_TRACESYSGOOD);
    for (;;) {
        OK(ptrace(PTRACE_SYSCALL, pid, 0, 0));
        wait_stop(pid);
        if (ptrace(PTRACE_PEEKUSER, pid, offsetof(struct user, regs.orig_rax), 0) == SYS_getppid)
            break;
    }
    OK(ptrace(PTRACE_POKEUSER, pid, offsetof(struct user, regs.orig_rax), -1L));
    OK(ptrace(PTRACE_POKEUSER, pid, offsetof(struct user, regs.rax), 4711));
    OK(ptrace(PTRACE_CONT, pid, 0, 0));
    wait_exit(pid, 8);
}

TEST(ptrace_get_syscall_info)
{
    pid_t pid = traced_child(call_getppid, PTRACE_O_TRACESYSGOOD);
    struct __ptrace_syscall_info info;
    do {
        OK(ptrace(PTRACE_SYSCALL, pid, 0, 0));
        wait_stop(pid);
        CHECK(OK(ptrace(PTRACE_GET_SYSCALL_INFO, pid, sizeof info, &info)) > 0);
    } while (info.op != PTRACE_SYSCALL_INFO_ENTRY || info.entry.nr != SYS_getppid);
    CHECK_EQ(info.arch, 0xc000003e);
    OK(ptrace(PTRACE_SYSCALL, pid, 0, 0));
    wait_stop(pid);
    OK(ptrace(PTRACE_GET_SYSCALL_INFO, pid, sizeof info, &info));
    CHECK_EQ(info.op, PTRACE_SYSCALL_INFO_EXIT);
    CHECK_EQ(info.exit.rval, getpid());
    CHECK_EQ(info.exit.is_error, 0);
    OK(ptrace(PTRACE_DETACH, pid, 0, 0));
    wait_exit(pid, 7);
}

static void raise_usr1(void)
{
    raise(SIGUSR1);
}

TEST(ptrace_takes_signals_away)
{
    pid_t pid = traced_child(raise_usr1, 0);
    siginfo_t info;
    OK(ptrace(PTRACE_CONT, pid, 0, 0));
    CHECK_EQ(wait_stop(pid), SIGUSR1);
    OK(ptrace(PTRACE_GETSIGINFO, pid, 0, &info));
    CHECK_EQ(info.si_signo, SIGUSR1);
    CHECK_EQ(info.si_code, SI_TKILL);
    CHECK_EQ(info.si_pid, pid);
    OK(ptrace(PTRACE_CONT, pid, 0, 0));
    wait_exit(pid, 7);
}

TEST(ptrace_changes_signals)
{
    pid_t pid = traced_child(raise_usr1, 0);
    OK(ptrace(PTRACE_CONT, pid, 0, 0));
    CHECK_EQ(wait_stop(pid), SIGUSR1);
    OK(ptrace(PTRACE_CONT, pid, 0, SIGTERM));
    int status = child_wait(pid);
    CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGTERM);
}

static void usr1_ignored(void)
{
    signal(SIGUSR1, SIG_IGN);
    raise(SIGUSR1);
}

TEST(ptrace_sees_ignored_signals)
{
    pid_t pid = traced_child(usr1_ignored, 0);
    OK(ptrace(PTRACE_CONT, pid, 0, 0));
    CHECK_EQ(wait_stop(pid), SIGUSR1);
    OK(ptrace(PTRACE_CONT, pid, 0, SIGUSR1));
    wait_exit(pid, 7);
}

TEST(ptrace_single_step_advances)
{
    pid_t pid = traced_child(call_getppid, 0);
    struct user_regs_struct before, after;
    OK(ptrace(PTRACE_GETREGS, pid, 0, &before));
    for (int i = 0; i < 10; i++) {
        OK(ptrace(PTRACE_SINGLESTEP, pid, 0, 0));
        CHECK_EQ(wait_stop(pid), SIGTRAP);
        OK(ptrace(PTRACE_GETREGS, pid, 0, &after));
        CHECK_EQ(after.eflags & 0x100, 0);
        before = after;
    }
    OK(ptrace(PTRACE_CONT, pid, 0, 0));
    wait_exit(pid, 7);
}

static void breakpoint(void)
{
    __asm__ volatile("int3");
    shared = 5;
}

TEST(ptrace_breakpoint_stops_behind_it)
{
    pid_t pid = traced_child(breakpoint, 0);
    struct user_regs_struct regs;
    siginfo_t info;
    OK(ptrace(PTRACE_CONT, pid, 0, 0));
    CHECK_EQ(wait_stop(pid), SIGTRAP);
    OK(ptrace(PTRACE_GETSIGINFO, pid, 0, &info));
    CHECK_EQ(info.si_code, SI_KERNEL);
    OK(ptrace(PTRACE_GETREGS, pid, 0, &regs));
    CHECK_EQ(ptrace(PTRACE_PEEKTEXT, pid, regs.rip - 1, 0) & 0xff, 0xcc);
    OK(ptrace(PTRACE_CONT, pid, 0, 0));
    wait_exit(pid, 7);
}

static void double_in_xmm(void)
{
    double value = 2.5;
    __asm__ volatile("movsd %0, %%xmm7\n\tint3\n\tmovsd %%xmm7, %0" : "+m"(value)::"xmm7");
    if (value != 9.25)
        _exit(1);
}

TEST(ptrace_float_registers)
{
    pid_t pid = traced_child(double_in_xmm, 0);
    struct user_fpregs_struct fp;
    char area[4096];
    struct iovec iov = {area, sizeof area};
    double value = 9.25;
    OK(ptrace(PTRACE_CONT, pid, 0, 0));
    CHECK_EQ(wait_stop(pid), SIGTRAP);
    OK(ptrace(PTRACE_GETFPREGS, pid, 0, &fp));
    CHECK(*(double *)&fp.xmm_space[7 * 4] == 2.5);
    if (ptrace(PTRACE_GETREGSET, pid, NT_X86_XSTATE, &iov) == 0) {
        CHECK(iov.iov_len >= 576);
        CHECK(memcmp(area + 160, fp.xmm_space, 256) == 0);
    }
    memcpy(&fp.xmm_space[7 * 4], &value, sizeof value);
    OK(ptrace(PTRACE_SETFPREGS, pid, 0, &fp));
    OK(ptrace(PTRACE_CONT, pid, 0, 0));
    wait_exit(pid, 7);
}

TEST(ptrace_regset_prstatus)
{
    pid_t pid = traced_child(nothing, 0);
    struct user_regs_struct a, b = {};
    struct iovec iov = {&b, sizeof b + 96};
    OK(ptrace(PTRACE_GETREGS, pid, 0, &a));
    OK(ptrace(PTRACE_GETREGSET, pid, NT_PRSTATUS, &iov));
    CHECK_EQ(iov.iov_len, sizeof b);
    CHECK(memcmp(&a, &b, sizeof a) == 0);
    CHECK(a.fs_base != 0);
    CHECK_ERRNO(ptrace(PTRACE_GETREGSET, pid, 0x7777, &iov), EINVAL);
    OK(ptrace(PTRACE_CONT, pid, 0, 0));
    wait_exit(pid, 7);
}

static void fork_once(void)
{
    pid_t pid = fork();
    if (pid == 0)
        _exit(3);
    int status;
    waitpid(pid, &status, 0);
}

TEST(ptrace_fork_event_follows_the_child)
{
    pid_t pid = traced_child(fork_once, PTRACE_O_TRACEFORK);
    unsigned long child;
    OK(ptrace(PTRACE_CONT, pid, 0, 0));
    CHECK_EQ(wait_stop(pid), SIGTRAP | PTRACE_EVENT_FORK << 8);
    OK(ptrace(PTRACE_GETEVENTMSG, pid, 0, &child));
    CHECK_EQ(wait_stop((pid_t)child), SIGSTOP);
    OK(ptrace(PTRACE_CONT, (pid_t)child, 0, 0));
    OK(ptrace(PTRACE_CONT, pid, 0, 0));
    wait_exit((pid_t)child, 3);
    CHECK_EQ(wait_stop(pid), SIGCHLD);
    OK(ptrace(PTRACE_CONT, pid, 0, SIGCHLD));
    wait_exit(pid, 7);
}

static void exec_true(void)
{
    char *argv[] = {"guest-tests", "--helper=ptrace_exits", nullptr};
    execv(self_path, argv);
}

HELPER(ptrace_exits)
{
    return 21;
}

TEST(ptrace_exec_event)
{
    pid_t pid = traced_child(exec_true, PTRACE_O_TRACEEXEC);
    unsigned long old;
    OK(ptrace(PTRACE_CONT, pid, 0, 0));
    CHECK_EQ(wait_stop(pid), SIGTRAP | PTRACE_EVENT_EXEC << 8);
    OK(ptrace(PTRACE_GETEVENTMSG, pid, 0, &old));
    CHECK_EQ(old, pid);
    OK(ptrace(PTRACE_CONT, pid, 0, 0));
    wait_exit(pid, 21);
}

TEST(ptrace_exec_trap_without_option)
{
    pid_t pid = traced_child(exec_true, 0);
    OK(ptrace(PTRACE_CONT, pid, 0, 0));
    CHECK_EQ(wait_stop(pid), SIGTRAP);
    OK(ptrace(PTRACE_CONT, pid, 0, 0));
    wait_exit(pid, 21);
}

TEST(ptrace_exit_event)
{
    pid_t pid = traced_child(nothing, PTRACE_O_TRACEEXIT);
    unsigned long status;
    OK(ptrace(PTRACE_CONT, pid, 0, 0));
    CHECK_EQ(wait_stop(pid), SIGTRAP | PTRACE_EVENT_EXIT << 8);
    OK(ptrace(PTRACE_GETEVENTMSG, pid, 0, &status));
    CHECK_EQ(status, 7 << 8);
    OK(ptrace(PTRACE_CONT, pid, 0, 0));
    wait_exit(pid, 7);
}

static void *thread_exits(void *)
{
    return nullptr;
}

static void thread_once(void)
{
    pthread_t thread;
    pthread_create(&thread, nullptr, thread_exits, nullptr);
    pthread_join(thread, nullptr);
}

TEST(ptrace_clone_event_and_thread_end)
{
    pid_t pid = traced_child(thread_once, PTRACE_O_TRACECLONE);
    unsigned long child;
    OK(ptrace(PTRACE_CONT, pid, 0, 0));
    CHECK_EQ(wait_stop(pid), SIGTRAP | PTRACE_EVENT_CLONE << 8);
    OK(ptrace(PTRACE_GETEVENTMSG, pid, 0, &child));
    CHECK_EQ(wait_stop((pid_t)child), SIGSTOP);
    OK(ptrace(PTRACE_CONT, (pid_t)child, 0, 0));
    OK(ptrace(PTRACE_CONT, pid, 0, 0));
    /* The process may end while the thread is still about to: then with the process's status. */
    int status;
    CHECK_EQ(waitpid((pid_t)child, &status, __WALL), (pid_t)child);
    CHECK(WIFEXITED(status));
    wait_exit(pid, 7);
}

static void vfork_once(void)
{
    if (vfork() == 0)
        _exit(0);
}

TEST(ptrace_vfork_and_vfork_done)
{
    pid_t pid = traced_child(vfork_once, PTRACE_O_TRACEVFORK | PTRACE_O_TRACEVFORKDONE);
    unsigned long child;
    OK(ptrace(PTRACE_CONT, pid, 0, 0));
    CHECK_EQ(wait_stop(pid), SIGTRAP | PTRACE_EVENT_VFORK << 8);
    OK(ptrace(PTRACE_GETEVENTMSG, pid, 0, &child));
    CHECK_EQ(wait_stop((pid_t)child), SIGSTOP);
    OK(ptrace(PTRACE_DETACH, (pid_t)child, 0, 0));
    OK(ptrace(PTRACE_CONT, pid, 0, 0));
    int code = wait_stop(pid);
    CHECK_EQ(code, SIGTRAP | PTRACE_EVENT_VFORK_DONE << 8);
    OK(ptrace(PTRACE_DETACH, pid, 0, 0));
    wait_exit(pid, 7);
}

/* A child that loops or sleeps until it is killed. */
static pid_t sleeper(void)
{
    pid_t pid = (pid_t)OK(fork());
    if (pid == 0)
        for (;;)
            pause();
    process_await_state(pid, "S");
    return pid;
}

static void end(pid_t pid)
{
    OK(kill(pid, SIGKILL));
    int status = child_wait(pid);
    CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
}

TEST(ptrace_attach_and_detach)
{
    pid_t pid = sleeper();
    char path[40], text[4096], want[40];
    OK(ptrace(PTRACE_ATTACH, pid, 0, 0));
    CHECK_EQ(wait_stop(pid), SIGSTOP);
    snprintf(path, sizeof path, "/proc/%d/status", pid);
    file_read(path, text, sizeof text);
    snprintf(want, sizeof want, "TracerPid:\t%d\n", getpid());
    CHECK(strstr(text, want));
    CHECK(strstr(text, "State:\tt (tracing stop)"));
    CHECK_ERRNO(ptrace(PTRACE_ATTACH, pid, 0, 0), EPERM);
    OK(ptrace(PTRACE_DETACH, pid, 0, 0));
    CHECK_ERRNO(ptrace(PTRACE_CONT, pid, 0, 0), ESRCH);
    process_await_state(pid, "S");
    end(pid);
}

TEST(ptrace_seize_and_interrupt)
{
    pid_t pid = sleeper();
    siginfo_t info;
    OK(ptrace(PTRACE_SEIZE, pid, 0, PTRACE_O_TRACESYSGOOD));
    CHECK_ERRNO(ptrace(PTRACE_GETSIGINFO, pid, 0, &info), ESRCH);
    OK(ptrace(PTRACE_INTERRUPT, pid, 0, 0));
    CHECK_EQ(wait_stop(pid), SIGTRAP | PTRACE_EVENT_STOP << 8);
    OK(ptrace(PTRACE_GETSIGINFO, pid, 0, &info));
    CHECK_EQ(info.si_code, SIGTRAP | PTRACE_EVENT_STOP << 8);
    OK(ptrace(PTRACE_SYSCALL, pid, 0, 0));
    CHECK_EQ(wait_stop(pid), SIGTRAP | 0x80);
    OK(ptrace(PTRACE_DETACH, pid, 0, 0));
    end(pid);
}

TEST(ptrace_group_stop_and_listen)
{
    pid_t pid = sleeper();
    OK(ptrace(PTRACE_SEIZE, pid, 0, 0));
    OK(kill(pid, SIGSTOP));
    CHECK_EQ(wait_stop(pid), SIGSTOP);
    OK(ptrace(PTRACE_CONT, pid, 0, SIGSTOP));
    CHECK_EQ(wait_stop(pid), SIGSTOP | PTRACE_EVENT_STOP << 8);
    OK(ptrace(PTRACE_LISTEN, pid, 0, 0));
    OK(kill(pid, SIGCONT));
    CHECK_EQ(wait_stop(pid), SIGTRAP | PTRACE_EVENT_STOP << 8);
    OK(ptrace(PTRACE_CONT, pid, 0, 0));
    CHECK_EQ(wait_stop(pid), SIGCONT);
    OK(ptrace(PTRACE_CONT, pid, 0, SIGCONT));
    end(pid);
}

/* How strace starts a program: SIGCONT comes while the child enters its stop for the tracer. */
TEST(ptrace_seize_of_the_stopped)
{
    for (int i = 0; i < 100; i++) {
        int status;
        pid_t pid = (pid_t)OK(fork());
        if (pid == 0) {
            OK(kill(getpid(), SIGSTOP));
            _exit(7);
        }
        CHECK_EQ(waitpid(pid, &status, WSTOPPED), pid);
        OK(ptrace(PTRACE_SEIZE, pid, 0, 0));
        OK(kill(pid, SIGCONT));
        for (;;) {
            CHECK_EQ(waitpid(pid, &status, __WALL), pid);
            if (WIFEXITED(status))
                break;
            bool is_group_stop = status >> 8 == (SIGSTOP | PTRACE_EVENT_STOP << 8);
            bool is_event = status >> 16 == PTRACE_EVENT_STOP;
            OK(ptrace(is_group_stop ? PTRACE_LISTEN : PTRACE_CONT, pid, 0,
                      is_event ? 0 : WSTOPSIG(status)));
        }
        CHECK_EQ(WEXITSTATUS(status), 7);
    }
}

TEST(ptrace_of_somebody_elses_child)
{
    pid_t pid = sleeper();
    IN_CHILD
    {
        OK(ptrace(PTRACE_ATTACH, pid, 0, 0));
        CHECK_EQ(wait_stop(pid), SIGSTOP);
        OK(ptrace(PTRACE_CONT, pid, 0, 0));
        OK(kill(pid, SIGKILL));
        int status;
        CHECK_EQ(waitpid(pid, &status, __WALL), pid);
        CHECK(WIFSIGNALED(status));
    }
    int status = child_wait(pid);
    CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
}

TEST(ptrace_tracer_end_lets_go)
{
    pid_t pid = sleeper();
    IN_CHILD
    {
        OK(ptrace(PTRACE_ATTACH, pid, 0, 0));
        CHECK_EQ(wait_stop(pid), SIGSTOP);
    }
    process_await_state(pid, "S");
    end(pid);
}

TEST(ptrace_exitkill)
{
    pid_t pid = sleeper();
    IN_CHILD
    {
        OK(ptrace(PTRACE_SEIZE, pid, 0, PTRACE_O_EXITKILL));
    }
    int status = child_wait(pid);
    CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
}

TEST(ptrace_permission)
{
    pid_t pid = sleeper();
    IN_CHILD_AS(99, 99)
    {
        CHECK_ERRNO(ptrace(PTRACE_ATTACH, pid, 0, 0), EPERM);
        CHECK_ERRNO(ptrace(PTRACE_SEIZE, pid, 0, 0), EPERM);
    }
    CHECK_ERRNO(ptrace(PTRACE_ATTACH, getpid(), 0, 0), EPERM);
    CHECK_ERRNO(ptrace(PTRACE_ATTACH, 1 << 29, 0, 0), ESRCH);
    CHECK_ERRNO(ptrace(PTRACE_PEEKDATA, pid, 0, 0), ESRCH);
    CHECK_ERRNO(ptrace(PTRACE_SEIZE, pid, 0, 1 << 30), EIO);
    end(pid);
}

TEST(ptrace_kill_ends_a_stopped_one)
{
    pid_t pid = traced_child(nothing, 0);
    OK(ptrace(PTRACE_KILL, pid, 0, 0));
    int status = child_wait(pid);
    CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
}

TEST(ptrace_signal_mask)
{
    pid_t pid = traced_child(raise_usr1, 0);
    uint64_t mask = 0;
    OK(ptrace(PTRACE_GETSIGMASK, pid, 8, &mask));
    mask |= 1ull << (SIGUSR1 - 1);
    OK(ptrace(PTRACE_SETSIGMASK, pid, 8, &mask));
    CHECK_ERRNO(ptrace(PTRACE_GETSIGMASK, pid, 4, &mask), EINVAL);
    /* raise(3) blocks and restores: what is restored is the old mask, read before. */
    OK(ptrace(PTRACE_DETACH, pid, 0, 0));
    child_wait(pid);
}

TEST(ptrace_waitid_tells_trapped)
{
    pid_t pid = traced_child(raise_usr1, 0);
    siginfo_t info;
    OK(ptrace(PTRACE_CONT, pid, 0, 0));
    OK(waitid(P_PID, (id_t)pid, &info, WSTOPPED));
    CHECK_EQ(info.si_code, CLD_TRAPPED);
    CHECK_EQ(info.si_status, SIGUSR1);
    CHECK_EQ(info.si_pid, pid);
    OK(ptrace(PTRACE_CONT, pid, 0, 0));
    wait_exit(pid, 7);
}
