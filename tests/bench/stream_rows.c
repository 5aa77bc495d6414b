/* SPDX-License-Identifier: BSD-2-Clause */
/* stream_rows.c - bytes from one program to another: lmbench's lat_pipe, lat_unix, lat_tcp and
 * lat_udp (a byte there and back), bw_pipe, bw_unix and bw_tcp (64 KiB a call).
 *
 * A bandwidth row asks for its bytes each time and takes all of them, so that nothing that was
 * sent before a repetition counts in it.
 */
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include "bench.h"
#include "partner.h"

enum medium {
    PIPE = 0,
    UNIX = 2,
    TCP = 4,
    UDP = 6
}; /* `or` a partner's kind */

constexpr size_t CHUNK_BYTES = 64 * 1024, DATAGRAM_BYTES = 8 * 1024;

static struct ends {
    int in, out;
} ours, theirs;
static char buffer[CHUNK_BYTES], partner_buffer[CHUNK_BYTES];
static size_t reply_bytes, part_bytes;

static void pipes_open(void)
{
    int there[2], back[2];
    OK(pipe(there));
    OK(pipe(back));
    ours = (struct ends){back[0], there[1]};
    theirs = (struct ends){there[0], back[1]};
}

static void unix_open(void)
{
    int pair[2];
    OK(socketpair(AF_UNIX, SOCK_STREAM, 0, pair));
    ours = (struct ends){pair[0], pair[0]};
    theirs = (struct ends){pair[1], pair[1]};
}

static int inet_bound(int type)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    int fd = OK(socket(AF_INET, type, 0));
    OK(bind(fd, (struct sockaddr *)&address, sizeof(address)));
    return fd;
}

static void connect_to(int fd, int other)
{
    struct sockaddr_in address;
    socklen_t bytes = sizeof(address);
    OK(getsockname(other, (struct sockaddr *)&address, &bytes));
    OK(connect(fd, (struct sockaddr *)&address, bytes));
}

static void tcp_open(void)
{
    int listener = inet_bound(SOCK_STREAM), one = 1;
    OK(listen(listener, 1));
    int here = OK(socket(AF_INET, SOCK_STREAM, 0));
    connect_to(here, listener);
    int there = OK(accept(listener, nullptr, nullptr));
    OK(setsockopt(here, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one)));
    OK(setsockopt(there, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one)));
    ours = (struct ends){here, here};
    theirs = (struct ends){there, there};
}

static void udp_open(void)
{
    int here = inet_bound(SOCK_DGRAM), there = inet_bound(SOCK_DGRAM);
    connect_to(here, there);
    connect_to(there, here);
    ours = (struct ends){here, here};
    theirs = (struct ends){there, there};
}

static void medium_open(const struct row *row)
{
    switch ((enum medium)(row->arg & ~THREAD)) {
    case PIPE: pipes_open(); break;
    case UNIX: unix_open(); break;
    case TCP: tcp_open(); break;
    case UDP: udp_open(); break;
    }
}

static void echo(void)
{
    char byte;
    while (read(theirs.in, &byte, 1) == 1 && write(theirs.out, &byte, 1) == 1)
        ;
}

static void latency_setup(const struct row *row)
{
    medium_open(row);
    partner_start(row->arg & THREAD, echo);
}

static void latency_run(const struct row *, long count)
{
    char byte = 0;
    while (count--) {
        OK(write(ours.out, &byte, 1));
        if (OK(read(ours.in, &byte, 1)) != 1)
            fail("the other side has ended");
    }
}

static void serve(void)
{
    char byte;
    while (read(theirs.in, &byte, 1) == 1)
        for (size_t done = 0; done < reply_bytes; done += part_bytes)
            for (size_t part = 0; part < part_bytes;)
                part += (size_t)OK(write(theirs.out, partner_buffer, part_bytes - part));
}

static void bandwidth_setup(const struct row *row)
{
    medium_open(row);
    reply_bytes = row->bytes;
    part_bytes = (row->arg & ~THREAD) == UDP ? DATAGRAM_BYTES : CHUNK_BYTES;
    partner_start(row->arg & THREAD, serve);
}

static void bandwidth_run(const struct row *row, long count)
{
    char byte = 0;
    while (count--) {
        OK(write(ours.out, &byte, 1));
        for (size_t done = 0; done < row->bytes;) {
            ssize_t taken = OK(read(ours.in, buffer, CHUNK_BYTES));
            if (taken == 0)
                fail("the other side has ended");
            done += (size_t)taken;
        }
    }
}

static const struct row stream_rows[] = {
    {"pipe_latency", "pipes between processes, a byte there and back", latency_setup, latency_run,
     PIPE, 0},
    {"pipe_latency_threads", "the same between threads", latency_setup, latency_run, PIPE | THREAD,
     0},
    {"pipe_bandwidth", "a pipe between processes, 1 MiB in calls of 64 KiB", bandwidth_setup,
     bandwidth_run, PIPE, 1 << 20},
    {"unix_latency", "a unix socket between processes, a byte there and back", latency_setup,
     latency_run, UNIX, 0},
    {"unix_latency_threads", "the same between threads", latency_setup, latency_run, UNIX | THREAD,
     0},
    {"unix_bandwidth", "a unix socket between processes, 1 MiB in calls of 64 KiB", bandwidth_setup,
     bandwidth_run, UNIX, 1 << 20},
    {"tcp_latency", "TCP over loopback between processes, a byte there and back", latency_setup,
     latency_run, TCP, 0},
    {"tcp_latency_threads", "the same between threads", latency_setup, latency_run, TCP | THREAD,
     0},
    {"tcp_bandwidth", "TCP over loopback between processes, 1 MiB in calls of 64 KiB",
     bandwidth_setup, bandwidth_run, TCP, 1 << 20},
    {"udp_latency", "UDP over loopback between processes, a byte there and back", latency_setup,
     latency_run, UDP, 0},
    {"udp_latency_threads", "the same between threads", latency_setup, latency_run, UDP | THREAD,
     0},
    {"udp_bandwidth", "UDP over loopback between processes, 64 KiB in datagrams of 8 KiB",
     bandwidth_setup, bandwidth_run, UDP, 64 << 10},
};

GROUP("stream", stream_rows);
