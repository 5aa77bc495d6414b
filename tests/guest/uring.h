/* SPDX-License-Identifier: BSD-2-Clause */
/* uring.h - io_uring(7) by hand: a ring, its entries and its results. */
#pragma once

#include <linux/io_uring.h>
#include <stdint.h>

struct ring {
    int fd;
    struct io_uring_params params;
    unsigned *sq_head, *sq_tail, *sq_array, *sq_flags;
    unsigned *cq_head, *cq_tail, *cq_overflow;
    struct io_uring_cqe *cqes;
    struct io_uring_sqe *sqes;
    unsigned pending; /* entries filled in and not submitted */
    unsigned held;    /* entries that ring_publish is to show */
};

/* Where the machine forbids io_uring the test ends here: the call must then have failed with
 * exactly EPERM or ENOSYS. */
void ring_or_skip(void);
/* A ring with ENTRIES and FLAGS (IORING_SETUP_*), CQ completions if that is not 0. */
void ring_open(struct ring *ring, unsigned entries, unsigned flags, unsigned cq);
/* One whose kernel thread (IORING_SETUP_SQPOLL in FLAGS) is idle after IDLE_MS without entries. */
void ring_open_idle(struct ring *ring, unsigned entries, unsigned flags, unsigned idle_ms);
/* The next entry, zeroed but for operation, descriptor and user data. */
struct io_uring_sqe *ring_entry(struct ring *ring, int op, int fd, uint64_t user_data);
/* The same, but the kernel does not see it before ring_publish: for rings whose entries are taken
 * at any time. */
struct io_uring_sqe *ring_entry_held(struct ring *ring, int op, int fd, uint64_t user_data);
void ring_publish(struct ring *ring);
/* Submit what is pending and wait for LEAST completions: how many were submitted. */
int ring_submit(struct ring *ring, unsigned least);
long ring_enter(struct ring *ring, unsigned submit, unsigned least, unsigned flags, void *arg,
                unsigned long size);
/* How many completions there are. */
unsigned ring_ready(const struct ring *ring);
/* The oldest completion, waiting for it; it must be about USER_DATA. */
struct io_uring_cqe ring_expect(struct ring *ring, uint64_t user_data);
/* The result alone. */
int ring_result(struct ring *ring, uint64_t user_data);
/* The result of USER_DATA, which is among the COUNT oldest completions; they stay. */
int ring_among(const struct ring *ring, unsigned count, uint64_t user_data);
/* Submit one entry and give its result. */
int ring_run(struct ring *ring, uint64_t user_data);
