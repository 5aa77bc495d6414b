/* SPDX-License-Identifier: BSD-2-Clause */
/* socket_tcp.c - TCP over the loopback (tcp(7), ip(7)). */
#include "socket.h"
#include "test.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

static int events_of(int fd)
{
    struct pollfd p = {.fd = fd, .events = POLLIN | POLLOUT | POLLRDHUP | POLLPRI};
    OK(poll(&p, 1, 0));
    return p.revents;
}

static int error_of(int fd)
{
    int error;
    socklen_t n = sizeof error;
    OK(getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &n));
    return error;
}

static int tcp(int family)
{
    return (int)OK(socket(family, SOCK_STREAM, 0));
}

static int bind4(int fd, const char *ip, int port)
{
    struct sockaddr_in a = loopback4(port);
    CHECK_EQ(inet_pton(AF_INET, ip, &a.sin_addr), 1);
    return bind(fd, (struct sockaddr *)&a, sizeof a);
}

TEST(tcp_echo_between_processes)
{
    char text[8] = {};
    int listener = inet_bound(AF_INET, SOCK_STREAM, 5), port = port_of(listener);
    CHECK(port > 0);
    pid_t pid = (pid_t)OK(fork());
    if (!pid) {
        int fd = (int)OK(accept(listener, nullptr, nullptr));
        long n = OK(read(fd, text, 8));
        CHECK_EQ(write(fd, text, (size_t)n), n);
        _exit(0);
    }
    int fd = tcp(AF_INET);
    OK(inet_connect(fd, AF_INET, port));
    CHECK_EQ(write(fd, "hello", 5), 5);
    CHECK_EQ(read(fd, text, 8), 5);
    CHECK_STR(text, "hello");
    CHECK_EQ(read(fd, text, 8), 0);
    child_wait_ok(pid);
}

TEST(tcp_over_ipv6)
{
    int listener = inet_bound(AF_INET6, SOCK_STREAM, 5), fd = tcp(AF_INET6);
    struct sockaddr_in6 a;
    socklen_t n = sizeof a;
    char byte;
    OK(inet_connect(fd, AF_INET6, port_of(listener)));
    int got = (int)OK(accept(listener, (struct sockaddr *)&a, &n));
    CHECK_EQ(n, sizeof a);
    CHECK_EQ(a.sin6_family, AF_INET6);
    CHECK(IN6_IS_ADDR_LOOPBACK(&a.sin6_addr));
    CHECK_EQ(ntohs(a.sin6_port), port_of(fd));
    CHECK_EQ(write(got, "x", 1), 1);
    CHECK_EQ(read(fd, &byte, 1), 1);
}

TEST(tcp_ipv6_socket_serves_ipv4)
{
    struct sockaddr_in6 a = {.sin6_family = AF_INET6};
    socklen_t n = sizeof a;
    int listener = tcp(AF_INET6), fd = tcp(AF_INET), on = 1;
    OK(bind(listener, (struct sockaddr *)&a, sizeof a));
    OK(listen(listener, 5));
    OK(inet_connect(fd, AF_INET, port_of(listener)));
    OK(accept(listener, (struct sockaddr *)&a, &n));
    CHECK(IN6_IS_ADDR_V4MAPPED(&a.sin6_addr));
    int only = tcp(AF_INET6);
    OK(setsockopt(only, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on));
    a = (struct sockaddr_in6){.sin6_family = AF_INET6};
    OK(bind(only, (struct sockaddr *)&a, sizeof a));
    OK(listen(only, 5));
    CHECK_ERRNO(setsockopt(only, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on), EINVAL);
    int second = tcp(AF_INET);
    CHECK_ERRNO(inet_connect(second, AF_INET, port_of(only)), ECONNREFUSED);
}

TEST(tcp_names)
{
    int fd[2];
    struct sockaddr_in a, b;
    socklen_t n = sizeof a;
    tcp_pair(fd);
    OK(getsockname(fd[0], (struct sockaddr *)&a, &n));
    CHECK_EQ(n, sizeof a);
    CHECK_EQ(a.sin_addr.s_addr, htonl(INADDR_LOOPBACK));
    OK(getpeername(fd[1], (struct sockaddr *)&b, &n));
    CHECK_EQ(a.sin_port, b.sin_port);
    int alone = tcp(AF_INET);
    CHECK_ERRNO(getpeername(alone, (struct sockaddr *)&b, &n), ENOTCONN);
    OK(getsockname(alone, (struct sockaddr *)&b, &n));
    CHECK_EQ(b.sin_port, 0);
    CHECK_EQ(b.sin_addr.s_addr, 0);
}

TEST(tcp_connect_is_refused)
{
    int listener = inet_bound(AF_INET, SOCK_STREAM, 1), port = port_of(listener), fd = tcp(AF_INET);
    OK(close(listener));
    CHECK_ERRNO(inet_connect(fd, AF_INET, port), ECONNREFUSED);
    int bound = tcp(AF_INET);
    OK(bind4(bound, "127.0.0.1", 0));
    CHECK_ERRNO(inet_connect(fd, AF_INET, port_of(bound)), ECONNREFUSED);
}

TEST(tcp_nonblocking_connect)
{
    int listener = inet_bound(AF_INET, SOCK_STREAM, 1), port = port_of(listener);
    int fd = (int)OK(socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0));
    CHECK_ERRNO(inet_connect(fd, AF_INET, port), EINPROGRESS);
    struct pollfd p = {.fd = fd, .events = POLLOUT};
    CHECK_EQ(poll(&p, 1, 5000), 1);
    CHECK_EQ(p.revents, POLLOUT);
    CHECK_EQ(error_of(fd), 0);
    OK(inet_connect(fd, AF_INET, port));
    CHECK_ERRNO(inet_connect(fd, AF_INET, port), EISCONN);
    OK(close(listener));
    int refused = (int)OK(socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0));
    CHECK_ERRNO(inet_connect(refused, AF_INET, port), EINPROGRESS);
    p.fd = refused;
    CHECK_EQ(poll(&p, 1, 5000), 1);
    CHECK_EQ(p.revents & (POLLERR | POLLHUP), POLLERR | POLLHUP);
    CHECK_EQ(error_of(refused), ECONNREFUSED);
    CHECK_EQ(error_of(refused), 0);
}

TEST(tcp_half_close)
{
    int fd[2];
    char text[8];
    signal(SIGPIPE, SIG_IGN);
    tcp_pair(fd);
    CHECK_EQ(write(fd[0], "request", 7), 7);
    OK(shutdown(fd[0], SHUT_WR));
    CHECK_ERRNO(write(fd[0], "x", 1), EPIPE);
    CHECK_EQ(read(fd[1], text, 8), 7);
    CHECK_EQ(read(fd[1], text, 8), 0);
    CHECK_EQ(events_of(fd[1]), POLLIN | POLLOUT | POLLRDHUP);
    CHECK_EQ(write(fd[1], "reply", 5), 5);
    CHECK_EQ(read(fd[0], text, 8), 5);
    OK(close(fd[1]));
    CHECK_EQ(read(fd[0], text, 8), 0);
}

TEST(tcp_reset_by_close_with_unread_data)
{
    int fd[2];
    char byte;
    tcp_pair(fd);
    CHECK_EQ(write(fd[0], "unread", 6), 6);
    sleep_ms(10);
    OK(close(fd[1]));
    sleep_ms(10);
    CHECK_ERRNO(read(fd[0], &byte, 1), ECONNRESET);
    CHECK_EQ(read(fd[0], &byte, 1), 0);
    CHECK_EQ(events_of(fd[0]) & (POLLHUP | POLLIN | POLLRDHUP), POLLHUP | POLLIN | POLLRDHUP);
}

TEST(tcp_reset_by_linger)
{
    int fd[2];
    char byte;
    struct linger linger = {1, 0};
    tcp_pair(fd);
    OK(setsockopt(fd[1], SOL_SOCKET, SO_LINGER, &linger, sizeof linger));
    OK(close(fd[1]));
    sleep_ms(10);
    CHECK_ERRNO(read(fd[0], &byte, 1), ECONNRESET);
}

TEST(tcp_write_to_a_closed_end)
{
    int fd[2];
    signal(SIGPIPE, SIG_IGN);
    tcp_pair(fd);
    OK(close(fd[1]));
    sleep_ms(10);
    CHECK_EQ(write(fd[0], "x", 1), 1); /* is answered by a reset */
    sleep_ms(10);
    CHECK_ERRNO(write(fd[0], "x", 1), EPIPE);
}

TEST(tcp_unconnected_transfers)
{
    char byte;
    int fd = tcp(AF_INET);
    signal(SIGPIPE, SIG_IGN);
    CHECK_EQ(events_of(fd), POLLOUT | POLLHUP);
    CHECK_ERRNO(recv(fd, &byte, 1, 0), ENOTCONN);
    CHECK_ERRNO(send(fd, "x", 1, 0), EPIPE);
    CHECK_ERRNO(accept(fd, nullptr, nullptr), EINVAL);
    CHECK_ERRNO(shutdown(fd, SHUT_RDWR), ENOTCONN);
    CHECK_EQ(events_of(fd), POLLIN | POLLOUT | POLLHUP | POLLRDHUP);
}

TEST(tcp_events)
{
    int listener = inet_bound(AF_INET, SOCK_STREAM, 1), fd = tcp(AF_INET), n;
    CHECK_EQ(events_of(listener), 0);
    OK(inet_connect(fd, AF_INET, port_of(listener)));
    CHECK_EQ(events_of(listener), POLLIN);
    CHECK_EQ(events_of(fd), POLLOUT);
    int got = (int)OK(accept(listener, nullptr, nullptr));
    CHECK_EQ(write(got, "abc", 3), 3);
    CHECK_EQ(events_of(fd), POLLIN | POLLOUT);
    OK(ioctl(fd, FIONREAD, &n));
    CHECK_EQ(n, 3);
    CHECK_ERRNO(ioctl(listener, FIONREAD, &n), EINVAL);
}

TEST(tcp_full_buffers)
{
    int fd[2];
    static char block[65536];
    long total = 0, got;
    tcp_pair(fd);
    OK(fcntl(fd[0], F_SETFL, O_NONBLOCK));
    while ((got = write(fd[0], block, sizeof block)) > 0)
        total += got;
    CHECK_EQ(errno, EAGAIN);
    CHECK(total >= 65536);
    CHECK_EQ(events_of(fd[0]), 0);
    while (total > 0)
        total -= OK(read(fd[1], block, sizeof block));
    struct pollfd p = {.fd = fd[0], .events = POLLOUT};
    CHECK_EQ(poll(&p, 1, 5000), 1);
}

TEST(tcp_large_transfer)
{
    int fd[2];
    static unsigned char block[100000];
    tcp_pair(fd);
    pid_t pid = (pid_t)OK(fork());
    if (!pid) {
        for (unsigned i = 0; i < sizeof block; i++)
            block[i] = (unsigned char)(i * 13);
        for (int round = 0; round < 30; round++)
            CHECK_EQ(write(fd[0], block, sizeof block), sizeof block);
        _exit(0);
    }
    OK(close(fd[0]));
    long total = 0, got;
    while ((got = OK(read(fd[1], block, 77777))) > 0)
        for (long i = 0; i < got; i++, total++)
            CHECK_EQ(block[i], (unsigned char)(total % (long)sizeof block * 13));
    CHECK_EQ(total, 30 * (long)sizeof block);
    child_wait_ok(pid);
}

TEST(tcp_bind_conflicts)
{
    int a = tcp(AF_INET), b = tcp(AF_INET), c = tcp(AF_INET), on = 1;
    OK(bind4(a, "127.0.0.1", 0));
    int port = port_of(a);
    CHECK_ERRNO(bind4(b, "127.0.0.1", port), EADDRINUSE);
    CHECK_ERRNO(bind4(b, "0.0.0.0", port), EADDRINUSE);
    OK(bind4(b, "127.0.0.2", port));
    CHECK_ERRNO(bind4(b, "127.0.0.3", 0), EINVAL);
    OK(setsockopt(a, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on));
    OK(setsockopt(c, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on));
    OK(bind4(c, "127.0.0.1", port));
    OK(listen(a, 1));
    CHECK_ERRNO(listen(c, 1), EADDRINUSE);
}

TEST(tcp_reuseport_shares_a_listener)
{
    int a = tcp(AF_INET), b = tcp(AF_INET), c = tcp(AF_INET), on = 1;
    OK(setsockopt(a, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on));
    OK(setsockopt(b, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on));
    OK(bind4(a, "127.0.0.1", 0));
    OK(listen(a, 1));
    OK(bind4(b, "127.0.0.1", port_of(a)));
    OK(listen(b, 1));
    CHECK_ERRNO(bind4(c, "127.0.0.1", port_of(a)), EADDRINUSE);
}

TEST(tcp_server_restarts_with_reuseaddr)
{
    int listener = inet_bound(AF_INET, SOCK_STREAM, 1), port = port_of(listener), on = 1;
    OK(setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on));
    int fd = tcp(AF_INET);
    OK(inet_connect(fd, AF_INET, port));
    int got = (int)OK(accept(listener, nullptr, nullptr));
    OK(close(listener));
    int again = tcp(AF_INET);
    CHECK_ERRNO(bind4(again, "127.0.0.1", port), EADDRINUSE);
    OK(setsockopt(again, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on));
    OK(bind4(again, "127.0.0.1", port));
    OK(listen(again, 1));
    CHECK_EQ(write(got, "x", 1), 1);
}

TEST(tcp_bind_errors)
{
    struct sockaddr_in a = loopback4(0);
    int fd = tcp(AF_INET);
    CHECK_ERRNO(bind4(fd, "192.0.2.1", 0), EADDRNOTAVAIL);
    CHECK_ERRNO(bind(fd, (struct sockaddr *)&a, 4), EINVAL);
    a.sin_family = AF_UNIX;
    CHECK_ERRNO(bind(fd, (struct sockaddr *)&a, sizeof a), EAFNOSUPPORT);
    IN_CHILD_AS(1000, 1000)
    {
        int low = tcp(AF_INET);
        CHECK_ERRNO(bind4(low, "127.0.0.1", 80), EACCES);
    }
}

TEST(tcp_listen_binds_by_itself)
{
    int listener = tcp(AF_INET), fd = tcp(AF_INET);
    OK(listen(listener, 1));
    CHECK(port_of(listener) > 0);
    OK(inet_connect(fd, AF_INET, port_of(listener)));
    CHECK_ERRNO(listen(fd, 1), EINVAL);
    CHECK_ERRNO(inet_connect(listener, AF_INET, 9), EISCONN);
}

TEST(tcp_any_address_means_this_host)
{
    int listener = inet_bound(AF_INET, SOCK_STREAM, 1), fd = tcp(AF_INET);
    struct sockaddr_in a = loopback4(port_of(listener));
    socklen_t n = sizeof a;
    a.sin_addr.s_addr = 0;
    OK(connect(fd, (struct sockaddr *)&a, sizeof a));
    OK(getpeername(fd, (struct sockaddr *)&a, &n));
    CHECK_EQ(a.sin_addr.s_addr, htonl(INADDR_LOOPBACK));
}

TEST(tcp_backlog_keeps_clients_waiting)
{
    int listener = inet_bound(AF_INET, SOCK_STREAM, 0), port = port_of(listener), fd = tcp(AF_INET);
    OK(inet_connect(fd, AF_INET, port));
    int late = (int)OK(socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0));
    CHECK_ERRNO(inet_connect(late, AF_INET, port), EINPROGRESS);
    CHECK_EQ(events_of(late), 0);
    CHECK_ERRNO(inet_connect(late, AF_INET, port), EALREADY);
    OK(accept(listener, nullptr, nullptr));
    struct pollfd p = {.fd = late, .events = POLLOUT};
    CHECK_EQ(poll(&p, 1, 5000), 1);
    CHECK_EQ(error_of(late), 0);
}

TEST(tcp_disconnect)
{
    int fd[2];
    struct sockaddr none = {.sa_family = AF_UNSPEC};
    struct sockaddr_in a;
    socklen_t n = sizeof a;
    tcp_pair(fd);
    OK(connect(fd[0], &none, sizeof none));
    CHECK_ERRNO(getpeername(fd[0], (struct sockaddr *)&a, &n), ENOTCONN);
    int listener = inet_bound(AF_INET, SOCK_STREAM, 1);
    OK(inet_connect(fd[0], AF_INET, port_of(listener)));
}

TEST(tcp_urgent_byte)
{
    int fd[2], at;
    char text[8] = {};
    tcp_pair(fd);
    CHECK_EQ(send(fd[0], "ab", 2, 0), 2);
    CHECK_EQ(send(fd[0], "!", 1, MSG_OOB), 1);
    CHECK_EQ(send(fd[0], "cd", 2, 0), 2);
    sleep_ms(10);
    CHECK_EQ(events_of(fd[1]) & POLLPRI, POLLPRI);
    CHECK_EQ(recv(fd[1], text, 1, MSG_OOB), 1);
    CHECK_STR(text, "!");
    CHECK_EQ(recv(fd[1], text, 8, 0), 2);
    CHECK_STR(text, "ab");
    OK(ioctl(fd[1], SIOCATMARK, &at));
    CHECK_EQ(at, 1);
    CHECK_EQ(recv(fd[1], text, 8, 0), 2);
    CHECK_STR(text, "cd");
    CHECK_ERRNO(recv(fd[1], text, 1, MSG_OOB), EINVAL);
}

TEST(tcp_options)
{
    int fd[2], value = 1;
    socklen_t n = sizeof value;
    struct tcp_info info;
    tcp_pair(fd);
    OK(setsockopt(fd[0], IPPROTO_TCP, TCP_NODELAY, &value, n));
    value = 0;
    OK(getsockopt(fd[0], IPPROTO_TCP, TCP_NODELAY, &value, &n));
    CHECK_EQ(value, 1);
    value = 42;
    OK(setsockopt(fd[0], IPPROTO_TCP, TCP_KEEPIDLE, &value, n));
    value = 0;
    OK(getsockopt(fd[0], IPPROTO_TCP, TCP_KEEPIDLE, &value, &n));
    CHECK_EQ(value, 42);
    CHECK_ERRNO(setsockopt(fd[0], IPPROTO_TCP, TCP_KEEPCNT, &(int){200}, n), EINVAL);
    CHECK_ERRNO(setsockopt(fd[0], IPPROTO_TCP, TCP_NODELAY, &value, 2), EINVAL);
    CHECK_ERRNO(setsockopt(fd[0], IPPROTO_TCP, 999, &value, n), ENOPROTOOPT);
    n = sizeof info;
    OK(getsockopt(fd[0], IPPROTO_TCP, TCP_INFO, &info, &n));
    CHECK_EQ(info.tcpi_state, TCP_ESTABLISHED);
    int udp = (int)OK(socket(AF_INET, SOCK_DGRAM, 0));
    CHECK_ERRNO(setsockopt(udp, IPPROTO_TCP, TCP_NODELAY, &value, sizeof value), ENOPROTOOPT);
}

TEST(tcp_unreachable)
{
    struct sockaddr_in a = loopback4(80);
    int fd = (int)OK(socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0));
    a.sin_addr.s_addr = htonl(INADDR_BROADCAST);
    CHECK_ERRNO(connect(fd, (struct sockaddr *)&a, sizeof a), ENETUNREACH);
    CHECK_ERRNO(connect(fd, (struct sockaddr *)&a, 8), EINVAL);
    a.sin_family = AF_UNIX;
    CHECK_ERRNO(connect(fd, (struct sockaddr *)&a, sizeof a), EAFNOSUPPORT);
}

TEST(tcp_accept_ends_with_shutdown)
{
    int listener = inet_bound(AF_INET, SOCK_STREAM, 1);
    pid_t pid = (pid_t)OK(fork());
    if (!pid) {
        CHECK_ERRNO(accept(listener, nullptr, nullptr), EINVAL);
        _exit(0);
    }
    process_await_state(pid, "S");
    OK(shutdown(listener, SHUT_RD));
    child_wait_ok(pid);
}
