/* SPDX-License-Identifier: BSD-2-Clause */
/* file_limit.c - what RLIMIT_NOFILE and RLIMIT_FSIZE stop (getrlimit(2)). */
#include "test.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

static void limit_set(__rlimit_resource_t resource, rlim_t value)
{
    struct rlimit limit;
    OK(getrlimit(resource, &limit));
    limit.rlim_cur = value;
    OK(setrlimit(resource, &limit));
}

TEST(nofile_lowered_leaves_open_descriptors_alone)
{
    struct stat st;
    OK(dup2(0, 50));
    limit_set(RLIMIT_NOFILE, 20);
    OK(fstat(50, &st));
    CHECK(OK(dup(50)) < 20);
    CHECK_EQ(dup2(50, 50), 50);
    CHECK_ERRNO(dup2(0, 50), EBADF);
    CHECK_ERRNO(dup3(0, 50, 0), EBADF);
    CHECK_ERRNO(dup2(0, 20), EBADF);
    OK(dup2(0, 19));
    CHECK_ERRNO(fcntl(0, F_DUPFD, 20), EINVAL);
    CHECK_ERRNO(fcntl(0, F_DUPFD, 19), EMFILE);
    IN_CHILD
    {
        OK(fstat(50, &st));
    }
    OK(close(50));
}

TEST(nofile_stops_every_call_that_makes_a_descriptor)
{
    int two[2];
    int last = (int)OK(dup(0));
    OK(close(last));
    limit_set(RLIMIT_NOFILE, (rlim_t)last);
    CHECK_ERRNO(open(".", O_RDONLY), EMFILE);
    CHECK_ERRNO(socket(AF_UNIX, SOCK_STREAM, 0), EMFILE);
    CHECK_ERRNO(epoll_create1(0), EMFILE);
    CHECK_ERRNO(eventfd(0, 0), EMFILE);
    CHECK_ERRNO(memfd_create("m", 0), EMFILE);
    limit_set(RLIMIT_NOFILE, (rlim_t)last + 1);
    CHECK_ERRNO(pipe(two), EMFILE);
    CHECK_ERRNO(socketpair(AF_UNIX, SOCK_STREAM, 0, two), EMFILE);
    CHECK_EQ(OK(dup(0)), last);
}

TEST(nofile_bounds_the_sets_of_poll)
{
    struct pollfd none[32];
    for (int i = 0; i < 32; i++)
        none[i] = (struct pollfd){.fd = -1};
    limit_set(RLIMIT_NOFILE, 16);
    CHECK_EQ(poll(none, 16, 0), 0);
    CHECK_ERRNO(poll(none, 17, 0), EINVAL);
}

TEST(nofile_cuts_what_a_message_brings)
{
    int pair[2], files[3] = {0, 0, 0};
    union {
        struct cmsghdr head;
        char room[CMSG_SPACE(sizeof files)];
    } control = {};
    char byte = 'x';
    struct iovec data = {&byte, 1};
    struct msghdr m = {.msg_iov = &data,
                       .msg_iovlen = 1,
                       .msg_control = &control,
                       .msg_controllen = sizeof control};
    OK(socketpair(AF_UNIX, SOCK_DGRAM, 0, pair));
    control.head = (struct cmsghdr){
        .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS, .cmsg_len = CMSG_LEN(sizeof files)};
    memcpy(CMSG_DATA(&control.head), files, sizeof files);
    CHECK_EQ(sendmsg(pair[0], &m, 0), 1);
    int next = (int)OK(dup(0));
    OK(close(next));
    limit_set(RLIMIT_NOFILE, (rlim_t)next + 2);
    m.msg_controllen = sizeof control;
    CHECK_EQ(recvmsg(pair[1], &m, 0), 1);
    CHECK(m.msg_flags & MSG_CTRUNC);
    CHECK_EQ(control.head.cmsg_len, CMSG_LEN(2 * sizeof(int)));
    CHECK_ERRNO(dup(0), EMFILE);
}

/* RLIMIT_FSIZE of 4096 bytes, and SIGXFSZ ignored. */
static void size_limit(void)
{
    signal(SIGXFSZ, SIG_IGN);
    limit_set(RLIMIT_FSIZE, 4096);
}

TEST(fsize_stops_every_way_to_grow_a_file)
{
    char data[8192] = {};
    int fd = (int)OK(open("f", O_CREAT | O_RDWR, 0644));
    size_limit();
    CHECK_EQ(pwrite(fd, data, 100, 4090), 6);
    CHECK_ERRNO(pwrite(fd, data, 1, 4096), EFBIG);
    CHECK_ERRNO(pwrite(fd, data, 1, 1 << 20), EFBIG);
    CHECK_EQ(pwrite(fd, data, 0, 1 << 20), 0);
    CHECK_ERRNO(ftruncate(fd, 4097), EFBIG);
    CHECK_ERRNO(truncate("f", 4097), EFBIG);
    CHECK_ERRNO(fallocate(fd, 0, 0, 4097), EFBIG);
    OK(ftruncate(fd, 4096));
    OK(fallocate(fd, 0, 0, 4096));
    struct stat st;
    OK(fstat(fd, &st));
    CHECK_EQ(st.st_size, 4096);
}

TEST(fsize_does_not_shrink_what_is_larger)
{
    char data[8192] = {};
    int fd = (int)OK(open("f", O_CREAT | O_RDWR, 0644));
    CHECK_EQ(write(fd, data, 8192), 8192);
    size_limit();
    CHECK_EQ(pread(fd, data, 8192, 0), 8192);
    CHECK_EQ(pwrite(fd, "x", 1, 0), 1);
    CHECK_ERRNO(pwrite(fd, "x", 1, 5000), EFBIG);
    OK(ftruncate(fd, 6000));
    CHECK_ERRNO(ftruncate(fd, 6001), EFBIG);
    char *map = mmap(nullptr, 8192, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    CHECK(map != MAP_FAILED);
    map[5999] = 'm';
    CHECK_EQ(pread(fd, data, 1, 5999), 1);
    CHECK_EQ(data[0], 'm');
}

TEST(fsize_holds_for_copies_within_the_kernel)
{
    char data[8192];
    int pipes[2];
    memset(data, 'c', sizeof data);
    int from = (int)OK(open("from", O_CREAT | O_RDWR, 0644));
    CHECK_EQ(write(from, data, 8192), 8192);
    int to = (int)OK(open("to", O_CREAT | O_RDWR, 0644));
    OK(pipe(pipes));
    CHECK_EQ(write(pipes[1], data, 8192), 8192);
    size_limit();
    off_t offset = 0;
    CHECK_EQ(sendfile(to, from, &offset, 8192), 4096);
    offset = 0;
    CHECK_ERRNO(sendfile(to, from, &offset, 10), EFBIG);
    loff_t in = 0, out = 4000;
    CHECK_EQ(copy_file_range(from, &in, to, &out, 200, 0), 96);
    out = 4096;
    CHECK_ERRNO(copy_file_range(from, &in, to, &out, 200, 0), EFBIG);
}

TEST(fsize_is_about_files_only)
{
    int pipes[2];
    char data[8192] = {};
    size_limit();
    limit_set(RLIMIT_FSIZE, 0);
    OK(pipe(pipes));
    CHECK_EQ(write(pipes[1], data, 8192), 8192);
    int null = (int)OK(open("/dev/null", O_WRONLY));
    CHECK_EQ(write(null, data, 100), 100);
    OK(open("f", O_CREAT | O_RDWR, 0644));
    OK(mkdir("d", 0755));
    OK(symlink("to", "l"));
}

static volatile sig_atomic_t signals;

static void signal_counted(int)
{
    signals++;
}

TEST(fsize_sends_its_signal_only_when_nothing_was_written)
{
    char data[100] = {};
    int fd = (int)OK(open("f", O_CREAT | O_RDWR, 0644));
    size_limit();
    signal(SIGXFSZ, signal_counted);
    CHECK_EQ(pwrite(fd, data, 100, 4000), 96);
    CHECK_EQ(signals, 0);
    CHECK_ERRNO(pwrite(fd, data, 100, 4096), EFBIG);
    CHECK_EQ(signals, 1);
    CHECK_ERRNO(ftruncate(fd, 5000), EFBIG);
    CHECK_EQ(signals, 2);
}
