/* SPDX-License-Identifier: BSD-2-Clause */
/* signal_basic.c - sigaction(2), masks, delivery, SA_ flags. */
#include "test.h"

#include <setjmp.h>
#include <signal.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static volatile sig_atomic_t count, last, depth, deepest;

static void handler_counts(int sig)
{
    count++;
    last = sig;
}

static void handler_raises_itself(int sig)
{
    depth++;
    if (depth > deepest)
        deepest = depth;
    if (count++ < 3)
        raise(sig);
    depth--;
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

TEST(signal_raise_runs_the_handler_at_once)
{
    catch_with(SIGUSR1, handler_counts, 0);
    OK(raise(SIGUSR1));
    CHECK_EQ(count, 1);
    CHECK_EQ(last, SIGUSR1);
    OK(kill(getpid(), SIGUSR1));
    CHECK_EQ(count, 2);
}

TEST(sigaction_returns_what_was_set)
{
    struct sigaction action = {.sa_handler = handler_counts, .sa_flags = SA_RESTART | SA_NODEFER};
    struct sigaction got;
    sigaddset(&action.sa_mask, SIGHUP);
    OK(sigaction(SIGUSR1, &action, nullptr));
    memset(&got, 0xff, sizeof got);
    OK(sigaction(SIGUSR1, nullptr, &got));
    CHECK(got.sa_handler == handler_counts);
    CHECK_EQ(got.sa_flags & ~0x04000000 /* SA_RESTORER */, SA_RESTART | SA_NODEFER);
    CHECK(sigismember(&got.sa_mask, SIGHUP));
    CHECK(!sigismember(&got.sa_mask, SIGUSR1));
    action.sa_handler = SIG_IGN;
    OK(sigaction(SIGUSR1, &action, &got));
    CHECK(got.sa_handler == handler_counts);
}

TEST(sigaction_errors)
{
    struct sigaction action = {.sa_handler = handler_counts};
    char raw[32] = {};
    CHECK_ERRNO(sigaction(SIGKILL, &action, nullptr), EINVAL);
    CHECK_ERRNO(sigaction(SIGSTOP, &action, nullptr), EINVAL);
    CHECK_ERRNO(sigaction(0, &action, nullptr), EINVAL);
    CHECK_ERRNO(syscall(SYS_rt_sigaction, 65, raw, nullptr, 8), EINVAL);
    CHECK_ERRNO(syscall(SYS_rt_sigaction, SIGUSR1, raw, nullptr, 4), EINVAL);
    OK(syscall(SYS_rt_sigaction, SIGKILL, nullptr, raw, 8));
}

TEST(signal_default_actions)
{
    static const int killing[] = {SIGHUP,  SIGINT,    SIGPIPE,   SIGALRM, SIGTERM,
                                  SIGUSR1, SIGUSR2,   SIGVTALRM, SIGPROF, SIGIO,
                                  SIGPWR,  SIGSTKFLT, SIGKILL,   34,      64};
    for (size_t i = 0; i < sizeof killing / sizeof *killing; i++) {
        pid_t pid = (pid_t)OK(fork());
        if (pid == 0) {
            syscall(SYS_kill, getpid(), killing[i]);
            _exit(0);
        }
        CHECK_EQ(child_wait(pid), killing[i]);
    }
    static const int ignored[] = {SIGCHLD, SIGURG, SIGWINCH, SIGCONT};
    for (size_t i = 0; i < sizeof ignored / sizeof *ignored; i++)
        IN_CHILD
        {
            OK(raise(ignored[i]));
        }
}

TEST(signal_core_signals_kill_too)
{
    static const int core[] = {SIGQUIT, SIGILL, SIGABRT, SIGFPE,  SIGSEGV,
                               SIGBUS,  SIGSYS, SIGTRAP, SIGXCPU, SIGXFSZ};
    for (size_t i = 0; i < sizeof core / sizeof *core; i++) {
        pid_t pid = (pid_t)OK(fork());
        if (pid == 0) {
            raise(core[i]);
            _exit(0);
        }
        CHECK_EQ(child_wait(pid) & 0x7f, core[i]);
    }
}

TEST(signal_ignored_does_nothing)
{
    signal(SIGTERM, SIG_IGN);
    OK(raise(SIGTERM));
    sigset_t pending;
    OK(sigpending(&pending));
    CHECK(!sigismember(&pending, SIGTERM));
}

TEST(sigprocmask_holds_back_and_releases)
{
    sigset_t set = set_of(SIGUSR1), old, pending;
    catch_with(SIGUSR1, handler_counts, 0);
    OK(sigprocmask(SIG_BLOCK, &set, &old));
    CHECK(!sigismember(&old, SIGUSR1));
    OK(raise(SIGUSR1));
    OK(raise(SIGUSR1));
    CHECK_EQ(count, 0);
    OK(sigpending(&pending));
    CHECK(sigismember(&pending, SIGUSR1));
    OK(sigprocmask(SIG_UNBLOCK, &set, nullptr));
    /* Standard signals do not queue. */
    CHECK_EQ(count, 1);
    OK(sigpending(&pending));
    CHECK(!sigismember(&pending, SIGUSR1));
}

TEST(sigprocmask_forms)
{
    sigset_t set = set_of(SIGUSR1), other = set_of(SIGUSR2), now;
    OK(sigprocmask(SIG_SETMASK, &set, nullptr));
    OK(sigprocmask(SIG_BLOCK, &other, nullptr));
    OK(sigprocmask(SIG_BLOCK, nullptr, &now));
    CHECK(sigismember(&now, SIGUSR1) && sigismember(&now, SIGUSR2));
    OK(sigprocmask(SIG_SETMASK, &other, &now));
    OK(sigprocmask(99, nullptr, &now));
    CHECK(!sigismember(&now, SIGUSR1) && sigismember(&now, SIGUSR2));
    CHECK_ERRNO(sigprocmask(99, &set, nullptr), EINVAL);
    CHECK_ERRNO(syscall(SYS_rt_sigprocmask, SIG_BLOCK, &set, nullptr, 16), EINVAL);
}

TEST(sigkill_and_sigstop_cannot_be_blocked)
{
    sigset_t all, now;
    sigfillset(&all);
    OK(sigprocmask(SIG_SETMASK, &all, nullptr));
    OK(sigprocmask(SIG_BLOCK, nullptr, &now));
    CHECK(!sigismember(&now, SIGKILL));
    CHECK(!sigismember(&now, SIGSTOP));
    CHECK(sigismember(&now, SIGTERM));
}

TEST(handler_masks_its_own_signal)
{
    catch_with(SIGUSR1, handler_raises_itself, 0);
    OK(raise(SIGUSR1));
    /* One after the other, never nested. */
    CHECK_EQ(count, 4);
    CHECK_EQ(deepest, 1);
}

TEST(sa_nodefer_nests)
{
    catch_with(SIGUSR1, handler_raises_itself, SA_NODEFER);
    OK(raise(SIGUSR1));
    CHECK_EQ(count, 4);
    CHECK_EQ(deepest, 4);
}

static volatile int order[4], order_length;

static void handler_first(int)
{
    order[order_length++] = 1;
    raise(SIGUSR2);
    order[order_length++] = 2;
}

static void handler_second(int)
{
    order[order_length++] = 3;
}

TEST(handler_is_interrupted_by_another_signal)
{
    catch_with(SIGUSR1, handler_first, 0);
    catch_with(SIGUSR2, handler_second, 0);
    OK(raise(SIGUSR1));
    CHECK(order[0] == 1 && order[1] == 3 && order[2] == 2);
}

TEST(sa_mask_holds_others_back_during_the_handler)
{
    struct sigaction action = {.sa_handler = handler_first};
    sigaddset(&action.sa_mask, SIGUSR2);
    OK(sigaction(SIGUSR1, &action, nullptr));
    catch_with(SIGUSR2, handler_second, 0);
    OK(raise(SIGUSR1));
    CHECK(order[0] == 1 && order[1] == 2 && order[2] == 3);
    sigset_t now;
    OK(sigprocmask(SIG_BLOCK, nullptr, &now));
    CHECK(!sigismember(&now, SIGUSR2));
}

TEST(sa_resethand_works_once)
{
    struct sigaction got;
    catch_with(SIGUSR1, handler_counts, SA_RESETHAND);
    OK(raise(SIGUSR1));
    CHECK_EQ(count, 1);
    OK(sigaction(SIGUSR1, nullptr, &got));
    CHECK(got.sa_handler == SIG_DFL);
    pid_t pid = (pid_t)OK(fork());
    if (pid == 0) {
        raise(SIGUSR1);
        _exit(0);
    }
    CHECK_EQ(child_wait(pid), SIGUSR1);
}

TEST(handler_is_restored_mask_after_return)
{
    sigset_t set = set_of(SIGHUP), now;
    catch_with(SIGUSR1, handler_counts, 0);
    OK(sigprocmask(SIG_SETMASK, &set, nullptr));
    OK(raise(SIGUSR1));
    OK(sigprocmask(SIG_BLOCK, nullptr, &now));
    CHECK(sigismember(&now, SIGHUP));
    CHECK(!sigismember(&now, SIGUSR1));
}

static sigjmp_buf out;

static void handler_jumps(int)
{
    count++;
    siglongjmp(out, 5);
}

TEST(siglongjmp_leaves_a_handler)
{
    catch_with(SIGUSR1, handler_jumps, 0);
    for (volatile int i = 0; i < 100; i++) {
        if (sigsetjmp(out, 1) == 0) {
            raise(SIGUSR1);
            FAIL("raise returned");
        }
        sigset_t now;
        OK(sigprocmask(SIG_BLOCK, nullptr, &now));
        CHECK(!sigismember(&now, SIGUSR1));
    }
    CHECK_EQ(count, 100);
}

TEST(signals_ignored_while_pending_are_dropped)
{
    sigset_t set = set_of(SIGUSR1), pending;
    OK(sigprocmask(SIG_BLOCK, &set, nullptr));
    OK(raise(SIGUSR1));
    signal(SIGUSR1, SIG_IGN);
    OK(sigpending(&pending));
    CHECK(!sigismember(&pending, SIGUSR1));
    signal(SIGUSR1, SIG_DFL);
    OK(sigprocmask(SIG_UNBLOCK, &set, nullptr));
}

TEST(several_pending_signals_all_arrive)
{
    sigset_t all, none;
    for (int sig = SIGRTMIN; sig < SIGRTMIN + 10; sig++)
        catch_with(sig, handler_counts, 0);
    catch_with(SIGUSR1, handler_counts, 0);
    catch_with(SIGUSR2, handler_counts, 0);
    sigfillset(&all);
    sigemptyset(&none);
    OK(sigprocmask(SIG_SETMASK, &all, nullptr));
    for (int sig = SIGRTMIN; sig < SIGRTMIN + 10; sig++)
        OK(raise(sig));
    OK(raise(SIGUSR1));
    OK(raise(SIGUSR2));
    OK(sigprocmask(SIG_SETMASK, &none, nullptr));
    CHECK_EQ(count, 12);
}

TEST(kill_errors)
{
    CHECK_ERRNO(kill(getpid(), 65), EINVAL);
    CHECK_ERRNO(kill(getpid(), -1), EINVAL);
    CHECK_ERRNO(kill(999999, SIGTERM), ESRCH);
    CHECK_ERRNO(kill(-999999, SIGTERM), ESRCH);
    OK(kill(getpid(), 0));
    CHECK_ERRNO(syscall(SYS_tgkill, getpid(), 999999, SIGTERM), ESRCH);
    CHECK_ERRNO(syscall(SYS_tgkill, 0, getpid(), SIGTERM), EINVAL);
    CHECK_ERRNO(syscall(SYS_tkill, -1, SIGTERM), EINVAL);
    OK(syscall(SYS_tgkill, getpid(), getpid(), 0));
    CHECK_ERRNO(syscall(SYS_tgkill, getppid(), getpid(), 0), ESRCH);
}

TEST(signal_100000_times)
{
    catch_with(SIGUSR1, handler_counts, 0);
    for (int i = 0; i < 100000; i++)
        raise(SIGUSR1);
    CHECK_EQ(count, 100000);
}

TEST(sigchld_handler_runs_at_a_child_end)
{
    sigset_t set = set_of(SIGCHLD), old;
    catch_with(SIGCHLD, handler_counts, 0);
    OK(sigprocmask(SIG_BLOCK, &set, &old));
    pid_t pid = (pid_t)OK(fork());
    if (pid == 0)
        _exit(0);
    while (!count)
        CHECK_ERRNO(sigsuspend(&old), EINTR);
    child_wait_ok(pid);
    CHECK_EQ(count, 1);
}

TEST(sa_nocldstop_silences_stops)
{
    int status;
    catch_with(SIGCHLD, handler_counts, SA_NOCLDSTOP | SA_RESTART);
    pid_t pid = (pid_t)OK(fork());
    if (pid == 0) {
        raise(SIGSTOP);
        _exit(0);
    }
    CHECK_EQ(waitpid(pid, &status, WUNTRACED), pid);
    CHECK(WIFSTOPPED(status));
    CHECK_EQ(count, 0);
    OK(kill(pid, SIGCONT));
    child_wait_ok(pid);
    CHECK_EQ(count, 1);
}
