/* SPDX-License-Identifier: BSD-2-Clause */
/* socket_pass.c - descriptors and credentials that go along with messages (unix(7)). */
#include "socket.h"
#include "test.h"

#include <fcntl.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

static void pair(int type, int s[2])
{
    OK(socketpair(AF_UNIX, type, 0, s));
}

TEST(pass_a_descriptor)
{
    int s[2], p[2], got = -1;
    char text[8];
    pair(SOCK_STREAM, s);
    OK(pipe(p));
    pass_send(s[0], "x", &p[1], 1);
    CHECK_EQ(pass_receive(s[1], text, sizeof text, &got, 1, 0), 1);
    CHECK(got != p[1]);
    CHECK_EQ(fcntl(got, F_GETFD), 0);
    OK(close(p[1]));
    CHECK_EQ(write(got, "p", 1), 1);
    CHECK_EQ(read(p[0], text, 1), 1);
}

TEST(pass_between_processes)
{
    int s[2], got;
    char text[8] = {};
    pair(SOCK_SEQPACKET, s);
    IN_CHILD
    {
        file_make("f", "inside");
        int fd = (int)OK(open("f", O_RDONLY));
        OK(lseek(fd, 2, SEEK_SET));
        pass_send(s[0], "fd", &fd, 1);
    }
    CHECK_EQ(pass_receive(s[1], text, sizeof text, &got, 1, MSG_CMSG_CLOEXEC), 1);
    CHECK_EQ(fcntl(got, F_GETFD), FD_CLOEXEC);
    CHECK_EQ(read(got, text, 8), 4); /* the position came along */
}

TEST(pass_ends_a_stream_read)
{
    int s[2], p[2], got[2];
    char text[16];
    pair(SOCK_STREAM, s);
    OK(pipe(p));
    CHECK_EQ(write(s[0], "ab", 2), 2);
    pass_send(s[0], "cd", p, 2);
    CHECK_EQ(write(s[0], "ef", 2), 2);
    CHECK_EQ(pass_receive(s[1], text, sizeof text, got, 2, 0), 2);
    CHECK_STR(text, "abcd");
    CHECK_EQ(read(s[1], text, 16), 2);
}

TEST(pass_ignored_by_a_plain_read)
{
    int s[2], p[2];
    char byte;
    pair(SOCK_STREAM, s);
    OK(pipe(p));
    pass_send(s[0], "x", &p[1], 1);
    OK(close(p[1]));
    CHECK_EQ(read(s[1], &byte, 1), 1);
    CHECK_EQ(read(p[0], &byte, 1), 0); /* nobody holds the writing end any more */
}

TEST(pass_cut_for_want_of_room)
{
    int s[2], p[2];
    char byte, control[CMSG_SPACE(sizeof(int))];
    struct iovec vector = {&byte, 1};
    struct msghdr m = {.msg_iov = &vector,
                       .msg_iovlen = 1,
                       .msg_control = control,
                       .msg_controllen = CMSG_LEN(sizeof(int))};
    pair(SOCK_DGRAM, s);
    OK(pipe(p));
    pass_send(s[0], "x", p, 2);
    OK(recvmsg(s[1], &m, 0));
    CHECK_EQ(m.msg_flags & MSG_CTRUNC, MSG_CTRUNC);
    CHECK_EQ(CMSG_FIRSTHDR(&m)->cmsg_len, CMSG_LEN(sizeof(int)));
    pass_send(s[0], "x", p, 2);
    m.msg_controllen = 0;
    OK(recvmsg(s[1], &m, 0));
    CHECK_EQ(m.msg_flags & MSG_CTRUNC, MSG_CTRUNC);
}

TEST(pass_peeked_twice)
{
    int s[2], p[2], a, b;
    char text[8];
    pair(SOCK_DGRAM, s);
    OK(pipe(p));
    pass_send(s[0], "x", p, 1);
    CHECK_EQ(pass_receive(s[1], text, sizeof text, &a, 1, MSG_PEEK), 1);
    CHECK_EQ(pass_receive(s[1], text, sizeof text, &b, 1, 0), 1);
    CHECK(a != b);
}

TEST(pass_errors)
{
    int s[2], bad[300];
    static char control[CMSG_SPACE(sizeof bad)];
    struct iovec vector = {"x", 1};
    struct msghdr m = {.msg_iov = &vector,
                       .msg_iovlen = 1,
                       .msg_control = control,
                       .msg_controllen = CMSG_SPACE(sizeof(int))};
    pair(SOCK_STREAM, s);
    *CMSG_FIRSTHDR(&m) = (struct cmsghdr){CMSG_LEN(sizeof(int)), SOL_SOCKET, SCM_RIGHTS};
    bad[0] = 999;
    memcpy(CMSG_DATA(CMSG_FIRSTHDR(&m)), bad, sizeof(int));
    CHECK_ERRNO(sendmsg(s[0], &m, 0), EBADF);
    m.msg_controllen = sizeof control;
    CMSG_FIRSTHDR(&m)->cmsg_len = CMSG_LEN(sizeof bad);
    for (int i = 0; i < 300; i++)
        bad[i] = s[0];
    memcpy(CMSG_DATA(CMSG_FIRSTHDR(&m)), bad, sizeof bad);
    CHECK_ERRNO(sendmsg(s[0], &m, 0), EINVAL);
}

/* The pipe's writing end is the last thing that hangs on the circle: its reader sees the end only
 * if the circle is found and dropped. */
TEST(pass_circle_is_collected)
{
    int a[2], b[2], p[2];
    char byte;
    OK(pipe(p));
    pair(SOCK_STREAM, a);
    pair(SOCK_STREAM, b);
    pass_send(a[0], "x", (int[]){b[0], p[1]}, 2); /* lies in a[1] */
    pass_send(b[1], "x", &a[1], 1);               /* lies in b[0] */
    OK(close(p[1]));
    for (int i = 0; i < 2; i++) {
        OK(close(a[i]));
        OK(close(b[i]));
    }
    int fd = (int)OK(socket(AF_UNIX, SOCK_STREAM, 0));
    OK(close(fd));
    CHECK_EQ(read(p[0], &byte, 1), 0);
}

TEST(pass_reachable_circle_is_kept)
{
    int a[2], got, again;
    char text[8];
    pair(SOCK_STREAM, a);
    pass_send(a[0], "x", &a[1], 1);
    int fd = (int)OK(socket(AF_UNIX, SOCK_STREAM, 0));
    OK(close(fd));
    CHECK_EQ(pass_receive(a[1], text, sizeof text, &got, 1, 0), 1);
    pass_send(a[0], "y", &a[0], 1);
    CHECK_EQ(pass_receive(got, text, sizeof text, &again, 1, 0), 1);
}

TEST(pass_long_chain_is_dropped)
{
    int end[2], next[2], p[2];
    char byte;
    OK(pipe(p));
    pair(SOCK_STREAM, end);
    pass_send(end[0], "x", &p[1], 1);
    OK(close(p[1]));
    /* Each socket holds the one before in its queue; closing the last one drops them all. */
    for (int i = 0; i < 2000; i++) {
        pair(SOCK_STREAM, next);
        pass_send(next[0], "x", end, 2);
        OK(close(end[0]));
        OK(close(end[1]));
        end[0] = next[0];
        end[1] = next[1];
    }
    OK(close(end[0]));
    OK(close(end[1]));
    CHECK_EQ(read(p[0], &byte, 1), 0);
}

static void cred_receive(int fd, struct ucred *cred)
{
    alignas(8) char control[CMSG_SPACE(sizeof *cred)] = {};
    char byte;
    struct iovec vector = {&byte, 1};
    struct msghdr m = {.msg_iov = &vector,
                       .msg_iovlen = 1,
                       .msg_control = control,
                       .msg_controllen = sizeof control};
    OK(recvmsg(fd, &m, 0));
    struct cmsghdr *c = CMSG_FIRSTHDR(&m);
    CHECK(c && c->cmsg_type == SCM_CREDENTIALS);
    memcpy(cred, CMSG_DATA(c), sizeof *cred);
}

static long cred_send(int fd, struct ucred cred)
{
    alignas(8) char control[CMSG_SPACE(sizeof cred)] = {};
    struct iovec vector = {"x", 1};
    struct msghdr m = {.msg_iov = &vector,
                       .msg_iovlen = 1,
                       .msg_control = control,
                       .msg_controllen = sizeof control};
    *CMSG_FIRSTHDR(&m) = (struct cmsghdr){CMSG_LEN(sizeof cred), SOL_SOCKET, SCM_CREDENTIALS};
    memcpy(CMSG_DATA(CMSG_FIRSTHDR(&m)), &cred, sizeof cred);
    return sendmsg(fd, &m, 0);
}

TEST(credentials_come_along)
{
    int s[2], on = 1;
    struct ucred cred;
    pair(SOCK_DGRAM, s);
    OK(setsockopt(s[1], SOL_SOCKET, SO_PASSCRED, &on, sizeof on));
    CHECK_EQ(write(s[0], "x", 1), 1);
    cred_receive(s[1], &cred);
    CHECK_EQ(cred.pid, getpid());
    CHECK_EQ(cred.uid, 0);
    pid_t child = (pid_t)OK(fork());
    if (!child) {
        OK(setgid(1001));
        OK(setuid(1000));
        CHECK_EQ(write(s[0], "x", 1), 1);
        _exit(0);
    }
    cred_receive(s[1], &cred);
    CHECK_EQ(cred.pid, child);
    CHECK_EQ(cred.uid, 1000);
    CHECK_EQ(cred.gid, 1001);
    child_wait_ok(child);
}

TEST(credentials_cannot_be_forged)
{
    int s[2], on = 1;
    struct ucred cred;
    pair(SOCK_DGRAM, s);
    OK(setsockopt(s[1], SOL_SOCKET, SO_PASSCRED, &on, sizeof on));
    CHECK_EQ(cred_send(s[0], (struct ucred){getpid(), 77, 88}), 1); /* root may */
    cred_receive(s[1], &cred);
    CHECK_EQ(cred.uid, 77);
    IN_CHILD_AS(1000, 1000)
    {
        CHECK_ERRNO(cred_send(s[0], (struct ucred){getpid(), 0, 1000}), EPERM);
        CHECK_ERRNO(cred_send(s[0], (struct ucred){getpid(), 1000, 0}), EPERM);
        CHECK_ERRNO(cred_send(s[0], (struct ucred){getppid(), 1000, 1000}), EPERM);
        CHECK_EQ(cred_send(s[0], (struct ucred){getpid(), 1000, 1000}), 1);
    }
}

TEST(credentials_of_the_peer)
{
    int s[2];
    struct ucred cred;
    socklen_t n = sizeof cred;
    struct name name = name_of("@peer");
    pair(SOCK_STREAM, s);
    OK(getsockopt(s[0], SOL_SOCKET, SO_PEERCRED, &cred, &n));
    CHECK_EQ(cred.pid, getpid());
    int server = unix_listener(SOCK_STREAM, "@peer");
    pid_t child = (pid_t)OK(fork());
    if (!child) {
        OK(setgid(1001));
        OK(setuid(1000));
        int fd = (int)OK(socket(AF_UNIX, SOCK_STREAM, 0));
        OK(unix_connect(fd, &name));
        OK(getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &cred, &n));
        CHECK_EQ(cred.pid, getppid());
        _exit(0);
    }
    int fd = (int)OK(accept(server, nullptr, nullptr));
    OK(getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &cred, &n));
    CHECK_EQ(cred.pid, child);
    CHECK_EQ(cred.uid, 1000);
    CHECK_EQ(cred.gid, 1001);
    child_wait_ok(child);
    int alone = (int)OK(socket(AF_UNIX, SOCK_STREAM, 0));
    OK(getsockopt(alone, SOL_SOCKET, SO_PEERCRED, &cred, &n));
    CHECK_EQ(cred.pid, 0);
    CHECK_EQ((int)cred.uid, -1);
}

/* Send COUNT descriptors along with one byte. */
static long files_send(int to, int count)
{
    union {
        struct cmsghdr head;
        char room[CMSG_SPACE(64 * sizeof(int))];
    } control = {};
    char byte = 'x';
    struct iovec data = {&byte, 1};
    struct msghdr m = {.msg_iov = &data,
                       .msg_iovlen = 1,
                       .msg_control = &control,
                       .msg_controllen = CMSG_SPACE((unsigned)count * sizeof(int))};
    control.head = (struct cmsghdr){.cmsg_len = CMSG_LEN((unsigned)count * sizeof(int)),
                                    .cmsg_level = SOL_SOCKET,
                                    .cmsg_type = SCM_RIGHTS};
    for (int i = 0; i < count; i++)
        ((int *)CMSG_DATA(&control.head))[i] = 0;
    return sendmsg(to, &m, MSG_DONTWAIT);
}

/* unix(7): as many may be under way as the sender may have open, and those of the last message. */
TEST(files_under_way_are_limited_for_a_user)
{
    IN_CHILD_AS(54323, 54323)
    {
        int fd[2];
        char byte;
        struct rlimit limit = {64, 64};
        OK(setrlimit(RLIMIT_NOFILE, &limit));
        OK(socketpair(AF_UNIX, SOCK_STREAM, 0, fd));
        for (int i = 0; i < 4; i++)
            CHECK_EQ(OK(files_send(fd[0], 20)), 1);
        CHECK_ERRNO(files_send(fd[0], 1), ETOOMANYREFS);
        CHECK_EQ(OK(write(fd[0], "y", 1)), 1); /* without files */
        CHECK_EQ(OK(read(fd[1], &byte, 1)), 1);
        CHECK_EQ(OK(files_send(fd[0], 1)), 1);
        CHECK_EQ(OK(files_send(fd[0], 20)), 1);
        OK(close(fd[1])); /* what was under way is not any more */
        OK(socketpair(AF_UNIX, SOCK_STREAM, 0, fd));
        CHECK_EQ(OK(files_send(fd[0], 20)), 1);
    }
    IN_CHILD /* the privileged know what they do */
    {
        int fd[2];
        struct rlimit limit = {16, 16};
        OK(setrlimit(RLIMIT_NOFILE, &limit));
        OK(socketpair(AF_UNIX, SOCK_STREAM, 0, fd));
        CHECK_EQ(OK(files_send(fd[0], 20)), 1);
        CHECK_EQ(OK(files_send(fd[0], 20)), 1);
    }
}
