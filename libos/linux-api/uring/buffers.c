/* SPDX-License-Identifier: BSD-2-Clause */
/* buffers.c - buffers that the program provides in groups, for requests that take one when there
 * is something to put into it. */
#include "base/bits.h"
#include "base/errno.h"
#include "linux-api/uring/uring.h"
#include "mm/heap.h"
#include "mm/usermem.h"

constexpr unsigned IDS = 1 << 16;

int64_t uring_provide_buffers(struct uring_request *r)
{
    const struct io_uring_sqe *sqe = &r->sqe;
    uint32_t count = (uint32_t)sqe->fd;
    if (count == 0 || count > IDS || sqe->rw_flags || sqe->file_index || sqe->len == 0)
        return count > IDS ? -E2BIG : -EINVAL;
    if (sqe->off > UINT16_MAX || sqe->off + count > IDS)
        return -EINVAL;
    if (!usermem_is_valid(sqe->addr, (uint64_t)sqe->len * count))
        return -EFAULT;
    for (uint32_t i = 0; i < count; i++) {
        struct uring_provided *p = heap_alloc(sizeof *p);
        if (!p)
            return i ? (int64_t)i : -ENOMEM;
        p->address = sqe->addr + (uint64_t)i * sqe->len;
        p->bytes = sqe->len;
        p->group = sqe->buf_group;
        p->id = (uint16_t)(sqe->off + i);
        list_push_back(&r->ring->provided, &p->node);
    }
    return 0;
}

static struct uring_provided *take(struct uring *ring, uint16_t group)
{
    list_for_each(node, &ring->provided) {
        struct uring_provided *p = container_of(node, struct uring_provided, node);
        if (p->group != group)
            continue;
        list_remove(node);
        return p;
    }
    return nullptr;
}

int64_t uring_remove_buffers(struct uring_request *r)
{
    int64_t count = 0;
    if (r->sqe.rw_flags || r->sqe.addr || r->sqe.len || r->sqe.off || r->sqe.file_index ||
        r->sqe.fd <= 0)
        return -EINVAL;
    for (struct uring_provided *p; count < r->sqe.fd && (p = take(r->ring, r->sqe.buf_group));
         count++)
        heap_free(p);
    return count ? count : -ENOENT;
}

int uring_buffer_select(struct uring_request *r, uint64_t *address, uint64_t *bytes)
{
    if (!(r->sqe.flags & IOSQE_BUFFER_SELECT))
        return 0;
    if (!r->selected)
        r->selected = take(r->ring, r->sqe.buf_group);
    if (!r->selected)
        return -ENOBUFS;
    *address = r->selected->address;
    *bytes = *bytes ? MIN(*bytes, (uint64_t)r->selected->bytes) : r->selected->bytes;
    return 0;
}

void uring_buffer_settle(struct uring_request *r, int64_t result)
{
    struct uring_provided *p = r->selected;
    if (!p)
        return;
    r->selected = nullptr;
    if (result < 0) {
        list_push_front(&r->ring->provided, &p->node);
        return;
    }
    r->cqe_flags |= IORING_CQE_F_BUFFER | (uint32_t)p->id << IORING_CQE_BUFFER_SHIFT;
    heap_free(p);
}

void uring_buffers_free(struct uring *ring)
{
    struct list_node *node;
    while ((node = list_pop_front(&ring->provided)) != nullptr)
        heap_free(container_of(node, struct uring_provided, node));
}
