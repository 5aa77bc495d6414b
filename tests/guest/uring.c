/* SPDX-License-Identifier: BSD-2-Clause */
/* uring.c - io_uring(7) by hand. */
#include "uring.h"

#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "test.h"

void ring_or_skip(void)
{
    struct io_uring_params params = {};
    int fd = (int)syscall(SYS_io_uring_setup, 1, &params);
    if (fd >= 0) {
        OK(close(fd));
        return;
    }
    CHECK(errno == EPERM || errno == ENOSYS);
    test_skip("io_uring is not allowed here");
}

static void *map(int fd, size_t n, uint64_t offset)
{
    void *at = mmap(nullptr, n, PROT_READ | PROT_WRITE, MAP_SHARED, fd, (off_t)offset);
    CHECK(at != MAP_FAILED);
    return at;
}

static void open_as_told(struct ring *ring, unsigned entries)
{
    struct io_uring_params *p = &ring->params;
    ring_or_skip();
    ring->fd = (int)OK(syscall(SYS_io_uring_setup, entries, p));
    size_t n = p->sq_off.array + p->sq_entries * sizeof(unsigned);
    size_t cq_bytes = p->cq_off.cqes + p->cq_entries * sizeof(struct io_uring_cqe);
    CHECK(p->features & IORING_FEAT_SINGLE_MMAP);
    char *at = map(ring->fd, n > cq_bytes ? n : cq_bytes, IORING_OFF_SQ_RING);
    ring->sqes = map(ring->fd, p->sq_entries * sizeof(struct io_uring_sqe), IORING_OFF_SQES);
    ring->sq_head = (unsigned *)(at + p->sq_off.head);
    ring->sq_tail = (unsigned *)(at + p->sq_off.tail);
    ring->sq_flags = (unsigned *)(at + p->sq_off.flags);
    ring->sq_array = (unsigned *)(at + p->sq_off.array);
    ring->cq_head = (unsigned *)(at + p->cq_off.head);
    ring->cq_tail = (unsigned *)(at + p->cq_off.tail);
    ring->cq_overflow = (unsigned *)(at + p->cq_off.overflow);
    ring->cqes = (struct io_uring_cqe *)(at + p->cq_off.cqes);
}

void ring_open(struct ring *ring, unsigned entries, unsigned flags, unsigned cq)
{
    *ring = (struct ring){.params = {.flags = flags, .cq_entries = cq}};
    ring->params.flags |= cq ? IORING_SETUP_CQSIZE : 0;
    open_as_told(ring, entries);
}

void ring_open_idle(struct ring *ring, unsigned entries, unsigned flags, unsigned idle_ms)
{
    *ring = (struct ring){.params = {.flags = flags, .sq_thread_idle = idle_ms}};
    open_as_told(ring, entries);
}

struct io_uring_sqe *ring_entry_held(struct ring *ring, int op, int fd, uint64_t user_data)
{
    unsigned tail = *ring->sq_tail + ring->held, index = tail & (ring->params.sq_entries - 1);
    struct io_uring_sqe *sqe = &ring->sqes[index];
    CHECK(tail - __atomic_load_n(ring->sq_head, __ATOMIC_ACQUIRE) < ring->params.sq_entries);
    memset(sqe, 0, sizeof *sqe);
    sqe->opcode = (uint8_t)op;
    sqe->fd = fd;
    sqe->user_data = user_data;
    ring->sq_array[index] = index;
    ring->held++;
    ring->pending++;
    return sqe;
}

void ring_publish(struct ring *ring)
{
    __atomic_store_n(ring->sq_tail, *ring->sq_tail + ring->held, __ATOMIC_RELEASE);
    ring->held = 0;
}

struct io_uring_sqe *ring_entry(struct ring *ring, int op, int fd, uint64_t user_data)
{
    struct io_uring_sqe *sqe = ring_entry_held(ring, op, fd, user_data);
    ring_publish(ring);
    return sqe;
}

long ring_enter(struct ring *ring, unsigned submit, unsigned least, unsigned flags, void *arg,
                unsigned long size)
{
    return syscall(SYS_io_uring_enter, ring->fd, submit, least, flags, arg, size);
}

int ring_submit(struct ring *ring, unsigned least)
{
    unsigned n = ring->pending;
    ring->pending = 0;
    return (int)OK(ring_enter(ring, n, least, IORING_ENTER_GETEVENTS, nullptr, 0));
}

unsigned ring_ready(const struct ring *ring)
{
    return __atomic_load_n(ring->cq_tail, __ATOMIC_ACQUIRE) - *ring->cq_head;
}

struct io_uring_cqe ring_expect(struct ring *ring, uint64_t user_data)
{
    if (!ring_ready(ring))
        OK(ring_enter(ring, 0, 1, IORING_ENTER_GETEVENTS, nullptr, 0));
    CHECK(ring_ready(ring) > 0);
    struct io_uring_cqe *at = &ring->cqes[*ring->cq_head & (ring->params.cq_entries - 1)];
    struct io_uring_cqe cqe = {.user_data = at->user_data, .res = at->res, .flags = at->flags};
    __atomic_store_n(ring->cq_head, *ring->cq_head + 1, __ATOMIC_RELEASE);
    CHECK_EQ(cqe.user_data, user_data);
    return cqe;
}

int ring_result(struct ring *ring, uint64_t user_data)
{
    return ring_expect(ring, user_data).res;
}

int ring_among(const struct ring *ring, unsigned count, uint64_t user_data)
{
    CHECK(ring_ready(ring) >= count);
    for (unsigned i = 0; i < count; i++) {
        const struct io_uring_cqe *cqe =
            &ring->cqes[(*ring->cq_head + i) & (ring->params.cq_entries - 1)];
        if (cqe->user_data == user_data)
            return cqe->res;
    }
    FAIL("no completion of %d", (int)user_data);
}

int ring_run(struct ring *ring, uint64_t user_data)
{
    CHECK_EQ(ring_submit(ring, 1), 1);
    return ring_result(ring, user_data);
}
