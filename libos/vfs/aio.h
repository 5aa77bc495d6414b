/* SPDX-License-Identifier: BSD-2-Clause */
/* aio.h - contexts of asynchronous I/O (io_setup(2)): requests under way and those that are done.
 *
 * A context belongs to an address space and goes with it.  Its number is the address of a page
 * that it has there, empty: what libraries find at that address (a ring that the kernel shares)
 * they find not to be one, and ask with io_getevents(2).
 */
#pragma once

#include <linux/aio_abi.h>
#include <stdint.h>
#include "base/list.h"
#include "base/types.h"
#include "sched/wait.h"
#include "vfs/poll_watch.h"

struct file;
struct mm;

struct aio_context {
    uint32_t refs;
    struct aio_context *next; /* of the same address space */
    uint64_t number;
    unsigned most, used;        /* requests: allowed; neither collected nor failed */
    struct list_node under_way; /* struct aio_request: IOCB_CMD_POLL */
    struct list_node done;      /* struct aio_request */
    struct wait_queue wait;
    bool is_dead;
};

struct aio_request {
    struct list_node node;
    struct aio_context *context;
    struct poll_watch watch;
    struct io_event event;
    struct file *eventfd; /* referenced; NULL: none */
};

/* A context for MOST requests, at the page NUMBER, which it takes over.  -EAGAIN: all contexts
 * together would allow too many; -ENOMEM. */
[[nodiscard]] int aio_context_create(struct mm *mm, uint64_t number, unsigned most,
                                     struct aio_context **out);
/* Without a reference; NULL: there is none. */
struct aio_context *aio_context_find(struct mm *mm, uint64_t number);
/* Take it out of MM and give up what is under way.  Waiters go on with what they have. */
void aio_context_destroy(struct mm *mm, struct aio_context *context);
void aio_context_put(struct aio_context *context);
/* MM has gone. */
void aio_mm_gone(struct mm *mm);

/* A request, counted; EVENTFD's reference passes to it.  -EAGAIN: as many as are allowed;
 * -ENOMEM. */
[[nodiscard]] int aio_request_create(struct aio_context *context, struct file *eventfd,
                                     struct aio_request **out);
/* It never began. */
void aio_request_drop(struct aio_request *r);
/* R is done with RESULT; it may have been under way. */
void aio_request_done(struct aio_request *r, int64_t result);
/* R goes on until FILE has one of EVENTS (poll(2)).  -ENOMEM. */
[[nodiscard]] int aio_request_poll(struct aio_request *r, struct file *file, uint32_t events);
/* The request under way whose iocb is OBJ, or NULL. */
struct aio_request *aio_request_find(struct aio_context *context, uint64_t obj);

/* Take the oldest that is done; false: none is. */
bool aio_collect(struct aio_context *context, struct io_event *event);
