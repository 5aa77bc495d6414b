/* SPDX-License-Identifier: BSD-2-Clause */
/* args.c - names, iovecs and pairs of descriptors from user memory. */
#include "linux-api/file/args.h"

#include "base/bits.h"
#include "base/errno.h"
#include "base/string.h"
#include "mm/heap.h"
#include "mm/usermem.h"
#include "vfs/fdtable.h"
#include "vfs/file.h"

constexpr uint64_t TRANSFER_MOST = 0x7ffff000; /* of one call, read(2) */

int path_arg(int dirfd, uaddr_t user, unsigned lookup, struct path *path)
{
    char *name;
    int err = path_from_user(user, lookup, &name);
    if (err < 0)
        return err;
    err = path_lookup(dirfd, name, lookup, path);
    path_buffer_put(name);
    return err;
}

/* Check the lengths, and cut what is beyond the most that one call moves. */
static int check(struct iovec *vec, uint64_t n)
{
    uint64_t total = 0;
    for (uint64_t i = 0; i < n; i++) {
        uint64_t bytes = vec[i].iov_len;
        if (bytes > INT64_MAX)
            return -EINVAL;
        if (!usermem_is_valid((uaddr_t)vec[i].iov_base, bytes))
            return -EFAULT;
        bytes = MIN(bytes, TRANSFER_MOST - total);
        vec[i].iov_len = bytes;
        total += bytes;
    }
    return 0;
}

int iovec_read(struct iovec *to, uaddr_t user, uint64_t n)
{
    int err = copy_from_user(to, user, n * sizeof *to);
    return err < 0 ? err : check(to, n);
}

int iovec_arg(struct iovec_arg *a, uaddr_t user, uint64_t n, struct iter *it)
{
    a->vec = a->few;
    if (n > IOVEC_MOST)
        return -EINVAL;
    if (n > IOVEC_SHORT && !(a->vec = heap_alloc(n * sizeof *a->vec)))
        return -ENOMEM;
    int err = iovec_read(a->vec, user, n);
    if (err < 0)
        iovec_put(a);
    else
        iter_init_user(it, a->vec, (unsigned)n);
    return err;
}

void iovec_put(struct iovec_arg *a)
{
    if (a->vec != a->few)
        heap_free(a->vec);
}

int fd_pair_install(struct file *file[2], unsigned flags, uaddr_t out)
{
    int fd[2];
    fd[0] = fd_alloc(0, flags);
    fd[1] = fd[0] < 0 ? fd[0] : fd_alloc(0, flags);
    int err = fd[1] < 0 ? fd[1] : copy_to_user(out, fd, sizeof fd);
    if (!err) {
        fd_install(fd[0], file[0]);
        fd_install(fd[1], file[1]);
        return 0;
    }
    if (fd[0] >= 0)
        fd_free(fd[0]);
    if (fd[1] >= 0)
        fd_free(fd[1]);
    file_put(file[0]);
    file_put(file[1]);
    return err;
}
