/* SPDX-License-Identifier: BSD-2-Clause */
/* trace_test.c - calls in strace's form.
 * Links: libos/linux-api/trace.c libos/linux-api/trace_args.c libos/linux-api/trace_args_file.c
 * libos/linux-api/trace_args_ipc.c libos/linux-api/trace_args_process.c
 * libos/linux-api/trace_args_signal.c libos/linux-api/trace_args_socket.c
 * libos/linux-api/trace_flags.c libos/linux-api/trace_flags_process.c
 * libos/linux-api/trace_flags_socket.c libos/base/text.c
 * libos/base/errno_text.c fake_heap_malloc.c fake_vcpu.c */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>
#include <asm/ioctls.h>
#include <asm/poll.h>
#include <asm/siginfo.h>
#include <asm/termios.h>
#include <asm/unistd_64.h>
#include <linux/fcntl.h>
#include <linux/futex.h>
#include <linux/in.h>
#include <linux/ipc.h>
#include <linux/mman.h>
#include <linux/sched.h>
#include <linux/sem.h>
#include <linux/uio.h>
#include <linux/un.h>
#include "base/errno.h"
#include "base/log.h"
#include "fake_vcpu.h"
#include "linux-api/trace.h"
#include "mm/usermem.h"
#include "net/abi.h"
#include "proc/process.h"
#include "sched/thread.h"
#include "start/options.h"

struct options options = {.strace = true};
static struct thread thread = {.tid = 1}, other = {.tid = 7};
static char written[4096];
static uint32_t processes;

void log_write(const char *text, size_t n)
{
    size_t length = strlen(written);
    assert_true(length + n < sizeof written);
    memcpy(written + length, text, n);
    written[length + n] = '\0';
}

uint32_t process_count(void)
{
    return processes;
}

const char *signal_name(int sig)
{
    return sig == SIGINT    ? "SIGINT"
           : sig == SIGCHLD ? "SIGCHLD"
           : sig == SIGKILL ? "SIGKILL"
                            : "SIGX";
}

/* The program's memory is the test's; addresses below a page are bad. */
int copy_from_user(void *to, uaddr_t from, size_t n)
{
    if (from < 4096)
        return -EFAULT;
    memcpy(to, (const void *)from, n);
    return 0;
}

ssize_t strnlen_user(uaddr_t from, size_t limit)
{
    if (from < 4096)
        return -EFAULT;
    const char *nul = memchr((const char *)from, 0, limit);
    return nul ? nul - (const char *)from : (ssize_t)limit;
}

static int setup(void **)
{
    fake_vcpu_init();
    fake_vcpu_run(&thread);
    written[0] = '\0';
    processes = 1;
    return 0;
}

static uint64_t at(const void *p)
{
    return (uint64_t)p;
}

static void expect(const char *lines)
{
    assert_string_equal(written, lines);
    written[0] = '\0';
}

static void traced(const struct call *c, long result, const char *line)
{
    char full[1024];
    trace_call_enter(c);
    trace_call_exit(c, result);
    snprintf(full, sizeof full, "strace: %s\n", line);
    expect(full);
}

static void a_name_and_flags_are_spelled_out(void **)
{
    traced(&(struct call){.nr = __NR_openat,
                          .arg = {(uint64_t)AT_FDCWD, at("/etc/passwd"), O_CLOEXEC}},
           3, "openat(AT_FDCWD, \"/etc/passwd\", O_RDONLY|O_CLOEXEC) = 3");
    traced(&(struct call){.nr = __NR_open, .arg = {at("f"), O_WRONLY | O_CREAT | O_TRUNC, 0644}}, 4,
           "open(\"f\", O_WRONLY|O_CREAT|O_TRUNC, 0644) = 4");
    traced(&(struct call){.nr = __NR_open, .arg = {at("/"), O_RDONLY}}, 3,
           "open(\"/\", O_RDONLY) = 3");
}

static void an_error_has_name_and_description(void **)
{
    traced(&(struct call){.nr = __NR_chdir, .arg = {at("/nowhere")}}, -ENOENT,
           "chdir(\"/nowhere\") = -1 ENOENT (No such file or directory)");
    traced(&(struct call){.nr = __NR_pause, .arg = {}}, -ERESTARTNOHAND,
           "pause() = ? ERESTARTNOHAND (To be restarted if no handler)");
}

static void data_is_shown_as_far_as_it_goes(void **)
{
    static const char text[] = "0123456789012345678901234567890123456789";
    traced(&(struct call){.nr = __NR_write,
                          .arg = {1,
                                  at("a\tb\n\001"
                                     "2\"\\"),
                                  8}},
           8, "write(1, \"a\\tb\\n\\0012\\\"\\\\\", 8) = 8");
    traced(&(struct call){.nr = __NR_write, .arg = {1, at(text), 40}}, 40,
           "write(1, \"01234567890123456789012345678901\"..., 40) = 40");
    traced(&(struct call){.nr = __NR_read, .arg = {0, at(text), 100}}, 3,
           "read(0, \"012\", 100) = 3");
    traced(&(struct call){.nr = __NR_read, .arg = {0, at(text), 100}}, 0, "read(0, \"\", 100) = 0");
}

static void a_bad_address_is_shown_as_such(void **)
{
    traced(&(struct call){.nr = __NR_read, .arg = {0, 0x10, 5}}, -EFAULT,
           "read(0, 0x10, 5) = -1 EFAULT (Bad address)");
    traced(&(struct call){.nr = __NR_chdir, .arg = {0}}, -EFAULT,
           "chdir(NULL) = -1 EFAULT (Bad address)");
}

static void memory_calls_answer_in_hexadecimal(void **)
{
    traced(&(struct call){.nr = __NR_mmap,
                          .arg = {0, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
                                  (uint64_t)-1, 0}},
           0x7f0000000000,
           "mmap(NULL, 8192, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0) = "
           "0x7f0000000000");
    traced(&(struct call){.nr = __NR_mprotect, .arg = {0x1000, 4096, PROT_NONE}}, 0,
           "mprotect(0x1000, 4096, PROT_NONE) = 0");
}

static void arrays_of_strings_are_lists(void **)
{
    const char *argv[] = {"ls", "-l", nullptr}, *envp[] = {"A=1", nullptr};
    char line[256];
    snprintf(line, sizeof line, "execve(\"/bin/ls\", [\"ls\", \"-l\"], %p /* 1 var */) = 0",
             (void *)envp);
    traced(&(struct call){.nr = __NR_execve, .arg = {at("/bin/ls"), at(argv), at(envp)}}, 0, line);
}

static void iovecs_show_what_was_transferred(void **)
{
    char bytes[] = "abcdef";
    struct iovec vec[2] = {{bytes, 2}, {bytes + 2, 4}};
    traced(&(struct call){.nr = __NR_writev, .arg = {1, at(vec), 2}}, 6,
           "writev(1, [{iov_base=\"ab\", iov_len=2}, {iov_base=\"cdef\", iov_len=4}], 2) = 6");
    traced(&(struct call){.nr = __NR_readv, .arg = {1, at(vec), 2}}, 3,
           "readv(1, [{iov_base=\"ab\", iov_len=2}, {iov_base=\"c\", iov_len=4}], 2) = 3");
}

static void fcntl_shows_the_argument_that_its_command_takes(void **)
{
    traced(&(struct call){.nr = __NR_fcntl, .arg = {3, F_GETFD, 99}}, 1, "fcntl(3, F_GETFD) = 1");
    traced(&(struct call){.nr = __NR_fcntl, .arg = {3, F_SETFD, 1}}, 0,
           "fcntl(3, F_SETFD, FD_CLOEXEC) = 0");
    traced(&(struct call){.nr = __NR_fcntl, .arg = {3, F_GETFL}}, O_RDWR,
           "fcntl(3, F_GETFL) = 0x2 (flags O_RDWR)");
}

static void a_terminal_s_answers_come_with_the_result(void **)
{
    struct winsize size = {.ws_row = 24, .ws_col = 80};
    traced(&(struct call){.nr = __NR_ioctl, .arg = {1, TIOCGWINSZ, at(&size)}}, 0,
           "ioctl(1, TIOCGWINSZ, {ws_row=24, ws_col=80, ws_xpixel=0, ws_ypixel=0}) = 0");
    traced(&(struct call){.nr = __NR_ioctl, .arg = {1, TIOCGPGRP, 0x5000}}, -ENOTTY,
           "ioctl(1, TIOCGPGRP, 0x5000) = -1 ENOTTY (Inappropriate ioctl for device)");
}

static void signals_and_sets_have_names(void **)
{
    uint64_t set = 1ull << (SIGCHLD - 1);
    traced(&(struct call){.nr = __NR_rt_sigprocmask, .arg = {SIG_BLOCK, at(&set), 0, 8}}, 0,
           "rt_sigprocmask(SIG_BLOCK, [CHLD], NULL, 8) = 0");
    traced(&(struct call){.nr = __NR_kill, .arg = {(uint64_t)-5, SIGINT}}, 0,
           "kill(-5, SIGINT) = 0");
}

static void wait_tells_how_the_child_ended(void **)
{
    int status = 3 << 8;
    traced(&(struct call){.nr = __NR_wait4, .arg = {(uint64_t)-1, at(&status), 0, 0}}, 12,
           "wait4(-1, [{WIFEXITED(s) && WEXITSTATUS(s) == 3}], 0, NULL) = 12");
    status = SIGKILL;
    traced(&(struct call){.nr = __NR_wait4, .arg = {(uint64_t)-1, at(&status), 1, 0}}, 12,
           "wait4(-1, [{WIFSIGNALED(s) && WTERMSIG(s) == SIGKILL}], WNOHANG, NULL) = 12");
}

static void poll_tells_what_is_ready(void **)
{
    struct pollfd fds[2] = {{3, POLLIN, 0}, {4, POLLOUT, 0}};
    struct call c = {.nr = __NR_poll, .arg = {at(fds), 2, (uint64_t)-1}};
    trace_call_enter(&c);
    fds[1].revents = POLLOUT;
    trace_call_exit(&c, 1);
    expect("strace: poll([{fd=3, events=POLLIN}, {fd=4, events=POLLOUT}], 2, -1) = 1 "
           "([{fd=4, revents=POLLOUT}])\n");
}

static void clone_names_the_signal_to_the_parent(void **)
{
    traced(&(struct call){.nr = __NR_clone, .arg = {CLONE_VM | CLONE_VFORK | SIGCHLD, 0, 0, 0, 0}},
           5, "clone(CLONE_VM|CLONE_VFORK|SIGCHLD, NULL, NULL, NULL, 0) = 5");
}

static void futex_operations_have_names(void **)
{
    traced(&(struct call){.nr = __NR_futex, .arg = {0x2000, FUTEX_WAKE | FUTEX_PRIVATE_FLAG, 1}}, 0,
           "futex(0x2000, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0) = 0");
}

static void socket_addresses_are_spelled_out(void **)
{
    struct sockaddr_un un = {.sun_family = AF_UNIX, .sun_path = "/run/x"};
    struct sockaddr_un abstract = {.sun_family = AF_UNIX, .sun_path = "\0name"};
    struct sockaddr_in in = {.sin_family = AF_INET,
                             .sin_port = __builtin_bswap16(80),
                             .sin_addr = {__builtin_bswap32(INADDR_LOOPBACK)}};
    uint32_t length = sizeof in;
    traced(&(struct call){.nr = __NR_connect, .arg = {3, at(&un), sizeof un}}, 0,
           "connect(3, {sa_family=AF_UNIX, sun_path=\"/run/x\"}, 110) = 0");
    traced(&(struct call){.nr = __NR_bind, .arg = {3, at(&abstract), 7}}, 0,
           "bind(3, {sa_family=AF_UNIX, sun_path=@\"name\"}, 7) = 0");
    traced(&(struct call){.nr = __NR_accept4, .arg = {3, at(&in), at(&length), O_CLOEXEC}}, 4,
           "accept4(3, {sa_family=AF_INET, sin_port=htons(80), "
           "sin_addr=inet_addr(\"127.0.0.1\")}, [16], SOCK_CLOEXEC) = 4");
    traced(&(struct call){.nr = __NR_connect, .arg = {3, 0x10, 16}}, -EFAULT,
           "connect(3, 0x10, 16) = -1 EFAULT (Bad address)");
}

static void messages_show_data_and_control(void **)
{
    struct {
        struct user_cmsghdr header;
        int32_t fds[2];
    } control = {{sizeof control, SOL_SOCKET, SCM_RIGHTS}, {5, 6}};
    struct iovec vec = {"hello", 5};
    struct user_msghdr m = {
        .iov = at(&vec), .iov_count = 1, .control = at(&control), .control_bytes = sizeof control};
    traced(&(struct call){.nr = __NR_sendmsg, .arg = {3, at(&m), MSG_NOSIGNAL}}, 5,
           "sendmsg(3, {msg_name=NULL, msg_namelen=0, msg_iov=[{iov_base=\"hello\", iov_len=5}], "
           "msg_iovlen=1, msg_control=[{cmsg_len=24, cmsg_level=SOL_SOCKET, "
           "cmsg_type=SCM_RIGHTS, cmsg_data=[5, 6]}], msg_controllen=24, msg_flags=0}, "
           "MSG_NOSIGNAL) = 5");
    m.control = m.control_bytes = 0;
    traced(&(struct call){.nr = __NR_recvmsg, .arg = {3, at(&m)}}, 2,
           "recvmsg(3, {msg_name=NULL, msg_namelen=0, msg_iov=[{iov_base=\"he\", iov_len=5}], "
           "msg_iovlen=1, msg_controllen=0, msg_flags=0}, 0) = 2");
}

static void socket_options_have_names(void **)
{
    int32_t one = 1;
    uint32_t length = sizeof one;
    traced(&(struct call){.nr = __NR_socket, .arg = {AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 6}}, 3,
           "socket(AF_INET, SOCK_STREAM|SOCK_CLOEXEC, IPPROTO_TCP) = 3");
    traced(&(struct call){.nr = __NR_setsockopt, .arg = {3, SOL_SOCKET, SO_REUSEADDR, at(&one), 4}},
           0, "setsockopt(3, SOL_SOCKET, SO_REUSEADDR, [1], 4) = 0");
    traced(&(struct call){.nr = __NR_getsockopt, .arg = {3, SOL_TCP, 1, at(&one), at(&length)}}, 0,
           "getsockopt(3, SOL_TCP, TCP_NODELAY, [1], [4]) = 0");
    traced(&(struct call){.nr = __NR_shutdown, .arg = {3, SHUT_WR}}, 0, "shutdown(3, SHUT_WR) = 0");
}

static void ipc_calls_have_keys_and_operations(void **)
{
    struct sembuf op = {0, -1, SEM_UNDO};
    traced(&(struct call){.nr = __NR_semget, .arg = {0, 1, IPC_CREAT | 0600}}, 2,
           "semget(IPC_PRIVATE, 1, IPC_CREAT|0600) = 2");
    traced(&(struct call){.nr = __NR_semop, .arg = {2, at(&op), 1}}, 0,
           "semop(2, [{0, -1, SEM_UNDO}], 1) = 0");
    traced(&(struct call){.nr = __NR_msgget, .arg = {0x1234, 0600}}, 0, "msgget(0x1234, 0600) = 0");
}

static void a_call_without_return_has_its_line_at_once(void **)
{
    trace_call_enter(&(struct call){.nr = __NR_exit_group, .arg = {3}});
    expect("strace: exit_group(3) = ?\n");
    trace_exit(1, 3 << 8);
    expect("strace: +++ exited with 3 +++\n");
    trace_exit(1, SIGKILL);
    expect("strace: +++ killed by SIGKILL +++\n");
}

static void calls_that_overlap_are_unfinished_and_resumed(void **)
{
    struct call wait = {.nr = __NR_read, .arg = {0, at("x"), 1}}, quick = {.nr = __NR_getpid};
    processes = 2;
    trace_call_enter(&wait);
    fake_vcpu_run(&other);
    trace_call_enter(&quick);
    trace_call_exit(&quick, 7);
    fake_vcpu_run(&thread);
    trace_call_exit(&wait, 1);
    expect("strace: [pid     1] read(0 <unfinished ...>\n"
           "strace: [pid     7] getpid() = 7\n"
           "strace: [pid     1] <... read resumed>, \"x\", 1) = 1\n");
}

static void a_signal_tells_who_sent_it(void **)
{
    struct siginfo info = {.si_signo = SIGINT};
    info.si_pid = 9;
    trace_signal(SIGINT, &info);
    expect("strace: --- SIGINT {si_signo=SIGINT, si_code=SI_USER, si_pid=9, si_uid=0} ---\n");
}

static void an_unknown_number_is_shown(void **)
{
    traced(&(struct call){.nr = 999}, -ENOSYS,
           "syscall_0x3e7() = -1 ENOSYS (Function not implemented)");
}

#define TEST(name) cmocka_unit_test_setup(name, setup)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_name_and_flags_are_spelled_out),
        TEST(an_error_has_name_and_description),
        TEST(data_is_shown_as_far_as_it_goes),
        TEST(a_bad_address_is_shown_as_such),
        TEST(memory_calls_answer_in_hexadecimal),
        TEST(arrays_of_strings_are_lists),
        TEST(iovecs_show_what_was_transferred),
        TEST(fcntl_shows_the_argument_that_its_command_takes),
        TEST(a_terminal_s_answers_come_with_the_result),
        TEST(signals_and_sets_have_names),
        TEST(wait_tells_how_the_child_ended),
        TEST(poll_tells_what_is_ready),
        TEST(clone_names_the_signal_to_the_parent),
        TEST(futex_operations_have_names),
        TEST(socket_addresses_are_spelled_out),
        TEST(messages_show_data_and_control),
        TEST(socket_options_have_names),
        TEST(ipc_calls_have_keys_and_operations),
        TEST(a_call_without_return_has_its_line_at_once),
        TEST(calls_that_overlap_are_unfinished_and_resumed),
        TEST(a_signal_tells_who_sent_it),
        TEST(an_unknown_number_is_shown),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
