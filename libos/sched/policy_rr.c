/* SPDX-License-Identifier: BSD-2-Clause */
/* policy_rr.c - round robin per vcpu, real-time priorities above it, SCHED_IDLE below.
 *
 * Each vcpu has three queues: real-time threads by falling priority, ordinary threads in turn, and
 * threads that run only when nothing else wants to.  A vcpu with empty queues takes a thread
 * from the vcpu where most of them wait.
 */
#include <linux/sched.h>
#include "base/assert.h"
#include "base/bits.h"
#include "sched/policy.h"
#include "sched/thread.h"

constexpr uint64_t SLICE_NS = 10000000;     /* an ordinary thread's turn at nice 0 */
constexpr uint64_t SLICE_RR_NS = 100000000; /* SCHED_RR: sched_rr_get_interval(2) */

enum level {
    LEVEL_REAL_TIME,
    LEVEL_ORDINARY,
    LEVEL_IDLE,
    LEVELS
};

struct queue_set {
    struct list_node queue[LEVELS];
    unsigned length;
};

/* What it keeps in a thread. */
struct rr_data {
    uint32_t vcpu;
};

static struct queue_set sets[SCHED_VCPUS_MAX];
static unsigned set_count;

static struct rr_data *data_of(struct thread *t)
{
    static_assert(sizeof(struct rr_data) <= sizeof t->policy_data);
    return (struct rr_data *)t->policy_data;
}

static struct thread *thread_of(struct list_node *node)
{
    return container_of(node, struct thread, policy_node);
}

static enum level level_of(const struct thread *t)
{
    if (t->rt_priority)
        return LEVEL_REAL_TIME;
    return t->sched_class == SCHED_IDLE ? LEVEL_IDLE : LEVEL_ORDINARY;
}

static void rr_init(unsigned vcpus)
{
    set_count = vcpus;
    for (unsigned v = 0; v < SCHED_VCPUS_MAX; v++) {
        sets[v].length = 0;
        for (unsigned level = 0; level < LEVELS; level++)
            list_init(&sets[v].queue[level]);
    }
}

/* Behind those of the same priority, or in front of them.  Only real-time threads of this vcpu
 * are looked at, from the back. */
static void insert_real_time(struct list_node *queue, struct thread *t, bool front)
{
    struct list_node *at = queue->prev;
    while (at != queue) {
        int other = thread_of(at)->rt_priority;
        if (front ? other > t->rt_priority : other >= t->rt_priority)
            break;
        at = at->prev;
    }
    list_insert_before(at->next, &t->policy_node);
}

static void rr_enqueue(struct thread *t, unsigned vcpu, enum enqueue_reason why)
{
    struct queue_set *set = &sets[vcpu];
    enum level level = level_of(t);
    bool front = why == ENQUEUE_PREEMPT;
    if (level == LEVEL_REAL_TIME)
        insert_real_time(&set->queue[level], t, front);
    else if (front)
        list_push_front(&set->queue[level], &t->policy_node);
    else
        list_push_back(&set->queue[level], &t->policy_node);
    data_of(t)->vcpu = vcpu;
    set->length++;
}

static void rr_dequeue(struct thread *t)
{
    struct queue_set *set = &sets[data_of(t)->vcpu];
    assert(set->length > 0);
    list_remove(&t->policy_node);
    set->length--;
}

static struct thread *first_allowed(struct queue_set *set, unsigned vcpu)
{
    for (unsigned level = 0; level < LEVELS; level++) {
        list_for_each(node, &set->queue[level]) {
            struct thread *t = thread_of(node);
            if (t->affinity >> vcpu & 1)
                return t;
        }
    }
    return nullptr;
}

static struct thread *steal(unsigned vcpu)
{
    struct queue_set *longest = nullptr;
    for (unsigned v = 0; v < set_count; v++)
        if (v != vcpu && sets[v].length > (longest ? longest->length : 0))
            longest = &sets[v];
    return longest ? first_allowed(longest, vcpu) : nullptr;
}

static struct thread *rr_pick(unsigned vcpu)
{
    struct queue_set *set = &sets[vcpu];
    struct thread *t = set->length ? first_allowed(set, vcpu) : nullptr;
    if (!t)
        t = steal(vcpu);
    if (t)
        rr_dequeue(t);
    return t;
}

/* nice 0: 10 ms; nice -20: 30 ms; nice 19: 0.5 ms. */
static uint64_t rr_slice_ns(const struct thread *t)
{
    if (t->rt_priority)
        return t->sched_class == SCHED_FIFO ? UINT64_MAX : SLICE_RR_NS;
    if (t->nice < 0)
        return SLICE_NS + SLICE_NS * (uint64_t)-t->nice / 10;
    return SLICE_NS * (20 - (uint64_t)t->nice) / 20;
}

static bool rr_preempts(const struct thread *t, const struct thread *running)
{
    if (level_of(t) != level_of(running))
        return level_of(t) < level_of(running);
    return t->rt_priority > running->rt_priority;
}

const struct sched_policy policy_rr = {
    .name = "rr",
    .init = rr_init,
    .enqueue = rr_enqueue,
    .dequeue = rr_dequeue,
    .pick = rr_pick,
    .slice_ns = rr_slice_ns,
    .preempts = rr_preempts,
};
