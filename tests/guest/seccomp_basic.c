/* SPDX-License-Identifier: BSD-2-Clause */
/* seccomp_basic.c - seccomp(2): strict mode, filters and their answers. */
#include "test.h"

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static long seccomp(unsigned op, unsigned flags, void *at)
{
    return syscall(SYS_seccomp, op, flags, at);
}

/* Let RESULT be the answer for call NR, all others pass. */
static int filter_for(int nr, unsigned result, unsigned flags)
{
    struct sock_filter code[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (unsigned)nr, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, result),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_fprog program = {4, code};
    return (int)seccomp(SECCOMP_SET_MODE_FILTER, flags, &program);
}

static int code_load(struct sock_filter *code, int count)
{
    struct sock_fprog program = {(unsigned short)count, code};
    return (int)seccomp(SECCOMP_SET_MODE_FILTER, 0, &program);
}

TEST(seccomp_strict_leaves_four_calls)
{
    pid_t pid = (pid_t)OK(fork());
    if (pid == 0) {
        OK(prctl(PR_SET_SECCOMP, SECCOMP_MODE_STRICT, 0, 0, 0));
        write(2, "", 0);
        syscall(SYS_exit, 5);
    }
    int status = child_wait(pid);
    CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 5);
    pid = (pid_t)OK(fork());
    if (pid == 0) {
        OK(seccomp(SECCOMP_SET_MODE_STRICT, 0, nullptr));
        syscall(SYS_getpid);
        syscall(SYS_exit, 5);
    }
    status = child_wait(pid);
    CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
}

TEST(seccomp_errno)
{
    OK(filter_for(SYS_getppid, SECCOMP_RET_ERRNO | EXDEV, 0));
    CHECK_ERRNO(syscall(SYS_getppid), EXDEV);
    CHECK(getpid() > 0);
    CHECK_EQ(prctl(PR_GET_SECCOMP), 2);
    IN_CHILD
    {
        CHECK_ERRNO(syscall(SYS_getppid), EXDEV);
    }
}

TEST(seccomp_needs_no_new_privs)
{
    IN_CHILD_AS(99, 99)
    {
        CHECK_ERRNO(filter_for(SYS_getppid, SECCOMP_RET_ERRNO | EXDEV, 0), EACCES);
        OK(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
        OK(filter_for(SYS_getppid, SECCOMP_RET_ERRNO | EXDEV, 0));
        CHECK_ERRNO(syscall(SYS_getppid), EXDEV);
    }
}

HELPER(seccomp_probe)
{
    return syscall(SYS_getppid) == -1 && errno == EXDEV ? 0 : 1;
}

TEST(seccomp_survives_exec)
{
    OK(filter_for(SYS_getppid, SECCOMP_RET_ERRNO | EXDEV, 0));
    CHECK_EQ(helper_run("seccomp_probe", nullptr, nullptr, nullptr), 0);
}

TEST(seccomp_strictest_answer_wins)
{
    OK(filter_for(SYS_getppid, SECCOMP_RET_ERRNO | EXDEV, 0));
    OK(filter_for(SYS_getppid, SECCOMP_RET_LOG, 0));
    CHECK_ERRNO(syscall(SYS_getppid), EXDEV);
    OK(filter_for(SYS_getppid, SECCOMP_RET_ERRNO | EDOM, 0));
    CHECK_ERRNO(syscall(SYS_getppid), EDOM);
}

TEST(seccomp_errno_zero_and_large)
{
    OK(filter_for(SYS_getppid, SECCOMP_RET_ERRNO | 0, 0));
    CHECK_EQ(syscall(SYS_getppid), 0);
    OK(filter_for(SYS_getuid, SECCOMP_RET_ERRNO | 0xffff, 0));
    CHECK_ERRNO(syscall(SYS_getuid), 4095);
}

TEST(seccomp_kill_process)
{
    pid_t pid = (pid_t)OK(fork());
    if (pid == 0) {
        setrlimit(RLIMIT_CORE, &(struct rlimit){});
        OK(filter_for(SYS_getppid, SECCOMP_RET_KILL_PROCESS, 0));
        syscall(SYS_getppid);
        _exit(0);
    }
    int status = child_wait(pid);
    CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS);
}

static void *calls_getppid(void *)
{
    syscall(SYS_getppid);
    return nullptr;
}

TEST(seccomp_kill_thread)
{
    pthread_t thread;
    OK(filter_for(SYS_getppid, SECCOMP_RET_KILL_THREAD, 0));
    CHECK_EQ(pthread_create(&thread, nullptr, calls_getppid, nullptr), 0);
    /* The thread vanishes; the process does not. */
    sleep_ms(50);
    char text[4096];
    file_read("/proc/self/status", text, sizeof text);
    CHECK(strstr(text, "Threads:\t1\n"));
    CHECK(strstr(text, "Seccomp:\t2\n"));
}

static volatile siginfo_t trapped;
static volatile sig_atomic_t traps;

static void on_sys(int, siginfo_t *info, void *)
{
    traps++;
    *(siginfo_t *)&trapped = *info;
}

TEST(seccomp_trap)
{
    struct sigaction action = {.sa_sigaction = on_sys, .sa_flags = SA_SIGINFO};
    OK(sigaction(SIGSYS, &action, nullptr));
    OK(filter_for(SYS_getppid, SECCOMP_RET_TRAP | 77, 0));
    CHECK_EQ(syscall(SYS_getppid), SYS_getppid);
    CHECK_EQ(traps, 1);
    CHECK_EQ(trapped.si_code, 1); /* SYS_SECCOMP */
    CHECK_EQ(trapped.si_errno, 77);
    CHECK_EQ(trapped.si_syscall, SYS_getppid);
    CHECK_EQ(trapped.si_arch, 0xc000003e);
    CHECK(trapped.si_call_addr != nullptr);
}

TEST(seccomp_looks_at_arguments)
{
    struct sock_filter code[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_dup, 0, 6),
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args[0])),
        BPF_STMT(BPF_ST, 3),
        BPF_STMT(BPF_LDX | BPF_IMM, 1000),
        BPF_STMT(BPF_ALU | BPF_SUB | BPF_X, 0),
        BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, 5, 1, 0),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EXDEV),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    OK(code_load(code, 9));
    CHECK_ERRNO(syscall(SYS_dup, 1002), EXDEV);
    CHECK_ERRNO(syscall(SYS_dup, 1010), EBADF);
    CHECK_ERRNO(syscall(SYS_dup, 999), EBADF);
}

TEST(seccomp_rejects_bad_programs)
{
    struct sock_filter no_return[] = {BPF_STMT(BPF_LD | BPF_IMM, 1)};
    struct sock_filter far[] = {BPF_JUMP(BPF_JMP | BPF_JA, 5, 0, 0),
                                BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)};
    struct sock_filter outside[] = {BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 64),
                                    BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)};
    struct sock_filter odd[] = {BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 2),
                                BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)};
    struct sock_filter zero[] = {BPF_STMT(BPF_ALU | BPF_DIV | BPF_K, 0),
                                 BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)};
    struct sock_filter memory[] = {BPF_STMT(BPF_LD | BPF_MEM, 3),
                                   BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)};
    struct sock_filter packet[] = {BPF_STMT(BPF_LD | BPF_B | BPF_ABS, 0),
                                   BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)};
    CHECK_ERRNO(code_load(no_return, 1), EINVAL);
    CHECK_ERRNO(code_load(far, 2), EINVAL);
    CHECK_ERRNO(code_load(outside, 2), EINVAL);
    CHECK_ERRNO(code_load(odd, 2), EINVAL);
    CHECK_ERRNO(code_load(zero, 2), EINVAL);
    CHECK_ERRNO(code_load(memory, 2), EINVAL);
    CHECK_ERRNO(code_load(packet, 2), EINVAL);
    CHECK_ERRNO(code_load(packet, 0), EINVAL);
    CHECK_ERRNO(seccomp(SECCOMP_SET_MODE_FILTER, 0, (void *)16), EFAULT);
    CHECK_ERRNO(seccomp(99, 0, nullptr), EINVAL);
    CHECK_ERRNO(seccomp(SECCOMP_SET_MODE_STRICT, 1, nullptr), EINVAL);
    CHECK_ERRNO(filter_for(1, 0, 1 << 30), EINVAL);
}

static struct gate thread_ready, thread_go;

static void *probes_later(void *)
{
    gate_open(&thread_ready);
    gate_wait(&thread_go);
    return (void *)(uintptr_t)(syscall(SYS_getppid) == -1 ? errno : 0);
}

TEST(seccomp_tsync)
{
    pthread_t thread;
    void *result;
    thread_ready = gate_make();
    thread_go = gate_make();
    CHECK_EQ(pthread_create(&thread, nullptr, probes_later, nullptr), 0);
    gate_wait(&thread_ready);
    OK(filter_for(SYS_getppid, SECCOMP_RET_ERRNO | EXDEV, SECCOMP_FILTER_FLAG_TSYNC));
    gate_open(&thread_go);
    pthread_join(thread, &result);
    CHECK_EQ((uintptr_t)result, EXDEV);
}

TEST(seccomp_action_available)
{
    unsigned known = SECCOMP_RET_ERRNO, unknown = 0x12340000;
    OK(seccomp(SECCOMP_GET_ACTION_AVAIL, 0, &known));
    CHECK_ERRNO(seccomp(SECCOMP_GET_ACTION_AVAIL, 0, &unknown), EOPNOTSUPP);
}

TEST(seccomp_trace_without_tracer_is_enosys)
{
    OK(filter_for(SYS_getppid, SECCOMP_RET_TRACE | 5, 0));
    CHECK_ERRNO(syscall(SYS_getppid), ENOSYS);
}

TEST(seccomp_trace_asks_the_tracer)
{
    pid_t pid = (pid_t)OK(fork());
    if (pid == 0) {
        OK(ptrace(PTRACE_TRACEME, 0, 0, 0));
        raise(SIGSTOP);
        OK(filter_for(SYS_getppid, SECCOMP_RET_TRACE | 55, 0));
        _exit(syscall(SYS_getppid) > 0 ? 9 : 1);
    }
    int status;
    unsigned long message;
    CHECK_EQ(waitpid(pid, &status, 0), pid);
    OK(ptrace(PTRACE_SETOPTIONS, pid, 0, PTRACE_O_TRACESECCOMP));
    OK(ptrace(PTRACE_CONT, pid, 0, 0));
    CHECK_EQ(waitpid(pid, &status, 0), pid);
    CHECK_EQ(status >> 8, SIGTRAP | PTRACE_EVENT_SECCOMP << 8);
    OK(ptrace(PTRACE_GETEVENTMSG, pid, 0, &message));
    CHECK_EQ(message, 55);
    OK(ptrace(PTRACE_CONT, pid, 0, 0));
    status = child_wait(pid);
    CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 9);
}
