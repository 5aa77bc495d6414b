/* SPDX-License-Identifier: BSD-2-Clause */
/* socket_unix.c - AF_UNIX streams and packets: pairs, names, connections (unix(7)). */
#include "socket.h"
#include "test.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

static void pair(int type, int s[2])
{
    OK(socketpair(AF_UNIX, type, 0, s));
}

static int events_of(int fd)
{
    struct pollfd p = {.fd = fd, .events = POLLIN | POLLOUT | POLLRDHUP | POLLPRI};
    OK(poll(&p, 1, 0));
    return p.revents;
}

TEST(socketpair_both_ways)
{
    int s[2];
    char text[8] = {};
    pair(SOCK_STREAM, s);
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

TEST(socketpair_stream_joins_what_was_written)
{
    int s[2];
    char text[16] = {};
    pair(SOCK_STREAM, s);
    CHECK_EQ(write(s[0], "one", 3), 3);
    CHECK_EQ(write(s[0], "two", 3), 3);
    CHECK_EQ(read(s[1], text, 4), 4);
    CHECK_EQ(read(s[1], text + 4, 10), 2);
    CHECK_STR(text, "onetwo");
}

TEST(socketpair_vectors)
{
    int s[2];
    char a[3] = {}, b[4] = {};
    struct iovec out[] = {{"he", 2}, {"", 0}, {"llo", 3}}, in[] = {{a, 2}, {b, 3}};
    pair(SOCK_STREAM, s);
    CHECK_EQ(writev(s[0], out, 3), 5);
    CHECK_EQ(readv(s[1], in, 2), 5);
    CHECK_STR(a, "he");
    CHECK_STR(b, "llo");
}

TEST(socketpair_flags)
{
    int s[2];
    char byte;
    pair(SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, s);
    CHECK_EQ(fcntl(s[0], F_GETFD), FD_CLOEXEC);
    CHECK_EQ(fcntl(s[1], F_GETFL), O_RDWR | O_NONBLOCK);
    CHECK_ERRNO(read(s[0], &byte, 1), EAGAIN);
    CHECK_ERRNO(lseek(s[0], 0, SEEK_SET), ESPIPE);
    CHECK_ERRNO(pread(s[0], &byte, 1, 0), ESPIPE);
}

TEST(socketpair_nonblocking_by_ioctl)
{
    int s[2], on = 1;
    char byte;
    pair(SOCK_STREAM, s);
    OK(ioctl(s[0], FIONBIO, &on));
    CHECK_ERRNO(recv(s[0], &byte, 1, 0), EAGAIN);
    CHECK_ERRNO(recv(s[1], &byte, 1, MSG_DONTWAIT), EAGAIN);
}

TEST(socketpair_errors)
{
    int s[2];
    CHECK_ERRNO(socketpair(AF_UNIX, 99, 0, s), EINVAL);
    CHECK_ERRNO(socketpair(AF_UNIX, SOCK_STREAM, 77, s), EPROTONOSUPPORT);
    CHECK_ERRNO(socketpair(AF_UNIX, SOCK_RDM, 0, s), ESOCKTNOSUPPORT);
    CHECK_ERRNO(socketpair(AF_INET, SOCK_STREAM, 0, s), EOPNOTSUPP);
    CHECK_ERRNO(socketpair(AF_UNIX, SOCK_STREAM, 0, (int *)8), EFAULT);
    CHECK_ERRNO(socket(12345, SOCK_STREAM, 0), EAFNOSUPPORT);
    CHECK_ERRNO(socket(AF_UNIX, SOCK_STREAM | 0x100, 0), EINVAL);
}

TEST(socket_calls_want_a_socket)
{
    file_make("f", "");
    struct sockaddr_un a;
    socklen_t n = sizeof a;
    int fd = (int)OK(open("f", O_RDWR));
    CHECK_ERRNO(listen(fd, 1), ENOTSOCK);
    CHECK_ERRNO(accept(fd, nullptr, nullptr), ENOTSOCK);
    CHECK_ERRNO(send(fd, "x", 1, 0), ENOTSOCK);
    CHECK_ERRNO(recv(fd, &a, 1, 0), ENOTSOCK);
    CHECK_ERRNO(getsockname(fd, (struct sockaddr *)&a, &n), ENOTSOCK);
    CHECK_ERRNO(shutdown(fd, SHUT_RD), ENOTSOCK);
    CHECK_ERRNO(setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &n, sizeof n), ENOTSOCK);
    CHECK_ERRNO(listen(-1, 1), EBADF);
    CHECK_ERRNO(bind(999, (struct sockaddr *)&a, n), EBADF);
    CHECK_ERRNO(sendmsg(999, nullptr, 0), EBADF);
}

TEST(socket_is_a_file)
{
    int s[2];
    struct stat st;
    char link[64] = {}, path[64];
    pair(SOCK_STREAM, s);
    OK(fstat(s[0], &st));
    CHECK_EQ(st.st_mode, S_IFSOCK | 0777);
    snprintf(path, sizeof path, "/proc/self/fd/%d", s[0]);
    OK(readlink(path, link, sizeof link - 1));
    CHECK(!strncmp(link, "socket:[", 8));
    CHECK_ERRNO(open(path, O_RDWR), ENXIO);
}

TEST(socket_peek_leaves_the_data)
{
    int s[2], n;
    char text[16] = {};
    pair(SOCK_STREAM, s);
    CHECK_EQ(write(s[0], "abc", 3), 3);
    CHECK_EQ(write(s[0], "def", 3), 3);
    CHECK_EQ(recv(s[1], text, 2, MSG_PEEK), 2);
    CHECK_STR(text, "ab");
    CHECK_EQ(recv(s[1], text, 6, MSG_PEEK), 6);
    CHECK_STR(text, "abcdef");
    OK(ioctl(s[1], FIONREAD, &n));
    CHECK_EQ(n, 6);
    CHECK_EQ(recv(s[1], text, 16, 0), 6);
}

TEST(socket_waitall_waits_for_all)
{
    int s[2];
    char text[8] = {};
    pair(SOCK_STREAM, s);
    pid_t pid = (pid_t)OK(fork());
    if (!pid) {
        for (int i = 0; i < 3; i++) {
            sleep_ms(20);
            CHECK_EQ(write(s[0], "xy", 2), 2);
        }
        _exit(0);
    }
    CHECK_EQ(recv(s[1], text, 6, MSG_WAITALL), 6);
    CHECK_STR(text, "xyxyxy");
    child_wait_ok(pid);
}

static volatile sig_atomic_t pipes;

static void on_pipe(int)
{
    pipes++;
}

TEST(socket_sigpipe_unless_asked_not_to)
{
    int s[2];
    pair(SOCK_STREAM, s);
    signal(SIGPIPE, on_pipe);
    OK(close(s[1]));
    CHECK_ERRNO(send(s[0], "x", 1, MSG_NOSIGNAL), EPIPE);
    CHECK_EQ(pipes, 0);
    CHECK_ERRNO(send(s[0], "x", 1, 0), EPIPE);
    CHECK_EQ(pipes, 1);
    CHECK_ERRNO(write(s[0], "x", 1), EPIPE);
    CHECK_EQ(pipes, 2);
}

TEST(socket_half_close)
{
    int s[2];
    char text[8];
    signal(SIGPIPE, SIG_IGN);
    pair(SOCK_STREAM, s);
    CHECK_EQ(write(s[0], "last", 4), 4);
    OK(shutdown(s[0], SHUT_WR));
    CHECK_ERRNO(write(s[0], "x", 1), EPIPE);
    CHECK_EQ(read(s[1], text, 8), 4);
    CHECK_EQ(read(s[1], text, 8), 0);
    CHECK_EQ(write(s[1], "answer", 6), 6);
    CHECK_EQ(read(s[0], text, 8), 6);
    CHECK_EQ(events_of(s[1]), POLLIN | POLLOUT | POLLRDHUP);
    OK(shutdown(s[1], SHUT_RDWR));
    CHECK_EQ(events_of(s[1]), POLLIN | POLLOUT | POLLRDHUP | POLLHUP);
    CHECK_ERRNO(shutdown(s[0], 3), EINVAL);
}

TEST(socket_shutdown_of_reading_ends_the_writer)
{
    int s[2];
    char byte;
    signal(SIGPIPE, SIG_IGN);
    pair(SOCK_STREAM, s);
    OK(shutdown(s[0], SHUT_RD));
    CHECK_EQ(read(s[0], &byte, 1), 0);
    CHECK_ERRNO(write(s[1], "x", 1), EPIPE);
}

TEST(socket_closed_with_unread_data_resets)
{
    int s[2];
    char byte;
    pair(SOCK_STREAM, s);
    CHECK_EQ(write(s[0], "unread", 6), 6);
    OK(close(s[1]));
    CHECK_ERRNO(read(s[0], &byte, 1), ECONNRESET);
    CHECK_EQ(read(s[0], &byte, 1), 0);
}

TEST(socket_events_of_a_stream)
{
    int s[2];
    pair(SOCK_STREAM, s);
    CHECK_EQ(events_of(s[0]), POLLOUT);
    CHECK_EQ(write(s[1], "x", 1), 1);
    CHECK_EQ(events_of(s[0]), POLLIN | POLLOUT);
    OK(close(s[1]));
    CHECK_EQ(events_of(s[0]), POLLIN | POLLOUT | POLLHUP | POLLRDHUP);
    int fd = (int)OK(socket(AF_UNIX, SOCK_STREAM, 0));
    CHECK_EQ(events_of(fd), POLLOUT | POLLHUP);
}

TEST(socket_full_buffer_blocks_the_writer)
{
    int s[2];
    static char block[4096];
    long total = 0, got;
    pair(SOCK_STREAM | SOCK_NONBLOCK, s);
    while ((got = write(s[0], block, sizeof block)) > 0)
        total += got;
    CHECK_EQ(errno, EAGAIN);
    CHECK(total >= 65536);
    CHECK_EQ(events_of(s[0]), 0);
    while (total > 0)
        total -= OK(read(s[1], block, sizeof block));
    CHECK_EQ(events_of(s[0]), POLLOUT);
}

TEST(socket_large_transfer_between_processes)
{
    int s[2];
    static unsigned char block[50000];
    pair(SOCK_STREAM, s);
    pid_t pid = (pid_t)OK(fork());
    if (!pid) {
        for (unsigned i = 0; i < sizeof block; i++)
            block[i] = (unsigned char)(i * 7);
        for (int round = 0; round < 20; round++)
            CHECK_EQ(write(s[0], block, sizeof block), sizeof block);
        _exit(0);
    }
    OK(close(s[0]));
    long total = 0, got;
    while ((got = OK(read(s[1], block, 30000))) > 0)
        for (long i = 0; i < got; i++, total++)
            CHECK_EQ(block[i], (unsigned char)(total % sizeof block * 7));
    CHECK_EQ(total, 20 * (long)sizeof block);
    child_wait_ok(pid);
}

TEST(socket_epoll_edges)
{
    int s[2];
    struct epoll_event event = {.events = EPOLLIN | EPOLLET};
    pair(SOCK_STREAM, s);
    int ep = (int)OK(epoll_create1(0));
    OK(epoll_ctl(ep, EPOLL_CTL_ADD, s[1], &event));
    CHECK_EQ(epoll_wait(ep, &event, 1, 0), 0);
    CHECK_EQ(write(s[0], "a", 1), 1);
    CHECK_EQ(epoll_wait(ep, &event, 1, 0), 1);
    CHECK_EQ(epoll_wait(ep, &event, 1, 0), 0);
    CHECK_EQ(write(s[0], "b", 1), 1);
    CHECK_EQ(epoll_wait(ep, &event, 1, 0), 1);
}

TEST(socket_receive_timeout)
{
    int s[2];
    char byte;
    struct timeval t = {.tv_usec = 50000}, got;
    socklen_t n = sizeof got;
    pair(SOCK_STREAM, s);
    OK(setsockopt(s[0], SOL_SOCKET, SO_RCVTIMEO, &t, sizeof t));
    OK(getsockopt(s[0], SOL_SOCKET, SO_RCVTIMEO, &got, &n));
    CHECK(got.tv_usec >= 50000 && got.tv_usec < 70000); /* in ticks */
    int64_t begin = clock_now_ns();
    CHECK_ERRNO(read(s[0], &byte, 1), EAGAIN);
    CHECK(clock_now_ns() - begin >= 45000000);
    t.tv_usec = 1000000;
    CHECK_ERRNO(setsockopt(s[0], SOL_SOCKET, SO_RCVTIMEO, &t, sizeof t), EDOM);
}

static void on_alarm(int) {}

TEST(socket_read_is_interrupted)
{
    int s[2];
    char byte;
    struct timeval t = {.tv_sec = 10};
    struct sigaction act = {.sa_handler = on_alarm};
    pair(SOCK_STREAM, s);
    OK(sigaction(SIGALRM, &act, nullptr));
    alarm_every_ms(30);
    CHECK_ERRNO(read(s[0], &byte, 1), EINTR);
    /* With a time-out SA_RESTART does not help: signal(7). */
    act.sa_flags = SA_RESTART;
    OK(sigaction(SIGALRM, &act, nullptr));
    OK(setsockopt(s[0], SOL_SOCKET, SO_RCVTIMEO, &t, sizeof t));
    CHECK_ERRNO(read(s[0], &byte, 1), EINTR);
    alarm_every_ms(0);
}

TEST(socket_sendfile_and_splice)
{
    int s[2], p[2];
    char text[16] = {};
    file_make("f", "hello world");
    int fd = (int)OK(open("f", O_RDONLY));
    pair(SOCK_STREAM, s);
    CHECK_EQ(sendfile(s[0], fd, nullptr, 11), 11);
    OK(pipe(p));
    CHECK_EQ(splice(s[1], nullptr, p[1], nullptr, 11, 0), 11);
    CHECK_EQ(splice(p[0], nullptr, s[1], nullptr, 5, 0), 5);
    CHECK_EQ(read(s[0], text, 16), 5);
    CHECK_STR(text, "hello");
}

TEST(socket_listens_at_a_path)
{
    struct name name = name_of("sock");
    struct stat st;
    int server = unix_listener(SOCK_STREAM, "sock");
    OK(lstat("sock", &st));
    CHECK_EQ(st.st_mode & S_IFMT, S_IFSOCK);
    int other = (int)OK(socket(AF_UNIX, SOCK_STREAM, 0));
    CHECK_ERRNO(unix_bind(other, &name), EADDRINUSE);
    IN_CHILD
    {
        int fd = (int)OK(socket(AF_UNIX, SOCK_STREAM, 0));
        OK(unix_connect(fd, &name));
        CHECK_ERRNO(unix_connect(fd, &name), EISCONN);
        CHECK_EQ(write(fd, "hello", 5), 5);
    }
    char text[8] = {};
    int fd = (int)OK(accept(server, nullptr, nullptr));
    CHECK_EQ(read(fd, text, 8), 5);
    CHECK_STR(text, "hello");
    CHECK_EQ(read(fd, text, 8), 0);
}

TEST(socket_connect_errors)
{
    struct name none = name_of("none"), plain = name_of("plain"), bound = name_of("bound");
    struct name packet = name_of("packet");
    int fd = (int)OK(socket(AF_UNIX, SOCK_STREAM, 0)), b = (int)OK(socket(AF_UNIX, SOCK_STREAM, 0));
    file_make("plain", "");
    OK(unix_bind(b, &bound));
    unix_listener(SOCK_SEQPACKET, "packet");
    CHECK_ERRNO(unix_connect(fd, &none), ENOENT);
    CHECK_ERRNO(unix_connect(fd, &plain), ECONNREFUSED);
    CHECK_ERRNO(unix_connect(fd, &bound), ECONNREFUSED);
    CHECK_ERRNO(unix_connect(fd, &packet), EPROTOTYPE);
    none = name_of("@none");
    CHECK_ERRNO(unix_connect(fd, &none), ECONNREFUSED);
    CHECK_ERRNO(connect(fd, (struct sockaddr *)&none.address, 2), EINVAL);
    CHECK_ERRNO(connect(fd, (struct sockaddr *)&none.address, 200), EINVAL);
    CHECK_ERRNO(connect(fd, (struct sockaddr *)8, 20), EFAULT);
    none.address.sun_family = AF_INET;
    CHECK_ERRNO(unix_connect(fd, &none), EINVAL);
}

TEST(socket_bind_errors)
{
    struct name name = name_of("dir/none/x"), a = name_of("a"), b = name_of("b");
    int fd = (int)OK(socket(AF_UNIX, SOCK_STREAM, 0));
    CHECK_ERRNO(unix_bind(fd, &name), ENOENT);
    file_make("dir", "");
    CHECK_ERRNO(unix_bind(fd, &name), ENOTDIR);
    name = name_of("dir");
    CHECK_ERRNO(unix_bind(fd, &name), EADDRINUSE);
    CHECK_ERRNO(listen(fd, 1), EINVAL);
    OK(unix_bind(fd, &a));
    CHECK_ERRNO(unix_bind(fd, &b), EINVAL);
}

TEST(socket_connect_needs_write_permission)
{
    struct name name = name_of("sock");
    unix_listener(SOCK_STREAM, "sock");
    OK(chmod(".", 0755));
    OK(chmod("sock", 0700));
    IN_CHILD_AS(1000, 1000)
    {
        int fd = (int)OK(socket(AF_UNIX, SOCK_STREAM, 0));
        CHECK_ERRNO(unix_connect(fd, &name), EACCES);
    }
    OK(chmod("sock", 0722));
    IN_CHILD_AS(1000, 1000)
    {
        int fd = (int)OK(socket(AF_UNIX, SOCK_STREAM, 0));
        OK(unix_connect(fd, &name));
    }
}

TEST(socket_bind_obeys_the_umask)
{
    struct stat st;
    umask(027);
    unix_listener(SOCK_STREAM, "sock");
    OK(stat("sock", &st));
    CHECK_EQ(st.st_mode & 0777, 0750);
}

TEST(socket_of_a_closed_server_refuses)
{
    struct name name = name_of("sock");
    int server = unix_listener(SOCK_STREAM, "sock");
    OK(close(server));
    int fd = (int)OK(socket(AF_UNIX, SOCK_STREAM, 0));
    CHECK_ERRNO(unix_connect(fd, &name), ECONNREFUSED);
    OK(unlink("sock"));
    CHECK_ERRNO(unix_connect(fd, &name), ENOENT);
}

TEST(socket_found_after_a_rename)
{
    struct name name = name_of("new");
    unix_listener(SOCK_STREAM, "old");
    OK(rename("old", "new"));
    int fd = (int)OK(socket(AF_UNIX, SOCK_STREAM, 0));
    OK(unix_connect(fd, &name));
}

TEST(socket_abstract_names)
{
    struct name name = name_of("@seam"), got = {.bytes = sizeof got.address};
    int server = unix_listener(SOCK_STREAM, "@seam");
    int fd = (int)OK(socket(AF_UNIX, SOCK_STREAM, 0)), b = (int)OK(socket(AF_UNIX, SOCK_STREAM, 0));
    CHECK_ERRNO(unix_bind(b, &name), EADDRINUSE);
    OK(unix_connect(fd, &name));
    OK(getpeername(fd, (struct sockaddr *)&got.address, &got.bytes));
    CHECK_EQ(got.bytes, name.bytes);
    CHECK(!memcmp(&got.address, &name.address, name.bytes));
    OK(close(server));
    OK(unix_bind(b, &name));
}

TEST(socket_autobind)
{
    struct name got = {.bytes = sizeof got.address};
    sa_family_t family = AF_UNIX;
    int fd = (int)OK(socket(AF_UNIX, SOCK_STREAM, 0));
    OK(bind(fd, (struct sockaddr *)&family, sizeof family));
    OK(getsockname(fd, (struct sockaddr *)&got.address, &got.bytes));
    CHECK_EQ(got.bytes, 8);
    CHECK_EQ(got.address.sun_path[0], 0);
    OK(listen(fd, 1));
}

TEST(socket_names)
{
    struct name got = {.bytes = sizeof got.address};
    struct sockaddr *a = (struct sockaddr *)&got.address;
    int server = unix_listener(SOCK_STREAM, "sock");
    struct name name = name_of("sock");
    int fd = (int)OK(socket(AF_UNIX, SOCK_STREAM, 0));
    CHECK_ERRNO(getpeername(fd, a, &got.bytes), ENOTCONN);
    OK(getsockname(fd, a, &got.bytes));
    CHECK_EQ(got.bytes, 2);
    OK(unix_connect(fd, &name));
    got.bytes = sizeof got.address;
    OK(getpeername(fd, a, &got.bytes));
    CHECK_STR(got.address.sun_path, "sock");
    CHECK_EQ(got.bytes, 7);
    got.bytes = sizeof got.address;
    int accepted = (int)OK(accept(server, a, &got.bytes));
    CHECK_EQ(got.bytes, 2);
    got.bytes = 4; /* too short: cut, and told how long it is */
    OK(getsockname(accepted, a, &got.bytes));
    CHECK_EQ(got.bytes, 7);
    CHECK_ERRNO(getsockname(accepted, (struct sockaddr *)8, &got.bytes), EFAULT);
    got.bytes = (socklen_t)-1;
    CHECK_ERRNO(getsockname(accepted, a, &got.bytes), EINVAL);
}

TEST(socket_accept4_flags)
{
    struct name name = name_of("@four");
    int server = unix_listener(SOCK_STREAM, "@four"), fd = (int)OK(socket(AF_UNIX, SOCK_STREAM, 0));
    OK(unix_connect(fd, &name));
    CHECK_ERRNO(accept4(server, nullptr, nullptr, 1), EINVAL);
    int got = (int)OK(accept4(server, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
    CHECK_EQ(fcntl(got, F_GETFL), O_RDWR | O_NONBLOCK);
    CHECK_EQ(fcntl(got, F_GETFD), FD_CLOEXEC);
    OK(fcntl(server, F_SETFL, O_NONBLOCK));
    CHECK_ERRNO(accept(server, nullptr, nullptr), EAGAIN);
    CHECK_ERRNO(accept(fd, nullptr, nullptr), EINVAL);
}

TEST(socket_full_backlog)
{
    struct name name = name_of("@full");
    int server = (int)OK(socket(AF_UNIX, SOCK_STREAM, 0)), fd;
    OK(unix_bind(server, &name));
    OK(listen(server, 0));
    fd = (int)OK(socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0));
    OK(unix_connect(fd, &name));
    fd = (int)OK(socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0));
    CHECK_ERRNO(unix_connect(fd, &name), EAGAIN);
    pid_t pid = (pid_t)OK(fork());
    if (!pid) {
        fd = (int)OK(socket(AF_UNIX, SOCK_STREAM, 0));
        OK(unix_connect(fd, &name));
        _exit(0);
    }
    process_await_state(pid, "S");
    OK(accept(server, nullptr, nullptr));
    child_wait_ok(pid);
}

TEST(socket_pending_connection_dies_with_the_server)
{
    struct name name = name_of("@dies");
    char byte;
    int server = unix_listener(SOCK_STREAM, "@dies"), fd = (int)OK(socket(AF_UNIX, SOCK_STREAM, 0));
    OK(unix_connect(fd, &name));
    CHECK_EQ(events_of(server), POLLIN);
    OK(close(server));
    CHECK_ERRNO(read(fd, &byte, 1), ECONNRESET);
}

TEST(socket_unconnected_transfers)
{
    char byte;
    int stream = (int)OK(socket(AF_UNIX, SOCK_STREAM, 0));
    int packet = (int)OK(socket(AF_UNIX, SOCK_SEQPACKET, 0));
    CHECK_ERRNO(send(stream, "x", 1, 0), ENOTCONN);
    CHECK_ERRNO(recv(stream, &byte, 1, 0), EINVAL);
    CHECK_ERRNO(send(packet, "x", 1, 0), ENOTCONN);
    CHECK_ERRNO(recv(packet, &byte, 1, 0), ENOTCONN);
    CHECK_ERRNO(listen(stream, 1), EINVAL);
}

TEST(socket_stream_takes_no_address)
{
    int s[2];
    struct name name = name_of("x");
    pair(SOCK_STREAM, s);
    CHECK_ERRNO(sendto(s[0], "x", 1, 0, (struct sockaddr *)&name.address, name.bytes), EISCONN);
    int fd = (int)OK(socket(AF_UNIX, SOCK_STREAM, 0));
    CHECK_ERRNO(sendto(fd, "x", 1, 0, (struct sockaddr *)&name.address, name.bytes), EOPNOTSUPP);
}

TEST(socket_packets_keep_their_bounds)
{
    int s[2];
    char text[16] = {};
    struct iovec vector = {text, 2};
    struct msghdr m = {.msg_iov = &vector, .msg_iovlen = 1};
    signal(SIGPIPE, SIG_IGN);
    pair(SOCK_SEQPACKET, s);
    CHECK_EQ(write(s[0], "first", 5), 5);
    CHECK_EQ(write(s[0], "second", 6), 6);
    CHECK_EQ(recvmsg(s[1], &m, 0), 2);
    CHECK_EQ(m.msg_flags & MSG_TRUNC, MSG_TRUNC);
    CHECK_EQ(recv(s[1], text, 16, MSG_TRUNC), 6);
    OK(close(s[0]));
    CHECK_EQ(read(s[1], text, 16), 0);
    CHECK_ERRNO(write(s[1], "x", 1), EPIPE);
}

TEST(socket_packet_server)
{
    struct name name = name_of("@packets");
    char text[8];
    int server = unix_listener(SOCK_SEQPACKET, "@packets");
    int fd = (int)OK(socket(AF_UNIX, SOCK_SEQPACKET, 0));
    OK(unix_connect(fd, &name));
    int got = (int)OK(accept(server, nullptr, nullptr));
    CHECK_EQ(write(fd, "ab", 2), 2);
    CHECK_EQ(write(fd, "c", 1), 1);
    CHECK_EQ(read(got, text, 8), 2);
    CHECK_EQ(read(got, text, 8), 1);
}
