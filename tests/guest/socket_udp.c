/* SPDX-License-Identifier: BSD-2-Clause */
/* socket_udp.c - UDP over the loopback (udp(7)), and which inet sockets there are. */
#include "socket.h"
#include "test.h"

#include <arpa/inet.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/time.h>
#include <unistd.h>

static long send4(int fd, const char *text, int port)
{
    struct sockaddr_in a = loopback4(port);
    return sendto(fd, text, strlen(text), 0, (struct sockaddr *)&a, sizeof a);
}

TEST(udp_question_and_answer)
{
    int server = inet_bound(AF_INET, SOCK_DGRAM, 0),
        client = (int)OK(socket(AF_INET, SOCK_DGRAM, 0));
    struct sockaddr_in from;
    socklen_t n = sizeof from;
    char text[16] = {};
    CHECK_EQ(send4(client, "question", port_of(server)), 8);
    CHECK_EQ(recvfrom(server, text, 16, 0, (struct sockaddr *)&from, &n), 8);
    CHECK_STR(text, "question");
    CHECK_EQ(n, sizeof from);
    CHECK_EQ(ntohs(from.sin_port), port_of(client));
    CHECK_EQ(sendto(server, "answer", 6, 0, (struct sockaddr *)&from, n), 6);
    CHECK_EQ(recv(client, text, 16, 0), 6);
}

TEST(udp_over_ipv6)
{
    int server = inet_bound(AF_INET6, SOCK_DGRAM, 0), fd = (int)OK(socket(AF_INET6, SOCK_DGRAM, 0));
    char text[4];
    OK(inet_connect(fd, AF_INET6, port_of(server)));
    CHECK_EQ(send(fd, "x", 1, 0), 1);
    CHECK_EQ(recv(server, text, 4, 0), 1);
}

TEST(udp_ipv6_socket_hears_ipv4)
{
    struct sockaddr_in6 a = {.sin6_family = AF_INET6}, from;
    socklen_t n = sizeof from;
    int server = (int)OK(socket(AF_INET6, SOCK_DGRAM, 0)),
        fd = (int)OK(socket(AF_INET, SOCK_DGRAM, 0));
    char text[4];
    OK(bind(server, (struct sockaddr *)&a, sizeof a));
    CHECK_EQ(send4(fd, "x", port_of(server)), 1);
    CHECK_EQ(recvfrom(server, text, 4, 0, (struct sockaddr *)&from, &n), 1);
    CHECK(IN6_IS_ADDR_V4MAPPED(&from.sin6_addr));
}

TEST(udp_bounds)
{
    int server = inet_bound(AF_INET, SOCK_DGRAM, 0), fd = (int)OK(socket(AF_INET, SOCK_DGRAM, 0)),
        n;
    static char huge[65508];
    char text[4] = {};
    struct iovec vector = {text, 2};
    struct msghdr m = {.msg_iov = &vector, .msg_iovlen = 1};
    OK(inet_connect(fd, AF_INET, port_of(server)));
    CHECK_EQ(send(fd, "abc", 3, 0), 3);
    CHECK_EQ(send(fd, "", 0, 0), 0);
    OK(ioctl(server, FIONREAD, &n));
    CHECK_EQ(n, 3);
    CHECK_EQ(recvmsg(server, &m, 0), 2);
    CHECK_EQ(m.msg_flags & MSG_TRUNC, MSG_TRUNC);
    CHECK_EQ(recv(server, text, 4, 0), 0);
    CHECK_ERRNO(send(fd, huge, 65508, 0), EMSGSIZE);
    CHECK_EQ(send(fd, huge, 65507, 0), 65507);
    CHECK_EQ(recv(server, text, 4, MSG_TRUNC), 65507);
}

TEST(udp_port_unreachable)
{
    int server = inet_bound(AF_INET, SOCK_DGRAM, 0), port = port_of(server);
    int fd = (int)OK(socket(AF_INET, SOCK_DGRAM, 0));
    char text[4];
    OK(close(server));
    OK(inet_connect(fd, AF_INET, port));
    CHECK_EQ(send(fd, "x", 1, 0), 1);
    sleep_ms(10);
    struct pollfd p = {.fd = fd, .events = POLLIN};
    CHECK_EQ(poll(&p, 1, 1000), 1);
    CHECK_EQ(p.revents & POLLERR, POLLERR);
    CHECK_ERRNO(recv(fd, text, 4, MSG_DONTWAIT), ECONNREFUSED);
    CHECK_ERRNO(recv(fd, text, 4, MSG_DONTWAIT), EAGAIN);
    /* One that is not connected hears nothing of it. */
    int other = (int)OK(socket(AF_INET, SOCK_DGRAM, 0));
    CHECK_EQ(send4(other, "x", port), 1);
    CHECK_ERRNO(recv(other, text, 4, MSG_DONTWAIT), EAGAIN);
}

TEST(udp_connected_socket_hears_its_peer_only)
{
    int a = inet_bound(AF_INET, SOCK_DGRAM, 0), b = inet_bound(AF_INET, SOCK_DGRAM, 0);
    int stranger = (int)OK(socket(AF_INET, SOCK_DGRAM, 0));
    char text[4];
    struct sockaddr none = {.sa_family = AF_UNSPEC};
    OK(inet_connect(a, AF_INET, port_of(b)));
    CHECK_EQ(send4(stranger, "x", port_of(a)), 1);
    CHECK_ERRNO(recv(a, text, 4, MSG_DONTWAIT), EAGAIN);
    CHECK_EQ(send4(b, "yy", port_of(a)), 2);
    CHECK_EQ(recv(a, text, 4, 0), 2);
    OK(connect(a, &none, sizeof none));
    CHECK_EQ(port_of(a), 0); /* nobody had asked for that port */
}

TEST(udp_errors)
{
    int fd = (int)OK(socket(AF_INET, SOCK_DGRAM, 0));
    struct sockaddr_in a = loopback4(0), b;
    socklen_t n = sizeof b;
    CHECK_ERRNO(send(fd, "x", 1, 0), EDESTADDRREQ);
    CHECK_ERRNO(send4(fd, "x", 0), EINVAL);
    CHECK_ERRNO(sendto(fd, "x", 1, 0, (struct sockaddr *)&a, 4), EINVAL);
    CHECK_ERRNO(getpeername(fd, (struct sockaddr *)&b, &n), ENOTCONN);
    CHECK_ERRNO(listen(fd, 1), EOPNOTSUPP);
    CHECK_ERRNO(accept(fd, nullptr, nullptr), EOPNOTSUPP);
    a.sin_port = htons(9);
    a.sin_addr.s_addr = htonl(INADDR_BROADCAST);
    CHECK_ERRNO(sendto(fd, "x", 1, 0, (struct sockaddr *)&a, sizeof a), EACCES);
}

TEST(udp_reuseaddr)
{
    int a = (int)OK(socket(AF_INET, SOCK_DGRAM, 0)), b = (int)OK(socket(AF_INET, SOCK_DGRAM, 0)),
        on = 1;
    struct sockaddr_in at = loopback4(0);
    OK(setsockopt(a, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on));
    OK(bind(a, (struct sockaddr *)&at, sizeof at));
    at.sin_port = htons((uint16_t)port_of(a));
    CHECK_ERRNO(bind(b, (struct sockaddr *)&at, sizeof at), EADDRINUSE);
    OK(setsockopt(b, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on));
    OK(bind(b, (struct sockaddr *)&at, sizeof at));
}

TEST(udp_packet_information)
{
    int server = (int)OK(socket(AF_INET, SOCK_DGRAM, 0)),
        fd = (int)OK(socket(AF_INET, SOCK_DGRAM, 0)), on = 1;
    struct sockaddr_in any = {.sin_family = AF_INET};
    alignas(8) char control[256];
    char byte;
    struct iovec vector = {&byte, 1};
    struct msghdr m = {.msg_iov = &vector,
                       .msg_iovlen = 1,
                       .msg_control = control,
                       .msg_controllen = sizeof control};
    OK(bind(server, (struct sockaddr *)&any, sizeof any));
    OK(setsockopt(server, IPPROTO_IP, IP_PKTINFO, &on, sizeof on));
    OK(setsockopt(server, SOL_SOCKET, SO_TIMESTAMP, &on, sizeof on));
    CHECK_EQ(send4(fd, "x", port_of(server)), 1);
    OK(recvmsg(server, &m, 0));
    bool has_time = false, has_info = false;
    for (struct cmsghdr *c = CMSG_FIRSTHDR(&m); c; c = CMSG_NXTHDR(&m, c)) {
        if (c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_TIMESTAMP)
            has_time = ((struct timeval *)CMSG_DATA(c))->tv_sec > 0;
        if (c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_PKTINFO) {
            struct in_pktinfo info;
            memcpy(&info, CMSG_DATA(c), sizeof info);
            has_info = info.ipi_addr.s_addr == htonl(INADDR_LOOPBACK) && info.ipi_ifindex == 1;
        }
    }
    CHECK(has_time);
    CHECK(has_info);
}

TEST(udp_lost_when_the_reader_is_slow)
{
    int server = inet_bound(AF_INET, SOCK_DGRAM, 0), fd = (int)OK(socket(AF_INET, SOCK_DGRAM, 0)),
        got = 0;
    static char block[8192];
    OK(inet_connect(fd, AF_INET, port_of(server)));
    for (int i = 0; i < 100; i++)
        CHECK_EQ(send(fd, block, sizeof block, 0), sizeof block);
    while (recv(server, block, sizeof block, MSG_DONTWAIT) > 0)
        got++;
    CHECK(got >= 5 && got < 100);
}

TEST(inet_sockets_that_there_are_not)
{
    CHECK_ERRNO(socket(AF_INET, SOCK_STREAM, IPPROTO_UDP), EPROTONOSUPPORT);
    CHECK_ERRNO(socket(AF_INET, SOCK_DGRAM, IPPROTO_TCP), EPROTONOSUPPORT);
    CHECK_ERRNO(socket(AF_INET, SOCK_RAW, 0), EPROTONOSUPPORT);
    CHECK_ERRNO(socket(AF_INET, SOCK_STREAM, -1), EINVAL);
    CHECK_ERRNO(socket(AF_INET, 99, 0), EINVAL);
    IN_CHILD_AS(1000, 1000)
    {
        CHECK_ERRNO(socket(AF_INET, SOCK_RAW, IPPROTO_ICMP), EPERM);
    }
}

static unsigned long long lo_bytes(void)
{
    char text[64];
    file_read("/sys/class/net/lo/statistics/tx_bytes", text, sizeof text);
    return strtoull(text, nullptr, 10);
}

TEST(udp_traffic_is_counted)
{
    char data[1000] = {}, text[4096];
    int fd = (int)OK(socket(AF_INET, SOCK_DGRAM, 0));
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof to;
    OK(bind(fd, (struct sockaddr *)&to, sizeof to));
    OK(getsockname(fd, (struct sockaddr *)&to, &length));
    unsigned long long before = lo_bytes();
    for (int i = 0; i < 5; i++)
        CHECK_EQ(sendto(fd, data, sizeof data, 0, (struct sockaddr *)&to, sizeof to), sizeof data);
    CHECK(lo_bytes() - before >= 5 * (sizeof data + 28));
    file_read("/proc/net/dev", text, sizeof text);
    const char *lo = strstr(text, "lo:");
    CHECK(lo != nullptr && strtoull(lo + 3, nullptr, 10) >= before);
}
