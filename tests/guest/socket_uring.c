/* SPDX-License-Identifier: BSD-2-Clause */
/* socket_uring.c - operations of io_uring(7) on sockets. */
#include "test.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "socket.h"
#include "uring.h"

static struct ring ring;

static struct io_uring_sqe *message(int op, int fd, const void *buffer, unsigned n,
                                    uint64_t user_data)
{
    struct io_uring_sqe *sqe = ring_entry(&ring, op, fd, user_data);
    sqe->addr = (uintptr_t)buffer;
    sqe->len = n;
    return sqe;
}

static void pair(int fds[2])
{
    OK(socketpair(AF_UNIX, SOCK_STREAM, 0, fds));
}

TEST(uring_send_and_receive)
{
    int fds[2];
    char text[8] = "";
    pair(fds);
    ring_open(&ring, 8, 0, 0);
    message(IORING_OP_RECV, fds[1], text, 8, 1);
    CHECK_EQ(ring_submit(&ring, 0), 1);
    CHECK_EQ(ring_ready(&ring), 0);
    message(IORING_OP_SEND, fds[0], "abc", 3, 2);
    CHECK_EQ(ring_submit(&ring, 2), 1);
    CHECK_EQ(ring_among(&ring, 2, 1), 3);
    CHECK_EQ(ring_among(&ring, 2, 2), 3);
    *ring.cq_head += 2;
    CHECK_STR(text, "abc");
    message(IORING_OP_RECV, fds[1], text, 8, 3)->msg_flags = MSG_DONTWAIT;
    CHECK_EQ(ring_run(&ring, 3), -EAGAIN);
    OK(close(fds[1]));
    message(IORING_OP_SEND, fds[0], "abc", 3, 4);
    CHECK_EQ(ring_run(&ring, 4), -EPIPE); /* and no signal */
    message(IORING_OP_RECV, 0, text, 8, 5);
    CHECK_EQ(ring_run(&ring, 5), -ENOTSOCK);
}

TEST(uring_receives_all)
{
    int fds[2];
    char text[8] = "";
    pair(fds);
    ring_open(&ring, 8, 0, 0);
    message(IORING_OP_RECV, fds[1], text, 4, 1)->msg_flags = MSG_WAITALL;
    CHECK_EQ(ring_submit(&ring, 0), 1);
    OK(write(fds[0], "ab", 2));
    OK(ring_enter(&ring, 0, 0, IORING_ENTER_GETEVENTS, nullptr, 0));
    CHECK_EQ(ring_ready(&ring), 0);
    OK(write(fds[0], "cdef", 4));
    CHECK_EQ(ring_result(&ring, 1), 4);
    CHECK_STR(text, "abcd");
    /* The stream's end is that of the wait, too. */
    message(IORING_OP_RECV, fds[1], text, 8, 2)->msg_flags = MSG_WAITALL;
    CHECK_EQ(ring_submit(&ring, 0), 1);
    CHECK_EQ(ring_ready(&ring), 0);
    OK(close(fds[0]));
    CHECK_EQ(ring_result(&ring, 2), 2);
    CHECK(memcmp(text, "ef", 2) == 0);
}

TEST(uring_cancel_keeps_what_was_received)
{
    int fds[2];
    char text[8] = "";
    pair(fds);
    ring_open(&ring, 8, 0, 0);
    struct io_uring_sqe *sqe = message(IORING_OP_RECV, fds[1], text, 8, 1);
    sqe->msg_flags = MSG_WAITALL;
    sqe->flags = IOSQE_IO_LINK;
    ring_entry(&ring, IORING_OP_NOP, -1, 2);
    CHECK_EQ(ring_submit(&ring, 0), 2);
    OK(write(fds[0], "ab", 2));
    OK(ring_enter(&ring, 0, 0, IORING_ENTER_GETEVENTS, nullptr, 0));
    ring_entry(&ring, IORING_OP_ASYNC_CANCEL, -1, 3)->addr = 1;
    CHECK_EQ(ring_submit(&ring, 3), 1);
    CHECK_EQ(ring_among(&ring, 3, 1), 2);
    CHECK_EQ(ring_among(&ring, 3, 2), -ECANCELED);
    CHECK_EQ(ring_among(&ring, 3, 3), 0);
}

TEST(uring_sendmsg_and_recvmsg)
{
    int fds[2];
    char text[8] = "";
    struct iovec out = {"hello", 5}, in = {text, 8};
    struct msghdr send = {.msg_iov = &out, .msg_iovlen = 1},
                  receive = {.msg_iov = &in, .msg_iovlen = 1};
    pair(fds);
    ring_open(&ring, 8, 0, 0);
    message(IORING_OP_RECVMSG, fds[1], &receive, 1, 1);
    message(IORING_OP_SENDMSG, fds[0], &send, 1, 2);
    CHECK_EQ(ring_submit(&ring, 2), 2);
    CHECK_EQ(ring_among(&ring, 2, 1), 5);
    CHECK_EQ(ring_among(&ring, 2, 2), 5);
    CHECK_STR(text, "hello");
}

/* Both go on until all is there; the program may forget the header at once. */
TEST(uring_messages_in_full)
{
    constexpr unsigned MANY = 1 << 20;
    static char big[MANY], got[MANY];
    int fds[2];
    struct iovec out = {big, MANY}, in[2] = {{got, 3}, {got + 3, MANY - 3}};
    struct msghdr send = {.msg_iov = &out, .msg_iovlen = 1},
                  receive = {.msg_iov = in, .msg_iovlen = 2};
    pair(fds);
    for (unsigned i = 0; i < MANY; i++)
        big[i] = (char)(i * 7 + i / 256);
    ring_open(&ring, 8, 0, 0);
    message(IORING_OP_SENDMSG, fds[0], &send, 1, 1)->msg_flags = MSG_WAITALL;
    CHECK_EQ(ring_submit(&ring, 0), 1);
    CHECK_EQ(ring_ready(&ring), 0);
    memset(&send, 0xff, sizeof send);
    memset(&out, 0xff, sizeof out);
    message(IORING_OP_RECVMSG, fds[1], &receive, 1, 2)->msg_flags = MSG_WAITALL;
    CHECK_EQ(ring_submit(&ring, 2), 1);
    CHECK_EQ(ring_among(&ring, 2, 1), MANY);
    CHECK_EQ(ring_among(&ring, 2, 2), MANY);
    CHECK(memcmp(big, got, MANY) == 0);
    CHECK_EQ(receive.msg_flags, 0);
}

TEST(uring_message_header_is_copied)
{
    int fds[2];
    char text[8] = "";
    struct iovec in = {text, 8};
    struct msghdr receive = {.msg_iov = &in, .msg_iovlen = 1, .msg_flags = -1};
    pair(fds);
    ring_open(&ring, 8, 0, 0);
    message(IORING_OP_RECVMSG, fds[1], &receive, 1, 1);
    CHECK_EQ(ring_submit(&ring, 0), 1);
    in = (struct iovec){};
    receive.msg_iov = nullptr;
    OK(write(fds[0], "ab", 3));
    CHECK_EQ(ring_result(&ring, 1), 3);
    CHECK_STR(text, "ab");
    CHECK_EQ(receive.msg_flags, 0);
}

TEST(uring_message_that_is_wrong)
{
    int fds[2];
    struct msghdr m = {.msg_iovlen = 1 << 20};
    struct iovec two[2] = {};
    pair(fds);
    ring_open(&ring, 8, 0, 0);
    message(IORING_OP_RECVMSG, fds[1], nullptr, 1, 1);
    CHECK_EQ(ring_run(&ring, 1), -EFAULT);
    message(IORING_OP_SENDMSG, fds[1], &m, 1, 2);
    CHECK_EQ(ring_run(&ring, 2), -EMSGSIZE);
    m = (struct msghdr){.msg_iov = two, .msg_iovlen = 2};
    message(IORING_OP_RECVMSG, fds[1], &m, 1, 3)->flags = IOSQE_BUFFER_SELECT;
    CHECK_EQ(ring_run(&ring, 3), -EINVAL);
    message(IORING_OP_RECVMSG, fds[1], &m, 1, 4)->ioprio = IORING_RECV_MULTISHOT;
    CHECK_EQ(ring_run(&ring, 4), -EINVAL);
    message(IORING_OP_SENDMSG, fds[1], &m, 1, 5)->ioprio = IORING_RECV_MULTISHOT;
    CHECK_EQ(ring_run(&ring, 5), -EINVAL);
}

TEST(uring_message_in_a_provided_buffer)
{
    static char memory[2][8];
    int fds[2];
    struct iovec at_most = {nullptr, 3};
    struct msghdr m = {.msg_iov = &at_most, .msg_iovlen = 1};
    pair(fds);
    ring_open(&ring, 8, 0, 0);
    struct io_uring_sqe *sqe = message(IORING_OP_PROVIDE_BUFFERS, 2, memory, 8, 1);
    sqe->off = 40;
    CHECK_EQ(ring_run(&ring, 1), 0);
    OK(write(fds[0], "abcd", 4));
    for (unsigned i = 0; i < 2; i++) {
        message(IORING_OP_RECVMSG, fds[1], &m, 1, 2)->flags = IOSQE_BUFFER_SELECT;
        CHECK_EQ(ring_submit(&ring, 1), 1);
        struct io_uring_cqe cqe = ring_expect(&ring, 2);
        CHECK_EQ(cqe.res, i ? 1 : 3);
        CHECK_EQ(cqe.flags >> IORING_CQE_BUFFER_SHIFT, 40 + i);
        CHECK(memcmp(memory[i], i ? "d" : "abc", (size_t)cqe.res) == 0);
    }
    message(IORING_OP_RECVMSG, fds[1], &m, 1, 3)->flags = IOSQE_BUFFER_SELECT;
    OK(write(fds[0], "x", 1));
    CHECK_EQ(ring_run(&ring, 3), -ENOBUFS);
}

/* Each message stands in a buffer with its address and its control messages. */
TEST(uring_messages_multishot)
{
    enum {
        ROOM = CMSG_SPACE(sizeof(struct sockaddr_in)),
        BEFORE = sizeof(struct io_uring_recvmsg_out) + sizeof(struct sockaddr_in) + ROOM
    };
    alignas(8) static char memory[4][BEFORE + 8];
    const int on = 1;
    struct msghdr m = {.msg_namelen = sizeof(struct sockaddr_in), .msg_controllen = ROOM};
    int server = inet_bound(AF_INET, SOCK_DGRAM, 0);
    int client = inet_bound(AF_INET, SOCK_DGRAM, 0);
    struct sockaddr_in to = loopback4(port_of(server)), from = loopback4(port_of(client));
    OK(setsockopt(server, IPPROTO_IP, IP_RECVORIGDSTADDR, &on, sizeof on));
    OK(connect(client, (struct sockaddr *)&to, sizeof to));
    ring_open(&ring, 8, 0, 0);
    message(IORING_OP_PROVIDE_BUFFERS, 4, memory, sizeof memory[0], 1);
    CHECK_EQ(ring_run(&ring, 1), 0);
    struct io_uring_sqe *sqe = message(IORING_OP_RECVMSG, server, &m, 1, 2);
    sqe->ioprio = IORING_RECV_MULTISHOT;
    sqe->flags = IOSQE_BUFFER_SELECT;
    CHECK_EQ(ring_submit(&ring, 0), 1);
    for (unsigned i = 0; i < 4; i++) {
        unsigned n = i == 3 ? 10 : 2; /* the last is cut */
        CHECK_EQ(OK(send(client, "abcdefghij", n, 0)), n);
        struct io_uring_cqe cqe = ring_expect(&ring, 2);
        CHECK(cqe.flags & IORING_CQE_F_MORE);
        CHECK_EQ(cqe.res, BEFORE + (n < 8 ? n : 8));
        char *at = memory[cqe.flags >> IORING_CQE_BUFFER_SHIFT];
        const struct io_uring_recvmsg_out *out = (const void *)at;
        CHECK_EQ(out->namelen, sizeof from);
        CHECK_EQ(out->controllen, ROOM);
        CHECK_EQ(out->payloadlen, n < 8 ? n : 8);
        CHECK_EQ(out->flags & MSG_TRUNC, n < 8 ? 0 : MSG_TRUNC);
        CHECK(memcmp(out + 1, &from, sizeof from) == 0);
        const struct cmsghdr *c = (const void *)((const char *)(out + 1) + sizeof from);
        CHECK_EQ(c->cmsg_level, IPPROTO_IP);
        CHECK_EQ(c->cmsg_type, IP_ORIGDSTADDR);
        CHECK(memcmp(CMSG_DATA(c), &to, sizeof to) == 0);
        CHECK(memcmp(at + BEFORE, "abcdefgh", n < 8 ? n : 8) == 0);
    }
    OK(send(client, "z", 1, 0));
    struct io_uring_cqe end = ring_expect(&ring, 2);
    CHECK_EQ(end.res, -ENOBUFS);
    CHECK(!(end.flags & IORING_CQE_F_MORE));
}

static int listener(struct sockaddr_in *at)
{
    socklen_t n = sizeof *at;
    int fd = (int)OK(socket(AF_INET, SOCK_STREAM, 0));
    *at = (struct sockaddr_in){.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    OK(bind(fd, (struct sockaddr *)at, n));
    OK(listen(fd, 8));
    OK(getsockname(fd, (struct sockaddr *)at, &n));
    return fd;
}

TEST(uring_accept_and_connect)
{
    struct sockaddr_in at, peer = {};
    socklen_t n = sizeof peer;
    ring_open(&ring, 8, 0, 0);
    int server = listener(&at);
    struct io_uring_sqe *sqe = message(IORING_OP_ACCEPT, server, &peer, 0, 1);
    sqe->addr2 = (uintptr_t)&n;
    sqe->accept_flags = SOCK_CLOEXEC;
    CHECK_EQ(ring_submit(&ring, 0), 1);
    CHECK_EQ(ring_ready(&ring), 0);
    sqe = ring_entry(&ring, IORING_OP_SOCKET, AF_INET, 2);
    sqe->off = SOCK_STREAM;
    int client = ring_run(&ring, 2);
    CHECK(client >= 0);
    message(IORING_OP_CONNECT, client, &at, 0, 3)->off = sizeof at;
    CHECK_EQ(ring_submit(&ring, 2), 1);
    CHECK_EQ(ring_among(&ring, 2, 3), 0);
    int fd = ring_among(&ring, 2, 1);
    CHECK(fd >= 0);
    CHECK_EQ(peer.sin_family, AF_INET);
    *ring.cq_head += 2;
    ring_entry(&ring, IORING_OP_SHUTDOWN, client, 4)->len = SHUT_WR;
    CHECK_EQ(ring_run(&ring, 4), 0);
    message(IORING_OP_RECV, fd, &(char[1]){}, 1, 5);
    CHECK_EQ(ring_run(&ring, 5), 0);
    OK(close(server));
    OK(close(client));
    client = (int)OK(socket(AF_INET, SOCK_STREAM, 0));
    message(IORING_OP_CONNECT, client, &at, 0, 6)->off = sizeof at;
    CHECK_EQ(ring_run(&ring, 6), -ECONNREFUSED);
}

TEST(uring_accept_multishot)
{
    struct sockaddr_in at;
    ring_open(&ring, 8, 0, 0);
    int server = listener(&at);
    ring_entry(&ring, IORING_OP_ACCEPT, server, 1)->ioprio = IORING_ACCEPT_MULTISHOT;
    CHECK_EQ(ring_submit(&ring, 0), 1);
    for (int i = 0; i < 3; i++) {
        int client = (int)OK(socket(AF_INET, SOCK_STREAM, 0));
        OK(connect(client, (struct sockaddr *)&at, sizeof at));
        struct io_uring_cqe cqe = ring_expect(&ring, 1);
        CHECK(cqe.res >= 0);
        CHECK(cqe.flags & IORING_CQE_F_MORE);
        OK(close(cqe.res));
        OK(close(client));
    }
}

TEST(uring_receive_multishot)
{
    static char memory[4][8];
    int fds[2];
    pair(fds);
    ring_open(&ring, 8, 0, 0);
    struct io_uring_sqe *sqe = message(IORING_OP_PROVIDE_BUFFERS, 4, memory, 8, 1);
    CHECK_EQ(ring_run(&ring, 1), 0);
    sqe = message(IORING_OP_RECV, fds[1], nullptr, 0, 2);
    sqe->ioprio = IORING_RECV_MULTISHOT;
    sqe->flags = IOSQE_BUFFER_SELECT;
    CHECK_EQ(ring_submit(&ring, 0), 1);
    for (int i = 0; i < 3; i++) {
        OK(write(fds[0], "ab", 2));
        struct io_uring_cqe cqe = ring_expect(&ring, 2);
        CHECK_EQ(cqe.res, 2);
        CHECK(cqe.flags & IORING_CQE_F_MORE);
        CHECK(cqe.flags & IORING_CQE_F_BUFFER);
    }
    OK(close(fds[0]));
    struct io_uring_cqe end = ring_expect(&ring, 2);
    CHECK_EQ(end.res, 0);
    CHECK(!(end.flags & IORING_CQE_F_MORE));
    CHECK(!(end.flags & IORING_CQE_F_BUFFER));
}

/* unix(7): a ring may hold the socket in which it would be on its way. */
TEST(uring_cannot_be_passed)
{
    int fds[2];
    char room[CMSG_SPACE(sizeof(int))] = {};
    struct iovec part = {"x", 1};
    struct msghdr m = {
        .msg_iov = &part, .msg_iovlen = 1, .msg_control = room, .msg_controllen = sizeof room};
    pair(fds);
    ring_open(&ring, 8, 0, 0);
    *CMSG_FIRSTHDR(&m) = (struct cmsghdr){CMSG_LEN(sizeof(int)), SOL_SOCKET, SCM_RIGHTS};
    memcpy(CMSG_DATA(CMSG_FIRSTHDR(&m)), &ring.fd, sizeof ring.fd);
    CHECK_ERRNO(sendmsg(fds[0], &m, 0), EINVAL);
}
