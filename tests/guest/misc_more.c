/* SPDX-License-Identifier: BSD-2-Clause */
/* misc_more.c - calls that stand alone: adjtimex(2), settimeofday(2), vhangup(2),
 * restart_syscall(2), rt_tgsigqueueinfo(2), mq_getsetattr(2), pivot_root(2), umount2(2). */
#include "test.h"

#include <fcntl.h>
#include <mqueue.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/timex.h>
#include <unistd.h>

TEST(adjtimex_reads)
{
    struct timex tx = {};
    int state = (int)OK(adjtimex(&tx));
    CHECK(state >= TIME_OK && state <= TIME_ERROR);
    CHECK(tx.time.tv_sec > 0);
    CHECK(tx.tick >= 9000 && tx.tick <= 11000);
    CHECK_EQ(OK(syscall(SYS_adjtimex, &tx)), state);
    CHECK_ERRNO(syscall(SYS_adjtimex, nullptr), EFAULT);
    IN_CHILD_AS(99, 99)
    {
        OK(adjtimex(&(struct timex){}));
        CHECK_ERRNO(adjtimex(&(struct timex){.modes = ADJ_FREQUENCY}), EPERM);
    }
}

/* What would change the host's clock is left out: only refusals. */
TEST(settimeofday_refuses)
{
    struct timeval bad = {0, 1000000}, fine = {1000000, 0};
    CHECK_ERRNO(syscall(SYS_settimeofday, &bad, nullptr), EINVAL);
    CHECK_ERRNO(syscall(SYS_settimeofday, (void *)8, nullptr), EFAULT);
    IN_CHILD_AS(99, 99)
    {
        CHECK_ERRNO(syscall(SYS_settimeofday, &fine, nullptr), EPERM);
    }
}

TEST(vhangup_needs_a_privilege)
{
    IN_CHILD_AS(99, 99)
    {
        CHECK_ERRNO(vhangup(), EPERM);
    }
    IN_CHILD
    {
        OK(setsid());
        OK(vhangup()); /* no terminal: nothing to hang up */
    }
}

TEST(restart_syscall_without_one)
{
    CHECK_ERRNO(syscall(SYS_restart_syscall), EINTR);
}

static siginfo_t seen;

static void note(int, siginfo_t *info, void *)
{
    seen = *info;
}

TEST(rt_tgsigqueueinfo_of_a_thread)
{
    struct sigaction action = {.sa_sigaction = note, .sa_flags = SA_SIGINFO};
    siginfo_t info = {.si_code = SI_QUEUE};
    info.si_value.sival_int = 42;
    info.si_pid = 1234;
    OK(sigaction(SIGUSR1, &action, nullptr));
    OK(syscall(SYS_rt_tgsigqueueinfo, getpid(), gettid(), SIGUSR1, &info));
    CHECK_EQ(seen.si_signo, SIGUSR1);
    CHECK_EQ(seen.si_value.sival_int, 42);
    CHECK_EQ(seen.si_pid, 1234);
    CHECK_ERRNO(syscall(SYS_rt_tgsigqueueinfo, -1, gettid(), SIGUSR1, &info), EINVAL);
    CHECK_ERRNO(syscall(SYS_rt_tgsigqueueinfo, getpid(), 0, SIGUSR1, &info), EINVAL);
    CHECK_ERRNO(syscall(SYS_rt_tgsigqueueinfo, getpid(), getppid(), SIGUSR1, &info), ESRCH);
    CHECK_ERRNO(syscall(SYS_rt_tgsigqueueinfo, getpid(), gettid(), 99, &info), EINVAL);
    CHECK_ERRNO(syscall(SYS_rt_tgsigqueueinfo, getpid(), gettid(), SIGUSR1, nullptr), EFAULT);
    info.si_code = SI_USER;
    CHECK_ERRNO(syscall(SYS_rt_tgsigqueueinfo, getppid(), getppid(), 0, &info), EPERM);
}

TEST(mq_getsetattr_nonblock)
{
    char name[40];
    struct mq_attr attr = {.mq_maxmsg = 3, .mq_msgsize = 16}, old = {}, now = {};
    snprintf(name, sizeof name, "/attr-%d", getpid());
    mqd_t q = mq_open(name, O_CREAT | O_RDWR, 0600, &attr);
    if (q == -1 && errno == ENOSYS)
        test_skip("this kernel has no message queues");
    OK(q);
    OK(mq_send(q, "x", 1, 0));
    attr.mq_flags = O_NONBLOCK;
    OK(syscall(SYS_mq_getsetattr, q, &attr, &old));
    CHECK_EQ(old.mq_flags, 0);
    CHECK_EQ(old.mq_maxmsg, 3);
    CHECK_EQ(old.mq_msgsize, 16);
    CHECK_EQ(old.mq_curmsgs, 1);
    OK(syscall(SYS_mq_getsetattr, q, nullptr, &now));
    CHECK_EQ(now.mq_flags, O_NONBLOCK);
    attr.mq_flags = O_APPEND;
    CHECK_ERRNO(syscall(SYS_mq_getsetattr, q, &attr, nullptr), EINVAL);
    CHECK_ERRNO(syscall(SYS_mq_getsetattr, -1, nullptr, &now), EBADF);
    CHECK_ERRNO(syscall(SYS_mq_getsetattr, 0, nullptr, &now), EBADF);
    CHECK_ERRNO(syscall(SYS_mq_getsetattr, q, nullptr, (void *)8), EFAULT);
    OK(mq_unlink(name));
}

static void mounts_of_my_own(void)
{
    OK(unshare(CLONE_NEWNS));
    OK(mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr));
}

TEST(umount2_flags)
{
    OK(mkdir("point", 0755));
    mounts_of_my_own();
    OK(mount("none", "point", "tmpfs", 0, nullptr));
    file_make("point/file", "x");
    CHECK_ERRNO(umount2("point", 0x80), EINVAL);
    int fd = (int)OK(open("point/file", O_RDONLY));
    CHECK_ERRNO(umount2("point", 0), EBUSY);
    CHECK_ERRNO(umount2("point", MNT_EXPIRE), EBUSY);
    OK(umount2("point", MNT_DETACH));
    CHECK(!path_exists("point/file"));
    CHECK_EQ(OK(read(fd, &(char[2]){}, 1)), 1); /* it lives on */
    OK(mount("none", "point", "tmpfs", 0, nullptr));
    CHECK_ERRNO(umount2("point", MNT_EXPIRE), EAGAIN);
    OK(umount2("point", MNT_EXPIRE));
    CHECK_ERRNO(umount2("point", 0), EINVAL);
    CHECK_ERRNO(umount2("missing", 0), ENOENT);
    CHECK_ERRNO(umount2("point", MNT_EXPIRE | MNT_DETACH), EINVAL);
    OK(mount("none", "point", "tmpfs", 0, nullptr));
    OK(symlink("point", "link"));
    CHECK_ERRNO(umount2("link", UMOUNT_NOFOLLOW), EINVAL);
    IN_CHILD_AS(99, 99)
    {
        CHECK_ERRNO(umount2("point", 0), EPERM);
    }
    OK(umount2("link", 0));
}

TEST(pivot_root_changes_places)
{
    OK(mkdir("new", 0755));
    mounts_of_my_own();
    CHECK_ERRNO(syscall(SYS_pivot_root, "new", "new"), EBUSY); /* on the same mount */
    OK(mount("none", "new", "tmpfs", 0, nullptr));
    OK(mkdir("new/old", 0755));
    file_make("new/marker", "new root");
    CHECK_ERRNO(syscall(SYS_pivot_root, "new", "/"), EBUSY);
    CHECK_ERRNO(syscall(SYS_pivot_root, "missing", "new/old"), ENOENT);
    CHECK_ERRNO(syscall(SYS_pivot_root, "new/marker", "new/old"), ENOTDIR);
    IN_CHILD_AS(99, 99)
    {
        CHECK_ERRNO(syscall(SYS_pivot_root, "new", "new/old"), EPERM);
    }
    OK(syscall(SYS_pivot_root, "new", "new/old"));
    OK(chdir("/"));
    file_expect("/marker", "new root");
    CHECK(path_exists("/old/proc/self"));
    OK(umount2("/old", MNT_DETACH));
    CHECK(!path_exists("/old/proc"));
}
