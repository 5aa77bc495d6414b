/* SPDX-License-Identifier: BSD-2-Clause */
/* file_uring_poller.c - io_uring_setup(2), IORING_SETUP_SQPOLL: threads that take entries. */
#include "test.h"

#include <dirent.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "uring.h"

static struct ring ring;

static int setup(unsigned flags, unsigned cpu, unsigned other)
{
    struct io_uring_params p = {.flags = flags, .sq_thread_cpu = cpu, .wq_fd = other};
    return (int)syscall(SYS_io_uring_setup, 4, &p);
}

/* Threads of this process; the name of one that has a name like NAME goes there. */
static int threads(char name[32])
{
    int count = 0;
    DIR *dir = opendir("/proc/self/task");
    CHECK(dir);
    for (struct dirent *e; (e = readdir(dir)) != nullptr;) {
        char path[64], text[32] = "";
        if (e->d_name[0] == '.')
            continue;
        count++;
        snprintf(path, sizeof path, "/proc/self/task/%.20s/comm", e->d_name);
        int fd = open(path, O_RDONLY);
        if (fd >= 0 && read(fd, text, sizeof text - 1) > 0 && strncmp(text, "iou-", 4) == 0)
            strcpy(name, text);
        close(fd);
    }
    OK(closedir(dir));
    return count;
}

static void threads_await(int count)
{
    char name[32];
    while (threads(name) != count)
        sleep_ms(1);
}

static bool needs_wakeup(void)
{
    return __atomic_load_n(ring.sq_flags, __ATOMIC_SEQ_CST) & IORING_SQ_NEED_WAKEUP;
}

static void open_idle(unsigned entries, unsigned idle_ms)
{
    ring_open_idle(&ring, entries, IORING_SETUP_SQPOLL, idle_ms);
}

TEST(uring_poller_takes_entries)
{
    char name[32] = "", expected[32];
    ring_or_skip();
    open_idle(8, 60000);
    CHECK(ring.params.features & IORING_FEAT_SQPOLL_NONFIXED);
    CHECK_EQ(threads(name), 2);
    for (unsigned i = 0; i < 20; i++) {
        ring_entry(&ring, IORING_OP_NOP, -1, i);
        while (!ring_ready(&ring)) {
            /* It may have been idle before the first one. */
            if (needs_wakeup())
                OK(ring_enter(&ring, 1, 0, IORING_ENTER_SQ_WAKEUP, nullptr, 0));
            sleep_ms(1);
        }
        CHECK_EQ(ring_result(&ring, i), 0);
    }
    CHECK_EQ(threads(name), 2);
    snprintf(expected, sizeof expected, "iou-sqp-%d", getpid());
    expected[15] = 0;
    name[strcspn(name, "\n")] = 0;
    CHECK_STR(name, expected);
    CHECK(!needs_wakeup());
    /* What is to be submitted is told as it is. */
    CHECK_EQ(ring_enter(&ring, 7, 0, 0, nullptr, 0), 7);
}

TEST(uring_poller_goes_idle)
{
    open_idle(8, 10);
    for (unsigned i = 0; i < 3; i++) {
        while (!needs_wakeup())
            sleep_ms(1);
        ring_entry(&ring, IORING_OP_NOP, -1, i);
        sleep_ms(20);
        CHECK_EQ(ring_ready(&ring), 0);
        CHECK_EQ(ring_enter(&ring, 1, 0, IORING_ENTER_SQ_WAKEUP, nullptr, 0), 1);
        CHECK_EQ(ring_result(&ring, i), 0);
    }
}

TEST(uring_poller_waits_for_files)
{
    struct gate g = gate_make();
    char byte;
    open_idle(8, 10);
    struct io_uring_sqe *sqe = ring_entry_held(&ring, IORING_OP_READ, g.fd[0], 1);
    sqe->addr = (uintptr_t)&byte;
    sqe->len = 1;
    ring_entry_held(&ring, IORING_OP_POLL_ADD, g.fd[0], 2)->poll32_events = POLLHUP;
    ring_publish(&ring);
    OK(ring_enter(&ring, 2, 0, IORING_ENTER_SQ_WAKEUP, nullptr, 0));
    while (!needs_wakeup())
        sleep_ms(1);
    CHECK_EQ(ring_ready(&ring), 0);
    gate_open(&g);
    CHECK_EQ(ring_result(&ring, 1), 1);
    OK(close(g.fd[1]));
    CHECK_EQ(ring_result(&ring, 2), POLLHUP);
    /* Descriptors are the process's. */
    sqe = ring_entry_held(&ring, IORING_OP_OPENAT, AT_FDCWD, 3);
    sqe->addr = (uintptr_t)"/";
    ring_publish(&ring);
    OK(ring_enter(&ring, 1, 0, IORING_ENTER_SQ_WAKEUP, nullptr, 0));
    int fd = ring_result(&ring, 3);
    struct stat st;
    OK(fstat(fd, &st));
    CHECK(S_ISDIR(st.st_mode));
}

TEST(uring_poller_wrong_setup)
{
    ring_or_skip();
    CHECK_ERRNO(setup(IORING_SETUP_SQ_AFF, 0, 0), EINVAL);
    CHECK_ERRNO(setup(IORING_SETUP_SQPOLL | IORING_SETUP_SQ_AFF, 1 << 20, 0), EINVAL);
    CHECK_ERRNO(setup(IORING_SETUP_SQPOLL | IORING_SETUP_COOP_TASKRUN, 0, 0), EINVAL);
    CHECK_ERRNO(
        setup(IORING_SETUP_SQPOLL | IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN, 0, 0),
        EINVAL);
    CHECK_ERRNO(setup(IORING_SETUP_ATTACH_WQ, 0, 1000), ENXIO);
    int null = (int)OK(open("/dev/null", O_RDWR));
    CHECK_ERRNO(setup(IORING_SETUP_ATTACH_WQ, 0, (unsigned)null), EINVAL);
    int plain = (int)OK(setup(0, 0, 0));
    OK(setup(IORING_SETUP_ATTACH_WQ, 0, (unsigned)plain));
    CHECK_ERRNO(setup(IORING_SETUP_ATTACH_WQ | IORING_SETUP_SQPOLL, 0, (unsigned)plain), EINVAL);
    OK(setup(IORING_SETUP_SQPOLL | IORING_SETUP_SQ_AFF, 0, 0));
}

TEST(uring_poller_is_shared)
{
    char name[32];
    ring_or_skip();
    int first = (int)OK(setup(IORING_SETUP_SQPOLL, 0, 0));
    CHECK_EQ(threads(name), 2);
    int second = (int)OK(setup(IORING_SETUP_SQPOLL | IORING_SETUP_ATTACH_WQ, 0, (unsigned)first));
    CHECK_EQ(threads(name), 2);
    int third = (int)OK(setup(IORING_SETUP_SQPOLL, 0, 0));
    CHECK_EQ(threads(name), 3);
    OK(close(first));
    OK(close(third));
    threads_await(2);
    /* It goes on with the other ring. */
    CHECK_EQ(OK(syscall(SYS_io_uring_enter, second, 0, 0, IORING_ENTER_SQ_WAKEUP, nullptr, 0)), 0);
    OK(close(second));
    threads_await(1);
    /* Of another process it is not. */
    first = (int)OK(setup(IORING_SETUP_SQPOLL, 0, 0));
    IN_CHILD
    {
        OK(setup(IORING_SETUP_SQPOLL | IORING_SETUP_ATTACH_WQ, 0, (unsigned)first));
        CHECK_EQ(threads(name), 2);
    }
}

TEST(uring_poller_wait_for_room)
{
    open_idle(2, 10);
    while (!needs_wakeup())
        sleep_ms(1);
    ring_entry(&ring, IORING_OP_NOP, -1, 1);
    ring_entry(&ring, IORING_OP_NOP, -1, 2);
    CHECK_EQ(OK(poll(&(struct pollfd){ring.fd, POLLOUT, 0}, 1, 0)), 0);
    OK(ring_enter(&ring, 2, 0, IORING_ENTER_SQ_WAKEUP | IORING_ENTER_SQ_WAIT, nullptr, 0));
    CHECK(*ring.sq_tail - __atomic_load_n(ring.sq_head, __ATOMIC_ACQUIRE) < 2);
    CHECK_EQ(ring_result(&ring, 1), 0);
    CHECK_EQ(ring_result(&ring, 2), 0);
    CHECK_EQ(OK(poll(&(struct pollfd){ring.fd, POLLOUT, 0}, 1, -1)), 1);
}

TEST(uring_poller_starts_when_enabled)
{
    ring_open_idle(&ring, 4, IORING_SETUP_SQPOLL | IORING_SETUP_R_DISABLED, 10);
    ring_entry(&ring, IORING_OP_NOP, -1, 1);
    sleep_ms(20);
    CHECK_EQ(ring_ready(&ring), 0);
    CHECK_ERRNO(ring_enter(&ring, 1, 0, IORING_ENTER_SQ_WAKEUP, nullptr, 0), EBADFD);
    OK(syscall(SYS_io_uring_register, ring.fd, IORING_REGISTER_ENABLE_RINGS, nullptr, 0));
    OK(ring_enter(&ring, 1, 0, IORING_ENTER_SQ_WAKEUP, nullptr, 0));
    CHECK_EQ(ring_result(&ring, 1), 0);
}

/* Anyone may submit, also where there is a single issuer. */
TEST(uring_poller_serves_a_child)
{
    ring_open_idle(&ring, 4, IORING_SETUP_SQPOLL | IORING_SETUP_SINGLE_ISSUER, 10);
    IN_CHILD
    {
        char name[32];
        CHECK_EQ(threads(name), 1);
        ring_entry(&ring, IORING_OP_NOP, -1, 1);
        OK(ring_enter(&ring, 1, 1, IORING_ENTER_SQ_WAKEUP | IORING_ENTER_GETEVENTS, nullptr, 0));
        CHECK_EQ(ring_result(&ring, 1), 0);
    }
}

/* The process that made the ring ends; its child still has it. */
static void outlive_poller(int alive)
{
    char byte;
    CHECK_EQ(OK(read(alive, &byte, 1)), 0);
    CHECK(needs_wakeup());
    CHECK_ERRNO(ring_enter(&ring, 0, 0, IORING_ENTER_SQ_WAKEUP, nullptr, 0), EOWNERDEAD);
}

TEST(uring_poller_ends_with_its_process)
{
    struct gate done = gate_make();
    ring_or_skip();
    IN_CHILD
    {
        struct gate alive = gate_make();
        open_idle(4, 60000);
        if (OK(fork()) == 0) {
            OK(close(alive.fd[1]));
            outlive_poller(alive.fd[0]);
            gate_open(&done);
            _exit(0);
        }
    }
    OK(close(done.fd[1]));
    gate_wait(&done);
}

TEST(uring_poller_acts_as_the_maker)
{
    file_make_mode("secret", "x", 0600);
    ring_open_idle(&ring, 4, IORING_SETUP_SQPOLL, 10);
    OK(syscall(SYS_setresuid, 1000, 1000, 0));
    CHECK_ERRNO(open("secret", O_RDONLY), EACCES);
    struct io_uring_sqe *sqe = ring_entry_held(&ring, IORING_OP_OPENAT, AT_FDCWD, 1);
    sqe->addr = (uintptr_t)"secret";
    ring_publish(&ring);
    OK(ring_enter(&ring, 1, 0, IORING_ENTER_SQ_WAKEUP, nullptr, 0));
    CHECK(ring_result(&ring, 1) >= 0);
}

TEST(uring_poller_stops_with_its_process)
{
    int status;
    struct gate g = gate_make();
    pid_t pid = (pid_t)OK(fork());
    if (pid == 0) {
        open_idle(4, 10);
        OK(raise(SIGSTOP));
        ring_entry(&ring, IORING_OP_NOP, -1, 1);
        OK(ring_enter(&ring, 1, 0, IORING_ENTER_SQ_WAKEUP, nullptr, 0));
        CHECK_EQ(ring_result(&ring, 1), 0);
        gate_wait(&g);
        _exit(0);
    }
    for (int i = 0; i < 2; i++) {
        if (i)
            OK(kill(pid, SIGSTOP));
        CHECK_EQ(OK(waitpid(pid, &status, WUNTRACED)), pid);
        CHECK(WIFSTOPPED(status));
        OK(kill(pid, SIGCONT));
    }
    gate_open(&g);
    child_wait_ok(pid);
}

HELPER(uring_poller_exec)
{
    char name[32];
    return threads(name) == 1 ? 0 : 1;
}

TEST(uring_poller_ends_at_exec)
{
    ring_or_skip();
    IN_CHILD
    {
        open_idle(4, 60000);
        execl(self_path, self_path, "--helper=uring_poller_exec", nullptr);
        FAIL("exec");
    }
}

TEST(uring_poller_dies_by_signal)
{
    int status;
    ring_or_skip();
    pid_t pid = (pid_t)OK(fork());
    if (pid == 0) {
        open_idle(4, 60000);
        raise(SIGTERM);
        _exit(0);
    }
    CHECK_EQ(OK(waitpid(pid, &status, 0)), pid);
    CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGTERM);
}

/* A request about the ring itself does not keep it. */
TEST(uring_poller_ends_with_requests)
{
    ring_or_skip();
    for (int i = 0; i < 4; i++) {
        IN_CHILD
        {
            open_idle(4, 60000);
            ring_entry_held(&ring, IORING_OP_POLL_ADD, ring.fd, 1)->poll32_events = POLLIN;
            struct gate g = gate_make();
            ring_entry_held(&ring, IORING_OP_POLL_ADD, g.fd[0], 2)->poll32_events = POLLIN;
            ring_publish(&ring);
            if (i % 2)
                sleep_ms(5);
        }
    }
}
