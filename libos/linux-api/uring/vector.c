/* SPDX-License-Identifier: BSD-2-Clause */
/* vector.c - what readv, writev, sendmsg and recvmsg describe: copied when the entry is read, as
 * the program may use that memory again at once (IORING_FEAT_SUBMIT_STABLE). */
#include "base/errno.h"
#include "linux-api/file/args.h"
#include "linux-api/uring/uring.h"
#include "mm/heap.h"
#include "mm/usermem.h"

constexpr uint64_t BYTES_MOST = 16 << 20; /* of copies, for one ring */

static int create(struct uring_request *r, uint64_t count)
{
    uint64_t bytes = sizeof(struct uring_vector) + count * sizeof(struct iovec);
    if (r->ring->vector_bytes + bytes > BYTES_MOST)
        return -ENOMEM;
    r->vector = heap_zalloc(bytes);
    if (!r->vector)
        return -ENOMEM;
    r->vector->count = (uint32_t)count;
    r->ring->vector_bytes += bytes;
    return 0;
}

void uring_vector_free(struct uring_request *r)
{
    if (r->vector)
        r->ring->vector_bytes -=
            sizeof(struct uring_vector) + r->vector->count * sizeof(struct iovec);
    heap_free(r->vector);
    r->vector = nullptr;
}

/* Copy the COUNT entries at USER.  Where a buffer is chosen later the one entry that there may be
 * gives its length only. */
static int parts_copy(struct uring_request *r, uaddr_t user, uint64_t count)
{
    struct iovec *part = r->vector->part;
    bool selects = r->sqe.flags & IOSQE_BUFFER_SELECT;
    int err =
        selects ? copy_from_user(part, user, count * sizeof *part) : iovec_read(part, user, count);
    if (selects && count)
        part->iov_base = nullptr;
    for (uint64_t i = 0; !err && i < count; i++)
        r->vector->bytes += part[i].iov_len;
    return err;
}

int uring_vector_prepare(struct uring_request *r)
{
    uint64_t count = r->sqe.len;
    int err = uring_transfer_prepare(r);
    if (err < 0)
        return err;
    if (count > IOVEC_MOST || (r->sqe.flags & IOSQE_BUFFER_SELECT && count != 1))
        return -EINVAL;
    err = create(r, count);
    return err < 0 ? err : parts_copy(r, r->sqe.addr, count);
}

static int flags_check(const struct uring_request *r)
{
    unsigned flags = r->sqe.ioprio, known = IORING_RECVSEND_POLL_FIRST;
    bool selects = r->sqe.flags & IOSQE_BUFFER_SELECT;
    if (r->sqe.opcode == IORING_OP_RECVMSG)
        known |= IORING_RECV_MULTISHOT;
    if (flags & ~known || r->sqe.addr2 || r->sqe.file_index)
        return -EINVAL;
    if (flags & IORING_RECV_MULTISHOT && (!selects || r->sqe.msg_flags & MSG_WAITALL))
        return -EINVAL;
    return 0;
}

int uring_message_prepare(struct uring_request *r)
{
    struct user_msghdr h;
    bool selects = r->sqe.flags & IOSQE_BUFFER_SELECT;
    int err = flags_check(r);
    if (err < 0)
        return err;
    if (copy_from_user(&h, r->sqe.addr, sizeof h))
        return -EFAULT;
    if (h.name_bytes < 0)
        return -EINVAL;
    if (h.iov_count > IOVEC_MOST)
        return -EMSGSIZE;
    if (selects && h.iov_count > 1)
        return -EINVAL;
    err = create(r, h.iov_count);
    if (err < 0)
        return err;
    r->vector->header = h;
    return parts_copy(r, h.iov, h.iov_count);
}

void uring_vector_iter(const struct uring_request *r, struct iter *it)
{
    iter_init_user(it, r->vector->part, r->vector->count);
    iter_skip(it, r->done);
}
