/* SPDX-License-Identifier: BSD-2-Clause */
/* abi.h - socket numbers and structures that the UAPI headers leave to the C library.
 *
 * socket(2), send(2), recv(2), cmsg(3), socket(7).  All else comes from <linux/...> and <asm/...>.
 */
#pragma once

#include <asm/socket.h>
#include <stddef.h>
#include <stdint.h>
#include "base/types.h"

enum {
    AF_UNSPEC = 0,
    AF_UNIX = 1,
    AF_INET = 2,
    AF_INET6 = 10,
    AF_NETLINK = 16,
    AF_PACKET = 17,
    AF_MAX = 46,
};

enum {
    SOCK_STREAM = 1,
    SOCK_DGRAM = 2,
    SOCK_RAW = 3,
    SOCK_RDM = 4,
    SOCK_SEQPACKET = 5,
    SOCK_DCCP = 6,
    SOCK_PACKET = 10,
    SOCK_TYPE_MASK = 15,
    SOCK_NONBLOCK = 04000,   /* O_NONBLOCK */
    SOCK_CLOEXEC = 02000000, /* O_CLOEXEC */
};

enum {
    SHUT_RD = 0,
    SHUT_WR = 1,
    SHUT_RDWR = 2,
};

constexpr unsigned MSG_OOB = 1;
constexpr unsigned MSG_PEEK = 2;
constexpr unsigned MSG_DONTROUTE = 4;
constexpr unsigned MSG_CTRUNC = 8;
constexpr unsigned MSG_TRUNC = 0x20;
constexpr unsigned MSG_DONTWAIT = 0x40;
constexpr unsigned MSG_EOR = 0x80;
constexpr unsigned MSG_WAITALL = 0x100;
constexpr unsigned MSG_ERRQUEUE = 0x2000;
constexpr unsigned MSG_NOSIGNAL = 0x4000;
constexpr unsigned MSG_WAITFORONE = 0x10000;
constexpr unsigned MSG_CMSG_CLOEXEC = 0x40000000;

/* Levels of get- and setsockopt; SOL_SOCKET is <asm/socket.h>'s. */
enum {
    SOL_IP = 0,
    SOL_TCP = 6,
    SOL_UDP = 17,
    SOL_IPV6 = 41,
    SOL_RAW = 255,
    SOL_NETLINK = 270,
};

enum {
    SCM_RIGHTS = 1,
    SCM_CREDENTIALS = 2,
};

constexpr int SOMAXCONN = 4096;
constexpr unsigned SCM_FILES_MOST = 253; /* SCM_MAX_FD, unix(7) */

struct user_msghdr { /* struct msghdr */
    uaddr_t name;
    int32_t name_bytes;
    uaddr_t iov;
    uint64_t iov_count;
    uaddr_t control;
    uint64_t control_bytes;
    uint32_t flags;
};

struct user_mmsghdr {
    struct user_msghdr msg;
    uint32_t bytes;
};

struct user_cmsghdr { /* struct cmsghdr; data follow */
    uint64_t bytes;   /* this header's and the data's */
    int32_t level, type;
};

static inline uint64_t cmsg_align(uint64_t n)
{
    return (n + 7) & ~7ull;
}

struct socket_cred { /* struct ucred */
    int32_t pid;
    uint32_t uid, gid;
};

struct socket_linger { /* struct linger */
    int32_t on, seconds;
};

static_assert(sizeof(struct user_msghdr) == 56 && sizeof(struct user_mmsghdr) == 64);

/* Interfaces: <linux/if.h> wants a C library (netdevice(7)). */
constexpr int IF_NAME_MOST = 16; /* IFNAMSIZ */
constexpr int16_t IF_UP = 1, IF_LOOPBACK = 8, IF_RUNNING = 0x40;
constexpr uint32_t IF_LOWER_UP = 0x10000;
constexpr int HARDWARE_LOOPBACK = 772; /* ARPHRD_LOOPBACK */

struct interface_request { /* struct ifreq */
    char name[16];
    union {
        uint8_t address[16]; /* struct sockaddr */
        int16_t flags;
        int32_t value;
        uint8_t other[24];
    };
};

struct interface_list { /* struct ifconf */
    int32_t bytes;
    uaddr_t requests;
};

static_assert(sizeof(struct interface_request) == 40 && sizeof(struct interface_list) == 16);
