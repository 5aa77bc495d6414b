/* SPDX-License-Identifier: BSD-2-Clause */
/* exec_basic.c - execve(2) and execveat(2): what a new program gets, what is refused. */
#include "test.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* Write argc, arguments and environment to the file named by argv[2]. */
HELPER(tell)
{
    FILE *out = fopen(argv[2], "w");
    if (!out)
        return 1;
    fprintf(out, "%d", argc);
    for (int i = 0; i < argc; i++)
        fprintf(out, "[%s]", argv[i]);
    for (char **word = environ; *word; word++)
        fprintf(out, "{%s}", *word);
    return fclose(out) ? 1 : 0;
}

static int program_run(char *const argv[], char *const envp[])
{
    pid_t pid = (pid_t)OK(fork());
    if (pid == 0) {
        execve(self_path, argv, envp);
        _exit(126);
    }
    return child_wait(pid);
}

TEST(exec_passes_argv_and_envp)
{
    char *argv[] = {"any name", "--helper=tell", "out", "", "two words", nullptr};
    char *envp[] = {"A=1", "B=", "odd", nullptr};
    CHECK_EQ(program_run(argv, envp), 0);
    file_expect("out", "5[any name][--helper=tell][out][][two words]{A=1}{B=}{odd}");
}

TEST(exec_exit_status_comes_back)
{
    CHECK_EQ(helper_run("exit", "0", nullptr, nullptr), 0);
    CHECK_EQ(helper_run("exit", "99", nullptr, nullptr), 99 << 8);
}

TEST(exec_keeps_the_pid)
{
    char *argv[] = {"t", "--helper=pid_is", nullptr, nullptr};
    char text[16];
    pid_t pid = (pid_t)OK(fork());
    if (pid == 0) {
        snprintf(text, sizeof text, "%d", getpid());
        argv[2] = text;
        execv(self_path, argv);
        _exit(126);
    }
    child_wait_ok(pid);
}

HELPER(pid_is)
{
    return getpid() == atoi(argv[2]) ? 0 : 1;
}

TEST(exec_proc_self_exe)
{
    char *argv[] = {"t", "--helper=exit", "12", nullptr};
    pid_t pid = (pid_t)OK(fork());
    if (pid == 0) {
        execv("/proc/self/exe", argv);
        _exit(126);
    }
    CHECK_EQ(child_wait(pid), 12 << 8);
}

HELPER(fd_is_open)
{
    return fcntl(atoi(argv[2]), F_GETFD) == -1 ? 1 : 0;
}

TEST(exec_closes_only_cloexec_fds)
{
    OK(dup3(0, 300, 0));
    OK(dup3(0, 301, O_CLOEXEC));
    CHECK_EQ(helper_run("fd_is_open", "300", nullptr, nullptr), 0);
    CHECK_EQ(helper_run("fd_is_open", "301", nullptr, nullptr), 1 << 8);
    OK(fcntl(301, F_GETFD));
}

HELPER(signals_are)
{
    struct sigaction action;
    sigset_t mask, pending;
    OK(sigaction(SIGUSR1, nullptr, &action));
    CHECK(action.sa_handler == SIG_DFL);
    OK(sigaction(SIGUSR2, nullptr, &action));
    CHECK(action.sa_handler == SIG_IGN);
    OK(sigprocmask(SIG_BLOCK, nullptr, &mask));
    CHECK(sigismember(&mask, SIGTERM));
    CHECK(!sigismember(&mask, SIGHUP));
    OK(sigpending(&pending));
    CHECK(sigismember(&pending, SIGTERM));
    stack_t stack;
    OK(sigaltstack(nullptr, &stack));
    CHECK(stack.ss_flags & SS_DISABLE);
    return 0;
}

static void handler_nothing(int) {}

TEST(exec_resets_handlers_keeps_ignores_mask_and_pending)
{
    static char space[16384];
    sigset_t set;
    pid_t pid = (pid_t)OK(fork());
    if (pid == 0) {
        stack_t stack = {.ss_sp = space, .ss_size = sizeof space};
        OK(sigaltstack(&stack, nullptr));
        signal(SIGUSR1, handler_nothing);
        signal(SIGUSR2, SIG_IGN);
        sigemptyset(&set);
        sigaddset(&set, SIGTERM);
        OK(sigprocmask(SIG_BLOCK, &set, nullptr));
        OK(raise(SIGTERM));
        char *argv[] = {"t", "--helper=signals_are", nullptr};
        execv(self_path, argv);
        _exit(126);
    }
    child_wait_ok(pid);
}

HELPER(state_is)
{
    char name[16], here[4096];
    OK(prctl(PR_GET_NAME, name));
    CHECK_STR(name, "newname");
    CHECK_EQ(umask(0), 031);
    CHECK(getcwd(here, sizeof here));
    CHECK_STR(here, argv[2]);
    struct rlimit limit;
    OK(getrlimit(RLIMIT_NOFILE, &limit));
    CHECK_EQ(limit.rlim_cur, 333);
    CHECK(alarm(0) > 0);
    return 0;
}

TEST(exec_keeps_umask_cwd_limits_alarm_and_takes_the_name)
{
    char here[4096], link[] = "newname";
    struct rlimit limit = {333, 333};
    CHECK(getcwd(here, sizeof here));
    OK(symlink(self_path, link));
    pid_t pid = (pid_t)OK(fork());
    if (pid == 0) {
        umask(031);
        OK(setrlimit(RLIMIT_NOFILE, &limit));
        alarm(1000);
        char *argv[] = {"ignored", "--helper=state_is", here, nullptr};
        execv(link, argv);
        _exit(126);
    }
    child_wait_ok(pid);
}

TEST(exec_errors)
{
    char *argv[] = {"x", nullptr};
    OK(mkdir("d", 0755));
    file_make_mode("noexec", "#!/bin/sh\n", 0644);
    OK(symlink("loop", "loop"));
    CHECK_ERRNO(execve("missing", argv, environ), ENOENT);
    CHECK_ERRNO(execve("", argv, environ), ENOENT);
    CHECK_ERRNO(execve("d", argv, environ), EACCES);
    CHECK_ERRNO(execve("noexec", argv, environ), EACCES);
    CHECK_ERRNO(execve("noexec/x", argv, environ), ENOTDIR);
    CHECK_ERRNO(execve("loop", argv, environ), ELOOP);
    CHECK_ERRNO(execve("/dev/null", argv, environ), EACCES);
    CHECK_ERRNO(syscall(SYS_execve, nullptr, argv, environ), EFAULT);
}

TEST(exec_bad_vectors_are_efault)
{
    char *bad[] = {(char *)8, nullptr};
    CHECK_ERRNO(syscall(SYS_execve, self_path, 8L, environ), EFAULT);
    CHECK_ERRNO(syscall(SYS_execve, self_path, bad, environ), EFAULT);
    char *argv[] = {"x", nullptr};
    CHECK_ERRNO(syscall(SYS_execve, self_path, argv, bad), EFAULT);
    CHECK_ERRNO(syscall(SYS_execve, self_path, argv, 0xffff800000000000UL), EFAULT);
}

TEST(exec_failure_leaves_the_caller_as_it_was)
{
    static volatile int data = 5;
    file_make_mode("junk", "not a program", 0755);
    char *argv[] = {"x", nullptr};
    int fd = (int)OK(open("/dev/null", O_RDONLY | O_CLOEXEC));
    signal(SIGUSR1, handler_nothing);
    CHECK_ERRNO(execve("junk", argv, environ), ENOEXEC);
    CHECK_EQ(data, 5);
    OK(fcntl(fd, F_GETFD));
    struct sigaction action;
    OK(sigaction(SIGUSR1, nullptr, &action));
    CHECK(action.sa_handler == handler_nothing);
}

TEST(exec_one_string_over_128k_is_e2big)
{
    char *text = malloc(131073);
    memset(text, 'a', 131072);
    text[131072] = 0;
    char *argv[] = {"x", "--helper=exit", "0", text, nullptr};
    CHECK_ERRNO(execve(self_path, argv, environ), E2BIG);
    char *envp[] = {text, nullptr};
    argv[3] = nullptr;
    CHECK_ERRNO(execve(self_path, argv, envp), E2BIG);
    text[131071] = 0;
    argv[3] = text;
    CHECK_EQ(program_run(argv, environ), 0);
}

TEST(exec_all_strings_over_a_quarter_of_the_stack_are_e2big)
{
    struct rlimit limit = {8 << 20, 8 << 20};
    static char *argv[3000] = {"x", "--helper=exit", "7"};
    char *text = malloc(1001);
    memset(text, 'a', 1000);
    text[1000] = 0;
    OK(setrlimit(RLIMIT_STACK, &limit));
    for (int i = 3; i < 2900; i++)
        argv[i] = text;
    CHECK_ERRNO(execve(self_path, argv, environ), E2BIG);
    argv[1000] = nullptr;
    char *none[] = {nullptr};
    CHECK_EQ(program_run(argv, none), 7 << 8);
}

HELPER(count)
{
    return argc == 10002 && !strcmp(argv[10001], "w") ? 0 : 1;
}

TEST(exec_ten_thousand_arguments)
{
    static char *argv[10003] = {"x", "--helper=count"};
    for (int i = 2; i < 10002; i++)
        argv[i] = "w";
    CHECK_EQ(program_run(argv, environ), 0);
}

TEST(exec_empty_argv_becomes_one_empty_string)
{
    char *none[] = {nullptr};
    /* argc 1 and argv[0] "": the tests' own main would run everything, so ask a script. */
    char text[4200];
    snprintf(text, sizeof text, "#!%s --helper=first_is_script\n", self_path);
    file_make_mode("script", text, 0755);
    pid_t pid = (pid_t)OK(fork());
    if (pid == 0) {
        execve("./script", none, environ);
        _exit(126);
    }
    child_wait_ok(pid);
}

HELPER(first_is_script)
{
    return argc == 3 && !strcmp(argv[2], "./script") ? 0 : 1;
}

TEST(execveat_forms)
{
    char *argv[] = {"x", "--helper=exit", "31", nullptr};
    int fd = (int)OK(open(self_path, O_RDONLY));
    pid_t pid = (pid_t)OK(fork());
    if (pid == 0) {
        execveat(fd, "", argv, environ, AT_EMPTY_PATH);
        _exit(126);
    }
    CHECK_EQ(child_wait(pid), 31 << 8);
    OK(symlink(self_path, "prog"));
    int dir = (int)OK(open(".", O_RDONLY | O_DIRECTORY));
    pid = (pid_t)OK(fork());
    if (pid == 0) {
        OK(chdir("/"));
        execveat(dir, "prog", argv, environ, 0);
        _exit(126);
    }
    CHECK_EQ(child_wait(pid), 31 << 8);
    CHECK_ERRNO(execveat(dir, "prog", argv, environ, AT_SYMLINK_NOFOLLOW), ELOOP);
    CHECK_ERRNO(execveat(dir, "", argv, environ, 0), ENOENT);
    CHECK_ERRNO(execveat(999, "prog", argv, environ, 0), EBADF);
    CHECK_ERRNO(execveat(dir, "prog", argv, environ, 0x40000000), EINVAL);
}

TEST(exec_needs_execute_permission_of_the_user)
{
    char *argv[] = {"x", nullptr};
    char text[4200];
    snprintf(text, sizeof text, "#!%s --helper=exit\n", self_path);
    file_make_mode("rootonly", text, 0700);
    IN_CHILD_AS(1000, 1000)
    {
        CHECK_ERRNO(execve("./rootonly", argv, environ), EACCES);
    }
}

HELPER(ids_are)
{
    return getuid() == 1000 && geteuid() == (uid_t)atoi(argv[2]) &&
                   getegid() == (gid_t)atoi(argv[3])
               ? 0
               : 1;
}

TEST(exec_set_user_id_program)
{
    static char block[65536];
    /* A copy of this program, so that its mode and owner can be set. */
    int in = (int)OK(open(self_path, O_RDONLY));
    int out = (int)OK(open("copy", O_CREAT | O_WRONLY, 0755));
    for (long got; (got = OK(read(in, block, sizeof block))) > 0;)
        CHECK_EQ(write(out, block, (size_t)got), got);
    OK(close(out));
    OK(chown("copy", 2000, 3000));
    OK(chmod("copy", 06755));
    IN_CHILD_AS(1000, 1000)
    {
        char *argv[] = {"x", "--helper=ids_are", "2000", "3000", nullptr};
        pid_t pid = (pid_t)OK(fork());
        if (pid == 0) {
            execv("./copy", argv);
            _exit(126);
        }
        child_wait_ok(pid);
    }
}

TEST(exec_drops_mappings_and_shared_memory)
{
    char *shared = mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    CHECK(shared != MAP_FAILED);
    char address[32];
    snprintf(address, sizeof address, "%lu", (unsigned long)shared);
    CHECK_EQ(helper_run("nothing_mapped_at", address, nullptr, nullptr), 0);
    shared[0] = 1;
}

HELPER(nothing_mapped_at)
{
    unsigned char vector;
    void *page = (void *)strtoul(argv[2], nullptr, 10);
    /* Something of the new program may be there by chance, but then it is not shared. */
    return mincore(page, 4096, &vector) == -1 && errno == ENOMEM ? 0 : *(char *)page;
}
