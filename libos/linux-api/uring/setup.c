/* SPDX-License-Identifier: BSD-2-Clause */
/* setup.c - io_uring_setup(2): a ring as a file, and its memory. */
#include <linux/fcntl.h>
#include <stdatomic.h>

#include "base/bits.h"
#include "base/errno.h"
#include "base/string.h"
#include "linux-api/call.h"
#include "linux-api/uring/uring.h"
#include "mm/heap.h"
#include "mm/mmap.h"
#include "mm/page.h"
#include "mm/usermem.h"
#include "mm/vma.h"
#include "sched/thread.h"
#include "vfs/fdtable.h"
#include "vfs/file.h"
#include "vfs/fs.h"
#include "vfs/inode.h"
#include "vfs/pagecache.h"
#include "vfs/vfs.h"

constexpr uint32_t ENTRIES_MOST = 32768;
/* The work of a ring is done by its threads alone and never interrupts them in their program for
 * longer than it takes: so the hints about that are fulfilled by themselves. */
constexpr uint32_t SETUP_FLAGS =
    IORING_SETUP_CQSIZE | IORING_SETUP_CLAMP | IORING_SETUP_R_DISABLED | IORING_SETUP_SUBMIT_ALL |
    IORING_SETUP_COOP_TASKRUN | IORING_SETUP_TASKRUN_FLAG | IORING_SETUP_SINGLE_ISSUER |
    IORING_SETUP_DEFER_TASKRUN | IORING_SETUP_SQPOLL | IORING_SETUP_SQ_AFF |
    IORING_SETUP_ATTACH_WQ | IORING_SETUP_IOPOLL;
constexpr uint32_t TASKRUN_FLAGS =
    IORING_SETUP_COOP_TASKRUN | IORING_SETUP_TASKRUN_FLAG | IORING_SETUP_DEFER_TASKRUN;
constexpr uint32_t FEATURES = IORING_FEAT_SINGLE_MMAP | IORING_FEAT_NODROP |
                              IORING_FEAT_SUBMIT_STABLE | IORING_FEAT_RW_CUR_POS |
                              IORING_FEAT_CUR_PERSONALITY | IORING_FEAT_FAST_POLL |
                              IORING_FEAT_POLL_32BITS | IORING_FEAT_SQPOLL_NONFIXED |
                              IORING_FEAT_EXT_ARG | IORING_FEAT_CQE_SKIP | IORING_FEAT_LINKED_FILE;

static const struct file_ops uring_ops;

struct uring *file_uring(const struct file *file)
{
    return file->ops == &uring_ops ? file->private : nullptr;
}

/* ------------------------------------------------------------------ memory */

static void memory_free(struct uring_memory *m)
{
    for (uint64_t i = 0; i < m->pages; i++)
        page_put(page_of_address((char *)m->start + i * PAGE_SIZE));
    m->pages = 0;
    file_put(m->file);
    m->file = nullptr;
}

/* Give the file its pages; each gets a reference more for it. */
static int memory_fill(struct uring_memory *m)
{
    struct inode *inode = m->file->inode;
    for (uint64_t i = 0; i < m->pages; i++) {
        struct page *page = page_of_address((char *)m->start + i * PAGE_SIZE);
        int err = super_charge(inode->super, 1);
        if (err < 0)
            return err;
        page->refs++;
        err = pagecache_insert(inode, i, page);
        if (err < 0) {
            super_uncharge(inode->super, 1);
            page_put(page);
            return err;
        }
    }
    return 0;
}

static int memory_create(struct uring_memory *m, uint64_t bytes)
{
    uint64_t pages = page_round_up(bytes) / PAGE_SIZE;
    struct page *first = page_alloc_run(pages, PAGE_ZEROED);
    if (!first)
        return -ENOMEM;
    m->start = page_address(first);
    m->pages = pages;
    int err = tmpfs_create_unlinked("[io_uring]", pages * PAGE_SIZE, &m->file);
    if (!err)
        err = memory_fill(m);
    if (err < 0)
        memory_free(m);
    return err;
}

static int ring_mmap(struct file *file, struct vma *vma)
{
    const struct uring *ring = file->private;
    uint64_t offset = vma->page_offset * PAGE_SIZE;
    const struct uring_memory *m = nullptr;
    if (offset == IORING_OFF_SQ_RING || offset == IORING_OFF_CQ_RING)
        m = &ring->rings;
    else if (offset == IORING_OFF_SQES)
        m = &ring->sqes_memory;
    if (!m || vma_pages(vma) > m->pages || !(vma->flags & VMA_SHARED))
        return -EINVAL;
    vma_set_file(vma, m->file);
    vma->page_offset = 0;
    return 0;
}

/* ------------------------------------------------------------------ the file */

static uint32_t ring_poll(struct file *file, struct poll_table *table)
{
    struct uring *ring = file->private;
    poll_wait(file, &ring->wait, table);
    if (ring->poller)
        poll_wait(file, &ring->sq_wait, table);
    bool has_any =
        uring_ready(ring) || !list_is_empty(&ring->overflow) || !list_is_empty(&ring->work);
    return (has_any ? EPOLLIN | EPOLLRDNORM : 0) |
           (uring_entries(ring) < ring->sq_entries ? EPOLLOUT | EPOLLWRNORM : 0);
}

static void ring_free(struct uring *ring)
{
    struct list_node *node;
    while ((node = list_pop_front(&ring->overflow)) != nullptr)
        heap_free(container_of(node, struct uring_overflow, node));
    uring_resources_free(ring);
    thread_put(ring->issuer);
    memory_free(&ring->sqes_memory);
    memory_free(&ring->rings);
    heap_free(ring);
}

static void ring_release(struct file *file)
{
    struct uring *ring = file->private;
    ring->is_ended = true;
    uring_poller_leave(ring);
    uring_requests_drop(ring);
    ring_free(ring);
}

static const struct file_ops uring_ops = {
    .flags = FOP_STREAM | FOP_NOPASS,
    .poll = ring_poll,
    .mmap = ring_mmap,
    .release = ring_release,
    .llseek = file_seek_none,
};

/* ------------------------------------------------------------------ io_uring_setup */

static uint32_t power_up(uint32_t n)
{
    return n <= 1 ? 1 : 1u << (32 - __builtin_clz(n - 1));
}

/* Check P and complete its numbers. */
static int params_check(struct io_uring_params *p, uint32_t entries)
{
    bool clamps = p->flags & IORING_SETUP_CLAMP;
    if (p->resv[0] || p->resv[1] || p->resv[2] || p->flags & ~SETUP_FLAGS || !entries)
        return -EINVAL;
    if (p->flags & IORING_SETUP_SQPOLL && p->flags & TASKRUN_FLAGS)
        return -EINVAL;
    if (p->flags & IORING_SETUP_SQ_AFF && !(p->flags & IORING_SETUP_SQPOLL))
        return -EINVAL;
    if (p->flags & IORING_SETUP_TASKRUN_FLAG &&
        !(p->flags & (IORING_SETUP_COOP_TASKRUN | IORING_SETUP_DEFER_TASKRUN)))
        return -EINVAL;
    if (p->flags & IORING_SETUP_DEFER_TASKRUN && !(p->flags & IORING_SETUP_SINGLE_ISSUER))
        return -EINVAL;
    if (entries > ENTRIES_MOST && !clamps)
        return -EINVAL;
    p->sq_entries = power_up(MIN(entries, ENTRIES_MOST));
    if (!(p->flags & IORING_SETUP_CQSIZE)) {
        p->cq_entries = 2 * p->sq_entries;
        return 0;
    }
    if (!p->cq_entries || (p->cq_entries > 2 * ENTRIES_MOST && !clamps))
        return -EINVAL;
    p->cq_entries = power_up(MIN(p->cq_entries, 2 * ENTRIES_MOST));
    return p->cq_entries < p->sq_entries ? -EINVAL : 0;
}

static void offsets_tell(struct io_uring_params *p)
{
    uint32_t array =
        (uint32_t)(sizeof(struct uring_shared) + p->cq_entries * sizeof(struct io_uring_cqe));
    p->features = FEATURES;
    p->sq_off = (struct io_sqring_offsets){
        .head = offsetof(struct uring_shared, sq_head),
        .tail = offsetof(struct uring_shared, sq_tail),
        .ring_mask = offsetof(struct uring_shared, sq_mask),
        .ring_entries = offsetof(struct uring_shared, sq_entries),
        .flags = offsetof(struct uring_shared, sq_flags),
        .dropped = offsetof(struct uring_shared, sq_dropped),
        .array = array,
    };
    p->cq_off = (struct io_cqring_offsets){
        .head = offsetof(struct uring_shared, cq_head),
        .tail = offsetof(struct uring_shared, cq_tail),
        .ring_mask = offsetof(struct uring_shared, cq_mask),
        .ring_entries = offsetof(struct uring_shared, cq_entries),
        .overflow = offsetof(struct uring_shared, cq_overflow),
        .cqes = offsetof(struct uring_shared, cqes),
        .flags = offsetof(struct uring_shared, cq_flags),
    };
}

static int rings_create(struct uring *ring, const struct io_uring_params *p)
{
    int err = memory_create(&ring->rings, p->sq_off.array + p->sq_entries * sizeof(uint32_t));
    if (!err)
        err = memory_create(&ring->sqes_memory, p->sq_entries * sizeof(struct io_uring_sqe));
    if (err < 0)
        return err;
    ring->shared = ring->rings.start;
    ring->sq_array = (uint32_t *)((char *)ring->rings.start + p->sq_off.array);
    ring->sqes = ring->sqes_memory.start;
    ring->shared->sq_mask = p->sq_entries - 1;
    ring->shared->cq_mask = p->cq_entries - 1;
    ring->shared->sq_entries = p->sq_entries;
    ring->shared->cq_entries = p->cq_entries;
    return 0;
}

void uring_enable(struct uring *ring)
{
    ring->is_disabled = false;
    uring_poller_wake(ring);
    if (ring->flags & IORING_SETUP_SINGLE_ISSUER)
        ring->issuer = thread_get(current);
}

static int ring_create(const struct io_uring_params *p, struct file **out)
{
    struct uring *ring = heap_zalloc(sizeof *ring);
    if (!ring)
        return -ENOMEM;
    ring->flags = p->flags;
    ring->sq_entries = p->sq_entries;
    ring->cq_entries = p->cq_entries;
    ring->is_disabled = true;
    if (!(p->flags & IORING_SETUP_R_DISABLED))
        uring_enable(ring);
    list_init(&ring->requests);
    for (unsigned i = 0; i < URING_DATA_LISTS; i++)
        list_init(&ring->by_data[i]);
    list_init(&ring->deferred);
    list_init(&ring->overflow);
    list_init(&ring->personalities);
    list_init(&ring->counting);
    list_init(&ring->work);
    list_init(&ring->poller_node);
    wait_queue_init(&ring->wait);
    wait_queue_init(&ring->sq_wait);
    int err = rings_create(ring, p);
    if (!err)
        err = file_create_anon("anon_inode:[io_uring]", &uring_ops, ring, O_RDWR, out);
    if (err < 0) {
        ring_free(ring);
        return err;
    }
    ring->file = *out;
    /* The poller runs once the caller sleeps; then the ring is complete. */
    err = uring_poller_find(ring, p);
    if (err < 0)
        file_put(*out);
    return err;
}

long sys_io_uring_setup(const struct call *c)
{
    struct io_uring_params p;
    struct file *file;
    if (copy_from_user(&p, c->arg[1], sizeof p))
        return -EFAULT;
    int err = params_check(&p, (uint32_t)c->arg[0]);
    if (err < 0)
        return err;
    offsets_tell(&p);
    err = ring_create(&p, &file);
    if (err < 0)
        return err;
    if (copy_to_user(c->arg[1], &p, sizeof p)) {
        file_put(file);
        return -EFAULT;
    }
    return fd_open(file, O_CLOEXEC);
}
