/* SPDX-License-Identifier: BSD-2-Clause */
/* args.h - decoding what the socket calls have in common. */
#pragma once

#include <stdint.h>
#include "base/types.h"

struct file;
struct socket;
struct socket_address;

/* The socket behind FD, *FILE referenced; NULL: *ERR is -EBADF or -ENOTSOCK. */
struct socket *socket_arg(int fd, struct file **file, long *err);
/* MSG_DONTWAIT if FILE is not to block, else 0. */
unsigned socket_flags(const struct file *file);
/* An address of a program: -EINVAL, -EFAULT. */
[[nodiscard]] int address_arg(struct socket_address *a, uaddr_t user, int bytes);
/* Give A to the program, cut to the int at USER_BYTES, which becomes its true length. */
[[nodiscard]] int address_put(const struct socket_address *a, uaddr_t user, uaddr_t user_bytes);
