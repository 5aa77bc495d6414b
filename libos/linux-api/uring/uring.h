/* SPDX-License-Identifier: BSD-2-Clause */
/* uring.h - io_uring(7): rings of requests and of their results, shared with a program.
 *
 * The life of a request: it is read from the submission queue (enter.c); it waits for others if it
 * is linked or drains (request.c); it runs on its thread, which is the one that submitted it
 * (ops*.c).  What would block waits for its file or a timer, and runs again as that thread's work
 * (sched/work.h).  Its end is an entry of the completion queue (queue.c).
 *
 * Ring memory belongs to a file without a name whose pages the program maps; the program changes it
 * at any time, so that each word is read once and every index is masked.
 */
#pragma once

#include <linux/io_uring.h>
#include <linux/uio.h>
#include <stdint.h>
#include "base/list.h"
#include "base/types.h"
#include "net/abi.h"
#include "sched/timer.h"
#include "sched/wait.h"
#include "sched/work.h"
#include "vfs/poll_watch.h"

struct file;
struct iter;
struct cred;
struct page;
struct socket;
struct thread;
struct uring_poller;
struct uring_request;

/* What the program sees, at IORING_OFF_SQ_RING and at IORING_OFF_CQ_RING; the completion entries
 * and then the submission array follow. */
struct uring_shared {
    _Atomic uint32_t sq_head;
    alignas(64) _Atomic uint32_t sq_tail;
    alignas(64) _Atomic uint32_t cq_head;
    alignas(64) _Atomic uint32_t cq_tail;
    alignas(64) uint32_t sq_mask;
    uint32_t cq_mask, sq_entries, cq_entries, sq_dropped;
    _Atomic uint32_t sq_flags;
    _Atomic uint32_t cq_flags;
    uint32_t cq_overflow;
    alignas(64) struct io_uring_cqe cqes[];
};

/* Pages that follow one another in the libOS, as a file for the program to map. */
struct uring_memory {
    struct file *file; /* referenced */
    void *start;
    uint64_t pages; /* each with a reference */
};

struct uring_overflow {
    struct list_node node;
    struct io_uring_cqe cqe;
};

struct uring_buffer { /* registered */
    uint64_t start, bytes;
};

struct uring_provided { /* by IORING_OP_PROVIDE_BUFFERS */
    struct list_node node;
    uint64_t address;
    uint32_t bytes;
    uint16_t id;
};

/* Of provided buffers; it stays until the ring goes.  They are a list, or entries of a ring in the
 * program's memory (IORING_REGISTER_PBUF_RING). */
struct uring_group {
    struct list_node node;
    struct list_node buffers; /* struct uring_provided, the next to be used first */
    uaddr_t entries;          /* of struct io_uring_buf; 0: no ring */
    uint32_t entry_count;     /* a power of two */
    uint16_t head;            /* the next entry to be used; to be masked */
    uint16_t number;
    bool is_unused; /* it was a ring */
};

/* The buffer that a request has taken. */
struct uring_selection {
    struct uring_group *group;     /* NULL: none */
    struct uring_provided *buffer; /* NULL: an entry of a ring */
    uint64_t address;
    uint32_t bytes;
    uint16_t id;
    uint16_t position; /* in the ring */
};

/* A copy of what an entry points to. */
struct uring_vector {
    struct user_msghdr header; /* of a message */
    uint64_t bytes;            /* of all parts */
    uint32_t count;
    struct iovec part[];
};

/* Groups are found by their numbers' low bits. */
constexpr unsigned URING_GROUP_LISTS = 256;
constexpr unsigned URING_DATA_LISTS = 64; /* of requests, by a hash of their user data */

/* No entry is taken from a program that leaves so many completions aside (-EBUSY). */
constexpr uint32_t URING_OVERFLOW_MOST = 1 << 16;

struct uring {
    struct file *file; /* that stands for it; no reference */
    uint32_t flags;    /* IORING_SETUP_* */
    bool is_ended;     /* its file is closed */
    uint32_t sq_entries, cq_entries;
    bool is_disabled;            /* IORING_SETUP_R_DISABLED */
    struct thread *issuer;       /* IORING_SETUP_SINGLE_ISSUER, once enabled: referenced; or NULL */
    struct uring_poller *poller; /* IORING_SETUP_SQPOLL: one reference; or NULL */
    struct list_node poller_node; /* among its rings */
    const struct cred *cred;      /* whom it acts as; referenced */
    uint64_t idle_ns;             /* it looks for entries for so long */
    struct wait_queue sq_wait;    /* for room in the submission queue */
    struct uring_memory rings, sqes_memory;
    struct uring_shared *shared;
    uint32_t *sq_array;
    const struct io_uring_sqe *sqes;

    struct list_node requests; /* begun, by age; through ring_node */
    /* The same, found by their user data; through data_node. */
    struct list_node by_data[URING_DATA_LISTS];
    struct list_node deferred; /* behind one with IOSQE_IO_DRAIN; likewise */
    bool is_draining;          /* drain is at work */
    bool next_drains;          /* what is submitted next waits for all before it */
    bool is_signalling;        /* its eventfd is being told */
    uint32_t request_count;    /* all that are not freed */
    struct list_node overflow; /* struct uring_overflow */
    uint32_t overflow_count;
    struct wait_queue wait;    /* for completions, and for work */
    struct list_node work;     /* what those do who wait: uring_work_add */
    uint64_t posted;           /* completions in all, but for those of timeouts */
    uint32_t timeouts;         /* that are over: each ends a wait for completions */
    struct list_node counting; /* requests with a target, the lowest first; through target_node */

    struct uring_buffer *buffers;
    uint32_t buffer_count;
    struct file **files; /* referenced; NULL: a free slot */
    uint32_t file_count;
    uint32_t file_first, file_end; /* slots that requests may choose: from, and up to */
    uint32_t file_hint;            /* the first of them to be looked at */
    struct list_node *groups; /* URING_GROUP_LISTS lists of struct uring_group; NULL: no buffers */
    uint32_t provided_count;
    uint64_t vector_bytes;          /* of the requests' vectors */
    struct file *eventfd;           /* referenced, or NULL */
    struct list_node personalities; /* personality.c */
    uint32_t personality_count;
    uint16_t personality_last; /* the number given last */
};

/* What an operation says when its result comes later. */
constexpr int64_t URING_LATER = INT64_MIN;

enum uring_op_flags : uint8_t {
    URING_FILE = 1,    /* sqe->fd is a file, or a slot with IOSQE_FIXED_FILE */
    URING_IN = 2,      /* if it would block it runs again when the file can be read */
    URING_OUT = 4,     /* or written */
    URING_SELECT = 8,  /* may take a provided buffer */
    URING_PRIO = 16,   /* sqe->ioprio means something */
    URING_IOPOLL = 32, /* fit for a ring with IORING_SETUP_IOPOLL */
};

struct uring_op {
    /* The result (negative errno); -EAGAIN: wait for the file; URING_LATER. */
    int64_t (*run)(struct uring_request *r);
    /* Its watch has fired, if not merely to run again. */
    void (*ready)(struct uring_request *r);
    enum uring_op_flags flags;
    /* Is the entry right?  0 or a negative errno; NULL: there is nothing to say before it runs. */
    int (*prepare)(struct uring_request *r);
};

struct uring_request {
    struct list_node ring_node, data_node, thread_node;
    struct uring *ring;
    struct thread *owner; /* it is on owner->uring; NULL: that has ended */
    const struct uring_op *op;
    struct io_uring_sqe sqe;
    struct file *file;             /* referenced, or NULL */
    struct uring_request *next;    /* linked: runs after this one */
    struct uring_request *timeout; /* IORING_OP_LINK_TIMEOUT that guards this one */
    struct uring_request *guarded; /* the reverse */
    struct poll_watch watch;
    struct timer timer;
    struct thread_work work;
    uint64_t time_ns; /* of a timeout, as its entry gives it */
    uint64_t target;  /* ring->posted at which a timeout is over; on ring->counting */
    struct list_node target_node;
    int64_t result;              /* of what happened outside the owner: a timer, a cancellation */
    const struct cred *cred;     /* whom it acts as; referenced; NULL: its thread */
    struct uring_vector *vector; /* or NULL */
    uint64_t done;               /* bytes so far, of what is to come in full (MSG_WAITALL) */
    uint64_t wanted;             /* so much, or the request has failed; 0: any */
    uint64_t control_used;       /* of recvmsg's control buffer */
    uint32_t cqe_flags;
    uint32_t rounds; /* of running again without having waited */
    int error;       /* found when it was read; it does not run */
    bool has_result, is_begun, is_connecting;
    bool is_at_end;  /* the last receive found the end of the stream */
    bool drains;     /* it leads a chain that waits for all before it */
    bool is_running; /* and may sleep: nobody ends it meanwhile */
    struct uring_selection selected;
};

/* request.c */
/* SQE as a request of the current thread; NULL: no memory, or too many requests of RING. */
struct uring_request *uring_request_create(struct uring *ring, const struct io_uring_sqe *sqe);
/* R stands among those that have begun. */
void uring_request_enlist(struct uring_request *r);
/* Give R, which does, other user data. */
void uring_request_rename(struct uring_request *r, uint64_t user_data);
/* Where those with USER_DATA stand, among others. */
struct list_node *uring_data_list(struct uring *ring, uint64_t user_data);
/* Run the chain that R leads, which is complete; where an entry is wrong the others are cancelled. */
void uring_request_submit(struct uring_request *r);
/* R, which runs, is over. */
void uring_request_finish(struct uring_request *r, int64_t result);
/* R gets RESULT from its own thread's work: at once if that is the current one. */
void uring_request_finish_later(struct uring_request *r, int64_t result);
/* Post a result of R, which goes on.  false: the queue is full, and RESULT has to be R's last. */
[[nodiscard]] bool uring_request_report(struct uring_request *r, int64_t result);
/* Wait for R's file, then run it again or do what op->ready says. */
int64_t uring_request_wait(struct uring_request *r, uint32_t events);
/* The file that FD, or the registered slot FD, means, referenced; NULL: none. */
struct file *uring_file_get(const struct uring *ring, int32_t fd, bool is_slot);
/* Go on with R soon: on its thread, or if IORING_SETUP_DEFER_TASKRUN says so, or that thread has
 * ended, when somebody waits for R's ring. */
void uring_work_add(struct uring_request *r);
/* Do what waits for the current thread to wait for RING, a file that the caller holds. */
void uring_work_run(struct uring *ring);
/* May the current thread do RING's work? */
bool uring_may_work(const struct uring *ring);
/* Of a ring that ends: without results. */
void uring_requests_drop(struct uring *ring);
/* T runs another program: what it submitted is cancelled. */
void uring_thread_end(struct thread *t);
/* T exits: what it submitted stays, but does not run again; only what is about a ring, which might
 * hold itself, is cancelled. */
void uring_thread_exit(struct thread *t);

/* enter.c: entries of the submission queue that were not taken; take up to COUNT as requests of the
 * current thread: how many, or -EBUSY, -EAGAIN. */
uint32_t uring_entries(const struct uring *ring);
long uring_submit(struct uring *ring, uint32_t count);

/* poller.c.  What RING, which the current thread makes with PARAMS, needs: a poller of its own or a
 * shared one, or none.  -EINVAL, -ENXIO, -ENOMEM, -EAGAIN. */
[[nodiscard]] int uring_poller_find(struct uring *ring, const struct io_uring_params *params);
void uring_poller_leave(struct uring *ring); /* it ends; no poller is fine */
bool uring_poller_is_alive(const struct uring *ring);
void uring_poller_wake(struct uring *ring); /* no poller is fine */
/* T exits: if it was a poller there is none now. */
void uring_poller_end(struct thread *t);

/* ops.c; NULL: there is none. */
const struct uring_op *uring_op_find(uint8_t opcode);
/* ops_transfer.c, ops_socket.c, ops_call.c, ops_poll.c, ops_timeout.c, buffers.c, files.c */
typedef int64_t uring_run(struct uring_request *r);
uring_run uring_readv, uring_writev, uring_read, uring_write, uring_read_fixed, uring_write_fixed;
uring_run uring_fsync, uring_send, uring_receive, uring_sendmsg, uring_recvmsg, uring_accept;
uring_run uring_connect, uring_poll_add, uring_poll_remove, uring_timeout, uring_timeout_remove;
uring_run uring_link_timeout, uring_cancel, uring_call, uring_open, uring_socket, uring_close,
    uring_files_update;
uring_run uring_provide_buffers, uring_remove_buffers, uring_msg_ring, uring_nop;
typedef int uring_prepare(struct uring_request *r);
uring_prepare uring_timeout_prepare, uring_transfer_prepare, uring_vector_prepare;
uring_prepare uring_message_prepare, uring_send_prepare, uring_accept_prepare;
void uring_poll_ready(struct uring_request *r);
/* A timeout that waits for completions may be over. */
void uring_timeouts_check(struct uring *ring);
void uring_link_timeout_arm(struct uring_request *r);

/* queue.c.  What neither the queue nor the list for what does not fit takes is lost, and counted
 * in cq_overflow. */
void uring_post(struct uring *ring, uint64_t user_data, int64_t result, uint32_t flags);
/* Would a completion have to wait outside the queue? */
bool uring_is_full(const struct uring *ring);
/* Wake those who wait for RING. */
void uring_notify(struct uring *ring);
/* Move what did not fit into the queue; false: it still does not fit. */
bool uring_overflow_flush(struct uring *ring);
uint32_t uring_ready(const struct uring *ring); /* completions that the program may take */

/* setup.c: RING may be used from now on: by the current thread alone if it is for one only. */
void uring_enable(struct uring *ring);
/* FILE's ring, or NULL. */
struct uring *file_uring(const struct file *file);

/* buffers.c: bytes of user memory for R at *ADDRESS, at most *BYTES (0: as many as there are).
 * -ENOBUFS. */
[[nodiscard]] int uring_buffer_select(struct uring_request *r, uint64_t *address, uint64_t *bytes);
/* What R took is used, or given back if RESULT is an error. */
void uring_buffer_settle(struct uring_request *r, int64_t result);
void uring_buffers_free(struct uring *ring);
/* io_uring_register(2), IORING_REGISTER_PBUF_RING and its reverse, with COUNT of one at USER. */
[[nodiscard]] int uring_buffer_ring_register(struct uring *ring, uaddr_t user, uint32_t count);
[[nodiscard]] int uring_buffer_ring_unregister(struct uring *ring, uaddr_t user, uint32_t count);

/* personality.c: the current credentials get a number, or -EBUSY, -ENOMEM; it is free again, or
 * -EINVAL; what has it, referenced, or NULL. */
[[nodiscard]] int uring_personality_register(struct uring *ring);
[[nodiscard]] int uring_personality_unregister(struct uring *ring, uint32_t id);
const struct cred *uring_personality_get(const struct uring *ring, uint16_t id);
void uring_personalities_free(struct uring *ring);

/* ops_poll.c: io_uring_register(2), IORING_REGISTER_SYNC_CANCEL. */
[[nodiscard]] int64_t uring_cancel_now(struct uring *ring, uaddr_t user, uint32_t count);

/* vector.c: the rest of R's vector, from r->done on. */
void uring_vector_iter(const struct uring_request *r, struct iter *it);
void uring_vector_free(struct uring_request *r);
/* register.c */
void uring_resources_free(struct uring *ring);

/* files.c: io_uring_register(2)'s calls for files, with their arguments. */
[[nodiscard]] int uring_files_register(struct uring *ring, uaddr_t fds, uint32_t count);
[[nodiscard]] int uring_files_register2(struct uring *ring, uaddr_t user, uint32_t bytes);
int uring_files_unregister(struct uring *ring); /* -ENXIO */
[[nodiscard]] int64_t uring_files_update_many(struct uring *ring, uaddr_t user, uint32_t count);
[[nodiscard]] int64_t uring_files_update2(struct uring *ring, uaddr_t user, uint32_t bytes);
[[nodiscard]] int uring_files_range(struct uring *ring, uaddr_t user);
/* Slots from OFFSET on become the files FDS (user memory) says; how many, or a negative errno. */
[[nodiscard]] int64_t uring_files_replace(struct uring *ring, uint32_t offset, uaddr_t fds,
                                          uint32_t count);
/* Put FILE, whose reference goes over, into the slot that INDEX means as sqe->file_index: 0, or
 * with IORING_FILE_INDEX_ALLOC the slot.  -ENXIO, -ENFILE, -EINVAL, -EBADF: FILE is put. */
[[nodiscard]] int64_t uring_slot_install(struct uring *ring, struct file *file, uint32_t index);
[[nodiscard]] int uring_slot_close(struct uring *ring, uint32_t slot); /* -ENXIO, -EINVAL, -EBADF */
