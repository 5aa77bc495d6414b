/* SPDX-License-Identifier: BSD-2-Clause */
/* file_fd.c - dup(2), fcntl(2) on descriptors, limits of open files. */
#include "test.h"

#include <fcntl.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static int null_opened(void)
{
    return (int)OK(open("/dev/null", O_RDWR));
}

TEST(dup_takes_the_lowest)
{
    int fd = null_opened();
    int other = (int)OK(dup(fd));
    CHECK(other > fd);
    OK(close(fd));
    CHECK_EQ(dup(other), fd);
    CHECK_ERRNO(dup(999), EBADF);
    CHECK_ERRNO(dup(-1), EBADF);
}

TEST(dup2_closes_the_target)
{
    int pipes[2];
    char byte;
    int fd = null_opened();
    OK(pipe(pipes));
    CHECK_EQ(dup2(fd, pipes[1]), pipes[1]);
    /* The pipe's only writer is gone. */
    CHECK_EQ(read(pipes[0], &byte, 1), 0);
    CHECK_EQ(dup2(fd, 500), 500);
    CHECK_EQ(write(500, "x", 1), 1);
}

TEST(dup2_same_fd)
{
    int fd = (int)OK(open("/dev/null", O_RDONLY | O_CLOEXEC));
    CHECK_EQ(dup2(fd, fd), fd);
    CHECK_EQ(fcntl(fd, F_GETFD), FD_CLOEXEC);
    CHECK_ERRNO(dup2(999, 999), EBADF);
    CHECK_ERRNO(dup2(999, fd), EBADF);
    OK(fcntl(fd, F_GETFD));
    CHECK_ERRNO(dup2(fd, -1), EBADF);
    CHECK_ERRNO(dup2(fd, 1 << 30), EBADF);
}

TEST(dup_clears_cloexec)
{
    int fd = (int)OK(open("/dev/null", O_RDONLY | O_CLOEXEC));
    CHECK_EQ(fcntl((int)OK(dup(fd)), F_GETFD), 0);
    CHECK_EQ(fcntl((int)OK(dup2(fd, 400)), F_GETFD), 0);
    CHECK_EQ(fcntl((int)OK(dup3(fd, 401, O_CLOEXEC)), F_GETFD), FD_CLOEXEC);
    CHECK_EQ(fcntl((int)OK(dup3(fd, 402, 0)), F_GETFD), 0);
}

TEST(dup3_errors)
{
    int fd = null_opened();
    CHECK_ERRNO(dup3(fd, fd, 0), EINVAL);
    CHECK_ERRNO(dup3(fd, 400, O_NONBLOCK), EINVAL);
    CHECK_ERRNO(dup3(999, 400, 0), EBADF);
}

TEST(fcntl_dupfd_starts_at_the_minimum)
{
    int fd = null_opened();
    CHECK_EQ(fcntl(fd, F_DUPFD, 300), 300);
    CHECK_EQ(fcntl(fd, F_DUPFD, 300), 301);
    int closing = (int)OK(fcntl(fd, F_DUPFD_CLOEXEC, 300));
    CHECK_EQ(closing, 302);
    CHECK_EQ(fcntl(closing, F_GETFD), FD_CLOEXEC);
    CHECK_EQ(fcntl(300, F_GETFD), 0);
    CHECK_ERRNO(fcntl(fd, F_DUPFD, -1), EINVAL);
    CHECK_ERRNO(fcntl(fd, F_DUPFD, 1 << 30), EINVAL);
    CHECK_ERRNO(fcntl(999, F_DUPFD, 0), EBADF);
}

TEST(fcntl_setfd)
{
    int fd = null_opened();
    CHECK_EQ(fcntl(fd, F_GETFD), 0);
    OK(fcntl(fd, F_SETFD, FD_CLOEXEC));
    CHECK_EQ(fcntl(fd, F_GETFD), FD_CLOEXEC);
    OK(fcntl(fd, F_SETFD, 0));
    CHECK_EQ(fcntl(fd, F_GETFD), 0);
}

TEST(fcntl_setfl_changes_only_status_flags)
{
    file_make("f", "abc");
    int fd = (int)OK(open("f", O_RDWR));
    OK(fcntl(fd, F_SETFL, O_APPEND | O_NONBLOCK | O_WRONLY | O_CREAT | O_TRUNC));
    CHECK_EQ(fcntl(fd, F_GETFL) & (O_ACCMODE | O_APPEND | O_NONBLOCK | O_CREAT | O_TRUNC),
             O_RDWR | O_APPEND | O_NONBLOCK);
    CHECK_EQ(write(fd, "d", 1), 1);
    file_expect("f", "abcd");
    OK(fcntl(fd, F_SETFL, 0));
    CHECK_EQ(fcntl(fd, F_GETFL) & (O_APPEND | O_NONBLOCK), 0);
}

TEST(fcntl_flags_belong_to_the_description)
{
    int fd = null_opened();
    int same = (int)OK(dup(fd));
    int other = null_opened();
    OK(fcntl(fd, F_SETFL, O_NONBLOCK));
    CHECK_EQ(fcntl(same, F_GETFL) & O_NONBLOCK, O_NONBLOCK);
    CHECK_EQ(fcntl(other, F_GETFL) & O_NONBLOCK, 0);
}

TEST(fcntl_bad_command_is_einval)
{
    int fd = null_opened();
    CHECK_ERRNO(fcntl(fd, 9999), EINVAL);
    CHECK_ERRNO(fcntl(999, F_GETFL), EBADF);
    CHECK_ERRNO(fcntl(-1, F_GETFD), EBADF);
}

TEST(ioctl_fionbio_and_fioclex)
{
    int pipes[2], on = 1, off = 0;
    char byte;
    OK(pipe(pipes));
    OK(ioctl(pipes[0], FIONBIO, &on));
    CHECK_EQ(fcntl(pipes[0], F_GETFL) & O_NONBLOCK, O_NONBLOCK);
    CHECK_ERRNO(read(pipes[0], &byte, 1), EAGAIN);
    OK(ioctl(pipes[0], FIONBIO, &off));
    CHECK_EQ(fcntl(pipes[0], F_GETFL) & O_NONBLOCK, 0);
    OK(ioctl(pipes[0], FIOCLEX));
    CHECK_EQ(fcntl(pipes[0], F_GETFD), FD_CLOEXEC);
    OK(ioctl(pipes[0], FIONCLEX));
    CHECK_EQ(fcntl(pipes[0], F_GETFD), 0);
}

TEST(ioctl_on_the_wrong_kind_is_enotty)
{
    int value;
    file_make("f", "");
    int fd = (int)OK(open("f", O_RDONLY));
    CHECK_ERRNO(ioctl(fd, TIOCGPGRP, &value), ENOTTY);
    CHECK_ERRNO(ioctl(fd, 0x12345678, &value), ENOTTY);
    CHECK_ERRNO(ioctl(999, TIOCGPGRP, &value), EBADF);
    CHECK(!isatty(fd) && errno == ENOTTY);
}

TEST(ioctl_fionread_of_a_file)
{
    int value = -1;
    file_make("f", "12345678");
    int fd = (int)OK(open("f", O_RDONLY));
    CHECK_EQ(lseek(fd, 3, SEEK_SET), 3);
    OK(ioctl(fd, FIONREAD, &value));
    CHECK_EQ(value, 5);
}

TEST(thousand_open_files)
{
    struct rlimit limit = {1100, 1100};
    OK(setrlimit(RLIMIT_NOFILE, &limit));
    int fds[1000];
    file_make("f", "x");
    for (int i = 0; i < 1000; i++)
        fds[i] = (int)OK(open("f", O_RDONLY));
    for (int i = 0; i < 1000; i++) {
        char byte = 0;
        CHECK_EQ(read(fds[i], &byte, 1), 1);
        CHECK_EQ(byte, 'x');
        OK(close(fds[i]));
    }
    CHECK_EQ(open("f", O_RDONLY), fds[0]);
}

TEST(emfile_at_the_limit)
{
    struct rlimit limit = {64, 64};
    int pipes[2];
    OK(setrlimit(RLIMIT_NOFILE, &limit));
    int last = -1;
    for (int fd; (fd = open("/dev/null", O_RDONLY)) >= 0;)
        last = fd;
    CHECK_EQ(errno, EMFILE);
    CHECK_EQ(last, 63);
    CHECK_ERRNO(dup(0), EMFILE);
    CHECK_ERRNO(fcntl(0, F_DUPFD, 0), EMFILE);
    CHECK_ERRNO(pipe(pipes), EMFILE);
    CHECK_ERRNO(dup2(0, 64), EBADF);
    OK(close(63));
    CHECK_ERRNO(pipe(pipes), EMFILE);
    CHECK_EQ(dup(0), 63);
}

TEST(failed_creat_at_emfile_leaves_no_file_behind)
{
    struct rlimit limit = {40, 40};
    OK(setrlimit(RLIMIT_NOFILE, &limit));
    while (open("/dev/null", O_RDONLY) >= 0)
        ;
    CHECK_ERRNO(open("new", O_CREAT | O_WRONLY, 0644), EMFILE);
    CHECK(!path_exists("new"));
}

TEST(fds_survive_fork_and_close_independently)
{
    int fd = null_opened();
    IN_CHILD
    {
        OK(fcntl(fd, F_GETFD));
        OK(close(fd));
    }
    OK(fcntl(fd, F_GETFD));
}
