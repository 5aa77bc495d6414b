/* SPDX-License-Identifier: BSD-2-Clause */
/* later_socket.c - unix socket pairs.  Not in the default run. */
#include "test.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

TEST(later_socketpair_both_ways)
{
    int s[2];
    char text[8] = {};
    OK(socketpair(AF_UNIX, SOCK_STREAM, 0, s));
    CHECK_EQ(write(s[0], "there", 5), 5);
    CHECK_EQ(read(s[1], text, 8), 5);
    CHECK_STR(text, "there");
    CHECK_EQ(send(s[1], "back", 5, 0), 5);
    CHECK_EQ(recv(s[0], text, 8, 0), 5);
    CHECK_STR(text, "back");
    OK(close(s[0]));
    CHECK_EQ(read(s[1], text, 8), 0);
    signal(SIGPIPE, SIG_IGN);
    CHECK_ERRNO(write(s[1], "x", 1), EPIPE);
}

TEST(later_socketpair_datagrams_keep_their_bounds)
{
    int s[2];
    char text[16];
    OK(socketpair(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, s));
    CHECK_EQ(fcntl(s[0], F_GETFD), FD_CLOEXEC);
    CHECK_EQ(write(s[0], "one", 3), 3);
    CHECK_EQ(write(s[0], "two!", 4), 4);
    CHECK_EQ(read(s[1], text, 16), 3);
    CHECK_EQ(read(s[1], text, 2), 2);
    CHECK_ERRNO(read(s[1], text, 16), EAGAIN);
}

TEST(later_socket_passes_a_descriptor)
{
    int s[2], p[2];
    char byte, control[CMSG_SPACE(sizeof(int))] = {};
    struct iovec vector = {"x", 1};
    struct msghdr message = {.msg_iov = &vector,
                             .msg_iovlen = 1,
                             .msg_control = control,
                             .msg_controllen = sizeof control};
    OK(socketpair(AF_UNIX, SOCK_STREAM, 0, s));
    OK(pipe(p));
    struct cmsghdr *head = CMSG_FIRSTHDR(&message);
    *head = (struct cmsghdr){CMSG_LEN(sizeof(int)), SOL_SOCKET, SCM_RIGHTS};
    memcpy(CMSG_DATA(head), &p[1], sizeof(int));
    CHECK_EQ(sendmsg(s[0], &message, 0), 1);
    vector.iov_base = &byte;
    CHECK_EQ(recvmsg(s[1], &message, 0), 1);
    int got;
    memcpy(&got, CMSG_DATA(CMSG_FIRSTHDR(&message)), sizeof got);
    CHECK_EQ(write(got, "p", 1), 1);
    CHECK_EQ(read(p[0], &byte, 1), 1);
}

TEST(later_socket_listens_at_a_path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX, .sun_path = "sock"};
    int server = (int)OK(socket(AF_UNIX, SOCK_STREAM, 0));
    OK(bind(server, (struct sockaddr *)&address, sizeof address));
    CHECK_ERRNO(bind(server, (struct sockaddr *)&address, sizeof address), EADDRINUSE);
    OK(listen(server, 5));
    IN_CHILD
    {
        int fd = (int)OK(socket(AF_UNIX, SOCK_STREAM, 0));
        OK(connect(fd, (struct sockaddr *)&address, sizeof address));
        CHECK_EQ(write(fd, "hello", 5), 5);
    }
    char text[8] = {};
    int fd = (int)OK(accept(server, nullptr, nullptr));
    CHECK_EQ(read(fd, text, 8), 5);
    CHECK_STR(text, "hello");
}

TEST(later_socket_errors)
{
    int s[2];
    CHECK_ERRNO(socketpair(AF_UNIX, 99, 0, s), EINVAL);
    CHECK_ERRNO(socket(12345, SOCK_STREAM, 0), EAFNOSUPPORT);
    file_make("f", "");
    int fd = (int)OK(open("f", O_RDONLY));
    CHECK_ERRNO(listen(fd, 1), ENOTSOCK);
}
