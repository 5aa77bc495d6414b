/* SPDX-License-Identifier: BSD-2-Clause */
/* iter.h - where the bytes of a read go to, or of a write come from.
 *
 * A list of segments in user memory (a system call's buffer or iovec) or in the
 * libOS's own, and how far a transfer has come.  Plain data: it may be copied to
 * remember a position.
 */
#pragma once

#include <linux/uio.h>
#include <stddef.h>
#include <stdint.h>
#include "base/types.h"

struct iter {
    uint64_t base; /* what is left of the current segment */
    size_t length;
    const struct iovec *more; /* segments after it */
    unsigned more_count;
    bool is_kernel; /* addresses are the libOS's own */
    size_t count;   /* bytes left in all */
};

void iter_init_ubuf(struct iter *it, uaddr_t address, size_t n);
void iter_init_kbuf(struct iter *it, void *buffer, size_t n);
/* VEC lies in libOS memory, its addresses are the user's; it must outlive IT, and its lengths add
 * up without overflow. */
void iter_init_user(struct iter *it, const struct iovec *vec, unsigned n);

static inline size_t iter_count(const struct iter *it)
{
    return it->count;
}

/* Let at most N more bytes be transferred. */
static inline void iter_truncate(struct iter *it, size_t n)
{
    if (it->count > n)
        it->count = n;
}

/* Move up to N bytes and advance.  The count moved: short at the iterator's end or at a bad
 * address, -EFAULT if a bad address let nothing be moved. */
ssize_t iter_copy_to(struct iter *it, const void *from, size_t n);
ssize_t iter_copy_from(struct iter *it, void *to, size_t n);
ssize_t iter_zero(struct iter *it, size_t n);
void iter_skip(struct iter *it, size_t n);
