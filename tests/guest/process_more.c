/* SPDX-License-Identifier: BSD-2-Clause */
/* process_more.c - capset(2), pidfd_send_signal(2), pidfd_getfd(2), process_mrelease(2), reboot(2). */
#include "test.h"

#include <fcntl.h>
#include <linux/capability.h>
#include <linux/reboot.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static long capget(struct __user_cap_header_struct *head, struct __user_cap_data_struct *data)
{
    return syscall(SYS_capget, head, data);
}

static long capset(struct __user_cap_header_struct *head, struct __user_cap_data_struct *data)
{
    return syscall(SYS_capset, head, data);
}

TEST(capset_gives_up)
{
    struct __user_cap_header_struct head = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct data[2] = {}, now[2];
    unsigned bit = 1u << CAP_CHOWN;
    file_make("file", "");
    OK(capget(&head, data));
    CHECK(data[0].effective & bit);
    data[0].effective &= ~bit;
    OK(capset(&head, data));
    CHECK_ERRNO(chown("file", 7, 7), EPERM);
    data[0].effective |= bit;
    OK(capset(&head, data));
    OK(chown("file", 7, 7));
    data[0].effective &= ~bit;
    data[0].permitted &= ~bit;
    data[0].inheritable = bit;
    CHECK_ERRNO(capset(&head, (struct __user_cap_data_struct[]){{.effective = ~0u}, {}}), EPERM);
    OK(capset(&head, data));
    OK(capget(&head, now));
    CHECK(memcmp(now, data, sizeof now) == 0);
    data[0].permitted |= bit;
    CHECK_ERRNO(capset(&head, data), EPERM);
}

TEST(capget_of_others_and_versions)
{
    struct __user_cap_header_struct head = {.version = 0x12345678};
    struct __user_cap_data_struct data[2] = {};
    CHECK_ERRNO(capget(&head, data), EINVAL);
    CHECK_EQ(head.version, _LINUX_CAPABILITY_VERSION_3);
    head.version = 0;
    OK(capget(&head, nullptr)); /* asks for the version */
    CHECK_EQ(head.version, _LINUX_CAPABILITY_VERSION_3);
    head.pid = getpid();
    OK(capget(&head, data));
    CHECK(data[0].permitted != 0);
    head.pid = 1 << 29;
    CHECK_ERRNO(capget(&head, data), ESRCH);
    head.pid = -1;
    CHECK_ERRNO(capget(&head, data), EINVAL);
    head.pid = getppid();
    CHECK_ERRNO(capset(&head, data), EPERM);
    head.pid = 0;
    CHECK_ERRNO(capget(&head, (void *)8), EFAULT);
    CHECK_ERRNO(capget(nullptr, data), EFAULT);
    IN_CHILD_AS(99, 99)
    {
        OK(capget(&head, data));
        CHECK_EQ(data[0].effective | data[0].permitted, 0);
    }
}

static pid_t sleeper(void)
{
    pid_t pid = (pid_t)OK(fork());
    if (pid == 0)
        for (;;)
            pause();
    return pid;
}

TEST(pidfd_send_signal_kills)
{
    pid_t pid = sleeper();
    int fd = (int)OK(syscall(SYS_pidfd_open, pid, 0));
    siginfo_t info = {.si_signo = SIGUSR1, .si_code = SI_USER};
    OK(syscall(SYS_pidfd_send_signal, fd, 0, nullptr, 0));
    CHECK_ERRNO(syscall(SYS_pidfd_send_signal, fd, 99, nullptr, 0), EINVAL);
    CHECK_ERRNO(syscall(SYS_pidfd_send_signal, fd, SIGUSR1, nullptr, 1u << 31), EINVAL);
    CHECK_ERRNO(syscall(SYS_pidfd_send_signal, fd, SIGUSR2, &info, 0), EINVAL);
    CHECK_ERRNO(syscall(SYS_pidfd_send_signal, fd, SIGUSR1, &info, 0), EPERM);
    CHECK_ERRNO(syscall(SYS_pidfd_send_signal, -1, SIGUSR1, nullptr, 0), EBADF);
    CHECK_ERRNO(syscall(SYS_pidfd_send_signal, 0, SIGUSR1, nullptr, 0), EBADF);
    IN_CHILD_AS(99, 99)
    {
        CHECK_ERRNO(syscall(SYS_pidfd_send_signal, fd, SIGKILL, nullptr, 0), EPERM);
    }
    OK(syscall(SYS_pidfd_send_signal, fd, SIGKILL, nullptr, 0));
    CHECK_EQ(WTERMSIG(child_wait(pid)), SIGKILL);
    CHECK_ERRNO(syscall(SYS_pidfd_send_signal, fd, 0, nullptr, 0), ESRCH);
}

TEST(pidfd_getfd_shares_the_file)
{
    struct gate ready = gate_make();
    int place = (int)OK(open("place", O_CREAT | O_RDWR, 0600));
    pid_t pid = (pid_t)OK(fork());
    if (pid == 0) {
        int fd = (int)OK(open("file", O_CREAT | O_RDWR, 0600));
        OK(write(fd, "abcdef", 6));
        OK(lseek(fd, 2, SEEK_SET));
        OK(dup2(fd, 50));
        gate_open(&ready);
        for (;;)
            pause();
    }
    gate_wait(&ready);
    int pidfd = (int)OK(syscall(SYS_pidfd_open, pid, 0));
    int fd = (int)OK(syscall(SYS_pidfd_getfd, pidfd, 50, 0));
    char text[8] = "";
    CHECK_EQ(OK(read(fd, text, 8)), 4);
    CHECK_STR(text, "cdef");
    CHECK_EQ(OK(fcntl(fd, F_GETFD)), FD_CLOEXEC);
    CHECK_ERRNO(syscall(SYS_pidfd_getfd, pidfd, 51, 0), EBADF);
    CHECK_ERRNO(syscall(SYS_pidfd_getfd, pidfd, 50, 1), EINVAL);
    CHECK_ERRNO(syscall(SYS_pidfd_getfd, place, 50, 0), EBADF);
    IN_CHILD_AS(99, 99)
    {
        CHECK_ERRNO(syscall(SYS_pidfd_getfd, pidfd, 50, 0), EPERM);
    }
    OK(kill(pid, SIGKILL));
    child_wait(pid);
    CHECK_ERRNO(syscall(SYS_pidfd_getfd, pidfd, 50, 0), ESRCH);
}

TEST(process_mrelease_only_of_the_dying)
{
    pid_t pid = sleeper();
    int fd = (int)OK(syscall(SYS_pidfd_open, pid, 0));
    CHECK_ERRNO(syscall(SYS_process_mrelease, fd, 0), EINVAL);
    CHECK_ERRNO(syscall(SYS_process_mrelease, fd, 1), EINVAL);
    CHECK_ERRNO(syscall(SYS_process_mrelease, -1, 0), EBADF);
    OK(kill(pid, SIGKILL));
    child_wait(pid);
    CHECK_ERRNO(syscall(SYS_process_mrelease, fd, 0), ESRCH);
}

/* Only what cannot end the machine that runs this. */
TEST(reboot_refuses)
{
    IN_CHILD_AS(99, 99)
    {
        CHECK_ERRNO(syscall(SYS_reboot, LINUX_REBOOT_MAGIC1, LINUX_REBOOT_MAGIC2,
                            LINUX_REBOOT_CMD_CAD_OFF, nullptr),
                    EPERM);
        CHECK_ERRNO(syscall(SYS_reboot, 0, 0, LINUX_REBOOT_CMD_CAD_OFF, nullptr), EPERM);
    }
}

TEST(prctl_more_options)
{
    int value = -1;
    char name[16] = "";
    OK(prctl(PR_SET_NAME, "a-name-that-is-too-long", 0, 0, 0));
    OK(prctl(PR_GET_NAME, name, 0, 0, 0));
    CHECK_STR(name, "a-name-that-is-");
    OK(prctl(PR_SET_PDEATHSIG, SIGUSR1, 0, 0, 0));
    OK(prctl(PR_GET_PDEATHSIG, &value, 0, 0, 0));
    CHECK_EQ(value, SIGUSR1);
    CHECK_ERRNO(prctl(PR_SET_PDEATHSIG, 999, 0, 0, 0), EINVAL);
    IN_CHILD
    {
        OK(prctl(PR_GET_PDEATHSIG, &value, 0, 0, 0));
        CHECK_EQ(value, 0);
    }
    OK(prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0));
    OK(prctl(PR_GET_CHILD_SUBREAPER, &value, 0, 0, 0));
    CHECK_EQ(value, 1);
    CHECK_EQ(OK(prctl(PR_CAPBSET_READ, CAP_CHOWN, 0, 0, 0)), 1);
    OK(prctl(PR_CAPBSET_DROP, CAP_CHOWN, 0, 0, 0));
    CHECK_EQ(OK(prctl(PR_CAPBSET_READ, CAP_CHOWN, 0, 0, 0)), 0);
    CHECK_ERRNO(prctl(PR_CAPBSET_READ, 9999, 0, 0, 0), EINVAL);
    CHECK_ERRNO(prctl(0x7fffffff, 0, 0, 0, 0), EINVAL);
}

TEST(prctl_no_new_privs_and_keepcaps)
{
    struct __user_cap_header_struct head = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct data[2];
    CHECK_EQ(OK(prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0)), 0);
    CHECK_ERRNO(prctl(PR_SET_NO_NEW_PRIVS, 0, 0, 0, 0), EINVAL);
    OK(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
    CHECK_EQ(OK(prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0)), 1);
    OK(prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0));
    CHECK_EQ(OK(prctl(PR_GET_KEEPCAPS, 0, 0, 0, 0)), 1);
    OK(setresuid(99, 99, 99));
    OK(capget(&head, data));
    CHECK(data[0].permitted != 0);
    CHECK_EQ(data[0].effective, 0);
    OK(prctl(PR_GET_DUMPABLE, 0, 0, 0, 0));
    OK(prctl(PR_SET_DUMPABLE, 0, 0, 0, 0));
    CHECK_EQ(OK(prctl(PR_GET_DUMPABLE, 0, 0, 0, 0)), 0);
    CHECK_ERRNO(prctl(PR_SET_DUMPABLE, 2, 0, 0, 0), EINVAL);
}
