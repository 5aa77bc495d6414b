/* SPDX-License-Identifier: BSD-2-Clause */
/* process_vfork.c - vfork(2): what the child shares, what it does not, and who waits. */
#include "test.h"

#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

TEST(vfork_child_has_its_own_descriptors_and_directory)
{
    struct stat st;
    char before[256], after[256];
    CHECK(getcwd(before, sizeof before));
    int fd = (int)OK(dup(0));
    pid_t pid = (pid_t)OK(vfork());
    if (pid == 0) {
        close(fd);
        if (chdir("/") != 0)
            _exit(1);
        umask(0);
        _exit(0);
    }
    child_wait_ok(pid);
    OK(fstat(fd, &st));
    CHECK(getcwd(after, sizeof after));
    CHECK_STR(after, before);
    CHECK(umask(022) != 0);
}

static volatile sig_atomic_t handled;

static void handler(int)
{
    handled++;
}

TEST(vfork_child_has_its_own_signal_actions)
{
    signal(SIGUSR1, handler);
    pid_t pid = (pid_t)OK(vfork());
    if (pid == 0) {
        signal(SIGUSR1, SIG_IGN);
        _exit(0);
    }
    child_wait_ok(pid);
    OK(raise(SIGUSR1));
    CHECK_EQ(handled, 1);
}

TEST(vfork_parent_goes_on_when_the_child_is_killed)
{
    volatile int seen = 0;
    pid_t pid = (pid_t)OK(vfork());
    if (pid == 0) {
        seen = 1;
        kill(getpid(), SIGKILL);
        for (;;)
            ;
    }
    CHECK_EQ(seen, 1);
    CHECK_EQ(child_wait(pid), SIGKILL);
}

TEST(vfork_failed_exec_keeps_the_parent_waiting)
{
    volatile int error = 0;
    pid_t pid = (pid_t)OK(vfork());
    if (pid == 0) {
        execl("/no/such/program", "x", nullptr);
        error = errno;
        _exit(9);
    }
    CHECK_EQ(error, ENOENT);
    CHECK_EQ(child_wait(pid), 9 << 8);
}

/* Signals to the parent stay pending until the child lets it go; only SIGKILL ends it. */
TEST(vfork_parent_takes_no_signals_while_it_waits)
{
    volatile int during = -1;
    signal(SIGUSR1, handler);
    pid_t pid = (pid_t)OK(vfork());
    if (pid == 0) {
        kill(getppid(), SIGUSR1);
        usleep(20000);
        during = handled;
        _exit(0);
    }
    CHECK_EQ(during, 0);
    CHECK_EQ(handled, 1);
    child_wait_ok(pid);
}

TEST(vfork_parent_can_be_killed_while_it_waits)
{
    int *shared = mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    pid_t middle = (pid_t)OK(fork());
    if (middle == 0) {
        if (vfork() == 0) {
            __atomic_store_n(&shared[0], getpid(), __ATOMIC_SEQ_CST);
            for (;;)
                pause();
        }
        _exit(0);
    }
    pid_t grandchild;
    while ((grandchild = __atomic_load_n(&shared[0], __ATOMIC_SEQ_CST)) == 0)
        sched_yield();
    sleep_ms(10);
    CHECK_EQ(waitpid(middle, nullptr, WNOHANG), 0);
    OK(kill(middle, SIGKILL));
    CHECK_EQ(child_wait(middle), SIGKILL);
    OK(kill(grandchild, 0));
    OK(kill(grandchild, SIGKILL));
}

static int released;

static void *counts(void *argument)
{
    int *count = argument;
    while (!__atomic_load_n(&released, __ATOMIC_SEQ_CST)) {
        __atomic_add_fetch(count, 1, __ATOMIC_SEQ_CST);
        sched_yield();
    }
    return nullptr;
}

TEST(vfork_holds_only_the_thread_that_calls_it)
{
    static int count;
    pthread_t thread;
    CHECK_EQ(pthread_create(&thread, nullptr, counts, &count), 0);
    pid_t pid = (pid_t)OK(vfork());
    if (pid == 0) {
        int before = __atomic_load_n(&count, __ATOMIC_SEQ_CST);
        for (int i = 0; i < 2000 && __atomic_load_n(&count, __ATOMIC_SEQ_CST) < before + 3; i++)
            usleep(1000);
        _exit(__atomic_load_n(&count, __ATOMIC_SEQ_CST) >= before + 3 ? 0 : 1);
    }
    child_wait_ok(pid);
    __atomic_store_n(&released, 1, __ATOMIC_SEQ_CST);
    CHECK_EQ(pthread_join(thread, nullptr), 0);
}
