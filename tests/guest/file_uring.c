/* SPDX-License-Identifier: BSD-2-Clause */
/* file_uring.c - io_uring_setup(2), io_uring_enter(2), io_uring_register(2): rings and the
 * operations of files. */
#include "test.h"

#include <fcntl.h>
#include <linux/openat2.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include "uring.h"

static struct ring ring;

static struct io_uring_sqe *transfer(int op, int fd, const void *buffer, unsigned n, int64_t offset,
                                     uint64_t user_data)
{
    struct io_uring_sqe *sqe = ring_entry(&ring, op, fd, user_data);
    sqe->addr = (uintptr_t)buffer;
    sqe->len = n;
    sqe->off = (uint64_t)offset;
    return sqe;
}

TEST(uring_setup_tells_sizes)
{
    struct io_uring_params p = {};
    ring_open(&ring, 5, 0, 0);
    CHECK_EQ(ring.params.sq_entries, 8);
    CHECK_EQ(ring.params.cq_entries, 16);
    CHECK(ring.params.features & IORING_FEAT_NODROP);
    CHECK_EQ(OK(fcntl(ring.fd, F_GETFD)), FD_CLOEXEC);
    CHECK_ERRNO(syscall(SYS_io_uring_setup, 0, &p), EINVAL);
    CHECK_ERRNO(syscall(SYS_io_uring_setup, 1 << 20, &p), EINVAL);
    CHECK_ERRNO(syscall(SYS_io_uring_setup, 1, nullptr), EFAULT);
    p.flags = IORING_SETUP_CLAMP;
    /* So large a ring may find no memory in one piece. */
    int largest = (int)syscall(SYS_io_uring_setup, 1 << 20, &p);
    CHECK(largest >= 0 || errno == ENOMEM);
    if (largest >= 0) {
        CHECK_EQ(p.sq_entries, 32768);
        OK(close(largest));
    }
    p = (struct io_uring_params){.flags = IORING_SETUP_CQSIZE, .cq_entries = 2};
    CHECK_ERRNO(syscall(SYS_io_uring_setup, 4, &p), EINVAL);
    p = (struct io_uring_params){.flags = 1u << 31};
    CHECK_ERRNO(syscall(SYS_io_uring_setup, 4, &p), EINVAL);
    p = (struct io_uring_params){.resv = {1}};
    CHECK_ERRNO(syscall(SYS_io_uring_setup, 4, &p), EINVAL);
    CHECK(mmap(nullptr, 4096, PROT_READ, MAP_SHARED, ring.fd, 0x70000000) == MAP_FAILED);
}

TEST(uring_nop_and_order)
{
    ring_open(&ring, 8, 0, 0);
    for (uint64_t i = 0; i < 8; i++)
        ring_entry(&ring, IORING_OP_NOP, -1, i);
    CHECK_EQ(ring_submit(&ring, 8), 8);
    CHECK_EQ(ring_ready(&ring), 8);
    for (uint64_t i = 0; i < 8; i++)
        CHECK_EQ(ring_result(&ring, i), 0);
    CHECK_EQ(*ring.sq_head, *ring.sq_tail);
}

TEST(uring_reads_and_writes)
{
    char text[16] = "";
    struct iovec parts[2] = {{text, 2}, {text + 2, 4}};
    ring_open(&ring, 8, 0, 0);
    int fd = (int)OK(open("file", O_CREAT | O_RDWR, 0644));
    transfer(IORING_OP_WRITE, fd, "abcdef", 6, 0, 1);
    CHECK_EQ(ring_run(&ring, 1), 6);
    transfer(IORING_OP_READ, fd, text, 3, 2, 2);
    CHECK_EQ(ring_run(&ring, 2), 3);
    CHECK_STR(text, "cde");
    transfer(IORING_OP_READV, fd, parts, 2, 0, 3);
    CHECK_EQ(ring_run(&ring, 3), 6);
    CHECK_STR(text, "abcdef");
    CHECK_EQ(OK(lseek(fd, 0, SEEK_CUR)), 0);
    transfer(IORING_OP_READ, fd, text, 4, -1, 4); /* at the file's position */
    CHECK_EQ(ring_run(&ring, 4), 4);
    CHECK_EQ(OK(lseek(fd, 0, SEEK_CUR)), 4);
    transfer(IORING_OP_WRITEV, fd, parts, 2, 6, 5);
    CHECK_EQ(ring_run(&ring, 5), 6);
    ring_entry(&ring, IORING_OP_FSYNC, fd, 6);
    CHECK_EQ(ring_run(&ring, 6), 0);
    file_expect("file", "abcdefabcdef");
    transfer(IORING_OP_READ, fd, (void *)8, 4, 0, 7);
    CHECK_EQ(ring_run(&ring, 7), -EFAULT);
    transfer(IORING_OP_READ, 999, text, 4, 0, 8);
    CHECK_EQ(ring_run(&ring, 8), -EBADF);
}

TEST(uring_waits_for_a_pipe)
{
    char byte = 0;
    struct gate g = gate_make();
    ring_open(&ring, 8, 0, 0);
    transfer(IORING_OP_READ, g.fd[0], &byte, 1, 0, 1);
    CHECK_EQ(ring_submit(&ring, 0), 1);
    CHECK_EQ(ring_ready(&ring), 0);
    transfer(IORING_OP_WRITE, g.fd[1], "x", 1, 0, 2);
    CHECK_EQ(ring_submit(&ring, 2), 1);
    CHECK_EQ(ring_ready(&ring), 2);
    struct io_uring_cqe *cqes = ring.cqes;
    CHECK_EQ(cqes[0].user_data + cqes[1].user_data, 3);
    CHECK_EQ(cqes[0].res + cqes[1].res, 2);
    CHECK_EQ(byte, 'x');
}

TEST(uring_completes_while_the_thread_polls)
{
    char byte = 0;
    struct gate g = gate_make();
    ring_open(&ring, 8, 0, 0);
    transfer(IORING_OP_READ, g.fd[0], &byte, 1, 0, 1);
    CHECK_EQ(ring_submit(&ring, 0), 1);
    pid_t pid = (pid_t)OK(fork());
    if (pid == 0) {
        process_await_state(getppid(), "S");
        gate_open(&g);
        _exit(0);
    }
    struct pollfd p = {.fd = ring.fd, .events = POLLIN};
    int n;
    do
        n = poll(&p, 1, -1);
    while (n == -1 && errno == EINTR);
    CHECK_EQ(n, 1);
    CHECK_EQ(ring_result(&ring, 1), 1);
    child_wait_ok(pid);
}

TEST(uring_need_not_wait)
{
    char byte;
    struct gate g = gate_make();
    ring_open(&ring, 8, 0, 0);
    transfer(IORING_OP_READ, g.fd[0], &byte, 1, 0, 1)->rw_flags = RWF_NOWAIT;
    CHECK_EQ(ring_run(&ring, 1), -EAGAIN);
}

TEST(uring_links)
{
    char text[8] = "";
    ring_open(&ring, 8, 0, 0);
    int fd = (int)OK(open("file", O_CREAT | O_RDWR, 0644));
    transfer(IORING_OP_WRITE, fd, "abc", 3, 0, 1)->flags = IOSQE_IO_LINK;
    transfer(IORING_OP_READ, fd, text, 3, 0, 2)->flags = IOSQE_IO_LINK;
    ring_entry(&ring, IORING_OP_NOP, -1, 3);
    CHECK_EQ(ring_submit(&ring, 3), 3);
    CHECK_EQ(ring_result(&ring, 1), 3);
    CHECK_EQ(ring_result(&ring, 2), 3);
    CHECK_EQ(ring_result(&ring, 3), 0);
    CHECK_STR(text, "abc");
    /* A failure, and a short read, end the chain. */
    transfer(IORING_OP_READ, 999, text, 3, 0, 1)->flags = IOSQE_IO_LINK;
    ring_entry(&ring, IORING_OP_NOP, -1, 2)->flags = IOSQE_IO_LINK;
    ring_entry(&ring, IORING_OP_NOP, -1, 3);
    ring_entry(&ring, IORING_OP_NOP, -1, 4);
    CHECK_EQ(ring_submit(&ring, 4), 4);
    CHECK_EQ(ring_among(&ring, 4, 1), -EBADF);
    CHECK_EQ(ring_among(&ring, 4, 2), -ECANCELED);
    CHECK_EQ(ring_among(&ring, 4, 3), -ECANCELED);
    CHECK_EQ(ring_among(&ring, 4, 4), 0);
    *ring.cq_head += 4;
    transfer(IORING_OP_READ, fd, text, 5, 0, 1)->flags = IOSQE_IO_LINK;
    ring_entry(&ring, IORING_OP_NOP, -1, 2);
    CHECK_EQ(ring_submit(&ring, 2), 2);
    CHECK_EQ(ring_among(&ring, 2, 1), 3);
    CHECK_EQ(ring_among(&ring, 2, 2), -ECANCELED);
    *ring.cq_head += 2;
    /* A hard link holds. */
    transfer(IORING_OP_READ, 999, text, 3, 0, 1)->flags = IOSQE_IO_HARDLINK;
    ring_entry(&ring, IORING_OP_NOP, -1, 2);
    CHECK_EQ(ring_submit(&ring, 2), 2);
    CHECK_EQ(ring_result(&ring, 1), -EBADF);
    CHECK_EQ(ring_result(&ring, 2), 0);
}

TEST(uring_link_waits_for_its_head)
{
    char byte;
    struct gate g = gate_make();
    ring_open(&ring, 8, 0, 0);
    transfer(IORING_OP_READ, g.fd[0], &byte, 1, 0, 1)->flags = IOSQE_IO_LINK;
    ring_entry(&ring, IORING_OP_NOP, -1, 2);
    CHECK_EQ(ring_submit(&ring, 0), 2);
    CHECK_EQ(ring_ready(&ring), 0);
    gate_open(&g);
    CHECK_EQ(ring_result(&ring, 1), 1);
    CHECK_EQ(ring_result(&ring, 2), 0);
}

TEST(uring_drain)
{
    char byte;
    struct gate g = gate_make();
    ring_open(&ring, 8, 0, 0);
    transfer(IORING_OP_READ, g.fd[0], &byte, 1, 0, 1);
    ring_entry(&ring, IORING_OP_NOP, -1, 2)->flags = IOSQE_IO_DRAIN;
    ring_entry(&ring, IORING_OP_NOP, -1, 3);
    CHECK_EQ(ring_submit(&ring, 0), 3);
    CHECK_EQ(ring_ready(&ring), 0);
    gate_open(&g);
    CHECK_EQ(ring_result(&ring, 1), 1);
    CHECK_EQ(ring_result(&ring, 2), 0);
    CHECK_EQ(ring_result(&ring, 3), 0);
}

/* A whole chain waits if one in it drains, and what comes after it waits for its end. */
TEST(uring_drain_in_a_chain)
{
    char byte;
    struct gate g = gate_make(), h = gate_make();
    ring_open(&ring, 8, 0, 0);
    transfer(IORING_OP_READ, g.fd[0], &byte, 1, 0, 1);
    ring_entry(&ring, IORING_OP_NOP, -1, 2)->flags = IOSQE_IO_LINK;
    transfer(IORING_OP_READ, h.fd[0], &byte, 1, 0, 3)->flags = IOSQE_IO_DRAIN;
    ring_entry(&ring, IORING_OP_NOP, -1, 4);
    CHECK_EQ(ring_submit(&ring, 0), 4);
    CHECK_EQ(ring_ready(&ring), 0);
    gate_open(&g);
    CHECK_EQ(ring_result(&ring, 1), 1);
    CHECK_EQ(ring_result(&ring, 2), 0);
    CHECK_EQ(ring_ready(&ring), 0);
    gate_open(&h);
    CHECK_EQ(ring_result(&ring, 3), 1);
    CHECK_EQ(ring_result(&ring, 4), 0);
}

TEST(uring_skips_success)
{
    ring_open(&ring, 8, 0, 0);
    ring_entry(&ring, IORING_OP_NOP, -1, 1)->flags = IOSQE_CQE_SKIP_SUCCESS;
    transfer(IORING_OP_READ, 999, &ring, 1, 0, 2)->flags = IOSQE_CQE_SKIP_SUCCESS;
    CHECK_EQ(ring_submit(&ring, 1), 2);
    CHECK_EQ(ring_ready(&ring), 1);
    CHECK_EQ(ring_result(&ring, 2), -EBADF);
}

/* Those behind a failure are told of, or not, as it says itself. */
TEST(uring_failed_link_skips)
{
    constexpr unsigned SKIP = IOSQE_IO_LINK | IOSQE_CQE_SKIP_SUCCESS;
    ring_open(&ring, 8, 0, 0);
    ring_entry(&ring, IORING_OP_NOP, -1, 1)->flags = SKIP;
    transfer(IORING_OP_READ, 999, &ring, 1, 0, 2)->flags = SKIP;
    ring_entry(&ring, IORING_OP_NOP, -1, 3)->flags = SKIP;
    ring_entry(&ring, IORING_OP_NOP, -1, 4);
    CHECK_EQ(ring_submit(&ring, 1), 4);
    CHECK_EQ(ring_ready(&ring), 1);
    CHECK_EQ(ring_result(&ring, 2), -EBADF);
    transfer(IORING_OP_READ, 999, &ring, 1, 0, 2)->flags = IOSQE_IO_LINK;
    ring_entry(&ring, IORING_OP_NOP, -1, 3)->flags = SKIP;
    ring_entry(&ring, IORING_OP_NOP, -1, 4);
    CHECK_EQ(ring_submit(&ring, 3), 3);
    CHECK_EQ(ring_result(&ring, 2), -EBADF);
    CHECK_EQ(ring_result(&ring, 3), -ECANCELED);
    CHECK_EQ(ring_result(&ring, 4), -ECANCELED);
}

TEST(uring_link_timeout_skips)
{
    struct __kernel_timespec day = {86400, 0};
    ring_open(&ring, 8, 0, 0);
    ring_entry(&ring, IORING_OP_NOP, -1, 1)->flags = IOSQE_IO_LINK;
    transfer(IORING_OP_LINK_TIMEOUT, -1, &day, 1, 0, 2)->flags =
        IOSQE_IO_LINK | IOSQE_CQE_SKIP_SUCCESS;
    ring_entry(&ring, IORING_OP_NOP, -1, 3);
    CHECK_EQ(ring_submit(&ring, 2), 3);
    CHECK_EQ(ring_ready(&ring), 2);
    CHECK_EQ(ring_result(&ring, 1), 0);
    CHECK_EQ(ring_result(&ring, 3), 0);
}

/* A wrong entry lets none of its chain run, not even those before it. */
static void check_refused(unsigned link)
{
    transfer(IORING_OP_NOP, -1, nullptr, 0, 0, 1)->flags = (uint8_t)link;
    ring_entry(&ring, 200, -1, 2)->flags = (uint8_t)link;
    ring_entry(&ring, IORING_OP_NOP, -1, 3);
    CHECK_EQ(ring_submit(&ring, 3), 3);
    CHECK_EQ(ring_result(&ring, 1), -ECANCELED);
    CHECK_EQ(ring_result(&ring, 2), -EINVAL);
    CHECK_EQ(ring_result(&ring, 3), -ECANCELED);
}

TEST(uring_bad_entry_in_a_chain)
{
    char byte;
    struct __kernel_timespec day = {86400, 0};
    struct gate g = gate_make();
    ring_open(&ring, 8, 0, 0);
    check_refused(IOSQE_IO_LINK);
    check_refused(IOSQE_IO_HARDLINK);
    transfer(IORING_OP_READ, g.fd[0], &byte, 1, 0, 1)->flags = IOSQE_IO_LINK;
    transfer(IORING_OP_LINK_TIMEOUT, -1, &day, 1, 0, 2)->ioprio = 1;
    CHECK_EQ(ring_submit(&ring, 2), 2);
    CHECK_EQ(ring_result(&ring, 1), -ECANCELED);
    CHECK_EQ(ring_result(&ring, 2), -EINVAL);
    /* One time-out has no other. */
    transfer(IORING_OP_READ, g.fd[0], &byte, 1, 0, 1)->flags = IOSQE_IO_LINK;
    transfer(IORING_OP_LINK_TIMEOUT, -1, &day, 1, 0, 2)->flags = IOSQE_IO_LINK;
    transfer(IORING_OP_LINK_TIMEOUT, -1, &day, 1, 0, 3);
    CHECK_EQ(ring_submit(&ring, 3), 3);
    CHECK_EQ(ring_result(&ring, 1), -ECANCELED);
    CHECK_EQ(ring_result(&ring, 2), -ECANCELED);
    CHECK_EQ(ring_result(&ring, 3), -EINVAL);
}

TEST(uring_submit_stops_at_a_bad_entry)
{
    char byte;
    ring_open(&ring, 8, 0, 0);
    transfer(IORING_OP_READ, 0, &byte, 1, 0, 1)->ioprio = UINT16_MAX;
    ring_entry(&ring, IORING_OP_NOP, -1, 2);
    CHECK_EQ(ring_submit(&ring, 1), 1);
    CHECK_EQ(ring_result(&ring, 1), -EINVAL);
    CHECK_EQ(ring_ready(&ring), 0);
    ring_open(&ring, 8, IORING_SETUP_SUBMIT_ALL, 0);
    transfer(IORING_OP_TIMEOUT, -1, nullptr, 1, 0, 1);
    ring_entry(&ring, IORING_OP_NOP, -1, 2);
    CHECK_EQ(ring_submit(&ring, 2), 2);
    CHECK_EQ(ring_result(&ring, 1), -EFAULT);
    CHECK_EQ(ring_result(&ring, 2), 0);
}

TEST(uring_bad_entries)
{
    ring_open(&ring, 8, 0, 0);
    ring_entry(&ring, 200, -1, 1);
    ring_entry(&ring, IORING_OP_NOP, -1, 2);
    CHECK_EQ(ring_submit(&ring, 1), 1); /* it stops behind the bad one */
    CHECK_EQ(ring_result(&ring, 1), -EINVAL);
    ring.pending = 1;
    CHECK_EQ(ring_run(&ring, 2), 0);
    ring_entry(&ring, IORING_OP_NOP, -1, 3)->flags = 0x80;
    CHECK_EQ(ring_run(&ring, 3), -EINVAL);
    /* An index outside is dropped. */
    ring_entry(&ring, IORING_OP_NOP, -1, 4);
    ring.sq_array[(*ring.sq_tail - 1) & 7] = 1000;
    CHECK_EQ(ring_submit(&ring, 0), 0);
    CHECK_EQ(ring_ready(&ring), 0);
}

TEST(uring_overflow_is_kept)
{
    ring_open(&ring, 4, 0, 4);
    for (uint64_t i = 0; i < 10; i++) {
        ring_entry(&ring, IORING_OP_NOP, -1, i);
        CHECK_EQ(ring_enter(&ring, 1, 0, 0, nullptr, 0), 1);
    }
    ring.pending = 0;
    CHECK_EQ(ring_ready(&ring), 4);
    CHECK(*ring.sq_flags & IORING_SQ_CQ_OVERFLOW);
    for (uint64_t i = 0; i < 10; i++)
        CHECK_EQ(ring_result(&ring, i), 0);
    CHECK(!(*ring.sq_flags & IORING_SQ_CQ_OVERFLOW));
    CHECK_EQ(*ring.cq_overflow, 0);
}

/* A system may refuse entries while too many completions wait (io_uring_enter(2), EBUSY): the
 * entries stay, no completion is lost. */
TEST(uring_backlog_is_kept)
{
    enum {
        EACH = 4096,
        ROUNDS = 20
    };
    uint64_t made = 0, seen = 0;
    ring_open(&ring, EACH, 0, EACH);
    for (int round = 0; round < ROUNDS; round++) {
        while (ring.pending < EACH)
            ring_entry(&ring, IORING_OP_NOP, -1, made++);
        long n = ring_enter(&ring, EACH, 0, 0, nullptr, 0);
        if (n == -1) {
            CHECK_EQ(errno, EBUSY);
            break;
        }
        CHECK_EQ(n, EACH);
        ring.pending = 0;
    }
    CHECK(*ring.sq_flags & IORING_SQ_CQ_OVERFLOW);
    for (; seen < made - ring.pending; seen++)
        CHECK_EQ(ring_result(&ring, seen), 0);
    if (ring.pending)
        CHECK_EQ(ring_submit(&ring, 0), EACH);
    for (; seen < made; seen++)
        CHECK_EQ(ring_result(&ring, seen), 0);
    CHECK_EQ(ring_ready(&ring), 0);
    CHECK_EQ(*ring.cq_overflow, 0);
}

TEST(uring_polls)
{
    struct gate g = gate_make();
    ring_open(&ring, 8, 0, 0);
    ring_entry(&ring, IORING_OP_POLL_ADD, g.fd[0], 1)->poll32_events = POLLIN;
    CHECK_EQ(ring_submit(&ring, 0), 1);
    CHECK_EQ(ring_ready(&ring), 0);
    gate_open(&g);
    CHECK_EQ(ring_result(&ring, 1), POLLIN);
    ring_entry(&ring, IORING_OP_POLL_ADD, g.fd[0], 2)->poll32_events = POLLIN;
    CHECK_EQ(ring_run(&ring, 2), POLLIN); /* at once */
    ring_entry(&ring, IORING_OP_POLL_ADD, g.fd[0], 3)->poll32_events = POLLPRI;
    CHECK_EQ(ring_submit(&ring, 0), 1);
    ring_entry(&ring, IORING_OP_POLL_REMOVE, -1, 4)->addr = 3;
    CHECK_EQ(ring_submit(&ring, 2), 1);
    CHECK_EQ(ring.cqes[2].user_data + ring.cqes[3].user_data, 7);
    CHECK_EQ(ring.cqes[2].res + ring.cqes[3].res, -ECANCELED);
    *ring.cq_head += 2;
    ring_entry(&ring, IORING_OP_POLL_REMOVE, -1, 5)->addr = 3;
    CHECK_EQ(ring_run(&ring, 5), -ENOENT);
}

TEST(uring_poll_multishot)
{
    uint64_t one = 1;
    ring_open(&ring, 8, 0, 0);
    int fd = (int)OK(eventfd(0, 0));
    struct io_uring_sqe *sqe = ring_entry(&ring, IORING_OP_POLL_ADD, fd, 1);
    sqe->poll32_events = POLLIN;
    sqe->len = IORING_POLL_ADD_MULTI;
    CHECK_EQ(ring_submit(&ring, 0), 1);
    for (int i = 0; i < 3; i++) {
        OK(write(fd, &one, sizeof one));
        struct io_uring_cqe cqe = ring_expect(&ring, 1);
        CHECK_EQ(cqe.res, POLLIN);
        CHECK(cqe.flags & IORING_CQE_F_MORE);
        OK(read(fd, &(uint64_t){}, 8));
    }
    ring_entry(&ring, IORING_OP_ASYNC_CANCEL, -1, 2)->addr = 1;
    CHECK_EQ(ring_submit(&ring, 2), 1);
    CHECK_EQ(ring_ready(&ring), 2);
}

/* What reports again and again ends when the queue is full. */
TEST(uring_multishot_ends_at_overflow)
{
    struct gate g = gate_make();
    ring_open(&ring, 2, 0, 2);
    struct io_uring_sqe *sqe = ring_entry(&ring, IORING_OP_POLL_ADD, g.fd[0], 1);
    sqe->poll32_events = POLLIN;
    sqe->len = IORING_POLL_ADD_MULTI;
    CHECK_EQ(ring_submit(&ring, 0), 1);
    for (int i = 0; i < 4; i++) {
        gate_open(&g);
        OK(ring_enter(&ring, 0, 0, 0, nullptr, 0));
    }
    CHECK(ring_expect(&ring, 1).flags & IORING_CQE_F_MORE);
    CHECK(ring_expect(&ring, 1).flags & IORING_CQE_F_MORE);
    struct io_uring_cqe last = ring_expect(&ring, 1);
    CHECK_EQ(last.res, POLLIN);
    CHECK(!(last.flags & IORING_CQE_F_MORE));
    ring_entry(&ring, IORING_OP_NOP, -1, 2);
    CHECK_EQ(ring_run(&ring, 2), 0); /* and nothing before it */
}

TEST(uring_cancel)
{
    char byte;
    struct gate g = gate_make();
    ring_open(&ring, 8, 0, 0);
    transfer(IORING_OP_READ, g.fd[0], &byte, 1, 0, 1);
    transfer(IORING_OP_READ, g.fd[0], &byte, 1, 0, 1);
    CHECK_EQ(ring_submit(&ring, 0), 2);
    struct io_uring_sqe *sqe = ring_entry(&ring, IORING_OP_ASYNC_CANCEL, -1, 9);
    sqe->addr = 1;
    sqe->cancel_flags = IORING_ASYNC_CANCEL_ALL;
    CHECK_EQ(ring_submit(&ring, 3), 1);
    CHECK_EQ(ring_ready(&ring), 3);
    int cancelled = 0, told = 0;
    for (int i = 0; i < 3; i++) {
        cancelled += ring.cqes[i].user_data == 1 && ring.cqes[i].res == -ECANCELED;
        told += ring.cqes[i].user_data == 9 && ring.cqes[i].res == 2;
    }
    CHECK_EQ(cancelled, 2);
    CHECK_EQ(told, 1);
    *ring.cq_head += 3;
    ring_entry(&ring, IORING_OP_ASYNC_CANCEL, -1, 10)->addr = 1;
    CHECK_EQ(ring_run(&ring, 10), -ENOENT);
}

static struct io_uring_sqe *timeout(struct __kernel_timespec *t, uint64_t count, uint64_t user_data)
{
    struct io_uring_sqe *sqe = ring_entry(&ring, IORING_OP_TIMEOUT, -1, user_data);
    sqe->addr = (uintptr_t)t;
    sqe->len = 1;
    sqe->off = count;
    return sqe;
}

TEST(uring_timeouts)
{
    struct __kernel_timespec little = {0, 5000000}, day = {86400, 0}, bad = {0, -1};
    ring_open(&ring, 8, 0, 0);
    int64_t before = clock_now_ns();
    timeout(&little, 0, 1);
    CHECK_EQ(ring_run(&ring, 1), -ETIME);
    CHECK(clock_now_ns() - before >= 5000000);
    timeout(&bad, 0, 2);
    CHECK_EQ(ring_run(&ring, 2), -EINVAL);
    timeout(&day, 1, 3); /* or one completion */
    ring_entry(&ring, IORING_OP_NOP, -1, 4);
    CHECK_EQ(ring_submit(&ring, 2), 2);
    CHECK_EQ(ring_result(&ring, 4), 0);
    CHECK_EQ(ring_result(&ring, 3), 0);
    timeout(&day, 0, 5);
    CHECK_EQ(ring_submit(&ring, 0), 1);
    ring_entry(&ring, IORING_OP_TIMEOUT_REMOVE, -1, 6)->addr = 5;
    CHECK_EQ(ring_submit(&ring, 2), 1);
    CHECK_EQ(ring_ready(&ring), 2);
    *ring.cq_head += 2;
    ring_entry(&ring, IORING_OP_TIMEOUT_REMOVE, -1, 7)->addr = 5;
    CHECK_EQ(ring_run(&ring, 7), -ENOENT);
    timeout(&day, 0, 8);
    CHECK_EQ(ring_submit(&ring, 0), 1);
    struct io_uring_sqe *sqe = ring_entry(&ring, IORING_OP_TIMEOUT_REMOVE, -1, 9);
    sqe->addr = 8;
    sqe->addr2 = (uintptr_t)&little;
    sqe->timeout_flags = IORING_TIMEOUT_UPDATE;
    CHECK_EQ(ring_submit(&ring, 2), 1);
    CHECK_EQ(ring_result(&ring, 9), 0);
    CHECK_EQ(ring_result(&ring, 8), -ETIME);
}

/* Timeouts for numbers of completions: their own are not among them. */
/* A time-out's end is that of a wait for more, too. */
TEST(uring_timeout_ends_a_wait)
{
    struct __kernel_timespec time = {0, 300000000}; /* the wait has to begin before its end */
    ring_open(&ring, 8, 0, 0);
    timeout(&time, 0, 1);
    CHECK_EQ(ring_submit(&ring, 4), 1);
    while (!ring_ready(&ring))
        OK(ring_enter(&ring, 0, 1, IORING_ENTER_GETEVENTS, nullptr, 0));
    CHECK_EQ(ring_result(&ring, 1), -ETIME);
}

TEST(uring_timeouts_count)
{
    static const unsigned counts[] = {3, 1, 4, 2};
    struct __kernel_timespec hour = {.tv_sec = 3600};
    ring_open(&ring, 16, 0, 0);
    for (unsigned i = 0; i < 4; i++) {
        struct io_uring_sqe *sqe = ring_entry(&ring, IORING_OP_TIMEOUT, -1, counts[i]);
        sqe->addr = (uintptr_t)&hour;
        sqe->len = 1;
        sqe->off = counts[i];
    }
    CHECK_EQ(ring_submit(&ring, 0), 4);
    CHECK_EQ(ring_ready(&ring), 0);
    for (unsigned i = 1; i <= 4; i++) {
        ring_entry(&ring, IORING_OP_NOP, -1, 100 + i);
        CHECK_EQ(ring_submit(&ring, 2), 1);
        CHECK_EQ(ring_ready(&ring), 2);
        CHECK_EQ(ring_result(&ring, 100 + i), 0);
        CHECK_EQ(ring_result(&ring, i), 0);
    }
}

TEST(uring_cancels_many)
{
    enum {
        EACH = 1000,
        ROUNDS = 4
    };
    int fd = OK(eventfd(0, 0));
    unsigned seen = 0;
    ring_open(&ring, EACH, 0, 8 * EACH);
    for (int round = 0; round < ROUNDS; round++) {
        for (int i = 0; i < EACH; i++)
            ring_entry(&ring, IORING_OP_POLL_ADD, fd, 1)->poll32_events = POLLIN;
        CHECK_EQ(ring_submit(&ring, 0), EACH);
    }
    CHECK_EQ(ring_ready(&ring), 0);
    struct io_uring_sqe *sqe = ring_entry(&ring, IORING_OP_ASYNC_CANCEL, -1, 2);
    sqe->addr = 1;
    sqe->cancel_flags = IORING_ASYNC_CANCEL_ALL;
    CHECK_EQ(ring_submit(&ring, ROUNDS * EACH + 1), 1);
    CHECK_EQ(ring_ready(&ring), ROUNDS * EACH + 1);
    CHECK_EQ(ring_among(&ring, ROUNDS * EACH + 1, 2), ROUNDS * EACH);
    for (unsigned i = 0; i <= ROUNDS * EACH; i++)
        seen += ring.cqes[(*ring.cq_head + i) & (ring.params.cq_entries - 1)].res == -ECANCELED;
    CHECK_EQ(seen, ROUNDS * EACH);
    OK(close(fd));
}

TEST(uring_link_timeout)
{
    char byte;
    struct gate g = gate_make();
    struct __kernel_timespec little = {0, 5000000}, day = {86400, 0};
    ring_open(&ring, 8, 0, 0);
    transfer(IORING_OP_READ, g.fd[0], &byte, 1, 0, 1)->flags = IOSQE_IO_LINK;
    transfer(IORING_OP_LINK_TIMEOUT, -1, &little, 1, 0, 2);
    CHECK_EQ(ring_submit(&ring, 2), 2);
    int of_read = ring.cqes[0].user_data == 1 ? 0 : 1;
    CHECK(ring.cqes[of_read].res == -ECANCELED || ring.cqes[of_read].res == -EINTR);
    CHECK_EQ(ring.cqes[1 - of_read].res, -ETIME);
    *ring.cq_head += 2;
    gate_open(&g);
    transfer(IORING_OP_READ, g.fd[0], &byte, 1, 0, 3)->flags = IOSQE_IO_LINK;
    transfer(IORING_OP_LINK_TIMEOUT, -1, &day, 1, 0, 4);
    CHECK_EQ(ring_submit(&ring, 2), 2);
    CHECK_EQ(ring_result(&ring, 3), 1);
    CHECK_EQ(ring_result(&ring, 4), -ECANCELED);
    transfer(IORING_OP_LINK_TIMEOUT, -1, &day, 1, 0, 5);
    CHECK_EQ(ring_run(&ring, 5), -EINVAL);
}

TEST(uring_enter_times_out)
{
    struct __kernel_timespec little = {0, 5000000};
    struct io_uring_getevents_arg arg = {.ts = (uintptr_t)&little};
    constexpr unsigned flags = IORING_ENTER_GETEVENTS | IORING_ENTER_EXT_ARG;
    ring_open(&ring, 8, 0, 0);
    CHECK_ERRNO(ring_enter(&ring, 0, 1, flags, &arg, sizeof arg), ETIME);
    CHECK_ERRNO(ring_enter(&ring, 0, 1, flags, &arg, 4), EINVAL);
    CHECK_ERRNO(ring_enter(&ring, 0, 0, 1u << 30, nullptr, 0), EINVAL);
    CHECK_ERRNO(syscall(SYS_io_uring_enter, -1, 0, 0, 0, nullptr, 0), EBADF);
    CHECK_ERRNO(syscall(SYS_io_uring_enter, 0, 0, 0, 0, nullptr, 0), EOPNOTSUPP);
}

TEST(uring_enter_gets_fewer)
{
    struct __kernel_timespec little = {0, 5000000};
    struct io_uring_getevents_arg arg = {.ts = (uintptr_t)&little};
    ring_open(&ring, 8, 0, 0);
    ring_entry(&ring, IORING_OP_NOP, -1, 1);
    CHECK_EQ(ring_submit(&ring, 0), 1);
    OK(ring_enter(&ring, 0, 2, IORING_ENTER_GETEVENTS | IORING_ENTER_EXT_ARG, &arg, sizeof arg));
    CHECK_EQ(ring_result(&ring, 1), 0);
}

TEST(uring_names)
{
    struct open_how how = {.flags = O_RDONLY};
    struct statx st;
    struct stat status;
    ring_open(&ring, 8, 0, 0);
    struct io_uring_sqe *sqe = transfer(IORING_OP_OPENAT, AT_FDCWD, "file", 0600, 0, 1);
    sqe->open_flags = O_CREAT | O_RDWR;
    int fd = ring_run(&ring, 1);
    CHECK(fd >= 0);
    transfer(IORING_OP_WRITE, fd, "abc", 3, 0, 2);
    CHECK_EQ(ring_run(&ring, 2), 3);
    sqe = transfer(IORING_OP_STATX, AT_FDCWD, "file", STATX_SIZE, (intptr_t)&st, 3);
    CHECK_EQ(ring_run(&ring, 3), 0);
    CHECK_EQ(st.stx_size, 3);
    sqe = ring_entry(&ring, IORING_OP_FALLOCATE, fd, 4);
    sqe->addr = 4096;
    CHECK_EQ(ring_run(&ring, 4), 0);
    OK(fstat(fd, &status));
    CHECK_EQ(status.st_size, 4096);
    ring_entry(&ring, IORING_OP_CLOSE, fd, 5);
    CHECK_EQ(ring_run(&ring, 5), 0);
    CHECK_ERRNO(fcntl(fd, F_GETFD), EBADF);
    ring_entry(&ring, IORING_OP_CLOSE, fd, 6);
    CHECK_EQ(ring_run(&ring, 6), -EBADF);
    transfer(IORING_OP_OPENAT2, AT_FDCWD, "file", sizeof how, (intptr_t)&how, 7);
    CHECK((fd = ring_run(&ring, 7)) >= 0);
    transfer(IORING_OP_MKDIRAT, AT_FDCWD, "dir", 0700, 0, 8);
    CHECK_EQ(ring_run(&ring, 8), 0);
    transfer(IORING_OP_RENAMEAT, AT_FDCWD, "file", (unsigned)AT_FDCWD, (intptr_t)"dir/new", 9);
    CHECK_EQ(ring_run(&ring, 9), 0);
    transfer(IORING_OP_LINKAT, AT_FDCWD, "dir/new", (unsigned)AT_FDCWD, (intptr_t)"hard", 10);
    CHECK_EQ(ring_run(&ring, 10), 0);
    transfer(IORING_OP_SYMLINKAT, AT_FDCWD, "hard", 0, (intptr_t)"soft", 11);
    CHECK_EQ(ring_run(&ring, 11), 0);
    OK(stat("soft", &status));
    CHECK_EQ(status.st_nlink, 2);
    transfer(IORING_OP_UNLINKAT, AT_FDCWD, "soft", 0, 0, 12);
    CHECK_EQ(ring_run(&ring, 12), 0);
    CHECK(!path_exists("soft"));
    transfer(IORING_OP_UNLINKAT, AT_FDCWD, "soft", 0, 0, 13);
    CHECK_EQ(ring_run(&ring, 13), -ENOENT);
    ring_entry(&ring, IORING_OP_FADVISE, fd, 14)->fadvise_advice = POSIX_FADV_SEQUENTIAL;
    CHECK_EQ(ring_run(&ring, 14), 0);
}

TEST(uring_epoll_ctl)
{
    struct epoll_event event = {.events = EPOLLIN, .data.u64 = 7}, seen;
    struct gate g = gate_make();
    int set = (int)OK(epoll_create1(0));
    ring_open(&ring, 8, 0, 0);
    transfer(IORING_OP_EPOLL_CTL, set, &event, EPOLL_CTL_ADD, g.fd[0], 1);
    int result = ring_run(&ring, 1);
    if (result == -EINVAL)
        test_skip("this kernel has no such operation");
    CHECK_EQ(result, 0);
    gate_open(&g);
    CHECK_EQ(OK(epoll_wait(set, &seen, 1, 0)), 1);
    CHECK_EQ(seen.data.u64, 7);
}

TEST(uring_registered_buffers)
{
    static char memory[8192];
    struct iovec part = {memory, sizeof memory};
    ring_open(&ring, 8, 0, 0);
    int fd = (int)OK(open("file", O_CREAT | O_RDWR, 0644));
    transfer(IORING_OP_WRITE_FIXED, fd, memory, 3, 0, 1);
    CHECK_EQ(ring_run(&ring, 1), -EFAULT);
    OK(syscall(SYS_io_uring_register, ring.fd, IORING_REGISTER_BUFFERS, &part, 1));
    CHECK_ERRNO(syscall(SYS_io_uring_register, ring.fd, IORING_REGISTER_BUFFERS, &part, 1), EBUSY);
    strcpy(memory, "fixed");
    transfer(IORING_OP_WRITE_FIXED, fd, memory, 5, 0, 2);
    CHECK_EQ(ring_run(&ring, 2), 5);
    transfer(IORING_OP_READ_FIXED, fd, memory + 100, 5, 0, 3);
    CHECK_EQ(ring_run(&ring, 3), 5);
    CHECK_STR(memory + 100, "fixed");
    transfer(IORING_OP_READ_FIXED, fd, memory + 8190, 5, 0, 4);
    CHECK_EQ(ring_run(&ring, 4), -EFAULT);
    transfer(IORING_OP_READ_FIXED, fd, memory, 5, 0, 5)->buf_index = 1;
    CHECK_EQ(ring_run(&ring, 5), -EFAULT);
    OK(syscall(SYS_io_uring_register, ring.fd, IORING_UNREGISTER_BUFFERS, nullptr, 0));
    CHECK_ERRNO(syscall(SYS_io_uring_register, ring.fd, IORING_UNREGISTER_BUFFERS, nullptr, 0),
                ENXIO);
}

TEST(uring_registered_files)
{
    char text[8] = "";
    file_make("file", "abc");
    int fd = (int)OK(open("file", O_RDONLY)), fds[3] = {fd, -1, -1};
    ring_open(&ring, 8, 0, 0);
    OK(syscall(SYS_io_uring_register, ring.fd, IORING_REGISTER_FILES, fds, 3));
    OK(close(fd));
    transfer(IORING_OP_READ, 0, text, 8, 0, 1)->flags = IOSQE_FIXED_FILE;
    CHECK_EQ(ring_run(&ring, 1), 3);
    CHECK_STR(text, "abc");
    transfer(IORING_OP_READ, 1, text, 8, 0, 2)->flags = IOSQE_FIXED_FILE;
    CHECK_EQ(ring_run(&ring, 2), -EBADF);
    transfer(IORING_OP_READ, 3, text, 8, 0, 3)->flags = IOSQE_FIXED_FILE;
    CHECK_EQ(ring_run(&ring, 3), -EBADF);
    fd = (int)OK(open("file", O_RDONLY));
    struct io_uring_files_update update = {.offset = 1, .fds = (uintptr_t)&fd};
    CHECK_EQ(OK(syscall(SYS_io_uring_register, ring.fd, IORING_REGISTER_FILES_UPDATE, &update, 1)),
             1);
    transfer(IORING_OP_READ, 1, text, 2, 1, 4)->flags = IOSQE_FIXED_FILE;
    CHECK_EQ(ring_run(&ring, 4), 2);
    struct io_uring_sqe *sqe = ring_entry(&ring, IORING_OP_CLOSE, 0, 5);
    sqe->file_index = 2;
    CHECK_EQ(ring_run(&ring, 5), 0);
    transfer(IORING_OP_READ, 1, text, 2, 1, 6)->flags = IOSQE_FIXED_FILE;
    CHECK_EQ(ring_run(&ring, 6), -EBADF);
    transfer(IORING_OP_FILES_UPDATE, -1, &fd, 1, 2, 7);
    CHECK_EQ(ring_run(&ring, 7), 1);
    OK(syscall(SYS_io_uring_register, ring.fd, IORING_UNREGISTER_FILES, nullptr, 0));
    CHECK_ERRNO(syscall(SYS_io_uring_register, ring.fd, IORING_UNREGISTER_FILES, nullptr, 0),
                ENXIO);
}

TEST(uring_registered_eventfd)
{
    uint64_t count;
    int fd = (int)OK(eventfd(0, EFD_NONBLOCK));
    ring_open(&ring, 8, 0, 0);
    OK(syscall(SYS_io_uring_register, ring.fd, IORING_REGISTER_EVENTFD, &fd, 1));
    CHECK_ERRNO(syscall(SYS_io_uring_register, ring.fd, IORING_REGISTER_EVENTFD, &fd, 1), EBUSY);
    ring_entry(&ring, IORING_OP_NOP, -1, 1);
    CHECK_EQ(ring_run(&ring, 1), 0);
    OK(read(fd, &count, sizeof count));
    CHECK_EQ(count, 1);
    OK(syscall(SYS_io_uring_register, ring.fd, IORING_UNREGISTER_EVENTFD, nullptr, 0));
    ring_entry(&ring, IORING_OP_NOP, -1, 2);
    CHECK_EQ(ring_run(&ring, 2), 0);
    CHECK_ERRNO(read(fd, &count, sizeof count), EAGAIN);
}

/* The count is that of the completion before, not of the work that it made for the ring. */
TEST(uring_eventfd_in_its_own_ring)
{
    uint64_t count = 0;
    int fd = (int)OK(eventfd(0, 0));
    ring_open(&ring, 8, IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN, 0);
    OK(syscall(SYS_io_uring_register, ring.fd, IORING_REGISTER_EVENTFD, &fd, 1));
    transfer(IORING_OP_READ, fd, &count, sizeof count, 0, 1);
    ring_entry(&ring, IORING_OP_NOP, -1, 2);
    CHECK_EQ(ring_submit(&ring, 2), 2);
    CHECK_EQ(ring_result(&ring, 2), 0);
    CHECK_EQ(ring_result(&ring, 1), sizeof count);
    CHECK_EQ(count, 1);
}

TEST(uring_probe_and_enable)
{
    constexpr unsigned COUNT = 64;
    struct io_uring_probe *probe =
        calloc(1, sizeof *probe + COUNT * sizeof(struct io_uring_probe_op));
    ring_open(&ring, 8, 0, 0);
    OK(syscall(SYS_io_uring_register, ring.fd, IORING_REGISTER_PROBE, probe, COUNT));
    CHECK(probe->last_op >= IORING_OP_SOCKET);
    CHECK(probe->ops[IORING_OP_READ].flags & IO_URING_OP_SUPPORTED);
    CHECK_ERRNO(syscall(SYS_io_uring_register, ring.fd, IORING_REGISTER_PROBE, probe, COUNT),
                EINVAL); /* it must be zeroed */
    CHECK_ERRNO(syscall(SYS_io_uring_register, ring.fd, 0x7fff, nullptr, 0), EINVAL);
    CHECK_ERRNO(syscall(SYS_io_uring_register, 999, IORING_REGISTER_PROBE, probe, COUNT), EBADF);
    CHECK_ERRNO(syscall(SYS_io_uring_register, 0, IORING_REGISTER_PROBE, probe, COUNT), EOPNOTSUPP);
    ring_open(&ring, 8, IORING_SETUP_R_DISABLED, 0);
    CHECK_ERRNO(ring_enter(&ring, 0, 0, 0, nullptr, 0), EBADFD);
    OK(syscall(SYS_io_uring_register, ring.fd, IORING_REGISTER_ENABLE_RINGS, nullptr, 0));
    ring_entry(&ring, IORING_OP_NOP, -1, 1);
    CHECK_EQ(ring_run(&ring, 1), 0);
    free(probe);
}

TEST(uring_provided_buffers)
{
    static char memory[2][16];
    struct gate g = gate_make();
    ring_open(&ring, 8, 0, 0);
    struct io_uring_sqe *sqe = transfer(IORING_OP_READ, g.fd[0], nullptr, 8, 0, 1);
    sqe->flags = IOSQE_BUFFER_SELECT;
    sqe->buf_group = 5;
    OK(write(g.fd[1], "abc", 3));
    CHECK_EQ(ring_run(&ring, 1), -ENOBUFS);
    sqe = transfer(IORING_OP_PROVIDE_BUFFERS, 2, memory, 16, 7, 2);
    sqe->buf_group = 5;
    CHECK_EQ(ring_run(&ring, 2), 0);
    sqe = transfer(IORING_OP_READ, g.fd[0], nullptr, 8, 0, 3);
    sqe->flags = IOSQE_BUFFER_SELECT;
    sqe->buf_group = 5;
    CHECK_EQ(ring_submit(&ring, 1), 1);
    struct io_uring_cqe cqe = ring_expect(&ring, 3);
    CHECK_EQ(cqe.res, 3);
    CHECK(cqe.flags & IORING_CQE_F_BUFFER);
    unsigned id = cqe.flags >> IORING_CQE_BUFFER_SHIFT;
    CHECK(id == 7 || id == 8);
    CHECK(memcmp(memory[id - 7], "abc", 3) == 0);
    sqe = ring_entry(&ring, IORING_OP_REMOVE_BUFFERS, 5, 4);
    sqe->buf_group = 5;
    CHECK_EQ(ring_run(&ring, 4), 1);
}

static int buffer_ring(unsigned op, void *at, unsigned entries)
{
    struct io_uring_buf_reg reg = {.ring_addr = (uintptr_t)at, .ring_entries = entries, .bgid = 3};
    return (int)syscall(SYS_io_uring_register, ring.fd, op, &reg, 1);
}

static struct io_uring_cqe read_selected(int fd, uint64_t user_data)
{
    struct io_uring_sqe *sqe = transfer(IORING_OP_READ, fd, nullptr, 2, 0, user_data);
    sqe->flags = IOSQE_BUFFER_SELECT;
    sqe->buf_group = 3;
    CHECK_EQ(ring_submit(&ring, 1), 1);
    return ring_expect(&ring, user_data);
}

TEST(uring_ring_of_buffers)
{
    alignas(4096) static struct io_uring_buf_ring bufs;
    static char memory[2][8];
    struct gate g = gate_make();
    ring_open(&ring, 8, 0, 0);
    CHECK_ERRNO(buffer_ring(IORING_UNREGISTER_PBUF_RING, nullptr, 0), ENOENT);
    CHECK_ERRNO(buffer_ring(IORING_REGISTER_PBUF_RING, &bufs, 3), EINVAL);
    CHECK_ERRNO(buffer_ring(IORING_REGISTER_PBUF_RING, &bufs, 1 << 16), EINVAL);
    CHECK_ERRNO(buffer_ring(IORING_REGISTER_PBUF_RING, (void *)4096, 2), EFAULT);
    OK(buffer_ring(IORING_REGISTER_PBUF_RING, &bufs, 2));
    CHECK_ERRNO(buffer_ring(IORING_REGISTER_PBUF_RING, &bufs, 2), EEXIST);
    OK(write(g.fd[1], "abcdef", 6));
    CHECK_EQ(read_selected(g.fd[0], 1).res, -ENOBUFS);
    for (unsigned i = 0; i < 3; i++) {
        struct io_uring_buf *b = &bufs.bufs[i & 1];
        b->addr = (uintptr_t)memory[i & 1];
        b->len = 8;
        b->bid = (uint16_t)(50 + i);
        __atomic_store_n(&bufs.tail, (uint16_t)(i + 1), __ATOMIC_RELEASE);
        struct io_uring_cqe cqe = read_selected(g.fd[0], 2);
        CHECK_EQ(cqe.res, 2);
        CHECK_EQ(cqe.flags >> IORING_CQE_BUFFER_SHIFT, 50 + i);
        CHECK(memcmp(memory[i & 1], &"abcdef"[2 * i], 2) == 0);
    }
    OK(buffer_ring(IORING_UNREGISTER_PBUF_RING, nullptr, 0));
    CHECK_ERRNO(buffer_ring(IORING_UNREGISTER_PBUF_RING, nullptr, 0), ENOENT);
}

/* Groups are apart, and taking one away does not depend on how full others are. */
TEST(uring_provided_groups)
{
    enum {
        EACH = 30000
    };
    static char memory[EACH];
    ring_open(&ring, 8, 0, 0);
    for (unsigned group = 0; group < 3; group++) {
        transfer(IORING_OP_PROVIDE_BUFFERS, EACH, memory, 1, 0, group)->buf_group =
            (uint16_t)(group * 256);
        CHECK_EQ(ring_run(&ring, group), 0);
    }
    for (int group = 2; group >= 0; group--) {
        struct io_uring_sqe *sqe = ring_entry(&ring, IORING_OP_REMOVE_BUFFERS, EACH - 1, 9);
        sqe->buf_group = (uint16_t)(group * 256);
        CHECK_EQ(ring_run(&ring, 9), EACH - 1);
        sqe = ring_entry(&ring, IORING_OP_REMOVE_BUFFERS, EACH, 9);
        sqe->buf_group = (uint16_t)(group * 256);
        CHECK_EQ(ring_run(&ring, 9), 1);
        sqe = ring_entry(&ring, IORING_OP_REMOVE_BUFFERS, EACH, 9);
        sqe->buf_group = (uint16_t)(group * 256);
        CHECK_EQ(ring_run(&ring, 9), 0);
    }
    ring_entry(&ring, IORING_OP_REMOVE_BUFFERS, 1, 9)->buf_group = 77;
    CHECK_EQ(ring_run(&ring, 9), -ENOENT);
}

static int open_as(unsigned personality)
{
    struct io_uring_sqe *sqe = ring_entry(&ring, IORING_OP_OPENAT, AT_FDCWD, 1);
    sqe->addr = (uintptr_t)"secret";
    sqe->personality = (uint16_t)personality;
    return ring_run(&ring, 1);
}

static long personality_call(unsigned op, unsigned id)
{
    return syscall(SYS_io_uring_register, ring.fd, op, nullptr, id);
}

TEST(uring_personalities)
{
    file_make_mode("secret", "x", 0600);
    ring_open(&ring, 8, 0, 0);
    CHECK(ring.params.features & IORING_FEAT_CUR_PERSONALITY);
    unsigned root = (unsigned)OK(personality_call(IORING_REGISTER_PERSONALITY, 0));
    CHECK(root > 0);
    OK(seteuid(1000));
    unsigned user = (unsigned)OK(personality_call(IORING_REGISTER_PERSONALITY, 0));
    CHECK(user != root);
    CHECK_EQ(open_as(0), -EACCES);
    CHECK(open_as(root) >= 0);
    CHECK_EQ(open_as(user), -EACCES);
    CHECK_EQ(open_as(1000), -EINVAL);
    CHECK_EQ(geteuid(), 1000);
    OK(personality_call(IORING_UNREGISTER_PERSONALITY, root));
    CHECK_ERRNO(personality_call(IORING_UNREGISTER_PERSONALITY, root), EINVAL);
    CHECK_EQ(open_as(root), -EINVAL);
    OK(seteuid(0));
    CHECK_EQ(open_as(user), -EACCES);
}

static long cancel_now(uint64_t user_data, int fd, unsigned flags, unsigned count)
{
    struct io_uring_sync_cancel_reg reg = {
        .addr = user_data, .fd = fd, .flags = flags, .timeout = {-1, -1}};
    return syscall(SYS_io_uring_register, ring.fd, IORING_REGISTER_SYNC_CANCEL, &reg, count);
}

TEST(uring_cancels_by_a_call)
{
    char byte;
    struct gate g = gate_make();
    ring_open(&ring, 8, 0, 0);
    for (unsigned i = 1; i <= 4; i++)
        transfer(IORING_OP_READ, g.fd[0], &byte, 1, 0, i);
    CHECK_EQ(ring_submit(&ring, 0), 4);
    CHECK_ERRNO(cancel_now(9, 0, 0, 1), ENOENT);
    CHECK_ERRNO(cancel_now(1, 0, 1u << 30, 1), EINVAL);
    CHECK_ERRNO(cancel_now(1, 0, 0, 2), EINVAL);
    CHECK_ERRNO(cancel_now(1, 1000, IORING_ASYNC_CANCEL_FD, 1), EBADF);
    CHECK_EQ(OK(cancel_now(2, 0, 0, 1)), 0);
    CHECK_EQ(ring_result(&ring, 2), -ECANCELED);
    CHECK_EQ(OK(cancel_now(0, g.fd[0], IORING_ASYNC_CANCEL_FD | IORING_ASYNC_CANCEL_ALL, 1)), 3);
    CHECK_EQ(ring_submit(&ring, 3), 0);
    for (unsigned i = 1; i <= 4; i++)
        CHECK_EQ(i == 2 ? -ECANCELED : ring_among(&ring, 3, i), -ECANCELED);
}

/* Only transfers, and what needs no device, are made on a ring that polls these. */
TEST(uring_polled_ring)
{
    char byte;
    struct gate g = gate_make();
    ring_open(&ring, 8, IORING_SETUP_IOPOLL, 0);
    ring_entry(&ring, IORING_OP_NOP, -1, 1);
    CHECK_EQ(ring_run(&ring, 1), 0);
    gate_open(&g);
    transfer(IORING_OP_READ, g.fd[0], &byte, 1, 0, 2);
    CHECK_EQ(ring_run(&ring, 2), -EOPNOTSUPP);
    transfer(IORING_OP_READ, g.fd[1], &byte, 1, 0, 3);
    CHECK_EQ(ring_run(&ring, 3), -EBADF);
    ring_entry(&ring, IORING_OP_FSYNC, g.fd[0], 4);
    CHECK_EQ(ring_run(&ring, 4), -EINVAL);
    ring_entry(&ring, IORING_OP_POLL_ADD, g.fd[0], 5)->poll32_events = POLLIN;
    CHECK_EQ(ring_run(&ring, 5), -EINVAL);
    transfer(IORING_OP_PROVIDE_BUFFERS, 1, &byte, 1, 0, 6);
    CHECK_EQ(ring_run(&ring, 6), 0);
    /* There is nothing to ask for more. */
    CHECK_EQ(ring_enter(&ring, 0, 8, IORING_ENTER_GETEVENTS, nullptr, 0), 0);
    /* A ring that does not poll cannot be told to. */
    ring_open(&ring, 8, 0, 0);
    transfer(IORING_OP_READ, g.fd[0], &byte, 1, 0, 1)->rw_flags = RWF_HIPRI;
    CHECK_EQ(ring_run(&ring, 1), -EINVAL);
}

TEST(uring_message_to_another_ring)
{
    static struct ring other;
    ring_open(&ring, 8, 0, 0);
    ring_open(&other, 8, 0, 0);
    struct io_uring_sqe *sqe = ring_entry(&ring, IORING_OP_MSG_RING, other.fd, 1);
    sqe->len = 77;
    sqe->off = 1234;
    CHECK_EQ(ring_run(&ring, 1), 0);
    CHECK_EQ(ring_result(&other, 1234), 77);
    ring_entry(&ring, IORING_OP_MSG_RING, 0, 2);
    CHECK_EQ(ring_run(&ring, 2), -EBADFD);
}

TEST(uring_ends_with_requests)
{
    char byte;
    struct gate g = gate_make();
    struct __kernel_timespec day = {86400, 0};
    ring_or_skip();
    IN_CHILD
    {
        ring_open(&ring, 8, 0, 0);
        transfer(IORING_OP_READ, g.fd[0], &byte, 1, 0, 1)->flags = IOSQE_IO_LINK;
        ring_entry(&ring, IORING_OP_NOP, -1, 2);
        timeout(&day, 0, 3);
        ring_entry(&ring, IORING_OP_NOP, -1, 4)->flags = IOSQE_IO_DRAIN;
        CHECK_EQ(ring_submit(&ring, 0), 4);
        CHECK_EQ(ring_ready(&ring), 0);
        OK(close(ring.fd));
    }
    gate_open(&g);
    gate_wait(&g); /* nobody else has read the byte */
}

static int *ring_fds;

/* A file's poll, and a time-out that cancels its chain. */
static void *submit_and_end(void *)
{
    static struct __kernel_timespec little = {0, 5000000};
    ring_entry(&ring, IORING_OP_POLL_ADD, ring_fds[0], 1)->poll32_events = POLLIN;
    timeout(&little, 0, 2)->flags = IOSQE_IO_LINK;
    ring_entry(&ring, IORING_OP_NOP, -1, 3);
    CHECK_EQ(ring_submit(&ring, 0), 3);
    return nullptr;
}

/* Of a request whose thread has ended: a time-out's end may wake who waits before it is told. */
static int result_left(uint64_t user_data)
{
    while (!ring_ready(&ring))
        OK(ring_enter(&ring, 0, 1, IORING_ENTER_GETEVENTS, nullptr, 0));
    return ring_result(&ring, user_data);
}

TEST(uring_thread_ends_with_requests)
{
    pthread_t thread;
    struct gate g = gate_make();
    ring_open(&ring, 8, 0, 0);
    ring_fds = g.fd;
    CHECK_EQ(pthread_create(&thread, nullptr, submit_and_end, nullptr), 0);
    CHECK_EQ(pthread_join(thread, nullptr), 0);
    CHECK_EQ(result_left(2), -ETIME);
    CHECK_EQ(result_left(3), -ECANCELED);
    gate_open(&g);
    CHECK_EQ(ring_result(&ring, 1), -ECANCELED);
}

TEST(uring_process_ends_with_requests)
{
    /* Longer than the child lives. */
    struct __kernel_timespec little = {0, 500000000};
    ring_open(&ring, 8, 0, 0);
    IN_CHILD
    {
        /* What is about a ring is cancelled, so that none holds itself. */
        ring_entry(&ring, IORING_OP_POLL_ADD, ring.fd, 1)->poll32_events = POLLIN;
        timeout(&little, 0, 2);
        CHECK_EQ(ring_submit(&ring, 0), 2);
    }
    CHECK_EQ(result_left(1), -ECANCELED);
    CHECK_EQ(result_left(2), -ETIME);
}

TEST(uring_single_issuer)
{
    uint32_t fd;
    ring_open(&ring, 8, IORING_SETUP_SINGLE_ISSUER, 0);
    ring_entry(&ring, IORING_OP_NOP, -1, 1);
    CHECK_EQ(ring_run(&ring, 1), 0);
    IN_CHILD
    {
        ring_entry(&ring, IORING_OP_NOP, -1, 2);
        CHECK_ERRNO(ring_enter(&ring, 1, 0, 0, nullptr, 0), EEXIST);
        CHECK_ERRNO(syscall(SYS_io_uring_register, ring.fd, IORING_REGISTER_FILES, &fd, 1), EEXIST);
        OK(ring_enter(&ring, 0, 0, IORING_ENTER_GETEVENTS, nullptr, 0));
    }
    /* The one who enables it is its issuer. */
    ring_open(&ring, 8, IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_R_DISABLED, 0);
    IN_CHILD
    {
        OK(syscall(SYS_io_uring_register, ring.fd, IORING_REGISTER_ENABLE_RINGS, nullptr, 0));
        ring_entry(&ring, IORING_OP_NOP, -1, 3);
        CHECK_EQ(ring_run(&ring, 3), 0);
    }
    ring_entry(&ring, IORING_OP_NOP, -1, 4);
    CHECK_ERRNO(ring_enter(&ring, 1, 0, 0, nullptr, 0), EEXIST);
}

TEST(uring_work_is_deferred)
{
    struct gate g = gate_make();
    ring_open(&ring, 8,
              IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN | IORING_SETUP_TASKRUN_FLAG,
              0);
    int event = (int)OK(eventfd(0, EFD_NONBLOCK));
    OK(syscall(SYS_io_uring_register, ring.fd, IORING_REGISTER_EVENTFD, &event, 1));
    ring_entry(&ring, IORING_OP_POLL_ADD, g.fd[0], 1)->poll32_events = POLLIN;
    CHECK_EQ(ring_enter(&ring, 1, 0, 0, nullptr, 0), 1);
    ring.pending = 0;
    gate_open(&g);
    CHECK_EQ(OK(poll(&(struct pollfd){event, POLLIN, 0}, 1, -1)), 1);
    CHECK_EQ(OK(poll(&(struct pollfd){ring.fd, POLLIN, 0}, 1, -1)), 1);
    CHECK_EQ(ring_ready(&ring), 0);
    CHECK(__atomic_load_n(ring.sq_flags, __ATOMIC_RELAXED) & IORING_SQ_TASKRUN);
    IN_CHILD
    {
        CHECK_ERRNO(ring_enter(&ring, 0, 0, IORING_ENTER_GETEVENTS, nullptr, 0), EEXIST);
    }
    OK(ring_enter(&ring, 0, 0, IORING_ENTER_GETEVENTS, nullptr, 0));
    CHECK_EQ(ring_ready(&ring), 1);
    CHECK_EQ(ring_result(&ring, 1), POLLIN);
    CHECK(!(__atomic_load_n(ring.sq_flags, __ATOMIC_RELAXED) & IORING_SQ_TASKRUN));
}
