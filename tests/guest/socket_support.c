/* SPDX-License-Identifier: BSD-2-Clause */
/* socket_support.c - what the tests of sockets share. */
#include "socket.h"

#include "test.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

struct name name_of(const char *path)
{
    struct name name = {.address = {.sun_family = AF_UNIX}};
    size_t n;
    if (path[0] == '@')
        n = (size_t)snprintf(name.address.sun_path + 1, 100, "%s-%d", path + 1, (int)getpgrp()) + 1;
    else
        n = (size_t)snprintf(name.address.sun_path, sizeof name.address.sun_path, "%s", path) + 1;
    name.bytes = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + n);
    return name;
}

int unix_bind(int fd, const struct name *name)
{
    return bind(fd, (const struct sockaddr *)&name->address, name->bytes);
}

int unix_connect(int fd, const struct name *name)
{
    return connect(fd, (const struct sockaddr *)&name->address, name->bytes);
}

int unix_listener(int type, const char *path)
{
    struct name name = name_of(path);
    int fd = (int)OK(socket(AF_UNIX, type, 0));
    OK(unix_bind(fd, &name));
    OK(listen(fd, 8));
    return fd;
}

struct sockaddr_in loopback4(int port)
{
    return (struct sockaddr_in){.sin_family = AF_INET,
                                .sin_port = htons((uint16_t)port),
                                .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
}

struct sockaddr_in6 loopback6(int port)
{
    return (struct sockaddr_in6){.sin6_family = AF_INET6,
                                 .sin6_port = htons((uint16_t)port),
                                 .sin6_addr = IN6ADDR_LOOPBACK_INIT};
}

int inet_bound(int family, int type, int backlog)
{
    struct sockaddr_in v4 = loopback4(0);
    struct sockaddr_in6 v6 = loopback6(0);
    int fd = (int)OK(socket(family, type, 0));
    if (family == AF_INET)
        OK(bind(fd, (struct sockaddr *)&v4, sizeof v4));
    else
        OK(bind(fd, (struct sockaddr *)&v6, sizeof v6));
    if (type == SOCK_STREAM)
        OK(listen(fd, backlog));
    return fd;
}

int port_of(int fd)
{
    struct sockaddr_in6 a; /* the port lies at the same place in both families' */
    socklen_t n = sizeof a;
    OK(getsockname(fd, (struct sockaddr *)&a, &n));
    return ntohs(a.sin6_port);
}

int inet_connect(int fd, int family, int port)
{
    struct sockaddr_in v4 = loopback4(port);
    struct sockaddr_in6 v6 = loopback6(port);
    return family == AF_INET ? connect(fd, (struct sockaddr *)&v4, sizeof v4)
                             : connect(fd, (struct sockaddr *)&v6, sizeof v6);
}

void tcp_pair(int fd[2])
{
    int listener = inet_bound(AF_INET, SOCK_STREAM, 1);
    fd[0] = (int)OK(socket(AF_INET, SOCK_STREAM, 0));
    OK(inet_connect(fd[0], AF_INET, port_of(listener)));
    fd[1] = (int)OK(accept(listener, nullptr, nullptr));
    OK(close(listener));
}

void pass_send(int fd, const char *text, const int *fds, int n)
{
    alignas(8) char control[CMSG_SPACE(16 * sizeof(int))] = {};
    size_t bytes = (size_t)n * sizeof(int);
    struct iovec vector = {(char *)text, strlen(text)};
    struct msghdr m = {.msg_iov = &vector,
                       .msg_iovlen = 1,
                       .msg_control = control,
                       .msg_controllen = CMSG_SPACE(bytes)};
    *CMSG_FIRSTHDR(&m) = (struct cmsghdr){CMSG_LEN(bytes), SOL_SOCKET, SCM_RIGHTS};
    memcpy(CMSG_DATA(CMSG_FIRSTHDR(&m)), fds, bytes);
    CHECK_EQ(sendmsg(fd, &m, 0), strlen(text));
}

int pass_receive(int fd, char *text, size_t size, int *fds, int n, int flags)
{
    alignas(8) char control[CMSG_SPACE(16 * sizeof(int))] = {};
    struct iovec vector = {text, size - 1};
    struct msghdr m = {.msg_iov = &vector,
                       .msg_iovlen = 1,
                       .msg_control = control,
                       .msg_controllen = CMSG_SPACE((size_t)n * sizeof(int))};
    text[OK(recvmsg(fd, &m, flags))] = 0;
    int got = 0;
    for (struct cmsghdr *c = CMSG_FIRSTHDR(&m); c; c = CMSG_NXTHDR(&m, c)) {
        if (c->cmsg_type != SCM_RIGHTS)
            continue;
        got = (int)((c->cmsg_len - CMSG_LEN(0)) / sizeof(int));
        memcpy(fds, CMSG_DATA(c), (size_t)got * sizeof(int));
    }
    return got;
}
