/* SPDX-License-Identifier: BSD-2-Clause */
/* trace_flags_socket.c - names of numbers in calls on sockets and System V IPC. */
#include <linux/in.h>
#include <linux/in6.h>
#include <linux/ipc.h>
#include <linux/msg.h>
#include <linux/sem.h>
#include <linux/tcp.h>
#include "ipc/shm.h"
#include "linux-api/trace_flags.h"
#include "net/abi.h"

#define F(name) {(uint64_t)(name), #name}
#define SET(set, mask, ...)                                                                        \
    const struct trace_flags trace_flags_##set = {mask,                                            \
                                                  (const struct trace_flag[]){__VA_ARGS__, {}}};

SET(message, "MSG_???", F(MSG_OOB), F(MSG_PEEK), F(MSG_DONTROUTE), F(MSG_CTRUNC), F(MSG_TRUNC),
    F(MSG_DONTWAIT), F(MSG_EOR), F(MSG_WAITALL), F(MSG_ERRQUEUE), F(MSG_NOSIGNAL),
    {0x8000, "MSG_MORE"}, F(MSG_WAITFORONE), F(MSG_CMSG_CLOEXEC))
SET(shutdown, "SHUT_???", F(SHUT_RD), F(SHUT_WR), F(SHUT_RDWR))
SET(socket_level, "SOL_???", F(SOL_IP), F(SOL_SOCKET), F(SOL_TCP), F(SOL_UDP), F(SOL_IPV6),
    F(SOL_RAW), F(SOL_NETLINK))
SET(control_type, "SCM_???", F(SCM_RIGHTS), F(SCM_CREDENTIALS))
SET(socket_option, "SO_???", F(SO_DEBUG), F(SO_REUSEADDR), F(SO_TYPE), F(SO_ERROR), F(SO_DONTROUTE),
    F(SO_BROADCAST), F(SO_SNDBUF), F(SO_RCVBUF), F(SO_KEEPALIVE), F(SO_OOBINLINE), F(SO_NO_CHECK),
    F(SO_PRIORITY), F(SO_LINGER), F(SO_REUSEPORT), F(SO_PASSCRED), F(SO_PEERCRED), F(SO_RCVLOWAT),
    F(SO_SNDLOWAT), {20, "SO_RCVTIMEO"}, {21, "SO_SNDTIMEO"}, F(SO_BINDTODEVICE),
    F(SO_ATTACH_FILTER), F(SO_DETACH_FILTER), F(SO_PEERNAME), {29, "SO_TIMESTAMP"},
    F(SO_ACCEPTCONN), F(SO_PEERSEC), F(SO_SNDBUFFORCE), F(SO_RCVBUFFORCE), F(SO_MARK),
    F(SO_PROTOCOL), F(SO_DOMAIN), F(SO_PEEK_OFF), F(SO_BUSY_POLL), F(SO_INCOMING_CPU),
    F(SO_PEERGROUPS))
SET(tcp_option, "TCP_???", F(TCP_NODELAY), F(TCP_MAXSEG), F(TCP_CORK), F(TCP_KEEPIDLE),
    F(TCP_KEEPINTVL), F(TCP_KEEPCNT), F(TCP_SYNCNT), F(TCP_LINGER2), F(TCP_DEFER_ACCEPT),
    F(TCP_WINDOW_CLAMP), F(TCP_INFO), F(TCP_QUICKACK), F(TCP_CONGESTION), F(TCP_USER_TIMEOUT),
    F(TCP_FASTOPEN), F(TCP_NOTSENT_LOWAT))
SET(ip_option, "IP_???", F(IP_TOS), F(IP_TTL), F(IP_HDRINCL), F(IP_OPTIONS), F(IP_RECVOPTS),
    F(IP_PKTINFO), F(IP_MTU_DISCOVER), F(IP_RECVERR), F(IP_RECVTTL), F(IP_RECVTOS), F(IP_MTU),
    F(IP_FREEBIND), F(IP_TRANSPARENT), F(IP_BIND_ADDRESS_NO_PORT), F(IP_MULTICAST_IF),
    F(IP_MULTICAST_TTL), F(IP_MULTICAST_LOOP), F(IP_ADD_MEMBERSHIP), F(IP_DROP_MEMBERSHIP))
SET(ipv6_option, "IPV6_???", F(IPV6_UNICAST_HOPS), F(IPV6_MULTICAST_IF), F(IPV6_MULTICAST_HOPS),
    F(IPV6_MULTICAST_LOOP), F(IPV6_ADD_MEMBERSHIP), F(IPV6_DROP_MEMBERSHIP), F(IPV6_MTU_DISCOVER),
    F(IPV6_MTU), F(IPV6_RECVERR), F(IPV6_V6ONLY), F(IPV6_RECVPKTINFO), F(IPV6_TCLASS))
SET(ip_protocol, "IPPROTO_???", F(IPPROTO_IP), F(IPPROTO_ICMP), F(IPPROTO_TCP), F(IPPROTO_UDP),
    F(IPPROTO_IPV6), F(IPPROTO_ICMPV6), F(IPPROTO_RAW))
SET(netlink_protocol, "NETLINK_???", {0, "NETLINK_ROUTE"}, {4, "NETLINK_SOCK_DIAG"},
    {15, "NETLINK_KOBJECT_UEVENT"}, {16, "NETLINK_GENERIC"})
SET(ipc_flags, "IPC_???", F(IPC_CREAT), F(IPC_EXCL), F(IPC_NOWAIT))
SET(ipc_command, "IPC_???", F(IPC_RMID), F(IPC_SET), F(IPC_STAT), F(IPC_INFO), F(SHM_LOCK),
    F(SHM_UNLOCK), F(SHM_STAT), F(SHM_INFO))
SET(sem_command, "SEM_???", F(IPC_RMID), F(IPC_SET), F(IPC_STAT), F(IPC_INFO), F(GETPID), F(GETVAL),
    F(GETALL), F(GETNCNT), F(GETZCNT), F(SETVAL), F(SETALL), F(SEM_STAT), F(SEM_INFO))
SET(sem_flags, "SEM_???", F(IPC_NOWAIT), F(SEM_UNDO))
SET(shm_flags, "SHM_???", F(SHM_RDONLY), F(SHM_RND), F(SHM_REMAP), F(SHM_EXEC))
SET(msg_flags, "MSG_???", F(IPC_NOWAIT), F(MSG_NOERROR), F(MSG_EXCEPT), F(MSG_COPY))
