/* SPDX-License-Identifier: BSD-2-Clause */
/* ipc_mq.c - POSIX message queues: mq_overview(7). */
#include "test.h"

#include <fcntl.h>
#include <mqueue.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static char name[32];

static mqd_t queue_make(int flags, long count, long bytes)
{
    struct mq_attr attr = {.mq_maxmsg = count, .mq_msgsize = bytes};
    snprintf(name, sizeof name, "/guest-%d", getpid());
    mqd_t q = mq_open(name, O_CREAT | O_EXCL | flags, 0600, &attr);
    if (q == -1 && errno == ENOSYS)
        test_skip("this kernel has no message queues");
    return (mqd_t)OK(q);
}

static void drop(mqd_t q)
{
    OK(mq_close(q));
    OK(mq_unlink(name));
}

TEST(mq_orders_by_priority)
{
    mqd_t q = queue_make(O_RDWR, 5, 16);
    char text[16];
    unsigned priority;
    OK(mq_send(q, "low", 4, 1));
    OK(mq_send(q, "high", 5, 9));
    OK(mq_send(q, "low2", 5, 1));
    CHECK_EQ(mq_receive(q, text, 16, &priority), 5);
    CHECK_STR(text, "high");
    CHECK_EQ(priority, 9);
    CHECK_EQ(mq_receive(q, text, 16, &priority), 4);
    CHECK_STR(text, "low");
    CHECK_EQ(mq_receive(q, text, 16, nullptr), 5);
    CHECK_STR(text, "low2");
    drop(q);
}

TEST(mq_attributes)
{
    mqd_t q = queue_make(O_RDWR, 3, 20);
    struct mq_attr attr;
    OK(mq_send(q, "x", 1, 0));
    OK(mq_getattr(q, &attr));
    CHECK_EQ(attr.mq_maxmsg, 3);
    CHECK_EQ(attr.mq_msgsize, 20);
    CHECK_EQ(attr.mq_curmsgs, 1);
    CHECK_EQ(attr.mq_flags, 0);
    struct mq_attr change = {.mq_flags = O_NONBLOCK};
    OK(mq_setattr(q, &change, &attr));
    CHECK_EQ(attr.mq_flags, 0);
    OK(mq_getattr(q, &attr));
    CHECK_EQ(attr.mq_flags, O_NONBLOCK);
    change.mq_flags = O_APPEND;
    CHECK_ERRNO(mq_setattr(q, &change, nullptr), EINVAL);
    drop(q);
}

TEST(mq_nonblocking_says_eagain)
{
    mqd_t q = queue_make(O_RDWR | O_NONBLOCK, 1, 8);
    char text[8];
    CHECK_ERRNO(mq_receive(q, text, 8, nullptr), EAGAIN);
    OK(mq_send(q, "1", 1, 0));
    CHECK_ERRNO(mq_send(q, "2", 1, 0), EAGAIN);
    drop(q);
}

TEST(mq_message_sizes)
{
    mqd_t q = queue_make(O_RDWR, 2, 8);
    char text[8];
    CHECK_ERRNO(mq_send(q, "123456789", 9, 0), EMSGSIZE);
    CHECK_ERRNO(mq_receive(q, text, 7, nullptr), EMSGSIZE);
    OK(mq_send(q, "", 0, 0));
    CHECK_EQ(mq_receive(q, text, 8, nullptr), 0);
    CHECK_ERRNO(mq_send(q, "1", 1, 32768), EINVAL);
    OK(mq_send(q, "1", 1, 32767));
    drop(q);
}

TEST(mq_timed_calls_time_out)
{
    mqd_t q = queue_make(O_RDWR, 1, 8);
    char text[8];
    struct timespec until, bad = {1, -1};
    OK(clock_gettime(CLOCK_REALTIME, &until));
    int64_t start = clock_now_ns();
    until.tv_nsec += 20000000;
    if (until.tv_nsec >= 1000000000) {
        until.tv_sec++;
        until.tv_nsec -= 1000000000;
    }
    CHECK_ERRNO(mq_timedreceive(q, text, 8, nullptr, &until), ETIMEDOUT);
    CHECK(clock_now_ns() - start >= 15000000);
    OK(mq_timedsend(q, "1", 1, 0, &until));
    CHECK_ERRNO(mq_timedsend(q, "1", 1, 0, &until), ETIMEDOUT);
    CHECK_ERRNO(mq_timedsend(q, "1", 1, 0, &bad), EINVAL);
    drop(q);
}

TEST(mq_between_processes)
{
    mqd_t q = queue_make(O_RDWR, 2, 8);
    pid_t pid = (pid_t)OK(fork());
    if (pid == 0) {
        mqd_t mine = (mqd_t)OK(mq_open(name, O_WRONLY));
        for (char c = 'a'; c <= 'z'; c++)
            OK(mq_send(mine, &c, 1, 3));
        _exit(0);
    }
    for (char c = 'a'; c <= 'z'; c++) {
        char text[8];
        CHECK_EQ(mq_receive(q, text, 8, nullptr), 1);
        CHECK_EQ(text[0], c);
    }
    child_wait_ok(pid);
    drop(q);
}

TEST(mq_open_modes)
{
    mqd_t q = queue_make(O_RDONLY, 2, 8);
    char text[8];
    CHECK_ERRNO(mq_send(q, "1", 1, 0), EBADF);
    mqd_t w = (mqd_t)OK(mq_open(name, O_WRONLY));
    CHECK_ERRNO(mq_receive(w, text, 8, nullptr), EBADF);
    CHECK_ERRNO(mq_open(name, O_CREAT | O_EXCL | O_RDWR, 0600, nullptr), EEXIST);
    IN_CHILD_AS(99, 99)
    {
        CHECK_ERRNO(mq_open(name, O_RDONLY), EACCES);
        CHECK_ERRNO(mq_unlink(name), EACCES);
    }
    OK(mq_close(w));
    drop(q);
    CHECK_ERRNO(mq_open(name, O_RDONLY), ENOENT);
    CHECK_ERRNO(mq_unlink(name), ENOENT);
    CHECK_ERRNO(mq_getattr(0, &(struct mq_attr){}), EBADF);
}

TEST(mq_bad_attributes_and_names)
{
    struct mq_attr attr = {.mq_maxmsg = 0, .mq_msgsize = 8};
    char longer[300];
    snprintf(name, sizeof name, "/bad-%d", getpid());
    mqd_t q = mq_open(name, O_CREAT | O_RDWR, 0600, &attr);
    if (q == -1 && errno == ENOSYS)
        test_skip("this kernel has no message queues");
    CHECK(q == -1 && errno == EINVAL);
    attr = (struct mq_attr){.mq_maxmsg = 8, .mq_msgsize = -1};
    CHECK_ERRNO(mq_open(name, O_CREAT | O_RDWR, 0600, &attr), EINVAL);
    CHECK_ERRNO(mq_open("/a/b", O_CREAT | O_RDWR, 0600, nullptr), EACCES);
    memset(longer, 'x', sizeof longer);
    longer[0] = '/';
    longer[280] = 0;
    CHECK_ERRNO(mq_open(longer, O_CREAT | O_RDWR, 0600, nullptr), ENAMETOOLONG);
    IN_CHILD_AS(99, 99)
    {
        attr = (struct mq_attr){.mq_maxmsg = 100000, .mq_msgsize = 8};
        CHECK_ERRNO(mq_open(name, O_CREAT | O_RDWR, 0600, &attr), EINVAL);
    }
}

TEST(mq_unlinked_queue_works_on)
{
    mqd_t q = queue_make(O_RDWR, 2, 8);
    char text[8];
    OK(mq_unlink(name));
    OK(mq_send(q, "on", 3, 0));
    CHECK_EQ(mq_receive(q, text, 8, nullptr), 3);
    CHECK_STR(text, "on");
    OK(mq_close(q));
}

TEST(mq_polls)
{
    mqd_t q = queue_make(O_RDWR, 1, 8);
    struct pollfd p = {.fd = q, .events = POLLIN | POLLOUT};
    CHECK_EQ(poll(&p, 1, 0), 1);
    CHECK_EQ(p.revents, POLLOUT);
    OK(mq_send(q, "1", 1, 0));
    CHECK_EQ(poll(&p, 1, 0), 1);
    CHECK_EQ(p.revents, POLLIN);
    drop(q);
}

static volatile sig_atomic_t notified, notified_value, notified_code;

static void on_notify(int, siginfo_t *info, void *)
{
    notified++;
    notified_value = info->si_value.sival_int;
    notified_code = info->si_code;
}

TEST(mq_notifies_once_by_signal)
{
    mqd_t q = queue_make(O_RDWR, 4, 8);
    struct sigaction action = {.sa_sigaction = on_notify, .sa_flags = SA_SIGINFO};
    struct sigevent event = {
        .sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGUSR1, .sigev_value.sival_int = 42};
    OK(sigaction(SIGUSR1, &action, nullptr));
    OK(mq_notify(q, &event));
    CHECK_ERRNO(mq_notify(q, &event), EBUSY);
    OK(mq_send(q, "1", 1, 0));
    CHECK_EQ(notified, 1);
    CHECK_EQ(notified_value, 42);
    CHECK_EQ(notified_code, SI_MESGQ);
    OK(mq_send(q, "2", 1, 0));
    CHECK_EQ(notified, 1);
    /* Only a message that comes to an empty queue counts. */
    OK(mq_notify(q, &event));
    OK(mq_send(q, "3", 1, 0));
    CHECK_EQ(notified, 1);
    OK(mq_notify(q, nullptr));
    OK(mq_notify(q, &event));
    event.sigev_notify = 77;
    CHECK_ERRNO(mq_notify(q, &event), EINVAL);
    drop(q);
}

TEST(mq_rlimit_msgqueue)
{
    queue_make(O_RDWR, 2, 8);
    IN_CHILD_AS(99, 99)
    {
        char other[40];
        int i = 0;
        for (; i < 300; i++) {
            snprintf(other, sizeof other, "%.20s-%d", name, i);
            if (mq_open(other, O_CREAT | O_RDWR, 0600, nullptr) == -1)
                break;
        }
        CHECK_EQ(errno, EMFILE);
        CHECK_EQ(i, 9);
        while (--i >= 0) {
            snprintf(other, sizeof other, "%.20s-%d", name, i);
            OK(mq_unlink(other));
        }
    }
    OK(mq_unlink(name));
}
