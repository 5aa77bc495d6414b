/* SPDX-License-Identifier: BSD-2-Clause */
/* personality.c - credentials kept in a ring, for requests that name them. */
#include "base/errno.h"
#include "linux-api/uring/uring.h"
#include "mm/heap.h"
#include "proc/cred.h"
#include "sched/thread.h"

constexpr uint32_t PERSONALITIES_MOST = 1024;

struct uring_personality {
    struct list_node node;
    const struct cred *cred; /* referenced */
    uint16_t id;             /* never 0 */
};

static struct uring_personality *find(const struct uring *ring, uint32_t id)
{
    list_for_each(node, &ring->personalities) {
        struct uring_personality *p = container_of(node, struct uring_personality, node);
        if (p->id == id)
            return p;
    }
    return nullptr;
}

int uring_personality_register(struct uring *ring)
{
    if (ring->personality_count == PERSONALITIES_MOST)
        return -EBUSY;
    struct uring_personality *p = heap_alloc(sizeof *p);
    if (!p)
        return -ENOMEM;
    do
        p->id = ++ring->personality_last;
    while (p->id == 0 || find(ring, p->id));
    p->cred = cred_get(current->cred);
    list_push_back(&ring->personalities, &p->node);
    ring->personality_count++;
    return p->id;
}

static void end(struct uring *ring, struct uring_personality *p)
{
    list_remove(&p->node);
    ring->personality_count--;
    cred_put(p->cred);
    heap_free(p);
}

int uring_personality_unregister(struct uring *ring, uint32_t id)
{
    struct uring_personality *p = find(ring, id);
    if (!p)
        return -EINVAL;
    end(ring, p);
    return 0;
}

const struct cred *uring_personality_get(const struct uring *ring, uint16_t id)
{
    const struct uring_personality *p = find(ring, id);
    return p ? cred_get(p->cred) : nullptr;
}

void uring_personalities_free(struct uring *ring)
{
    struct list_node *node;
    while ((node = list_first(&ring->personalities)) != nullptr)
        end(ring, container_of(node, struct uring_personality, node));
}
