/* SPDX-License-Identifier: BSD-2-Clause */
/* exec_race.c - descriptors that are made with close-on-exec never reach a program that another
 * thread starts meanwhile (open(2), O_CLOEXEC). */
#include "test.h"

#include <dirent.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

static int descriptors(void)
{
    int n = 0;
    DIR *dir = opendir("/proc/self/fd");
    CHECK(dir);
    while (readdir(dir))
        n++;
    closedir(dir);
    return n;
}

HELPER(has_descriptors)
{
    return descriptors() == atoi(argv[2]) ? 0 : 1;
}

static int is_over;

static void *makes_descriptors(void *)
{
    while (!__atomic_load_n(&is_over, __ATOMIC_SEQ_CST)) {
        int pair[2], more[2];
        int fd[] = {open("/dev/null", O_RDONLY | O_CLOEXEC), memfd_create("m", MFD_CLOEXEC),
                    eventfd(0, EFD_CLOEXEC), epoll_create1(EPOLL_CLOEXEC),
                    fcntl(0, F_DUPFD_CLOEXEC, 0)};
        OK(pipe2(pair, O_CLOEXEC));
        OK(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, more));
        for (unsigned i = 0; i < sizeof fd / sizeof *fd; i++)
            OK(close(OK(fd[i])));
        for (unsigned i = 0; i < 2; i++) {
            OK(close(pair[i]));
            OK(close(more[i]));
        }
    }
    return nullptr;
}

TEST(cloexec_descriptors_of_another_thread_never_leak_through_fork)
{
    char count[16];
    char *argv[] = {"guest-tests", "--helper=has_descriptors", count, nullptr};
    pthread_t thread;
    snprintf(count, sizeof count, "%d", descriptors());
    CHECK_EQ(pthread_create(&thread, nullptr, makes_descriptors, nullptr), 0);
    for (int i = 0; i < 30; i++) {
        pid_t pid = (pid_t)OK(fork());
        if (pid == 0) {
            execv(self_path, argv);
            _exit(126);
        }
        child_wait_ok(pid);
    }
    __atomic_store_n(&is_over, 1, __ATOMIC_SEQ_CST);
    CHECK_EQ(pthread_join(thread, nullptr), 0);
}

/* The program that replaces the one whose threads are busy with descriptors. */
TEST(cloexec_descriptors_of_another_thread_never_leak_into_its_own_exec)
{
    char count[16];
    char *argv[] = {"guest-tests", "--helper=has_descriptors", count, nullptr};
    snprintf(count, sizeof count, "%d", descriptors());
    for (int i = 0; i < 20; i++) {
        pid_t pid = (pid_t)OK(fork());
        if (pid == 0) {
            pthread_t thread;
            CHECK_EQ(pthread_create(&thread, nullptr, makes_descriptors, nullptr), 0);
            usleep((useconds_t)(i * 100));
            execv(self_path, argv);
            _exit(126);
        }
        child_wait_ok(pid);
    }
}

HELPER(sleeps_with_pipe)
{
    /* The writer's end must not have come along: so this read ends. */
    char byte;
    return read(atoi(argv[2]), &byte, 1) == 0 ? 0 : 1;
}

TEST(cloexec_end_of_a_pipe_is_closed_by_exec)
{
    char number[16];
    int pipes[2];
    char *argv[] = {"guest-tests", "--helper=sleeps_with_pipe", number, nullptr};
    OK(pipe(pipes));
    OK(fcntl(pipes[1], F_SETFD, FD_CLOEXEC));
    snprintf(number, sizeof number, "%d", pipes[0]);
    pid_t pid = (pid_t)OK(fork());
    if (pid == 0) {
        execv(self_path, argv);
        _exit(126);
    }
    OK(close(pipes[1]));
    child_wait_ok(pid);
}
