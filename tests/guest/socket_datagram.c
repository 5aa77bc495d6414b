/* SPDX-License-Identifier: BSD-2-Clause */
/* socket_datagram.c - AF_UNIX datagrams, and sendmmsg and recvmmsg (unix(7)). */
#include "socket.h"
#include "test.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

static int bound(const char *path)
{
    struct name name = name_of(path);
    int fd = (int)OK(socket(AF_UNIX, SOCK_DGRAM, 0));
    OK(unix_bind(fd, &name));
    return fd;
}

static long send_to(int fd, const char *text, const char *path)
{
    struct name name = name_of(path);
    return sendto(fd, text, strlen(text), 0, (struct sockaddr *)&name.address, name.bytes);
}

TEST(datagrams_keep_their_bounds)
{
    int s[2], n;
    char text[16];
    OK(socketpair(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, s));
    CHECK_EQ(fcntl(s[0], F_GETFD), FD_CLOEXEC);
    CHECK_EQ(write(s[0], "one", 3), 3);
    CHECK_EQ(write(s[0], "two!", 4), 4);
    OK(ioctl(s[1], FIONREAD, &n));
    CHECK_EQ(n, 3);
    CHECK_EQ(read(s[1], text, 16), 3);
    CHECK_EQ(read(s[1], text, 2), 2);
    CHECK_ERRNO(read(s[1], text, 16), EAGAIN);
}

TEST(datagram_of_no_bytes)
{
    int s[2];
    char text[4];
    OK(socketpair(AF_UNIX, SOCK_DGRAM, 0, s));
    CHECK_EQ(send(s[0], "", 0, 0), 0);
    CHECK_EQ(recv(s[1], text, 4, MSG_DONTWAIT), 0);
    CHECK_ERRNO(recv(s[1], text, 4, MSG_DONTWAIT), EAGAIN);
}

TEST(datagrams_by_name)
{
    struct name from = {.bytes = sizeof from.address};
    char text[16] = {};
    int server = bound("server"), client = bound("client");
    CHECK_EQ(send_to(client, "question", "server"), 8);
    CHECK_EQ(recvfrom(server, text, 16, 0, (struct sockaddr *)&from.address, &from.bytes), 8);
    CHECK_STR(from.address.sun_path, "client");
    CHECK_EQ(send_to(server, "answer", "client"), 6);
    CHECK_EQ(recv(client, text, 16, 0), 6);
    int nameless = (int)OK(socket(AF_UNIX, SOCK_DGRAM, 0));
    CHECK_EQ(send_to(nameless, "x", "server"), 1);
    from.bytes = sizeof from.address;
    CHECK_EQ(recvfrom(server, text, 16, 0, (struct sockaddr *)&from.address, &from.bytes), 1);
    CHECK_EQ(from.bytes, 0);
}

TEST(datagram_errors)
{
    int fd = (int)OK(socket(AF_UNIX, SOCK_DGRAM, 0));
    static char huge[1 << 20];
    struct name name = name_of("s");
    int server = bound("s");
    CHECK_ERRNO(send(fd, "x", 1, 0), ENOTCONN);
    CHECK_ERRNO(send_to(fd, "x", "none"), ENOENT);
    CHECK_ERRNO(listen(fd, 1), EOPNOTSUPP);
    CHECK_ERRNO(accept(fd, nullptr, nullptr), EOPNOTSUPP);
    CHECK_ERRNO(send(fd, "x", 1, MSG_OOB), EOPNOTSUPP);
    OK(unix_connect(fd, &name));
    CHECK_ERRNO(send(fd, huge, sizeof huge, 0), EMSGSIZE);
    CHECK_ERRNO(send(fd, (void *)8, 5, 0), EFAULT);
    OK(close(server));
    CHECK_ERRNO(send(fd, "x", 1, 0), ECONNREFUSED);
    CHECK_ERRNO(send(fd, "x", 1, 0), ENOTCONN);
    unix_listener(SOCK_STREAM, "stream");
    CHECK_ERRNO(send_to(fd, "x", "stream"), EPROTOTYPE);
}

TEST(datagram_socket_that_listens_to_one)
{
    struct name b = name_of("b");
    int a = bound("a"), other = bound("b"), c = bound("c");
    char text[4];
    OK(unix_connect(a, &b));
    CHECK_ERRNO(send_to(c, "x", "a"), EPERM);
    CHECK_EQ(send_to(other, "x", "a"), 1);
    CHECK_EQ(recv(a, text, 4, 0), 1);
    struct sockaddr none = {.sa_family = AF_UNSPEC};
    OK(connect(a, &none, sizeof none));
    CHECK_EQ(send_to(c, "x", "a"), 1);
}

TEST(datagrams_wait_for_a_slow_reader)
{
    struct name name = name_of("slow");
    int server = bound("slow"), fd = (int)OK(socket(AF_UNIX, SOCK_DGRAM, 0)), sent = 0;
    char byte;
    OK(unix_connect(fd, &name));
    while (send(fd, "x", 1, MSG_DONTWAIT) == 1)
        sent++;
    CHECK_EQ(errno, EAGAIN);
    CHECK(sent >= 10 && sent < 1000);
    struct pollfd p = {.fd = fd, .events = POLLOUT};
    CHECK_EQ(poll(&p, 1, 0), 0);
    pid_t pid = (pid_t)OK(fork());
    if (!pid) {
        CHECK_EQ(send(fd, "y", 1, 0), 1);
        _exit(0);
    }
    process_await_state(pid, "S");
    CHECK_EQ(recv(server, &byte, 1, 0), 1);
    child_wait_ok(pid);
    while (recv(server, &byte, 1, MSG_DONTWAIT) == 1)
        sent--;
    CHECK_EQ(sent, 0);
    CHECK_EQ(poll(&p, 1, 0), 1);
}

TEST(datagram_peek_and_trunc)
{
    int s[2];
    char text[8] = {};
    OK(socketpair(AF_UNIX, SOCK_DGRAM, 0, s));
    CHECK_EQ(send(s[0], "abcdef", 6, 0), 6);
    CHECK_EQ(recv(s[1], text, 2, MSG_PEEK | MSG_TRUNC), 6);
    CHECK_STR(text, "ab");
    CHECK_EQ(recv(s[1], text, 8, 0), 6);
}

TEST(datagram_shutdown)
{
    int s[2];
    char text[8];
    signal(SIGPIPE, SIG_IGN);
    OK(socketpair(AF_UNIX, SOCK_DGRAM, 0, s));
    CHECK_EQ(send(s[0], "x", 1, 0), 1);
    OK(shutdown(s[1], SHUT_RD));
    CHECK_ERRNO(send(s[0], "y", 1, 0), EPIPE);
    CHECK_EQ(recv(s[1], text, 8, 0), 1);
    CHECK_EQ(recv(s[1], text, 8, 0), 0);
    OK(shutdown(s[0], SHUT_WR));
    CHECK_ERRNO(send(s[0], "z", 1, 0), EPIPE);
}

TEST(sendmmsg_and_recvmmsg)
{
    int s[2];
    char text[4][4] = {};
    struct iovec out[3] = {{"a", 1}, {"bb", 2}, {"ccc", 3}}, in[4];
    struct mmsghdr m[4] = {}, r[4] = {};
    OK(socketpair(AF_UNIX, SOCK_DGRAM, 0, s));
    for (int i = 0; i < 4; i++) {
        in[i] = (struct iovec){text[i], 4};
        r[i].msg_hdr = (struct msghdr){.msg_iov = &in[i], .msg_iovlen = 1};
        if (i < 3)
            m[i].msg_hdr = (struct msghdr){.msg_iov = &out[i], .msg_iovlen = 1};
    }
    CHECK_EQ(sendmmsg(s[0], m, 3, 0), 3);
    CHECK_EQ(m[2].msg_len, 3);
    CHECK_EQ(recvmmsg(s[1], r, 4, MSG_WAITFORONE, nullptr), 3);
    CHECK_EQ(r[0].msg_len, 1);
    CHECK_EQ(r[2].msg_len, 3);
    CHECK_STR(text[1], "bb");
    CHECK_ERRNO(recvmmsg(s[1], r, 4, MSG_DONTWAIT, nullptr), EAGAIN);
    struct timespec bad = {.tv_nsec = -1};
    CHECK_ERRNO(recvmmsg(s[1], r, 4, 0, &bad), EINVAL);
}

TEST(sendmsg_errors)
{
    int s[2];
    struct iovec vector = {(void *)8, 4}, many[1] = {{"x", 1}};
    struct msghdr m = {.msg_iov = &vector, .msg_iovlen = 1};
    OK(socketpair(AF_UNIX, SOCK_DGRAM, 0, s));
    CHECK_ERRNO(sendmsg(s[0], &m, 0), EFAULT);
    m.msg_iovlen = 1025;
    CHECK_ERRNO(sendmsg(s[0], &m, 0), EMSGSIZE);
    CHECK_ERRNO(sendmsg(s[0], (struct msghdr *)8, 0), EFAULT);
    struct cmsghdr bad = {.cmsg_len = 100, .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS};
    m = (struct msghdr){
        .msg_iov = many, .msg_iovlen = 1, .msg_control = &bad, .msg_controllen = sizeof bad};
    CHECK_ERRNO(sendmsg(s[0], &m, 0), EINVAL);
    bad = (struct cmsghdr){.cmsg_len = sizeof bad, .cmsg_level = SOL_SOCKET, .cmsg_type = 99};
    CHECK_ERRNO(sendmsg(s[0], &m, 0), EINVAL);
}
