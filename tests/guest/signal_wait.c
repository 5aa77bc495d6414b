/* SPDX-License-Identifier: BSD-2-Clause */
/* signal_wait.c - waiting for signals, queues of them, EINTR and SA_RESTART, stop and go. */
#include "test.h"

#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/select.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static volatile sig_atomic_t count;
static int wake_fd = -1;

static void handler_counts(int)
{
    count++;
}

/* From the third alarm on there is something to read. */
static void handler_feeds(int)
{
    if (++count == 3 && write(wake_fd, "w", 1) != 1)
        _exit(97);
}

static void catch_with(int sig, void (*handler)(int), int flags)
{
    struct sigaction action = {.sa_handler = handler, .sa_flags = flags};
    OK(sigaction(sig, &action, nullptr));
}

static sigset_t set_of(int sig)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, sig);
    return set;
}

static void block(int sig)
{
    sigset_t set = set_of(sig);
    OK(sigprocmask(SIG_BLOCK, &set, nullptr));
}

TEST(pause_returns_after_a_handler)
{
    catch_with(SIGALRM, handler_counts, SA_RESTART);
    alarm_every_ms(5);
    CHECK_ERRNO(pause(), EINTR);
    CHECK(count >= 1);
}

TEST(sigsuspend_swaps_the_mask)
{
    sigset_t none, now;
    sigemptyset(&none);
    catch_with(SIGUSR1, handler_counts, 0);
    block(SIGUSR1);
    OK(raise(SIGUSR1));
    CHECK_EQ(count, 0);
    CHECK_ERRNO(sigsuspend(&none), EINTR);
    CHECK_EQ(count, 1);
    OK(sigprocmask(SIG_BLOCK, nullptr, &now));
    CHECK(sigismember(&now, SIGUSR1));
    CHECK_ERRNO(syscall(SYS_rt_sigsuspend, &none, 4), EINVAL);
    CHECK_ERRNO(syscall(SYS_rt_sigsuspend, 8L, 8), EFAULT);
}

TEST(sigwaitinfo_takes_a_pending_signal)
{
    sigset_t set = set_of(SIGUSR1), pending;
    siginfo_t info = {};
    block(SIGUSR1);
    OK(kill(getpid(), SIGUSR1));
    CHECK_EQ(sigwaitinfo(&set, &info), SIGUSR1);
    CHECK_EQ(info.si_signo, SIGUSR1);
    CHECK_EQ(info.si_code, SI_USER);
    CHECK_EQ(info.si_pid, getpid());
    OK(sigpending(&pending));
    CHECK(!sigismember(&pending, SIGUSR1));
}

TEST(sigtimedwait_times_out_with_eagain)
{
    sigset_t set = set_of(SIGUSR1);
    struct timespec zero = {}, some = {0, 20000000}, bad = {0, 1000000000};
    block(SIGUSR1);
    CHECK_ERRNO(sigtimedwait(&set, nullptr, &zero), EAGAIN);
    int64_t start = clock_now_ns();
    CHECK_ERRNO(sigtimedwait(&set, nullptr, &some), EAGAIN);
    CHECK(clock_now_ns() - start >= 20000000);
    CHECK_ERRNO(sigtimedwait(&set, nullptr, &bad), EINVAL);
    CHECK_ERRNO(syscall(SYS_rt_sigtimedwait, &set, nullptr, &zero, 4), EINVAL);
    CHECK_ERRNO(syscall(SYS_rt_sigtimedwait, 8L, nullptr, &zero, 8), EFAULT);
}

TEST(sigtimedwait_is_interrupted_by_other_handlers)
{
    sigset_t set = set_of(SIGUSR1);
    block(SIGUSR1);
    catch_with(SIGALRM, handler_counts, SA_RESTART);
    alarm_every_ms(5);
    CHECK_ERRNO(sigwaitinfo(&set, nullptr), EINTR);
}

TEST(sigwait_blocks_until_another_process_sends)
{
    sigset_t set = set_of(SIGUSR1);
    int sig = 0;
    pid_t self = getpid();
    block(SIGUSR1);
    pid_t pid = (pid_t)OK(fork());
    if (pid == 0) {
        process_await_state(self, "S");
        OK(kill(self, SIGUSR1));
        _exit(0);
    }
    CHECK_EQ(sigwait(&set, &sig), 0);
    CHECK_EQ(sig, SIGUSR1);
    child_wait_ok(pid);
}

static int arrived[64], arrived_values[64], arrived_count;

static void handler_records(int sig, siginfo_t *info, void *)
{
    arrived[arrived_count] = sig;
    arrived_values[arrived_count++] = info->si_value.sival_int;
}

TEST(real_time_signals_queue_in_order)
{
    struct sigaction action = {.sa_sigaction = handler_records, .sa_flags = SA_SIGINFO};
    sigset_t set, empty;
    int low = SIGRTMIN + 1, high = SIGRTMIN + 5;
    sigfillset(&action.sa_mask);
    OK(sigaction(low, &action, nullptr));
    OK(sigaction(high, &action, nullptr));
    sigemptyset(&set);
    sigemptyset(&empty);
    sigaddset(&set, low);
    sigaddset(&set, high);
    OK(sigprocmask(SIG_BLOCK, &set, nullptr));
    for (int i = 0; i < 5; i++) {
        OK(sigqueue(getpid(), high, (union sigval){.sival_int = 100 + i}));
        OK(sigqueue(getpid(), low, (union sigval){.sival_int = i}));
    }
    OK(sigprocmask(SIG_SETMASK, &empty, nullptr));
    CHECK_EQ(arrived_count, 10);
    for (int i = 0; i < 5; i++) {
        CHECK(arrived[i] == low && arrived_values[i] == i);
        CHECK(arrived[i + 5] == high && arrived_values[i + 5] == 100 + i);
    }
}

TEST(sigwaitinfo_takes_the_queue_one_by_one)
{
    sigset_t set = set_of(SIGRTMIN + 2);
    siginfo_t info;
    struct timespec zero = {};
    OK(sigprocmask(SIG_BLOCK, &set, nullptr));
    for (int i = 0; i < 20; i++)
        OK(sigqueue(getpid(), SIGRTMIN + 2, (union sigval){.sival_int = i}));
    for (int i = 0; i < 20; i++) {
        CHECK_EQ(sigwaitinfo(&set, &info), SIGRTMIN + 2);
        CHECK_EQ(info.si_value.sival_int, i);
        CHECK_EQ(info.si_code, SI_QUEUE);
    }
    CHECK_ERRNO(sigtimedwait(&set, &info, &zero), EAGAIN);
}

TEST(signal_queue_is_bounded_by_rlimit_sigpending)
{
    struct rlimit limit = {10, 10};
    sigset_t set = set_of(SIGRTMIN + 2);
    int queued = 0;
    IN_CHILD_AS(43210, 43210)
    {
        OK(sigprocmask(SIG_BLOCK, &set, nullptr));
        OK(setrlimit(RLIMIT_SIGPENDING, &limit));
        while (queued < 100 && sigqueue(getpid(), SIGRTMIN + 2, (union sigval){}) == 0)
            queued++;
        CHECK_EQ(errno, EAGAIN);
        CHECK_EQ(queued, 10);
    }
}

TEST(read_without_sa_restart_is_eintr)
{
    int pipes[2];
    char byte;
    OK(pipe(pipes));
    catch_with(SIGALRM, handler_counts, 0);
    alarm_every_ms(5);
    CHECK_ERRNO(read(pipes[0], &byte, 1), EINTR);
}

TEST(read_with_sa_restart_goes_on)
{
    int pipes[2];
    char byte = 0;
    OK(pipe(pipes));
    wake_fd = pipes[1];
    catch_with(SIGALRM, handler_feeds, SA_RESTART);
    alarm_every_ms(5);
    CHECK_EQ(read(pipes[0], &byte, 1), 1);
    CHECK_EQ(byte, 'w');
    CHECK(count >= 3);
}

TEST(write_to_a_full_pipe_is_eintr)
{
    int pipes[2];
    static char block_of[4096];
    OK(pipe2(pipes, O_NONBLOCK));
    while (write(pipes[1], block_of, sizeof block_of) > 0)
        ;
    OK(fcntl(pipes[1], F_SETFL, 0));
    catch_with(SIGALRM, handler_counts, 0);
    alarm_every_ms(5);
    CHECK_ERRNO(write(pipes[1], block_of, 1), EINTR);
}

TEST(write_interrupted_halfway_tells_how_much)
{
    int pipes[2];
    static char big[1 << 20];
    OK(pipe(pipes));
    catch_with(SIGALRM, handler_counts, 0);
    alarm_every_ms(5);
    long got = write(pipes[1], big, sizeof big);
    CHECK(got > 0 && got < (long)sizeof big);
}

TEST(wait_with_sa_restart_goes_on)
{
    int status;
    catch_with(SIGALRM, handler_counts, SA_RESTART);
    pid_t pid = (pid_t)OK(fork());
    if (pid == 0) {
        sleep_ms(40);
        _exit(4);
    }
    alarm_every_ms(5);
    CHECK_EQ(waitpid(pid, &status, 0), pid);
    CHECK_EQ(status, 4 << 8);
    CHECK(count >= 1);
}

TEST(sleep_and_poll_are_eintr_even_with_sa_restart)
{
    struct timespec long_time = {100, 0}, left = {};
    struct pollfd none = {.fd = -1};
    fd_set empty;
    FD_ZERO(&empty);
    int ep = (int)OK(epoll_create1(0));
    struct epoll_event event;
    catch_with(SIGALRM, handler_counts, SA_RESTART);
    alarm_every_ms(5);
    CHECK_ERRNO(nanosleep(&long_time, &left), EINTR);
    CHECK(left.tv_sec >= 90 && left.tv_sec < 100);
    CHECK_EQ(clock_nanosleep(CLOCK_MONOTONIC, 0, &long_time, &left), EINTR);
    CHECK_ERRNO(poll(&none, 1, 100000), EINTR);
    CHECK_ERRNO(select(0, &empty, nullptr, nullptr, nullptr), EINTR);
    CHECK_ERRNO(epoll_wait(ep, &event, 1, -1), EINTR);
}

static int futex_word;

static void handler_changes_the_word(int)
{
    if (++count >= 3)
        futex_word = 1;
}

TEST(futex_wait_restarts_only_without_a_timeout)
{
    struct timespec long_time = {100, 0};
    catch_with(SIGALRM, handler_counts, 0);
    alarm_every_ms(5);
    CHECK_ERRNO(syscall(SYS_futex, &futex_word, 0 /* FUTEX_WAIT */, 0, nullptr), EINTR);
    catch_with(SIGALRM, handler_counts, SA_RESTART);
    CHECK_ERRNO(syscall(SYS_futex, &futex_word, 0, 0, &long_time), EINTR);
    count = 0;
    catch_with(SIGALRM, handler_changes_the_word, SA_RESTART);
    /* Started anew each time, until the word is no longer what it should be. */
    CHECK_ERRNO(syscall(SYS_futex, &futex_word, 0, 0, nullptr), EAGAIN);
    CHECK(count >= 3);
}

TEST(flock_is_eintr)
{
    file_make("f", "");
    int a = (int)OK(open("f", O_RDONLY)), b = (int)OK(open("f", O_RDONLY));
    OK(flock(a, LOCK_EX));
    catch_with(SIGALRM, handler_counts, 0);
    alarm_every_ms(5);
    CHECK_ERRNO(flock(b, LOCK_EX), EINTR);
}

TEST(open_of_a_fifo_is_eintr)
{
    OK(syscall(SYS_mknod, "fifo", 0010644, 0));
    catch_with(SIGALRM, handler_counts, 0);
    alarm_every_ms(5);
    CHECK_ERRNO(open("fifo", O_RDONLY), EINTR);
}

TEST(ignored_signal_does_not_interrupt)
{
    int status;
    signal(SIGALRM, SIG_IGN);
    pid_t pid = (pid_t)OK(fork());
    if (pid == 0) {
        sleep_ms(30);
        _exit(0);
    }
    alarm_every_ms(5);
    CHECK_EQ(waitpid(pid, &status, 0), pid);
}

TEST(siginterrupt_by_stop_and_continue_restarts_read)
{
    int pipes[2], status;
    char byte;
    OK(pipe(pipes));
    pid_t pid = (pid_t)OK(fork());
    if (pid == 0) {
        close(pipes[1]);
        _exit(read(pipes[0], &byte, 1) == 1 ? 0 : 1);
    }
    process_await_state(pid, "S");
    OK(kill(pid, SIGSTOP));
    CHECK_EQ(waitpid(pid, &status, WUNTRACED), pid);
    OK(kill(pid, SIGCONT));
    CHECK_EQ(waitpid(pid, &status, WCONTINUED), pid);
    CHECK_EQ(write(pipes[1], "x", 1), 1);
    child_wait_ok(pid);
}

TEST(stopped_process_runs_its_handler_after_sigcont)
{
    int status;
    int *shared = mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    pid_t pid = (pid_t)OK(fork());
    if (pid == 0) {
        catch_with(SIGUSR1, handler_counts, 0);
        raise(SIGSTOP);
        shared[0] = count;
        _exit(0);
    }
    CHECK_EQ(waitpid(pid, &status, WUNTRACED), pid);
    OK(kill(pid, SIGUSR1));
    CHECK_EQ(process_state(pid), 'T');
    OK(kill(pid, SIGCONT));
    child_wait_ok(pid);
    CHECK_EQ(shared[0], 1);
}

TEST(sigkill_ends_a_stopped_process)
{
    int status;
    pid_t pid = (pid_t)OK(fork());
    if (pid == 0) {
        raise(SIGSTOP);
        _exit(0);
    }
    CHECK_EQ(waitpid(pid, &status, WUNTRACED), pid);
    OK(kill(pid, SIGKILL));
    CHECK_EQ(child_wait(pid), SIGKILL);
}

TEST(sigcont_discards_pending_stops_and_back)
{
    sigset_t pending, set = set_of(SIGTSTP);
    sigaddset(&set, SIGCONT);
    OK(sigprocmask(SIG_BLOCK, &set, nullptr));
    OK(raise(SIGTSTP));
    OK(raise(SIGCONT));
    OK(sigpending(&pending));
    CHECK(!sigismember(&pending, SIGTSTP));
    CHECK(sigismember(&pending, SIGCONT));
    OK(raise(SIGTSTP));
    OK(sigpending(&pending));
    CHECK(!sigismember(&pending, SIGCONT));
    OK(kill(getpid(), SIGCONT));
}

TEST(sigpipe_kills_a_writer_without_readers)
{
    int pipes[2];
    OK(pipe(pipes));
    OK(close(pipes[0]));
    pid_t pid = (pid_t)OK(fork());
    if (pid == 0) {
        write(pipes[1], "x", 1);
        _exit(0);
    }
    CHECK_EQ(child_wait(pid), SIGPIPE);
    catch_with(SIGPIPE, handler_counts, 0);
    CHECK_ERRNO(write(pipes[1], "x", 1), EPIPE);
    CHECK_EQ(count, 1);
    signal(SIGPIPE, SIG_IGN);
    CHECK_ERRNO(write(pipes[1], "x", 1), EPIPE);
}

TEST(signal_between_unblocking_and_return_is_not_lost)
{
    /* sigsuspend in a loop against a sender that never pauses. */
    sigset_t set = set_of(SIGUSR1), old;
    catch_with(SIGUSR1, handler_counts, 0);
    OK(sigprocmask(SIG_BLOCK, &set, &old));
    pid_t self = getpid(), pid = (pid_t)OK(fork());
    if (pid == 0)
        for (;;) {
            kill(self, SIGUSR1);
            sched_yield();
        }
    for (int i = 0; i < 200; i++) {
        int before = count;
        CHECK_ERRNO(sigsuspend(&old), EINTR);
        CHECK(count > before);
    }
    OK(kill(pid, SIGKILL));
    child_wait(pid);
}
