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

/* Used or not. */
static struct uring_group *group_known(const struct uring *ring, uint16_t number)
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

/* RING's group, or NULL. */
static struct uring_group *group_find(const struct uring *ring, uint16_t number)
{
    struct uring_group *g = group_known(ring, number);
    return g && !g->is_unused ? g : nullptr;
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
    struct uring_group *g = group_known(ring, number);
    if (g) {
        g->is_unused = false;
        return g;
    }
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
    if (group && group->entries)
        return -EINVAL;
    for (uint32_t i = 0; i < count; i++) {
        bool has_room = group && r->ring->provided_count < PROVIDED_MOST;
        struct uring_provided *p = has_room ? heap_alloc(sizeof *p) : nullptr;
        if (!p)
            return i ? (int64_t)i : -ENOMEM;
        p->address = sqe->addr + (uint64_t)i * sqe->len;
        p->bytes = sqe->len;
        p->id = (uint16_t)(sqe->off + i);
        list_push_back(&group->buffers, &p->node);
        r->ring->provided_count++;
        if ((i + 1) % RELAX_EVERY == 0)
            (void)sched_relax();
    }
    return 0;
}

static struct uring_provided *take(struct uring_group *g)
{
    struct list_node *node = list_pop_front(&g->buffers);
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
    struct uring_group *g = group_find(r->ring, r->sqe.buf_group);
    if (!g)
        return -ENOENT;
    if (g->entries)
        return -EINVAL;
    for (struct uring_provided *p; count < r->sqe.fd && (p = take(g)); count++)
        provided_free(r->ring, p);
    return count;
}

/* ------------------------------------------------------------------ rings of buffers */

int uring_buffer_ring_register(struct uring *ring, uaddr_t user, uint32_t count)
{
    constexpr uint32_t entries_most = 1 << 15;
    struct io_uring_buf_reg reg;
    if (count != 1)
        return -EINVAL;
    if (copy_from_user(&reg, user, sizeof reg))
        return -EFAULT;
    uint32_t n = reg.ring_entries;
    if (reg.pad || reg.resv[0] || reg.resv[1] || reg.resv[2] || n == 0 || n & (n - 1) ||
        n > entries_most || reg.ring_addr % PAGE_SIZE)
        return -EINVAL;
    if (!reg.ring_addr || !usermem_is_valid(reg.ring_addr, n * sizeof(struct io_uring_buf)))
        return -EFAULT;
    for (uint32_t i = 0; i < n; i += PAGE_SIZE / sizeof(struct io_uring_buf)) {
        uint8_t byte; /* it exists now: what is done to it later is the program's matter */
        if (get_user_u8(&byte, reg.ring_addr + i * sizeof(struct io_uring_buf)))
            return -EFAULT;
    }
    struct uring_group *g = group_get(ring, reg.bgid);
    if (!g)
        return -ENOMEM;
    if (g->entries || !list_is_empty(&g->buffers))
        return -EEXIST;
    g->entries = reg.ring_addr;
    g->entry_count = n;
    g->head = 0;
    return 0;
}

int uring_buffer_ring_unregister(struct uring *ring, uaddr_t user, uint32_t count)
{
    struct io_uring_buf_reg reg;
    if (count != 1)
        return -EINVAL;
    if (copy_from_user(&reg, user, sizeof reg))
        return -EFAULT;
    if (reg.pad || reg.resv[0] || reg.resv[1] || reg.resv[2])
        return -EINVAL;
    struct uring_group *g = group_find(ring, reg.bgid);
    if (!g)
        return -ENOENT;
    if (!g->entries)
        return -EINVAL;
    g->entries = 0;
    g->is_unused = true;
    return 0;
}

/* The tail, which the program advances, stands in the first entry. */
static int ring_take(struct uring_group *g, struct uring_selection *to)
{
    struct io_uring_buf entry;
    uint16_t tail;
    uaddr_t tail_at = g->entries + offsetof(struct io_uring_buf_ring, tail);
    if (copy_from_user(&tail, tail_at, sizeof tail))
        return -EFAULT;
    if (tail == g->head)
        return -ENOBUFS;
    uaddr_t at = g->entries + (g->head & (g->entry_count - 1)) * sizeof entry;
    if (copy_from_user(&entry, at, sizeof entry))
        return -EFAULT;
    *to = (struct uring_selection){g, nullptr, entry.addr, entry.len, entry.bid, g->head++};
    return 0;
}

/* ------------------------------------------------------------------ use */

static int select(struct uring_request *r)
{
    struct uring_group *g = group_find(r->ring, r->sqe.buf_group);
    if (g && g->entries)
        return ring_take(g, &r->selected);
    struct uring_provided *p = g ? take(g) : nullptr;
    if (!p)
        return -ENOBUFS;
    r->selected = (struct uring_selection){g, p, p->address, p->bytes, p->id, 0};
    return 0;
}

int uring_buffer_select(struct uring_request *r, uint64_t *address, uint64_t *bytes)
{
    const struct uring_selection *s = &r->selected;
    if (!(r->sqe.flags & IOSQE_BUFFER_SELECT))
        return 0;
    if (!s->group) {
        int err = select(r);
        if (err < 0)
            return err;
    }
    *address = s->address;
    *bytes = *bytes ? MIN(*bytes, (uint64_t)s->bytes) : s->bytes;
    return 0;
}

/* Nothing came of it: it is the next again, unless others of its ring were taken meanwhile. */
static void give_back(const struct uring_selection *s)
{
    if (s->buffer)
        list_push_front(&s->group->buffers, &s->buffer->node);
    else if (s->group->entries && s->group->head == (uint16_t)(s->position + 1))
        s->group->head = s->position;
}

void uring_buffer_settle(struct uring_request *r, int64_t result)
{
    struct uring_selection s = r->selected;
    if (!s.group)
        return;
    r->selected.group = nullptr;
    if (result < 0) {
        give_back(&s);
        return;
    }
    r->cqe_flags |= IORING_CQE_F_BUFFER | (uint32_t)s.id << IORING_CQE_BUFFER_SHIFT;
    if (s.buffer)
        provided_free(r->ring, s.buffer);
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
