/* SPDX-License-Identifier: BSD-2-Clause */
/* socket_option.c - SOL_SOCKET options (socket(7)), interface ioctls, NETLINK_ROUTE. */
#include "socket.h"
#include "test.h"

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/time.h>
#include <unistd.h>

static int option(int fd, int name)
{
    int value = -77;
    socklen_t n = sizeof value;
    OK(getsockopt(fd, SOL_SOCKET, name, &value, &n));
    CHECK_EQ(n, sizeof value);
    return value;
}

TEST(option_what_a_socket_is)
{
    int s[2], listener = inet_bound(AF_INET, SOCK_STREAM, 1);
    int udp = (int)OK(socket(AF_INET6, SOCK_DGRAM, 0));
    OK(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, s));
    CHECK_EQ(option(s[0], SO_TYPE), SOCK_SEQPACKET);
    CHECK_EQ(option(s[0], SO_DOMAIN), AF_UNIX);
    CHECK_EQ(option(s[0], SO_PROTOCOL), 0);
    CHECK_EQ(option(s[0], SO_ACCEPTCONN), 0);
    CHECK_EQ(option(listener, SO_ACCEPTCONN), 1);
    CHECK_EQ(option(listener, SO_PROTOCOL), IPPROTO_TCP);
    CHECK_EQ(option(udp, SO_PROTOCOL), IPPROTO_UDP);
    CHECK_EQ(option(udp, SO_DOMAIN), AF_INET6);
    CHECK_EQ(option(udp, SO_ERROR), 0);
}

TEST(option_switches)
{
    static const int names[] = {SO_REUSEADDR, SO_REUSEPORT, SO_KEEPALIVE,
                                SO_BROADCAST, SO_OOBINLINE, SO_TIMESTAMP};
    int fd = (int)OK(socket(AF_INET, SOCK_STREAM, 0)), on = 5, off = 0;
    for (unsigned i = 0; i < sizeof names / sizeof names[0]; i++) {
        CHECK_EQ(option(fd, names[i]), 0);
        OK(setsockopt(fd, SOL_SOCKET, names[i], &on, sizeof on));
        CHECK_EQ(option(fd, names[i]), 1);
        OK(setsockopt(fd, SOL_SOCKET, names[i], &off, sizeof off));
        CHECK_EQ(option(fd, names[i]), 0);
    }
}

TEST(option_buffers)
{
    int s[2], bytes = 10000, tiny = 1;
    OK(socketpair(AF_UNIX, SOCK_STREAM, 0, s));
    OK(setsockopt(s[0], SOL_SOCKET, SO_SNDBUF, &bytes, sizeof bytes));
    CHECK_EQ(option(s[0], SO_SNDBUF), 20000);
    OK(setsockopt(s[0], SOL_SOCKET, SO_RCVBUF, &bytes, sizeof bytes));
    CHECK_EQ(option(s[0], SO_RCVBUF), 20000);
    OK(setsockopt(s[0], SOL_SOCKET, SO_SNDBUF, &tiny, sizeof tiny));
    CHECK(option(s[0], SO_SNDBUF) > 1000);
}

TEST(option_linger)
{
    int fd = (int)OK(socket(AF_INET, SOCK_STREAM, 0));
    struct linger linger = {1, 7}, got = {};
    socklen_t n = sizeof got;
    OK(setsockopt(fd, SOL_SOCKET, SO_LINGER, &linger, sizeof linger));
    OK(getsockopt(fd, SOL_SOCKET, SO_LINGER, &got, &n));
    CHECK_EQ(got.l_onoff, 1);
    CHECK_EQ(got.l_linger, 7);
    CHECK_ERRNO(setsockopt(fd, SOL_SOCKET, SO_LINGER, &linger, 4), EINVAL);
}

TEST(option_errors)
{
    int fd = (int)OK(socket(AF_INET, SOCK_STREAM, 0)), value = 1;
    socklen_t n = sizeof value, negative = (socklen_t)-1;
    CHECK_ERRNO(setsockopt(fd, SOL_SOCKET, SO_TYPE, &value, n), ENOPROTOOPT);
    CHECK_ERRNO(setsockopt(fd, SOL_SOCKET, SO_ERROR, &value, n), ENOPROTOOPT);
    CHECK_ERRNO(setsockopt(fd, SOL_SOCKET, 12345, &value, n), ENOPROTOOPT);
    CHECK_ERRNO(getsockopt(fd, SOL_SOCKET, 12345, &value, &n), ENOPROTOOPT);
    CHECK_ERRNO(setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &value, 2), EINVAL);
    CHECK_ERRNO(setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, (void *)8, n), EFAULT);
    CHECK_ERRNO(getsockopt(fd, SOL_SOCKET, SO_TYPE, (void *)8, &n), EFAULT);
    CHECK_ERRNO(getsockopt(fd, SOL_SOCKET, SO_TYPE, &value, &negative), EINVAL);
    CHECK_ERRNO(getsockopt(fd, SOL_SOCKET, SO_TYPE, &value, (socklen_t *)8), EFAULT);
    IN_CHILD_AS(1000, 1000)
    {
        CHECK_ERRNO(setsockopt(fd, SOL_SOCKET, SO_MARK, &value, n), EPERM);
        CHECK_ERRNO(setsockopt(fd, SOL_SOCKET, SO_PRIORITY, &(int){7}, n), EPERM);
        CHECK_ERRNO(setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &value, n), EPERM);
    }
}

TEST(option_cut_to_the_room_given)
{
    int fd = (int)OK(socket(AF_INET, SOCK_STREAM, 0));
    char byte = 0;
    socklen_t n = 1;
    OK(getsockopt(fd, SOL_SOCKET, SO_TYPE, &byte, &n));
    CHECK_EQ(n, 1);
    CHECK_EQ(byte, SOCK_STREAM);
}

TEST(option_low_water)
{
    int fd[2], value = 4;
    char text[8];
    tcp_pair(fd);
    OK(setsockopt(fd[1], SOL_SOCKET, SO_RCVLOWAT, &value, sizeof value));
    CHECK_EQ(option(fd[1], SO_RCVLOWAT), 4);
    /* Not by a read that waits: on Linux one that has taken part of the data is not woken by less
     * than the mark. */
    struct pollfd p = {.fd = fd[1], .events = POLLIN};
    CHECK_EQ(write(fd[0], "ab", 2), 2);
    CHECK_EQ(poll(&p, 1, 0), 0);
    CHECK_EQ(write(fd[0], "cd", 2), 2);
    CHECK_EQ(poll(&p, 1, 10000), 1);
    CHECK_EQ(read(fd[1], text, 8), 4);
}

TEST(option_ip_and_ipv6)
{
    int v4 = (int)OK(socket(AF_INET, SOCK_DGRAM, 0)), v6 = (int)OK(socket(AF_INET6, SOCK_DGRAM, 0));
    int value = 0x10;
    socklen_t n = sizeof value;
    OK(setsockopt(v4, IPPROTO_IP, IP_TOS, &value, n));
    value = 0;
    OK(getsockopt(v4, IPPROTO_IP, IP_TOS, &value, &n));
    CHECK_EQ(value, 0x10);
    value = 10;
    OK(setsockopt(v4, IPPROTO_IP, IP_TTL, &value, n));
    value = 0;
    OK(getsockopt(v4, IPPROTO_IP, IP_TTL, &value, &n));
    CHECK_EQ(value, 10);
    CHECK_ERRNO(setsockopt(v4, IPPROTO_IP, IP_TTL, &(int){300}, n), EINVAL);
    CHECK_ERRNO(setsockopt(v4, IPPROTO_IPV6, IPV6_V6ONLY, &value, n), ENOPROTOOPT);
    value = 1;
    OK(setsockopt(v6, IPPROTO_IPV6, IPV6_V6ONLY, &value, n));
    OK(setsockopt(v6, IPPROTO_IPV6, IPV6_RECVPKTINFO, &value, n));
    value = 0;
    OK(getsockopt(v6, IPPROTO_IPV6, IPV6_V6ONLY, &value, &n));
    CHECK_EQ(value, 1);
    CHECK_ERRNO(getsockopt(v4, IPPROTO_IP, IP_MTU, &value, &n), ENOTCONN);
}

TEST(interface_ioctls)
{
    int fd = (int)OK(socket(AF_INET, SOCK_DGRAM, 0));
    struct ifreq r = {};
    strcpy(r.ifr_name, "lo");
    OK(ioctl(fd, SIOCGIFFLAGS, &r));
    CHECK_EQ(r.ifr_flags & (IFF_UP | IFF_LOOPBACK), IFF_UP | IFF_LOOPBACK);
    OK(ioctl(fd, SIOCGIFADDR, &r));
    CHECK_EQ(((struct sockaddr_in *)&r.ifr_addr)->sin_addr.s_addr, htonl(INADDR_LOOPBACK));
    OK(ioctl(fd, SIOCGIFMTU, &r));
    CHECK_EQ(r.ifr_mtu, 65536);
    OK(ioctl(fd, SIOCGIFINDEX, &r));
    CHECK_EQ(r.ifr_ifindex, 1);
    strcpy(r.ifr_name, "none0");
    CHECK_ERRNO(ioctl(fd, SIOCGIFFLAGS, &r), ENODEV);
    CHECK_ERRNO(ioctl(fd, 0x8999, &r), ENOTTY);
    CHECK_EQ(if_nametoindex("lo"), 1);
    char name[IF_NAMESIZE];
    CHECK_STR(if_indextoname(1, name), "lo");
}

TEST(interface_addresses)
{
    struct ifaddrs *list;
    bool has_v4 = false, has_link = false;
    OK(getifaddrs(&list));
    for (struct ifaddrs *i = list; i; i = i->ifa_next) {
        if (strcmp(i->ifa_name, "lo") || !i->ifa_addr)
            continue;
        struct sockaddr_in *a = (struct sockaddr_in *)i->ifa_addr;
        has_link = has_link || a->sin_family == AF_PACKET;
        has_v4 =
            has_v4 || (a->sin_family == AF_INET && a->sin_addr.s_addr == htonl(INADDR_LOOPBACK));
    }
    CHECK(has_v4);
    CHECK(has_link);
    freeifaddrs(list);
}

static int netlink_ask(int fd, uint16_t type, uint16_t flags, void *answer, size_t size)
{
    struct {
        struct nlmsghdr head;
        struct ifinfomsg body;
    } ask = {.head = {sizeof ask, type, (uint16_t)(NLM_F_REQUEST | flags), 5, 0}};
    struct sockaddr_nl kernel = {.nl_family = AF_NETLINK};
    CHECK_EQ(sendto(fd, &ask, sizeof ask, 0, (struct sockaddr *)&kernel, sizeof kernel),
             sizeof ask);
    return (int)OK(recv(fd, answer, size, 0));
}

/* Answers that nobody takes are lost once there is no room, which is told once. */
TEST(netlink_answers_are_bounded)
{
    enum {
        QUESTIONS = 4000
    };
    int fd = (int)OK(socket(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE));
    int taken = 0, room = 4096;
    char answer[4096];
    struct nlmsghdr question = {.nlmsg_len = sizeof question,
                                .nlmsg_type = NLMSG_NOOP,
                                .nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK};
    OK(setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &room, sizeof room));
    for (int i = 0; i < QUESTIONS; i++)
        CHECK_EQ(send(fd, &question, sizeof question, 0), (ssize_t)sizeof question);
    CHECK_ERRNO(recv(fd, answer, sizeof answer, MSG_DONTWAIT), ENOBUFS);
    while (recv(fd, answer, sizeof answer, MSG_DONTWAIT) > 0)
        taken++;
    CHECK_EQ(errno, EAGAIN);
    CHECK(taken > 0 && taken < QUESTIONS);
    CHECK_EQ(send(fd, &question, sizeof question, 0), (ssize_t)sizeof question);
    CHECK(recv(fd, answer, sizeof answer, MSG_DONTWAIT) > 0);
    OK(close(fd));
}

TEST(netlink_names)
{
    int fd = (int)OK(socket(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE));
    struct sockaddr_nl a = {.nl_family = AF_NETLINK};
    socklen_t n = sizeof a;
    OK(bind(fd, (struct sockaddr *)&a, sizeof a));
    OK(getsockname(fd, (struct sockaddr *)&a, &n));
    CHECK_EQ(n, sizeof a);
    CHECK_EQ(a.nl_pid, getpid());
    int second = (int)OK(socket(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE));
    CHECK_ERRNO(bind(second, (struct sockaddr *)&a, sizeof a), EADDRINUSE);
    CHECK_ERRNO(bind(second, (struct sockaddr *)&a, 4), EINVAL);
    CHECK_ERRNO(socket(AF_NETLINK, SOCK_STREAM, NETLINK_ROUTE), ESOCKTNOSUPPORT);
    CHECK_ERRNO(socket(AF_NETLINK, SOCK_RAW, 77), EPROTONOSUPPORT);
}

TEST(netlink_dump_ends_with_done)
{
    int fd = (int)OK(socket(AF_NETLINK, SOCK_DGRAM, NETLINK_ROUTE));
    alignas(8) static char answer[65536];
    struct nlmsghdr *h = (struct nlmsghdr *)answer;
    int n = netlink_ask(fd, RTM_GETLINK, NLM_F_DUMP, answer, sizeof answer);
    CHECK_EQ(h->nlmsg_type, RTM_NEWLINK);
    CHECK_EQ(h->nlmsg_seq, 5);
    CHECK_EQ(h->nlmsg_flags & NLM_F_MULTI, NLM_F_MULTI);
    CHECK_EQ(((struct ifinfomsg *)NLMSG_DATA(h))->ifi_index, 1);
    for (bool is_done = false; !is_done;
         n = is_done ? 0 : (int)OK(recv(fd, answer, sizeof answer, 0)))
        for (h = (struct nlmsghdr *)answer; NLMSG_OK(h, (unsigned)n); h = NLMSG_NEXT(h, n))
            is_done = is_done || h->nlmsg_type == NLMSG_DONE;
}

TEST(netlink_errors_come_as_messages)
{
    int fd = (int)OK(socket(AF_NETLINK, SOCK_DGRAM, NETLINK_ROUTE));
    alignas(8) char answer[1024];
    struct nlmsghdr *h = (struct nlmsghdr *)answer;
    netlink_ask(fd, RTM_MAX + 50, 0, answer, sizeof answer);
    CHECK_EQ(h->nlmsg_type, NLMSG_ERROR);
    CHECK_EQ(((struct nlmsgerr *)NLMSG_DATA(h))->error, -EOPNOTSUPP);
    IN_CHILD_AS(1000, 1000)
    {
        netlink_ask(fd, RTM_NEWADDR, 0, answer, sizeof answer);
        CHECK_EQ(((struct nlmsgerr *)NLMSG_DATA(h))->error, -EPERM);
    }
}

TEST(proc_net_lists_sockets)
{
    static char text[1 << 20];
    char port[16];
    unix_listener(SOCK_STREAM, "here-it-is");
    int tcp = inet_bound(AF_INET, SOCK_STREAM, 1), udp = inet_bound(AF_INET, SOCK_DGRAM, 0);
    file_read("/proc/net/unix", text, sizeof text);
    CHECK(strstr(text, " 0001 01 ") && strstr(text, " here-it-is\n"));
    file_read("/proc/net/tcp", text, sizeof text);
    snprintf(port, sizeof port, "0100007F:%04X ", port_of(tcp));
    CHECK(strstr(text, port) && strstr(text, " 0A "));
    file_read("/proc/self/net/udp", text, sizeof text);
    snprintf(port, sizeof port, "0100007F:%04X ", port_of(udp));
    CHECK(strstr(text, port));
}
