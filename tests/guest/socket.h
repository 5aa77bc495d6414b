/* SPDX-License-Identifier: BSD-2-Clause */
/* socket.h - what the tests of sockets share: addresses, pairs, messages with ancillary data. */
#pragma once

#include <netinet/in.h>
#include <stddef.h>
#include <sys/socket.h>
#include <sys/un.h>

struct name { /* a unix address and its length */
    struct sockaddr_un address;
    socklen_t bytes;
};

/* PATH, or, if it begins with @, an abstract name that is this process's own. */
struct name name_of(const char *path);
int unix_bind(int fd, const struct name *name);
int unix_connect(int fd, const struct name *name);
/* A new socket that listens at PATH. */
int unix_listener(int type, const char *path);

struct sockaddr_in loopback4(int port);
struct sockaddr_in6 loopback6(int port);
/* A new socket of FAMILY, bound to a free port of the loopback; TCP also listens. */
int inet_bound(int family, int type, int backlog);
/* The port that FD is bound to. */
int port_of(int fd);
int inet_connect(int fd, int family, int port);
/* Two ends of a TCP connection: the client's and the server's. */
void tcp_pair(int fd[2]);

/* Send TEXT with the N descriptors FDS; receive up to SIZE bytes and up to N descriptors, whose
 * number is returned. */
void pass_send(int fd, const char *text, const int *fds, int n);
int pass_receive(int fd, char *text, size_t size, int *fds, int n, int flags);
