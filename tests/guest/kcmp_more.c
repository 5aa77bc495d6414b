/* SPDX-License-Identifier: BSD-2-Clause */
/* kcmp_more.c - kcmp(2), futex_waitv(2), process_madvise(2), memory policies, ioprio_set(2). */
#include "test.h"

#include <fcntl.h>
#include <linux/futex.h>
#include <linux/ioprio.h>
#include <linux/kcmp.h>
#include <linux/mempolicy.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

static long kcmp(pid_t a, pid_t b, int type, unsigned long x, unsigned long y)
{
    return syscall(SYS_kcmp, a, b, type, x, y);
}

TEST(kcmp_files)
{
    pid_t me = getpid();
    int a = (int)OK(open("/dev/null", O_RDONLY)), b = (int)OK(open("/dev/null", O_RDONLY));
    int c = (int)OK(dup(a));
    if (kcmp(me, me, KCMP_FILE, (unsigned)a, (unsigned)a) == -1 && errno == ENOSYS)
        test_skip("this kernel has no kcmp");
    CHECK_EQ(kcmp(me, me, KCMP_FILE, (unsigned)a, (unsigned)c), 0);
    long order = kcmp(me, me, KCMP_FILE, (unsigned)a, (unsigned)b);
    CHECK(order == 1 || order == 2);
    CHECK_EQ(kcmp(me, me, KCMP_FILE, (unsigned)b, (unsigned)a), 3 - order);
    CHECK_ERRNO(kcmp(me, me, KCMP_FILE, 9999, (unsigned)a), EBADF);
    CHECK_ERRNO(kcmp(me, me, 99, 0, 0), EINVAL);
    CHECK_ERRNO(kcmp(me, 1 << 29, KCMP_VM, 0, 0), ESRCH);
}

TEST(kcmp_processes)
{
    pid_t me = getpid();
    struct gate done = gate_make();
    if (kcmp(me, me, KCMP_VM, 0, 0) == -1 && errno == ENOSYS)
        test_skip("this kernel has no kcmp");
    pid_t pid = (pid_t)OK(fork());
    if (pid == 0) {
        gate_wait(&done);
        _exit(0);
    }
    for (int type = KCMP_VM; type <= KCMP_SIGHAND; type++) {
        CHECK_EQ(kcmp(me, me, type, 0, 0), 0);
        CHECK(kcmp(me, pid, type, 0, 0) > 0);
    }
    CHECK_EQ(kcmp(me, pid, KCMP_FILE, 0, 0), 0);
    IN_CHILD_AS(99, 99)
    {
        CHECK_ERRNO(kcmp(me, pid, KCMP_VM, 0, 0), EPERM);
    }
    gate_open(&done);
    child_wait_ok(pid);
}

TEST(kcmp_epoll_target)
{
    pid_t me = getpid();
    int set = (int)OK(epoll_create1(0));
    struct gate g = gate_make();
    struct epoll_event event = {.events = EPOLLIN};
    OK(epoll_ctl(set, EPOLL_CTL_ADD, g.fd[0], &event));
    struct kcmp_epoll_slot slot = {.efd = (unsigned)set, .tfd = (unsigned)g.fd[0], .toff = 0};
    long result = kcmp(me, me, KCMP_EPOLL_TFD, (unsigned)g.fd[0], (unsigned long)&slot);
    if (result == -1 && (errno == EOPNOTSUPP || errno == ENOSYS))
        test_skip("this kernel does not compare epoll targets");
    CHECK_EQ(result, 0);
    CHECK(kcmp(me, me, KCMP_EPOLL_TFD, (unsigned)g.fd[1], (unsigned long)&slot) > 0);
    slot.toff = 1;
    CHECK_ERRNO(kcmp(me, me, KCMP_EPOLL_TFD, (unsigned)g.fd[0], (unsigned long)&slot), ENOENT);
}

/* ------------------------------------------------------------------ futex_waitv */

static _Atomic uint32_t words[3];

static long waitv(struct futex_waitv *list, unsigned count, unsigned flags, void *timeout)
{
    return syscall(SYS_futex_waitv, list, count, flags, timeout, CLOCK_MONOTONIC);
}

static void list_fill(struct futex_waitv *list)
{
    for (int i = 0; i < 3; i++)
        list[i] = (struct futex_waitv){.uaddr = (uintptr_t)&words[i],
                                       .flags = FUTEX_32 | FUTEX_PRIVATE_FLAG};
}

static void *wakes_second(void *)
{
    process_await_state(getpid(), "S");
    while (syscall(SYS_futex, &words[1], FUTEX_WAKE_PRIVATE, 1, nullptr, nullptr, 0) == 0)
        sleep_ms(1);
    return nullptr;
}

TEST(futex_waitv_tells_which)
{
    struct futex_waitv list[3];
    pthread_t thread;
    list_fill(list);
    CHECK_EQ(pthread_create(&thread, nullptr, wakes_second, nullptr), 0);
    CHECK_EQ(OK(waitv(list, 3, 0, nullptr)), 1);
    pthread_join(thread, nullptr);
}

TEST(futex_waitv_errors)
{
    struct futex_waitv list[3];
    struct timespec past = {0, 1};
    list_fill(list);
    CHECK_ERRNO(waitv(list, 3, 0, &past), ETIMEDOUT);
    list[2].val = 7;
    CHECK_ERRNO(waitv(list, 3, 0, nullptr), EAGAIN);
    list[2].val = 0;
    CHECK_ERRNO(waitv(list, 3, 1, nullptr), EINVAL);
    CHECK_ERRNO(waitv(list, 0, 0, nullptr), EINVAL);
    CHECK_ERRNO(waitv(list, 129, 0, nullptr), EINVAL);
    CHECK_ERRNO(waitv(nullptr, 1, 0, nullptr), EINVAL);
    list[1].flags = 0x40000000 | FUTEX_32;
    CHECK_ERRNO(waitv(list, 3, 0, nullptr), EINVAL);
    list_fill(list);
    list[0].__reserved = 1;
    CHECK_ERRNO(waitv(list, 3, 0, nullptr), EINVAL);
    list_fill(list);
    list[0].uaddr = 64;
    CHECK_ERRNO(waitv(list, 3, 0, nullptr), EFAULT);
}

/* ------------------------------------------------------------------ memory */

TEST(process_madvise_of_oneself)
{
    char *page = mmap(nullptr, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    struct iovec part = {page, 8192};
    int fd = (int)OK(syscall(SYS_pidfd_open, getpid(), 0));
    page[0] = 5;
    CHECK_EQ(syscall(SYS_process_madvise, fd, &part, 1, MADV_COLD, 0), 8192);
    CHECK_EQ(page[0], 5);
    CHECK_ERRNO(syscall(SYS_process_madvise, fd, &part, 1, MADV_COLD, 1), EINVAL);
    CHECK_ERRNO(syscall(SYS_process_madvise, fd, &part, 1, 9999, 0), EINVAL);
    CHECK_ERRNO(syscall(SYS_process_madvise, -1, &part, 1, MADV_COLD, 0), EBADF);
}

TEST(mempolicy_of_one_node)
{
    unsigned long node0 = 1, node1 = 2, mask[16] = {};
    int mode = -1;
    if (syscall(SYS_get_mempolicy, &mode, nullptr, 0, nullptr, 0) == -1 && errno == ENOSYS)
        test_skip("this kernel has no memory policies");
    CHECK_EQ(mode, MPOL_DEFAULT);
    OK(syscall(SYS_set_mempolicy, MPOL_BIND, &node0, 65));
    OK(syscall(SYS_get_mempolicy, &mode, mask, 1024, nullptr, 0));
    CHECK_EQ(mode, MPOL_BIND);
    CHECK_EQ(mask[0], 1);
    IN_CHILD
    {
        OK(syscall(SYS_get_mempolicy, &mode, nullptr, 0, nullptr, 0));
        CHECK_EQ(mode, MPOL_BIND);
    }
    CHECK_ERRNO(syscall(SYS_set_mempolicy, MPOL_BIND, nullptr, 0), EINVAL);
    CHECK_ERRNO(syscall(SYS_set_mempolicy, MPOL_BIND, &node1, 65), EINVAL);
    CHECK_ERRNO(syscall(SYS_set_mempolicy, MPOL_DEFAULT, &node0, 65), EINVAL);
    CHECK_ERRNO(syscall(SYS_set_mempolicy, 99, nullptr, 0), EINVAL);
    OK(syscall(SYS_set_mempolicy, MPOL_DEFAULT, nullptr, 0));
    OK(syscall(SYS_get_mempolicy, nullptr, mask, 1024, nullptr, MPOL_F_MEMS_ALLOWED));
    CHECK_EQ(mask[0] & 1, 1);
}

TEST(ioprio_is_kept)
{
    int be3 = IOPRIO_PRIO_VALUE(IOPRIO_CLASS_BE, 3);
    OK(syscall(SYS_ioprio_set, IOPRIO_WHO_PROCESS, 0, be3));
    CHECK_EQ(syscall(SYS_ioprio_get, IOPRIO_WHO_PROCESS, 0), be3);
    CHECK_EQ(syscall(SYS_ioprio_get, IOPRIO_WHO_PROCESS, getpid()), be3);
    IN_CHILD
    {
        CHECK_EQ(syscall(SYS_ioprio_get, IOPRIO_WHO_PROCESS, 0), be3);
    }
    CHECK_ERRNO(
        syscall(SYS_ioprio_set, IOPRIO_WHO_PROCESS, 0, IOPRIO_PRIO_VALUE(IOPRIO_CLASS_NONE, 3)),
        EINVAL);
    CHECK_ERRNO(syscall(SYS_ioprio_set, 9, 0, be3), EINVAL);
    CHECK_ERRNO(syscall(SYS_ioprio_get, IOPRIO_WHO_PROCESS, 1 << 29), ESRCH);
    IN_CHILD_AS(99, 99)
    {
        CHECK_ERRNO(
            syscall(SYS_ioprio_set, IOPRIO_WHO_PROCESS, 0, IOPRIO_PRIO_VALUE(IOPRIO_CLASS_RT, 3)),
            EPERM);
    }
}

TEST(syslog_has_a_buffer)
{
    char text[64];
    constexpr int READ_ALL = 3, SIZE_BUFFER = 10;
    CHECK(OK(syscall(SYS_syslog, SIZE_BUFFER, nullptr, 0)) > 0);
    CHECK(OK(syscall(SYS_syslog, READ_ALL, text, sizeof text)) >= 0);
    CHECK_ERRNO(syscall(SYS_syslog, READ_ALL, nullptr, 10), EINVAL);
    CHECK_ERRNO(syscall(SYS_syslog, 77, text, 10), EINVAL);
    IN_CHILD_AS(99, 99)
    {
        CHECK_ERRNO(syscall(SYS_syslog, 2, text, 10), EPERM);
    }
}
