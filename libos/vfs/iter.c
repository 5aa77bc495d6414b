/* SPDX-License-Identifier: BSD-2-Clause */
/* iter.c - moving bytes along a list of segments. */
#include "vfs/iter.h"

#include "base/bits.h"
#include "base/errno.h"
#include "base/string.h"
#include "mm/usermem.h"

void iter_init_ubuf(struct iter *it, uaddr_t address, size_t n)
{
    *it = (struct iter){.base = address, .length = n, .count = n};
}

void iter_init_kbuf(struct iter *it, void *buffer, size_t n)
{
    *it = (struct iter){.base = (uint64_t)buffer, .length = n, .is_kernel = true, .count = n};
}

void iter_init_user(struct iter *it, const struct iovec *vec, unsigned n)
{
    *it = (struct iter){.more = vec, .more_count = n};
    for (unsigned i = 0; i < n; i++)
        it->count += vec[i].iov_len;
}

/* The bytes that the current segment offers, at most N; 0 only at the end. */
static size_t segment(struct iter *it, size_t n)
{
    n = MIN(n, it->count);
    while (n && !it->length && it->more_count) {
        it->base = (uint64_t)it->more->iov_base;
        it->length = it->more->iov_len;
        it->more++;
        it->more_count--;
    }
    return MIN(n, it->length);
}

static void advance(struct iter *it, size_t n)
{
    it->base += n;
    it->length -= n;
    it->count -= n;
}

typedef size_t move_fn(struct iter *it, void *data, size_t n); /* bytes not moved */

static size_t move_to(struct iter *it, void *data, size_t n)
{
    if (!it->is_kernel)
        return copy_to_user_partial(it->base, data, n);
    memcpy((void *)it->base, data, n);
    return 0;
}

static size_t move_from(struct iter *it, void *data, size_t n)
{
    if (!it->is_kernel)
        return copy_from_user_partial(data, it->base, n);
    memcpy(data, (const void *)it->base, n);
    return 0;
}

static size_t move_zero(struct iter *it, void *, size_t n)
{
    if (!it->is_kernel)
        return clear_user_partial(it->base, n);
    memset((void *)it->base, 0, n);
    return 0;
}

static inline ssize_t move(struct iter *it, char *data, size_t n, move_fn *fn)
{
    size_t done = 0, chunk;
    while ((chunk = segment(it, n - done)) != 0) {
        size_t left = fn(it, data ? data + done : nullptr, chunk);
        advance(it, chunk - left);
        done += chunk - left;
        if (left)
            return done ? (ssize_t)done : -EFAULT;
    }
    return (ssize_t)done;
}

ssize_t iter_copy_to(struct iter *it, const void *from, size_t n)
{
    return move(it, (char *)from, n, move_to);
}

ssize_t iter_copy_from(struct iter *it, void *to, size_t n)
{
    return move(it, to, n, move_from);
}

ssize_t iter_zero(struct iter *it, size_t n)
{
    return move(it, nullptr, n, move_zero);
}

void iter_skip(struct iter *it, size_t n)
{
    size_t chunk;
    while (n && (chunk = segment(it, n)) != 0) {
        advance(it, chunk);
        n -= chunk;
    }
}
