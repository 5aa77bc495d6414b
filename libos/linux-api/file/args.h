/* SPDX-License-Identifier: BSD-2-Clause */
/* args.h - decoding what the file calls have in common. */
#pragma once

#include <linux/fcntl.h>
#include <linux/uio.h>
#include <stddef.h>
#include <stdint.h>
#include "base/types.h"
#include "vfs/iter.h"
#include "vfs/path.h"

/* AT_SYMLINK_* and AT_EMPTY_PATH as walks know them.  FOLLOW: what holds if neither is given. */
static inline unsigned lookup_of_at(unsigned at_flags, unsigned follow)
{
    if (at_flags & AT_SYMLINK_NOFOLLOW)
        follow = 0;
    if (at_flags & AT_SYMLINK_FOLLOW)
        follow = LOOKUP_FOLLOW;
    return follow | (at_flags & AT_EMPTY_PATH ? LOOKUP_EMPTY : 0);
}

struct file;

/* Look up the name at NAME in user memory.  *PATH is referenced. */
[[nodiscard]] int path_arg(int dirfd, uaddr_t name, unsigned lookup, struct path *path);

/* The most entries of an iovec: UIO_MAXIOV. */
constexpr uint64_t IOVEC_MOST = 1024;
/* Copy the N entries at USER, at most IOVEC_MOST, to TO and check them: -EFAULT, -EINVAL. */
[[nodiscard]] int iovec_read(struct iovec *to, uaddr_t user, uint64_t n);
/* openat(2) and openat2(2). */
struct open_request {
    int dirfd;
    uaddr_t name;
    uint32_t flags, mode;
    unsigned lookup; /* LOOKUP_* */
};
void open_request_init(struct open_request *r, int dirfd, uaddr_t name, uint32_t flags,
                       uint32_t mode);
/* The struct open_how at HOW has SIZE bytes.  -EINVAL, -E2BIG, -EFAULT, -EAGAIN. */
[[nodiscard]] int open_request_init_how(struct open_request *r, int dirfd, uaddr_t name,
                                        uaddr_t how, uint64_t size);
[[nodiscard]] int open_file(const struct open_request *r, struct file **file);
/* As a descriptor. */
[[nodiscard]] long open_descriptor(const struct open_request *r);

/* An iovec of a program (readv(2)), in VEC if it is short, else from the heap. */
constexpr unsigned IOVEC_SHORT = 8;
struct iovec_arg {
    struct iovec few[IOVEC_SHORT];
    struct iovec *vec; /* few, or from the heap */
};
/* IT covers it; -EINVAL, -EFAULT, -ENOMEM.  iovec_put afterwards. */
[[nodiscard]] int iovec_arg(struct iovec_arg *a, uaddr_t vec, uint64_t n, struct iter *it);
void iovec_put(struct iovec_arg *a);

/* int pipe[2] and its like: install two files as new descriptors and tell the program. */
[[nodiscard]] int fd_pair_install(struct file *file[2], unsigned flags, uaddr_t out);
