/* SPDX-License-Identifier: BSD-2-Clause */
/* args.h - decoding what the socket calls have in common. */
#pragma once

#include <stdint.h>
#include "base/types.h"

struct file;
struct iter;
struct socket;
struct socket_address;
struct user_msghdr;

/* The socket behind FD, *FILE referenced; NULL: *ERR is -EBADF or -ENOTSOCK. */
struct socket *socket_arg(int fd, struct file **file, long *err);
/* MSG_DONTWAIT if FILE is not to block, else 0. */
unsigned socket_flags(const struct file *file);
/* sendmsg(2) and recvmsg(2) with the struct msghdr at USER; FLAGS: MSG_*. */
long message_send(struct socket *s, uaddr_t user, unsigned flags);
long message_receive(struct socket *s, uaddr_t user, unsigned flags);
/* The same with the header H, which the program's memory needs not hold any more, and its vector
 * as DATA, which advances.  What is received is told at USER as recvmsg(2) says; the first
 * *CONTROL_USED bytes of the control buffer stay as they are, and it grows. */
long message_send_data(struct socket *s, const struct user_msghdr *h, struct iter *data,
                       unsigned flags);
long message_receive_data(struct socket *s, uaddr_t user, const struct user_msghdr *h,
                          struct iter *data, unsigned flags, uint64_t *control_used);
/* socket(2), but as a file. */
[[nodiscard]] int socket_open(int family, int type, int protocol, struct file **file);
/* accept4(2): the new file, or the new descriptor.  FLAGS: MSG_DONTWAIT; NEW_FLAGS: SOCK_NONBLOCK,
 * SOCK_CLOEXEC. */
[[nodiscard]] int accept_file(struct socket *s, unsigned flags, unsigned new_flags, uaddr_t address,
                              uaddr_t address_bytes, struct file **out);
long accept_connection(struct socket *s, unsigned flags, unsigned new_flags, uaddr_t address,
                       uaddr_t address_bytes);
/* An address of a program: -EINVAL, -EFAULT. */
[[nodiscard]] int address_arg(struct socket_address *a, uaddr_t user, int bytes);
/* Give A to the program, cut to the int at USER_BYTES, which becomes its true length. */
[[nodiscard]] int address_put(const struct socket_address *a, uaddr_t user, uaddr_t user_bytes);
