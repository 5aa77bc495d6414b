/* SPDX-License-Identifier: BSD-2-Clause */
/* buffers.c - buffers that the program provides in groups, for requests that take one when there
 * is something to put into it. */
#include "base/bits.h"
#include "base/errno.h"
#include "linux-api/uring/uring.h"
#include "mm/heap.h"
#include "mm/usermem.h"
#include "sched/sched.h"

constexpr unsigned IDS = 1 << 16;
constexpr uint32_t PROVIDED_MOST = 1 << 18; /* of one ring */
constexpr uint32_t RELAX_EVERY = 1024;

/* GROUP's list in RING, or NULL. */
static struct uring_group *group_find(const struct uring *ring, uint16_t number)
{
    if (!ring->groups)
        return nullptr;
    list_for_each(node, &ring->groups[number % URING_GROUP_LISTS]) {
        struct uring_group *g = container_of(node, struct uring_group, node);
        if (g->number == number)
            return g;
    }
    return nullptr;
}

static bool lists_make(struct uring *ring)
{
    if (ring->groups)
        return true;
    ring->groups = heap_calloc(URING_GROUP_LISTS, sizeof ring->groups[0]);
    for (unsigned i = 0; ring->groups && i < URING_GROUP_LISTS; i++)
        list_init(&ring->groups[i]);
    return ring->groups;
}

/* Find or make the group; NULL: no memory. */
static struct uring_group *group_get(struct uring *ring, uint16_t number)
{
    struct uring_group *g = group_find(ring, number);
    if (g)
        return g;
    g = lists_make(ring) ? heap_zalloc(sizeof *g) : nullptr;
    if (!g)
        return nullptr;
    g->number = number;
    list_init(&g->buffers);
    list_push_back(&ring->groups[number % URING_GROUP_LISTS], &g->node);
    return g;
}

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
    struct uring_group *group = group_get(r->ring, sqe->buf_group);
    for (uint32_t i = 0; i < count; i++) {
        bool has_room = group && r->ring->provided_count < PROVIDED_MOST;
        struct uring_provided *p = has_room ? heap_alloc(sizeof *p) : nullptr;
        if (!p)
            return i ? (int64_t)i : -ENOMEM;
        p->address = sqe->addr + (uint64_t)i * sqe->len;
        p->bytes = sqe->len;
        p->group = group;
        p->id = (uint16_t)(sqe->off + i);
        list_push_back(&group->buffers, &p->node);
        r->ring->provided_count++;
        if ((i + 1) % RELAX_EVERY == 0)
            (void)sched_relax();
    }
    return 0;
}

static struct uring_provided *take(struct uring *ring, uint16_t number)
{
    struct uring_group *g = group_find(ring, number);
    struct list_node *node = g ? list_pop_front(&g->buffers) : nullptr;
    return node ? container_of(node, struct uring_provided, node) : nullptr;
}

static void provided_free(struct uring *ring, struct uring_provided *p)
{
    ring->provided_count--;
    heap_free(p);
}

int64_t uring_remove_buffers(struct uring_request *r)
{
    int64_t count = 0;
    if (r->sqe.rw_flags || r->sqe.addr || r->sqe.len || r->sqe.off || r->sqe.file_index ||
        r->sqe.fd <= 0)
        return -EINVAL;
    for (struct uring_provided *p; count < r->sqe.fd && (p = take(r->ring, r->sqe.buf_group));
         count++)
        provided_free(r->ring, p);
    return count || group_find(r->ring, r->sqe.buf_group) ? count : -ENOENT;
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
        list_push_front(&p->group->buffers, &p->node);
        return;
    }
    r->cqe_flags |= IORING_CQE_F_BUFFER | (uint32_t)p->id << IORING_CQE_BUFFER_SHIFT;
    provided_free(r->ring, p);
}

void uring_buffers_free(struct uring *ring)
{
    for (unsigned i = 0; ring->groups && i < URING_GROUP_LISTS; i++) {
        struct list_node *node, *buffer;
        while ((node = list_pop_front(&ring->groups[i])) != nullptr) {
            struct uring_group *g = container_of(node, struct uring_group, node);
            while ((buffer = list_pop_front(&g->buffers)) != nullptr)
                provided_free(ring, container_of(buffer, struct uring_provided, node));
            heap_free(g);
        }
    }
    heap_free(ring->groups);
    ring->groups = nullptr;
}
